"""How near two sounds are: vowels by where the mouth shapes them, consonants by how and where they are made.

Distances run from 0 (the same sound) to 1 (nothing in common). The table is ours, set by ear.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

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
