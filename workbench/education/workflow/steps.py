"""What the steps of the whole workflow do, final evaluation and publication apart; their order is in `table.py`."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from workbench.config import as_data
from workbench.education.datasets.dataset import MaxTokens, PrepareSettings
from workbench.education.datasets.prepared import load_prepared, prepare
from workbench.education.gate_report import gate_report, judge_rows
from workbench.education.generation.folder import GenerateSettings, generate
from workbench.education.rows import load_library, load_rows, write_rows
from workbench.education.tasks import TASK_FIELDS, TASKS
from workbench.education.workflow.runner import Outputs, Say, Workflow
from workbench.export.adapters import ExportJob, find_source
from workbench.export.export import ExportSettings, export_adapter
from workbench.places import written
from workbench.storage.atomic import disk_errors, write_file
from workbench.storage.runs import Run
from workbench.terminal import interruptible
from workbench.training.run import TrainingJob, new_training, open_training
from workbench.training.settings import FineTuningSettings
from workbench.training.train import LOSS, train_adapter
from workbench.types import Measurement, Sampling, content_id

# ---------------------------------------------------------------- rows


def seed_rows(workflow: Workflow, say: Say) -> Outputs:
    """The rows of the seed set, each task cut to the limit, with the report of the gates."""
    settings, folder = workflow.settings, workflow.folder / "rows"
    rows = load_rows(Path(settings.rows), TASK_FIELDS)
    chosen = [row for task in TASKS for row in [r for r in rows if r.task == task][: settings.limit or None]]
    library = load_library()
    for remark in library.remarks:
        say(f"    {remark}")
    judged = judge_rows(chosen, library)
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    for task in TASKS:
        own = [one.row for one in judged if one.passed and one.row.task == task]
        if own:
            write_rows(folder / f"{task}.jsonl", own, TASK_FIELDS[task])
    report = gate_report(judged)
    _write(workflow.folder / "gates_seed.txt", report.to_text())
    return {"rows": str(folder), "n_rows": report.n_rows, "n_passed": report.n_passed}


def prepared(mix: str) -> Callable[[Workflow, Say], Outputs]:
    """A step that makes the dataset of a mix."""

    def work(workflow: Workflow, say: Say) -> Outputs:
        settings = workflow.settings
        rows = [workflow.output("seed rows", "rows")]
        if mix == "full" and workflow.output("generated rows", "n_passed"):
            rows.append(workflow.output("generated rows", "rows"))
        longest = workflow.settings.training
        made = prepare(
            PrepareSettings(
                name=f"{settings.name}-{mix}", mix=mix, rows=tuple(rows), out=str(workflow.folder / "prepared"),  # type: ignore[arg-type]  # one of its words
                seed=settings.seed, valid=settings.valid, min_samples=4, tokenizer=settings.model.source,
                max_tokens=MaxTokens(educator=longest.educator.max_tokens, poet=longest.poet.max_tokens),
            )
        )  # fmt: skip
        for learner, counts in made.manifest["counts"].items():
            say(f"    {learner}: {counts['train']} examples, {counts['valid']} held out")
        return {"folder": str(made.folder), "digest": made.digest}

    return work


# ---------------------------------------------------------------- training and export


def trained(learner: str, mix: str) -> Callable[[Workflow, Say], Outputs]:
    """A step that trains one learner on its part of a mix; its run continues where it was interrupted."""

    def work(workflow: Workflow, say: Say) -> Outputs:
        job = job_of(workflow, learner, mix)
        name = run_name(workflow, job, mix)
        exists = (written(job.runs) / name / "run.json").is_file()
        opening = open_training(Path(job.runs), name) if exists else new_training(job, name=name)
        with opening as opened, interruptible(opened.run.ask_to_stop):
            say(f"    {opened.estimate()}")
            folder = train_adapter(
                opened.fine_tuning, watch=lambda p: say(f"    {p.text}") if "held-out" in p.text else None
            )
            say(f"    {opened.summary()}")
        return {"run": name, "adapter": str(folder), "losses": _losses(Path(job.runs), name, job.name)}

    return work


def exported(learner: str, step: str, *, adapter_only: bool = False) -> Callable[[Workflow, Say], Outputs]:
    """A step that exports a trained adapter with its passport and its manner."""

    def work(workflow: Workflow, say: Say) -> Outputs:
        settings = workflow.settings
        n_texts = settings.export_texts
        asked = ExportJob(n_texts=n_texts, n_calibration=n_texts)
        source = find_source(workflow.output(step, "run"), asked, runs=Path(settings.runs))
        made = export_adapter(
            source.adapter,
            task=learner if not adapter_only else "interim",
            out=workflow.folder / "exports",
            texts=[*source.held_out, *source.calibration][:n_texts],
            calibration=source.calibration,
            model=source.model,
            settings=ExportSettings(quantize=settings.quantize, adapter_only=adapter_only, manner=source.manner),
            on_progress=lambda text: say(f"    {text}"),
        )
        return {"file": str(made.path), "passport": str(made.passport_file)}

    return work


def job_of(workflow: Workflow, learner: str, mix: str) -> TrainingJob:
    """The fine-tuning of one learner on its part of a mix."""
    settings = workflow.settings
    name = learner if mix == "full" else "interim"
    training: FineTuningSettings = getattr(settings.training, name)
    return TrainingJob(
        name=name, seed=settings.seed, runs=settings.runs, examples=str(_examples(workflow, learner, mix)),
        model=settings.model, learner=settings.learner, training=training,
    )  # fmt: skip


def run_name(workflow: Workflow, job: TrainingJob, mix: str) -> str:
    """Of the run that learns a job from a mix as it is now: other examples or settings are another run."""
    digest = content_id(json.dumps(as_data(job)), workflow.output(f"prepare {mix}", "digest"))
    return f"{workflow.settings.name}-{job.name.replace('_', '-')}-{digest[:6]}"


def _examples(workflow: Workflow, learner: str, mix: str) -> Path:
    return load_prepared(Path(workflow.output(f"prepare {mix}", "folder"))).file(learner).parent


def _losses(runs: Path, name: str, arm: str) -> dict[str, Any]:
    """Held-out loss before and of the best epoch, with intervals, over all and task by task."""
    run = Run.open(runs, name, read_only=True)
    try:
        measured = [m for m in run.records.all(Measurement, arm=arm) if m.metric.startswith(LOSS)]
    finally:
        run.close()
    whole = {m.iteration: m.value for m in measured if m.metric == LOSS and m.value is not None}
    best = min(whole, key=lambda epoch: whole[epoch])
    kept = [m for m in measured if m.iteration in (0, best)]
    return {
        "best_epoch": best,
        "by_epoch": {str(epoch): round(whole[epoch], 4) for epoch in sorted(whole)},
        "per_poem": {f"{m.metric}@{m.iteration}": list(m.per_poem) for m in kept},
    }


# ---------------------------------------------------------------- generated rows


def generated_rows(workflow: Workflow, say: Say) -> Outputs:
    """The interim educator writes briefs, autopsies and lessons; what passes the gates is kept."""
    wanted = {task: n for task, n in as_data(workflow.settings.generated).items() if n}
    folder = workflow.folder / "generated"
    n_rows = n_passed = 0
    reports = []
    for task, n in wanted.items():
        made = generate(
            GenerateSettings(
                tasks=(task,), source=workflow.output("train interim", "adapter"), name=task, limit=n,
                seed=workflow.settings.seed, rows=(workflow.output("seed rows", "rows"),), out=str(folder),
                guided=False,
                sampling=Sampling(temperature=0.6, top_p=0.95, max_new_tokens=360),
            )
        )  # fmt: skip
        say(f"    {task}: {made.n_rows} of {made.report.n_rows} answers passed the gates, {made.n_failed} failed")
        reports.append(made.report.to_text())
        n_rows, n_passed = n_rows + made.report.n_rows, n_passed + made.n_rows
    _gather(folder, wanted)
    _write(workflow.folder / "gates_generated.txt", "\n\n".join(reports))
    return {"rows": str(folder / "passed"), "n_rows": n_rows, "n_passed": n_passed}


def no_rows(workflow: Workflow, say: Say) -> Outputs:
    """An empty folder where generated rows would be."""
    folder = workflow.folder / "generated" / "none"
    _write(folder / "README.txt", "Nothing was generated: the seed set is used alone.")
    return {"rows": str(folder), "n_rows": 0, "n_passed": 0}


def _gather(folder: Path, tasks: Mapping[str, int]) -> None:
    """The rows that passed, in one folder, beside a note so that the folder is there even when nothing did."""
    passed = folder / "passed"
    _write(passed / "README.txt", "What the interim educator wrote and the gates let through.")
    for task in tasks:
        source = folder / task / f"{task}.jsonl"
        if source.is_file():
            write_file(passed / f"{task}.jsonl", source.read_bytes())


def _write(path: Path, text: str) -> None:
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    write_file(path, (text.rstrip() + "\n").encode())
