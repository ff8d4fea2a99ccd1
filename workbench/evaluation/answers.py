"""What training did to the probability of descriptions: whether the better rose more, and how far all of it has moved.

    reward_accuracy    of two fixed descriptions of a poem, how often training raised the more specific one by more
    expected_…         a figure of the fixed descriptions, each counted by how much likelier training made it:
                           Σ w · figure / Σ w      w = π(description) / π₀(description), 1 before training
    drift              loss under the base weights minus loss under the trained ones, of the trained describer's own
                       answers, nats per token

None needs a new description, only losses of those that are there. What is expected is so of these few descriptions
alone: weights are far apart, so it is mostly the figure of the one or two that rose most.

Source: self-normalised importance sampling.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from workbench.backtranslation import Describer
from workbench.engines.protocols import Cancelled, Learner
from workbench.intervals import SHARE, Estimate, mean_of
from workbench.types import Candidate, Poem, Score

#: Figures that are shares: no mean of them, and no end of an interval, is below 0 or above 1.
SHARES = {
    "identification", "identification_strict", "best_identification", "reward_accuracy", "expected_identification",
    "expected_leak_rate", "leak_rate", "diversity", "failure_rate",
}  # fmt: skip
_TELLING = 0.015  # nats per token: what batching alone can change of a specificity
Losses = tuple[Score, Score]  # under the base weights, under the trained ones


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """Descriptions that the base model wrote before training, with what is known of them."""

    candidates: Sequence[Candidate]
    specificity: Mapping[str, float]  # by candidate id, of those that do not copy
    picks: Mapping[str, float]  # 1 where it picks its poem, by candidate id, of the same
    copies: Mapping[str, float]  # 1 where it copies or says the title, by candidate id

    @property
    def expected(self) -> dict[str, Mapping[str, float]]:
        """The figures of which an expected one is made, by its name."""
        words = {candidate.id: float(len(candidate.text.split())) for candidate in self.candidates}
        return {
            "expected_specificity": self.specificity, "expected_identification": self.picks,
            "expected_leak_rate": self.copies, "expected_words": words,
        }  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Who wrote descriptions of which poems, and whose weights say how probable they are."""

    describer: Describer
    learner: Learner
    held_out: Sequence[Poem]
    cancelled: Cancelled

    def losses(self, candidates: Sequence[Candidate]) -> list[Losses | None]:
        """Of each description, as an answer to its request."""
        by_id = {poem.id: poem for poem in self.held_out}
        render, asked_for = self.describer.renderer.render, self.describer.asked_for
        asked = [render(asked_for(by_id[c.poem_id]), c.text) for c in candidates]
        now = self.learner.score(asked, cancelled=self.cancelled)
        with self.learner.frozen():
            before = self.learner.score(asked, cancelled=self.cancelled)
        return [
            (old, new) if isinstance(old, Score) and isinstance(new, Score) else None
            for old, new in zip(before, now, strict=True)
        ]


def figures_of_fixed(answers: Answers, fixed: Fixed) -> dict[str, list[float | None]]:
    """Figures by name that need the fixed descriptions alone, one value per poem."""
    losses_of: dict[str, list[tuple[Candidate, Losses]]] = {poem.id: [] for poem in answers.held_out}
    for candidate, losses in zip(fixed.candidates, answers.losses(fixed.candidates), strict=True):
        if losses:
            losses_of[candidate.poem_id].append((candidate, losses))
    accuracy = [_accuracy(own, fixed.specificity) for own in losses_of.values()]
    expected = {name: [_expected(own, values) for own in losses_of.values()] for name, values in fixed.expected.items()}
    return {"reward_accuracy": accuracy, **expected}


def figures_at_the_start(held_out: Sequence[Poem], fixed: Fixed) -> dict[str, list[float | None]]:
    """What is expected before training: every description counts alike."""
    return {
        name: [mean_of_known([values.get(c.id) for c in fixed.candidates if c.poem_id == p.id]) for p in held_out]
        for name, values in fixed.expected.items()
    }


def drift(answers: Answers, own: Sequence[Candidate]) -> list[float | None]:
    """For each poem how much more probable, a token, its descriptions are under the weights that wrote them.

    Args:
        answers: the describer and its poems.
        own: usable descriptions that the trained describer wrote.
    """
    moved: dict[str, list[float]] = {poem.id: [] for poem in answers.held_out}
    for candidate, losses in zip(own, answers.losses(own), strict=True):
        if losses:
            moved[candidate.poem_id].append(losses[0].mean_nats - losses[1].mean_nats)
    return [mean_of_known(values) for values in moved.values()]


def _accuracy(own: Sequence[tuple[Candidate, Losses]], specificity: Mapping[str, float]) -> float | None:
    """Share of pairs that both figures put in the same order, without those that the first can hardly tell apart."""
    points = [(specificity[c.id], old.mean_nats - new.mean_nats) for c, (old, new) in own if c.id in specificity]
    pairs = [(a[0] - b[0], a[1] - b[1]) for a, b in combinations(points, 2) if abs(a[0] - b[0]) > _TELLING]
    return mean_of_known([float((first > 0) == (second > 0)) for first, second in pairs])


def _expected(own: Sequence[tuple[Candidate, Losses]], value_of: Mapping[str, float]) -> float | None:
    """Mean of a figure, each description weighted by how many times likelier training made it."""
    known = [(old.nll_nats - new.nll_nats, value_of[c.id]) for c, (old, new) in own if c.id in value_of]
    if not known:
        return None
    most = max(risen for risen, _ in known)
    weights = [math.exp(risen - most) for risen, _ in known]
    return math.fsum(w * value for w, (_, value) in zip(weights, known, strict=True)) / math.fsum(weights)


def mean_of_known(values: Sequence[float | None]) -> float | None:
    """The mean of what was measured; None where nothing was.

    >>> mean_of_known([1.0, None, 2.0]), mean_of_known([None])
    (1.5, None)
    """
    there = [value for value in values if value is not None]
    return math.fsum(there) / len(there) if there else None


def mean_of_figure(metric: str, per_poem: Sequence[float | None]) -> Estimate | None:
    """Mean over poems of a figure by its name, and its interval.

    >>> mean_of_figure("identification", [1, 1, 1, 1, 1, 0]).high
    1.0
    """
    return mean_of(per_poem, within=SHARE if metric in SHARES else None)
