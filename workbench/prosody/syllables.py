"""Lines as words and syllables, with the counts a poet may choose between.

A word has shapes: first the dictionary's ways, then what verse makes of them (heav'n, mem'ry, glor-yous, bless-èd).
A shape's cost says how far it is from plain speech; it is 0 for the first way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from workbench.prosody.lexicon import pronounce
from workbench.prosody.licences import elided, elided_in_verse, may_keep_n, may_sound_ed, may_spread
from workbench.prosody.types import Line, Pronunciation, Syllable, Word
from workbench.prosody.words import words_of

Phones = tuple[str, ...]

_MAX_COUNTS = 6
_COUNTED = ((5, 7, 5), (5, 7, 5, 7, 7), (2, 4, 6, 8, 2))  # syllables a line of the forms that count them
_SPREAD_COST = 0.9
_MAX_COST = 1.5  # what all liberties in a line may cost together
_ONSETS = frozenset(
    [
        "P",
        "B",
        "T",
        "D",
        "K",
        "G",
        "F",
        "V",
        "TH",
        "DH",
        "S",
        "Z",
        "SH",
        "ZH",
        "CH",
        "JH",
        "HH",
        "M",
        "N",
        "L",
        "R",
        "W",
        "Y",
        "P-L",
        "P-R",
        "B-L",
        "B-R",
        "T-R",
        "T-W",
        "D-R",
        "D-W",
        "K-L",
        "K-R",
        "K-W",
        "G-L",
        "G-R",
        "G-W",
        "F-L",
        "F-R",
        "TH-R",
        "TH-W",
        "SH-R",
        "HH-W",
        "S-P",
        "S-T",
        "S-K",
        "S-M",
        "S-N",
        "S-L",
        "S-W",
        "S-F",
        "S-P-L",
        "S-P-R",
        "S-T-R",
        "S-K-R",
        "S-K-W",
        "S-K-L",
        "P-Y",
        "B-Y",
        "K-Y",
        "F-Y",
        "M-Y",
        "HH-Y",
        "V-Y",
        "G-Y",
        "S-K-Y",
        "S-P-Y",
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One way a word can be in a line."""

    stresses: str  # one digit a syllable, as in Pronunciation
    cost: float  # 0 plain speech … 1 a stretch
    licence: str  # "", "elision", "syllabic -ed" or "expansion"


def scan_words(line: str) -> Line:
    """A line cut into words, each with every way to say it.

    >>> [word.text for word in scan_words("The tide, asleep").words]
    ['The', 'tide', 'asleep']
    """
    return Line(text=line, words=tuple(_word(text) for text in words_of(line)))


def syllable_counts(line: str) -> tuple[int, ...]:
    """How many syllables a line has: the preferred count, then the others that a poet may mean, likeliest first.

    >>> syllable_counts("The tide, asleep")
    (4,)
    >>> syllable_counts("One glorious seven of an evening")  # glor-yous, sev'n, eve-en-ing
    (10, 11, 9, 8)
    """
    return counts_of(words_of(line))


@lru_cache(maxsize=16384)
def counts_of(words: tuple[str, ...]) -> tuple[int, ...]:
    """The same for a line that is already cut into words."""
    options = [_counts_of_word(word) for word in words]
    fixed = sum(ways[0][0] for ways in options if len(ways) == 1)
    cost_by_total = {fixed: 0.0}
    for ways in options:
        if len(ways) > 1:
            cost_by_total = _merged(cost_by_total, ways)
    ranked = sorted(cost_by_total, key=cost_by_total.__getitem__)
    worst = cost_by_total[ranked[0]] + _MAX_COST
    return tuple(total for total in ranked[:_MAX_COUNTS] if cost_by_total[total] <= worst)


def counted_shape(lines: Sequence[str]) -> str:
    """5-7-5 and the like, if every line can be counted so; else "".

    >>> counted_shape(["a crow on the wire", "counts the coins of this evening", "and keeps none of them"])
    '5-7-5'
    """
    for shape in _COUNTED:
        if len(shape) == len(lines) and all(n in syllable_counts(line) for n, line in zip(shape, lines, strict=True)):
            return "-".join(map(str, shape))
    return ""


def _merged(cost_by_total: dict[int, float], ways: tuple[tuple[int, float], ...]) -> dict[int, float]:
    """The totals after one more word; of two roads to a total the cheaper."""
    merged: dict[int, float] = {}
    for total, cost in cost_by_total.items():
        for n_syllables, extra in ways:
            new = cost + extra
            if new <= _MAX_COST and new < merged.get(total + n_syllables, _MAX_COST + 1):
                merged[total + n_syllables] = new
    return merged


@lru_cache(maxsize=65536)
def shapes(word: str) -> tuple[Shape, ...]:
    """The ways a word can be said in verse, the plain one first, one a stress pattern; () if it cannot be said.

    >>> [(shape.stresses, shape.licence) for shape in shapes("heaven")]
    [('10', ''), ('1', 'elision')]
    """
    found: dict[str, Shape] = {}
    for rank, way in enumerate(pronounce(word)):
        _keep_cheapest(found, Shape(stresses=way.stresses, cost=0.1 * rank, licence=""))
    for rank, way in enumerate(pronounce(word)):
        for phones, cost in elided(way.phones):
            _keep_cheapest(found, Shape(stresses=_stresses(phones), cost=cost + 0.1 * rank, licence="elision"))
        if may_sound_ed(word, way):
            _keep_cheapest(found, Shape(stresses=way.stresses + "0", cost=1.0, licence="syllabic -ed"))
    return tuple(sorted(found.values(), key=lambda shape: shape.cost))


@lru_cache(maxsize=65536)
def verse_shapes(word: str) -> tuple[Shape, ...]:
    """The shapes that only verse knows, and only where a meter asks for them: whe'r, spir't, imaginati-on.

    >>> [(shape.stresses, shape.licence) for shape in verse_shapes("station")]
    [('100', 'expansion')]
    """
    known = {shape.stresses for shape in shapes(word)}
    found: dict[str, Shape] = {}
    for way in pronounce(word)[:2]:
        for phones, cost in elided_in_verse(way.phones):
            _keep_cheapest(found, Shape(stresses=_stresses(phones), cost=cost, licence="elision"))
        if may_spread(word) or may_keep_n(word):
            _keep_cheapest(found, Shape(stresses=way.stresses + "0", cost=_SPREAD_COST, licence="expansion"))
    return tuple(shape for shape in found.values() if shape.stresses not in known)


def syllables_of(way: Pronunciation, text: str = "") -> tuple[Syllable, ...]:
    """A pronunciation cut into syllables: as many consonants as English allows open the next one.

    >>> [" ".join(syllable.phones) for syllable in syllables_of(pronounce("enlisting")[0])]
    ['EH0 N', 'L IH1', 'S T IH0 NG']
    """
    vowels = [place for place, phone in enumerate(way.phones) if phone[-1].isdigit()]
    starts = [0, *(onset_start(way.phones, place) for place in vowels[1:]), len(way.phones)]
    return tuple(
        Syllable(phones=way.phones[start:end], stress=int(way.phones[vowel][-1]), text=text, source=way.source)
        for start, end, vowel in zip(starts, starts[1:], vowels, strict=False)
    )


def onset_start(phones: tuple[str, ...], vowel: int) -> int:
    """Where the onset of the syllable with this vowel begins: the longest cluster that can open an English word."""
    start = vowel
    while start > 0 and not phones[start - 1][-1].isdigit() and "-".join(phones[start - 1 : vowel]) in _ONSETS:
        start -= 1
    if start == 1 and not phones[0][-1].isdigit():
        return 0
    return start


@lru_cache(maxsize=65536)
def _word(text: str) -> Word:
    return Word(text=text, pronunciations=pronounce(text))


@lru_cache(maxsize=65536)
def _counts_of_word(word: str) -> tuple[tuple[int, float], ...]:
    cheapest: dict[int, float] = {}
    for shape in shapes(word):
        cheapest.setdefault(len(shape.stresses), shape.cost)
    return tuple(cheapest.items()) or ((0, 0.0),)


def _stresses(phones: Phones) -> str:
    return "".join(phone[-1] for phone in phones if phone[-1].isdigit())


def _keep_cheapest(found: dict[str, Shape], shape: Shape) -> None:
    if shape.stresses and (shape.stresses not in found or shape.cost < found[shape.stresses].cost):
        found[shape.stresses] = shape
