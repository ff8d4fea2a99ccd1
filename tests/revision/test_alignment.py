"""Alignment of drafts: known answers, invariants, and a slow second implementation of the ordered pass."""

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.revision.alignment import LIKE_ENOUGH, align, likeness, line_change

POEM = [
    "The ferry leaves before the light,",
    "its rope still dripping on the quay;",
    "a boy counts gulls he cannot see,",
    "and I count coins I did not spend.",
]
LINES = st.lists(st.text("abc de", min_size=1, max_size=8).filter(str.strip), max_size=7)


def kinds(before: list[str], after: list[str]) -> list[tuple[str, int, int]]:
    return [(change.kind, change.before_line, change.after_line) for change in align(before, after)]


def test_a_line_inserted_at_the_top_is_one_new_line_and_nothing_else():
    assert kinds(POEM, ["Once more the harbour bell.", *POEM]) == [
        ("new", 0, 1), ("kept", 1, 2), ("kept", 2, 3), ("kept", 3, 4), ("kept", 4, 5),
    ]  # fmt: skip


def test_a_line_cut_from_the_middle_stands_where_it_was():
    assert kinds(POEM, POEM[:1] + POEM[2:]) == [("kept", 1, 1), ("cut", 2, 0), ("kept", 3, 2), ("kept", 4, 3)]


def test_an_edited_line_pairs_with_what_it_became():
    after = [*POEM[:2], "a boy counts gulls that no one sees,", POEM[3]]
    assert kinds(POEM, after)[2] == ("edited", 3, 3)


def test_the_same_words_in_another_order_are_one_edited_line():
    assert kinds(["Winter light on the kitchen floor"], ["On the kitchen floor, the winter light"]) == [
        ("edited", 1, 1)
    ]


def test_a_line_of_its_own_in_the_place_of_another_is_a_cut_and_a_new_one():
    assert kinds(POEM[:1], ["My mother's hands smell of tin."]) == [("cut", 1, 0), ("new", 0, 1)]


def test_the_last_line_put_first_has_moved():
    assert kinds(POEM, [POEM[3], *POEM[:3]]) == [("moved", 4, 1), ("kept", 1, 2), ("kept", 2, 3), ("kept", 3, 4)]


def test_a_line_that_moved_may_be_touched_up_on_the_way():
    moved = align(POEM, [POEM[3].replace("coins", "the coins"), *POEM[:3]])[0]
    assert (moved.kind, moved.before_line) == ("moved", 4)
    assert moved.change == pytest.approx(4 / len("and I count the coins I did not spend."))


def test_one_of_two_equal_lines_may_go():
    assert sorted(kind for kind, _, _ in kinds(["Sleep now.", *POEM, "Sleep now."], ["Sleep now.", *POEM])) == [
        "cut", "kept", "kept", "kept", "kept", "kept",
    ]  # fmt: skip


def test_white_space_at_the_ends_of_a_line_is_no_change():
    assert kinds(["  the bell  "], ["the bell"]) == [("kept", 1, 1)]


def test_a_change_of_case_is_an_edit():
    assert kinds(["the bell"], ["The bell"]) == [("edited", 1, 1)]


def test_two_different_rows_of_marks_are_not_the_same_line():
    assert kinds(["* * *"], ["—"]) == [("cut", 1, 0), ("new", 0, 1)]


def test_nothing_becomes_a_poem_by_new_lines_alone():
    assert {kind for kind, _, _ in kinds([], POEM)} == {"new"}


def test_change_is_the_share_of_characters():
    assert line_change("salt", "malt") == pytest.approx(0.25)


def test_ids_tell_the_drafts_apart():
    assert align(["a"], ["a"], of=("d1", "d2"))[0].id != align(["a"], ["a"], of=("d2", "d3"))[0].id


@given(LINES, LINES)
def test_every_line_of_both_drafts_comes_once(before, after):
    changes = align(before, after)
    assert sorted(c.before_line for c in changes if c.before_line) == list(range(1, len(before) + 1))
    assert [c.after_line for c in changes if c.after_line] == list(range(1, len(after) + 1))
    assert all(c.before == (before[c.before_line - 1] if c.before_line else "") for c in changes)


@given(LINES)
def test_a_draft_beside_itself_is_kept_whole(lines):
    assert {change.kind for change in align(lines, lines)} <= {"kept"}


@settings(max_examples=60)
@given(LINES, LINES)
def test_no_ordered_pairing_gains_more(before, after):
    """The plain recursion over all ordered pairings finds the same total."""
    alike = likeness([line.strip() for line in before], [line.strip() for line in after])

    @cache
    def best(b: int, a: int) -> float:
        if b == len(before) or a == len(after):
            return 0.0
        pair = max(0.0, float(alike[b, a]) - LIKE_ENOUGH) + best(b + 1, a + 1)
        return max(pair, best(b + 1, a), best(b, a + 1))

    ordered = [c for c in align(before, after) if c.kind in ("kept", "edited")]
    total = sum(float(alike[c.before_line - 1, c.after_line - 1]) - LIKE_ENOUGH for c in ordered)
    assert total == pytest.approx(best(0, 0))
