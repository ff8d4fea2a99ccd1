"""The commands of this phase: ``educate gates FILE…``, ``educate prepare``, ``educate generate``. It alone prints."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from workbench.education.judging import judge_rows
from workbench.education.records import Judged
from workbench.education.seed_set import POEMS, SEED_SET, load_library, load_rows
from workbench.education.tasks import TASK_FIELDS
from workbench.errors import WorkbenchError

app = typer.Typer(no_args_is_help=True, help="From poems to what educator, poet and rhyme poet learn.")


@app.command("gates")
def gates_command(
    files: Annotated[list[Path] | None, typer.Argument(help="Files TASK.jsonl or a folder of them.")] = None,
    poems: Annotated[Path, typer.Option(help="The folder of poems that rows name.")] = POEMS,
) -> None:
    """Send rows through the quality gates: each rejected row with its reasons, then totals."""
    with _plain_errors():
        library = load_library(poems)
        rows = [row for file in files or [SEED_SET] for row in load_rows(file, TASK_FIELDS)]
        judged = judge_rows(rows, library)
        for one in judged:
            _print_rejected(one)
        n_passed = sum(one.passed for one in judged)
        typer.echo(f"{n_passed} of {len(judged)} rows passed")
    if n_passed < len(judged):
        raise typer.Exit(1)


def _print_rejected(one: Judged) -> None:
    for finding in one.findings:
        typer.echo(f"{one.row.place}: [{finding.gate.value}] {finding.sentence}")


@contextmanager
def _plain_errors() -> Iterator[None]:
    """One line for a person instead of a traceback."""
    try:
        yield
    except WorkbenchError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(error.exit_code) from error
