"""Preference pairs: the weights are the gradient of the pair's loss."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.training.preference import PairLoss, pair_loss, pair_weights

NATS = st.floats(0, 300)


def test_before_training_the_loss_is_log_two() -> None:
    pair = PairLoss(winner=80.0, loser=60.0, base_winner=80.0, base_loser=60.0)
    assert pair_loss(pair) == pytest.approx(math.log(2))


@given(NATS, NATS, NATS, NATS)
def test_the_weights_are_the_slope_of_the_loss(winner: float, loser: float, base_w: float, base_l: float) -> None:
    pair = PairLoss(winner=winner, loser=loser, base_winner=base_w, base_loser=base_l)
    step = 1e-4
    slope_winner = (pair_loss(replace(pair, winner=winner + step)) - pair_loss(pair)) / step
    slope_loser = (pair_loss(replace(pair, loser=loser + step)) - pair_loss(pair)) / step
    ((for_winner, for_loser),) = pair_weights([pair])
    assert for_winner == pytest.approx(slope_winner, abs=1e-4)
    assert for_loser == pytest.approx(slope_loser, abs=1e-4)


def test_a_pair_that_is_learnt_fades() -> None:
    new, learnt = (PairLoss(winner=w, loser=90.0, base_winner=80.0, base_loser=90.0) for w in (80.0, 20.0))
    assert pair_weights([learnt])[0][0] < 0.1 * pair_weights([new])[0][0]
