"""The measures of the published reference, line by line index, so that old numbers can be compared. Not for judging.

Lines are stripped and non-empty; line i of one draft is paired with line i of the next, a missing one with nothing.
So one line inserted at the top makes every line below it "changed": read `rounds` for what really happened. The
published composite score is left out: its weights are not known here, and it rewards churn.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, zip_longest

from workbench.revflux.lines import (
    CHANGED_PERCENT,
    STABLE_PERCENT,
    Placed,
    coverage,
    edits,
    entropy,
    head_preservation,
    percent,
    place_of,
    profile,
    tail_attention,
    words_and_marks,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexPair:
    """Line i of two drafts that follow one another; "" where there is none."""

    number: int  # i, from 1
    before: str
    after: str
    characters: float  # change in percent
    words: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceRound:
    """What the reference says of one revision."""

    number: int  # of the later draft
    pairs: tuple[IndexPair, ...]
    n_words_changed: int  # sum of the lines' edit distances in words

    @property
    def n_changed(self) -> int:
        """Lines with more than 0.5 % change."""
        return sum(pair.characters > CHANGED_PERCENT for pair in self.pairs)

    @property
    def n_stable(self) -> int:
        """Lines with less than 5 % change."""
        return sum(pair.characters < STABLE_PERCENT for pair in self.pairs)

    @property
    def mean_characters(self) -> float:
        """Mean change of the pairs, percent of characters."""
        return _mean([pair.characters for pair in self.pairs])

    @property
    def mean_words(self) -> float:
        """Mean change of the pairs, percent of words."""
        return _mean([pair.words for pair in self.pairs])

    @property
    def placed(self) -> tuple[Placed, ...]:
        """The pairs as lines with a place."""
        n = len(self.pairs)
        return tuple(Placed(place=place_of(pair.number, n), change=pair.characters) for pair in self.pairs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Concatenated:
    """The reference's positional measures: all rounds strung together as if they were one long poem."""

    coverage: float | None
    head_preservation: float | None
    tail_attention: float | None
    entropy: float | None
    profile: tuple[float | None, ...]


def reference_lines(text: str) -> list[str]:
    """The stripped, non-empty lines of a draft."""
    return [line.strip() for line in text.split("\n") if line.strip()]


def reference_rounds(drafts: Sequence[str]) -> tuple[ReferenceRound, ...]:
    """The rounds of a session, lines paired by index."""
    return tuple(_round(number, *pair) for number, pair in enumerate(pairwise(drafts), 1))


def concatenated(rounds: Sequence[ReferenceRound]) -> Concatenated:
    """Positional measures over the rounds strung together, as the reference takes them."""
    changes = [pair.characters for one in rounds for pair in one.pairs]
    lines = [Placed(place=place_of(i, len(changes)), change=change) for i, change in enumerate(changes, 1)]
    return Concatenated(
        coverage=coverage(lines),
        head_preservation=head_preservation(lines),
        tail_attention=tail_attention(lines),
        entropy=entropy(lines),
        profile=profile(lines),
    )


def stable_rounds(rounds: Sequence[ReferenceRound]) -> tuple[int, ...]:
    """For each line index, in how many rounds it stayed stable (below 5 %)."""
    n_lines = max((len(one.pairs) for one in rounds), default=0)
    held = [[one.pairs[i].characters < STABLE_PERCENT for one in rounds if i < len(one.pairs)] for i in range(n_lines)]
    return tuple(map(sum, held))


def structural_growth(drafts: Sequence[str]) -> float | None:
    """Lines of the last draft by those of the first, as a change in percent."""
    first, last = len(reference_lines(drafts[0])), len(reference_lines(drafts[-1]))
    return 100.0 * (last - first) / first if first else None


def _round(number: int, before: str, after: str) -> ReferenceRound:
    pairs = list(zip_longest(reference_lines(before), reference_lines(after), fillvalue=""))
    words = [edits(words_and_marks(b), words_and_marks(a)) for b, a in pairs]
    return ReferenceRound(
        number=number,
        pairs=tuple(
            IndexPair(number=i, before=b, after=a, characters=percent(edits(b, a)), words=percent(of_words))
            for i, ((b, a), of_words) in enumerate(zip(pairs, words, strict=True), 1)
        ),
        n_words_changed=sum(distance for distance, _ in words),
    )


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values) if values else 0.0
