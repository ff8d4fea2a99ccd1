"""Pairing: for preference pairs each winner is set against a loser of its poem.

The loser is what a person rejected, else what the rule ranks last of those that do not copy: a pair that copies would
only teach not to copy. Knows no model: pure values.
"""

import math
from collections.abc import Callable, Sequence
from random import Random

from workbench.selection.select import RULES, Contender, SelectionSettings
from workbench.selection.verdicts import newest_verdicts
from workbench.types import Candidate, Choice, ScoredCandidate, Verdict, seed_for


def choose_losers(
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
        winners: of one arm. `random` draws its losers, `bottom` turns the rule round, `plain` takes the highest loss.
        settings: the rule.
        verdicts: what people said; of what they rejected, `top` and `shuffled` take first.
        seed: for the arm that draws.
    """
    taken = {choice.candidate_id for choice in winners}
    rejected = {id_ for id_, verdict in newest_verdicts(verdicts).items() if verdict.verdict == "reject"}
    free = [c for c in contenders if c.candidate.id not in taken and _may_lose(c, settings)]
    losers = {}
    for choice in winners:
        group = [c for c in free if (c.candidate.poem_id, c.candidate.iteration) == (choice.poem_id, choice.iteration)]
        if group:
            draw = Random(seed_for(seed, "loser", choice.poem_id, str(choice.iteration)))  # noqa: S311 - no secret
            losers[choice.id] = _loser(group, choice.arm, RULES[settings.rule], rejected, draw).candidate
    return losers


def _may_lose(contender: Contender, settings: SelectionSettings) -> bool:
    score = contender.score
    is_scored = not score.unscored and math.isfinite(RULES[settings.rule](score))
    return is_scored and not score.is_leak and bool(contender.candidate.text.strip())


def _loser(
    group: Sequence[Contender], arm: str, value: Callable[[ScoredCandidate], float], rejected: set[str], draw: Random
) -> Contender:
    ordered = sorted(group, key=lambda c: (value(c.score), c.candidate.id))
    if arm == "random":
        return draw.choice(ordered)
    if arm == "bottom":
        return ordered[-1]
    if arm == "plain":
        return max(ordered, key=lambda c: (c.score.nll_nats, c.candidate.id))
    return next((c for c in ordered if c.candidate.id in rejected), ordered[0])
