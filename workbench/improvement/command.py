"""The commands of the loop: the whole of it, one phase at a time, and what a run says of itself."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from workbench.corpus.load import describe_report
from workbench.engines.fleet_engines import Hire
from workbench.engines.ray_crew import hire_on
from workbench.errors import InputError
from workbench.improvement.improve import backtranslate_run, evaluate_run, score_run, select_run, train_run
from workbench.improvement.improve import improve as improve_run
from workbench.improvement.report import build_report
from workbench.improvement.report_pages import print_poem, print_report, print_table
from workbench.improvement.run import LoopRun, new_run, open_run
from workbench.improvement.settings import load_settings
from workbench.improvement.two_runs import side_by_side
from workbench.places import written
from workbench.selection.select import UNGUARDED
from workbench.storage.runs import Run, list_runs
from workbench.terminal import (
    RUNS,
    Config,
    NewName,
    On,
    Overrides,
    RunName,
    Runs,
    Workers,
    console,
    interruptible,
    progress_bar,
    say,
)
from workbench.training.command import fine_tune, resume_fine_tuning

DEMO = Path("config/demo.yaml")


def improve(
    config: Config = DEMO,
    overrides: Overrides = None,
    name: NewName = "",
    resume: Annotated[str, typer.Option(help="Continue this run, with the settings it was started with.")] = "",
    runs: Annotated[Path | None, typer.Option(help="The folder of all runs.")] = None,
    verdicts: Annotated[str, typer.Option(help="Start from this run's human verdicts.", metavar="RUN")] = "",
    on: On = "",
    workers: Workers = 0,
) -> None:
    """Run the whole loop: describe, score, select, train, again; then the held-out report with its control arms.

    Ctrl-C saves and leaves; `improve --resume NAME` continues exactly where it stopped.
    """
    if resume:
        given = {"--set": overrides, "--name": name, "--verdicts": verdicts, "a YAML file": config != DEMO}
        _refuse(given, f"--resume: {resume!r} continues with the settings it was started with")
        opening = _existing(resume, runs or RUNS, hire_on(on, workers))
    else:
        hire = hire_on(on, workers)
        opening = _new(config, overrides, name=name, runs=runs, verdicts=verdicts, hire=hire)
    with opening as opened, progress_bar() as watch:
        say("loading the model")
        improve_run(opened.loop(), watch=watch)
        _finish(opened)


def backtranslate(
    config: Config = DEMO,
    overrides: Overrides = None,
    name: NewName = "",
    runs: Annotated[Path | None, typer.Option(help="The folder of all runs.")] = None,
) -> None:
    """Start a run and write N candidate descriptions of every training poem."""
    with _new(config, overrides, name=name, runs=runs) as opened, progress_bar() as watch:
        backtranslate_run(opened.loop(), watch)
        _next_step(opened, "score")


def score(name: RunName, runs: Runs = RUNS) -> None:
    """Score the candidates of a run: loss, gain, leaks, specificity."""
    with _existing(name, runs) as opened, progress_bar() as watch:
        score_run(opened.loop(), watch)
        _next_step(opened, "select")


def select(name: RunName, runs: Runs = RUNS) -> None:
    """Choose the winners of a run, for `top` and every control arm."""
    with _existing(name, runs) as opened:
        n_winners = select_run(opened.loop())
        say(f"{n_winners} winners.")
        _next_step(opened, "train")


def train(
    what: Annotated[str, typer.Argument(help="A run of the loop, or the YAML of a fine-tuning.")] = "",
    arm: Annotated[str, typer.Option(help="Which arm's winners to train on.")] = "top",
    overrides: Overrides = None,
    name: Annotated[str, typer.Option(help="Name of the new fine-tuning run.")] = "",
    resume: Annotated[str, typer.Option(help="Continue this fine-tuning.")] = "",
    runs: Runs = RUNS,
) -> None:
    """Train an adapter: on the winners of a run, or educator and poet from config/educator.yaml and its kind."""
    if resume:
        given = {"--set": overrides, "--name": name, f"{what!r}": what, "--arm": arm != "top"}
        _refuse(given, f"--resume: {resume!r} continues with the settings it was started with")
        resume_fine_tuning(runs, resume)
    elif what.endswith((".yaml", ".yml")):
        _refuse({"--arm": arm != "top"}, f"{what}: a fine-tuning has no arms")
        fine_tune(Path(what), overrides or [], name)
    else:
        _refuse({"--set": overrides, "--name": name}, f"run {what!r} has its settings since it was started")
        with _existing(what, runs) as opened, progress_bar() as watch:
            folder = train_run(opened.loop(), arm, watch)
            say(f"The adapter is in {folder}.")
            _next_step(opened, "evaluate")


def evaluate(
    name: RunName, arm: Annotated[str, typer.Option(help="Which arm's adapter.")] = "top", runs: Runs = RUNS
) -> None:
    """Measure a run's adapter on the held-out poems, beside the base model."""
    with _existing(name, runs) as opened, progress_bar() as watch:
        evaluate_run(opened.loop(), arm, watch)
        _finish(opened)


def list_all(runs: Runs = RUNS) -> None:
    """List the runs, the newest first."""
    found = list_runs(runs)
    if not found:
        say(f"No runs in {written(runs)} yet. Start one: workbench improve demo")
        return
    table = Table("run", "status", "last message")
    for summary in found:
        table.add_row(summary.name, summary.state, Text(summary.note))
    console.print(table)


def show(
    name: RunName,
    poem: Annotated[str, typer.Argument(help="A poem's title, part of it, or id; the report if left out.")] = "",
    runs: Runs = RUNS,
) -> None:
    """Print a run's report, or one poem's candidates with scores, leaks marked and winners starred."""
    with Run.open(runs, name, read_only=True) as run:
        if poem:
            print_poem(run.records, poem, console)
        else:
            print_report(build_report(run.name, run.records), console)


def compare(
    one: RunName, other: Annotated[str, typer.Argument(help="The run that is set beside it.")], runs: Runs = RUNS
) -> None:
    """Set two runs side by side: where their settings differ, and what each figure of the held-out poems says."""
    differences, table = side_by_side(runs, one, other)
    for line in differences or ["The settings are the same."]:
        say(line)
    print_table(table, console)


def stop(name: RunName, runs: Runs = RUNS) -> None:
    """Ask the process that works on a run to save and leave."""
    with Run.open(runs, name, read_only=True) as run:
        run.ask_to_stop()
    say(f"{name} will save and stop after the current step.")


def _refuse(given: Mapping[str, object], because: str) -> None:
    """What would be ignored is refused by name.

    Raises:
        InputError: something of it was given.
    """
    if idle := [name for name, value in given.items() if value]:
        raise InputError(f"{because}; leave out {' and '.join(idle)}, or start a new run")


@contextmanager
def _new(
    config: Path, overrides: list[str] | None, *, name: str, runs: Path | None, verdicts: str = "",
    hire: Hire | None = None,
) -> Iterator[LoopRun]:  # fmt: skip
    settings = load_settings(config, overrides or [])
    settings = replace(settings, runs=str(runs)) if runs else settings
    with new_run(settings, name=name, verdicts_of=verdicts, hire=hire) as opened, interruptible(opened.run.ask_to_stop):
        console.print(f"Run [bold]{opened.run.name}[/bold] in {opened.run.folder}")
        if opened.corpus_report:
            say(describe_report(opened.corpus_report))
        if settings.selection.rule == UNGUARDED:
            say("Winners by the lowest loss, as published: nothing guards against descriptions that copy their poem.")
        yield opened


@contextmanager
def _existing(name: str, runs: Path, hire: Hire | None = None) -> Iterator[LoopRun]:
    with open_run(runs, name, hire=hire) as opened, interruptible(opened.run.ask_to_stop):
        yield opened


def _finish(opened: LoopRun) -> None:
    print_report(opened.report(), console)
    name, folder = opened.run.name, opened.run.folder
    console.print(f"\nEverything is in [bold]{folder}[/bold]: open report.html, or")
    say(f"  workbench show {name} POEM-TITLE     candidates, scores, leaks, winners")
    say(f"  workbench improve --resume {name}    continue after a stop")


def _next_step(opened: LoopRun, command: str) -> None:
    say(f"Next: workbench {command} {opened.run.name}")
