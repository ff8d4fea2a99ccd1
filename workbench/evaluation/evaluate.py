"""Evaluation: what changed on poems that were never trained on, under the base weights and under the trained ones.

The describer of the moment writes n descriptions of every held-out poem; all of them count, none is selected. Each
figure is the mean over poems of the mean over a poem's descriptions, in nats per token where it is a loss or a gain:

    loss_plain           loss without a description                                        lower is better
    loss_fixed           loss with the descriptions that the base model wrote at the start: the follower alone
    loss_described       loss with the describer's present descriptions
    gain                 loss_plain - loss_described, copies included
    guarded_gain         gain on words that the description does not hold
    specificity          guarded gain on its own poem minus that on M others; leak-free descriptions only
    identification       share of leak-free descriptions that help their own poem more than any of the M others;
                         chance is 1 / (1 + M): a person understands "picked its poem in 9 of 16 tries"
    identification_strict  the same where every word that the description holds earns nothing (`guard_run: 1`)
    best_specificity     of the best leak-free one of a poem's n: what choosing at use gives, with no training at all;
                         half of the M others choose it, the other half say how specific it is
    best_identification  share of poems whose best, chosen so, picks its poem out of those that did not choose it
    leak_rate            share of descriptions that copy, or say the title
    reward_accuracy      of two of the base model's descriptions of a poem, how often training raised the more specific
                         one by more, a token; chance is one half. It needs no new description, so it is cheap and sharp
    expected_…           a figure of the base model's descriptions, each counted by how much likelier training made it:
                         as cheap
    loss_shuffled        loss with another poem's fixed descriptions
    use_of_description   loss_shuffled - loss_fixed: how much it matters to the follower what it is told; one that only
                         expects such poems loses less of both
    drift                how far its own answers are from the base model's: their loss under the base weights minus that
                         under its own, nats per token; an estimate of the KL divergence, from answers drawn as they
                         are here. Arms are compared fairly where they have drifted alike
    failure_rate         share of answers that could not be used
    diversity            distinct word pairs / all word pairs, over a poem's descriptions
    n_words              length of a description

Losses under the base weights judge the describer alone; under the current weights describer and follower together.
They say how well a model predicts these poems. They do not say that a poem it writes is good.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Annotated, Literal

from annotated_types import Ge, Le

from workbench.backtranslation import Describer, describe_poems, usable
from workbench.engines.protocols import Cancelled, Learner, never
from workbench.evaluation.answers import (
    Answers,
    drift,
    figures_at_the_start,
    figures_of_fixed,
    mean_of_figure,
    mean_of_known,
)
from workbench.evaluation.start import PlainLosses, Start, plain_losses, start_from
from workbench.scoring.likelihood import LikelihoodScorer, RememberingScorer
from workbench.scoring.score import score_candidates
from workbench.types import Candidate, Measurement, Poem, ScoredCandidate, content_id
from workbench.words import words_of

Weights = Literal["base", "current"]
_OTHERS_WHEN_TRAINED = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationSettings:
    """What is measured, and which control arms are trained beside `top`."""

    n_candidates: Annotated[int, Ge(1), Le(64)] = 4  # descriptions of each held-out poem
    others: Annotated[int, Ge(0), Le(64)] = 7  # M other held-out poems that a description has to tell its own from
    arms: tuple[Literal["top", "random", "bottom", "plain", "shuffled"], ...] = ("top", "random", "shuffled")
    guard_run: Annotated[int, Ge(0), Le(50)] = 0  # runs that earn nothing here; 0 = as in scoring.leaks
    describes: bool = True  # false: after training no new descriptions, only what the base model's fixed ones tell
    canaries: bool = True  # before a run ranks anything: planted cheats must lose
    patience: Annotated[int, Ge(0), Le(1000)] = 0  # iterations without a better specificity before it stops; 0 = never


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOutReport:
    """Everything one evaluation wrote and measured."""

    candidates: tuple[Candidate, ...]
    scores: tuple[ScoredCandidate, ...]
    measurements: tuple[Measurement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """Which evaluation this is."""

    arm: str
    iteration: int
    seed: int


def evaluate(
    describer: Describer,
    likelihood: LikelihoodScorer,
    learner: Learner,
    held_out: Sequence[Poem],
    *,
    occasion: Occasion,
    settings: EvaluationSettings,
    start: Start | None = None,
    cancelled: Cancelled = never,
) -> HeldOutReport:
    """Describes the held-out poems and measures under both weights.

    Args:
        describer: the sampler, with the adapter that is to be judged.
        likelihood: scores with `learner`.
        learner: holds the current weights; `frozen` gives the base.
        held_out: H poems that no arm trains on.
        occasion: arm and iteration, part of every id.
        settings: how many descriptions.
        start: what iteration 0 measured; None at iteration 0 itself.
        cancelled: asked between tokens and batches.
    """
    likelihood = _held_out_scorer(likelihood, settings)
    answers = Answers(describer=describer.plainly, learner=learner, held_out=held_out, cancelled=cancelled)
    if start and not settings.describes:
        measurements = _named(figures_of_fixed(answers, start.fixed), occasion)
        return HeldOutReport(candidates=(), scores=(), measurements=tuple(measurements))
    candidates = describe_poems(answers.describer, held_out, iteration=occasion.iteration,
                                n_candidates=settings.n_candidates, cancelled=cancelled)  # fmt: skip
    return _report(answers, likelihood, candidates, occasion, start)


def _report(
    answers: Answers, likelihood: LikelihoodScorer, candidates: Sequence[Candidate], occasion: Occasion,
    start: Start | None,
) -> HeldOutReport:  # fmt: skip
    """All figures of new descriptions, and of the fixed ones where there are such."""
    held_out, cancelled = answers.held_out, answers.cancelled
    with answers.learner.frozen():
        scores = score_candidates(likelihood, candidates, held_out, cancelled=cancelled)
        strict = score_candidates(_strict(likelihood), candidates, held_out, cancelled=cancelled)
        losses = start.losses if start else plain_losses(likelihood, held_out, candidates, cancelled)
    base, current, kept = (scores, losses), (scores, losses), scores
    if occasion.iteration:  # before training the current weights are the base
        trained = score_candidates(_with_few_others(likelihood), candidates, held_out, cancelled=cancelled)
        fixed = start.fixed.candidates if start else candidates
        current = (trained, plain_losses(likelihood, held_out, fixed, cancelled))
        kept = scores + trained
    measurements = _describer_figures(held_out, candidates, strict, occasion)
    measurements += _loss_figures(held_out, *base, weights="base", occasion=occasion)
    measurements += _loss_figures(held_out, *current, weights="current", occasion=occasion)
    if not occasion.iteration:
        measurements += _named(figures_at_the_start(held_out, start_from(candidates, scores, losses).fixed), occasion)
    elif start:
        moved = {"drift": drift(answers, usable(candidates))}
        measurements += _named(figures_of_fixed(answers, start.fixed) | moved, occasion)
    return HeldOutReport(candidates=tuple(candidates), scores=tuple(kept), measurements=tuple(measurements))


def _named(figures: Mapping[str, list[float | None]], occasion: Occasion) -> list[Measurement]:
    """What training did to the probabilities of descriptions, as measurements."""
    return [_measurement(occasion, "current", name, values) for name, values in figures.items()]


def _held_out_scorer(likelihood: LikelihoodScorer, settings: EvaluationSettings) -> LikelihoodScorer:
    """The loop's scorer with M others of its own; a loss that is asked for again is not computed again."""
    ours = replace(likelihood.settings, others=settings.others, judges=0, rivals="length")
    if settings.guard_run:
        ours = replace(ours, leaks=replace(ours.leaks, guard_run=settings.guard_run, guard_budget=0))
    return replace(likelihood, scorer=RememberingScorer(likelihood.scorer), settings=ours)


def _with_few_others(likelihood: LikelihoodScorer) -> LikelihoodScorer:
    """The same against fewer others: under the trained weights only a mean over them is asked for, not who is first."""
    few = min(likelihood.settings.others, _OTHERS_WHEN_TRAINED)
    return replace(likelihood, settings=replace(likelihood.settings, others=few))


def _strict(likelihood: LikelihoodScorer) -> LikelihoodScorer:
    """The same under the strictest guard: every word that the description holds earns nothing."""
    leaks = replace(likelihood.settings.leaks, guard_run=1, guard_budget=0)
    return replace(likelihood, settings=replace(likelihood.settings, leaks=leaks))


def _describer_figures(
    held_out: Sequence[Poem], candidates: Sequence[Candidate], strict: Sequence[ScoredCandidate], occasion: Occasion
) -> list[Measurement]:
    def per_poem(figure: Callable[[list[Candidate]], float | None]) -> list[float | None]:
        return [figure([c for c in candidates if c.poem_id == poem.id]) for poem in held_out]

    figures = {
        "failure_rate": per_poem(lambda own: sum(bool(c.failure) for c in own) / len(own) if own else None),
        "diversity": per_poem(lambda own: distinct_pairs([c.text for c in usable(own)])),
        "n_words": per_poem(lambda own: mean_of_known([len(c.text.split()) for c in usable(own)])),
    }
    identified = _measurement(occasion, "base", "identification_strict", _identification(held_out, strict))
    return [*(_measurement(occasion, "current", name, values) for name, values in figures.items()), identified]


def _loss_figures(
    held_out: Sequence[Poem],
    scores: Sequence[ScoredCandidate],
    losses: dict[str, list[float | None]],
    *,
    weights: Weights,
    occasion: Occasion,
) -> list[Measurement]:
    by_poem = _scored(held_out, scores)
    clean = {poem_id: [s for s in own if not s.is_leak] for poem_id, own in by_poem.items()}
    figures: dict[str, list[float | None]] = {
        **losses,
        **_use(losses),
        "loss_described": [mean_of_known([s.nll_nats / s.n_tokens for s in own]) for own in by_poem.values()],
        "gain": [mean_of_known([s.gain for s in own]) for own in by_poem.values()],
        "guarded_gain": [mean_of_known([s.guarded_gain for s in own]) for own in by_poem.values()],
        "specificity": [mean_of_known([s.specificity for s in own]) for own in clean.values()],
    }
    if weights == "base":  # these judge the describer, so under weights that no training moved
        best = [_best(own) if own else None for own in clean.values()]
        figures |= {
            "identification": _identification(held_out, scores),
            "chance": [mean_of_known([1 / (1 + s.n_others) for s in own if s.n_others]) for own in clean.values()],
            "best_specificity": [one.specificity if one else None for one in best],
            "best_identification": [_as_share(one.picks_its_poem) if one else None for one in best],
            "leak_rate": [mean_of_known([float(s.is_leak) for s in own]) for own in by_poem.values()],
        }
    return [_measurement(occasion, weights, name, values) for name, values in figures.items()]


def _use(losses: PlainLosses) -> PlainLosses:
    """How much more a poem loses when another one's descriptions are told; of a run of earlier days it is not known."""
    if "loss_shuffled" not in losses:
        return {}
    pairs = zip(losses["loss_shuffled"], losses["loss_fixed"], strict=True)
    return {"use_of_description": [None if a is None or b is None else a - b for a, b in pairs]}


def _scored(held_out: Sequence[Poem], scores: Sequence[ScoredCandidate]) -> dict[str, list[ScoredCandidate]]:
    return {poem.id: [s for s in scores if s.poem_id == poem.id and not s.unscored] for poem in held_out}


def _identification(held_out: Sequence[Poem], scores: Sequence[ScoredCandidate]) -> list[float | None]:
    """Share of each poem's leak-free descriptions that pick it."""
    by_poem = _scored(held_out, scores).values()
    return [mean_of_known([_as_share(s.picks_its_poem) for s in own if not s.is_leak]) for own in by_poem]


def _best(scores: Sequence[ScoredCandidate]) -> ScoredCandidate:
    """The one that half of the others choose, as the other half see it; where there is but one other, it does both."""
    chosen = max(scores, key=lambda score: (score.guarded_gain - _average(score.gains_M[::2]), score.candidate_id))
    judges = chosen.gains_M[1::2] or chosen.gains_M
    return replace(chosen, gains_M=judges, other_gain=_average(judges))


def _average(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values) if values else 0.0


def _as_share(picked: bool | None) -> float | None:
    return None if picked is None else float(picked)


def distinct_pairs(texts: Sequence[str]) -> float | None:
    """Distinct word pairs over all word pairs of some texts; 1 = nothing is ever said twice.

    >>> distinct_pairs(["a b c", "a b d"])
    0.75
    """
    pairs = [pair for text in texts for pair in pairwise(word.folded for word in words_of(text))]
    return len(set(pairs)) / len(pairs) if pairs else None


def _measurement(occasion: Occasion, weights: Weights, metric: str, per_poem: Sequence[float | None]) -> Measurement:
    estimate = mean_of_figure(metric, per_poem)
    return Measurement(
        id=content_id("measurement", occasion.arm, str(occasion.iteration), weights, metric),
        arm=occasion.arm,
        iteration=occasion.iteration,
        weights=weights,
        metric=metric,
        value=estimate.value if estimate else None,
        low=estimate.low if estimate else None,
        high=estimate.high if estimate else None,
        n_poems=estimate.n if estimate else 0,
        per_poem=tuple(per_poem),
    )
