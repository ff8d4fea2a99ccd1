"""Remarks stand where their quotation stands, whatever number they give."""

import pytest

from workbench.revision.critique_text import parse_critique
from workbench.revision.quotations import barred_by, only_asked, place_of, quotations
from workbench.revision.types import FAILURES, CritiqueItem

LINES = ("The kettle ticks beside the stove,", "a moth has learned the lampshade's heat,",
         "my brother's coat is on the hook,", "the moth goes round, the kettle ticks.")  # fmt: skip


def _found(text):
    return parse_critique(text, n_lines=len(LINES), lines=LINES)


@pytest.mark.parametrize(("quoted", "place"), [
    ("a moth has learned", (2, 2)),
    ("Lampshade’s heat", (2, 2)),
    ("on the hook, the moth", (3, 4)),
    ("a moth has known the lampshade's heat", (2, 2)),
    ("a rose is a rose", None),
])  # fmt: skip
def test_a_quotation_is_found_where_it_stands(quoted, place):
    assert place_of(quotations(f'"{quoted}"')[0], LINES) == place


def test_of_two_places_the_nearer_one_is_meant():
    assert [place_of(("the", "kettle", "ticks"), LINES, near=number) for number in (1, 4)] == [(1, 1), (4, 4)]


def test_a_remark_moves_to_the_line_it_quotes():
    found = _found('LINE 1 (slack verb): "is on the hook" only is. TRY: what does a coat do?\nVERDICT revise: not yet.')
    assert [(item.first_line, item.last_line) for item in found.items] == [(3, 3)]
    assert found.dropped == ("a remark on line 1 quotes line 3; it was put there",)


def test_a_remark_on_another_poem_is_dropped():
    found = _found('LINE 2 (cliche): "the silver moon above" is old. TRY: look again.\nVERDICT revise: not yet.')
    assert found.items == ()
    assert found.dropped == ('a remark on line 2 quotes "the silver moon above", which is nowhere in the poem',)


def test_a_doubted_word_is_no_quotation():
    found = _found('LINE 2 (abstraction): too "poetic" by half. TRY: be plain.\nVERDICT revise: not yet.')
    assert [item.first_line for item in found.items] == [2]


def test_the_strongest_moment_is_found_by_its_words_too():
    found = _found('STRONGEST line 1: "my brother\'s coat" holds the room.\nVERDICT approve: done.')
    assert found.strongest.first_line == 3


def test_what_a_remark_finds_wrong_may_not_come_back():
    item = CritiqueItem(id="1", first_line=2, last_line=2, failure="cliche", direction="",
                        note="'has learned' is slack, and \"my brother's coat\" is another line")  # fmt: skip
    assert list(barred_by(item, LINES)) == [("has", "learned")]


@pytest.mark.parametrize(("note", "direction", "pointed", "question"), [
    ('"the gate is shut" stops the line. Say "a lock of rust" instead.', "Write “a lock of rust”.",
     '"the gate is shut" stops the line.', "Where did you first hear this phrase, and what had you seen yourself?"),
    ("It is worn.", "Who shut the gate?", "It is worn.", "Who shut the gate?"),
    ("It is worn.", "What about “a mouth of iron”?", "It is worn.",
     "Where did you first hear this phrase, and what had you seen yourself?"),
])  # fmt: skip
def test_one_who_only_asks_points_at_lines_and_offers_no_words(note, direction, pointed, question):
    item = CritiqueItem(id="i", first_line=1, last_line=1, failure="cliche", note=note, direction=direction)
    asked = only_asked(item, ["The gate is shut,", "the key is lost."])
    assert (asked.note, asked.direction) == (pointed, question)


def test_every_failure_has_a_question_of_its_own():
    asked = [only_asked(CritiqueItem(id="", first_line=1, last_line=1, failure=kind, note="", direction=""), ["a"])
             for kind in FAILURES]  # fmt: skip
    assert len({one.direction for one in asked}) == len(FAILURES)
    assert all(one.direction.endswith("?") for one in asked)


def test_the_strongest_moment_is_pointed_at_and_asked_nothing():
    item = CritiqueItem(id="", first_line=1, last_line=1, failure="strongest", note="It holds.", direction="")
    assert only_asked(item, ["a"]) == item
