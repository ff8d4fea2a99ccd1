"""Rivals: the other poems that a description has to tell its own from.

    choosing    M poems whose gains are taken off: specificity, contrast
    judging     J further poems of the same kind that take no part in the choice, so that what they report of a winner
                is not the luck by which it won

    length      the nearest in length: cheap, and the published measure of this project
    mixed       near ones in length, form and theme, and some at random, drawn anew each iteration: of seven rivals
                three are random in the first iteration and one later, so it becomes harder as training continues

    distance    = |Δ log characters| + |Δ log lines| + 1 − cosine of the idf-weighted words of the two poems

Hard rivals and fresh ones keep a description from winning by what sets a poem apart from its neighbours alone.
Source: bags of ever more similar images (No Detail Left Behind, 2024). Pure.
"""

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal

from workbench.types import Poem, seed_for
from workbench.words import words_of

Kind = Literal["length", "mixed"]
Profile = dict[str, float]
_NEAR = 64  # of a large pool only the nearest in length are compared word by word
_RANDOM_SHARE = {1: 3 / 7}  # by iteration; later ones:
_RANDOM_LATER = 1 / 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Rivals:
    """Other poems for one poem's descriptions."""

    choosing: tuple[Poem, ...]
    judging: tuple[Poem, ...]


def nearest_in_length(poems: Sequence[Poem], pool: Sequence[Poem], m: int) -> dict[str, list[Poem]]:
    """For each poem the M poems of the pool nearest to it in characters, ties by id, never itself."""
    lengths = Lengths(pool)
    return {poem.id: lengths.nearest(poem, m) for poem in poems}


def rivals_of(
    poems: Sequence[Poem], pool: Sequence[Poem], *, m: int, judges: int, kind: Kind = "length", iteration: int = 1
) -> dict[str, Rivals]:
    """Rivals of each poem by its id; where the pool is small, those that choose come first.

    Args:
        poems: whose descriptions are scored.
        pool: where rivals are taken from; a poem is never its own.
        m: how many choose.
        judges: how many more only report.
        kind: see the head of this module.
        iteration: of the loop; `mixed` draws by it.
    """
    if kind == "length":
        ordered = {id_: tuple(found) for id_, found in nearest_in_length(poems, pool, m + judges).items()}
    else:
        profiles, lengths = _profiles([*poems, *pool]), Lengths(pool)
        ordered = {poem.id: _mixed(poem, lengths, m + judges, profiles, iteration) for poem in poems}
    return {id_: Rivals(choosing=found[:m], judging=found[m:]) for id_, found in ordered.items()}


class Lengths:
    """A pool by its lengths, so that the nearest ones of a poem are found without looking at the rest.

    Attributes:
        n: poems in the pool, each counted once.
    """

    def __init__(self, pool: Sequence[Poem]) -> None:
        by_id = {poem.id: poem for poem in pool}
        self.n = len(by_id)
        self._of: dict[int, list[tuple[str, Poem]]] = {}
        for id_ in sorted(by_id):
            self._of.setdefault(len(by_id[id_].text), []).append((id_, by_id[id_]))
        self._lengths = sorted(self._of)

    def nearest(self, poem: Poem, m: int) -> list[Poem]:
        """The M others nearest in length, ties by id."""
        own, id_ = len(poem.text), poem.id
        longer = bisect_left(self._lengths, own)
        shorter = longer - 1
        found: list[Poem] = []
        while len(found) < m and (shorter >= 0 or longer < len(self._lengths)):
            less = own - self._lengths[shorter] if shorter >= 0 else math.inf
            more = self._lengths[longer] - own if longer < len(self._lengths) else math.inf
            some = self._of[self._lengths[shorter]][: m + 1] if less <= more else []
            some = some + (self._of[self._lengths[longer]][: m + 1] if more <= less else [])
            shorter, longer = shorter - (less <= more), longer + (more <= less)
            found += [each for other, each in sorted(some, key=lambda pair: pair[0]) if other != id_]
        return found[:m]


def _mixed(poem: Poem, lengths: Lengths, n: int, profiles: Mapping[str, Profile], iteration: int) -> tuple[Poem, ...]:
    by_length = lengths.nearest(poem, lengths.n)
    n_random = round(n * _RANDOM_SHARE.get(iteration, _RANDOM_LATER))
    near = sorted(by_length[:_NEAR], key=lambda other: (_distance(poem, other, profiles), other.id))[: n - n_random]
    taken = {other.id for other in near}
    left = sorted((other for other in by_length if other.id not in taken), key=lambda other: other.id)
    draw = Random(seed_for(0, "rivals", poem.id, str(iteration)))  # noqa: S311 - no secret
    found = [*near, *draw.sample(left, min(n_random, len(left)))]
    draw.shuffle(found)  # so that those who choose and those who judge are of one kind
    return tuple(found)


def _profiles(poems: Sequence[Poem]) -> dict[str, Profile]:
    """Idf-weighted words of each poem, as vectors of length 1."""
    words = {poem.id: {word.folded for word in words_of(poem.text)} for poem in poems}
    counts = Counter(word for own in words.values() for word in own)
    profiles = {}
    for id_, own in words.items():
        values = {word: math.log(len(words) / counts[word]) for word in own}
        norm = math.sqrt(math.fsum(value * value for value in values.values())) or 1.0
        profiles[id_] = {word: value / norm for word, value in values.items()}
    return profiles


def _distance(one: Poem, other: Poem, profiles: Mapping[str, Profile]) -> float:
    own, theirs = profiles[one.id], profiles[other.id]
    cosine = math.fsum(value * theirs.get(word, 0.0) for word, value in own.items())
    lines = abs(math.log((1 + one.text.count("\n")) / (1 + other.text.count("\n"))))
    return abs(math.log(max(len(one.text), 1) / max(len(other.text), 1))) + lines + 1 - cosine
