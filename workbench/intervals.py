"""Means over poems with their intervals. The poem is the unit: candidates of one poem depend on one another.

    interval = mean ± t · s / √n        t: 97.5 % point of Student's t with n - 1 degrees of freedom

At 6 to 20 poems this holds the truth in 93 to 96 of 100 samples of normal, paired or clustered figures, where the
bootstrap of percentiles, used before, held it in 82 to 93 (`python -m bench.intervals`). Of skewed figures it holds it
in 88 to 92, of very skewed ones in 82 to 87; differences poem by poem are seldom skewed. It says how much a mean
depends on which poems were held out, not how much another seed would change it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import fmean, stdev

FEWEST_POEMS = 6  # of five poems all have the same sign by chance in 2 / 2^5 = 6 % of cases: no 95 % claim from those


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A figure with its 95 % interval, or without one.

    The rule: no interval from fewer than `FEWEST_POEMS` poems, and none where all of them have the same value, for then
    nothing says how much others would differ. Nothing measured is no estimate at all: None, never a zero.
    """

    value: float
    low: float | None  # both ends or neither
    high: float | None
    n: int  # poems that have a value; at least 1

    @property
    def excludes_zero(self) -> bool:
        """Whether the whole interval lies on one side of zero, and there are poems enough to say so."""
        if self.low is None or self.high is None:  # of six or more: all have the same value
            return self.n >= FEWEST_POEMS and self.value != 0
        return self.low > 0 or self.high < 0

    @property
    def reach(self) -> tuple[float, float]:
        """How far the interval reaches below and above the figure, for charts; 0 where there is none."""
        low, high = (self.value if end is None else end for end in (self.low, self.high))
        return self.value - low, high - self.value


SHARE = (0.0, 1.0)  # what the mean of shares cannot leave


def mean_of(per_poem: Sequence[float | None], *, within: tuple[float, float] | None = None) -> Estimate | None:
    """Mean over poems with its interval; poems without a value are left out, and of none there is no mean.

    Args:
        per_poem: a value for each poem, None where there is none.
        within: what no mean can leave, such as 0 and 100 for percentages; the interval ends there.

    >>> mean_of([1.0, 3.0, None])
    Estimate(value=2.0, low=None, high=None, n=2)
    >>> shown(mean_of([1.0, 2.0, 3.0, 4.0, 5.0, 6.0]), places=1), mean_of([None])
    ('3.5 [1.5, 5.5]', None)
    """
    values = [float(value) for value in per_poem if value is not None]
    if not values:
        return None
    mean, n = fmean(values), len(values)
    if n < FEWEST_POEMS or min(values) == max(values):
        return Estimate(value=mean, low=None, high=None, n=n)
    half = _t(n) * stdev(values) / math.sqrt(n)
    low, high = within or (-math.inf, math.inf)
    return Estimate(value=mean, low=max(mean - half, low), high=min(mean + half, high), n=n)


def difference_of(ours: Sequence[float | None], theirs: Sequence[float | None]) -> Estimate | None:
    """Mean of ours minus theirs, poem by poem; poems that miss either value are left out.

    >>> difference_of([3.0, 2.0], [1.0, None])
    Estimate(value=2.0, low=None, high=None, n=1)
    """
    pairs = zip(ours, theirs, strict=True)
    return mean_of([None if a is None or b is None else a - b for a, b in pairs])


class Outcome(StrEnum):
    """What a difference says."""

    NOT_MEASURED = "not measured"
    TOO_FEW = "too few poems to tell"
    NONE = "no measurable difference"
    BETTER = "better"
    WORSE = "worse"


def outcome(difference: Estimate | None, *, lower_is_better: bool = False) -> Outcome:
    """What a difference says: the one rule behind every sentence about one.

    >>> outcome(difference_of([0.5] * 6, [0.2] * 6)).value, outcome(difference_of([0.5], [0.2])).value
    ('better', 'too few poems to tell')
    """
    if difference is None:
        return Outcome.NOT_MEASURED
    if difference.n < FEWEST_POEMS:
        return Outcome.TOO_FEW
    if not difference.excludes_zero:
        return Outcome.NONE
    return Outcome.BETTER if (difference.value < 0) == lower_is_better else Outcome.WORSE


def few(estimate: Estimate) -> str:
    """That a difference is of too few poems, and how many are needed.

    >>> few(mean_of([1.0]))
    'too few poems to tell (1; 6 are needed)'
    """
    return f"{Outcome.TOO_FEW} ({estimate.n}; {FEWEST_POEMS} are needed)"


def shown(estimate: Estimate | None, *, places: int = 3, sign: bool = False) -> str:
    """An estimate for people: with its interval where there is one, – where nothing was measured.

    >>> shown(Estimate(value=0.25, low=-0.5, high=1.0, n=8), places=2, sign=True), shown(None)
    ('+0.25 [-0.50, +1.00]', '–')
    """
    if estimate is None:
        return "–"
    style = f"{'+' if sign else ''}.{places}f"
    if estimate.low is None or estimate.high is None:
        return f"{estimate.value:{style}}"
    return f"{estimate.value:{style}} [{estimate.low:{style}}, {estimate.high:{style}}]"


def _t(n: int) -> float:
    from scipy.stats import t  # here: it takes a second, and few commands need it

    return float(t.ppf(0.975, n - 1))
