"""How strongly a syllable of a word asks for the beat, from 0 (never) to 4 (always).

Words of one syllable go by word class: `light_words.tsv` is the whole of it. In a line a word may also lose a syllable
to a vowel beside it (the expense, many a): `ways_of` has every way to say each word where it stands.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from workbench.prosody.lexicon import pronounce
from workbench.prosody.syllables import Shape, shapes, verse_shapes
from workbench.prosody.types import GUESSED

_WEAK, _CONTENT = 1, 3  # levels
_JOINED_WEAK, _JOINED, _JOINED_PRONOUN = 0.35, 0.6, 0.6  # the expense, many a · no other · I am
_EASE = 0.6  # share of the price of a licence that is left where the meter of the poem asks for it
_AUXILIARIES = frozenset(["am", "is", "are", "art", "have", "had", "hath", "hast", "will", "would", "it", "us"])
_MAX_WAYS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """One way a word can take part in the beat of a line."""

    levels: str  # one digit a syllable: 0 never takes the beat … 4 always does
    cost: float  # of the shape, see syllables.Shape
    licence: str  # of the shape


_MOVED, _GUESSED, _LONGEST_GUESS = 0.9, 0.5, 4  # prices; syllables of a guessed word that may be stressed anywhere
_SILENT = Beat(levels="", cost=0.0, licence="")


@lru_cache(maxsize=65536)
def beats(word: str) -> tuple[Beat, ...]:
    """The ways a word can take part in the beat, the plain one first; () if it cannot be said.

    >>> beats("eternity")[0].levels, beats("stone")[0].levels, beats("of")[0].levels
    ('0401', '3', '1')
    """
    return _beats_of(word, shapes(word))


@lru_cache(maxsize=65536)
def verse_beats(word: str) -> tuple[Beat, ...]:
    """The same for the shapes that only verse knows, and for a stress that verse may move."""
    known = {beat.levels for beat in beats(word)}
    return (*_beats_of(word, verse_shapes(word)), *(beat for beat in _moved(word) if beat.levels not in known))


def _moved(word: str) -> Iterator[Beat]:
    """Another stress: of words that the older poets stressed otherwise, and of those whose sound is only guessed."""
    own, low = pronounce(word)[:1], word.lower()
    if not own:
        return
    levels = beats(word)[0].levels
    if low in _light_words()["moves"]:
        yield Beat(levels=levels[::-1], cost=_MOVED, licence="moved stress")
    elif own[0].source in GUESSED and 1 < len(levels) <= _LONGEST_GUESS:
        for place in range(len(levels)):
            stresses = "".join("1" if other == place else "0" for other in range(len(levels)))
            yield Beat(levels=_levels_within(stresses, "4"), cost=_GUESSED, licence="")


def _beats_of(word: str, ways: Sequence[Shape]) -> tuple[Beat, ...]:
    low = word.lower()
    level = _level(low)
    primary = "3" if low in _light_words()["long"] else "4"
    found: dict[str, Beat] = {}
    for shape in ways:
        levels = str(level) if len(shape.stresses) == 1 else _levels_within(shape.stresses, primary)
        found.setdefault(levels, Beat(levels=levels, cost=shape.cost, licence=shape.licence))
    return tuple(found.values())


@lru_cache(maxsize=65536)
def is_weak_word(word: str) -> bool:
    """Whether a word may lean on the word before it, as in a mosaic rhyme: *know it*."""
    low = word.lower()
    return _level(low) <= _WEAK or low in _light_words()["leans"]


def _level(low: str) -> int:
    return next((level for level in (0, 1, 2) if low in _light_words()[str(level)]), _CONTENT)


@cache
def _light_words() -> dict[str, frozenset[str]]:
    """The table of light words by the first column of `light_words.tsv`."""
    groups: dict[str, list[str]] = defaultdict(list)
    for line in Path(__file__).with_name("light_words.tsv").read_text(encoding="utf-8").split("\n"):
        if line and not line.startswith("#"):
            group, words = line.split("\t")
            groups[group] += words.split()
    return {group: frozenset(words) for group, words in groups.items()}


@lru_cache(maxsize=65536)
def last_beats(word: str) -> tuple[Beat, ...]:
    """The same for the last word of a line, where a preposition stands alone.

    >>> beats("by")[0].levels, last_beats("by")[0].levels
    ('1', '2')
    """
    if word.lower() in _light_words()["end"]:
        return (Beat(levels="2", cost=0.0, licence=""),)
    return beats(word)


def _levels_within(stresses: str, primary: str) -> str:
    """Primary stress 4, secondary 2; a weak syllable beside a primary stress 0, further off 1 (eterni-TY).

    Two primary stresses (seventeen, well-worn) give way to the line like words of their own.
    """
    primary = primary if stresses.count("1") == 1 else "3"
    levels = []
    for place, digit in enumerate(stresses):
        beside = "1" in stresses[max(0, place - 1) : place + 2]
        levels.append(primary if digit == "1" else "2" if digit == "2" else "0" if beside else "1")
    return "".join(levels)


# ---------------------------------------------------------------- the ways to say each word of a line


def ways_of(words: Sequence[str]) -> list[tuple[Beat, ...]]:
    """Every licensed way to say each word where it stands; one that cannot be said takes no syllable."""
    found = []
    for place, word in enumerate(words):
        after = words[place + 1] if place + 1 < len(words) else ""
        before = words[place - 1] if place else ""
        found.append(_ways(word, _ends_open(before), _begins_open(after), is_last=not after))
    return found


@lru_cache(maxsize=65536)
def _ways(word: str, after_vowel: bool, before_vowel: bool, *, is_last: bool) -> tuple[Beat, ...]:
    """The word's own ways, those that only verse knows, and what it loses beside a vowel of the next or last word."""
    own = last_beats(word) if is_last else beats(word)
    if not own:
        return (_SILENT,)
    ways = {beat.levels: _in_company(beat) for beat in (*own, *verse_beats(word))}
    if before_vowel and _ends_open(word) and own[0].levels[-1] in "012":
        price = _JOINED_WEAK if own[0].levels in ("0",) or len(own[0].levels) > 1 else _JOINED
        _offer(ways, Beat(levels=own[0].levels[:-1], cost=price, licence="elision"))
    if after_vowel and word.lower() in _AUXILIARIES:
        _offer(ways, Beat(levels="", cost=_JOINED_PRONOUN, licence="elision"))
    return tuple(sorted(ways.values(), key=lambda beat: beat.cost))[:_MAX_WAYS]


def _in_company(beat: Beat) -> Beat:
    """A way to say a word at the price that it has where the lines of a poem ask for it."""
    return Beat(levels=beat.levels, cost=_EASE * beat.cost, licence=beat.licence) if beat.licence else beat


def _offer(ways: dict[str, Beat], beat: Beat) -> None:
    if beat.levels not in ways or beat.cost < ways[beat.levels].cost:
        ways[beat.levels] = beat


@lru_cache(maxsize=65536)
def _ends_open(word: str) -> bool:
    """Whether a word ends in a vowel that can run into the next word's."""
    ways = pronounce(word) if word else ()
    return bool(ways) and bool(ways[0].phones) and ways[0].phones[-1][-1] in "012"


@lru_cache(maxsize=65536)
def _begins_open(word: str) -> bool:
    ways = pronounce(word) if word else ()
    return bool(ways) and bool(ways[0].phones) and ways[0].phones[0][-1] in "012"
