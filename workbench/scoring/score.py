"""Scoring: how much a description helps the model to predict its poem, and how much of that is honest.

    nll(d)           negative loglikelihood of "Title: … Poem: …" given description d, in nats, summed over T tokens
    gain             [ nll(no description) - nll(d) ] / T
    guarded gain     the same, only over target tokens outside runs of words that the description shares
    specificity      guarded gain on its own poem - mean guarded gain on M other poems (rivals.py)
    contrast         the same, but minus their soft maximum: ranks as InfoNCE does (`ScoredCandidate.contrast`)
    picks its poem   guarded gain on its own poem > that on any of the M + J others; the share that does: identification

All of one comparison come from the same weights, the same dtype and the same template. Lower loss alone selects
plagiarists (leaks.py), and a description that helps every poem alike ("a poem in short lines") says nothing about this
one; specificity answers both. Nothing is hidden: raw sums, per-token losses and copied spans are kept.

Does not know who wrote a description or what selection will do with it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from workbench.engines.protocols import Cancelled, never
from workbench.errors import Stopped
from workbench.prompts.templates import poem_target
from workbench.scoring.leaks import LeakSettings, find_leak, said_outright
from workbench.scoring.likelihood import LikelihoodScorer, guarded_gain
from workbench.scoring.rivals import Rivals, rivals_of
from workbench.types import (
    Candidate,
    Leak,
    Poem,
    Reason,
    Score,
    ScoredCandidate,
    Unscored,
    content_id,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """A description and the poem it is tried on."""

    description: str
    poem: Poem


def score_candidates(
    likelihood: LikelihoodScorer,
    candidates: Sequence[Candidate],
    poems: Sequence[Poem],
    *,
    neighbours: Sequence[Poem] = (),
    cancelled: Cancelled = never,
) -> list[ScoredCandidate]:
    """Scores of usable candidates, in their order.

    Args:
        likelihood: scorer, prompts and settings.
        candidates: C candidates of any of the poems; those with a failure come back unscored.
        poems: the poems that the candidates describe.
        neighbours: where the M other poems are taken from; `poems` where empty.
        cancelled: asked between batches.

    Returns:
        C results. Losses in nats, summed over the tokens that the fields name.

    Raises:
        EngineError: the scorer failed.
        Stopped: `cancelled` said so; nothing is half-scored.
    """
    by_id = {poem.id: poem for poem in poems}
    candidates = [c if c.failure or c.text.strip() else replace(c, failure=Reason.EMPTY.value) for c in candidates]
    settings = likelihood.settings
    iteration = max((candidate.iteration for candidate in candidates), default=1)
    rivals = rivals_of(poems, neighbours or poems, m=settings.others, judges=settings.judges, kind=settings.rivals,
                       iteration=iteration)  # fmt: skip
    leaks = {c.id: _leak(c.text, by_id[c.poem_id], settings.leaks) for c in candidates}
    pairs = _pairs_to_score(candidates, by_id, rivals, leaks)
    scores = _score_pairs(likelihood, pairs, cancelled)
    return [_assemble(likelihood, candidate, by_id[candidate.poem_id], leaks[candidate.id], scores, rivals)
            for candidate in candidates]  # fmt: skip


def _leak(description: str, poem: Poem, settings: LeakSettings) -> Leak:
    leak = find_leak(description, poem_target(poem), settings)
    if leak.is_leak or not settings.guard_title:
        return leak
    said = said_outright(description, poem.title, poem.text)
    return replace(leak, is_leak=bool(said), says=said)


def score_pairs(
    likelihood: LikelihoodScorer, pairs: Sequence[tuple[str, Poem]], *, cancelled: Cancelled = never
) -> list[Score | Unscored]:
    """Plain scores of (description, poem) pairs, in order; "" is not a description. Equal pairs are scored once."""
    wanted = [_Pair(description=description, poem=poem) for description, poem in pairs]
    scores = _score_pairs(likelihood, wanted, cancelled)
    return [scores[_key(pair.description, pair.poem)] for pair in wanted]


def _key(description: str, poem: Poem) -> tuple[str, str]:
    return description, poem.id


def _pairs_to_score(
    candidates: Sequence[Candidate], by_id: dict[str, Poem], rivals: dict[str, Rivals], leaks: dict[str, Leak]
) -> list[_Pair]:
    pairs = []
    for candidate in candidates:
        if candidate.failure:
            continue
        poem = by_id[candidate.poem_id]
        # a leak is out before ranking: its own loss is kept for the record, other poems are not spent on it
        others = (*rivals[poem.id].choosing, *rivals[poem.id].judging) if not leaks[candidate.id].is_leak else ()
        for target in (poem, *others):
            pairs += [_Pair(description=candidate.text, poem=target), _Pair(description="", poem=target)]
    return pairs


def _score_pairs(
    likelihood: LikelihoodScorer, pairs: Sequence[_Pair], cancelled: Cancelled
) -> dict[tuple[str, str], Score | Unscored]:
    distinct = {_key(pair.description, pair.poem): pair for pair in pairs}
    rendered = [likelihood.render(pair.description, pair.poem) for pair in distinct.values()]
    results = likelihood.scorer.score(rendered, cancelled=cancelled)
    if cancelled():
        raise Stopped("stopped while scoring; the candidates are kept and scored on resume")
    return dict(zip(distinct, map(_checked, results), strict=True))


def _checked(score: Score | Unscored) -> Score | Unscored:
    """A loss that is not a number is not a score."""
    if isinstance(score, Unscored) or (score.nll_T and all(map(math.isfinite, score.nll_T))):
        return score
    return Unscored(reason=Reason.NOT_FINITE if score.nll_T else Reason.NO_TARGET)


def _assemble(
    likelihood: LikelihoodScorer,
    candidate: Candidate,
    poem: Poem,
    leak: Leak,
    scores: dict[tuple[str, str], Score | Unscored],
    rivals: dict[str, Rivals],
) -> ScoredCandidate:
    own = scores.get(_key(candidate.text, poem))
    baseline = scores.get(_key("", poem))
    if candidate.failure or not isinstance(own, Score) or not isinstance(baseline, Score):
        missing = next((s for s in (own, baseline) if isinstance(s, Unscored)), None)
        return _unscored(likelihood, candidate, candidate.failure or (missing.reason.value if missing else "engine"))
    gains_M, gains_J = (
        () if leak.is_leak else _gains_elsewhere(likelihood, candidate, others, scores)
        for others in (rivals[poem.id].choosing, rivals[poem.id].judging)
    )
    if rivals[poem.id].choosing and not gains_M and not leak.is_leak:  # nothing to compare with, so no specificity
        return _unscored(likelihood, candidate, Reason.NOT_FINITE.value)
    return replace(
        _measured(likelihood, candidate, poem, own, baseline),
        other_gain=math.fsum(gains_M) / len(gains_M) if gains_M else 0.0,
        n_others=len(gains_M),
        longest_run_words=leak.longest_run_words,
        ngram_share=leak.ngram_share,
        is_leak=leak.is_leak,
        copied_spans=leak.spans,
        gains_M=gains_M,
        gains_J=gains_J,
        says=leak.says,
    )


def _measured(
    likelihood: LikelihoodScorer, candidate: Candidate, poem: Poem, own: Score, baseline: Score
) -> ScoredCandidate:
    gain_nats, n_guarded = guarded_gain(likelihood, candidate.text, poem, own, baseline)
    return replace(
        _unscored(likelihood, candidate, ""),
        n_tokens=own.n_tokens,
        nll_nats=own.nll_nats,
        baseline_nats=baseline.nll_nats,
        n_guarded=n_guarded,
        guarded_gain_nats=gain_nats,
        nll_T=own.nll_T,
        baseline_T=baseline.nll_T,
    )


def _gains_elsewhere(
    likelihood: LikelihoodScorer,
    candidate: Candidate,
    others: Sequence[Poem],
    scores: dict[tuple[str, str], Score | Unscored],
) -> tuple[float, ...]:
    gains = []
    for other in others:
        own, baseline = scores[_key(candidate.text, other)], scores[_key("", other)]
        if isinstance(own, Score) and isinstance(baseline, Score):
            nats, n_tokens = guarded_gain(likelihood, candidate.text, other, own, baseline)
            gains.append(nats / n_tokens if n_tokens else 0.0)
    return tuple(gains)


def _unscored(likelihood: LikelihoodScorer, candidate: Candidate, reason: str) -> ScoredCandidate:
    return ScoredCandidate(
        id=content_id("score", candidate.id, likelihood.digest),
        candidate_id=candidate.id,
        poem_id=candidate.poem_id,
        iteration=candidate.iteration,
        unscored=reason,
        n_tokens=0,
        nll_nats=0.0,
        baseline_nats=0.0,
        n_guarded=0,
        guarded_gain_nats=0.0,
        other_gain=0.0,
        n_others=0,
        longest_run_words=0,
        ngram_share=0.0,
        is_leak=False,
        copied_spans=(),
        n_words=len(candidate.text.split()),
        scorer=likelihood.digest,
    )
