"""Scoring: how much a description helps the model to predict its poem, and how much of that is honest.

    nll(d)           negative loglikelihood of "Title: … Poem: …" given description d, in nats, summed over T tokens
    gain             [ nll(no description) - nll(d) ] / T
    guarded gain     the same, only over target tokens outside runs of words that the description shares
    specificity      guarded gain on its own poem - mean guarded gain on M other poems of like length

All of one comparison come from the same weights, the same dtype and the same template. Lower loss alone selects
plagiarists (leaks.py), and a description that helps every poem alike ("a poem in short lines") says nothing about this
one; specificity answers both. Nothing is hidden: raw sums, per-token losses and copied spans are kept.

Does not know who wrote a description or what selection will do with it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Literal

from annotated_types import Ge, Le

from workbench.engines.protocols import Cancelled, Scorer, never
from workbench.errors import Stopped
from workbench.prompts.renderers import Renderer
from workbench.prompts.templates import load_prompt, poem_target
from workbench.scoring.leaks import LeakSettings, find_leak, given_away, is_outside
from workbench.types import (
    Candidate,
    Leak,
    Poem,
    Prompt,
    Reason,
    Rendered,
    Score,
    ScoredCandidate,
    Unscored,
    content_id,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoringSettings:
    """What is measured of each candidate."""

    prompt: str = "follow"
    baseline_prompt: str = "follow_nothing"
    others: Annotated[int, Ge(0), Le(64)] = 2  # M other poems for specificity; 0 = specificity is the guarded gain
    weights: Literal["current", "base"] = "current"  # whose loss: the model as trained so far, or the frozen base
    leaks: LeakSettings = field(default_factory=LeakSettings)


@dataclass(frozen=True, slots=True, kw_only=True)
class LikelihoodScorer:
    """A scorer with the prompts and settings by which it scores."""

    scorer: Scorer
    renderer: Renderer
    settings: ScoringSettings

    def context(self, description: str) -> Prompt:
        """The follower's prompt for a description; "" gives the matched prompt without one."""
        settings, style = self.settings, self.renderer.name
        if not description:
            return load_prompt(settings.baseline_prompt, style).fill()
        return load_prompt(settings.prompt, style).fill(description=description)

    def render(self, description: str, poem: Poem) -> Rendered:
        """Context and target of one pair."""
        return self.renderer.render(self.context(description), poem_target(poem))

    @property
    def digest(self) -> str:
        """Which weights and template give these losses."""
        return content_id(self.scorer.digest, self.scorer.adapter_digest, self.renderer.digest)


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
    others = nearest_in_length(poems, neighbours or poems, likelihood.settings.others)
    leaks = {c.id: find_leak(c.text, poem_target(by_id[c.poem_id]), likelihood.settings.leaks) for c in candidates}
    pairs = _pairs_to_score(candidates, by_id, others, leaks)
    scores = _score_pairs(likelihood, pairs, cancelled)
    return [_assemble(likelihood, candidate, by_id[candidate.poem_id], leaks[candidate.id], scores, others)
            for candidate in candidates]  # fmt: skip


def nearest_in_length(poems: Sequence[Poem], pool: Sequence[Poem], m: int) -> dict[str, list[Poem]]:
    """For each poem the M poems of the pool nearest to it in characters, ties by id, never itself."""
    nearest = {}
    for poem in poems:
        rivals = [other for other in pool if other.id != poem.id]
        rivals.sort(key=lambda other: (abs(len(other.text) - len(poem.text)), other.id))
        nearest[poem.id] = rivals[:m]
    return nearest


def score_pairs(
    likelihood: LikelihoodScorer, pairs: Sequence[tuple[str, Poem]], *, cancelled: Cancelled = never
) -> list[Score | Unscored]:
    """Plain scores of (description, poem) pairs, in order; "" is no description. Equal pairs are scored once."""
    wanted = [_Pair(description=description, poem=poem) for description, poem in pairs]
    scores = _score_pairs(likelihood, wanted, cancelled)
    return [scores[_key(pair.description, pair.poem)] for pair in wanted]


def guarded_gain(
    likelihood: LikelihoodScorer, description: str, poem: Poem, own: Score, baseline: Score
) -> tuple[float, int]:
    """Gain in nats and number of tokens, over target tokens outside what the description gives away."""
    rendered = likelihood.render(description, poem)
    outside_T = is_outside(
        rendered.offsets_T, given_away(description, rendered.target, likelihood.settings.leaks.guard_run)
    )
    gains = [b - n for b, n, is_out in zip(baseline.nll_T, own.nll_T, outside_T, strict=True) if is_out]
    return math.fsum(gains), len(gains)


def _key(description: str, poem: Poem) -> tuple[str, str]:
    return description, poem.id


def _pairs_to_score(
    candidates: Sequence[Candidate], by_id: dict[str, Poem], others: dict[str, list[Poem]], leaks: dict[str, Leak]
) -> list[_Pair]:
    pairs = []
    for candidate in candidates:
        if candidate.failure:
            continue
        poem = by_id[candidate.poem_id]
        # a leak is out before ranking: its own loss is kept for the record, other poems are not spent on it
        tried_on = [poem, *others[poem.id]] if not leaks[candidate.id].is_leak else [poem]
        for target in tried_on:
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
    """A loss that is no number is no score."""
    if isinstance(score, Unscored) or (score.nll_T and all(map(math.isfinite, score.nll_T))):
        return score
    return Unscored(reason=Reason.NOT_FINITE if score.nll_T else Reason.NO_TARGET)


def _assemble(
    likelihood: LikelihoodScorer,
    candidate: Candidate,
    poem: Poem,
    leak: Leak,
    scores: dict[tuple[str, str], Score | Unscored],
    others: dict[str, list[Poem]],
) -> ScoredCandidate:
    own = scores.get(_key(candidate.text, poem))
    baseline = scores.get(_key("", poem))
    if candidate.failure or not isinstance(own, Score) or not isinstance(baseline, Score):
        missing = next((s for s in (own, baseline) if isinstance(s, Unscored)), None)
        return _unscored(likelihood, candidate, candidate.failure or (missing.reason.value if missing else "engine"))
    gain_nats, n_guarded = guarded_gain(likelihood, candidate.text, poem, own, baseline)
    elsewhere = [] if leak.is_leak else _gains_elsewhere(likelihood, candidate, others[poem.id], scores)
    if others[poem.id] and not elsewhere and not leak.is_leak:  # nothing to compare with, so no specificity
        return _unscored(likelihood, candidate, Reason.NOT_FINITE.value)
    return ScoredCandidate(
        id=content_id("score", candidate.id, likelihood.digest),
        candidate_id=candidate.id,
        poem_id=poem.id,
        iteration=candidate.iteration,
        unscored="",
        n_tokens=own.n_tokens,
        nll_nats=own.nll_nats,
        baseline_nats=baseline.nll_nats,
        n_guarded=n_guarded,
        guarded_gain_nats=gain_nats,
        other_gain=math.fsum(elsewhere) / len(elsewhere) if elsewhere else 0.0,
        n_others=len(elsewhere),
        longest_run_words=leak.longest_run_words,
        ngram_share=leak.ngram_share,
        is_leak=leak.is_leak,
        copied_spans=leak.spans,
        n_words=len(candidate.text.split()),
        scorer=likelihood.digest,
        nll_T=own.nll_T,
        baseline_T=baseline.nll_T,
    )


def _gains_elsewhere(
    likelihood: LikelihoodScorer,
    candidate: Candidate,
    others: Sequence[Poem],
    scores: dict[tuple[str, str], Score | Unscored],
) -> list[float]:
    gains = []
    for other in others:
        own, baseline = scores[_key(candidate.text, other)], scores[_key("", other)]
        if isinstance(own, Score) and isinstance(baseline, Score):
            nats, n_tokens = guarded_gain(likelihood, candidate.text, other, own, baseline)
            gains.append(nats / n_tokens if n_tokens else 0.0)
    return gains


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
