"""Rhyming parts: what of a word or phrase takes part in a rhyme.

A part runs from a stressed vowel to the end. A word with two stresses (butterfly, moonlight) has two parts, one from
each. Sounds that English verse treats as one are made one here, so that equal parts are equal strings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile

from workbench.prosody.lexicon import pronounce
from workbench.prosody.stress import is_weak_word
from workbench.prosody.syllables import onset_start
from workbench.prosody.words import words_of

VOWELS = frozenset(["AA", "AE", "AH", "AO", "AW", "AY", "EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW", "@"])

#: Before R English has fewer vowels than the dictionary writes.
_BEFORE_R = {"IY": "IH", "EY": "EH", "AE": "EH", "UW": "UH", "OW": "AO"}
#: Short o is said with AA or AO by different people (dog, fog, gone, lost); spelled so, both are allowed.
_SHORT_O = re.compile(r"(?:^|[^aeiouw])o(?:g|ng|ss|st|ft|th|ff|n|ne|d)s?(?:ed|ing|en|y|er)?$")
_WEAK_SHORT = frozenset({"AH0", "IH0", "EH0", "UH0", "AE0"})
#: Weak endings that the beat can lift two syllables after the stress, and the vowel that they then have.
_PROMOTABLE = {("IY",): "IY", ("OW",): "OW", ("IY", "Z"): "IY", ("IY", "D"): "IY", ("OW", "Z"): "OW", ("ER",): "ER"}
_PROMOTABLE_SPELLINGS = {"ness": "EH", "less": "EH", "ent": "EH"}
_MAX_WORDS = 3  # a mosaic rhyme spans no more

Phones = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RhymePart:
    """From one stressed vowel to the end."""

    onset: Phones  # the consonants that open the stressed syllable
    vowel: str  # without digit
    tail: Phones  # what follows, without digits; a weak short vowel is always "@"
    n_words: int  # words that the part covers
    is_promoted: bool  # a last weak syllable that the beat lifts: eterniTY
    rank: int  # 0 for the first pronunciation of the word
    key: str  # vowel and tail in one: equal for parts that rhyme perfectly, or more than perfectly
    coda: Phones  # the consonants directly after the stressed vowel
    weak_syllables: Phones  # what follows the coda
    n_syllables: int  # how many syllables rhyme: 1 perfect, 2 feminine, 3 triple


@lru_cache(maxsize=65536)
def rhyme_parts(text: str) -> tuple[RhymePart, ...]:
    """Every rhyming part of a word or phrase, the likeliest first; () if it cannot be said.

    >>> [part.key for part in rhyme_parts("moonlight")]
    ['UW N L AY T', 'AY T']
    >>> [part.key for part in rhyme_parts("know it")]
    ['OW IH T', 'OW @ T', 'IH T']
    """
    words = words_of(text)[-_MAX_WORDS:]
    found: dict[tuple[object, ...], RhymePart] = {}
    for part in (*_mosaic_parts(words), *_word_parts(words[-1] if words else "")):
        found.setdefault((part.key, part.onset, part.is_promoted), part)
    return tuple(found.values())


@lru_cache(maxsize=65536)
def last_syllable(text: str) -> tuple[bool, Phones]:
    """Whether the last syllable is weak, and how it sounds from its vowel on (likeliest pronunciation)."""
    words = words_of(text)
    ways = pronounce(words[-1]) if words else ()
    if not ways or not ways[0].n_syllables:
        return False, ()
    phones = ways[0].phones
    last = max(place for place, phone in enumerate(phones) if phone[-1].isdigit())
    return phones[last][-1] == "0" and ways[0].n_syllables > 1, heard(phones[last:])


def _word_parts(word: str) -> Iterator[RhymePart]:
    for rank, way in enumerate(pronounce(word)):
        vowels = [place for place, phone in enumerate(way.phones) if phone[-1].isdigit()]
        stressed = [place for place in vowels if way.phones[place][-1] != "0"] or vowels[-1:]
        main = [place for place in stressed if way.phones[place][-1] == "1"][-1:] or stressed[-1:]
        for start in [place for place in stressed if main and place >= main[0]]:
            yield from _parts_from(way.phones, start, word=word, n_words=1, rank=rank)
        lifted = _lifted_vowel(word, way.phones, vowels)
        if lifted:
            phones = (*way.phones[: vowels[-1]], lifted + "1", *way.phones[vowels[-1] + 1 :])
            yield _part(phones, vowels[-1], n_words=1, rank=rank, is_promoted=True)


def _mosaic_parts(words: tuple[str, ...]) -> Iterator[RhymePart]:
    """Know it, find her: one or two weak words lean on the stressed word before them."""
    yield from _phrase_parts(words)
    n_weak = 0
    while n_weak < len(words) - 1 and is_weak_word(words[-1 - n_weak]):
        n_weak += 1
    for n_leaning in range(1, n_weak + 1):
        leaning = tuple(phone for word in words[len(words) - n_leaning :] for phone in _leaning(word))
        head = words[-1 - n_leaning]
        for rank, way in enumerate(pronounce(head)):
            vowels = [place for place, phone in enumerate(way.phones) if phone[-1].isdigit()]
            stressed = [place for place in vowels if way.phones[place][-1] != "0"] or vowels
            if stressed and leaning and (n_leaning == n_weak or not is_weak_word(head)):
                yield from _parts_from(way.phones + leaning, stressed[-1], word="", n_words=1 + n_leaning, rank=rank)


def _phrase_parts(words: tuple[str, ...]) -> Iterator[RhymePart]:
    """Dance a lot, door hinge: from the main stress of each earlier word, everything said in full."""
    for place, head in enumerate(words[:-1]):
        rest = tuple(phone for word in words[place + 1 :] for way in pronounce(word)[:1] for phone in way.phones)
        for rank, way in enumerate(pronounce(head)[:2]):
            stressed = [place for place, phone in enumerate(way.phones) if phone[-1] == "1"]
            if stressed and rest:
                yield _part(way.phones + rest, stressed[-1], n_words=len(words) - place, rank=rank, is_promoted=False)


def _leaning(word: str) -> Phones:
    """A weak word without its stress, and without its h: (h)er, (h)im."""
    ways = pronounce(word)
    phones = tuple(phone[:-1] + "0" if phone[-1].isdigit() else phone for phone in ways[0].phones) if ways else ()
    return phones[1:] if phones[:1] == ("HH",) else phones


def _parts_from(phones: Phones, start: int, *, word: str, n_words: int, rank: int) -> Iterator[RhymePart]:
    yield _part(phones, start, n_words=n_words, rank=rank, is_promoted=False)
    if phones[start : start + 2] == ("IY1", "ER0"):  # freer, overseer: as near as fear
        yield _part(
            (*phones[: start + 1], "R", *phones[start + 2 :]), start, n_words=n_words, rank=rank, is_promoted=False
        )
    vowel = phones[start][:2]
    if vowel in ("AA", "AO") and _SHORT_O.search(word.lower()) and phones[start + 1 : start + 2] != ("R",):
        other = ("AO" if vowel == "AA" else "AA") + phones[start][-1]
        yield _part(
            (*phones[:start], other, *phones[start + 1 :]), start, n_words=n_words, rank=rank, is_promoted=False
        )


def _part(phones: Phones, start: int, *, n_words: int, rank: int, is_promoted: bool) -> RhymePart:
    sounds = heard((phones[start][:-1] + "1", *phones[start + 1 :]))
    onset = phones[onset_start(phones, start) : start]
    if not onset and phones[start - 1 : start] == ("ER0",):  # arrest, erase: the r opens the syllable
        onset = ("R",)
    coda = tuple(takewhile(lambda phone: phone not in VOWELS, sounds[1:]))
    return RhymePart(
        onset=onset[1:] if onset[:2] == ("HH", "W") else onset,
        vowel=sounds[0], tail=sounds[1:], n_words=n_words, is_promoted=is_promoted, rank=rank,
        key=" ".join(sounds), coda=coda, weak_syllables=sounds[1 + len(coda) :],
        n_syllables=sum(phone in VOWELS for phone in sounds),
    )  # fmt: skip


def heard(phones: Phones) -> Phones:
    """Phones as the ear of rhyme takes them: no digits, one weak vowel, one set of vowels before R."""
    found: list[str] = []
    for place, phone in enumerate(phones):
        if phone in _WEAK_SHORT and phones[place + 1 : place + 2] != ("R",):
            found.append("@")
        elif phone[-1].isdigit():
            vowel = phone[:-1]
            before_r = phones[place + 1 : place + 2] == ("R",)
            found.append(_BEFORE_R.get(vowel, vowel) if before_r else vowel)
        elif phone == "R" and found and found[-1] in ("AH", "ER"):
            found[-1] = "ER"
        else:
            found.append(phone)
    return tuple(found)


def _lifted_vowel(word: str, phones: Phones, vowels: list[int]) -> str:
    """The vowel of a light ending two syllables after the stress, when the beat lifts it: memory; "" if none."""
    if len(vowels) < 3 or phones[vowels[-1]][-1] != "0" or phones[vowels[-2]][-1] != "0":
        return ""
    spelled = (vowel for ending, vowel in _PROMOTABLE_SPELLINGS.items() if word.lower().endswith(ending))
    return _PROMOTABLE.get(heard(phones[vowels[-1] :])) or next(spelled, "")
