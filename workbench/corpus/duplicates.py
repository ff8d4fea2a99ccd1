"""Near-duplicates: which poems are so alike that they count as one.

Two poems are compared word by word: similarity = 2 × longest common subsequence of words / words of both, 0…1, case
and punctuation aside; higher is more alike. Titles do not count. It does not see that one poem quotes a part of
another, nor that stanzas changed places.

No pair is missed, yet few are compared: two poems that are alike share many words in a row, so they must
share one of the rarest word pairs of each (prefix filter, after Chaudhuri, Ganti and Kaushik 2006), and rare ones lead
to few poems.
"""

import math
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence

from rapidfuzz.distance import Indel

from workbench.words import words_of

Gram = tuple[str, int]  # words in a row, and which of its occurrences in the poem it is

_SHORT = 8  # words of the shortest poems that must not be compared one by one


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
    places_of: dict[str, list[int]] = {}
    for place, code in enumerate(_coded(texts)):
        places_of.setdefault(code, []).append(place)
    codes = sorted(places_of, key=lambda code: (len(code), code))
    leader = list(range(len(codes)))
    for one, other in _possible_pairs(codes, threshold):
        first, second = _leader(leader, one), _leader(leader, other)
        if first != second and _is_alike(codes[one], codes[other], threshold):
            leader[first] = second
    groups: dict[int, list[int]] = {}
    for number, code in enumerate(codes):
        groups.setdefault(_leader(leader, number), []).extend(places_of[code])
    return [sorted(group) for group in groups.values()]


def _is_alike(one: str, other: str, threshold: float) -> bool:
    # in whole words: rapidfuzz rounds a cutoff of the similarity, and then 4 of 5 words do not pass 0.8
    n_apart = math.floor((1 - threshold) * (len(one) + len(other)) + 1e-9)
    return Indel.distance(one, other, score_cutoff=n_apart) <= n_apart


def _possible_pairs(codes: Sequence[str], threshold: float) -> Iterator[tuple[int, int]]:
    """Every pair of codes, sorted by length, that can be alike by the threshold, and some that are not.

    Of the n grams of a code, in one order for all, the first n - `_least_shared` + 1 must hold one that is shared.
    """
    size = 2 if _least_shared(_SHORT, 2, threshold) >= 1 else 1  # pairs of words are rarer, but say less of short poems
    grams_C = [_grams(code, size) for code in codes]
    n_codes = Counter(gram for grams in grams_C for gram in grams)
    known: dict[Gram, list[int]] = {}
    free: list[int] = []  # so short that they can be alike without a shared gram
    for number, grams in enumerate(grams_C):
        n_shared = _least_shared(len(codes[number]), size, threshold)
        rarest = sorted(grams, key=lambda gram: (n_codes[gram], gram))[: len(grams) - max(n_shared, 1) + 1]
        others = {other for gram in rarest for other in known.get(gram, ())}
        if n_shared < 1:
            others.update(free)
            free.append(number)
        yield from ((number, other) for other in sorted(others))
        for gram in rarest:
            known.setdefault(gram, []).append(number)


def _least_shared(n_words: int, size: int, threshold: float) -> int:
    """So many grams of a code of n words, at least, are in every code that is alike by the threshold.

    Let m be the words of the other and L the common subsequence, 2 L >= t (n + m). Each of the n - L words without a
    partner breaks at most `size` grams, each of the other's m - L at most size - 1; and n + m >= 2 n / (2 - t).
    """
    both = n_words * 2 / (2 - threshold)
    # a hair below, so that rounding never loses a pair
    return math.ceil(both * ((size - 0.5) * threshold - size + 1) - size + 1 - 1e-9)


def _grams(code: str, size: int) -> list[Gram]:
    seen: Counter[str] = Counter()
    grams = []
    for start in range(len(code) - size + 1):
        gram = code[start : start + size]
        grams.append((gram, seen[gram]))
        seen[gram] += 1
    return grams


def _coded(texts: Sequence[str]) -> list[str]:
    """Each text as a string with one character a word; a text without words is compared by its characters."""
    numbers: dict[str, int] = {}
    coded = []
    for text in texts:
        words = [word.folded for word in words_of(text)] or list(unicodedata.normalize("NFC", text))
        coded.append("".join(_character(numbers.setdefault(word, len(numbers))) for word in words))
    return coded


def _character(number: int) -> str:
    return chr(number if number < 0xD800 else number + 0x800)  # surrogates are not characters


def _leader(leader: list[int], place: int) -> int:
    while leader[place] != place:
        leader[place] = leader[leader[place]]
        place = leader[place]
    return place
