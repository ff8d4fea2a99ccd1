"""What training did to the probability of descriptions: whether the better rose more, and how far all of it has moved.

    reward_accuracy    of two fixed descriptions of a poem, how often training raised the more specific one by more
    drift              loss under the base weights minus loss under the trained ones, of the trained describer's own
                       answers, nats per token

Both need no new description, only losses of those that are there.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from workbench.backtranslation import Describer
from workbench.engines.protocols import Cancelled, Learner
from workbench.types import Candidate, Poem, Score

_TELLING = 0.015  # nats per token: what batching alone can change of a specificity


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Who wrote descriptions of which poems, and whose weights say how probable they are."""

    describer: Describer
    learner: Learner
    held_out: Sequence[Poem]
    cancelled: Cancelled

    def losses(self, candidates: Sequence[Candidate]) -> list[tuple[float, float] | None]:
        """Of each description, as an answer to its request: nats per token, base weights first, then trained."""
        by_id = {poem.id: poem for poem in self.held_out}
        render, asked_for = self.describer.renderer.render, self.describer.asked_for
        asked = [render(asked_for(by_id[c.poem_id]), c.text) for c in candidates]
        now = self.learner.score(asked, cancelled=self.cancelled)
        with self.learner.frozen():
            before = self.learner.score(asked, cancelled=self.cancelled)
        return [
            (old.mean_nats, new.mean_nats) if isinstance(old, Score) and isinstance(new, Score) else None
            for old, new in zip(before, now, strict=True)
        ]


def figures_of(
    answers: Answers, fixed: Sequence[Candidate], specificity: Mapping[str, float], own: Sequence[Candidate]
) -> dict[str, list[float | None]]:
    """Both figures by name, a value a poem; the arguments are those of the two functions below."""
    return {"reward_accuracy": reward_accuracy(answers, fixed, specificity), "drift": drift(answers, own)}


def reward_accuracy(
    answers: Answers, fixed: Sequence[Candidate], specificity: Mapping[str, float]
) -> list[float | None]:
    """For each poem the share of pairs of fixed descriptions of which training raised the better one by more.

    Args:
        answers: the describer and its poems.
        fixed: descriptions that the base model wrote before training.
        specificity: of those that do not copy, by candidate id; the others are left out.
    """
    known = [candidate for candidate in fixed if candidate.id in specificity]
    raised: dict[str, list[tuple[float, float]]] = {poem.id: [] for poem in answers.held_out}
    for candidate, losses in zip(known, answers.losses(known), strict=True):
        if losses:
            raised[candidate.poem_id].append((specificity[candidate.id], losses[0] - losses[1]))
    return [_share_in_order(own) for own in raised.values()]


def drift(answers: Answers, own: Sequence[Candidate]) -> list[float | None]:
    """For each poem how much more probable, a token, its descriptions are under the weights that wrote them.

    Args:
        answers: the describer and its poems.
        own: usable descriptions that the trained describer wrote.
    """
    moved: dict[str, list[float]] = {poem.id: [] for poem in answers.held_out}
    for candidate, losses in zip(own, answers.losses(own), strict=True):
        if losses:
            moved[candidate.poem_id].append(losses[0] - losses[1])
    return [mean_of_known(values) for values in moved.values()]


def _share_in_order(points: Sequence[tuple[float, float]]) -> float | None:
    """Share of pairs that both figures put in the same order, without those that the first can hardly tell apart."""
    pairs = [(a[0] - b[0], a[1] - b[1]) for a, b in combinations(points, 2) if abs(a[0] - b[0]) > _TELLING]
    return mean_of_known([float((first > 0) == (second > 0)) for first, second in pairs])


def mean_of_known(values: Sequence[float | None]) -> float | None:
    """The mean of what was measured; None where nothing was.

    >>> mean_of_known([1.0, None, 2.0]), mean_of_known([None])
    (1.5, None)
    """
    there = [value for value in values if value is not None]
    return math.fsum(there) / len(there) if there else None
