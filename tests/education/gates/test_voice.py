"""Does the mentor sound like the mentor?"""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.education.gates.voice import VoiceFault, banned_phrases, check_voice
from workbench.errors import InputError

POEM = "The kettle ticks like a cooling car.\nMy brother counts the spoons again.\nHe never finds the seventh."
GOOD = (
    "The strongest moment is 'counts the spoons again': one verb and we know the house. "
    "Line 1 reaches for a comparison before we can see the kettle; let it tick first."
)


def faults(text: str, *, poem: str | None = POEM) -> set[VoiceFault]:
    return {finding.fault for finding in check_voice(text, poem=poem).findings}


def test_specific_prose_that_opens_with_a_strength_passes() -> None:
    assert check_voice(GOOD, poem=POEM).passed


@pytest.mark.parametrize(
    "phrase",
    [
        "We could delve into the second line.",
        "Let us dive into it.",
        "There is much to unpack.",
        "A rich tapestry of images.",
        "It's worth noting the rhyme.",
        "It’s worth noting the rhyme.",
        "It bears mentioning.",
        "This is a testament to patience.",
        "This resonates deeply with me.",
        "At its core, it mourns.",
        "It strikes a balance.",
        "In terms of sound, it is quiet.",
        "Great job!",
        "This is a solid effort.",
        "Nice use of imagery.",
        "This poem resonates.",
        "Consider exploring the brother.",
    ],
)
def test_each_banned_phrase_of_the_persona_is_found(phrase: str) -> None:
    assert VoiceFault.BANNED in faults(f"{GOOD} {phrase}")


def test_a_banned_word_quoted_from_the_poem_is_the_poems() -> None:
    poem = "I unpack the box."
    assert check_voice("The best verb is 'unpack' in line 1.", poem=poem).passed
    assert VoiceFault.BANNED in faults("The best verb is 'box'; let me unpack line 1.", poem=poem)


@pytest.mark.parametrize(
    "score", ["I give this a 7/10.", "Eight out of ten.", "Score: 6", "Four stars.", "7.5 out of 10", "Rating: 8"]
)
def test_scores_are_found(score: str) -> None:
    assert VoiceFault.SCORE in faults(f"{GOOD} {score}")


@pytest.mark.parametrize("count", ["Eight out of ten lines rhyme.", "Lines 7 and 10 rhyme.", "It has ten lines."])
def test_counting_lines_is_no_score(count: str) -> None:
    assert VoiceFault.SCORE not in faults(f"{GOOD} {count}")


@pytest.mark.parametrize(
    "rubric",
    ["- the image\n- the sound", "1. Image\n2. Sound", "Imagery: strong\nSound: weak", "## Image\n## Sound"],
)
def test_a_list_or_headings_make_a_rubric(rubric: str) -> None:
    assert VoiceFault.RUBRIC in faults(f"{GOOD}\n{rubric}")


def test_one_dash_is_no_rubric() -> None:
    assert VoiceFault.RUBRIC not in faults(f"{GOOD}\n- and that is all.")


def test_prose_that_points_at_nothing_is_vague() -> None:
    assert faults("The imagery works and the sound is alive.") == {VoiceFault.VAGUE}


def test_a_quote_that_is_not_in_the_poem_is_found_and_does_not_make_prose_specific() -> None:
    found = faults("The best phrase is 'the silver kettle'.")
    assert found == {VoiceFault.FALSE_QUOTE, VoiceFault.VAGUE}


def test_a_quote_may_run_over_a_line_break_and_leave_words_out() -> None:
    assert check_voice("What works is “like a cooling car. / My brother … the spoons”.", poem=POEM).passed


def test_a_line_number_beyond_the_poem_is_found() -> None:
    assert VoiceFault.FALSE_LINE in faults("The best is 'ticks'; line 4 drags.")


def test_line_ranges_and_ordinals_are_cited_lines() -> None:
    assert check_voice("Lines 1-3 work, the second line best.").cited_lines == (1, 2, 3, 2)


def test_opening_with_a_fault_is_found() -> None:
    assert VoiceFault.FAULT_FIRST in faults("The problem is line 1: it is vague. 'Counts the spoons' works.")


def test_apostrophes_are_not_quotation_marks() -> None:
    assert check_voice("The poem's brother isn't the poet's.").quotes == ()


def test_empty_prose_is_said_to_be_empty() -> None:
    assert faults("  \n") == {VoiceFault.EMPTY}


def test_a_poet_can_edit_the_list(tmp_path: Path) -> None:
    path = tmp_path / "never.txt"
    path.write_text("# mine\n(purple|mauve) prose\n", encoding="utf-8")
    report = check_voice("Line 1 is strong, no mauve prose.", never_says=banned_phrases(path))
    assert [finding.text for finding in report.findings] == ["mauve prose"]


def test_a_missing_list_is_said_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        banned_phrases(tmp_path / "gone.txt")


@given(st.text(), st.none() | st.text())
def test_no_prose_is_too_strange_to_check(text: str, poem: str | None) -> None:
    report = check_voice(text, poem=poem)
    assert report.to_text()
    assert all(text[finding.start : finding.end] == finding.text for finding in report.findings)
