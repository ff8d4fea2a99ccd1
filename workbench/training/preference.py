"""Preference pairs: a winner against a loser of the same poem, as weights on their losses.

    loss   = −log σ(β · margin)      margin = [nll(loser) − nll₀(loser)] − [nll(winner) − nll₀(winner)]
    ∂loss  = c · ∂nll(winner) − c · ∂nll(loser)      c = β · σ(−β · margin)

nll₀ is the loss under the base weights. The gradient is that of a weighted sum of plain losses, so a learner that takes
a weight for each sequence can train on it. Pure arithmetic, in nats summed over each target's tokens.

Source: direct preference optimisation (Rafailov et al. 2023).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PairLoss:
    """Losses of one pair under the present weights and under the base, in nats."""

    winner: float
    loser: float
    base_winner: float
    base_loser: float

    @property
    def margin(self) -> float:
        """How much more than the base the weights prefer the winner."""
        return (self.loser - self.base_loser) - (self.winner - self.base_winner)


def pair_weights(pairs: Sequence[PairLoss], *, beta: float = 0.1) -> list[tuple[float, float]]:
    """Weights of (winner, loser) of each pair; they are equal and opposite, and fade as the pair is learnt.

    >>> pair_weights([PairLoss(winner=5.0, loser=7.0, base_winner=5.0, base_loser=7.0)], beta=0.2)
    [(0.1, -0.1)]
    """
    weights = [beta * _sigmoid(-beta * pair.margin) for pair in pairs]
    return [(weight, -weight) for weight in weights]


def pair_loss(pair: PairLoss, *, beta: float = 0.1) -> float:
    """The loss itself; log 2 where nothing has been learnt yet."""
    return -math.log(_sigmoid(beta * pair.margin))


def _sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-value)) if value >= 0 else math.exp(value) / (1 + math.exp(value))
