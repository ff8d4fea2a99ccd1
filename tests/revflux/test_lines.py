"""How much of a line changed, and lines followed through a session."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import quadratic
from workbench.revflux.lines import (
    character_change,
    edits,
    follow,
    mean_stability,
    percent,
    returned,
    survival,
    word_change,
    words_and_marks,
)
from workbench.revision.alignment import align

TEXT = st.text("abc’' -,é\u0301猫", max_size=12)
A, B, C = "The kettle waits for nobody", "A gull walks over the slates", "Tomorrow is a locked drawer"


@given(TEXT, TEXT)
def test_characters_agree_with_the_quadratic_implementation(before, after):
    assert edits(before, after) == (quadratic.distance(before, after), max(len(before), len(after)))


@given(TEXT, TEXT)
def test_words_agree_with_the_quadratic_implementation(before, after):
    words = words_and_marks(before), words_and_marks(after)
    assert percent(edits(*words)) == pytest.approx(quadratic.percent(*words))


@given(TEXT, TEXT)
def test_change_is_the_same_backwards(before, after):
    assert character_change(before, after) == character_change(after, before)


def test_a_word_keeps_its_inner_apostrophe_and_a_mark_is_a_word():
    assert words_and_marks("Don’t—'tis late.") == ("Don’t", "—", "'", "tis", "late", ".")


def test_two_empty_lines_are_the_same():
    assert character_change("", "  ") == 0.0


def test_a_full_stop_more_is_one_word_more():
    assert word_change("the salt road", "the salt road.") == 25.0


def strands(*drafts):
    return follow(drafts[0], [align(drafts[i], drafts[i + 1]) for i in range(len(drafts) - 1)])


def test_a_line_that_slides_down_is_the_same_strand():
    first, _, new = strands([A, B], [C, A, B], [C, A, B])
    assert (first.texts, first.stability, new.born, new.stability) == ((A, A, A), 100.0, 1, 100.0)


def test_a_cut_line_is_unstable_from_then_on():
    _, cut = strands([A, B], [A], [A])
    assert (cut.is_cut, cut.n_stable, cut.stability) == (True, 0, 0.0)


def test_a_line_cut_in_the_last_of_two_rounds_was_stable_for_half():
    assert strands([A, B], [A, B], [A])[1].stability == 50.0


def test_a_line_born_in_the_last_draft_has_no_stability():
    assert strands([A], [A, B])[1].stability is None


def test_the_mean_leaves_the_newborn_out():
    assert mean_stability(strands([A], [A, B])) == 100.0


def test_survival_falls_and_never_rises_again():
    edited = B.replace("slates", "stones")
    assert survival(strands([A, B], [A, edited], [A, edited]), 2) == (100.0, 50.0, 50.0)


def test_a_session_without_rounds_has_lines_without_a_life():
    assert mean_stability(strands([A, B])) is None


def test_a_poem_that_swings_comes_back_wholly():
    assert returned([[A], [B], [A], [B]]) == 100.0


def test_a_poem_that_goes_on_never_comes_back():
    assert returned([[A], [B], [C]]) == 0.0


def test_oscillation_needs_three_drafts():
    assert returned([[A], [B]]) is None


def test_one_of_two_new_lines_came_back():
    assert returned([[A], [B], [A, C]]) == pytest.approx(50.0)
