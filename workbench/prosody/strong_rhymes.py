"""Which poems of a corpus rhyme strongly enough to teach rhyme, and why each of the others does not.

A poem is strong when its strict density (share of lines in a full rhyme of different words) is at least .85, it has six
lines or more, at least three pairs of full rhymes, and a scheme in which a letter returns. Pairs count each line with
the nearest earlier line of its letter; a repeated word is not a pair.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from enum import StrEnum

from workbench.prosody.reading import Reading
from workbench.prosody.types import PERFECT_CLASSES

MIN_STRICT_DENSITY = 0.85
MIN_LINES = 6
MIN_PERFECT_PAIRS = 3


class Weakness(StrEnum):
    """Why a poem is not taken."""

    UNSUPPORTED = "not supported"
    TOO_SHORT = "too few lines"
    TOO_LOOSE = "too few lines rhyme fully"
    FEW_PAIRS = "too few full rhymes"
    NO_LETTER_RETURNS = "no letter of the scheme returns"
    GUESSED = "rests on guessed sounds"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """One reason against a poem, with the figure behind it."""

    weakness: Weakness
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StrongRhyme:
    """A poem's rhymes measured, and every reason against it; no reason = strong."""

    title: str
    n_lines: int
    strict_density: float
    expected_by_chance: float
    n_perfect_pairs: int
    scheme: str
    n_guessed_pairs: int  # perfect pairs in which a word's sound is a guess
    rejections: tuple[Rejection, ...]

    @property
    def is_strong(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.rejections

    def to_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        return {**asdict(self), "is_strong": self.is_strong}


def strong_rhyme(text: str, *, title: str = "") -> StrongRhyme:
    r"""Measure one poem.

    >>> found = strong_rhyme("The cat\nlay flat\nin the sun\nand the day\nwent away\nas begun")
    >>> found.is_strong, found.scheme, found.n_perfect_pairs
    (True, 'AABCCB', 3)
    >>> [rejection.weakness.value for rejection in strong_rhyme("one line").rejections][0]
    'too few lines'
    """
    reading = Reading(text)
    scheme = reading.scheme
    pairs = [pair for pair in scheme.pairs if pair.rhyme_class in PERFECT_CLASSES]
    guesses = set(scheme.guesses)
    guessed = sum(1 for pair in pairs if guesses.intersection(pair.words))
    found = StrongRhyme(
        title=title,
        n_lines=len(reading.lines),
        strict_density=scheme.strict_density,
        expected_by_chance=scheme.expected_by_chance,
        n_perfect_pairs=len(pairs),
        scheme=scheme.text,
        n_guessed_pairs=guessed,
        rejections=(),
    )
    return replace(found, rejections=tuple(_rejections(reading, found)))


def strong_rhymes(poems: Iterable[tuple[str, str]]) -> Iterator[StrongRhyme]:
    """Measure many poems, given as (title, text), one by one."""
    for title, text in poems:
        yield strong_rhyme(text, title=title)


def _rejections(reading: Reading, found: StrongRhyme) -> Iterator[Rejection]:
    if reading.unsupported is not None:
        yield Rejection(weakness=Weakness.UNSUPPORTED, sentence=reading.unsupported.reason)
        return
    if found.n_lines < MIN_LINES:
        text = f"{found.n_lines} line{'s' * (found.n_lines != 1)}; at least {MIN_LINES} are needed"
        yield Rejection(weakness=Weakness.TOO_SHORT, sentence=text)
    if found.strict_density < MIN_STRICT_DENSITY:
        text = f"{found.strict_density:.0%} of the lines rhyme fully; at least {MIN_STRICT_DENSITY:.0%} are needed"
        yield Rejection(weakness=Weakness.TOO_LOOSE, sentence=text)
    if found.n_perfect_pairs < MIN_PERFECT_PAIRS:
        text = f"{found.n_perfect_pairs} full rhymes; at least {MIN_PERFECT_PAIRS} are needed"
        yield Rejection(weakness=Weakness.FEW_PAIRS, sentence=text)
    if len(set(reading.scheme.letters)) == found.n_lines:
        yield Rejection(weakness=Weakness.NO_LETTER_RETURNS, sentence="every line ends on a sound of its own")
    if found.n_perfect_pairs - found.n_guessed_pairs < MIN_PERFECT_PAIRS <= found.n_perfect_pairs:
        text = f"{found.n_guessed_pairs} of {found.n_perfect_pairs} rhymes rest on a guessed pronunciation"
        yield Rejection(weakness=Weakness.GUESSED, sentence=text)
