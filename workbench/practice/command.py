"""`workbench practice`: the poet learns from its own verified poems; how it writes plainly, before and after."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Annotated

import typer

from workbench.config import load_job
from workbench.improvement.report import Table
from workbench.improvement.report_pages import print_table
from workbench.practice.actions import Practice
from workbench.practice.practice import new_practice, open_practice, practise, sentences, table
from workbench.practice.settings import PracticeSettings
from workbench.terminal import RUNS, NewName, Overrides, console, interruptible, progress_bar, say
from workbench.types import Measurement

CONFIG = Path("config/practice.yaml")


def practice(
    config: Annotated[Path, typer.Argument(help="The practice's YAML file.")] = CONFIG,
    overrides: Overrides = None,
    name: NewName = "",
    resume: Annotated[str, typer.Option(help="Continue this run, with the settings it was started with.")] = "",
    runs: Annotated[Path, typer.Option(help="The folder of all runs, for --resume.")] = RUNS,
) -> None:
    """Write poems with the form enforced, keep what passes, train on it, and measure how the poet writes by itself.

    Ctrl-C saves and leaves; `practice --resume NAME` continues.
    """
    if resume:
        opening: AbstractContextManager[Practice] = open_practice(runs, resume)
    else:
        opening = new_practice(load_job(PracticeSettings, config, overrides or []), name=name)
    with opening as opened, interruptible(opened.run.ask_to_stop), progress_bar() as watch:
        console.print(f"Run [bold]{opened.run.name}[/bold] in {opened.run.folder}")
        practise(opened, watch=watch)
        found = opened.run.records.all(Measurement)
        print_table(Table(title="Plain answers, held-out subjects [95 % interval]", frame=table(found)), console)
        for sentence in sentences(found):
            say(sentence)
        say(f"Adapters are in {opened.run.folder / 'adapters'}, the poems in {opened.run.folder / 'poems.jsonl'}.")
