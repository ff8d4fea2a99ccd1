"""What is found rhymes by the same ear that judges poems; common words come first."""

import pytest

from workbench.prosody.rhyme import rhyme_class
from workbench.prosody.rhyme_finder import KINDS, rhymes_for
from workbench.prosody.types import PERFECT_CLASSES, RhymeClass

COMMON = ("it", "her", "know", "night", "white", "give", "moon", "tomb", "bough", "cough", "like", "time", "driver")


def found(word, kind):
    return [rhyme.text for rhyme in rhymes_for(word, COMMON) if rhyme.kind == kind]


def test_perfect_rhymes_are_perfect_and_the_known_ones_come_first():
    words = found("light", "perfect")
    assert words[:2] == ["night", "white"]
    assert len(words) > 30
    assert {rhyme_class("light", word) for word in words} <= PERFECT_CLASSES


@pytest.mark.parametrize(("word", "kind", "expected"), [
    ("moon", "slant", "tomb"), ("bough", "eye", "cough"), ("poet", "mosaic", "know it"),
    ("river", "mosaic", "give her"),
])  # fmt: skip
def test_every_kind_is_found(word, kind, expected):
    assert expected in found(word, kind)


def test_a_mosaic_rhyme_is_one_to_the_ear_that_judges():
    assert {rhyme_class("poet", phrase) for phrase in found("poet", "mosaic")} == {RhymeClass.MOSAIC}


@pytest.mark.parametrize("word", ["", "…", "月", "<b>"])
def test_what_cannot_be_said_rhymes_with_nothing_and_is_no_fault(word):
    assert [one for one in rhymes_for(word, COMMON) if one.kind not in KINDS] == []


def test_syllables_are_told():
    (one,) = [rhyme for rhyme in rhymes_for("light", COMMON, most=200) if rhyme.text == "tonight"]
    assert (one.n_syllables, one.is_common) == (2, False)


def test_rhymes_by_the_usual_pronunciation_come_before_those_by_another():
    """“When” is said like “win” too, and the commonest word of that sound is “in”."""
    found = [rhyme for rhyme in rhymes_for("when", ("in", "then", "been", "ten")) if rhyme.kind == "perfect"]
    likeliest = [rhyme.is_likeliest for rhyme in found]
    assert [rhyme.text for rhyme in found][:2] == ["then", "ten"]
    assert likeliest == sorted(likeliest, reverse=True)
    assert False in likeliest
