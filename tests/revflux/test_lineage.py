"""Lines followed through drafts."""

import pytest

from workbench.revflux.lineage import follow, mean_stability, returned, survival
from workbench.revision.alignment import align

A, B, C = "The kettle waits for nobody", "A gull walks over the slates", "Tomorrow is a locked drawer"


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
