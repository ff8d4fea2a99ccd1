"""`workbench educate run [--quick]`: the whole workflow, its plan shown first; run again, it continues."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from workbench.config import load_job
from workbench.education.workflow.runner import Workflow, WorkflowSettings, plan_of, run_workflow
from workbench.terminal import Overrides, console, say

CONFIG, QUICK = Path("config/educate_run.yaml"), Path("config/educate_run_quick.yaml")


def run_command(
    quick: Annotated[bool, typer.Option("--quick", help=f"A few minutes: {QUICK} instead of {CONFIG}.")] = False,
    config: Annotated[Path | None, typer.Option(help="Another YAML file.")] = None,
    overrides: Overrides = None,
    plan: Annotated[bool, typer.Option("--plan", help="Show the steps and stop.")] = False,
) -> None:
    """Seed set, interim educator and the rows it writes, educator, poet, rhyme poet, exports, final evaluation."""
    from workbench.education.workflow.table import STEPS

    workflow = Workflow(settings=load_job(WorkflowSettings, config or (QUICK if quick else CONFIG), overrides or []))
    table = Table("step", "took last time", title=f"{workflow.settings.name}, in {workflow.folder}")
    for tells, seconds in plan_of(workflow, STEPS):
        table.add_row(tells, seconds)
    console.print(table)
    if not plan:
        run_workflow(workflow, STEPS, say=say)
        console.print(f"Everything is in [bold]{workflow.folder}[/bold]: evaluation/, rhymes.md, exports/, gates_*.txt")
