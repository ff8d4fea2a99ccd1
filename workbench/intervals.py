"""Bootstrap intervals over poems. The poem is the unit: candidates of one poem are not independent of one another.

Percentile bootstrap: poems are drawn with replacement, the mean is taken again, the middle 95 % of those means is the
interval. It says how much the mean depends on which poems were held out, not how much another seed would change it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

RESAMPLES = 4000
FEWEST_POEMS = 6  # of five poems all have the same sign by chance in 2 / 2^5 = 6 % of cases: no 95 % claim from those


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A mean with its 95 % interval."""

    value: float
    low: float
    high: float
    n: int

    @property
    def excludes_zero(self) -> bool:
        """Whether the whole interval lies on one side of zero, and there are poems enough to say so."""
        return self.n >= FEWEST_POEMS and (self.low > 0 or self.high < 0)


def bootstrap_mean(per_poem: Sequence[float | None], *, seed: int = 0) -> Estimate:
    """Mean over poems and its interval; poems without a value are left out.

    >>> bootstrap_mean([1.0, 1.0, None, 1.0])
    Estimate(value=1.0, low=1.0, high=1.0, n=3)
    """
    values = np.array([value for value in per_poem if value is not None], dtype=np.float64)
    if not len(values):
        return Estimate(value=0.0, low=0.0, high=0.0, n=0)
    draws = np.random.default_rng(seed).integers(0, len(values), size=(RESAMPLES, len(values)))
    low, high = np.percentile(values[draws].mean(axis=1), [2.5, 97.5])
    return Estimate(value=float(values.mean()), low=float(low), high=float(high), n=len(values))


def bootstrap_difference(ours: Sequence[float | None], theirs: Sequence[float | None], *, seed: int = 0) -> Estimate:
    """Mean of ours minus theirs, poem by poem; poems that miss either value are left out.

    >>> bootstrap_difference([3.0, 2.0], [1.0, None]).value
    2.0
    """
    pairs = zip(ours, theirs, strict=True)
    return bootstrap_mean([None if a is None or b is None else a - b for a, b in pairs], seed=seed)
