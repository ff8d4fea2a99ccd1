"""The learning rate of every step, known before the first one. Pure arithmetic, no torch.

linear   start → end in equal steps
cosine   start → end along half a cosine

Before either, a warm-up takes the rate from near zero to start in equal steps.
"""

import math
from typing import Literal

from workbench.errors import ConfigError

Schedule = Literal["linear", "cosine"]


def learning_rate(
    step: int,
    total: int,
    *,
    start: float = 1e-4,
    end: float = 5e-5,
    schedule: Schedule = "linear",
    warmup_share: float = 0.0,
) -> float:
    """The rate of one step; steps count from 1 to `total`, and a step past the end keeps the last rate.

    Args:
        step: counts from 1.
        total: steps of the whole run, all iterations together.
        start: the highest rate: the first step's, or the one after the warm-up.
        end: the last step's rate.
        schedule: see the module.
        warmup_share: share of all steps that the warm-up takes, rounded up.

    >>> [learning_rate(step, 3) for step in (1, 2, 3, 4)]
    [0.0001, 7.5e-05, 5e-05, 5e-05]
    """
    if step < 1 or total < 1:
        raise ConfigError(f"step {step} of {total}: steps count from 1")
    n_warmup = math.ceil(warmup_share * total)
    if step <= n_warmup:
        return start * step / n_warmup
    progress = _progress(step, max(n_warmup, 1), total)
    if schedule == "linear":
        return start + (end - start) * progress
    return end + (start - end) * (1 + math.cos(math.pi * progress)) / 2


def _progress(step: int, first: int, last: int) -> float:
    """0 at the first step, 1 at the last and ever after."""
    return 1.0 if step >= last > first else max(0, step - first) / max(1, last - first)
