"""Refrains: what may change in a line that comes back, and how a pantoum closes."""

import pytest

from workbench.prosody.deviations import DeviationKind
from workbench.prosody.form_checks import check_form

TRIOLET = [
    "The baker waits beside the road",
    "and counts the minutes by the bell.",
    "His van is empty of its load.",
    "The baker waits beside the road.",
    "A neighbour asks him what he owed.",
    "He shrugs, and says he cannot tell.",
    "The baker waits beside the road",
    "and counts the minutes by the bell.",
]

PANTOUM = """The ferry has not come today.
We sit on crates and share the bread.
The harbour lights go out to play.
You tell me what your brother said.

We sit on crates and share the bread.
A gull has carried off the cheese.
You tell me what your brother said.
The captain has a bad disease.

A gull has carried off the cheese.
{third}
The captain has a bad disease.
The ferry has not come today."""


@pytest.mark.parametrize(
    "again", ["The baker waits beside the road!", "A baker waits beside the road.", "The baker waited beside the road."]
)
def test_a_refrain_may_change_marks_light_words_and_the_form_of_a_word(again: str) -> None:
    assert check_form("\n".join([*TRIOLET[:6], again, TRIOLET[7]]), "triolet").passed


@pytest.mark.parametrize("again", ["The butcher waits beside the road", "The baker stands beside the road"])
def test_a_refrain_that_changes_one_word_of_weight_is_broken(again: str) -> None:
    faults = check_form("\n".join([*TRIOLET[:6], again, TRIOLET[7]]), "triolet").faults
    assert [(fault.kind, fault.lines) for fault in faults] == [(DeviationKind.REFRAIN, (7, 1))]


def test_a_pantoum_that_closes_on_both_lines_passes() -> None:
    assert not check_form(PANTOUM.format(third="The harbour lights go out to play."), "pantoum").deviations


def test_a_pantoum_may_close_on_its_first_line_alone_if_another_answers_it() -> None:
    check = check_form(PANTOUM.format(third="The tide has carried half away."), "pantoum")
    assert check.passed
    assert [note.lines for note in check.deviations] == [(3,)]


def test_a_pantoum_whose_last_line_nothing_answers_is_broken() -> None:
    (fault,) = check_form(PANTOUM.format(third="The tide has carried off a boot."), "pantoum").faults
    assert fault.lines == (3,)
