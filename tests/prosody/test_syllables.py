"""Counting syllables, with a poet's alternatives as options."""

import pytest

from workbench.prosody.lexicon import pronounce
from workbench.prosody.syllables import scan_words, shapes, syllable_counts, syllables_of


def test_the_plain_count_comes_first() -> None:
    assert syllable_counts("The heaven above the chimneys turned to slate")[0] == 11


def test_an_elision_is_an_option() -> None:
    assert 10 in syllable_counts("The heaven above the chimneys turned to slate")


def test_a_spelled_elision_is_no_option_but_a_fact() -> None:
    assert syllable_counts("heav'n") == (1,)


@pytest.mark.parametrize(
    ("word", "counts"),
    [
        ("every", {2, 3}),
        ("memory", {3, 2}),
        ("glorious", {3, 2}),
        ("blessed", {1, 2}),
        ("fire", {1, 2}),
        ("stone", {1}),
    ],
)
def test_words_have_the_counts_that_poets_use(word: str, counts: set[int]) -> None:
    assert {len(shape.stresses) for shape in shapes(word)} == counts


def test_an_empty_line_has_no_syllables() -> None:
    assert syllable_counts("") == (0,)


def test_words_keep_their_spelling_and_lose_their_punctuation() -> None:
    assert [word.text for word in scan_words("'Tis well-worn, the king's road!").words] == [
        "'Tis", "well-worn", "the", "king's", "road",
    ]  # fmt: skip


def test_guessed_words_of_a_line_are_counted() -> None:
    assert scan_words("the plovish moon").guesses in (("plovish",), ())


def test_syllables_are_cut_at_the_longest_onset_that_english_allows() -> None:
    cut = syllables_of(pronounce("enlisting")[0], "enlisting")
    assert [" ".join(syllable.phones) for syllable in cut] == ["EH0 N", "L IH1", "S T IH0 NG"]


def test_cutting_into_syllables_loses_no_phone() -> None:
    for word in ("extraordinary", "spring", "a", "strengths", "onomatopoeia"):
        way = pronounce(word)[0]
        assert sum((syllable.phones for syllable in syllables_of(way)), ()) == way.phones
