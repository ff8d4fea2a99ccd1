"""Classes of rhyme, by sound."""

import pytest

from workbench.prosody.rhyme import internal_rhymes, rhyme_class, rhyme_distance, rhymes, verse_rhyme_class
from workbench.prosody.types import RhymeClass

ONE_OF_EACH = [
    ("plum", "drum", "perfect"),
    ("drum", "Drum", "identical"),
    ("knight", "night", "rich"),
    ("tin", "dim", "slant"),
    ("cape", "stage", "assonance"),
    ("tick", "cake", "consonance"),
    ("tomb", "bomb", "eye"),
    ("kettle", "metal", "feminine"),
    ("fearfully", "tearfully", "triple"),
    ("filling", "pasting", "unstressed"),
    ("sonnet", "upon it", "mosaic"),
    ("pumpkin", "stove", "none"),
]


@pytest.mark.parametrize(("a", "b", "expected"), ONE_OF_EACH)
def test_each_class_has_its_pair(a: str, b: str, expected: str) -> None:
    assert rhyme_class(a, b).value == expected


@pytest.mark.parametrize(("a", "b", "_expected"), ONE_OF_EACH)
def test_the_order_of_the_words_does_not_matter(a: str, b: str, _expected: str) -> None:
    assert rhyme_class(a, b) is rhyme_class(b, a)
    assert rhyme_distance(a, b) == rhyme_distance(b, a)


def test_an_equal_onset_makes_a_rhyme_rich() -> None:
    assert rhyme_class("light", "delight") is RhymeClass.RICH


def test_a_cluster_is_another_onset_than_its_last_consonant() -> None:
    assert rhyme_class("lamp", "clamp") is RhymeClass.PERFECT


def test_any_pronunciation_may_rhyme() -> None:
    assert rhyme_class("again", "pen") is rhyme_class("again", "plain") is RhymeClass.PERFECT


def test_a_lifted_ending_rhymes_in_verse_only() -> None:
    assert rhyme_class("eternity", "me") is RhymeClass.UNSTRESSED
    assert verse_rhyme_class("eternity", "me") is RhymeClass.PERFECT


def test_a_stress_on_the_last_but_one_is_never_lifted() -> None:
    assert verse_rhyme_class("city", "me") is RhymeClass.UNSTRESSED


def test_slant_counts_only_when_asked_for() -> None:
    assert (rhymes("room", "moon"), rhymes("room", "moon", slant=True)) == (False, True)


def test_distance_orders_perfect_slant_and_nothing() -> None:
    assert 0 == rhyme_distance("room", "gloom") < rhyme_distance("room", "moon") < rhyme_distance("room", "sack") <= 1


def test_unsayable_words_are_as_far_as_can_be() -> None:
    assert rhyme_distance("月", "moon") == 1
    assert rhyme_class("月", "moon") is RhymeClass.NONE


def test_internal_rhymes_name_their_words_and_places() -> None:
    found = internal_rhymes("The rain on the crane was plain enough")
    assert [(rhyme.first, rhyme.second) for rhyme in found] == [(1, 4), (4, 6)]


def test_weak_words_make_no_internal_rhyme() -> None:
    assert internal_rhymes("he and she and we") == ()


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("rest", "arrest", "rich"),  # the r of er opens the syllable
        ("low", "shadow", "unstressed"),
        ("flow", "meadow", "unstressed"),
        ("rainbow", "below", "perfect"),  # a compound keeps its second stress
        ("beautiful", "dutiful", "triple"),
        ("paper", "shaking", "assonance"),  # near consonants, but other tails
    ],
)
def test_weak_endings_and_onsets_are_heard_alike_in_every_word(a: str, b: str, expected: str) -> None:
    assert rhyme_class(a, b).value == expected
