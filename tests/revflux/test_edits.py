"""Distances beside the textbook recurrence in pure Python."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import quadratic
from workbench.revflux.edits import character_change, edits, percent, word_change, words_and_marks

TEXT = st.text("abc’' -,é\u0301猫", max_size=12)


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
