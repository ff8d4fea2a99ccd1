"""`python -m workbench educate run [--quick]`: the whole workflow, its plan shown first; run again, it goes on."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from workbench.config import load_job
from workbench.education.workflow.runner import School, SchoolSettings, plan_of, run_school
from workbench.errors import WorkbenchError

CONFIG, QUICK = Path("config/educate_run.yaml"), Path("config/educate_run_quick.yaml")
console = Console(highlight=False)


def run_command(
    quick: Annotated[bool, typer.Option("--quick", help=f"A few minutes: {QUICK} instead of {CONFIG}.")] = False,
    config: Annotated[Path | None, typer.Option(help="Another YAML file.")] = None,
    overrides: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Change a setting: --set training.educator.epochs=2"),
    ] = None,
    plan: Annotated[bool, typer.Option("--plan", help="Show the steps and stop.")] = False,
) -> None:
    """Everything: seed set, interim educator, its homework, educator, poet, rhyme poet, exports, before and after."""
    from workbench.education.workflow.table import STEPS

    try:
        school = School(settings=load_job(SchoolSettings, config or (QUICK if quick else CONFIG), overrides or []))
        table = Table("step", "took last time", title=f"{school.settings.name}, in {school.folder}")
        for tells, seconds in plan_of(school, STEPS):
            table.add_row(tells, seconds)
        console.print(table)
        if not plan:
            run_school(school, STEPS, say=lambda text: console.print(Text(text), soft_wrap=True))
            console.print(f"Everything is in [bold]{school.folder}[/bold]: exams/, rhymes.md, exports/, gates_*.txt")
    except WorkbenchError as exc:
        Console(stderr=True, highlight=False).print(Text(str(exc)), soft_wrap=True)
        raise typer.Exit(exc.exit_code) from None
