"""Rhymes of verse that speech parts."""

import pytest

from workbench.prosody.form_checks import check_form
from workbench.prosody.reading import FULL, NONE, TRADITION, Reading
from workbench.prosody.rhyme import rhyme_class, verse_rhyme_class
from workbench.prosody.traditions import Tradition, tradition
from workbench.prosody.types import RhymeClass

LIFTED = [
    ("temperate", "date"), ("interest", "arrest"), ("pilgrimage", "age"), ("excellence", "expense"),
    ("astonished", "dead"), ("astonishèd", "dead"), ("accidents", "intents"), ("eloquence", "recompense"),
    ("delicate", "gate"), ("ignorance", "dance"), ("garlanded", "bed"), ("wandering", "king"), ("animal", "wall"),
    ("argument", "went"), ("patronage", "stage"),
]  # fmt: skip
LONG_Y = [("symmetry", "eye"), ("memory", "die"), ("majesty", "sky"), ("alchemy", "by"), ("prophecies", "eyes"),
          ("melody", "high"), ("enemies", "lies"), ("gravity", "sigh"), ("companies", "flies")]  # fmt: skip
OLD = [("were", "near"), ("were", "there"), ("are", "care"), ("past", "waste"), ("was", "grass"), ("have", "wave"),
       ("great", "seat"), ("heaven", "given"), ("join", "line"), ("year", "bear"), ("tongue", "song"), ("one", "alone"),
       ("come", "home"), ("loved", "moved"), ("heard", "appeared"), ("desert", "part"), ("said", "shade"),
       ("rome", "doom"), ("nothing", "doting")]  # fmt: skip
NOTHING = [("day", "night"), ("city", "eye"), ("happy", "sky"), ("kitchen", "men"), ("salad", "bad"), ("wolf", "gulf"),
           ("mountain", "rain"), ("pumpkin", "skin"), ("garden", "den"), ("silver", "her"),
           ("care", "lovelier"), ("spread", "inlaid")]  # fmt: skip


@pytest.mark.parametrize(("one", "two"), LIFTED)
def test_the_beat_lifts_a_weak_ending_to_the_vowel_it_is_spelled_with(one: str, two: str) -> None:
    assert verse_rhyme_class(one, two) is RhymeClass.PERFECT
    assert rhyme_class(one, two) not in (RhymeClass.PERFECT, RhymeClass.RICH)


@pytest.mark.parametrize(("one", "two"), LONG_Y)
def test_a_lifted_y_rhymes_with_eye(one: str, two: str) -> None:
    assert tradition(one, two) is Tradition.LONG_Y
    assert verse_rhyme_class(one, two) is RhymeClass.TRADITIONAL


@pytest.mark.parametrize(("one", "two"), OLD)
def test_words_rhyme_as_they_once_sounded(one: str, two: str) -> None:
    assert tradition(one, two) is Tradition.OLD


@pytest.mark.parametrize(("one", "two"), NOTHING)
def test_a_stress_that_stays_is_not_lifted(one: str, two: str) -> None:
    assert tradition(one, two) is None


@pytest.mark.parametrize(("one", "two"), [*LIFTED, *LONG_Y, *OLD])
def test_the_order_of_the_words_does_not_matter(one: str, two: str) -> None:
    assert tradition(one, two) is tradition(two, one)


@pytest.mark.parametrize(
    ("one", "two"), [("freer", "fear"), ("overseer", "near"), ("weir", "year"), ("we're", "here"), ("seer", "appear")]
)
def test_ee_and_short_i_before_r_are_one_sound(one: str, two: str) -> None:
    assert rhyme_class(one, two) is RhymeClass.PERFECT


@pytest.mark.parametrize(
    ("end", "other", "level"),
    [
        ("how cold these waters are", "a house with every care", TRADITION),  # a weak last word
        ("the bread that we have", "the stone upon the grave", TRADITION),
        ("a town that I never saw nor love", "nothing that I can prove", TRADITION),
        ("and nobody said where they were", "the kettle was never so near", TRADITION),
        ("the summer was never so temperate", "we had forgotten the date", TRADITION),
        ("it was all for the company", "a ship on the sea", FULL),
        ("the bus was late", "the night", NONE),
    ],
)
def test_line_ends_rhyme_by_tradition(end: str, other: str, level: int) -> None:
    assert Reading(f"{end}\n{other}").rhyme_level(0, 1) == level
    assert Reading(f"{other}\n{end}").rhyme_level(0, 1) == level


ALBUM = """The album has a hinge that will not close,
its corners gone, its pictures browned by heat.
A man in uniform, a cousin's nose,
a wedding in a small and flooded street.
The aunt who kept it had a temperate
and even hand; she wrote beneath each one
a name, a place, and in red ink the date,
and stopped the year that she had lost her son.
"""


def test_what_verse_allows_is_a_note_and_never_a_fault() -> None:
    poem = "\n\n".join("\n".join(ALBUM.split("\n")[start : start + 4]) for start in (0, 4))
    check = check_form(poem, "quatrains ABAB")
    assert check.passed
    assert [one.words for one in check.deviations if "lifted by the beat" in one.sentence] == [("date", "temperate")]


def test_so_many_traditional_rhymes_as_there_are_stay_notes() -> None:
    lines = ("I kept a hive, a book, a coat I love", "and one old hat that nobody else wore.",
             "The rest has gone to those who cannot prove", "that any of it was their own before.")  # fmt: skip
    quatrain = "\n".join(lines)
    check = check_form("\n\n".join([quatrain] * 6), "quatrains ABAB")
    assert not [one for one in check.faults if "love" in one.words]
