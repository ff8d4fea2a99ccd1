"""What verse takes from a word or adds to it."""

import pytest

from workbench.prosody.syllables import shapes, verse_shapes


@pytest.mark.parametrize(
    ("word", "stresses"),
    [
        ("even", "1"),
        ("given", "1"),
        ("fallen", "1"),
        ("Juliet", "12"),
        ("following", "10"),
        ("glorious", "10"),
        ("being", "1"),
    ],
)
def test_speech_itself_drops_a_syllable(word: str, stresses: str) -> None:
    assert (stresses, "elision") in [(shape.stresses, shape.licence) for shape in shapes(word)]


@pytest.mark.parametrize(
    ("word", "stresses", "licence"),
    [
        ("whether", "1", "elision"),
        ("over", "1", "elision"),
        ("taken", "1", "elision"),
        ("evil", "1", "elision"),
        ("spirit", "1", "elision"),
        ("motion", "100", "expansion"),
        ("patience", "100", "expansion"),
        ("ocean", "100", "expansion"),
    ],
)
def test_verse_alone_has_shapes_of_its_own(word: str, stresses: str, licence: str) -> None:
    assert (stresses, licence) in [(shape.stresses, shape.licence) for shape in verse_shapes(word)]


@pytest.mark.parametrize("word", ["kettle", "stone", "harbor", "lantern", "window"])
def test_plain_words_have_no_shape_of_verse(word: str) -> None:
    assert verse_shapes(word) == ()


def test_shapes_of_verse_do_not_count_in_speech() -> None:
    assert "1" not in [shape.stresses for shape in shapes("whether")]
