"""Means over poems with their intervals."""

import math
import statistics
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.intervals import FEWEST_POEMS, Estimate, difference_of, mean_of, shown

_values = st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6)), max_size=30)


def _draws(seed: int, n: int, mean: float = 0.0) -> list[float]:
    chance = Random(seed)  # noqa: S311 - figures, not secrets
    return [chance.gauss(mean, 1.0) for _ in range(n)]


@given(values=_values)
def test_the_mean_is_that_of_the_poems_that_have_a_value(values):
    there = [value for value in values if value is not None]
    estimate = mean_of(values)
    assert (estimate.n if estimate else 0) == len(there)
    if estimate:
        assert estimate.value == pytest.approx(statistics.fmean(there), abs=1e-6)


def test_of_nothing_there_is_no_mean():
    assert mean_of([]) is None
    assert mean_of([None, None]) is None
    assert difference_of([1.0, None], [None, 1.0]) is None


@pytest.mark.parametrize("n", range(1, 10))
def test_a_handful_of_poems_has_no_interval(n):
    estimate = mean_of([float(value) for value in range(n)])
    assert (estimate.low is not None, estimate.high is not None) == ((n >= FEWEST_POEMS,) * 2)


def test_the_interval_is_that_of_a_second_implementation():
    from scipy.stats import ttest_1samp

    values = _draws(3, 11)
    known = ttest_1samp(values, 0.0).confidence_interval(0.95)
    estimate = mean_of(values)
    assert (estimate.low, estimate.high) == pytest.approx((known.low, known.high))


def test_a_known_interval():
    # 1 … 6: mean 3.5, s = √3.5, t(5) = 2.5706
    half = 2.570582 * math.sqrt(3.5) / math.sqrt(6)
    estimate = mean_of([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    assert (estimate.low, estimate.high) == pytest.approx((3.5 - half, 3.5 + half), abs=1e-5)


@pytest.mark.parametrize("n", [6, 8, 20])
def test_95_of_100_intervals_hold_the_truth(n):
    estimates = [mean_of(_draws(seed * 100 + n, n, mean=1.0)) for seed in range(1000)]
    n_right = sum(estimate.low <= 1.0 <= estimate.high for estimate in estimates)
    assert 935 <= n_right <= 965  # 95 % ± two standard errors; the bootstrap before had 853 of 6 poems


def test_the_interval_of_percentages_ends_at_100_and_at_0():
    most = [100.0] * 9 + [80.0]
    assert mean_of(most).high > 100
    assert (mean_of(most, within=(0, 100)).low, mean_of(most, within=(0, 100)).high) == (mean_of(most).low, 100)
    few = [0.0] * 9 + [20.0]
    assert (mean_of(few, within=(0, 100)).low, mean_of(few, within=(0, 100)).high) == (0, mean_of(few).high)


def test_a_difference_is_taken_poem_by_poem():
    ours, theirs = [3.0, None, 5.0, 9.0], [1.0, 2.0, None, 8.0]
    estimate = difference_of(ours, theirs)
    assert (estimate.value, estimate.n) == (1.5, 2)
    with pytest.raises(ValueError, match="zip"):
        difference_of([1.0], [])


def test_poems_that_vary_alike_leave_a_narrow_difference():
    theirs = [5 * value for value in _draws(2, 30)]
    ours = [value + 0.1 + noise / 100 for value, noise in zip(theirs, _draws(4, 30), strict=True)]
    assert difference_of(ours, theirs).excludes_zero
    assert not mean_of(ours).excludes_zero


@pytest.mark.parametrize("n", range(1, 9))
def test_poems_that_all_say_the_same_need_no_interval_to_exclude_zero(n):
    estimate = mean_of([1.0] * n)
    assert (estimate.low, estimate.excludes_zero) == (None, n >= FEWEST_POEMS)
    assert not mean_of([0.0] * n).excludes_zero


def test_an_interval_that_touches_zero_does_not_exclude_it():
    assert not Estimate(value=0.1, low=0.0, high=0.2, n=50).excludes_zero
    assert not Estimate(value=0.1, low=-0.1, high=0.2, n=50).excludes_zero
    assert Estimate(value=-0.1, low=-0.2, high=-0.01, n=50).excludes_zero


def test_what_was_not_measured_is_no_zero():
    assert shown(None) == "–"
    assert shown(mean_of([0.0, 0.25])) == "0.125"
    assert shown(mean_of([0.0] * 20), sign=True) == "+0.000"


def test_a_chart_draws_no_bar_where_there_is_no_interval():
    assert mean_of([1.0, 2.0]).reach == (0.0, 0.0)
    below, above = mean_of([1.0, 2.0, 3.0, 4.0, 5.0, 6.0]).reach
    assert below == pytest.approx(above)
    assert below > 0
