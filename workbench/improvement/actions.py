"""The actions of which a run of the loop is made, each stored in one transaction; `plan.py` says in which order.

    describe   poems → candidates → scores → choices of every arm        (backtranslation, scoring, selection)
    train      one optimizer step on the winners of some poems
    refresh    the describer takes the weights as they are now
    evaluate   held-out report of an arm                                 (evaluation)
    restart    a fresh adapter and optimizer
    save       a checkpoint: position, learner, describer

Ids are made from content, so an action that is done again after a crash finds its records or writes the same ones.
"""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from workbench.backtranslation import describe_poems
from workbench.engines.learning.settings import learning_rate
from workbench.errors import DivergedError, Stopped
from workbench.evaluation.evaluate import Occasion, evaluate
from workbench.evaluation.start import start_of
from workbench.improvement.canaries import check_canaries
from workbench.improvement.plan import Action
from workbench.improvement.run import Loop
from workbench.prompts.templates import load_prompt
from workbench.scoring.score import score_candidates
from workbench.selection.examples import WinnerExamples
from workbench.selection.groups import Group, RewardedExamples
from workbench.selection.select import pair_up, select_winners
from workbench.storage.atomic import new_folder
from workbench.storage.execution import RunActions, newest_checkpoint, save_checkpoint
from workbench.training.step import policy_step, training_step
from workbench.types import (
    Candidate,
    Choice,
    Example,
    Poem,
    SampleRequest,
    ScoredCandidate,
    StepRecord,
    StepResult,
    Verdict,
    content_id,
    seed_for,
)


class LoopActions(RunActions):
    """The actions of a run and what lives between two of them: the learner's weights and the describer's adapter."""

    def __init__(self, loop: Loop) -> None:
        self.loop = loop
        self.run, self.records, self.learner = loop.run, loop.run.records, loop.learner
        self.describer_adapter = ""  # name of a folder of the run; "" = the base
        self.poems = {poem.id: poem for poem in loop.poems}

    def plan(self) -> list[Action]:
        """See `Loop.plan`."""
        return self.loop.plan()

    def sentence(self, action: Action) -> str:
        """What an action does, for a person who watches."""
        return action.sentence

    def resume(self) -> int:
        """Takes back the newest whole checkpoint and returns its position; at 0 it prepares a fresh start."""
        checkpoint = newest_checkpoint(self.run)
        if checkpoint is not None:
            self.learner.load_state(checkpoint.folder / "learner")
            self.describer_adapter = str(checkpoint.state["describer"])
            self._take_back_describer(checkpoint.folder)
        if checkpoint is None or checkpoint.position == 0:
            self._prepare()
            return 0
        return checkpoint.position

    def _take_back_describer(self, checkpoint: Path) -> None:
        if self.describer_adapter:
            shutil.rmtree(self.run.adapter_folder(self.describer_adapter), ignore_errors=True)
            with new_folder(self.run.adapter_folder(self.describer_adapter)) as partial:
                _link_adapter(checkpoint / "describer", partial)
        self._describe_with(self.describer_adapter)

    def _prepare(self) -> None:
        """Fresh weights; planted cheats must lose before anything is ranked."""
        loop = self.loop
        self.learner.reset(seed_for(loop.seed, "learner", "top"))
        if loop.evaluation.canaries and len(loop.poems) > 1:
            poem, other = loop.poems[0], loop.poems[1]
            for complaint in check_canaries(loop.likelihood, poem, other, loop.selection):
                self.records.note("warning", text=f"planted cheat: {complaint}")

    def do(self, position: int, action: Action) -> None:
        """Carries out one action."""
        match action.kind:
            case "describe":
                self.describe(action)
            case "train":
                self.train(action)
            case "refresh":
                self.refresh(action, position)
            case "evaluate":
                self.evaluate(action)
            case "restart":
                self.learner.reset(seed_for(self.loop.seed, "learner", "top"))
            case "save":
                self.save(position + 1)

    def describe(self, action: Action) -> None:
        """Describes, scores and selects; what is on record already is not done again."""
        poems = [self.poems[poem_id] for poem_id in action.poem_ids]
        candidates = self.backtranslate(poems, action.iteration)
        scores = self.records.of_poems(ScoredCandidate, action.poem_ids, iteration=action.iteration)
        is_scored = len(scores) >= len(candidates)
        if is_scored and self.records.of_poems(Choice, action.poem_ids, iteration=action.iteration):
            return
        scores = scores if is_scored else self.score(candidates, poems)
        self.records.put(scores, self.choose(candidates, scores, action.iteration))

    def backtranslate(self, poems: Sequence[Poem], iteration: int) -> list[Candidate]:
        """Candidates of some poems, from the record or new."""
        loop, stop = self.loop, self.run.stop_asked
        candidates = self.records.of_poems(Candidate, [poem.id for poem in poems], iteration=iteration)
        if not candidates:
            candidates = describe_poems(loop.describer, poems, iteration=iteration, cancelled=stop)
            if stop():
                raise Stopped("stopped while describing")
            self.records.put(candidates)
        return candidates

    def choose(
        self, candidates: Sequence[Candidate], scores: Sequence[ScoredCandidate], iteration: int
    ) -> list[Choice]:
        """What every arm makes of some poems' candidates."""
        loop = self.loop
        verdicts = self.records.of_poems(Verdict, list(dict.fromkeys(c.poem_id for c in candidates)))
        seed = seed_for(loop.seed, "arms", str(iteration))
        contenders = pair_up(candidates, scores)
        return [
            choice
            for arm in loop.arms
            for choice in select_winners(contenders, loop.selection, verdicts=verdicts, arm=arm, seed=seed)
        ]

    def score(self, candidates: Sequence[Candidate], poems: Sequence[Poem]) -> list[ScoredCandidate]:
        """Scores of candidates under the weights that the settings name."""
        likelihood, stop, pool = self.loop.likelihood, self.run.stop_asked, self.loop.poems
        if likelihood.settings.weights == "base":
            with self.learner.frozen():
                return score_candidates(likelihood, candidates, poems, neighbours=pool, cancelled=stop)
        return score_candidates(likelihood, candidates, poems, neighbours=pool, cancelled=stop)

    def train(self, action: Action) -> None:
        """One optimizer step on the winners of the action's poems."""
        training = self.loop.training
        rate = learning_rate(
            action.step, action.total, start=training.learning_rate, end=training.learning_rate_end,
            schedule=training.schedule, warmup_share=training.warmup_share,
        )  # fmt: skip
        try:
            examples, result = self._learn(action, rate)
        except DivergedError as exc:
            text = f"step {action.step}: {exc}; the last checkpoint is intact, try a lower learning rate"
            self.records.note("failed", text=text)
            raise DivergedError(text) from exc
        record = StepRecord(
            id=content_id("step", action.arm, str(action.iteration), str(action.step)),
            arm=action.arm,
            iteration=action.iteration,
            step=action.step,
            learning_rate=rate,
            loss_nats=result.loss_nats if result else 0.0,
            n_tokens=result.n_tokens if result else 0,
            gradient_norm=result.gradient_norm if result else 0.0,
            examples=tuple(example.id for example in examples),
        )
        self.records.replace(examples, [record])

    def _learn(self, action: Action, rate: float) -> tuple[list[Example], StepResult | None]:
        """What an action's poems teach, and the step on it."""
        training, renderer = self.loop.training, self.loop.likelihood.renderer
        if training.objective != "policy":
            examples = self.examples(action)
            return examples, training_step(self.learner, renderer, examples, learning_rate=rate, beta=training.beta)
        groups = self.groups(action)
        result = policy_step(self.learner, renderer, groups, learning_rate=rate, kl=training.kl)
        return [example for group in groups for example in group.examples], result

    def groups(self, action: Action) -> list[Group]:
        """All descriptions of an action's poems of its iteration, with their rewards."""
        loop = self.loop
        lessons = RewardedExamples(
            records=self.records, selection=loop.selection, words=loop.describer.settings.words, seed=loop.seed,
            describe=load_prompt(loop.describer.settings.prompt, loop.likelihood.renderer.name),
            is_shuffled=loop.training.rewards == "shuffled",
        )  # fmt: skip
        return lessons.of([self.poems[poem_id] for poem_id in action.poem_ids], iteration=action.iteration)

    def examples(self, action: Action) -> list[Example]:
        """What the winners of an action's poems teach, for its arm."""
        loop = self.loop
        style = loop.likelihood.renderer.name
        lessons = WinnerExamples(
            records=self.records, selection=loop.selection, task=loop.training.task,
            is_preference=loop.training.objective == "preference", pool=loop.improvement.pool, seed=loop.seed,
            follow=load_prompt(loop.likelihood.settings.prompt, style), words=loop.describer.settings.words,
            describe=load_prompt(loop.describer.settings.prompt, style),
        )  # fmt: skip
        poems = [self.poems[poem_id] for poem_id in action.poem_ids]
        return lessons.of(poems, arm=action.arm, iteration=action.iteration)

    def refresh(self, action: Action, position: int) -> None:
        """The describer takes the weights as they are now."""
        if not self.loop.describer.is_learner:
            return
        self.describer_adapter = self.keep_adapter(f"describer-{action.iteration}-{position}")
        self._describe_with(self.describer_adapter)
        self._log_sample()

    def evaluate(self, action: Action, *, keep: bool = True) -> None:
        """Held-out report of an arm under its own adapter, which stays in the run's folder (`keep`: is put there)."""
        loop = self.loop
        name = f"{action.arm}-{action.iteration}"
        if not action.iteration and start_of(self.records, loop.held_out):
            return  # another run with the same poems, seed and base model has measured it
        if action.iteration:
            if keep:
                self.keep_adapter(name)
            self._describe_with(name)
        try:
            report = evaluate(
                loop.describer, loop.likelihood, self.learner, loop.held_out,
                occasion=Occasion(arm=action.arm, iteration=action.iteration, seed=loop.seed),
                settings=loop.evaluation, start=start_of(self.records, loop.held_out), cancelled=self.run.stop_asked,
            )  # fmt: skip
        finally:
            self._describe_with(self.describer_adapter)
        if self.run.stop_asked():
            raise Stopped("stopped while evaluating")
        self.records.put(report.candidates, report.scores, report.measurements)

    def save(self, position: int) -> None:
        """A checkpoint from before action `position`, the describer in use within it."""
        sampler = self.loop.describer.sampler
        checkpoint = save_checkpoint(
            self.run.checkpoints,
            position,
            self._write_state,
            state={"describer": self.describer_adapter, "describer_digest": sampler.adapter_digest},
        )
        for old in self.run.folder.glob("adapters/describer-*"):
            if old.name != self.describer_adapter:
                shutil.rmtree(old, ignore_errors=True)  # a checkpoint that needs it holds its files
        self.records.note("saved", text=f"saved {checkpoint.folder.name}", position=position)

    def _write_state(self, folder: Path) -> None:
        (folder / "learner").mkdir()
        self.learner.save_state(folder / "learner")
        if self.describer_adapter:
            (folder / "describer").mkdir()
            _link_adapter(self.run.adapter_folder(self.describer_adapter), folder / "describer")

    def keep_adapter(self, name: str) -> str:
        """Saves the learner's adapter in the run's folder and returns its name."""
        folder = self.run.adapter_folder(name)
        shutil.rmtree(folder, ignore_errors=True)  # left by the same action before a crash
        with new_folder(folder) as partial:
            self.learner.save_adapter(partial)
        return name

    def _describe_with(self, name: str) -> None:
        """The describer takes an adapter of the run; "" = the base. Another engine writes as it always does."""
        if self.loop.describer.is_learner:
            self.loop.describer.sampler.use_adapter(self.run.adapter_folder(name) if name else None)

    def _log_sample(self) -> None:
        """One poem by the model as it is now, so that a person sees where it goes."""
        start = start_of(self.records, self.loop.held_out)
        if start is None or not start.fixed.candidates:
            return
        description = start.fixed.candidates[0].text
        prompt = self.loop.likelihood.context(description)
        sampling = self.loop.describer.sampling
        request = SampleRequest(prompt=prompt, seed=seed_for(self.loop.seed, "sample"), sampling=sampling)
        (result,) = self.loop.describer.sampler.sample([request])
        self.records.note("sample", description=description, text=getattr(result, "text", ""))


def _link_adapter(source: Path, target: Path) -> None:
    """The adapter's own files under a second name: no second copy on the disk."""
    for file in sorted(source.iterdir()):
        if file.suffix in (".safetensors", ".json"):
            os.link(file, target / file.name)
