"""The start of a run: what the base model wrote of the held-out poems and lost on them, fixed for the whole run.

    loss_plain      loss without a description
    loss_fixed      loss with the base model's descriptions
    loss_shuffled   loss with those of another poem

All in nats per token of "Title: … Poem: …", under whatever weights score.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from workbench.backtranslation import usable
from workbench.engines.protocols import Cancelled
from workbench.evaluation.answers import Fixed, mean_of_known
from workbench.scoring.likelihood import LikelihoodScorer
from workbench.scoring.score import score_pairs
from workbench.storage.records import RecordStore
from workbench.types import Candidate, Measurement, Poem, Score, ScoredCandidate

PlainLosses = dict[str, list[float | None]]  # metric → one value per poem
PLAIN = ("loss_plain", "loss_fixed", "loss_shuffled")


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What the base model wrote and lost before any training: fixed for the whole run."""

    fixed: Fixed  # usable descriptions of the held-out poems
    losses: PlainLosses  # under the base weights, without a description and with these


def start_of(records: RecordStore, held_out: Sequence[Poem]) -> Start | None:
    """Reads the start from a run's records; None while iteration 0 has not been evaluated."""
    measured = records.all(Measurement, arm="top", iteration=0, weights="base")
    losses = {m.metric: list(m.per_poem) for m in measured if m.metric in PLAIN}
    if not losses:
        return None
    candidates = records.of_poems(Candidate, [poem.id for poem in held_out], iteration=0)
    scores = records.of_poems(ScoredCandidate, [poem.id for poem in held_out], iteration=0)
    return start_from(candidates, scores, losses)


def start_from(candidates: Sequence[Candidate], scores: Sequence[ScoredCandidate], losses: PlainLosses) -> Start:
    """The start out of what iteration 0 wrote, scored under the base weights, and lost."""
    scored = [s for s in scores if not s.unscored]
    clean = [s for s in scored if not s.is_leak]
    fixed = Fixed(
        candidates=tuple(usable(candidates)),
        specificity={s.candidate_id: s.specificity for s in clean},
        picks={s.candidate_id: float(s.picks_its_poem) for s in clean if s.picks_its_poem is not None},
        copies={s.candidate_id: float(s.is_leak) for s in scored},
    )
    return Start(fixed=fixed, losses=losses)


def plain_losses(
    likelihood: LikelihoodScorer, held_out: Sequence[Poem], fixed: Sequence[Candidate], cancelled: Cancelled
) -> PlainLosses:
    """Mean losses of each poem under the scorer's weights."""
    own = {poem.id: [c.text for c in usable(fixed) if c.poem_id == poem.id] for poem in held_out}
    ids = list(own)
    others = {id_: own[other] if other != id_ else [] for id_, other in zip(ids, ids[1:] + ids[:1], strict=True)}
    losses: PlainLosses = {}
    for metric, told in zip(PLAIN, ({poem_id: [""] for poem_id in own}, own, others), strict=True):
        pairs = [(text, poem) for poem in held_out for text in told[poem.id]]
        scores = iter(score_pairs(likelihood, pairs, cancelled=cancelled))
        losses[metric] = [
            mean_of_known([s.mean_nats if isinstance(s := next(scores), Score) else None for _ in told[poem.id]])
            for poem in held_out
        ]
    return losses
