"""Pairing: for preference pairs each winner is set against a loser of its poem.

The loser is what a person rejected, else what the rule ranks last of those that do not copy: a pair that copies would
only teach not to copy. Pairs that are `alike` take, of the worse half, the one nearest in length: what a winner owes to
its length alone is then no reason to write longer, and longer texts copy more. Knows no model: pure values.
"""

import math
from collections.abc import Callable, Sequence
from random import Random

from workbench.selection import RULES, Contender, SelectionSettings
from workbench.types import Candidate, Choice, ScoredCandidate, Verdict, seed_for
from workbench.verdicts import newest_verdicts


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
    length = {c.candidate.id: c.score.n_words for c in contenders}
    losers = {}
    for choice in winners:
        group = [c for c in free if (c.candidate.poem_id, c.candidate.iteration) == (choice.poem_id, choice.iteration)]
        if group:
            draw = Random(seed_for(seed, "loser", choice.poem_id, str(choice.iteration)))  # noqa: S311 - no secret
            worst = _ranked(group, choice.arm, RULES[settings.rule], rejected, draw)
            losers[choice.id] = (_nearest(worst, length[choice.candidate_id]) if settings.alike else worst[0]).candidate
    return losers


def _may_lose(contender: Contender, settings: SelectionSettings) -> bool:
    score = contender.score
    is_scored = not score.unscored and math.isfinite(RULES[settings.rule](score))
    return is_scored and not score.is_leak and bool(contender.candidate.text.strip())


def _ranked(
    group: Sequence[Contender], arm: str, value: Callable[[ScoredCandidate], float], rejected: set[str], draw: Random
) -> list[Contender]:
    """The worst first, as the arm sees it."""
    ordered = sorted(group, key=lambda c: (value(c.score), c.candidate.id))
    if arm == "random":
        return draw.sample(ordered, len(ordered))
    if arm == "bottom":
        return ordered[::-1]
    if arm == "plain":
        return sorted(ordered, key=lambda c: (c.score.nll_nats, c.candidate.id), reverse=True)
    return [c for c in ordered if c.candidate.id in rejected] or ordered


def _nearest(worst: Sequence[Contender], n_words: int) -> Contender:
    """Of the first half the one nearest in length."""
    half = worst[: math.ceil(len(worst) / 2)]
    return min(half, key=lambda c: abs(math.log(max(c.score.n_words, 1) / max(n_words, 1))))
