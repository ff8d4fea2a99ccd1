"""Training: supervised fine-tuning of educator, poet and rhyme poet with the loop's own learner.

    loss = Σ nll(answer tokens) / number of answer tokens of the batch      the prompt is context, never a target
    loss = mean of −log σ(β · margin) over the batch                        of pairs; the margin is that of `PairLoss`

Examples are JSON lines with `messages` and `target` (`educate prepare` makes them), or pairs. Held-out loss is measured
before training and after every epoch; the weights of the best epoch are the result (`adapters/best` in the run), and
training stops when they have not become better for `patience` epochs. A run can be stopped and resumed at any step; on
one machine it ends with the same bytes as one that was never stopped.

Does not know what a critique is, nor how an example came about.
"""

import math
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from workbench.engines.learning.settings import learning_rate
from workbench.engines.protocols import Learner, Sampler
from workbench.errors import DivergedError
from workbench.intervals import mean_of
from workbench.prompts.renderers import Renderer
from workbench.storage.atomic import new_folder
from workbench.storage.execution import RunActions, Watch, carry_out, newest_checkpoint, save_checkpoint
from workbench.storage.runs import Run
from workbench.training.settings import FineTuningSettings, TrainingAction, n_steps, training_plan
from workbench.training.step import pair_losses, spread, training_step
from workbench.types import (
    Completion,
    Example,
    Measurement,
    Rendered,
    SampleRequest,
    Sampling,
    Score,
    StepRecord,
    content_id,
    seed_for,
)

BEST = "best"  # the adapter of the epoch with the lowest held-out loss
LOSS = "loss_valid"
WON = "pairs_won"  # share of held-out pairs whose chosen answer gained on the rejected one; half where neither did


@dataclass(frozen=True, slots=True, kw_only=True)
class FineTuning:
    """Everything that a fine-tuning works with."""

    run: Run
    name: str  # educator, poet, rhyme_poet
    learner: Learner
    renderer: Renderer
    sampler: Sampler | None  # answers a few held-out prompts at each evaluation; None = no samples
    examples: Sequence[Example]  # of pairs the chosen answers, as in `valid`
    valid: Sequence[Example]
    settings: FineTuningSettings
    seed: int
    rejected: Mapping[str, Example] = field(default_factory=dict)  # of pairs, by the id of the chosen answer

    def answers(self, examples: Sequence[Example]) -> list[Example]:
        """The examples, of pairs each with the answer that was rejected for it."""
        if not self.rejected:
            return list(examples)
        return [answer for example in examples for answer in (example, self.rejected[example.id])]

    def plan(self) -> list[TrainingAction]:
        """All actions, shortened where the stop rule has spoken."""
        whole = training_plan(self.settings, len(self.examples), seed=self.seed)
        last = last_epoch(self.losses(), self.settings.patience)
        return [action for action in whole if last is None or action.epoch <= last]

    def losses(self) -> dict[int, float]:
        """Held-out loss by epoch, as far as it is on record."""
        measured = self.run.records.all(Measurement, arm=self.name, metric=LOSS)
        return {m.iteration: m.value for m in sorted(measured, key=lambda m: m.iteration) if m.value is not None}


def last_epoch(losses: dict[int, float], patience: int) -> int | None:
    """The epoch after which training stops; None while it may continue.

    >>> last_epoch({0: 3.0, 1: 2.5, 2: 2.6, 3: 2.7}, patience=1), last_epoch({0: 3.0, 1: 2.5}, patience=1)
    (2, None)
    """
    best, since = math.inf, 0
    for epoch in sorted(losses):
        best, since = (losses[epoch], 0) if losses[epoch] < best else (best, since + 1)
        if patience and since >= patience:
            return epoch
    return None


def train_adapter(fine_tuning: FineTuning, *, watch: Watch = lambda _: None) -> Path:
    """Carries out what is left of the plan and returns the folder of the best adapter.

    Raises:
        Stopped: somebody asked; a checkpoint was written first.
        DivergedError: training met a loss that is not finite; the last checkpoint is intact.
        EngineError: the model failed.
        StoreError: the disk failed; what was saved before is intact.
    """
    run = fine_tuning.run
    carry_out(TrainingActions(fine_tuning), watch=watch, resume_with=f"train --resume {run.name}")
    return run.adapter_folder(BEST)


class TrainingActions(RunActions):
    """The actions of a fine-tuning and the weights that live between two of them."""

    def __init__(self, fine_tuning: FineTuning) -> None:
        self.fine_tuning, self.learner = fine_tuning, fine_tuning.learner
        self.run, self.records = fine_tuning.run, fine_tuning.run.records

    def plan(self) -> list[TrainingAction]:
        """See `FineTuning.plan`."""
        return self.fine_tuning.plan()

    def sentence(self, action: TrainingAction) -> str:
        """What an action does, for a person who watches."""
        return action.sentence(
            self.fine_tuning.name, n_steps(self.fine_tuning.settings, len(self.fine_tuning.examples))
        )

    def resume(self) -> int:
        """Takes back the newest whole checkpoint and returns its position; 0 with fresh weights where there is none."""
        checkpoint = newest_checkpoint(self.fine_tuning.run)
        if checkpoint is None:
            self.learner.reset(seed_for(self.fine_tuning.seed, "learner", self.fine_tuning.name))
            return 0
        self.learner.load_state(checkpoint.folder / "learner")
        return checkpoint.position

    def do(self, position: int, action: TrainingAction) -> None:
        """Carries out one action."""
        match action.kind:
            case "step":
                self._step(action)
            case "evaluate":
                self._evaluate(action.epoch)
            case "save":
                self.save(position + 1)

    def save(self, position: int) -> None:
        """A checkpoint before the action at `position`."""

        def write(folder: Path) -> None:
            (folder / "learner").mkdir()
            self.learner.save_state(folder / "learner")

        save_checkpoint(self.fine_tuning.run.checkpoints, position, write, state={})
        self.records.note("saved", text=f"saved at {position}", position=position)

    def _step(self, action: TrainingAction) -> None:
        fine_tuning, settings = self.fine_tuning, self.fine_tuning.settings
        examples = [fine_tuning.examples[index] for index in action.examples]
        rate = learning_rate(
            action.step, n_steps(settings, len(fine_tuning.examples)), start=settings.learning_rate,
            end=settings.learning_rate_end, schedule=settings.schedule, warmup_share=settings.warmup_share,
        )  # fmt: skip
        try:
            result = training_step(
                self.learner, fine_tuning.renderer, fine_tuning.answers(examples), learning_rate=rate,
                beta=settings.beta,
            )  # fmt: skip
        except DivergedError as exc:
            self.records.note("failed", text=f"step {action.step}: {exc}")
            raise
        if result is None:
            return  # the plan has no step without examples
        record = StepRecord(
            id=content_id("step", fine_tuning.name, str(action.epoch), str(action.step)),
            arm=fine_tuning.name,
            iteration=action.epoch,
            step=action.step,
            learning_rate=rate,
            loss_nats=result.loss_nats,
            n_tokens=result.n_tokens,
            gradient_norm=result.gradient_norm,
            examples=tuple(example.id for example in examples),
        )
        self.records.replace([record])

    def _evaluate(self, epoch: int) -> None:
        fine_tuning = self.fine_tuning
        measured = measure_valid(fine_tuning, epoch)
        known = fine_tuning.losses()
        before = [loss for at, loss in known.items() if at < epoch]
        loss = measured[0].value
        if loss is not None and loss < min(before, default=math.inf):
            folder = fine_tuning.run.adapter_folder(BEST)
            shutil.rmtree(folder, ignore_errors=True)  # the checkpoint still holds what led to it
            with new_folder(folder) as partial:
                self.learner.save_adapter(partial)
        self.records.replace(measured)
        self._answer_some(epoch)

    def _answer_some(self, epoch: int) -> None:
        """A few held-out prompts answered by the weights as they are, so that a person sees where it goes."""
        fine_tuning, settings = self.fine_tuning, self.fine_tuning.settings
        if fine_tuning.sampler is None or not settings.samples:
            return
        folder = fine_tuning.run.adapter_folder(f"epoch-{epoch}")
        shutil.rmtree(folder, ignore_errors=True)
        with new_folder(folder) as partial:
            self.learner.save_adapter(partial)
        fine_tuning.sampler.use_adapter(folder)
        asked = spread(fine_tuning.valid, settings.samples)
        sampling = Sampling(temperature=0.7, max_new_tokens=settings.sample_tokens)
        seeds = [seed_for(fine_tuning.seed, "sample", example.id) for example in asked]
        requests = [
            SampleRequest(prompt=e.prompt, seed=s, sampling=sampling) for e, s in zip(asked, seeds, strict=True)
        ]
        for example, answer in zip(asked, fine_tuning.sampler.sample(requests), strict=True):
            text = answer.text if isinstance(answer, Completion) else answer.reason.sentence
            self.records.note("sample", epoch=epoch, task=example.task, prompt=example.prompt[-1].content, text=text)
        shutil.rmtree(folder, ignore_errors=True)


def measure_valid(fine_tuning: FineTuning, epoch: int) -> list[Measurement]:
    """Held-out loss in nats per answer token: over all tasks first, then task by task; intervals over poems.

    Of pairs it is the pair loss, and beside it the share of pairs whose chosen answer gained on the rejected one.
    """
    if fine_tuning.rejected:
        return _measure_pairs(fine_tuning, epoch)
    scores = fine_tuning.learner.score(_rendered(fine_tuning.renderer, fine_tuning.valid))
    values = [score.mean_nats if isinstance(score, Score) else None for score in scores]
    tasks = sorted({example.task for example in fine_tuning.valid})
    by_metric = {LOSS: _by_poem(fine_tuning.valid, values)} | {
        f"{LOSS}: {task}": _by_poem(fine_tuning.valid, values, task=task) for task in tasks
    }
    return [_measurement(fine_tuning, epoch, metric, per_poem) for metric, per_poem in by_metric.items()]


def _measure_pairs(fine_tuning: FineTuning, epoch: int) -> list[Measurement]:
    answers = _rendered(fine_tuning.renderer, fine_tuning.answers(fine_tuning.valid))
    pairs = pair_losses(fine_tuning.learner, answers)
    losses = [pair.loss(beta=fine_tuning.settings.beta) for pair in pairs]
    won = [0.5 + 0.5 * ((pair.margin > 0) - (pair.margin < 0)) for pair in pairs]
    return [
        _measurement(fine_tuning, epoch, metric, _by_poem(fine_tuning.valid, values))
        for metric, values in ((LOSS, losses), (WON, won))
    ]


def _by_poem(examples: Sequence[Example], values: Sequence[float | None], *, task: str = "") -> list[float | None]:
    """The mean over each poem's examples, poems in the order in which they first appear."""
    groups: dict[str, list[float]] = {}
    for example, value in zip(examples, values, strict=True):
        if not task or example.task == task:
            own = groups.setdefault(example.poem_id or example.id, [])
            own += [value] if value is not None else []
    return [math.fsum(own) / len(own) if own else None for own in groups.values()]


def _measurement(fine_tuning: FineTuning, epoch: int, metric: str, values: Sequence[float | None]) -> Measurement:
    estimate = mean_of(values)
    return Measurement(
        id=content_id("measurement", fine_tuning.name, str(epoch), metric),
        arm=fine_tuning.name,
        iteration=epoch,
        weights="current",
        metric=metric,
        value=estimate.value if estimate else None,
        low=estimate.low if estimate else None,
        high=estimate.high if estimate else None,
        n_poems=estimate.n if estimate else 0,
        per_poem=tuple(values),
    )


def _rendered(renderer: Renderer, examples: Sequence[Example]) -> list[Rendered]:
    return [renderer.render(example.prompt, example.target) for example in examples]
