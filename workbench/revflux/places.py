"""Where in a poem change lies: coverage, head, tail, entropy, profile, over lines with a place and a change.

A place is a share of the poem, 0 = its top, 1 = its end. The reference names these measures and their sections (first
20 %, last 33 %, five and ten bins); the formulas are written out here. Of a session they are taken round by round and
averaged: rounds are never strung together (`reference.concatenated` shows what that does).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from workbench.revflux.edits import CHANGED_PERCENT, STABLE_PERCENT

HEAD, TAIL = 0.20, 0.33
N_PROFILE_BINS, N_ENTROPY_BINS = 10, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """The change of one line."""

    place: float  # in [0, 1)
    change: float  # percent


def place_of(number: int, n_lines: int) -> float:
    """The middle of line `number`, counted from 1, of `n_lines`.

    >>> place_of(1, 2)
    0.25
    """
    return (number - 0.5) / n_lines if n_lines else 0.0


def coverage(lines: Sequence[Placed]) -> float | None:
    """Percent of lines that changed (by more than 0.5 %)."""
    return _mean([100.0 * (line.change > CHANGED_PERCENT) for line in lines])


def head_preservation(lines: Sequence[Placed]) -> float | None:
    """Percent of the lines in the first fifth that stayed stable (changed by less than 5 %)."""
    return _mean([100.0 * (line.change < STABLE_PERCENT) for line in lines if line.place < HEAD])


def tail_attention(lines: Sequence[Placed]) -> float | None:
    """Percent of all change that lies in the last third; about 33 where it is spread evenly. None: nothing changed."""
    total = math.fsum(line.change for line in lines)
    tail = math.fsum(line.change for line in lines if line.place >= 1 - TAIL)
    return 100.0 * tail / total if total else None


def entropy(lines: Sequence[Placed]) -> float | None:
    """How evenly change is spread over five parts: 1 = evenly, 0 = all in one part. None: nothing changed.

    −Σ p log p / log 5, with p = the mean change of a part's lines by the sum of the five means, so that a part that
    happens to hold more lines does not weigh more.
    """
    means = [mean or 0.0 for mean in profile(lines, n_bins=N_ENTROPY_BINS)]
    total = math.fsum(means)
    if not total:
        return None
    shares = [mean / total for mean in means if mean]
    return max(0.0, -math.fsum(share * math.log(share) for share in shares) / math.log(N_ENTROPY_BINS))


def profile(lines: Sequence[Placed], *, n_bins: int = N_PROFILE_BINS) -> tuple[float | None, ...]:
    """Mean change of the lines in each of `n_bins` equal parts, top to end; None where no line lies."""
    bins: list[list[float]] = [[] for _ in range(n_bins)]
    for line in lines:
        bins[min(int(line.place * n_bins), n_bins - 1)].append(line.change)
    return tuple(_mean(changes) for changes in bins)


def _mean(values: Sequence[float]) -> float | None:
    return math.fsum(values) / len(values) if values else None
