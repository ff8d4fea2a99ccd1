"""Describing: of N descriptions of a poem the one that the loop's own score puts first, with its evidence.

    poem ─ describer ─▶ N candidates ─ scored as in the loop ─▶ copies out, ranked by specificity ─▶ the best
                                                                      └─▶ does it pick its poem out of M + 1?

Choosing at use needs no training: on held-out poems the best of three was more specific than their mean with the base
weights and with trained ones (DECISIONS). The figures of the best are those that it was chosen by, so they flatter it.
Identification looks at the same losses; it says which poem was helped most, not by how much.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from workbench.backtranslation import Describer, describe_poems
from workbench.describing.types import Described, Identified, RankedCandidate
from workbench.engines.protocols import Cancelled, never
from workbench.errors import Stopped
from workbench.scoring.likelihood import LikelihoodScorer, guarded_gain
from workbench.scoring.rivals import nearest_in_length
from workbench.scoring.score import score_candidates, score_pairs
from workbench.selection.select import Contender, SelectionSettings, pair_up, select_winners
from workbench.types import Candidate, Choice, Poem, Score, Unscored


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who describes, who scores, and which other poems a description has to tell its own from."""

    describer: Describer
    likelihood: LikelihoodScorer
    selection: SelectionSettings
    model: str  # engine's name, for the record
    pool: Sequence[Poem]  # other poems, beside those that are described


def describe(
    reader: Reader, poems: Sequence[Poem], *, among: Sequence[Poem] | None = None,
    on_candidate: Callable[[Candidate], None] = lambda _: None, cancelled: Cancelled = never,
) -> list[Described]:  # fmt: skip
    """The descriptions of some poems, in the order of the poems, of each the best first.

    Args:
        reader: describer, scorer and rule.
        poems: P poems; may be empty.
        among: where other poems are taken from; None = these poems and the reader's pool.
        on_candidate: told of each candidate as soon as it is judged.
        cancelled: asked between tokens and batches.

    Raises:
        EngineError: a model failed.
        Stopped: `cancelled` said so.
    """
    described = describe_poems(reader.describer, poems, iteration=0, on_candidate=on_candidate, cancelled=cancelled)
    if cancelled():
        raise Stopped("stopped while the descriptions were written")
    pool = pool_of(poems, reader.pool) if among is None else among
    scores = score_candidates(reader.likelihood, described, poems, neighbours=pool, cancelled=cancelled)
    contenders = pair_up(described, scores)
    choices = select_winners(contenders, reader.selection)
    by_id = {choice.candidate_id: choice for choice in choices}
    others = nearest_in_length(poems, pool, reader.likelihood.settings.others)
    found = []
    for poem in poems:
        ranked = _ranked([each for each in contenders if each.candidate.poem_id == poem.id], by_id)
        one = Described(
            poem=poem, model=reader.model, seed=reader.describer.seed, candidates=tuple(ranked), identified=None
        )
        found.append(_identified(reader.likelihood, one, others[poem.id], cancelled))
    return found


def pool_of(poems: Sequence[Poem], others: Sequence[Poem]) -> list[Poem]:
    """Poems and others together, each once."""
    return list({poem.id: poem for poem in (*poems, *others)}.values())


def identify(
    likelihood: LikelihoodScorer, description: str, poem: Poem, others: Sequence[Poem], *, cancelled: Cancelled = never
) -> Identified | None:
    """Place of a description's own poem among others, by guarded gain per token; None where nothing compares.

    Raises:
        EngineError: the scorer failed.
        Stopped: `cancelled` said so.
    """
    poems = [poem, *others]
    pairs = [pair for each in poems for pair in ((description, each), ("", each))]
    scores = score_pairs(likelihood, pairs, cancelled=cancelled)
    gains = [
        _gain(likelihood, description, each, own, baseline)
        for each, own, baseline in zip(poems, scores[::2], scores[1::2], strict=True)
    ]
    known = [gain for gain in gains[1:] if gain is not None]
    if gains[0] is None or not known:
        return None
    return Identified(place=1 + sum(gain >= gains[0] for gain in known), n_poems=1 + len(known))


def _ranked(contenders: Sequence[Contender], choices: dict[str, Choice]) -> list[RankedCandidate]:
    """Those that the rule ranked, then those that are only too weak, then copies, then failures."""
    ranked = [RankedCandidate(contender=each, choice=choices[each.candidate.id]) for each in contenders]
    return sorted(ranked, key=_order)


def _order(one: RankedCandidate) -> tuple[bool, bool, bool, int, float, str]:
    score = one.score
    weak = -score.specificity if not score.unscored else 0.0
    return bool(score.unscored), score.is_leak, not one.choice.rank, one.choice.rank, weak, one.contender.candidate.id


def _identified(
    likelihood: LikelihoodScorer, one: Described, others: Sequence[Poem], cancelled: Cancelled
) -> Described:
    if one.best is None or not others:
        return one
    return replace(one, identified=identify(likelihood, one.best.text, one.poem, others, cancelled=cancelled))


def _gain(
    likelihood: LikelihoodScorer, description: str, poem: Poem, own: Score | Unscored, baseline: Score | Unscored
) -> float | None:
    if isinstance(own, Unscored) or isinstance(baseline, Unscored):
        return None
    nats, n_tokens = guarded_gain(likelihood, description, poem, own, baseline)
    return nats / n_tokens if n_tokens else 0.0
