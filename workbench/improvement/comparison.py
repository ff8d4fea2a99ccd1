"""Comparisons in words, poem by poem: what training changed, `top` beside each control arm, one run beside another.

Fewer than six poems say nothing; an interval that holds zero is no measurable difference; what was not measured is said
so. Pure.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.intervals import FEWEST_POEMS, Estimate, difference_of, mean_of, shown
from workbench.types import Measurement

COMPARED = (
    ("loss_fixed", "current", "lower"),
    ("loss_described", "current", "lower"),
    ("identification", "base", "higher"),
    ("reward_accuracy", "current", "higher"),
    ("specificity", "base", "higher"),
    ("best_specificity", "base", "higher"),
    ("leak_rate", "base", "lower"),
)
_BROKEN_NATS = 1.0  # a loss that rose by so much: the perplexity is 2.7 times what it was

Compared = tuple[str, str, str]  # arm, metric, weights


def compare_arms(measurements: Sequence[Measurement]) -> dict[Compared, Estimate | None]:
    """(arm, metric, weights) → `top` minus that arm at the last iteration, poem by poem; None: not measured."""
    last = max((m.iteration for m in measurements), default=0)
    at_end = {(m.arm, m.metric, m.weights): m for m in measurements if m.iteration == last}
    arms = sorted({arm for arm, _, _ in at_end} - {"top"})
    return {
        (arm, metric, weights): difference_of(
            at_end["top", metric, weights].per_poem, at_end[arm, metric, weights].per_poem
        )
        for arm in arms
        for metric, weights, _ in COMPARED
        if ("top", metric, weights) in at_end and (arm, metric, weights) in at_end
    }


def is_over(values: Sequence[float | None], patience: int) -> bool:
    """The stop rule: whether the last `patience` values all fail to better the best one before them.

    What was not measured betters nothing.

    >>> is_over([0.1, 0.2, 0.15, 0.19], patience=2), is_over([0.1, 0.2, 0.15, 0.21], patience=2)
    (True, False)
    """
    if not patience or len(values) <= patience:
        return False
    known = [-math.inf if value is None else value for value in values]
    return max(known[-patience:]) <= max(known[:-patience])


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFigures:
    """What a run measured at its end."""

    name: str
    settings: Mapping[str, Any]
    held_out: Sequence[str]  # ids of its held-out poems, in the order of `Measurement.per_poem`
    measurements: Sequence[Measurement]

    def at_end(self, metric: str, weights: str) -> dict[str, float | None]:
        """Values of `top` after its last iteration, by poem."""
        last = max((m.iteration for m in self.measurements), default=0)
        key = ("top", last, metric, weights)
        found = [m for m in self.measurements if (m.arm, m.iteration, m.metric, m.weights) == key]
        return dict(zip(self.held_out, found[0].per_poem, strict=False)) if found else {}


def compare_runs(one: RunFigures, other: RunFigures) -> list[tuple[str, str, Estimate | None, Estimate | None, str]]:
    """Figures of two runs on the held-out poems that both measured.

    Returns:
        A row a figure: its name, whose weights, the one's mean, the other minus the one, and what that says.
    """
    rows = []
    for metric, weights, better in COMPARED:
        ours, theirs = one.at_end(metric, weights), other.at_end(metric, weights)
        shared = [poem for poem in ours if poem in theirs]
        if shared:
            difference = difference_of([theirs[poem] for poem in shared], [ours[poem] for poem in shared])
            said = reading(difference, better, one.name).replace("top is", f"{other.name} is")
            rows.append((metric, weights, mean_of([ours[poem] for poem in shared]), difference, said))
    return rows


def different_settings(one: Mapping[str, Any], other: Mapping[str, Any], place: str = "") -> list[str]:
    """Settings in which two runs differ: `training.objective: imitation → preference`.

    >>> different_settings({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}})
    ['a.c: 2 → 3']
    """
    found = []
    for key in dict.fromkeys([*one, *other]):
        ours, theirs = one.get(key), other.get(key)
        if isinstance(ours, Mapping) and isinstance(theirs, Mapping):
            found += different_settings(ours, theirs, f"{place}{key}.")
        elif ours != theirs:
            found.append(f"{place}{key}: {ours} → {theirs}")
    return found


def changed(before: Measurement, after: Measurement) -> str:
    """From where to where, and by how much on the poems that have both."""
    change = difference_of(after.per_poem, before.per_poem)
    if change is None:
        return "not measured after training, for no answer on the held-out poems could be used."
    unit = "" if after.metric == "identification" else " nats per token"
    told = f"{_value(before)} → {_value(after)}{unit}, change {shown(change, sign=True)}"
    told += "." if change.n >= FEWEST_POEMS else f": too few poems to tell ({change.n}; {FEWEST_POEMS} are needed)."
    if after.metric == "loss_fixed" and change.value > _BROKEN_NATS:
        told += " Training broke the model: lower its learning rate."
    return told


def verdict(metric: str, estimate: Estimate | None) -> str:
    """Whether choosing helped, in one sentence."""
    what = {"loss_fixed": "held-out loss"}.get(metric, f"held-out {metric}")
    if estimate is None:
        return f"Top-K against random-K, {what}: not measured."
    told = f"Top-K against random-K, {what}: {shown(estimate, sign=True)}"
    if estimate.n < FEWEST_POEMS:
        return f"{told}: too few poems to tell ({estimate.n}; {FEWEST_POEMS} are needed)."
    if not estimate.excludes_zero:
        return f"{told}: no measurable difference on {estimate.n} poems."
    is_better = (estimate.value < 0) == (metric == "loss_fixed")
    return f"{told}: choosing {'helped' if is_better else 'did harm'}."


def reading(estimate: Estimate | None, better: str, arm: str) -> str:
    """Which of `top` and the arm is better, in a few words."""
    if estimate is None:
        return "not measured"
    if estimate.n < FEWEST_POEMS:
        return "too few poems to tell"
    if not estimate.excludes_zero:
        return "no measurable difference"
    return "top is better" if (estimate.value < 0) == (better == "lower") else f"{arm} is better"


def _value(measurement: Measurement) -> str:
    return "–" if measurement.value is None else f"{measurement.value:.3f}"
