"""The command of a study: carries out its plan, or prints the table of one that is on record."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from workbench.config import load_job
from workbench.corpus.load import load_poems
from workbench.errors import InputError
from workbench.improvement.estimate import estimate, n_short_enough, n_used_and_held_out
from workbench.improvement.report import Table
from workbench.improvement.report_pages import print_table
from workbench.places import ROOT, located, written
from workbench.storage.runs import Run
from workbench.study.rounds import ship_sentences
from workbench.study.settings import StudySettings, load_study
from workbench.study.study import RECORD, STUDIES, Measured, read_study, record_of, study
from workbench.study.table import differences_of, power, rows_of, sentences, table
from workbench.terminal import Overrides, complain, console, interruptible, progress_bar, say

PLAN = Path("config/study.yaml")
_SHEETS = {  # the table in two, so that a terminal of 80 columns shows it whole
    "Means over held-out poems [95 % interval]": slice(2, 5),
    "Differences, poem by poem [95 % interval]": slice(5, 8),
}


def study_command(
    plan: Annotated[Path, typer.Argument(help="The study's YAML file.")] = PLAN,
    overrides: Overrides = None,
    show: Annotated[
        list[str] | None,
        typer.Option("--table", help="Only print the table of a study on record; given twice, of both together."),
    ] = None,
) -> None:
    """Does choosing teach? Carry out a plan of runs, seed by seed, and print one table with intervals.

    Ctrl-C saves and leaves; the same command continues.
    """
    if show:
        _print(show)
        return
    settings = load_study(plan, overrides or [])
    say(f"{settings.question or settings.name} {len(settings.runs)} runs; {settings.endpoint} decides.")
    say(foreseen(settings))
    at_work: list[Run] = []
    with interruptible(lambda: at_work[-1].ask_to_stop() if at_work else None) as asked, progress_bar() as watch:
        folder = study(settings, watch=watch, said=say, working_on=at_work.append, asked_to_stop=asked)
    _print([settings.name])
    say(f"Plan, machine and every figure, poem by poem, are in {folder}.")


def foreseen(settings: StudySettings, *, folder: Path = STUDIES) -> str:
    """What the study will cost and what it can see, before it begins.

    Raises:
        InputError: there are no poems where the plan says.
    """
    loop = settings.loop
    n_poems = n_short_enough(loop, load_poems(located(loop.corpus.poems), separator=loop.corpus.separator))
    _, n_held = n_used_and_held_out(loop, n_poems)
    spreads = [(differences_of(read_study(name, folder=folder), settings.endpoint), name) for name in _known(folder)]
    differences, source = max(spreads, key=lambda each: len(each[0]), default=([], ""))
    cost = estimate(settings.of_run(*settings.runs[0]), n_poems, runs=Path(loop.runs))
    seen = power(settings.endpoint, n_held * len(settings.seeds), differences, source)
    return f"Each run: {cost.sentence}. {seen[0].upper()}{seen[1:]}."


def _known(folder: Path) -> list[str]:
    """The studies on record."""
    places = {written(folder), located(folder), ROOT / folder}
    return sorted({path.parent.name for place in places for path in place.glob(f"*/{RECORD}")})


def pooled(names: Sequence[str]) -> tuple[StudySettings, list[Measured]]:
    """The plan and the measurements of studies that differ in nothing but their seeds.

    Raises:
        InputError: there is no such record, or the plans differ in more, or share a seed.
    """
    plans = [load_job(StudySettings, record_of(name) / "plan.yaml") for name in names]
    first, seeds = plans[0], [seed for plan in plans for seed in plan.seeds]
    for name, plan in zip(names, plans, strict=True):
        if replace(plan, name=first.name, seeds=first.seeds, question=first.question) != first:
            raise InputError(f"study {name!r} has another plan than {names[0]!r}; only seeds may differ to be pooled")
    if len(set(seeds)) < len(seeds):
        raise InputError(f"{' and '.join(names)} share a seed; the same poems would count twice")
    measured = [row for name in names for row in read_study(name)]
    return replace(first, seeds=tuple(seeds)), measured


def _print(names: Sequence[str]) -> None:
    settings, measured = pooled(names)
    rows = rows_of(measured, settings.beside)
    if not rows:
        raise InputError(f"study {names[0]!r} has measured nothing after training yet; continue it")
    frame = table(rows)
    for title, columns in _SHEETS.items():
        print_table(Table(title=title, frame=frame[["way", "figure", *frame.columns[columns]]]), console)
    for sentence in sentences(measured, settings.endpoint, settings.beside):
        say(sentence)
    for sentence in ship_sentences(measured, settings.endpoint):
        say(sentence)
    seeds = sorted({row.seed for row in measured})
    if len(seeds) < len(settings.seeds):
        complain(f"{len(seeds)} of {len(settings.seeds)} seeds are on record; the same command continues")
