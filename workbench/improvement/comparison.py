"""Comparisons in words, poem by poem: what training changed, and `top` beside each control arm.

Fewer than six poems say nothing; an interval that holds zero is no measurable difference; what was not measured is said
so. Pure.
"""

import math
from collections.abc import Sequence
from statistics import fmean

from workbench.intervals import FEWEST_POEMS, Estimate, Outcome, difference_of, few, outcome, shown
from workbench.types import Measurement

COMPARED = (
    ("loss_fixed", "current", "lower"),
    ("use_of_description", "current", "higher"),
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


def changed(before: Measurement, after: Measurement) -> str:
    """From where to where, and by how much; all three figures are over the poems that have both."""
    change = difference_of(after.per_poem, before.per_poem)
    if change is None:
        if before.value is not None and after.value is None:
            return "not measured after training, for no answer on the held-out poems could be used."
        others = " and another held-out poem to be told from" if after.metric == "identification" else ""
        return f"not measured, for no held-out poem has usable answers{others}, before training and after."
    unit = "" if after.metric == "identification" else " nats per token"
    paired = [pair for pair in zip(before.per_poem, after.per_poem, strict=True) if None not in pair]
    means = " → ".join(f"{fmean(one for one in side if one is not None):.3f}" for side in zip(*paired, strict=True))
    told = f"{means}{unit}, change {shown(change, sign=True)}"
    if change.n < len(after.per_poem):
        told += f" on the {change.n} of {len(after.per_poem)} poems measured both times"
    told += "." if change.n >= FEWEST_POEMS else f": {few(change)}."
    if after.metric == "loss_fixed" and change.value > _BROKEN_NATS:
        told += " Training broke the model: lower its learning rate."
    return told


def verdict(metric: str, estimate: Estimate | None) -> str:
    """Whether choosing helped, in one sentence."""
    what = {"loss_fixed": "held-out loss"}.get(metric, f"held-out {metric}")
    if estimate is None:
        return f"Top-K against random-K, {what}: not measured."
    told = f"Top-K against random-K, {what}: {shown(estimate, sign=True)}"
    said = {
        Outcome.TOO_FEW: few(estimate),
        Outcome.NONE: f"{Outcome.NONE} on {estimate.n} poems",
        Outcome.BETTER: "choosing helped",
        Outcome.WORSE: "choosing did harm",
    }
    return f"{told}: {said[outcome(estimate, lower_is_better=metric == 'loss_fixed')]}."


def reading(estimate: Estimate | None, better: str, arm: str) -> str:
    """Which of `top` and the arm is better, in a few words."""
    found = outcome(estimate, lower_is_better=better == "lower")
    return {Outcome.BETTER: "top is better", Outcome.WORSE: f"{arm} is better"}.get(found, found.value)
