"""The commands of this phase: ``educate gates FILE…``, ``prepare``, ``generate``, ``run [--quick]``. It alone prints.

``educate run`` is the whole workflow, its plan shown first; run again, it continues.
"""

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from workbench.config import load_job
from workbench.education.datasets.dataset import PrepareSettings
from workbench.education.gate_report import gate_report, judge_rows, write_gate_report
from workbench.education.gates.prose_rows import prose_rows
from workbench.education.gates.voice import check_voice
from workbench.education.generation.folder import GenerateSettings, generate
from workbench.education.generation.generate import Progress
from workbench.education.rows import POEMS, SEED_SET, load_library, load_rows
from workbench.education.tasks import TASK_FIELDS
from workbench.education.types import Judged
from workbench.education.workflow.runner import Step, Workflow, WorkflowSettings, plan_of, run_workflow
from workbench.errors import InputError, Stopped
from workbench.places import as_typed, located
from workbench.terminal import Commands, Overrides, console, interruptible, say
from workbench.types import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class EducateSettings:
    """The sections of config/educate.yaml."""

    prepare: PrepareSettings = field(default_factory=PrepareSettings)
    generate: GenerateSettings = field(default_factory=GenerateSettings)


app = typer.Typer(cls=Commands, no_args_is_help=True, help="From poems to what educator, poet and rhyme poet learn.")


Config = Annotated[Path, typer.Option(help="The job's YAML file.")]
CONFIG = Path("config/educate.yaml")


@app.command("gates")
def gates_command(
    files: Annotated[list[Path] | None, typer.Argument(help="Files TASK.jsonl or a folder of them.")] = None,
    poems: Annotated[Path, typer.Option(help="The folder of poems that rows name.")] = POEMS,
    report: Annotated[Path | None, typer.Option(help="Write the report and the rejected rows there.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The report as JSON.")] = False,
) -> None:
    """Send rows through the quality gates: each rejected row with its reasons, then pass rates by task and gate."""
    library = load_library(poems)
    for remark in library.remarks:
        typer.echo(remark, err=True)
    rows = [row for file in files or [SEED_SET] for row in load_rows(file, TASK_FIELDS)]
    judged = judge_rows(rows, library)
    found = write_gate_report(report, judged) if report else gate_report(judged)
    if as_json:
        typer.echo(json.dumps(found.to_data(), ensure_ascii=False))
    else:
        for one in judged:
            _print_rejected(one)
        typer.echo(f"{found.n_passed} of {found.n_rows} rows passed\n\n{found.to_text()}")
    if found.n_passed < found.n_rows:
        raise typer.Exit(1)


@app.command("check-voice")
def check_voice_command(
    file: Annotated[Path, typer.Argument(help="JSON lines of any program, with the prose under one of the fields.")],
    field_name: Annotated[str, typer.Option("--field", help="Where the prose is; found if left out.")] = "",
    poems: Annotated[Path, typer.Option(help="The folder of poems that rows may name by title.")] = POEMS,
    as_json: Annotated[bool, typer.Option("--json", help="A JSON object a row that is at fault.")] = False,
) -> None:
    """Hold any file's answers against what the mentor never says; each finding with its line."""
    n_rows = n_bad = 0
    for line, text, poem in prose_rows(located(file), field_name, known=load_library(poems).by_title):
        n_rows += 1
        report = check_voice(text, poem=poem)
        if report.passed:
            continue
        n_bad += 1
        if as_json:
            found = [{"fault": one.fault.value, "text": one.text, "advice": one.sentence} for one in report.findings]
            typer.echo(json.dumps({"line": line, "findings": found}, ensure_ascii=False))
        else:
            typer.echo("\n".join(f"{file}:{line}: {one}" for one in report.to_text().split("\n")))
    typer.echo(f"{n_rows - n_bad} of {n_rows} rows sound like the mentor", err=as_json)
    if n_bad:
        raise typer.Exit(1)


@app.command("prepare")
def prepare_command(
    config: Config = CONFIG,
    overrides: Overrides = None,
    mix: Annotated[str, typer.Option(help="interim or full.")] = "",
    seed: Annotated[int | None, typer.Option(help="Decides split and order.")] = None,
    min_samples: Annotated[int | None, typer.Option(help="Training examples that each model needs.")] = None,
    educator_only: Annotated[bool, typer.Option("--educator-only", help="The educator's dataset alone.")] = False,
    poet_only: Annotated[bool, typer.Option("--poet-only", help="Those of the two poets alone.")] = False,
) -> None:
    """Make the datasets of educator, poet and rhyme poet out of the rows that pass the gates."""
    from workbench.education.datasets.prepared import describe, prepare

    if educator_only and poet_only:
        raise InputError("--educator-only and --poet-only together leave nothing; give one of them")
    only = ["educator"] if educator_only else ["poet", "rhyme_poet"] if poet_only else None
    given = {"mix": mix or None, "seed": seed, "min_samples": min_samples, "only": json.dumps(only) if only else None}
    settings = load_job(EducateSettings, config, _overridden("prepare", given, overrides)).prepare
    for line in describe(prepare(settings)):
        typer.echo(line)


@app.command("generate")
def generate_command(  # noqa: PLR0913 - one argument an option
    config: Config = CONFIG,
    overrides: Overrides = None,
    task: Annotated[list[str] | None, typer.Option(help="A task; may be repeated.")] = None,
    source: Annotated[str, typer.Option("--from", help="seed, built-in, an adapter's folder or URL#MODEL.")] = "",
    limit: Annotated[int | None, typer.Option(help="Inputs per task.")] = None,
    seed: Annotated[int | None, typer.Option(help="Another one asks anew and replaces the rows.")] = None,
    questions: Annotated[str, typer.Option(help="A text file, one craft question per line, for lessons.")] = "",
    requests: Annotated[
        str, typer.Option(help="A text file, one wish for a poem per line, for briefs and written poems.")
    ] = "",
    topics: Annotated[str, typer.Option(help="A text file, one topic per line, for written_rhyme in each form.")] = "",
    form: Annotated[list[str] | None, typer.Option(help="A rhyming form for written_rhyme; may be repeated.")] = None,
    name: Annotated[str, typer.Option(help="Of the folder; made from the source if left out.")] = "",
) -> None:
    """Write rows with a model, within a budget; run again, it continues where it stopped and pays nothing twice."""
    given = {"tasks": json.dumps(task) if task else None, "source": json.dumps(source) if source else None,
             "limit": limit, "seed": seed, "questions": json.dumps(questions) if questions else None,
             "requests": json.dumps(requests) if requests else None, "name": name or None,
             "topics": json.dumps(topics) if topics else None, "forms": json.dumps(form) if form else None}  # fmt: skip
    with interruptible(said="stopping: answers under way are kept") as cancelled:
        settings = load_job(EducateSettings, config, _overridden("generate", given, overrides)).generate
        done = generate(settings, say=typer.echo, watch=_watch, cancelled=cancelled)
        typer.echo(f"{done.report.to_text()}\n\n{done.n_rows} rows passed, {done.n_failed} answers failed, "
                   f"{done.n_unasked} questions were not asked; {done.tokens} tokens, {done.money:.2f} spent. "
                   f"All of it lies in {done.folder}")  # fmt: skip
        for reason, n in done.failures.items():
            detail = done.details.get(reason, "")
            typer.echo(f"{n:>5}  {Reason(reason).sentence}" + f" ({detail})" * bool(detail))
    if done.is_over_budget:
        typer.echo("The budget is used up: raise generate.budget and run the same command again.", err=True)
        raise typer.Exit(2)
    if done.n_unasked:
        raise typer.Exit(Stopped.exit_code)


def _watch(progress: Progress) -> None:
    failed = f", {progress.n_failed} failed" if progress.n_failed else ""
    typer.echo(f"[{progress.n_answered}/{progress.n_questions}] {progress.task}{failed}; "
               f"{progress.tokens} tokens, {progress.money:.2f} spent")  # fmt: skip


def _overridden(section: str, given: Mapping[str, object], overrides: list[str] | None) -> list[str]:
    """Options of their own beside --set; an option that is not given leaves the YAML as it is."""
    return [*(f"{section}.{key}={value}" for key, value in given.items() if value is not None), *(overrides or [])]


def _print_rejected(one: Judged) -> None:
    for finding in one.findings:
        typer.echo(f"{one.row.place}: [{finding.gate.value}] {finding.sentence}")


RUN_CONFIG, QUICK_RUN_CONFIG = Path("config/educate_run.yaml"), Path("config/educate_run_quick.yaml")


def run_command(  # noqa: PLR0913 - one argument an option
    quick: Annotated[
        bool, typer.Option("--quick", help=f"In small: {QUICK_RUN_CONFIG} instead of {RUN_CONFIG}.")
    ] = False,
    config: Annotated[Path | None, typer.Option(help="Another YAML file.")] = None,
    overrides: Overrides = None,
    educator_only: Annotated[bool, typer.Option("--educator-only", help="Train the educator alone.")] = False,
    poet_only: Annotated[bool, typer.Option("--poet-only", help="Train the two poets alone.")] = False,
    train_only: Annotated[bool, typer.Option("--train-only", help="Train on the datasets that are there.")] = False,
    skip_generation: Annotated[
        bool, typer.Option("--skip-generation", help="No interim educator: the seed set alone.")
    ] = False,
    epochs: Annotated[int | None, typer.Option(min=1, help="For every training, instead of the file's.")] = None,
    plan: Annotated[bool, typer.Option("--plan", "--dry-run", help="Show steps, time and cost, and stop.")] = False,
) -> None:
    """Seed set, interim educator and the rows it writes, educator, poet, rhyme poet, exports, final evaluation."""
    from workbench.education.datasets.dataset import LEARNERS
    from workbench.education.workflow.table import steps_for

    if educator_only and poet_only:
        raise InputError("--educator-only and --poet-only together leave nothing; give one of them")
    changed = [f"training.{name}.epochs={epochs}" for name in ("interim", *LEARNERS["full"]) if epochs]
    job = config or (QUICK_RUN_CONFIG if quick else RUN_CONFIG)
    workflow = Workflow(settings=load_job(WorkflowSettings, job, [*changed, *(overrides or [])]))
    is_part = educator_only or poet_only
    learners = [name for name in LEARNERS["full"] if not is_part or (name == "educator") is educator_only]
    steps = steps_for(learners, generates=not skip_generation, trains_only=train_only)
    _print_plan(workflow, steps)
    if not plan:
        left = run_workflow(workflow, steps, say=say)
        say(f"Everything is in {workflow.folder}: evaluation/, rhymes.md, exports/, gates_*.txt")
        made = [left.get(f"train {name}", {}).get("adapter", "") for name in ("educator", "poet")]
        if all(made):
            educator, poet = (shlex.quote(f"{workflow.settings.model.source}+{as_typed(Path(one))}") for one in made)
            say(f'Use them: workbench revise "a poem about winter light" --educator {educator} --poet {poet}')


def _print_plan(workflow: Workflow, steps: Sequence[Step]) -> None:
    """The steps, which of them are done, what each took last time, and what is known of the whole."""
    told = plan_of(workflow, steps)
    table = Table("", "step", "", "took last time", title=f"{workflow.settings.name}, in {workflow.folder}")
    for number, one in enumerate(told, start=1):
        took = "" if one.seconds is None else f"{one.seconds:.0f} s"
        table.add_row(str(number), one.tells, "done" if one.is_done else "to do", took)
    console.print(table)
    left = [one for one in told if not one.is_done]
    known = [one.seconds for one in left if one.seconds is not None]
    time = f"; {len(known)} of them took {sum(known):.0f} s when they were last done here" if known else ""
    usual = f" A whole run takes {workflow.settings.takes}." if workflow.settings.takes else ""
    console.print(f"{len(left)} of {len(told)} steps to do{time}.{usual} "
                  "Every model is on this machine: it costs time, no money.")  # fmt: skip
