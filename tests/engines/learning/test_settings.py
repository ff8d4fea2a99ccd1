"""The learning rate of every step."""

import math
from itertools import pairwise

import pytest

from workbench.engines.learning.settings import learning_rate
from workbench.errors import ConfigError


def test_linear_begins_and_ends_where_it_says() -> None:
    assert (learning_rate(1, 40), learning_rate(40, 40)) == (1e-4, 5e-5)


def test_linear_goes_in_equal_steps() -> None:
    rates = [learning_rate(step, 6) for step in range(1, 7)]
    assert [round(a - b, 12) for a, b in pairwise(rates)] == [1e-5] * 5


@pytest.mark.parametrize("schedule", ["linear", "cosine"])
def test_a_step_past_the_end_keeps_the_last_rate(schedule: str) -> None:
    at_end = learning_rate(10, 10, schedule=schedule)  # type: ignore[arg-type]  # parametrised
    assert learning_rate(99, 10, schedule=schedule) == at_end == 5e-5  # type: ignore[arg-type]  # parametrised


def test_cosine_warms_up_in_equal_steps() -> None:
    rates = [learning_rate(step, 10, schedule="cosine", start=1.0, end=0.0, warmup_share=0.3) for step in (1, 2, 3)]
    assert rates == pytest.approx([1 / 3, 2 / 3, 1.0])


def test_cosine_is_half_way_in_the_middle() -> None:
    assert learning_rate(6, 11, schedule="cosine", start=1.0, end=0.0) == pytest.approx((1 + math.cos(math.pi / 2)) / 2)


def test_a_single_step_is_the_last() -> None:
    assert learning_rate(1, 1) == 1e-4


@pytest.mark.parametrize(("step", "total"), [(0, 5), (1, 0), (-1, 5)])
def test_steps_count_from_one(step: int, total: int) -> None:
    with pytest.raises(ConfigError, match="count from 1"):
        learning_rate(step, total)
