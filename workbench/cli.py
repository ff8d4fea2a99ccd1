"""The command line: one command a phase, every one reading the same YAML.

Exit codes: 0 done · 2 input or settings that cannot be used · 3 a model failed · 4 the disk or a record failed ·
130 stopped on request, everything saved. A user's mistake is one line on standard error, never a traceback.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from workbench.education.command import app as educate_app
from workbench.education.workflow.command import run_command as educate_run
from workbench.errors import WorkbenchError
from workbench.export.command import export_command
from workbench.places import written
from workbench.prosody.command import app as prosody_app
from workbench.revflux.command import app as revflux_app
from workbench.revision.command import revise
from workbench.server.command import serve
from workbench.studio.worker import studio_models
from workbench.ui.command import serve_app

app = typer.Typer(
    help="Teach language models poetry, and prove what was taught.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
app.add_typer(prosody_app, name="prosody")
app.add_typer(revflux_app, name="revflux")
app.command()(revise)
app.command()(serve)
app.command("app")(serve_app)
app.command(hidden=True)(studio_models)  # the app's own
app.command("export")(export_command)
educate_app.command("run")(educate_run)
app.add_typer(educate_app, name="educate")
console = Console(highlight=False)
complaints = Console(stderr=True, highlight=False)

Config = Annotated[Path, typer.Argument(help="The job's YAML file.", show_default=True)]
Overrides = Annotated[
    list[str] | None,
    typer.Option("--set", help="Change a setting: --set backtranslation.n_candidates=8", metavar="KEY=VALUE"),
]
Runs = Annotated[Path, typer.Option(help="The folder of all runs.")]
RunName = Annotated[str, typer.Argument(help="The run's name; `runs` lists them.")]
_LACKS = {True: "[red]missing[/red]", False: "[yellow]without[/yellow]"}
DEMO = Path("config/demo.yaml")
RUNS = Path("data/runs")


@app.command()
def improve(
    config: Config = DEMO,
    overrides: Overrides = None,
    name: Annotated[str, typer.Option(help="Name of the new run; chosen for you if left out.")] = "",
    resume: Annotated[str, typer.Option(help="Go on with this run, with the settings it was started with.")] = "",
    runs: Annotated[Path | None, typer.Option(help="The folder of all runs.")] = None,
    verdicts: Annotated[str, typer.Option(help="Begin with what people said in this run.", metavar="RUN")] = "",
) -> None:
    """Run the whole loop: describe, score, select, train, again; then the held-out report with its control arms.

    Ctrl-C saves and leaves; `improve --resume NAME` goes on exactly where it stopped.
    """
    from workbench.improvement.improve import improve as improve_run

    opened = _session(config, overrides, name=name, resume=resume, runs=runs, verdicts=verdicts)
    with opened as session, _bar() as watch:
        console.print("loading the model")
        improve_run(session.loop(), watch=watch)
        _finish(session)


@app.command()
def backtranslate(
    config: Config = DEMO,
    overrides: Overrides = None,
    name: Annotated[str, typer.Option(help="Name of the new run; chosen for you if left out.")] = "",
    runs: Annotated[Path | None, typer.Option(help="The folder of all runs.")] = None,
) -> None:
    """Begin a run and write N candidate descriptions of every training poem."""
    from workbench.improvement.single_phases import backtranslate_run

    with _session(config, overrides, name=name, runs=runs) as session, _bar() as watch:
        backtranslate_run(session.loop(), watch)
        _next_step(session, "score")


@app.command()
def score(name: RunName, runs: Runs = RUNS) -> None:
    """Score the candidates of a run: loss, gain, leaks, specificity."""
    from workbench.improvement.single_phases import score_run

    with _existing(name, runs) as session, _bar() as watch:
        score_run(session.loop(), watch)
        _next_step(session, "select")


@app.command()
def select(name: RunName, runs: Runs = RUNS) -> None:
    """Choose the winners of a run, for `top` and every control arm."""
    from workbench.improvement.single_phases import select_run

    with _existing(name, runs) as session:
        n_winners = select_run(session.loop())
        console.print(f"{n_winners} winners.")
        _next_step(session, "train")


@app.command()
def train(
    what: Annotated[str, typer.Argument(help="A run of the loop, or the YAML of a fine-tuning.")] = "",
    arm: Annotated[str, typer.Option(help="Of a run of the loop: whose winners.")] = "top",
    overrides: Overrides = None,
    name: Annotated[str, typer.Option(help="Of a fine-tuning: name of the new run.")] = "",
    resume: Annotated[str, typer.Option(help="Go on with this fine-tuning.")] = "",
    runs: Runs = RUNS,
) -> None:
    """Train an adapter: on the winners of a run, or educator and poet from config/educator.yaml and its kind."""
    from workbench.improvement.single_phases import train_run
    from workbench.training.command import fine_tune, resume_fine_tuning

    if resume or what.endswith((".yaml", ".yml")):
        with _plain_errors(), _bar() as watch:
            resume_fine_tuning(runs, resume, watch) if resume else fine_tune(Path(what), overrides or [], name, watch)
        return
    with _existing(what, runs) as session, _bar() as watch:
        folder = train_run(session.loop(), arm, watch)
        console.print(f"The adapter lies in {folder}.")
        _next_step(session, "evaluate")


@app.command()
def evaluate(name: RunName, arm: str = "top", runs: Runs = RUNS) -> None:
    """Measure a run's adapter on the held-out poems, beside the base model."""
    from workbench.improvement.single_phases import evaluate_run

    with _existing(name, runs) as session, _bar() as watch:
        evaluate_run(session.loop(), arm, watch)
        _finish(session)


@app.command(name="runs")
def list_all(runs: Runs = RUNS) -> None:
    """List the runs, the newest first."""
    from workbench.storage.runs import list_runs

    found = list_runs(runs)
    if not found:
        console.print(f"No runs in {written(runs)} yet. Start one: workbench improve demo", soft_wrap=True)
        return
    table = Table("run", "state", "last word")
    for summary in found:
        table.add_row(summary.name, summary.state, Text(summary.note))
    console.print(table)


@app.command()
def show(
    name: RunName,
    poem: Annotated[str, typer.Argument(help="A poem's title, part of it, or id; the report if left out.")] = "",
    runs: Runs = RUNS,
) -> None:
    """Print a run's report, or one poem's candidates with scores, leaks marked and winners starred."""
    from workbench.improvement.poem_page import print_poem
    from workbench.improvement.report import build_report
    from workbench.improvement.report_pages import print_report
    from workbench.storage.runs import Run

    with _plain_errors():
        run = Run.open(runs, name, read_only=True)
        if poem:
            print_poem(run.records, poem, console)
        else:
            print_report(build_report(run.name, run.records), console)
        run.close()


@app.command()
def stop(name: RunName, runs: Runs = RUNS) -> None:
    """Ask the process that works on a run to save and leave."""
    from workbench.storage.runs import Run

    with _plain_errors():
        run = Run.open(runs, name, read_only=True)
        run.ask_to_stop()
        console.print(f"{name} will save and stop after its present action.")


@app.command()
def doctor() -> None:
    """Say what is missing on this machine, and the fix."""
    from workbench.doctor import examine

    findings = examine()
    for finding in findings:
        mark = "[green]ok[/green]" if finding.is_ok else _LACKS[finding.is_needed]
        console.print(f"{finding.what:15} {mark}", Text(f"  {finding.found}"))
        if not finding.is_ok:
            console.print(Text(f"{'':15} → {finding.fix}"))
    if any(not finding.is_ok and finding.is_needed for finding in findings):
        raise typer.Exit(1)


@contextmanager
def _session(
    config: Path,
    overrides: list[str] | None,
    *,
    name: str = "",
    resume: str = "",
    runs: Path | None = None,
    verdicts: str = "",
) -> Iterator[Any]:
    from dataclasses import replace

    from workbench.corpus.load import describe_report
    from workbench.improvement.run import new_run
    from workbench.improvement.settings import load_settings

    with _plain_errors():
        if resume:
            with _existing(resume, runs or RUNS) as session:
                yield session
            return
        settings = load_settings(config, overrides or [])
        settings = replace(settings, runs=str(runs)) if runs else settings
        with new_run(settings, name=name, verdicts_of=verdicts) as session, _interruptible(session.run):
            console.print(f"Run [bold]{session.run.name}[/bold] in {session.run.folder}")
            if session.corpus_report:
                console.print(Text(describe_report(session.corpus_report)))
            yield session


@contextmanager
def _existing(name: str, runs: Path) -> Iterator[Any]:
    from workbench.improvement.run import open_run

    with _plain_errors(), open_run(runs, name) as session, _interruptible(session.run):
        yield session


def _interruptible(run: Any) -> Any:
    from workbench.storage.runs import stop_on_interrupt

    return stop_on_interrupt(run)


@contextmanager
def _plain_errors() -> Iterator[None]:
    try:
        yield
    except WorkbenchError as exc:
        complaints.print(Text(str(exc)), soft_wrap=True)
        raise typer.Exit(exc.exit_code) from None


@contextmanager
def _bar() -> Iterator[Any]:
    """A progress bar on a terminal, plain lines elsewhere."""
    if not console.is_terminal:
        yield lambda p: console.print(f"[{p.position + 1}/{p.n_actions}] {p.text}", markup=False)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("starting", total=None)
        yield lambda p: bar.update(task, completed=p.position, total=p.n_actions, description=p.text)


def _finish(session: Any) -> None:
    from workbench.improvement.report_pages import print_report

    print_report(session.report(), console)
    name, folder = session.run.name, session.run.folder
    console.print(f"\nEverything is in [bold]{folder}[/bold]: open report.html, or")
    console.print(f"  workbench show {name} POEM-TITLE     candidates, scores, leaks, winners")
    console.print(f"  workbench improve --resume {name}    go on after a stop")


def _next_step(session: Any, command: str) -> None:
    console.print(f"Next: workbench {command} {session.run.name}")
