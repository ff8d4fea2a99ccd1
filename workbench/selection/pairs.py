"""Preference pairs: for each winner (chosen) another candidate of its poem (rejected), and the weights of their losses.

    loss   = −log σ(β · margin)      margin = [nll(rejected) − nll₀(rejected)] − [nll(chosen) − nll₀(chosen)]
    ∂loss  = c · ∂nll(chosen) − c · ∂nll(rejected)      c = β · σ(−β · margin)

Rejected is what a person rejected, else what the rule ranks last of those that do not copy: a pair with a copy would
only teach not to copy. nll₀ is the loss under the base weights, in nats summed over each target's tokens. The gradient
is that of a weighted sum of plain losses, so a learner that takes a weight for each sequence can train on it. Pure.

Source: direct preference optimisation (Rafailov et al. 2023).
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from workbench.selection.select import RULES, Contender, SelectionSettings
from workbench.selection.verdicts import newest_verdicts
from workbench.types import Candidate, Choice, ScoredCandidate, Verdict, seed_for


def choose_rejected(
    contenders: Sequence[Contender],
    winners: Sequence[Choice],
    settings: SelectionSettings,
    *,
    verdicts: Sequence[Verdict] = (),
    seed: int = 0,
) -> dict[str, Candidate]:
    """The candidate that each winner is set against, by the winner's id; a winner that is alone is left out.

    Args:
        contenders: candidates of the winners' poems and iterations.
        winners: of one arm. `random` draws, `bottom` turns the rule round, `plain` takes the highest loss.
        settings: the rule.
        verdicts: what people said; of what they rejected, `top` and `shuffled` take first.
        seed: for the arm that draws.
    """
    taken = {choice.candidate_id for choice in winners}
    by_people = {id_ for id_, verdict in newest_verdicts(verdicts).items() if verdict.verdict == "reject"}
    free = [c for c in contenders if c.candidate.id not in taken and _may_be_rejected(c, settings)]
    found = {}
    for choice in winners:
        group = [c for c in free if (c.candidate.poem_id, c.candidate.iteration) == (choice.poem_id, choice.iteration)]
        if group:
            draw = Random(seed_for(seed, "loser", choice.poem_id, str(choice.iteration)))  # noqa: S311 - no secret
            found[choice.id] = _rejected(group, choice.arm, RULES[settings.rule], by_people, draw).candidate
    return found


def _may_be_rejected(contender: Contender, settings: SelectionSettings) -> bool:
    score = contender.score
    is_scored = not score.unscored and math.isfinite(RULES[settings.rule](score))
    return is_scored and not score.is_leak and bool(contender.candidate.text.strip())


def _rejected(
    group: Sequence[Contender], arm: str, value: Callable[[ScoredCandidate], float], by_people: set[str], draw: Random
) -> Contender:
    ordered = sorted(group, key=lambda c: (value(c.score), c.candidate.id))
    if arm == "random":
        return draw.choice(ordered)
    if arm == "bottom":
        return ordered[-1]
    if arm == "plain":
        return max(ordered, key=lambda c: (c.score.nll_nats, c.candidate.id))
    return next((c for c in ordered if c.candidate.id in by_people), ordered[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class PairLoss:
    """Losses of one pair under the present weights and under the base, in nats."""

    chosen: float
    rejected: float
    base_chosen: float
    base_rejected: float

    @property
    def margin(self) -> float:
        """How much more than the base the weights prefer the chosen answer."""
        return (self.rejected - self.base_rejected) - (self.chosen - self.base_chosen)


def pair_weights(pairs: Sequence[PairLoss], *, beta: float = 0.1) -> list[tuple[float, float]]:
    """Weights of (chosen, rejected) of each pair; they are equal and opposite, and fade as the pair is learnt.

    >>> pair_weights([PairLoss(chosen=5.0, rejected=7.0, base_chosen=5.0, base_rejected=7.0)], beta=0.2)
    [(0.1, -0.1)]
    """
    weights = [beta * _sigmoid(-beta * pair.margin) for pair in pairs]
    return [(weight, -weight) for weight in weights]


def _sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-value)) if value >= 0 else math.exp(value) / (1 + math.exp(value))
