"""A fine-tuning from its YAML file: the run, the engines, the examples, an estimate before it, a word after it.

workbench train config/educator.yaml        workbench train --resume NAME
"""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from workbench.config import Folder, Seed, as_data, job_from
from workbench.engines.learning.settings import LearnerSettings
from workbench.engines.opening import Engines
from workbench.engines.sources import ModelSettings
from workbench.errors import InputError, StoreError
from workbench.intervals import mean_of, shown
from workbench.places import located
from workbench.storage.atomic import sha256_file
from workbench.storage.execution import versions
from workbench.storage.runs import FINE_TUNING, Run
from workbench.training.settings import LEARNER_MOVED, FineTuningSettings, n_steps, with_learner_apart
from workbench.training.step import read_examples, within, without_rejected
from workbench.training.train import LOSS, WON, FineTuning
from workbench.types import Example, Measurement

#: A step reads a token at so many times the cost of scoring it (bench/training.py); pairs are scored twice more.
_TRAINING_COST = 2.5


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingJob:
    """Everything that a fine-tuning depends on."""

    name: str = "educator"  # educator, poet, rhyme_poet: also the name of its records
    seed: Seed = 42
    runs: Folder = "data/runs"
    examples: str = "data/prepared/full/educator"  # a folder with train.jsonl and valid.jsonl
    model: ModelSettings = field(default_factory=ModelSettings)
    learner: LearnerSettings = field(default_factory=LearnerSettings)
    training: FineTuningSettings = field(default_factory=FineTuningSettings)

    MOVED: ClassVar[dict[str, str]] = LEARNER_MOVED | {"tuition": "training"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a fine-tuning will take, from one batch scored on this machine."""

    n_examples: int
    n_too_long: int
    n_steps: int
    n_tokens: int  # read in all epochs, prompts included
    elapsed_seconds: float
    peak_gb: float

    def __str__(self) -> str:
        minutes = self.elapsed_seconds / 60
        left_out = f", {self.n_too_long} too long and left out" if self.n_too_long else ""
        return (
            f"{self.n_examples} example{'s' * (self.n_examples != 1)}{left_out} · "
            f"{self.n_steps} step{'s' * (self.n_steps != 1)} · {self.n_tokens:,} tokens · "
            f"about {minutes:.0f} min and {self.peak_gb:.1f} GB on this machine"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FineTuningRun:
    """An open run of a fine-tuning."""

    run: Run
    job: TrainingJob
    engines: Engines
    fine_tuning: FineTuning
    too_long: tuple[Example, ...]

    def estimate(self) -> Estimate:
        """Scores the longest examples once and multiplies."""
        examples, renderer = self.fine_tuning.examples, self.engines.renderer
        rendered = sorted(
            (renderer.render(e.prompt, e.target) for e in self.fine_tuning.answers(examples)),
            key=lambda each: -(len(each.context_ids) + len(each.target_ids)),
        )
        sizes = [len(each.context_ids) + len(each.target_ids) for each in rendered]
        tried = rendered[: max(1, self.job.learner.token_budget // sizes[0])]
        self.fine_tuning.learner.score(tried)  # the first time warms caches and finds the fastest kernels
        started = time.perf_counter()
        self.fine_tuning.learner.score(tried)
        seconds = (time.perf_counter() - started) / sum(sizes[: len(tried)])
        epochs = self.fine_tuning.settings.epochs
        n_tokens = sum(sizes) * epochs
        return Estimate(
            n_examples=len(examples),
            n_too_long=len(self.too_long),
            n_steps=n_steps(self.fine_tuning.settings, len(examples)),
            n_tokens=n_tokens,
            elapsed_seconds=n_tokens * seconds * (_TRAINING_COST + 2 * bool(self.fine_tuning.rejected)),
            peak_gb=_resident_gb() + _activations_gb(self.job.learner.token_budget, self.engines),
        )

    def summary(self) -> str:
        """Held-out loss before and after, in one line."""
        measured = self.run.records.all(Measurement, arm=self.job.name, metric=LOSS)
        by_epoch = {m.iteration: estimate for m in measured if (estimate := mean_of(m.per_poem))}
        if 0 not in by_epoch:
            return "nothing was measured yet"
        epoch = min(by_epoch, key=lambda at: by_epoch[at].value)
        best = by_epoch[epoch]
        if self.fine_tuning.rejected:
            won = self.run.records.all(Measurement, arm=self.job.name, metric=WON, iteration=epoch)[0].value
            return (
                f"held-out pair loss {by_epoch[0].value:.3f} before, {shown(best)} after epoch {epoch}; the chosen "
                f"answer gained on the rejected one in {won:.0%} of the pairs of {best.n} session{'s' * (best.n != 1)}"
            )
        return (
            f"held-out loss {by_epoch[0].value:.3f} before, {shown(best)} after epoch {epoch}, "
            f"nats per answer token, {best.n} poem{'s' * (best.n != 1)}"
        )


@contextmanager
def new_training(job: TrainingJob, *, name: str = "") -> Iterator[FineTuningRun]:
    """Makes a run for a job and closes everything at the end.

    Raises:
        InputError: the examples cannot be used, or the name is taken.
    """
    read_examples(located(job.examples) / "train.jsonl")  # before a run is made
    facts = {"kind": FINE_TUNING, "settings": as_data(job), "versions": versions(), "examples": _digests(job)}
    with Run.create(Path(job.runs), name, facts) as run, _opened(run, job) as session:
        yield session


@contextmanager
def open_training(root: Path, name: str) -> Iterator[FineTuningRun]:
    """Opens a run that was started, with the settings it was started with.

    Raises:
        InputError: it is not a fine-tuning, or its examples have changed since.
    """
    with Run.open(root, name) as run:
        facts = run.facts
        if facts.get("kind") != FINE_TUNING:
            raise InputError(f"run {name!r} is not a fine-tuning; continue with: improve --resume {name}")
        job = job_of_run(facts, where=f"{name}/run.json")
        if facts["examples"] != _digests(job):
            raise InputError(f"{job.examples}: the examples have changed since {name!r} started; start a new run")
        with _opened(run, job) as session:
            yield session


def job_of_run(facts: Mapping[str, Any], *, where: str) -> TrainingJob:
    """Settings of a fine-tuning from run.json, also of one that was started when they had other names.

    Raises:
        ConfigError: a key or value does not fit.
    """
    return job_from(TrainingJob, with_learner_apart(facts["settings"]), where=where)


@contextmanager
def _opened(run: Run, job: TrainingJob) -> Iterator[FineTuningRun]:
    engines = Engines(job.model, job.learner, seed=job.seed)
    folder = located(job.examples)
    try:
        renderer = engines.renderer
        sides = [
            within(read_examples(folder / f"{side}.jsonl"), renderer, job.training.max_tokens)
            for side in ("train", "valid")
        ]
        (train, long), (held, long_valid) = sides
        examples, valid = (without_rejected(side) for side in (train, held))
        rejected = {one.rejected_for: one for one in (*train, *held) if one.rejected_for}
        if rejected and len(rejected) < len(examples) + len(valid):
            raise InputError(f"{folder}: train.jsonl and valid.jsonl have to hold one kind, plain examples or pairs")
        if not examples or not valid:
            raise InputError(
                f"{folder}: no example fits into {job.training.max_tokens} tokens; raise training.max_tokens"
            )
        fine_tuning = FineTuning(
            run=run, name=job.name, learner=engines.learner, renderer=renderer,
            sampler=engines.sampler if job.training.samples else None,
            examples=examples, valid=valid, rejected=rejected, settings=job.training, seed=job.seed,
        )  # fmt: skip
        too_long = without_rejected(long + long_valid)
        yield FineTuningRun(run=run, job=job, engines=engines, fine_tuning=fine_tuning, too_long=too_long)
    finally:
        engines.close()


def _digests(job: TrainingJob) -> dict[str, str]:
    try:
        return {side: sha256_file(located(job.examples) / f"{side}.jsonl") for side in ("train", "valid")}
    except (OSError, StoreError) as exc:
        raise InputError(f"{job.examples}: no train.jsonl and valid.jsonl; run: educate prepare") from exc


def _resident_gb() -> float:
    """What the process holds now, model and one scored batch included."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def _activations_gb(token_budget: int, engines: Engines) -> float:
    """What the backward pass keeps of one micro-batch: about 17 vectors a layer and token, two bytes each."""
    config: dict[str, Any] = json.loads((engines.checkpoint / "config.json").read_text(encoding="utf-8"))
    n_values = 17 * int(config["hidden_size"]) * int(config["num_hidden_layers"]) * token_budget
    return 2 * n_values / 2**30
