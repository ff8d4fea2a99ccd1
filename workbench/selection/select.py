"""Selection: scores and human verdicts become winners; `examples.py` makes training examples of them.

    1. what a person rejected, what failed, what could not be scored and what copies the poem is out
    2. what does not gain more than `min_gain` is out: guarded gain and specificity both, in nats per token, so that a
       description of another poem cannot win by being the only one left
    3. the rest is ranked by `rule`; differences inside the noise floor are ties, and of ties the shorter wins
    4. what a person approved or edited goes before everything else
    5. the top K of a poem are its winners

The rule `loss` is the published one and all of it: what was scored is ranked by its loss, lowest first. Copies win.
The rule `random` draws: a loop that learns from random choices in every round is the control of several rounds.

Control arms see the same candidates and take the same number per poem, so that they train on the same poems at equal
tokens; only the choice differs. Knows no model: pure values.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Annotated, Literal

from annotated_types import Ge, Le

from workbench.selection.verdicts import newest_verdicts
from workbench.types import (
    Candidate,
    Choice,
    ScoredCandidate,
    Verdict,
    content_id,
    seed_for,
)

Rule = Literal["specificity", "contrast", "guarded_gain", "gain", "loss", "random"]
Loser = Literal["low", "two sigma", "copy"]
Nats = Annotated[float, Ge(-1000), Le(1000)]
Arm = Literal["top", "random", "bottom", "plain", "shuffled"]

ARMS: dict[str, str] = {
    "top": "the rule above: guarded, ranked, the best K",
    "random": "K at random among the candidates that `top` could have taken: same guard, no ranking",
    "bottom": "the K that the rule ranks last",
    "plain": "the published rule: lowest loss, no guard",
    "shuffled": "the winners of `top`, each given to another poem: no information about the poem",
}

RULES: dict[str, Callable[[ScoredCandidate], float]] = {
    "specificity": lambda score: score.specificity,
    "contrast": lambda score: score.contrast,
    "guarded_gain": lambda score: score.guarded_gain,
    "gain": lambda score: score.gain,
    "loss": lambda score: -score.nll_nats / score.n_tokens if score.n_tokens else -math.inf,
    "random": lambda score: Random(seed_for(0, "rule", score.candidate_id)).random(),  # noqa: S311 - no secret
}
UNGUARDED = "loss"  # the published rule: lowest loss; no guard, no threshold, no ties
_NO_TIES = (UNGUARDED, "random")


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectionSettings:
    """Who wins."""

    top_k: Annotated[int, Ge(1), Le(64)] = 2
    rule: Rule = "specificity"  # loss = as published, without guards; random = a control
    min_gain: Annotated[float, Ge(-1000), Le(1000)] = (
        0.015  # nats per token; a description has to help this poem by more than the noise
    )
    run_cost: Annotated[Nats, Ge(0)] = 0.0  # per token, for each copied run, beside what it does not earn
    loser: Loser = "low"  # of a pair: one of the lowest third, one near mean − 2σ, or for every second pair a copy
    noise_floor: Annotated[Nats, Ge(0)] = 0.015  # per token; what bf16 batching alone can change
    max_per_poem: Annotated[int, Ge(1), Le(10_000)] = 8  # winners of one poem kept over all iterations, when pooled


def worth(score: ScoredCandidate, settings: SelectionSettings) -> float:
    """What the rule makes of a score, nats per token; higher is better. As published, runs cost nothing."""
    cost = 0.0 if settings.rule == UNGUARDED else settings.run_cost * len(score.copied_spans)
    return RULES[settings.rule](score) - cost


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """A candidate with its score."""

    candidate: Candidate
    score: ScoredCandidate


def pair_up(candidates: Sequence[Candidate], scores: Sequence[ScoredCandidate]) -> list[Contender]:
    """Candidates with their scores, in the order of the candidates; those without a score are left out."""
    by_id = {score.candidate_id: score for score in scores}
    return [Contender(candidate=c, score=by_id[c.id]) for c in candidates if c.id in by_id]


def select_winners(
    contenders: Sequence[Contender],
    settings: SelectionSettings,
    *,
    verdicts: Sequence[Verdict] = (),
    arm: str = "top",
    seed: int = 0,
) -> list[Choice]:
    """One choice a contender, winners or not, with the reason.

    Args:
        contenders: candidates of any number of poems and of one iteration or more.
        settings: the rule.
        verdicts: what people said; the newest of each candidate counts.
        arm: which arm chooses (see ARMS).
        seed: for the arms that draw.

    Returns:
        C choices, grouped by poem, the best first.
    """
    newest = newest_verdicts(verdicts)
    groups: dict[str, list[Contender]] = {}
    for contender in contenders:
        groups.setdefault(contender.candidate.poem_id, []).append(contender)
    chosen = {poem_id: _top(group, settings, newest) for poem_id, group in groups.items()}
    if arm == "top":
        return [choice for choices in chosen.values() for choice in choices]
    if arm == "shuffled":
        return _shuffled(chosen, seed)
    return [
        choice
        for poem_id, group in groups.items()
        for choice in _control(arm, group, chosen[poem_id], newest=newest, seed=seed_for(seed, arm, poem_id))
    ]


def _top(group: Sequence[Contender], settings: SelectionSettings, newest: dict[str, Verdict]) -> list[Choice]:
    out = {c.candidate.id: why for c in group if (why := _why_out(c, settings, newest.get(c.candidate.id)))}
    rest = [c for c in group if c.candidate.id not in out]
    favoured = [c for c in rest if c.candidate.id in newest]  # approved or edited; rejected ones are out already
    ranked = rank(favoured, settings) + rank([c for c in rest if c.candidate.id not in newest], settings)
    choices = []
    for place, contender in enumerate(ranked, start=1):
        verdict = newest.get(contender.candidate.id)
        why = f"{verdict.verdict} by a person" if verdict else f"rank {place} of {len(ranked)} by {settings.rule}"
        choices.append(_choice(contender, "top", place, is_winner=place <= settings.top_k, why=why, verdict=verdict))
    losers = [_choice(c, "top", 0, is_winner=False, why=out[c.candidate.id]) for c in group if c.candidate.id in out]
    return choices + losers


def _why_out(contender: Contender, settings: SelectionSettings, verdict: Verdict | None) -> str:
    score = contender.score
    if verdict and verdict.verdict == "reject":
        return "rejected by a person"
    if not _description(contender.candidate, verdict).strip():
        return f"no description: {contender.candidate.failure or 'empty'}"
    if verdict:
        return ""
    if score.unscored or not math.isfinite(worth(score, settings)):
        return f"not scored: {score.unscored or 'not_finite'}"
    if settings.rule == UNGUARDED:
        return ""
    if score.is_leak:
        return _what_it_gives(score)
    if not score.n_guarded:
        return "contains every word of the poem"
    if score.guarded_gain <= settings.min_gain:
        return f"gains {score.guarded_gain:+.3f} nats per token, not more than {settings.min_gain}"
    if score.specificity <= settings.min_gain:
        return f"helps other poems as much: specificity {score.specificity:+.3f}, not more than {settings.min_gain}"
    return ""


def _what_it_gives(score: ScoredCandidate) -> str:
    if score.says:
        return f"says the {score.says} of the poem, which is to be inferred"
    return f"copies the poem: {score.longest_run_words} words in a row, {score.ngram_share:.1%} of its 4-grams"


def rank(contenders: Sequence[Contender], settings: SelectionSettings) -> list[Contender]:
    """Best first. Values within the noise floor of the best of their group are ties; shorter descriptions win ties."""
    noise_floor = 0.0 if settings.rule in _NO_TIES else settings.noise_floor
    pending = sorted(contenders, key=lambda c: (-worth(c.score, settings), c.candidate.id))
    ranked: list[Contender] = []
    while pending:
        best = worth(pending[0].score, settings)
        ties = [c for c in pending if best - worth(c.score, settings) <= noise_floor]
        ranked += sorted(ties, key=lambda c: (c.score.n_words, c.candidate.id))
        pending = pending[len(ties) :]
    return ranked


def _control(
    arm: str, group: Sequence[Contender], top: Sequence[Choice], *, newest: dict[str, Verdict], seed: int
) -> list[Choice]:
    """The same number of winners as `top`, chosen in another way; what a person edited is edited here too."""
    n_winners = sum(choice.is_winner for choice in top)
    eligible = {choice.candidate_id for choice in top if choice.rank}
    if arm == "plain":
        order = sorted((c for c in group if not c.score.unscored), key=lambda c: (c.score.nll_nats, c.candidate.id))
    elif arm == "bottom":
        place = {choice.candidate_id: choice.rank for choice in top}
        order = sorted((c for c in group if c.candidate.id in eligible), key=lambda c: -place[c.candidate.id])
    else:
        order = sorted((c for c in group if c.candidate.id in eligible), key=lambda c: c.candidate.id)
        Random(seed).shuffle(order)  # noqa: S311 - a control arm, not a secret
    winners = {c.candidate.id: place for place, c in enumerate(order[:n_winners], start=1)}
    return [
        _choice(
            c, arm, winners.get(c.candidate.id, 0), is_winner=c.candidate.id in winners, why=ARMS[arm],
            verdict=newest.get(c.candidate.id) if arm != "plain" else None,
        )
        for c in group
    ]  # fmt: skip


def _shuffled(chosen: dict[str, list[Choice]], seed: int) -> list[Choice]:
    """Each poem gets the winning descriptions of the next poem in a random circle; a poem alone gets none."""
    circle = sorted(poem_id for poem_id, choices in chosen.items() if any(choice.is_winner for choice in choices))
    if len(circle) < 2:
        return []
    Random(seed_for(seed, "shuffled")).shuffle(circle)  # noqa: S311 - a control arm, not a secret
    given = []
    for poem_id, donor in zip(circle, circle[1:] + circle[:1], strict=True):
        donated = [choice for choice in chosen[donor] if choice.is_winner]
        own = [choice for choice in chosen[poem_id] if choice.is_winner]
        for place, choice in enumerate(own):
            gift = donated[place % len(donated)]
            given.append(replace(
                choice, id=content_id("choice", "shuffled", choice.candidate_id, poem_id, str(place)), arm="shuffled",
                why=ARMS["shuffled"], candidate_id=gift.candidate_id, description=gift.description,
            ))  # fmt: skip
    return given


def _choice(
    contender: Contender, arm: str, place: int, *, is_winner: bool, why: str, verdict: Verdict | None = None
) -> Choice:
    candidate = contender.candidate
    text = _description(candidate, verdict)
    return Choice(
        id=content_id("choice", arm, candidate.id, str(contender.score.scorer), text, why),
        candidate_id=candidate.id,
        poem_id=candidate.poem_id,
        iteration=candidate.iteration,
        arm=arm,
        rank=place,
        is_winner=is_winner,
        why=why,
        description=text,
    )


def _description(candidate: Candidate, verdict: Verdict | None) -> str:
    return verdict.edited_text if verdict and verdict.verdict == "edit" else candidate.text
