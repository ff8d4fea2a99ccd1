"""Teaching: what the winners on record teach, and the optimizer step that teaches it.

follower, describer, both   the winners' targets are made likelier: plain fine-tuning
preference                  a winner is made likelier than a loser of its poem, against the base (`preference.py`)
"""

from collections.abc import Sequence
from dataclasses import dataclass

from workbench.engines.protocols import Learner
from workbench.errors import DivergedError
from workbench.prompts.renderers import Renderer
from workbench.prompts.templates import PromptTemplate
from workbench.selection.losers import choose_losers
from workbench.selection.select import SelectionSettings, make_examples, pair_up
from workbench.storage.records import RecordStore
from workbench.training.preference import PairLoss, pair_weights
from workbench.training.settings import LoopTrainingSettings
from workbench.types import (
    Candidate,
    Choice,
    Example,
    Poem,
    Rendered,
    Score,
    ScoredCandidate,
    StepResult,
    Unscored,
    Verdict,
    seed_for,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WinnerExamples:
    """What there is to learn from the choices of a run."""

    records: RecordStore
    selection: SelectionSettings
    training: LoopTrainingSettings
    pool: str  # last: of this iteration; all: of all so far
    follow: PromptTemplate
    describe: PromptTemplate
    words: int
    seed: int

    def of(self, poems: Sequence[Poem], *, arm: str, iteration: int) -> list[Example]:
        """The examples of an arm's winners of these poems; pairs stand side by side, the winner first."""
        winners: list[Choice] = []
        for poem in poems:
            own = self.records.all(Choice, poem_id=poem.id, arm=arm, is_winner=1)
            first = iteration if self.pool == "last" else 0
            own = [choice for choice in own if first <= choice.iteration <= iteration]
            winners += own[-self.selection.max_per_poem :]
        losers = self._losers(winners, poems) if self.training.objective == "preference" else None
        return make_examples(
            winners, poems, task=self.training.task,
            follow=self.follow, describe=self.describe, words=self.words, losers=losers,
        )  # fmt: skip

    def _losers(self, winners: Sequence[Choice], poems: Sequence[Poem]) -> dict[str, Candidate]:
        ids = [poem.id for poem in poems]
        contenders = pair_up(self.records.of_poems(Candidate, ids), self.records.of_poems(ScoredCandidate, ids))
        verdicts, seed = self.records.of_poems(Verdict, ids), seed_for(self.seed, "losers")
        return choose_losers(contenders, winners, self.selection, verdicts=verdicts, seed=seed)


def training_step(
    learner: Learner, renderer: Renderer, examples: Sequence[Example], *, learning_rate: float, beta: float
) -> StepResult | None:
    """One optimizer step on the examples; none where there is nothing to learn.

    Returns:
        The step. Of pairs its loss is that of the winners alone, before the step, so that it can be read like any
        other; None without examples.

    Raises:
        DivergedError: a loss was not finite; the weights are as before.
        EngineError: an example does not fit the model.
    """
    rendered = [renderer.render(example.prompt, example.target) for example in examples]
    if not rendered:
        return None
    if any(example.task == "avoided" for example in examples):
        return _teach_pairs(learner, rendered, learning_rate=learning_rate, beta=beta)
    return learner.step(rendered, learning_rate=learning_rate)


def _teach_pairs(learner: Learner, rendered: Sequence[Rendered], *, learning_rate: float, beta: float) -> StepResult:
    """One step on winner, loser, winner, loser and so on."""
    with learner.frozen():
        base = [_nats(score) for score in learner.score(rendered)]
    now = [_nats(score) for score in learner.score(rendered)]
    losses = [
        PairLoss(winner=now[i], loser=now[i + 1], base_winner=base[i], base_loser=base[i + 1])
        for i in range(0, len(rendered), 2)
    ]
    n_tokens = sum(len(each.target_ids) for each in rendered)
    scale = n_tokens / len(losses)  # a step divides by its tokens; here a pair counts as one
    weights = [weight * scale for pair in pair_weights(losses, beta=beta) for weight in pair]
    result = learner.step(rendered, learning_rate=learning_rate, weights=weights)
    return StepResult(
        loss_nats=sum(now[::2]),
        n_tokens=sum(len(each.target_ids) for each in rendered[::2]),
        gradient_norm=result.gradient_norm,
    )


def _nats(score: Score | Unscored) -> float:
    if isinstance(score, Score):
        return score.nll_nats
    raise DivergedError(f"a pair could not be weighed: {score.reason.sentence} {score.detail}".rstrip())
