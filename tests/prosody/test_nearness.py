"""Rhymes over several words."""

import pytest

from workbench.prosody.nearness import is_mosaic
from workbench.prosody.reading import TRADITION, Reading
from workbench.prosody.rhyme import verse_rhyme_class
from workbench.prosody.scheme import scheme
from workbench.prosody.types import RhymeClass


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("juan", "new one"), ("juan", "true one"), ("poet", "know it"), ("strategy", "sat a gee"), ("cabin", "grab in"),
        ("intellectual", "henpecked you all"), ("hypotenuse", "lot o' news"), ("fabric", "dab brick"),
        ("vanities", "man at ease"), ("fancy", "can see"), ("monkeys", "junk ease"),
    ],
)  # fmt: skip
def test_one_word_rhymes_with_several(one: str, two: str) -> None:
    assert is_mosaic(one, two)
    assert is_mosaic(two, one)


@pytest.mark.parametrize(
    ("one", "two"), [("a ring", "the king"), ("cabin", "grab on it"), ("poet", "saw it"), ("a hat", "that mat")]
)
def test_other_ends_are_not_mosaic(one: str, two: str) -> None:
    assert not is_mosaic(one, two)


def test_a_strong_last_word_can_close_a_mosaic_rhyme_in_verse() -> None:
    lines = "The harbour had a captain, name of Juan,\nwho sold his boat because he wished a new one."
    assert Reading(lines).rhyme_level(0, 1) == TRADITION
    assert scheme(lines.split("\n")).text == "AA"
    assert "over several words" in Reading(lines).rhyme_licence(0, 1)


def test_verse_calls_it_mosaic() -> None:
    assert verse_rhyme_class("strategy", "sat a gee") is RhymeClass.MOSAIC
