from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.revision.alignment import align
from workbench.revision.ledger import apply_decisions, is_decided

BEFORE = "The rope is wet.\nNobody waves.\n\nThe engine counts\nits one idea."
AFTER = "A bell, once.\nThe rope is wet.\n\nNobody ever waves.\nThe engine counts"
_LINE = st.lists(st.from_regex(r"[a-z]{3,7}", fullmatch=True), min_size=2, max_size=5).map(" ".join)
_TEXT = st.lists(_LINE, min_size=1, max_size=8).map("\n".join)


def _changes(before=BEFORE, after=AFTER):
    return align(_lines(before), _lines(after))


def _lines(text):
    return [line for line in text.split("\n") if line.strip()]


def _deciding(changes, decision, kinds=("edited", "new", "cut", "moved", "kept")):
    return tuple(replace(one, decision=decision) if one.kind in kinds else one for one in changes)


@given(_TEXT, _TEXT)
def test_accepting_everything_is_the_later_draft_and_rejecting_everything_the_earlier(before, after):
    changes = _changes(before, after)
    assert apply_decisions(before, after, _deciding(changes, "accepted")) == after
    assert apply_decisions(before, after, _deciding(changes, "rejected")) == before


def test_what_is_not_decided_stays_as_the_poet_wrote_it():
    assert apply_decisions(BEFORE, AFTER, _changes()) == AFTER
    assert not is_decided(_changes())


@pytest.mark.parametrize(("kinds", "expected"), [
    (["new"], "The rope is wet.\n\nNobody ever waves.\nThe engine counts"),
    (["cut"], AFTER + "\nits one idea."),
    (["edited"], "A bell, once.\nThe rope is wet.\n\nNobody waves.\nThe engine counts"),
])  # fmt: skip
def test_one_kind_of_change_is_rejected_alone(kinds, expected):
    assert apply_decisions(BEFORE, AFTER, _deciding(_changes(), "rejected", kinds)) == expected


def test_a_rejected_move_goes_back():
    before, after = (
        "the first line here\nsecond of the lot\nthird and last one",
        "third and last one\nthe first line here\nsecond of the lot",
    )
    changes = _changes(before, after)
    assert [one.kind for one in changes].count("moved") == 1
    again = (*_deciding(changes, "rejected", ["moved"]),)
    assert apply_decisions(before, after, again) == before


def test_an_edited_line_has_the_persons_words_and_an_emptied_one_goes():
    def edited(words):
        return tuple(replace(one, decision="edited", after=words) if one.kind == "new" else one for one in _changes())

    assert apply_decisions(BEFORE, AFTER, edited("Two bells.")).startswith("Two bells.\nThe rope is wet.")
    assert apply_decisions(BEFORE, AFTER, edited(" ")).startswith("The rope is wet.")


def test_a_rejected_line_that_began_a_stanza_leaves_the_stanza():
    before, after = "one rope is wet", "one rope is wet\n\na bell rings out\nnobody waves at all"
    changes = _changes(before, after)
    without = tuple(replace(one, decision="rejected") if "bell" in one.after else one for one in changes)
    assert apply_decisions(before, after, without) == "one rope is wet\n\nnobody waves at all"
