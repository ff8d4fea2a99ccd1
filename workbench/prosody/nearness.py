"""How near two sounds are: vowels by where the mouth shapes them, consonants by how and where they are made.

Distances run from 0 (the same sound) to 1 (nothing in common). The table is ours, set by ear.

A mosaic rhyme sets one word against several, loosely as comic verse takes them (Juan / new one, strategy / sat a gee).
Its part runs from a stressed vowel over all words after it. Weak vowels may differ, an h may be dropped, a glide
between two vowels is not heard, two equal consonants are one, and t-y and d-y are ch and j.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from workbench.prosody.rimes import Phones, RhymePart, last_syllable, rhyme_parts

#: Height (0 low … 1 high), backness (0 front … 1 back) of a vowel; diphthongs as start and end.
_VOWELS = {
    "IY": ((1.0, 0.0), (1.0, 0.0)), "IH": ((0.8, 0.15), (0.8, 0.15)), "EY": ((0.65, 0.1), (0.9, 0.1)),
    "EH": ((0.5, 0.15), (0.5, 0.15)), "AE": ((0.2, 0.15), (0.2, 0.15)), "AA": ((0.0, 0.7), (0.0, 0.7)),
    "AO": ((0.3, 0.9), (0.3, 0.9)), "OW": ((0.55, 0.9), (0.8, 0.9)), "UH": ((0.8, 0.8), (0.8, 0.8)),
    "UW": ((1.0, 0.9), (1.0, 0.9)), "AH": ((0.35, 0.55), (0.35, 0.55)), "ER": ((0.45, 0.5), (0.5, 0.5)),
    "AY": ((0.0, 0.5), (0.85, 0.15)), "@": ((0.4, 0.5), (0.4, 0.5)), "AW": ((0.0, 0.5), (0.8, 0.85)),
    "OY": ((0.4, 0.9), (0.85, 0.15)),
}  # fmt: skip

#: Place (lips 0 … throat 6), manner, voiced.
_CONSONANTS = {
    "P": (0, "stop", 0), "B": (0, "stop", 1), "T": (3, "stop", 0), "D": (3, "stop", 1), "K": (5, "stop", 0),
    "G": (5, "stop", 1), "M": (0, "nasal", 1), "N": (3, "nasal", 1), "NG": (5, "nasal", 1), "F": (1,
    "fricative", 0), "V": (1, "fricative", 1), "TH": (2, "fricative", 0), "DH": (2, "fricative", 1), "S": (3,
    "fricative", 0), "Z": (3, "fricative", 1), "SH": (4, "fricative", 0), "ZH": (4, "fricative", 1), "CH": (4,
    "affricate", 0), "JH": (4, "affricate", 1), "HH": (6, "fricative", 0), "L": (3, "liquid", 1), "R": (3,
    "liquid", 1), "W": (0, "glide", 1), "Y": (4, "glide", 1),
}  # fmt: skip

#: Vowel pairs that slant rhyme lets stand for each other; every other two are clearly different.
_NEAR_VOWELS = frozenset(
    frozenset(p.split("-")) for p in ["IY-IH", "IH-EH", "EH-EY", "EH-AE", "AH-AA", "AA-AO", "AO-OW", "AH-UH", "UH-UW"]
)
#: The same before R, where English has fewer vowels: ear–air, arm–or, or–poor, poor–her.
_NEAR_BEFORE_R = frozenset(frozenset(p.split("-")) for p in ["IH-EH", "AA-AO", "AO-UH", "UH-ER"])
#: The sounds that there are, as the dictionary writes them.
VOWELS = frozenset(_VOWELS) - {"@"}
CONSONANTS = frozenset(_CONSONANTS)
_FAMILIES = {"affricate": "fricative"}


def near_vowels(a: str, b: str, *, before_r: bool = False) -> bool:
    """Whether two vowels without digits are the same or neighbours.

    >>> near_vowels("IH", "EH"), near_vowels("IY", "AA"), near_vowels("UH", "ER", before_r=True)
    (True, False, True)
    """
    return a == b or frozenset((a, b)) in (_NEAR_BEFORE_R if before_r else _NEAR_VOWELS)


@lru_cache(maxsize=1024)
def vowel_distance(a: str, b: str) -> float:
    """Distance of two vowels in the mouth, start and end averaged."""
    if a == b:
        return 0.0
    total = sum(
        abs(x - y) for one, two in zip(_VOWELS[a], _VOWELS[b], strict=True) for x, y in zip(one, two, strict=True)
    )
    return min(1.0, 0.1 + total / 2)


@lru_cache(maxsize=1024)
def consonant_distance(a: str, b: str) -> float:
    """Distance of two consonants: manner counts most, then place, then voice."""
    if a == b:
        return 0.0
    (place_a, manner_a, voice_a), (place_b, manner_b, voice_b) = _CONSONANTS[a], _CONSONANTS[b]
    manner = 0.0 if manner_a == manner_b else 0.2 if {manner_a, manner_b} == {"affricate", "fricative"} else 0.5
    return min(
        1.0, max(0.1, manner + 0.3 * min(1.0, abs(place_a - place_b) / 2) + (0.2 if voice_a != voice_b else 0.0))
    )


def near_consonants(a: str, b: str) -> bool:
    """One family: stops, nasals, fricatives with affricates, liquids.

    >>> near_consonants("M", "N"), near_consonants("D", "K"), near_consonants("M", "K")
    (True, True, False)
    """
    family_a, family_b = _CONSONANTS[a][1], _CONSONANTS[b][1]
    return _FAMILIES.get(family_a, family_a) == _FAMILIES.get(family_b, family_b)


def sequence_distance(a: Sequence[str], b: Sequence[str]) -> float:
    """Edit distance of two runs of sounds by nearness, as a share of the longer run."""
    if not a and not b:
        return 0.0
    row = [float(n) for n in range(len(b) + 1)]
    for i, one in enumerate(a, 1):
        above, row[0] = row[0], float(i)
        for j, two in enumerate(b, 1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + _sound_distance(one, two))
    return row[-1] / max(len(a), len(b))


def _sound_distance(a: str, b: str) -> float:
    if a in _CONSONANTS and b in _CONSONANTS:
        return consonant_distance(a, b)
    if a in _VOWELS and b in _VOWELS:
        return vowel_distance(a, b)
    return 0.0 if a == b else 1.0


_SHORT = frozenset({"@", "AH", "IH", "EH", "AE", "AA", "AO", "UH"})
_GLIDE_AFTER = {"W": frozenset({"UW", "OW", "AW"}), "Y": frozenset({"IY", "EY", "AY", "OY"})}
_PARTS = {"ER": ("@", "R")}  # tutor / to toot, or
_MERGED = {("T", "Y"): "CH", ("D", "Y"): "JH"}

#: Sounds of a part after its first vowel by their outline, in which every short vowel is weak.
_Outlines = dict[str, list[Phones]]


@lru_cache(maxsize=65536)
def is_mosaic(a: str, b: str) -> bool:
    """Whether two line ends rhyme over two syllables or more, at least one of them over several words.

    >>> is_mosaic("juan", "a new one"), is_mosaic("strategy", "sat a gee"), is_mosaic("a ring", "the king")
    (True, True, False)
    """
    if last_outline(a.rpartition(" ")[2]) != last_outline(b.rpartition(" ")[2]):  # cheap, and nearly always so
        return False
    (several_a, all_a), (several_b, all_b) = _outlines(a), _outlines(b)
    return _meet(several_a, all_b) or _meet(several_b, all_a)


def _meet(ones: _Outlines, others: _Outlines) -> bool:
    shared = ones.keys() & others.keys()
    return any(all(map(_are_near, one, two)) for key in shared for one in ones[key] for two in others[key])


@lru_cache(maxsize=65536)
def last_outline(word: str) -> str:
    """What the last syllables of two ends must share before they can rhyme over several words."""
    _is_weak, rime = last_syllable(word)
    return _outline(rime)


def _outline(sounds: Phones) -> str:
    spoken = (sound for phone in sounds for sound in _PARTS.get(phone, (phone,)))
    return " ".join("@" if sound in _SHORT else "S" if sound == "Z" else sound for sound in spoken)


@lru_cache(maxsize=8192)
def _outlines(text: str) -> tuple[_Outlines, _Outlines]:
    """Of the parts that span several words, and of all parts; only parts of two syllables and more."""
    several: _Outlines = {}
    every: _Outlines = {}
    for part in rhyme_parts(text):
        if part.n_syllables > 1 and not part.is_promoted:
            sounds = _loosened(part)
            outline = f"{part.vowel} {_outline(sounds)}"
            every.setdefault(outline, []).append(sounds)
            if part.n_words > 1:
                several.setdefault(outline, []).append(sounds)
    return several, every


def _loosened(part: RhymePart) -> Phones:
    """The sounds of a part after its first vowel, without what a mosaic rhyme passes over."""
    kept: list[str] = [part.vowel]
    for phone in part.tail:
        if phone in ("HH", "DH") or phone == kept[-1] or kept[-1] in _GLIDE_AFTER.get(phone, ()):
            continue
        if (kept[-1], phone) in _MERGED:
            kept[-1] = _MERGED[kept[-1], phone]
        elif not (phone == "Y" and kept[-1] in ("CH", "JH")):
            kept.append(phone)
    tail = (sound for phone in kept[1:] for sound in _PARTS.get(phone, (phone,)))
    return tuple("S" if sound == "Z" else sound for sound in tail)


def _are_near(one: str, two: str) -> bool:
    """The same sound, or two short vowels of which one is weak."""
    return one == two or "@" in (one, two)
