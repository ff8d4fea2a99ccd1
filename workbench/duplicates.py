"""Near-duplicates: which poems are so alike that they count as one.

Two poems are compared word by word: similarity = 2 × longest common subsequence of words / words of both, 0…1, case
and punctuation aside; higher is more alike. Titles do not count. It does not see that one poem quotes a part of
another, nor that stanzas changed places. Every pair is compared, in C and in blocks of poems of like length: 10,000
poems take seconds.
"""

from collections.abc import Sequence

import numpy as np
from rapidfuzz.distance import Indel
from rapidfuzz.process import cdist

from workbench.leaks import words_of

_BLOCK = 256  # poems compared at once with all that follow and are short enough


def similarity(one: str, other: str) -> float:
    """How alike two texts are, 0…1.

    >>> similarity("Rain on the roof.", "rain upon the roof")
    0.75
    """
    return float(Indel.normalized_similarity(*_coded([one, other])))


def near_duplicate_groups(texts: Sequence[str], threshold: float) -> list[list[int]]:
    """Places of the texts, grouped: each is alike, at least by `threshold`, with another of its group.

    Alikeness is passed on: with A like B and B like C, all three are one group. A text like no other is a group of one.
    """
    codes = _coded(texts)
    order = sorted(range(len(codes)), key=lambda place: len(codes[place]))
    leader = list(range(len(codes)))
    for start in range(0, len(order), _BLOCK):
        block = order[start : start + _BLOCK]
        # 2 m / (m + n) >= threshold bounds the length n of what an m-word poem can be like
        longest = len(codes[block[-1]]) * (2 - threshold) / threshold
        others = [place for place in order[start:] if len(codes[place]) <= longest]
        alike = cdist(
            [codes[place] for place in block],
            [codes[place] for place in others],
            scorer=Indel.normalized_similarity,
            score_cutoff=threshold,
            dtype=np.float32,
        )
        for row, column in zip(*np.nonzero(alike), strict=True):
            leader[_leader(leader, block[row])] = _leader(leader, others[column])
    groups: dict[int, list[int]] = {}
    for place in range(len(codes)):
        groups.setdefault(_leader(leader, place), []).append(place)
    return list(groups.values())


def _coded(texts: Sequence[str]) -> list[str]:
    """Each text as a string with one character a word; a text without words is compared by its characters."""
    numbers: dict[str, int] = {}
    coded = []
    for text in texts:
        words = [word.folded for word in words_of(text)] or list(text)
        coded.append("".join(_character(numbers.setdefault(word, len(numbers))) for word in words))
    return coded


def _character(number: int) -> str:
    return chr(number if number < 0xD800 else number + 0x800)  # surrogates are no characters


def _leader(leader: list[int], place: int) -> int:
    while leader[place] != place:
        leader[place] = leader[leader[place]]
        place = leader[place]
    return place
