"""The table of a study, pooled over its seeds, and what it says in a sentence.

    before | after | control | after minus control | after minus before

The control of a way is its own arm `random`, or another way that the plan names. A way of several rounds has a row for
each; its arm `random` is trained beside the last one alone.

Differences are taken poem by poem within each seed; the interval is over all poems of all seeds (intervals.py), and the
differences of single seeds are shown beside it, for an interval over poems does not say how much seeds differ.

    smallest difference to be seen with 80 % power = 2.8 · s / √n        s: of the differences, n: poems
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import stdev
from typing import TYPE_CHECKING

from workbench.evaluation.answers import mean_of_figure
from workbench.intervals import FEWEST_POEMS, Estimate, Outcome, difference_of, outcome, shown
from workbench.pages import text_frame
from workbench.study.settings import side_of
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
    "expected_identification": "picks its poem, expected of fixed ones",
    "expected_specificity": "specificity, expected of fixed ones",
    "expected_leak_rate": "copies, expected of fixed ones",
    "expected_words": "words, expected of fixed ones",
    "use_of_description": "loss with another poem's minus with its own",
    "drift": "distance from the base model",
    "leak_rate": "copies or says the title",
    "n_words": "words",
    "diversity": "distinct word pairs",
    "failure_rate": "unusable answers",
}
NONE: Mapping[str, str] = {}
_POWER = 2.8  # 1.96 + 0.84: two-sided 5 %, 80 %
_SIZES = (20, 60, 160, 400)  # poems, of which it is said what they would show
LONGER, COPIES = 1.25, 1.5  # how much longer, and how many more copies, are still the same kind of description


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One figure of one way after one round; None where it was not measured."""

    way: str
    round: int
    of: int  # rounds of this way
    control: str  # the way that is its control; "" = its own arm `random`
    metric: str
    before: Estimate | None
    chosen: Estimate | None
    drawn: Estimate | None  # the control
    over_random: Estimate | None
    over_before: Estimate | None
    by_seed: tuple[float, ...]  # way minus control of each seed

    @property
    def name(self) -> str:
        """The way, with its round where there are several."""
        return f"{self.way}, round {self.round}" if self.of > 1 else self.way


def rows_of(measured: Sequence[Measured], beside: Mapping[str, str] = NONE) -> list[Row]:
    """All rows, way by way and round by round.

    Args:
        measured: the record.
        beside: of a way the way that is its control, as in the plan.
    """
    ways = list(dict.fromkeys(row.way for row in measured))
    return [
        row
        for way in ways
        for number in rounds_of(measured, way)
        for metric in METRICS
        if (row := _row(measured, way, number, metric, beside.get(way, ""))) is not None
    ]


def rounds_of(measured: Sequence[Measured], way: str) -> list[int]:
    """The rounds after which a way was measured."""
    return sorted({row.iteration for row in measured if (row.way, row.arm) == (way, "top") and row.iteration})


def table(rows: Sequence[Row]) -> "pd.DataFrame":
    """The rows as text, for page, terminal and README."""
    cells = []
    for row in rows:
        places = 0 if row.metric == "n_words" else 3
        plain = [shown(each, places=places) for each in (row.before, row.chosen, row.drawn)]
        changes = [shown(each, places=places, sign=True) for each in (row.over_random, row.over_before)]
        seeds = ", ".join(f"{value:+.{places}f}" for value in row.by_seed) or "–"
        cells.append((row.name, METRICS[row.metric], *plain, *changes, seeds))
    ours, theirs = ("after", "control") if any(row.control or row.of > 1 for row in rows) else ("chosen", "random")
    heads = ("way", "figure", "before", ours, theirs, f"{ours} − {theirs}", f"{ours} − before", "by seed")
    return text_frame(cells, heads)


def sentences(measured: Sequence[Measured], endpoint: str, beside: Mapping[str, str] = NONE) -> list[str]:
    """What the endpoint says of each way."""
    rows = {(row.name, row.metric): row for row in rows_of(measured, beside)}
    return [_sentence(row, rows) for (_, metric), row in rows.items() if metric == endpoint and _is_compared(row)]


def _is_compared(row: Row) -> bool:
    """Of a way of several rounds only the last has a control."""
    return row.over_random is not None or row.round == row.of


def differences_of(measured: Sequence[Measured], metric: str, beside: Mapping[str, str] = NONE) -> list[float]:
    """Way minus control, poem by poem, of all ways and seeds after their last round."""
    found = []
    for way, seed in dict.fromkeys((row.way, row.seed) for row in measured):
        own = [row for row in measured if row.seed == seed]
        last = max(rounds_of(own, way), default=0)
        ours, theirs = _sides(own, way, last, metric, beside.get(way, ""))
        found += [a - b for a, b in zip(ours, theirs, strict=False) if last and a is not None and b is not None]
    return found


def power(metric: str, n_poems: int, differences: Sequence[float], source: str) -> str:
    """What a study of so many held-out poems, over all its seeds, can and cannot see."""
    told = f"{n_poems} held-out poems over all seeds"
    if len(differences) < FEWEST_POEMS:
        return f"{told}; how fine a difference they can show is not known before a first study of {metric}"
    least = smallest_difference(differences, n_poems)
    others = ", ".join(f"{n} poems {smallest_difference(differences, n):.3f}" for n in _SIZES)
    return (
        f"{told}: a difference of {least:.3f} or more in {metric} is seen in four studies of five, a smaller one is "
        f"easily missed; {others} (spread between poems as in {source})"
    )


def smallest_difference(differences: Sequence[float], n: int) -> float:
    """What n poems are enough to see, given differences of earlier ones.

    >>> round(smallest_difference([0.1, 0.3, 0.2, 0.4], 100), 3)
    0.036
    """
    return _POWER * stdev(differences) / math.sqrt(n)


def _row(measured: Sequence[Measured], way: str, number: int, metric: str, control: str) -> Row | None:
    before = figures(measured, metric, way=way, arm="top", iteration=0)
    chosen, drawn = _sides(measured, way, number, metric, control)
    if not chosen:
        return None
    mean = partial(mean_of_figure, metric)
    return Row(
        way=way, round=number, of=max(rounds_of(measured, way)), control=control, metric=metric,
        before=mean(before), chosen=mean(chosen), drawn=mean(drawn),
        over_random=_difference(chosen, drawn), over_before=_difference(chosen, before),
        by_seed=_by_seed(measured, way, number, metric, control),
    )  # fmt: skip


def _sides(
    measured: Sequence[Measured], way: str, number: int, metric: str, control: str
) -> tuple[list[float | None], list[float | None]]:
    """Figures of a way after a round and of its control; of a control of fewer rounds after its last."""
    ours = figures(measured, metric, way=way, arm="top", iteration=number)
    if not control:
        return ours, figures(measured, metric, way=way, arm="random", iteration=number)
    other, arm = side_of(control)
    at = min(number, max(rounds_of(measured, other), default=number))
    return ours, figures(measured, metric, way=other, arm=arm, iteration=at)


def _difference(ours: Sequence[float | None], theirs: Sequence[float | None]) -> Estimate | None:
    return difference_of(ours, theirs) if len(ours) == len(theirs) else None


def _by_seed(measured: Sequence[Measured], way: str, number: int, metric: str, control: str) -> tuple[float, ...]:
    found = []
    for seed in sorted({row.seed for row in measured}):
        estimate = _difference(*_sides([row for row in measured if row.seed == seed], way, number, metric, control))
        found += [estimate.value] if estimate else []
    return tuple(found)


def _sentence(row: Row, rows: dict[tuple[str, str], Row]) -> str:
    what = METRICS[row.metric]
    estimate = row.over_random
    if estimate is None:
        return f"{row.name}: no control was measured beside it."
    sides = f"{row.name} minus {row.control}" if row.control else "chosen minus random"
    told = f"{row.name}, {what}: {sides} {shown(estimate, sign=True)} on {estimate.n} poems"
    found = outcome(estimate)
    cost = _at_what_cost(row.name, rows)
    good, bad = ("it teaches more", "it teaches less") if row.control else ("choosing teaches", "choosing does harm")
    said = {Outcome.BETTER: f"{good}{cost}", Outcome.WORSE: f"{bad}{cost}"}
    return f"{told}: {said.get(found, found.value)}."


def _at_what_cost(name: str, rows: dict[tuple[str, str], Row]) -> str:
    """Length and copies against before, and whether they stay within what a fair comparison allows."""
    told = []
    for metric, noun, most in (("n_words", "length", LONGER), ("leak_rate", "copies", COPIES)):
        row = rows.get((name, metric))
        if row and row.before and row.chosen and row.before.value:
            ratio = row.chosen.value / row.before.value
            told.append(f"{ratio:.2f} × the {noun}{' (more than allowed)' if ratio > most else ''}")
    return f", at {' and '.join(told)} of the base" if told else ""
