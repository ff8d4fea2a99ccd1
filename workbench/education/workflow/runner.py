"""The whole of synthetic education as one resumable workflow: `workbench educate run [--quick]`.

    prepare interim → train interim educator → export it → it writes briefs, autopsies, lessons → gates →
    prepare full → train educator, poet, rhyme poet → export them → final evaluation, rhyme bench → publish

The steps are in `table.STEPS`. A step has the digest of everything it reads; it is skipped where
the record of an earlier run holds the same digest and its files are still there. So an interrupted workflow continues,
and a changed prompt, row or setting does again what depends on it and nothing else.

    data/workflow/NAME/steps.json     digest, outputs and seconds (by the clock, of processors) of every finished step
    data/workflow/NAME/…              what the steps wrote
"""

import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, ClassVar

from annotated_types import Ge, Gt, Le, Lt

from workbench.config import Folder, Seed
from workbench.education.types import learner_named
from workbench.engines.learning.settings import LearnerSettings
from workbench.engines.sources import ModelSettings
from workbench.errors import InputError, StoreError, WorkbenchError
from workbench.places import written
from workbench.storage.atomic import disk_errors, sha256_file, write_file
from workbench.storage.execution import carry_out
from workbench.storage.run_names import checked_name
from workbench.training.settings import LEARNER_MOVED, FineTuningSettings

Say = Callable[[str], None]
Outputs = dict[str, Any]
_FORMER_STEPS = {"homework": "generated rows", "examine": "final evaluation", "ship": "publish"}


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowTraining:
    """How each learner is trained."""

    interim: FineTuningSettings = field(default_factory=lambda: FineTuningSettings(epochs=2))
    educator: FineTuningSettings = field(default_factory=FineTuningSettings)
    poet: FineTuningSettings = field(default_factory=FineTuningSettings)
    rhyme_poet: FineTuningSettings = field(default_factory=FineTuningSettings)


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratedSettings:
    """How much the interim educator writes, and of what; what passes the gates joins the full mix."""

    brief: Annotated[int, Ge(0), Le(100_000)] = 24
    autopsy: Annotated[int, Ge(0), Le(100_000)] = 24
    lesson: Annotated[int, Ge(0), Le(100_000)] = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class FinalEvaluationSettings:
    """How much is measured before and after."""

    answers: Annotated[int, Ge(2), Le(100_000)] = 40  # held-out questions a learner, at most
    rhyme_prompts: Annotated[int, Ge(2), Le(1000)] = 24
    rhyme_samples: Annotated[int, Ge(1), Le(1000)] = 2
    max_new_tokens: Annotated[int, Ge(32), Le(32_768)] = 260


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowSettings:
    """Everything that the workflow depends on."""

    name: str = "full"
    seed: Seed = 42
    out: str = "data/workflow"
    runs: Folder = "data/runs"
    rows: str = "data/education"
    limit: Annotated[int, Ge(0), Le(1_000_000)] = 0  # rows of each task that are used; 0 = all
    valid: Annotated[float, Gt(0), Lt(0.5)] = 0.1  # share of each task that is held out
    publish_to: str = ""  # folder that gets the three adapters with their cards; "" = none
    takes: str = ""  # on a machine that is named, for who plans a first run
    quantize: str = "Q8_0"
    export_texts: Annotated[int, Ge(1), Le(10_000)] = 12  # on which an export is held against what was trained
    model: ModelSettings = field(default_factory=ModelSettings)
    learner: LearnerSettings = field(default_factory=lambda: LearnerSettings(lora_rank=16))
    training: WorkflowTraining = field(default_factory=WorkflowTraining)
    generated: GeneratedSettings = field(default_factory=GeneratedSettings)
    evaluation: FinalEvaluationSettings = field(default_factory=FinalEvaluationSettings)

    MOVED: ClassVar[dict[str, str]] = LEARNER_MOVED | {
        "tuition": "training",
        "homework": "generated",
        "examination": "evaluation",
        "ship_to": "publish_to",
    }


@dataclass(frozen=True, kw_only=True)
class Workflow:
    """A workflow with what its finished steps left."""

    settings: WorkflowSettings
    done: dict[str, Outputs] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """Everything the steps write, adapters' runs apart."""
        return written(self.settings.out) / checked_name(self.settings.name)

    def output(self, step: str, name: str) -> Any:
        """What an earlier step left under this name.

        Raises:
            InputError: it was never carried out here.
        """
        if step not in self.done:
            raise InputError(f"{self.folder}: the step {step!r} has not been done here; run the whole workflow first")
        return self.done[step]["outputs"][name]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step: what it depends on, and what it does."""

    name: str
    tells: str  # for people
    reads: Callable[[Workflow], Mapping[str, Any]]  # everything that decides its result, as plain data
    work: Callable[[Workflow, Say], Outputs]  # paths as strings, figures
    files: tuple[str, ...] = ()  # outputs that are paths and must still be there


def run_workflow(workflow: Workflow, steps: Sequence[Step], *, say: Say = print) -> dict[str, Outputs]:
    """Carries out the steps that are not done yet, in order, and returns what all of them left.

    Raises:
        Stopped: somebody asked; what is finished is kept.
        WorkbenchError: a step failed; those before it are kept and are skipped the next time.
    """
    actions = WorkflowActions(workflow, steps, say)
    carry_out(
        actions,
        watch=lambda p: say(f"[{p.position + 1}/{p.n_actions}] {p.text}"),
        resume_with="the same command",
    )
    return {name: done["outputs"] for name, done in workflow.done.items()}


class WorkflowActions:
    """The steps of a workflow; each is on record as soon as it is done, so there is nothing else to save."""

    def __init__(self, workflow: Workflow, steps: Sequence[Step], say: Say) -> None:
        self.workflow, self.steps, self.say = workflow, steps, say
        self.record = _read(workflow.folder)
        self._digest = ""  # of what the next step reads
        own = {step.name for step in steps}
        workflow.done.update((name, done) for name, done in self.record.items() if name not in own)

    def plan(self) -> Sequence[Step]:
        """All steps."""
        return self.steps

    def sentence(self, step: Step) -> str:
        """What a step does, or that it need not be done again."""
        self._digest = _digest(step.reads(self.workflow))
        return f"{step.tells}: done before, unchanged" if self._is_done(step) else step.tells

    def passes_over(self, step: Step) -> bool:
        """Whether a step need not be done again; if so, what it left is there for those behind it."""
        try:
            self._digest = _digest(step.reads(self.workflow))
        except WorkbenchError:  # what it reads is not there; the step itself will say so
            return False
        if is_done := self._is_done(step):
            self.workflow.done[step.name] = self.record[step.name]
        return is_done

    def resume(self) -> int:
        """Always 0: a step that is done already is seen by its digest, wherever it is."""
        return 0

    def do(self, position: int, step: Step) -> None:
        """Carries out a step whose inputs have changed or whose files are gone."""
        if not self._is_done(step):
            started, worked = time.monotonic(), _processor_seconds()
            outputs = step.work(self.workflow, self.say)
            took = {"seconds": time.monotonic() - started, "processor_seconds": _processor_seconds() - worked}
            rounded = {name: round(seconds, 1) for name, seconds in took.items()}
            self.record[step.name] = {"reads": self._digest, "outputs": outputs, **rounded}
            _write(self.workflow.folder, self.record)
        self.workflow.done[step.name] = self.record[step.name]

    def save(self, position: int) -> None:
        """Nothing is left to save."""

    def stop_asked(self) -> bool:
        """Never between two steps: the step at work is told."""
        return False

    def note(self, kind: str, **data: Any) -> None:
        """The record of the steps is the only one."""

    def _is_done(self, step: Step) -> bool:
        known = self.record.get(step.name)
        if known is None or known["reads"] != self._digest:
            return False
        return all(Path(known["outputs"][name]).exists() for name in step.files)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A step as it is known before a start."""

    tells: str
    is_done: bool  # and nothing that it reads has changed: it will be passed over
    seconds: float | None  # that it took when it was last done here; None = never


def plan_of(workflow: Workflow, steps: Sequence[Step]) -> list[Planned]:
    """All steps; from the first one that is to be done on, what they read is not known yet, so they are to be done."""
    actions = WorkflowActions(Workflow(settings=workflow.settings), steps, say=lambda _: None)
    told, is_done = [], True
    for step in steps:
        is_done = is_done and actions.passes_over(step)
        known = actions.record.get(step.name)
        told.append(Planned(tells=step.tells, is_done=is_done, seconds=known["seconds"] if known else None))
    return told


def files_digest(folder: Path, pattern: str) -> dict[str, str]:
    """sha256 of the files of a folder by name.

    Raises:
        InputError: there are none.
    """
    with disk_errors(folder):
        found = {path.relative_to(folder).as_posix(): sha256_file(path) for path in sorted(folder.glob(pattern))}
    if not found:
        raise InputError(f"{folder}: no {pattern} here")
    return found


def _processor_seconds() -> float:
    """Of this process and its children that have ended: quieter than the clock on a busy machine."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def _digest(reads: Mapping[str, Any]) -> str:
    from workbench.types import content_id

    return content_id(json.dumps(reads, sort_keys=True, ensure_ascii=False, default=str))


def _read(folder: Path) -> dict[str, Any]:
    path = folder / "steps.json"
    if not path.exists():
        return {}
    try:
        record: dict[str, Any] = dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as exc:
        raise StoreError(f"{path}: cannot be read; remove it to do all steps again") from exc
    for done in record.values():
        done["outputs"] = {learner_named(name): said for name, said in done["outputs"].items()}
    return {learner_named(_FORMER_STEPS.get(name, name)): done for name, done in record.items()}


def _write(folder: Path, record: Mapping[str, Any]) -> None:
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    write_file(folder / "steps.json", (json.dumps(record, indent=1, ensure_ascii=False) + "\n").encode())
