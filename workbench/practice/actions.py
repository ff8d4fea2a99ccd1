"""The actions of a practice and what lives between two of them: the learner's weights, and who writes now."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from workbench.corpus.load import load_poems
from workbench.engines.learning.settings import learning_rate
from workbench.engines.opening import Engines
from workbench.errors import DivergedError, Stopped
from workbench.places import located
from workbench.practice.lessons import Lessons
from workbench.practice.measure import figures_of, folded, measurements
from workbench.practice.plan import BASE, PracticeAction, practice_plan
from workbench.practice.poems import (
    VERIFIED,
    PoemFile,
    PracticePoem,
    asked,
    asked_freely,
    n_lines,
    of_answer,
    of_written,
    poem_id,
)
from workbench.practice.settings import PracticeSettings, Request, requests_of
from workbench.prompts.templates import poem_target
from workbench.storage.atomic import new_folder
from workbench.storage.execution import RunActions, newest_checkpoint, save_checkpoint
from workbench.storage.runs import Run
from workbench.training.step import training_step
from workbench.types import (
    Completion,
    Example,
    Failed,
    Poem,
    Rendered,
    SampleRequest,
    Sampling,
    Score,
    StepRecord,
    StepResult,
    content_id,
    seed_for,
)
from workbench.writing.asked_poem import AskedPoet
from workbench.writing.poem_search import CannotWriteError
from workbench.writing.run import OpenPoet, open_writer
from workbench.writing.wishes import Wishes, WriteJob

_HUMAN_POEMS = 8  # of ours, whose loss says whether the weights still know what people write


@dataclass(kw_only=True, eq=False)
class Practice:
    """A run with its engines, each made when first used."""

    run: Run
    settings: PracticeSettings
    engines: Engines
    requests: list[Request] = field(init=False)
    poems: PoemFile = field(init=False)

    def __post_init__(self) -> None:
        self.requests = requests_of(self.settings)
        self.poems = PoemFile(self.run.folder / "poems.jsonl")

    @cached_property
    def practised(self) -> list[Request]:
        """What is written and trained on."""
        return [request for request in self.requests if request.is_practised]

    @cached_property
    def held_out(self) -> list[Request]:
        """What is only asked for."""
        return [request for request in self.requests if not request.is_practised]

    @cached_property
    def n_lines(self) -> dict[str, int]:
        """Lines that each form asks for."""
        return {request.form: n_lines(request, self.settings) for request in self.requests}


class PracticeActions(RunActions):
    """Carries out the actions of a practice; each finds what it has done before, or does the same again."""

    def __init__(self, practice: Practice) -> None:
        self.practice, self.settings, self.run = practice, practice.settings, practice.run
        self.records = practice.run.records
        self._poet: OpenPoet | AskedPoet | None = None

    def plan(self) -> list[PracticeAction]:
        """See `practice_plan`."""
        return practice_plan(self.settings, len(self.practice.practised))

    def sentence(self, action: PracticeAction) -> str:
        """What an action does, for a person who watches."""
        return action.sentence

    def resume(self) -> int:
        """The position of the newest whole checkpoint, its weights taken back; 0 for a fresh start."""
        checkpoint = newest_checkpoint(self.run)
        if checkpoint is None:
            return 0
        if checkpoint.state["has_learned"]:
            self.practice.engines.learner.load_state(checkpoint.folder / "learner")
        return checkpoint.position

    def do(self, position: int, action: PracticeAction) -> None:
        """Carries out one action."""
        if action.kind != "write":
            self.close_poet()
        match action.kind:
            case "write":
                self._write(self.practice.practised[action.requests[0]])
            case "answer":
                self._answer(action.voice, self.practice.practised, self.settings.n_answers)
            case "measure":
                self._measure(action)
            case "restart":
                self.practice.engines.learner.reset(seed_for(self.settings.seed, "learner", "practice"))
            case "imitate" | "contrast":
                self._step(action)
            case "save":
                self._save_adapter(action)
                self.save(position + 1)

    def save(self, position: int) -> None:
        """A checkpoint before the action at `position`; before anything is learned it holds the position alone."""
        has_learned = any(action.kind == "restart" for action in self.plan()[:position])

        def write(folder: Path) -> None:
            (folder / "learner").mkdir()
            if has_learned:
                self.practice.engines.learner.save_state(folder / "learner")

        save_checkpoint(self.run.checkpoints, position, write, state={"has_learned": int(has_learned)})
        self.records.note("saved", text=f"saved at {position}", position=position)

    def close_poet(self) -> None:
        """Frees the model that writes with the form enforced."""
        if self._poet is not None:
            self._poet.close()
            self._poet = None

    # ------------------------------------------------------------ write and answer

    def _write(self, request: Request) -> None:
        if poem_id(VERIFIED, request, 0) in self.practice.poems:
            return
        if self._poet is None:
            written_in = str(self.run.folder / "written")
            self._poet = open_writer(WriteJob(poems=written_in, poet=self.settings.poet, writing=self.settings.writing))
        wishes = Wishes(subject=request.subject, form=request.form, seed=seed_for(self.settings.seed, request.id))
        try:
            written = self._poet.write(wishes, cancelled=self.run.stop_asked)
            self.practice.poems.add(of_written(request, written))
        except CannotWriteError as error:
            self.practice.poems.add(of_written(request, None, str(error)))

    def _answer(self, voice: str, requests: Sequence[Request], n: int) -> list[PracticePoem]:
        """Plain answers, those that are not there yet sampled."""
        poems, lines = self.practice.poems, self.practice.n_lines
        missing = [(r, k) for r in requests for k in range(n) if poem_id(voice, r, k) not in poems]
        sampling = Sampling(temperature=self.settings.temperature, max_new_tokens=self.settings.max_new_tokens)

        def keep(index: int, answer: Completion | Failed) -> None:
            request, number = missing[index]
            if not self.run.stop_asked():
                poems.add(of_answer(voice, request, number, answer, n_lines=lines[request.form]))

        if missing:
            sampler = self.practice.engines.sampler
            sampler.use_adapter(None if voice.startswith(BASE) else self.run.adapter_folder(_folder(voice)))
            wanted = [
                SampleRequest(prompt=asked(r), seed=seed_for(self.settings.seed, r.id, str(k)), sampling=sampling)
                for r, k in missing
            ]
            sampler.sample(wanted, on_completion=keep, cancelled=self.run.stop_asked)
        if self.run.stop_asked():
            raise Stopped("stopped while poems were written")
        return poems.of(voice, requests, n=n)

    # ------------------------------------------------------------ learn

    def _step(self, action: PracticeAction) -> None:
        practice, training = self.practice, self.settings.training
        before = f"{BASE} 0" if action.round == 1 else f"{action.arm} {action.round - 1}"
        lessons = Lessons(practice.poems, self.settings, practice.practised, arm=action.arm, voice=before)
        requests = [practice.practised[index] for index in action.requests]
        if action.kind == "contrast":
            examples, rate = lessons.pairs(requests), training.pair_learning_rate
        else:
            examples = lessons.examples(requests, turn=action.step)
            rate = learning_rate(
                action.step, action.total, start=training.learning_rate, end=training.learning_rate_end,
                schedule=training.schedule, warmup_share=training.warmup_share,
            )  # fmt: skip
        learner, renderer = practice.engines.learner, practice.engines.renderer
        try:
            result = training_step(learner, renderer, examples, learning_rate=rate, beta=training.beta)
        except DivergedError as exc:
            text = f"{action.sentence}: {exc}; the last checkpoint is intact, try a lower learning rate"
            self.records.note("failed", text=text)
            raise DivergedError(text) from exc
        self.records.replace(examples, [_step_record(action, rate, result, examples)])

    def _save_adapter(self, action: PracticeAction) -> None:
        folder = self.run.adapter_folder(_folder(action.voice))
        if not folder.is_dir():
            with new_folder(folder) as partial:
                self.practice.engines.learner.save_adapter(partial)

    # ------------------------------------------------------------ measure

    def _measure(self, action: PracticeAction) -> None:
        practice, settings = self.practice, self.settings
        answers = self._answer(action.voice, practice.held_out, settings.n_measured)
        written = practice.poems.of(VERIFIED, practice.practised)
        trained = frozenset(line for poem in written if poem.is_kept for line in folded(poem.text))
        figures = figures_of(
            answers, practice.held_out, forms=settings.forms, n_lines=practice.n_lines, trained=trained
        )
        figures |= {"fluency": self._fluency(answers), "human loss": self._human_loss(action.arm == BASE)}
        self.records.replace(measurements(figures, arm=action.arm, round_=action.round))

    def _fluency(self, answers: Sequence[PracticePoem]) -> list[float | None]:
        """Nats per token of the answers under the base weights, a mean a subject."""
        by_id = {request.id: request for request in self.practice.held_out}
        poems = [poem for poem in answers if poem.text and not poem.number]  # one a request: each costs its prompt
        render = self.practice.engines.renderer.render
        rendered = [render(asked(by_id[p.request_id]), poem_target(Poem(title=p.title, text=p.text))) for p in poems]
        subjects = list(dict.fromkeys(request.subject for request in self.practice.held_out))
        values: dict[str, list[float]] = {subject: [] for subject in subjects}
        for poem, nats in zip(poems, self._losses(rendered, of_base=True), strict=True):
            values[poem.subject] += [nats] if nats is not None else []
        return [sum(own) / len(own) if own else None for own in values.values()]

    def _human_loss(self, of_base: bool) -> list[float | None]:
        render = self.practice.engines.renderer.render
        poems = load_poems(located("data/poems/good"))[:_HUMAN_POEMS]
        rendered = [render(asked_freely(poem.title), poem_target(poem)) for poem in poems]
        return self._losses(rendered, of_base=of_base)

    def _losses(self, rendered: Sequence[Rendered], *, of_base: bool) -> list[float | None]:
        learner = self.practice.engines.learner
        if of_base:
            with learner.frozen():
                scores = learner.score(rendered, cancelled=self.run.stop_asked)
        else:
            scores = learner.score(rendered, cancelled=self.run.stop_asked)
        if self.run.stop_asked():
            raise Stopped("stopped while measuring")
        return [score.mean_nats if isinstance(score, Score) else None for score in scores]


def _folder(voice: str) -> str:
    return voice.replace(" ", "-")


def _step_record(
    action: PracticeAction, rate: float, result: StepResult | None, examples: Sequence[Example]
) -> StepRecord:
    return StepRecord(
        id=content_id("step", action.arm, str(action.round), action.kind, str(action.step)), arm=action.arm,
        iteration=action.round, step=action.step, learning_rate=rate,
        loss_nats=result.loss_nats if result else 0.0, n_tokens=result.n_tokens if result else 0,
        gradient_norm=result.gradient_norm if result else 0.0, examples=tuple(example.id for example in examples),
    )  # fmt: skip
