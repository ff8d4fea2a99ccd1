"""What never reaches a page, and what does although it looks like it."""

import codecs

import pytest

from workbench.revision.critique_text import parse_critique
from workbench.revision.refusals import fit_to_show, refused_advice, refused_verse, without_repeats
from workbench.revision.replies import parse_poem_reply

REFRAIN = "The kettle sings.\nI lay one cup.\nThe kettle sings.\nI put one up.\nThe kettle sings."


@pytest.mark.parametrize("advice", [
    "Put the woman in the oven, and let her be told what to do.",
    "Kill your old grandmother before the last stanza.",
    "You should burn them.",
    "You could just hang yourself.",
    "It is dull; push her into the river.",
])  # fmt: skip
def test_harm_as_advice_is_refused(advice):
    assert "harm" in refused_advice(advice)


@pytest.mark.parametrize("remark", [
    "Cut the man from line 2.",
    "Bury the grandmother's name deeper in the stanza.",
    "“Kill them all” is too loud here.",
    "The man is thrown in the river in line 3: say what he wore.",
    "Put the kettle on the fire before she comes in.",
])  # fmt: skip
def test_a_remark_about_violent_lines_is_a_remark(remark):
    assert refused_advice(remark) == ""


def test_a_slur_is_refused_in_verse_and_in_advice():
    slur = codecs.decode("fcvp", "rot13")
    assert "slur" in refused_verse(f"The boat was wet.\nA {slur} came in.")
    assert "slur" in refused_advice(f"Say {slur}s.")
    assert refused_verse("Spices of the east,\nan aspic on the plate.") == ""


def test_figures_for_lines_and_a_line_three_times_running_are_no_draft():
    assert parse_poem_reply("Title: Oven\nPoem:\nThe bread is out.\n1 2 2\nNobody came.").problem
    assert parse_poem_reply("Title: T\nPoem:\nOne\nOne\nOne\nTwo\nThree\nFour").problem
    assert refused_verse(REFRAIN) == "", "a refrain has something between its times"
    assert "stanza" in refused_verse("\n\n".join(["a rope\na boat"] * 3))


def test_a_remark_that_advises_harm_is_dropped_and_said_so():
    found = parse_critique(
        "LINE 1 (cliche): thin. TRY: Put the woman in the oven.\nVERDICT revise: kill him.", n_lines=2
    )
    assert (found.items, found.reason) == ((), "")
    assert "left out" in found.dropped[0]


def test_an_answer_stops_before_a_sentence_comes_for_the_third_time():
    assert without_repeats("You are dry. " * 30) == "You are dry. You are dry. …"
    assert without_repeats("Yes. Yes. Yes. It holds.") == "Yes. Yes. Yes. It holds."
    assert "left out" in fit_to_show("You must die.")
