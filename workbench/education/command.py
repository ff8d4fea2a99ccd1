"""The commands of this phase: ``educate gates FILE…``, ``educate prepare``, ``educate generate``. It alone prints."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from workbench.education.gate_report import gate_report, write_gate_report
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
    report: Annotated[Path | None, typer.Option(help="Write the report and the rejected rows there.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The report as JSON.")] = False,
) -> None:
    """Send rows through the quality gates: each rejected row with its reasons, then pass rates by task and gate."""
    with _plain_errors():
        library = load_library(poems)
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
