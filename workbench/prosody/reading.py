"""One poem read once: its lines and stanzas, with sound, meter and scheme looked up when first asked for.

Every check of a form shares one reading, so a poem is scanned once however many forms it is held against.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, lru_cache
from itertools import accumulate
from statistics import median

from workbench.prosody.deviations import FormCheck
from workbench.prosody.language import unsupported
from workbench.prosody.lexicon import pronounce
from workbench.prosody.meter import poem_meter, without_meter
from workbench.prosody.nearness import is_mosaic, near_consonants, vowel_distance
from workbench.prosody.rhyme import verse_rhyme_class
from workbench.prosody.rimes import VOWELS, Phones, last_syllable, rhyme_parts
from workbench.prosody.scheme import rhyming_end, scheme
from workbench.prosody.syllables import syllable_counts
from workbench.prosody.traditions import Tradition, are_nearly_lifted, met_in_old_verse, tradition, verse_ends
from workbench.prosody.types import (
    GUESSED,
    STRICT_CLASSES,
    PoemMeter,
    RhymeClass,
    Scheme,
    Unsupported,
)
from workbench.prosody.words import words_of

FULL, TRADITION, NEAR, NONE = 3, 2, 1, 0  # how well two lines rhyme
#: Words and characters a line from which lines are paragraphs.
PARAGRAPH_WORDS, PARAGRAPH_CHARACTERS = 18, 100

_TRADITIONS = STRICT_CLASSES | {RhymeClass.EYE, RhymeClass.TRADITIONAL}
_FULLY_RHYMED = 0.8  # share of lines in a full rhyme from which a poem has a measure
_NEIGHBOURS = 0.5  # distance of two open vowels that half rhyme in a hymn: fro / through
_MOSAIC_WORDS = 4  # of a line's end that a mosaic rhyme may span
_HOW = {
    Tradition.LIFTED: "with its last syllable lifted by the beat",
    Tradition.BOTH_LIFTED: "with both last syllables lifted by the beat",
    Tradition.LONG_Y: "by the long y of verse",
    Tradition.NO_R: "where the r is silent",
    Tradition.OLD: "as the words once sounded",
}


class Reading:
    """A poem with everything that the form checks ask about it. Lines count from 0, blank lines are not lines."""

    def __init__(self, text: str) -> None:
        """Cut the text at line feeds only; other separators are part of their line."""
        self.text = text
        self.stanzas: tuple[tuple[str, ...], ...] = stanzas_of(text)
        self.lines: tuple[str, ...] = tuple(line for stanza in self.stanzas for line in stanza)
        self._levels: dict[tuple[int, int], int] = {}  # of pairs of lines that were asked for; every form asks again
        self.checks: dict[str, FormCheck] = {}  # by row of the registry; filled by `form_checks`
        self.own_levels: dict[tuple[int, ...], int] = {}  # of lines of one letter; by `rhyme_laws`, for several forms
        self.meeting: dict[tuple[tuple[int, ...], tuple[int, ...], int], tuple[int, int] | None] = {}  # of two letters
        self.kept: dict[tuple[str, int, int], bool] = {}  # meter, feet, line: is it heard so; by `measures`
        self.stanza_lengths: tuple[int, ...] = tuple(len(stanza) for stanza in self.stanzas)

    @cached_property
    def unsupported(self) -> Unsupported | None:
        """Why the poem is not judged, if it is not."""
        return unsupported(self.text)

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """The index of each stanza's first line."""
        return (0, *accumulate(self.stanza_lengths))[:-1]

    @cached_property
    def words(self) -> tuple[tuple[str, ...], ...]:
        """The words of each line."""
        return tuple(words_of(line) for line in self.lines)

    @cached_property
    def ends(self) -> tuple[str, ...]:
        """The last word of each line, "" where it has none."""
        return tuple(words[-1] if words else "" for words in self.words)

    @cached_property
    def scheme(self) -> Scheme:
        """Scheme with full rhymes only."""
        return scheme(self.stanzas)

    @cached_property
    def slant_scheme(self) -> Scheme:
        """Scheme that also binds slant rhymes."""
        return scheme(self.stanzas, slant=True)

    @cached_property
    def meter(self) -> PoemMeter:
        """Meter of the lines."""
        if self.is_prose:
            return without_meter(self.lines)
        return poem_meter(self.lines, are_rhymed=self.scheme.strict_density >= _FULLY_RHYMED)

    @cached_property
    def syllables(self) -> tuple[tuple[int, ...], ...]:
        """The counts each line allows, preferred first."""
        return tuple(syllable_counts(line) for line in self.lines)

    @cached_property
    def is_prose(self) -> bool:
        """Whether the lines are paragraphs: long, and not broken where a poet would turn."""
        if not self.lines:
            return False
        typical = median(len(words) for words in self.words)
        return typical >= PARAGRAPH_WORDS or median(map(len, self.lines)) >= PARAGRAPH_CHARACTERS

    @cached_property
    def sounds(self) -> tuple[frozenset[str], ...]:
        """What each line end can share with another in a full rhyme: a rhyming part, or the word itself."""
        return tuple(_sounds_of(end) for end in self.rhyming_ends)

    @cached_property
    def rhyming_ends(self) -> tuple[str, ...]:
        """What of each line can rhyme: its last word, or a few where they are weak ("to know it")."""
        return tuple(rhyming_end(line) for line in self.lines)

    def is_full_rhyme(self, first: int, second: int) -> bool:
        """Whether two lines rhyme in full, a repeated word and an ending that the beat lifts included."""
        return not self.sounds[first].isdisjoint(self.sounds[second])

    def rhymes_otherwise_said(self, first: int, second: int) -> bool:
        """Whether two lines rhyme in full only where a word is said in another way than the usual: get / it."""
        ones, twos = (_sounds_of(self.rhyming_ends[line], usual=True) for line in (first, second))
        return self.is_full_rhyme(first, second) and ones.isdisjoint(twos)

    def repeats_word(self, first: int, second: int) -> bool:
        """Whether two lines end on the same word."""
        return bool(self.ends[first]) and self.ends[first].lower() == self.ends[second].lower()

    def words_before_what_returns(self, first: int, second: int) -> tuple[str, str]:
        """The last words of two lines in which they differ, "" where they do not."""
        pairs = zip(*(map(str.lower, reversed(self.words[line])) for line in (first, second)), strict=False)
        return next(((one, two) for one, two in pairs if one != two), ("", ""))

    def rhyme_level(self, first: int, second: int) -> int:
        """FULL, TRADITION, NEAR or NONE, as poets count: a lifted ending of two syllables (happy / sea) is near.

        Tradition is what verse has always allowed: lifted endings, the long y, old sounds, the eye, several words.
        The last consonants alone (gate / night) or two weak endings (singing / being) are none.
        """
        pair = (min(first, second), max(first, second))
        if pair not in self._levels:
            self._levels[pair] = self._rhyme_level(*pair)
        return self._levels[pair]

    def _rhyme_level(self, first: int, second: int) -> int:
        if self.is_full_rhyme(first, second):
            return FULL
        one, two = self.rhyming_ends[first], self.rhyming_ends[second]
        kind = verse_rhyme_class(one, two) if one and two else RhymeClass.NONE
        if kind in _TRADITIONS or self.is_mosaic_rhyme(first, second):
            return TRADITION
        if one[-1:] == "s" == two[-1:] and are_nearly_lifted(self.ends[first].lower(), self.ends[second].lower()):
            return NEAR
        if met_in_old_verse(self.ends[first].lower(), self.ends[second].lower()):
            return NEAR
        if kind is RhymeClass.UNSTRESSED:
            return NEAR if _ends_stressed(self.ends[first]) or _ends_stressed(self.ends[second]) else NONE
        if kind is RhymeClass.CONSONANCE:
            return NEAR if shares_weak_syllables(one, two) else NONE
        return NEAR if kind is RhymeClass.SLANT and is_half_rhyme(one, two) else NONE

    def shares_last_sound(self, first: int, second: int) -> bool:
        """Whether two lines end on open vowels, or on consonants of one family: away / be, ring / sun."""
        one, two = _last_sound(self.ends[first]), _last_sound(self.ends[second])
        if not one or not two or one[-1].isdigit() or two[-1].isdigit():
            return bool(one and two) and one[-1:].isdigit() and two[-1:].isdigit()
        return near_consonants(one, two) or _without_hiss(self.ends[first]) == _without_hiss(self.ends[second]) != ()

    def shares_last_consonants(self, first: int, second: int) -> bool:
        """Whether all consonants after the last vowels are the same: pool / fall, bones / runs."""
        one, two = _last_consonants(self.ends[first]), _last_consonants(self.ends[second])
        return bool(one) and one == two

    def meets_a_lifted_y(self, first: int, second: int) -> bool:
        """Whether both end on open vowels that are neighbours, or one on a -y that the beat lifts: victory / today."""
        ends = [self.ends[line].lower() for line in (first, second)]
        one, two = map(_last_sound, ends)
        if one[-1:] not in ("0", "1", "2") or two[-1:] not in ("0", "1", "2"):
            return False
        return any(verse_ends(end).long_y for end in ends) or vowel_distance(one[:-1], two[:-1]) <= _NEIGHBOURS

    def drops_r(self, first: int, second: int) -> bool:
        """Whether two lines rhyme only where an r is silent: horse / moss."""
        one, two = (self.ends[line].lower() for line in (first, second))
        return not self.is_full_rhyme(first, second) and tradition(one, two) is Tradition.NO_R

    def is_mosaic_rhyme(self, first: int, second: int) -> bool:
        """Whether two lines rhyme over several words: Juan / new one."""
        one, two = (" ".join(self.words[line][-_MOSAIC_WORDS:]) for line in (first, second))
        return bool(one and two) and is_mosaic(one, two)

    def rhyme_licence(self, first: int, second: int) -> str:
        """How two lines of level TRADITION rhyme, to follow "rhymes with line 3 "."""
        if self.is_mosaic_rhyme(first, second):
            return "over several words"
        kind = verse_rhyme_class(self.rhyming_ends[first], self.rhyming_ends[second])
        why = tradition(self.ends[first].lower(), self.ends[second].lower())
        return (
            "for the eye" if kind is RhymeClass.EYE else _HOW.get(why, "as verse allows") if why else "as verse allows"
        )

    def is_guess(self, line: int) -> bool:
        """Whether the sound of the line's last word is only guessed."""
        return is_guessed(self.ends[line])


def is_half_rhyme(one: str, two: str) -> bool:
    """Whether a slant rhyme is close enough to stand for a rhyme: the vowel agrees, or all that follows it does.

    An r against an l is too far for that, though both are liquids.

    >>> is_half_rhyme("time", "mine"), is_half_rhyme("gone", "bone"), is_half_rhyme("note", "dog")
    (True, True, False)
    >>> is_half_rhyme("pier", "still")
    False
    """
    return any(
        (a.vowel == b.vowel or a.tail == b.tail) and {*a.tail[-1:], *b.tail[-1:]} != {"R", "L"}
        for a in rhyme_parts(one)
        for b in rhyme_parts(two)
    )


def shares_weak_syllables(one: str, two: str) -> bool:
    """Whether two ends that share the consonants after their stress share weak syllables too: shadow, meadow.

    >>> shares_weak_syllables("shadow", "meadow"), shares_weak_syllables("gate", "night")
    (True, False)
    """
    return any(
        a.weak_syllables and a.weak_syllables == b.weak_syllables for a in rhyme_parts(one) for b in rhyme_parts(two)
    )


def stanzas_of(text: str) -> tuple[tuple[str, ...], ...]:
    r"""The stanzas of a poem: runs of lines between blank lines.

    >>> stanzas_of("a\nb\n\n\nc\n")
    (('a', 'b'), ('c',))
    """
    stanzas: list[list[str]] = [[]]
    for line in text.replace("\r\n", "\n").split("\n"):
        if line.strip():
            stanzas[-1].append(line.rstrip())
        elif stanzas[-1]:
            stanzas.append([])
    return tuple(tuple(stanza) for stanza in stanzas if stanza)


@lru_cache(maxsize=65536)
def _sounds_of(end: str, *, usual: bool = False) -> frozenset[str]:
    if not end:
        return frozenset()
    parts = (part.key for part in rhyme_parts(end) if part.rank == 0 or not usual)
    return frozenset([*parts, f"word {end.split(' ')[-1].lower()}"])


@lru_cache(maxsize=65536)
def is_guessed(word: str) -> bool:
    """Whether nothing better than a guess is behind the sound of a word."""
    ways = pronounce(word)
    return not ways or ways[0].source in GUESSED


@lru_cache(maxsize=65536)
def _last_sound(word: str) -> str:
    ways = pronounce(word)
    return ways[0].phones[-1] if ways and ways[0].phones else ""


def _without_hiss(word: str) -> Phones:
    """The last consonants without an s or z after others: far / snares, night / lights."""
    found = _last_consonants(word)
    return found[:-1] if len(found) > 1 and found[-1] in ("S", "Z") else found


@lru_cache(maxsize=65536)
def _last_consonants(word: str) -> Phones:
    rime = last_syllable(word)[1]
    found = tuple("R" if phone == "ER" else phone for phone in rime if phone == "ER" or phone not in VOWELS)
    return found[1:] if found[:1] == ("R",) and len(found) > 1 else found  # heart / out: r before others hardly counts


def _ends_stressed(word: str) -> bool:
    return any(way.stresses[-1:] in ("1", "2") for way in pronounce(word))


def numbers(lines: Sequence[int]) -> tuple[int, ...]:
    """Line indices as people count them, from 1."""
    return tuple(line + 1 for line in lines)
