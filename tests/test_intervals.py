"""Bootstrap intervals over poems."""

import math
import statistics
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.intervals import FEWEST_POEMS, Estimate, bootstrap_difference, bootstrap_mean

_values = st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6)), max_size=30)


@given(values=_values)
def test_the_mean_is_that_of_the_poems_that_have_a_value(values):
    there = [value for value in values if value is not None]
    estimate = bootstrap_mean(values)
    assert estimate.n == len(there)
    if there:
        assert estimate.value == pytest.approx(statistics.fmean(there), abs=1e-6)
        slack = 1e-6
        assert min(there) - slack <= estimate.low <= estimate.high <= max(there) + slack


def test_the_same_seed_gives_the_same_interval():
    values = [Random(1).gauss() for _ in range(20)]  # noqa: S311 - figures, not secrets
    assert bootstrap_mean(values, seed=3) == bootstrap_mean(values, seed=3)


def test_the_interval_is_as_wide_as_the_normal_theory_says():
    chance = Random(5)  # noqa: S311 - figures, not secrets
    values = [chance.gauss(2.0, 1.0) for _ in range(400)]
    estimate = bootstrap_mean(values)
    width = 2 * 1.96 * statistics.pstdev(values) / math.sqrt(len(values))
    assert estimate.high - estimate.low == pytest.approx(width, rel=0.06)


def test_about_95_of_100_intervals_hold_the_truth():
    chance = Random(11)  # noqa: S311 - figures, not secrets
    estimates = [bootstrap_mean([chance.gauss(1.0, 1.0) for _ in range(40)], seed=i) for i in range(200)]
    n_right = sum(estimate.low <= 1.0 <= estimate.high for estimate in estimates)
    assert 178 <= n_right <= 199  # percentile intervals over 40 poems are a little narrow: 93 % expected


def test_a_difference_is_taken_poem_by_poem():
    ours, theirs = [3.0, None, 5.0, 9.0], [1.0, 2.0, None, 8.0]
    estimate = bootstrap_difference(ours, theirs)
    assert (estimate.value, estimate.n) == (1.5, 2)
    with pytest.raises(ValueError, match="zip"):
        bootstrap_difference([1.0], [])


def test_poems_that_vary_alike_leave_a_narrow_difference():
    chance = Random(2)  # noqa: S311 - figures, not secrets
    theirs = [chance.gauss(0, 5) for _ in range(30)]
    ours = [value + 0.1 for value in theirs]
    assert bootstrap_difference(ours, theirs).excludes_zero
    assert not bootstrap_mean(ours).excludes_zero


@pytest.mark.parametrize("n", range(9))
def test_a_handful_of_poems_proves_nothing(n):
    assert bootstrap_mean([1.0] * n).excludes_zero == (n >= FEWEST_POEMS)


def test_an_interval_that_touches_zero_does_not_exclude_it():
    assert not Estimate(value=0.1, low=0.0, high=0.2, n=50).excludes_zero
    assert not Estimate(value=0.1, low=-0.1, high=0.2, n=50).excludes_zero
    assert Estimate(value=-0.1, low=-0.2, high=-0.01, n=50).excludes_zero
