"""Evaluation: what changed on poems that were never trained on, under the base weights and under the trained ones.

The describer of the moment writes n descriptions of every held-out poem; all of them count, none is selected. Each
figure is the mean over poems of the mean over a poem's descriptions, in nats per token where it is a loss or a gain:

    loss_plain           loss without a description                                        lower is better
    loss_fixed           loss with the descriptions that the base model wrote at the start: the follower alone
    loss_described       loss with the describer's present descriptions
    gain                 loss_plain - loss_described, copies included
    guarded_gain         gain on words that the description does not hold
    specificity          guarded gain on its own poem minus that on others; leak-free descriptions only
    best_specificity     of the best leak-free one of a poem's n: what choosing at use gives, with no training at all
    leak_rate            share of descriptions that copy
    failure_rate         share of answers that could not be used
    diversity            distinct word pairs / all word pairs, over a poem's descriptions
    n_words              length of a description

Losses under the base weights judge the describer alone; under the current weights describer and follower together.
They say how well a model predicts these poems. They do not say that a poem it writes is good.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Literal

from annotated_types import Ge, Le

from workbench.backtranslation import Describer, describe_poems, usable
from workbench.engines.protocols import Cancelled, Learner, never
from workbench.errors import EngineError
from workbench.intervals import mean_of
from workbench.scoring.score import LikelihoodScorer, score_candidates, score_pairs
from workbench.selection.select import SelectionSettings, pair_up, select_winners
from workbench.storage.records import RecordStore
from workbench.types import Candidate, Measurement, Poem, Score, ScoredCandidate, content_id
from workbench.words import words_of

Weights = Literal["base", "current"]
PlainLosses = dict[str, list[float | None]]  # metric → a value a poem
PLAIN = ("loss_plain", "loss_fixed")


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationSettings:
    """What is measured, and which control arms are trained beside `top`."""

    n_candidates: Annotated[int, Ge(1), Le(64)] = 4  # descriptions of each held-out poem
    arms: tuple[Literal["top", "random", "bottom", "plain", "shuffled"], ...] = ("top", "random", "shuffled")
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What the base model wrote and lost before any training: fixed for the whole run."""

    candidates: tuple[Candidate, ...]  # usable descriptions of the held-out poems
    losses: PlainLosses  # under the base weights, without a description and with these


def start_of(records: RecordStore, held_out: Sequence[Poem]) -> Start | None:
    """Reads the start from a run's records; None while iteration 0 has not been evaluated."""
    measured = records.all(Measurement, arm="top", iteration=0, weights="base")
    losses = {m.metric: list(m.per_poem) for m in measured if m.metric in PLAIN}
    if not losses:
        return None
    candidates = records.of_poems(Candidate, [poem.id for poem in held_out], iteration=0)
    return Start(candidates=tuple(usable(candidates)), losses=losses)


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
        describer: the sampler, already with the adapter that is to be judged.
        likelihood: scores with `learner`.
        learner: holds the current weights; `frozen` gives the base.
        held_out: H poems that no arm trains on.
        occasion: arm and iteration, part of every id.
        settings: how many descriptions.
        start: what iteration 0 measured; None at iteration 0 itself.
        cancelled: asked between tokens and batches.
    """
    n, iteration = settings.n_candidates, occasion.iteration
    candidates = describe_poems(describer, held_out, iteration=iteration, n_candidates=n, cancelled=cancelled)
    with learner.frozen():
        scores = score_candidates(likelihood, candidates, held_out, cancelled=cancelled)
        losses = start.losses if start else _plain_losses(likelihood, held_out, candidates, cancelled)
    base = current = (scores, losses)
    if iteration:  # before training the current weights are the base
        trained = score_candidates(likelihood, candidates, held_out, cancelled=cancelled)
        current = (trained, _plain_losses(likelihood, held_out, start.candidates if start else candidates, cancelled))
        scores = scores + trained
    measurements = _describer_figures(held_out, candidates, occasion)
    measurements += _loss_figures(held_out, *base, weights="base", occasion=occasion)
    measurements += _loss_figures(held_out, *current, weights="current", occasion=occasion)
    return HeldOutReport(candidates=tuple(candidates), scores=tuple(scores), measurements=tuple(measurements))


def is_over(values: Sequence[float | None], patience: int) -> bool:
    """The stop rule: whether the last `patience` values all fail to better the best one before them.

    What was not measured betters nothing.

    >>> is_over([0.1, 0.2, 0.15, 0.19], patience=2), is_over([0.1, 0.2, 0.15, 0.21], patience=2)
    (True, False)
    """
    if not patience or len(values) <= patience:
        return False
    known = [-math.inf if value is None else value for value in values]
    return max(known[-patience:]) <= max(known[:-patience])


def check_canaries(likelihood: LikelihoodScorer, poem: Poem, other: Poem, settings: SelectionSettings) -> list[str]:
    """Plants cheats among descriptions of `poem` and reports which of them would win; an empty list is a pass.

    Raises:
        EngineError: the scorer cannot tell a pasted poem from no description, so its losses mean nothing.
    """
    texts = canary_texts(poem, other)
    candidates = [_canary(poem, name, text) for name, text in texts.items()]
    scores = score_candidates(likelihood, candidates, [poem, other])
    pasted = scores[list(texts).index("pastes the poem")]
    if pasted.unscored or pasted.gain <= 0:
        raise EngineError(
            f"the scorer fails its self-test: a description that contains the whole of {poem.title!r} does not lower "
            "the loss; check the model file and its chat template"
        )
    chosen = select_winners(pair_up(candidates, scores), settings)
    return [f"a description that {c.candidate_id.removeprefix('canary: ')} would win ({c.why})"
            for c in chosen if c.is_winner]  # fmt: skip


def canary_texts(poem: Poem, other: Poem) -> dict[str, str]:
    """Cheats by what they do."""
    quoted = words_of(poem.text)[:5]
    quote = " ".join(poem.text[: quoted[-1].span[1]].split()) if quoted else ""
    return {
        "pastes the poem": f"Write this poem. Title: {poem.title}\nPoem: {poem.text}",
        "quotes five words": f"A quiet piece about something seen, which begins {quote} and goes on from there.",
        "pastes another poem": f"Write this poem. Title: {other.title}\nPoem: {other.text}",
    }


def _canary(poem: Poem, name: str, text: str) -> Candidate:
    return Candidate(
        id=f"canary: {name}", poem_id=poem.id, text=text, raw=text, iteration=0, slot=0, attempt=0, seed=0,
        n_tokens=0, failure="", model="", adapter="", prompt_digest="",
    )  # fmt: skip


def _plain_losses(
    likelihood: LikelihoodScorer, held_out: Sequence[Poem], fixed: Sequence[Candidate], cancelled: Cancelled
) -> PlainLosses:
    descriptions = {poem.id: [c.text for c in usable(fixed) if c.poem_id == poem.id] for poem in held_out}
    pairs = [(text, poem) for poem in held_out for text in ["", *descriptions[poem.id]]]
    scores = iter(score_pairs(likelihood, pairs, cancelled=cancelled))
    losses: PlainLosses = {metric: [] for metric in PLAIN}
    for poem in held_out:
        plain, *described = [s.mean_nats if isinstance(s := next(scores), Score) else None
                             for _ in ["", *descriptions[poem.id]]]  # fmt: skip
        losses["loss_plain"].append(plain)
        losses["loss_fixed"].append(_mean(described))
    return losses


def _describer_figures(
    held_out: Sequence[Poem], candidates: Sequence[Candidate], occasion: Occasion
) -> list[Measurement]:
    def per_poem(figure: Callable[[list[Candidate]], float | None]) -> list[float | None]:
        return [figure([c for c in candidates if c.poem_id == poem.id]) for poem in held_out]

    figures = {
        "failure_rate": per_poem(lambda own: sum(bool(c.failure) for c in own) / len(own) if own else None),
        "diversity": per_poem(lambda own: distinct_pairs([c.text for c in usable(own)])),
        "n_words": per_poem(lambda own: _mean([len(c.text.split()) for c in usable(own)])),
    }
    return [_measurement(occasion, "current", name, values) for name, values in figures.items()]


def _loss_figures(
    held_out: Sequence[Poem],
    scores: Sequence[ScoredCandidate],
    losses: dict[str, list[float | None]],
    *,
    weights: Weights,
    occasion: Occasion,
) -> list[Measurement]:
    by_poem = {poem.id: [s for s in scores if s.poem_id == poem.id and not s.unscored] for poem in held_out}
    clean = {poem_id: [s for s in own if not s.is_leak] for poem_id, own in by_poem.items()}
    figures: dict[str, list[float | None]] = {
        **losses,
        "loss_described": [_mean([s.nll_nats / s.n_tokens for s in own]) for own in by_poem.values()],
        "gain": [_mean([s.gain for s in own]) for own in by_poem.values()],
        "guarded_gain": [_mean([s.guarded_gain for s in own]) for own in by_poem.values()],
        "specificity": [_mean([s.specificity for s in own]) for own in clean.values()],
        "best_specificity": [max((s.specificity for s in own), default=None) for own in clean.values()],
        "leak_rate": [_mean([float(s.is_leak) for s in own]) for own in by_poem.values()],
    }
    return [_measurement(occasion, weights, name, values) for name, values in figures.items()]


def distinct_pairs(texts: Sequence[str]) -> float | None:
    """Distinct word pairs over all word pairs of some texts; 1 = nothing is ever said twice.

    >>> distinct_pairs(["a b c", "a b d"])
    0.75
    """
    pairs = [pair for text in texts for pair in pairwise(word.folded for word in words_of(text))]
    return len(set(pairs)) / len(pairs) if pairs else None


def _mean(values: Sequence[float | None]) -> float | None:
    there = [value for value in values if value is not None]
    return math.fsum(there) / len(there) if there else None


def _measurement(occasion: Occasion, weights: Weights, metric: str, per_poem: Sequence[float | None]) -> Measurement:
    estimate = mean_of(per_poem)
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
