"""The table of a study, pooled over its seeds, and what it says in a sentence.

    before | after, chosen | after, random | chosen minus random | chosen minus before

Differences are taken poem by poem within each seed; the interval is over all poems of all seeds (intervals.py), and the
differences of single seeds are shown beside it, for an interval over poems does not say how much seeds differ.

    smallest difference to be seen with 80 % power = 2.8 · s / √n        s: of the differences, n: poems
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import stdev
from typing import TYPE_CHECKING

from workbench.intervals import FEWEST_POEMS, Estimate, Outcome, difference_of, mean_of, outcome, shown
from workbench.pages import text_frame
from workbench.study.study import Measured, figures

if TYPE_CHECKING:
    import pandas as pd

METRICS = {
    "identification": "picks its poem",
    "identification_strict": "picks its poem, shared words earn nothing",
    "best_identification": "best of a poem's picks it",
    "reward_accuracy": "the better of two fixed ones rose more",
    "specificity": "specificity, nats per token",
    "best_specificity": "specificity of the best",
    "drift": "distance from the base model",
    "leak_rate": "copies or says the title",
    "n_words": "words",
    "diversity": "distinct word pairs",
    "failure_rate": "unusable answers",
}
_POWER = 2.8  # 1.96 + 0.84: two-sided 5 %, 80 %
_LONGER, _COPIES = 1.25, 1.5  # how much longer, and how many more copies, are still the same kind of description


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One figure of one way; None where it was not measured."""

    way: str
    metric: str
    before: Estimate | None
    chosen: Estimate | None
    drawn: Estimate | None  # the random control
    over_random: Estimate | None
    over_before: Estimate | None
    by_seed: tuple[float, ...]  # chosen minus random of each seed


def rows_of(measured: Sequence[Measured]) -> list[Row]:
    """All rows, way by way."""
    ways = list(dict.fromkeys(row.way for row in measured))
    return [row for way in ways for metric in METRICS if (row := _row(measured, way, metric)) is not None]


def table(rows: Sequence[Row]) -> "pd.DataFrame":
    """The rows as text, for page, terminal and README."""
    cells = []
    for row in rows:
        places = 0 if row.metric == "n_words" else 3
        plain = [shown(each, places=places) for each in (row.before, row.chosen, row.drawn)]
        changes = [shown(each, places=places, sign=True) for each in (row.over_random, row.over_before)]
        seeds = ", ".join(f"{value:+.{places}f}" for value in row.by_seed) or "–"
        cells.append((row.way, METRICS[row.metric], *plain, *changes, seeds))
    heads = ("way", "figure", "before", "chosen", "random", "chosen − random", "chosen − before", "by seed")
    return text_frame(cells, heads)


def sentences(measured: Sequence[Measured], endpoint: str) -> list[str]:
    """What the endpoint says of each way."""
    rows = {(row.way, row.metric): row for row in rows_of(measured)}
    return [_sentence(row, rows) for (_, metric), row in rows.items() if metric == endpoint]


def differences_of(measured: Sequence[Measured], metric: str) -> list[float]:
    """Chosen minus random, poem by poem, of all ways and seeds after their last iteration."""
    found = []
    for way, seed in dict.fromkeys((row.way, row.seed) for row in measured):
        own = [row for row in measured if (row.way, row.seed) == (way, seed)]
        last = max(row.iteration for row in own)
        ours, theirs = (figures(own, metric, way=way, arm=arm, iteration=last) for arm in ("top", "random"))
        pairs = zip(ours, theirs, strict=False) if last else ()
        found += [a - b for a, b in pairs if a is not None and b is not None]
    return found


def power(metric: str, n_poems: int, differences: Sequence[float], source: str) -> str:
    """What a study of so many held-out poems, over all its seeds, can and cannot see."""
    told = f"{n_poems} held-out poems over all seeds"
    if len(differences) < FEWEST_POEMS:
        return f"{told}; how fine a difference they can show is not known before a first study of {metric}"
    least = smallest_difference(differences, n_poems)
    return (
        f"{told}: a difference of {least:.3f} or more in {metric} is seen in four studies of five, a smaller one is "
        f"easily missed (spread between poems as in {source})"
    )


def smallest_difference(differences: Sequence[float], n: int) -> float:
    """What n poems are enough to see, given differences of earlier ones.

    >>> round(smallest_difference([0.1, 0.3, 0.2, 0.4], 100), 3)
    0.036
    """
    return _POWER * stdev(differences) / math.sqrt(n)


def _row(measured: Sequence[Measured], way: str, metric: str) -> Row | None:
    last = max((row.iteration for row in measured if row.way == way), default=0)
    before = figures(measured, metric, way=way, arm="top", iteration=0)
    chosen = figures(measured, metric, way=way, arm="top", iteration=last)
    drawn = figures(measured, metric, way=way, arm="random", iteration=last)
    if not last or not chosen:
        return None
    return Row(
        way=way, metric=metric, before=mean_of(before), chosen=mean_of(chosen), drawn=mean_of(drawn),
        over_random=_difference(chosen, drawn), over_before=_difference(chosen, before),
        by_seed=_by_seed(measured, way, metric, last),
    )  # fmt: skip


def _difference(ours: Sequence[float | None], theirs: Sequence[float | None]) -> Estimate | None:
    return difference_of(ours, theirs) if len(ours) == len(theirs) else None


def _by_seed(measured: Sequence[Measured], way: str, metric: str, last: int) -> tuple[float, ...]:
    found = []
    for seed in sorted({row.seed for row in measured}):
        own = [row for row in measured if row.seed == seed]
        ours, theirs = (figures(own, metric, way=way, arm=arm, iteration=last) for arm in ("top", "random"))
        estimate = _difference(ours, theirs)
        found += [estimate.value] if estimate else []
    return tuple(found)


def _sentence(row: Row, rows: dict[tuple[str, str], Row]) -> str:
    what = METRICS[row.metric]
    estimate = row.over_random
    if estimate is None:
        return f"{row.way}: no control was measured beside it."
    told = f"{row.way}, {what}: chosen minus random {shown(estimate, sign=True)} on {estimate.n} poems"
    found = outcome(estimate)
    cost = _at_what_cost(row.way, rows)
    said = {Outcome.BETTER: f"choosing teaches{cost}", Outcome.WORSE: f"choosing does harm{cost}"}
    return f"{told}: {said.get(found, found.value)}."


def _at_what_cost(way: str, rows: dict[tuple[str, str], Row]) -> str:
    """Length and copies against before, and whether they stay within what a fair comparison allows."""
    told = []
    for metric, noun, most in (("n_words", "length", _LONGER), ("leak_rate", "copies", _COPIES)):
        row = rows.get((way, metric))
        if row and row.before and row.chosen and row.before.value:
            ratio = row.chosen.value / row.before.value
            told.append(f"{ratio:.2f} × the {noun}{' (more than allowed)' if ratio > most else ''}")
    return f", at {' and '.join(told)} of the base" if told else ""
