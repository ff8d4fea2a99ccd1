"""The terminal, once for every command: consoles, options, a mistake as one line, Ctrl-C, the progress bar.

    0    done
    2    input or settings that cannot be used        3    a model failed        4    the disk or a record failed
    130  stopped on request; everything that is finished is saved

A user's mistake is one line on standard error, never a traceback; what else escapes is a bug and keeps its traceback.
"""

import contextlib
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar
from rich.text import Text
from typer.core import TyperGroup

from workbench.errors import InputError, Stopped, StoreError, WorkbenchError
from workbench.storage.execution import Watch

console = Console(highlight=False)
complaints = Console(stderr=True, highlight=False)

Config = Annotated[Path, typer.Argument(help="The job's YAML file.", show_default=True)]
Overrides = Annotated[
    list[str] | None,
    typer.Option("--set", help="Change a setting: --set SECTION.KEY=VALUE; may be given again.", metavar="KEY=VALUE"),
]
Runs = Annotated[Path, typer.Option(help="The folder of all runs.")]
RunName = Annotated[str, typer.Argument(help="The run's name; `runs` lists them.")]
On = Annotated[
    str, typer.Option("--on", help="Spread the work: ray on this machine, ray:ADDRESS on a cluster.", metavar="PLACE")
]
Workers = Annotated[int, typer.Option(min=0, help="With --on: how many; 0 = one a GPU, else one for 4 processors.")]
RowSeconds = Annotated[float, typer.Option(min=0, help="With --on: what one poem may take; 0 = 900.")]
NewName = Annotated[str, typer.Option(help="Name of the new run; chosen for you if left out.")]
RUNS = Path("data/runs")


def _is_now_scorer(value: str) -> str:
    if value:
        raise InputError("--judge is now --scorer")
    return value


FormerScorer = Annotated[str, typer.Option("--judge", hidden=True, callback=_is_now_scorer)]


class Commands(TyperGroup):
    """A group of commands in which every error of the workbench becomes one line and its exit code."""

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override]  # typer re-exports click's Context
        """Carries out one command."""
        with plain_errors():
            return super().invoke(ctx)


@contextlib.contextmanager
def plain_errors() -> Iterator[None]:
    """One line for a person instead of a traceback, and the exit code that goes with it."""
    try:
        yield
    except WorkbenchError as exc:
        complain(str(exc))
        raise typer.Exit(exc.exit_code) from None
    except (KeyboardInterrupt, typer.Abort):
        complain("Stopped at once; everything that was finished is saved.")
        raise typer.Exit(Stopped.exit_code) from None


def say(text: str, style: str = "") -> None:
    """A line on standard output, as it is: never cut, never read as markup."""
    console.print(Text(text, style=style), soft_wrap=True)


def complain(text: str) -> None:
    """A line on standard error."""
    complaints.print(Text(text), soft_wrap=True)


@contextlib.contextmanager
def interruptible(ask: Callable[[], None] = lambda: None, *, said: str = "") -> Iterator[Callable[[], bool]]:
    """Ctrl-C and SIGTERM ask to stop; a second one interrupts at once.

    Args:
        ask: called at the first one, such as `run.ask_to_stop`.
        said: a line for the person then.

    Yields:
        Whether somebody has asked.
    """
    asked: list[int] = []

    def stop(number: int, _: object) -> None:
        asked.append(number)
        signal.signal(number, before[number])
        if said:
            complain(said)
        with contextlib.suppress(StoreError):  # who works has noted it, whether or not others can read it on the disk
            ask()

    before = {int(number): signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(asked)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def progress_bar() -> Iterator[Watch]:
    """A progress bar on a terminal, plain lines elsewhere."""
    if not console.is_terminal:
        yield lambda progress: say(f"[{progress.position + 1}/{progress.n_actions}] {progress.text}")
        return
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bar(*columns, console=console, transient=True) as bar:
        task = bar.add_task("starting", total=None)
        yield lambda p: bar.update(task, completed=p.position, total=p.n_actions, description=p.text)
