"""Marks stand over the vowels that carry the syllables, and the pieces of a line are the line."""

import pytest

from workbench.prosody.vowel_marks import marked


def shown(line):
    return "".join({"/": "´", "x": "˘", "": ""}[mark] + text for text, mark in marked(line))


@pytest.mark.parametrize(("line", "expected"), [
    ("The kettle ticks beside the light", "Th˘e k´ettl˘e t´icks b˘es´ide th˘e l´ight"),
    ("something", "s´ometh˘ing"),
    ("quiet", "qu´i˘et"),
    ("violet", "v´i˘ol˘et"),
])  # fmt: skip
def test_each_syllable_has_its_mark_over_its_vowel(line, expected):
    assert shown(line) == expected


@pytest.mark.parametrize(
    "line", ["", "   ", "— “o’er the café” … 40 miles 🌙", "月 rope", "hmm, brrr!", "\tTab  and  two"]
)
def test_the_pieces_of_any_line_are_the_line(line):
    assert "".join(text for text, _ in marked(line)) == line


def test_a_meter_lifts_small_words():
    assert ("´on" in shown("and see the moth upon a lamp")) or "up´on" in shown("and see the moth upon a lamp")
    assert shown("my brother's coat is hanging on the stair").count("´") == 5
