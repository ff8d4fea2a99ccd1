"""Rhymes that verse has always allowed though speech parts them: lifted endings, the long y, old sounds.

Each is true of a poem and none is a fault in it. What a strict ear calls a rhyme is the business of `rhyme`, which also
knows rhymes for the eye.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path

from workbench.prosody.lexicon import pronounce
from workbench.prosody.rimes import VOWELS, Phones, heard, rhyme_parts
from workbench.prosody.stress import has_moved_stress
from workbench.prosody.syllables import onset_start


class Tradition(StrEnum):
    """Why two words count as a rhyme in verse."""

    LIFTED = "lifted"  # the beat lifts a weak last syllable to the vowel it is spelled with: temperate / date
    BOTH_LIFTED = "both lifted"  # in both words: ornament / argument
    LONG_Y = "long y"  # a lifted -y, -ies or -ied with the vowel of eye: symmetry / eye
    NO_R = "no r"  # in the speech that drops its r: horse / moss, drawer / awe
    OLD = "old sound"  # it rhymed when one of the words was said otherwise: were / near, love / prove


#: The vowel that a spelled one has in a lifted last syllable; before a silent e its long one.
_SHORT = {
    "a": ("AE",), "e": ("EH",), "i": ("IH",), "o": ("AA", "AO"), "u": ("AH",), "y": ("IH",), "ou": ("AH",),
    "ai": ("EY",), "ea": ("EH", "IY"), "ei": ("EY", "IY"), "ie": ("EH", "IY"), "io": ("AH", "AA", "AO"), "iou": ("AH",),
    "eo": ("AH",), "au": ("AO",), "oo": ("UH",), "ia": ("AE",), "ua": ("AE",), "ue": ("EH",), "iu": ("AH",),
}  # fmt: skip
_LONG = {"a": ("EY",), "i": ("AY", "IH", "IY"), "o": ("OW", "AH"), "u": ("UW",), "e": ("IY", "EH")}
#: The same where the consonant after it colours it: all, war and star, full, come, on.
_COLOURED = {
    ("a", "L"): ("AO", "AE"), ("ua", "L"): ("AO",), ("ia", "L"): ("AO",), ("u", "L"): ("UH", "AH"),
    ("a", "R"): ("AA", "AO"), ("o", "R"): ("AO",), ("ou", "R"): ("AO",), ("e", "R"): (), ("ie", "R"): (),
    ("o", "M"): ("AH", "AA"), ("o", "N"): ("AH", "AA", "AO"), ("a", ""): ("AA", "AO"),
}  # fmt: skip
_SILENT_E = re.compile(r"([aeiou])(?:[bcdfgklmnpstvz]e(?:d|'d)?|[bdfklmnptv]es)$")  # canvases sounds its e
_DROPPED_E = re.compile(r"(?<=[^aeiouy])ed?$|(?<=[^aeiouycghsxz])es$")
_LAST_VOWEL = re.compile(r"([aeiouy]+)[^aeiouy]*$")
_SPREAD_ION = re.compile(r"[tscx]ion$")
_OPEN_N, _BROAD_ER = frozenset(["AH N", "AA N", "AO N", "OW N"]), frozenset(["EH R", "IH R"])
_LONG_Y = re.compile(r"(?:y|ies|ied|ie)$")
_FORMS = ("s", "es", "ed", "'d", "d", "ing", "er", "ers", "est", "'st", "eth")
_PREFIXES = ("", "be", "re", "un", "a", "out", "im", "ap", "dis", "for", "fore")
#: Before R every ear has moved: year and bear, poor and more.
_MOVED_BEFORE_R = (("IH R", "EH R"), ("UH R", "AO R"))

_HISSES = frozenset(["EH S", "EH Z", "IH S", "IH Z"])
Lifted = frozenset[tuple[str, Phones]]  # rhyming part and onset


@dataclass(frozen=True, slots=True, kw_only=True)
class VerseEnds:
    """The rhyming parts of a word: as spoken, and as verse alone has them."""

    word: str
    spoken: frozenset[str]
    in_verse: frozenset[str]  # lifted, with a long y, or old
    lifted: Lifted
    lifted_keys: frozenset[str]
    long_y: frozenset[str]


@lru_cache(maxsize=65536)
def tradition(one: str, two: str) -> Tradition | None:
    """Why verse lets two lower-case words rhyme that do not rhyme in speech; None where it does not.

    >>> for pair in ("temperate date", "honouring ruining", "symmetry eye", "were near", "day night", "city eye"):
    ...     print(pair, tradition(*pair.split()))
    temperate date lifted
    honouring ruining both lifted
    symmetry eye long y
    were near old sound
    day night None
    city eye None
    """
    return tradition_between(verse_ends(one), verse_ends(two))


def tradition_between(ends: VerseEnds, others: VerseEnds) -> Tradition | None:
    """The same for words whose rhyming parts are at hand."""
    if ends.word == others.word or not ends.word or not others.word:
        return None
    if not ends.spoken.isdisjoint(others.in_verse) or not others.spoken.isdisjoint(ends.in_verse):
        return _first_reason(ends, others)
    if ends.lifted_keys.isdisjoint(others.lifted_keys):
        return None
    met = (onset != start for key, onset in ends.lifted for other, start in others.lifted if key == other)
    return Tradition.BOTH_LIFTED if any(met) else None


def _first_reason(ends: VerseEnds, others: VerseEnds) -> Tradition:
    """Why, where what one word is in verse meets what the other is in speech: the first reason that fits."""
    if not ends.lifted_keys.isdisjoint(others.spoken) or not others.lifted_keys.isdisjoint(ends.spoken):
        return Tradition.LIFTED
    if not ends.long_y.isdisjoint(others.spoken) or not others.long_y.isdisjoint(ends.spoken):
        return Tradition.LONG_Y
    is_r = not (_without_r(ends.spoken).isdisjoint(others.spoken) and _without_r(others.spoken).isdisjoint(ends.spoken))
    return Tradition.NO_R if is_r else Tradition.OLD


@lru_cache(maxsize=65536)
def verse_ends(text: str) -> VerseEnds:
    """The rhyming parts of a lower-case word."""
    word = text.strip("'")
    spoken = frozenset(part.key for part in rhyme_parts(word) if not part.is_promoted)
    lifted, long_y = _lifted(word), _long_y(word)
    keys = frozenset(key for key, _onset in lifted)
    in_verse = keys | long_y | _old(word, spoken) | _moved(word) | _without_r(spoken)
    return VerseEnds(word=word, spoken=spoken, in_verse=in_verse, lifted=lifted, lifted_keys=keys, long_y=long_y)


# ---------------------------------------------------------------- lifted endings


def _lifted(word: str) -> Lifted:
    """The last syllable as the beat lifts it, with its onset: every way; empty where it stays weak."""
    return frozenset(
        pair for way in pronounce(word) for pair in (*_lifted_end(word, way.phones), *_sounded_ed(word, way.phones))
    )


def _lifted_end(word: str, phones: Phones) -> Iterator[tuple[str, Phones]]:
    vowels = _weak_end(phones)
    if not vowels:
        return
    last = vowels[-1]
    coda = (("R",) if phones[last] == "ER0" else ()) + phones[last + 1 :]
    for vowel in _spelled_vowels(word, coda):
        yield " ".join(heard((vowel + "1", *coda))), phones[onset_start(phones, last) : last]


def _sounded_ed(word: str, phones: Phones) -> Iterator[tuple[str, Phones]]:
    """Astonishèd, burièd: the ending is a syllable, and the beat is on it."""
    if word.endswith(("ed", "èd")) and phones[-1:] in (("D",), ("T",)) and len(phones) > 2:
        stem = phones[:-1]
        places = [place for place, phone in enumerate(stem) if phone[-1].isdigit()]
        is_one_syllable = stem[-1] == "ER0" and stem[-2][:2] in ("AY", "AW")  # tired: fire has one, and tired too
        if len(places) > 1 and stem[places[-1]][-1] == "0" and not is_one_syllable:
            yield "EH D", stem[places[-1] + 1 :]


def met_in_old_verse(one: str, two: str) -> bool:
    """Whether poets let a lifted ending meet a last stressed syllable: thrown / distracti-on, went / moment."""
    ends = [(one, verse_ends(two)), (two, verse_ends(one))]
    return one != two and any(not _met_by(word).isdisjoint(other.spoken) for word, other in ends)


@lru_cache(maxsize=65536)
def _met_by(word: str) -> frozenset[str]:
    if _SPREAD_ION.search(word):
        return _OPEN_N
    is_lifted_er = word.endswith("er") and any(_weak_end(way.phones) for way in pronounce(word))
    return _BROAD_ER if is_lifted_er else frozenset(_lifted_once(word))


def _lifted_once(word: str) -> Iterator[str]:
    """The last syllable lifted though the one before it is strong: moun-TAIN, com-FORT, si-LENCE."""
    for way in pronounce(word):
        vowels = [place for place, phone in enumerate(way.phones) if phone[-1].isdigit()]
        if len(vowels) > 1 and way.phones[vowels[-2]][-1] != "0" and way.phones[vowels[-1]][-1] == "0":
            coda = (("R",) if way.phones[vowels[-1]] == "ER0" else ()) + way.phones[vowels[-1] + 1 :]
            yield from (" ".join(heard((vowel + "1", *coda))) for vowel in _spelled_vowels(word, coda) if coda)


def are_nearly_lifted(one: str, two: str) -> bool:
    """Whether two words nearly meet in a lifted hiss: witnesses / cheerfulness, silentness / is."""
    ends, others = verse_ends(one), verse_ends(two)
    mine, theirs = (_HISSES.intersection(end.lifted_keys) for end in (ends, others))
    both = (mine | _HISSES.intersection(ends.spoken), theirs | _HISSES.intersection(others.spoken))
    return bool(mine or theirs) and all(both) and ends.word != others.word


def _weak_end(phones: Phones) -> list[int]:
    """The places of the vowels of a word that ends in two weak syllables after a strong one; else none."""
    vowels = [place for place, phone in enumerate(phones) if phone[-1].isdigit()]
    is_weak = len(vowels) > 2 and phones[vowels[-2]][-1] == "0" and _is_weak(phones[vowels[-1]])
    return vowels if is_weak else []


def _is_weak(vowel: str) -> bool:
    """Unstressed; or short with half a stress, which is how espeak hears pilgrimage."""
    return vowel[-1] == "0" or vowel in ("IH2", "AH2")


def _spelled_vowels(word: str, coda: Phones) -> tuple[str, ...]:
    silent = _SILENT_E.search(word)
    if silent:
        return _LONG[silent[1]]
    last = _LAST_VOWEL.search(_DROPPED_E.sub("", word))
    if last is None:
        return ()
    return _COLOURED.get((last[1], coda[0] if coda else ""), _SHORT.get(last[1], ()))


def _long_y(word: str) -> frozenset[str]:
    if not _LONG_Y.search(word):
        return frozenset()
    ways = (way.phones for way in pronounce(word) if _weak_end(way.phones))
    ends = {phones[_weak_end(phones)[-1] :] for phones in ways}
    return frozenset(" ".join(("AY", *end[1:])) for end in ends if end[0] == "IY0")


# ---------------------------------------------------------------- old sounds


def _without_r(keys: frozenset[str]) -> frozenset[str]:
    """The parts as they sound where an r after a broad vowel is silent."""
    return frozenset(f"{key[:2]}{key[4:]}" for key in keys if key.startswith(("AO R", "AA R")))


def _moved(word: str) -> frozenset[str]:
    """The last syllable of a word that the older poets stressed there: the aspect, to assay, his envy."""
    if not has_moved_stress(word):
        return frozenset()
    ways = (way.phones for way in pronounce(word))
    ends = (phones[max(place for place, phone in enumerate(phones) if phone[-1].isdigit()) :] for phones in ways)
    return frozenset(" ".join(heard((f"{end[0][:-1]}1", *end[1:]))) for end in ends)


def _old(word: str, plain: frozenset[str]) -> frozenset[str]:
    """How the rhyming parts of a word once sounded."""
    found = {key.replace(new, old, 1) for key in plain for new, old in _MOVED_BEFORE_R if key.startswith(new)}
    for base in _bases(word):
        for sound in _old_sounds()[base]:
            if " " in sound:
                found |= {sound} if base == word else set()
            else:
                found |= {_with_vowel(key, sound) for key in plain}
    return frozenset(found - plain)


def _with_vowel(key: str, vowel: str) -> str:
    """The part with another vowel; the R that is hidden in ER comes out or goes in."""
    first, *rest = key.split(" ")
    if first == "ER" != vowel:
        rest = ["R", *rest]
    elif vowel == "ER" != first and rest[:1] == ["R"]:
        rest = rest[1:]
    return " ".join((vowel, *rest))


def _bases(word: str) -> Iterator[str]:
    """The words of the table that a word is a form of: removed → move."""
    table = _old_sounds()
    if word.endswith(("'n", "’n")):  # heav'n, ev'n
        word = f"{word[:-2]}en"
    stems = [word, *(word.removesuffix(form) for form in _FORMS if word.endswith(form))]
    rests = (stem[len(prefix) :] for stem in stems for prefix in _PREFIXES if stem.startswith(prefix))
    return (base for rest in rests for base in (rest, rest + "e") if base in table)


@cache
def _old_sounds() -> dict[str, tuple[str, ...]]:
    """The table `old_sounds.tsv`: word → what stands for its vowel, or for its whole rhyming part."""
    table: dict[str, tuple[str, ...]] = {}
    for line in Path(__file__).with_name("old_sounds.tsv").read_text(encoding="utf-8").split("\n"):
        if line and not line.startswith("#"):
            words, sounds = line.split("\t")
            ways = tuple(sounds.split()) if VOWELS.issuperset(sounds.split()) else (sounds,)
            table.update(dict.fromkeys(words.split(), ways))
    return table
