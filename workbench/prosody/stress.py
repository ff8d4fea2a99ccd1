"""How strongly a syllable of a word asks for the beat, from 0 (never) to 4 (always).

Words of one syllable go by word class: `light_words.tsv` is the whole of it. In a line a word may also lose a syllable
to a vowel beside it (the expense, many a): `ways_of` has every way to say each word where it is.

Lines may agree in their strong syllables alone, however many weak ones stand between them: `accents_of`. Where strong
syllables often meet without a weak one between, it is sprung rhythm. It counts what the words ask for and
hears no tune: a line that is beaten against its words is not understood.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path

from workbench.prosody.lexicon import pronounce
from workbench.prosody.syllables import Shape, shapes, verse_shapes
from workbench.prosody.types import GUESSED
from workbench.prosody.words import words_of

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
_LIFTED = Beat(levels="1", cost=0.4, licence="")  # an article that takes the beat


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
    if has_moved_stress(low):
        yield Beat(levels=levels[::-1], cost=_MOVED, licence="moved stress")
    elif own[0].source in GUESSED and 1 < len(levels) <= _LONGEST_GUESS:
        for place in range(len(levels)):
            stresses = "".join("1" if other == place else "0" for other in range(len(levels)))
            yield Beat(levels=_levels_within(stresses, "4"), cost=_GUESSED, licence="")


def has_moved_stress(low: str) -> bool:
    """Whether the older poets also stressed a lower-case word of two syllables on the other one: aspect, supreme."""
    return low in _light_words()["moves"]


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
    """Every licensed way to say each word where it is; one that cannot be said takes no syllable."""
    found, leaning = [], _light_words()["0"]
    for place, word in enumerate(words):
        after = words[place + 1] if place + 1 < len(words) else ""
        before = words[place - 1] if place else ""
        ways = _ways(word, _ends_open(before), _begins_open(after), is_last=not after)
        may_lift = before and after and word.lower() in leaning and _is_lifted(before, word, after)
        found.append((*ways, _LIFTED) if may_lift else ways)
    return found


@lru_cache(maxsize=65536)
def _is_lifted(before: str, word: str, after: str) -> bool:
    """Whether an article is between two weak syllables, where the beat may fall on it: stood by the enormous."""
    if word.lower() not in _light_words()["0"] or not (beats(before) and beats(after)):
        return False
    is_one = beats(word)[:1] and len(beats(word)[0].levels) == 1
    return (
        bool(is_one)
        and beats(before)[0].levels[-1] in "01"
        and beats(after)[0].levels[0] == "0"
        and len(beats(after)[0].levels) > 1
    )


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
    phones = ways[0].phones if ways else ()
    if phones[:1] == ("HH",) and len(phones) > 2:  # th'heroic, an historic: an h before a weak vowel is hardly heard
        return phones[1][-1] == "0"
    return bool(phones) and phones[0][-1] in "012"


_STRONG = "34"  # levels
_FEWEST_LINES = 6
_EXACT, _NEARLY = 0.7, 0.9  # shares of lines with just as many beats, and with one more or fewer
#: Meetings of two strong syllables, a line and a beat, from which rhythm is sprung. Free verse of our gold set and of
#: Whitman and Crane stays below; so does pentameter, but for lists of single words.
_SPRUNG, _SPRUNG_PER_BEAT = 1.0, 0.2
#: The same where the lines rhyme in full, for then they have a measure, and no foot is theirs.
_SPRUNG_RHYMED, _PER_BEAT_RHYMED = 0.75, 0.14
_FEWEST_BEATS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Accents:
    """What the lines of a poem agree on by their strong syllables."""

    n_beats: int  # strong syllables of most lines
    share: float  # of lines that have so many, or one more or fewer
    meetings: float  # of two strong syllables, a line
    is_sprung: bool


def accents_of(lines: Sequence[str], *, are_rhymed: bool = False) -> Accents | None:
    """The beats that the lines share; None where they share none, or are too few to tell.

    Args:
        lines: the poem, without blank lines.
        are_rhymed: whether they rhyme in full though no foot is theirs.

    >>> accents_of(["Wind wakes the cold stones"] * 6)
    Accents(n_beats=4, share=1.0, meetings=2.0, is_sprung=True)
    >>> accents_of(["Wind wakes the cold stones", "and the", "unanswerable question of the afternoon"] * 2) is None
    True
    """
    if len(lines) < _FEWEST_LINES:
        return None
    levels = [_levels(line) for line in lines]
    counts = [sum(level in _STRONG for level in line) for line in levels]
    n_beats, n_exact = Counter(counts).most_common(1)[0]
    nearly = sum(abs(count - n_beats) <= 1 for count in counts) / len(lines)
    n_meetings = sum(a in _STRONG and b in _STRONG for line in levels for a, b in pairwise(line))
    a_line, a_beat = (_SPRUNG_RHYMED, _PER_BEAT_RHYMED) if are_rhymed else (_SPRUNG, _SPRUNG_PER_BEAT)
    is_sprung = n_meetings >= a_line * len(lines) and n_meetings >= a_beat * sum(counts)
    is_shared = n_exact >= _EXACT * len(lines) and nearly >= _NEARLY
    if n_beats < _FEWEST_BEATS or not (is_shared or is_sprung):
        return None
    meetings = round(n_meetings / len(lines), 2)
    return Accents(n_beats=n_beats, share=round(nearly, 4), meetings=meetings, is_sprung=is_sprung)


def _levels(line: str) -> str:
    return "".join(ways[0].levels for ways in map(beats, words_of(line)) if ways)
