"""What flows when a poem is described for use: candidates with their scores, and which poem the best picks out."""

from dataclasses import dataclass

from workbench.selection.select import Contender
from workbench.types import Choice, Poem, Reason, ScoredCandidate


@dataclass(frozen=True, slots=True, kw_only=True)
class Identified:
    """Whether a description picks its own poem out of M + 1, by guarded gain."""

    place: int  # of its own poem; 1 = it helps no other poem more
    n_poems: int  # M + 1, its own among them; chance is 1 / n_poems

    @property
    def is_own(self) -> bool:
        """Whether it is the first."""
        return self.place == 1


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedCandidate:
    """A candidate with its score and what was decided about it."""

    contender: Contender
    choice: Choice

    @property
    def text(self) -> str:
        """The description."""
        return self.contender.candidate.text

    @property
    def score(self) -> ScoredCandidate:
        """Its losses and gains."""
        return self.contender.score


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """A poem with all that was written about it."""

    poem: Poem
    model: str  # engine's name
    seed: int
    candidates: tuple[RankedCandidate, ...]  # the best first; copies and failures last
    identified: Identified | None  # of the best; None where there is no other poem, or no best

    @property
    def best(self) -> RankedCandidate | None:
        """The one to use; None where every candidate failed or copies the poem."""
        first = self.candidates[0] if self.candidates else None
        return first if first and first.text and not first.score.unscored and not first.score.is_leak else None

    @property
    def is_specific(self) -> bool:
        """Whether the best one would win in the loop: it helps this poem more than others, beyond the noise."""
        return bool(self.best and self.best.choice.is_winner)

    def rows(self) -> list[dict[str, object]]:
        """A row a candidate, for a table; nats per token."""
        return [
            {
                "title": self.poem.title, "rank": place, "description": each.text, **figures(each.score),
                "why": each.choice.why,
            }
            for place, each in enumerate(self.candidates, start=1)
        ]  # fmt: skip


def figures(score: ScoredCandidate) -> dict[str, object]:
    """A score's figures for people and tables: gains in nats per token, None where nothing was measured."""
    if score.unscored:
        return {"specificity": None, "gain": None, "guarded gain": None, "longest run": None, "copies": None}
    return {
        "specificity": None if score.is_leak else score.specificity, "gain": score.gain,
        "guarded gain": score.guarded_gain, "longest run": score.longest_run_words, "copies": score.is_leak,
    }  # fmt: skip


def why_not(described: Described) -> str:
    """One sentence where no description can be used, or the best is not specific; "" where all is well."""
    if described.best is None:
        first = described.candidates[0] if described.candidates else None
        failure = first.contender.candidate.failure if first else ""
        said = Reason(failure).sentence if failure else first.choice.why if first else "the model wrote none"
        return f"no usable description: {said}"
    return "" if described.is_specific else f"it would not win in the loop: {described.best.choice.why}"
