"""The commands of this phase: ``revflux run``, ``report``, ``import FILE``, ``measure A B``. It alone prints."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Column, Table
from rich.text import Text

from workbench.config import load_job
from workbench.errors import ConfigError, EngineError, InputError
from workbench.intervals import shown
from workbench.places import located, written
from workbench.revflux import study
from workbench.revflux.measures import MEASURES
from workbench.revflux.study import (
    StudyPrompt,
    StudySession,
    StudySettings,
    of_each_category,
    read_prompts,
    write_trace,
)
from workbench.storage.atomic import disk_errors, write_file
from workbench.storage.input_files import read_text
from workbench.storage.run_names import NAME
from workbench.terminal import Commands, console, interruptible

app = typer.Typer(
    cls=Commands, no_args_is_help=True, help="How poems change under revision: measures, studies, figures."
)
CONFIG = Path("config/revflux.yaml")

_TOLD = (
    "verbatim", "line_change", "stability", "approved", "adherence", "aim", "control_aim", "cited_changed",
    "uncited_changed", "fault_gone", "control_gone", "form_lost", "n_words",
)  # fmt: skip

Config = Annotated[Path, typer.Argument(help="The study's YAML file.")]
Name = Annotated[str, typer.Option(help="Name of the study: its folder.")]
Overrides = Annotated[
    list[str] | None, typer.Option("--set", help="Change a setting: --set samples=4", metavar="KEY=VALUE")
]


@app.command("run")
def run_command(
    config: Config = CONFIG,
    name: Name = "study",
    only: Annotated[list[str] | None, typer.Option(help="Only these configurations; may be repeated.")] = None,
    prompts: Annotated[Path | None, typer.Option(help="Your own prompts, .jsonl or .txt.")] = None,
    category: Annotated[list[str] | None, typer.Option(help="Only prompts of it; may be repeated.")] = None,
    limit: Annotated[int, typer.Option(min=0, help="Only the first prompts of each category.")] = 0,
    samples: Annotated[int, typer.Option(min=0, help="Sessions per prompt, instead of the file's.")] = 0,
    overrides: Overrides = None,
) -> None:
    """Hold the sessions of a study that are not there yet, then measure all of them. Run it again to continue."""
    from workbench.revflux.harness import hold_study, models

    settings = _chosen(load_job(StudySettings, config, overrides or []), only or [], samples=samples, where=config)
    every = read_prompts(prompts or located(settings.prompts))
    asked = of_each_category(_of(every, category or ()), limit)
    items = study.plan(settings, asked)
    folder = _folder(settings, name)
    with study.locked(folder), interruptible() as cancelled:
        load = partial(models, cancelled=cancelled)
        held = hold_study(folder, items, load, batch=settings.batch, watch=_watch, cancelled=cancelled)
        console.print(f"{held.n_held} sessions held, {held.n_found} were there already.")
        for line in held.failures:
            console.print(Text(f"not stored, run again: {line}"))
        _report(folder, settings, study.sessions(folder, [item.id for item in items]))


@app.command("list-models")
def list_models_command(config: Config = CONFIG, overrides: Overrides = None) -> None:
    """The configurations that `run --only NAME` can be given, with their models."""
    for one in load_job(StudySettings, config, overrides or []).configurations:
        typer.echo(f"{one.name:<20}  educator {one.educator or '–'} · poet {one.poet}")


@app.command("list-categories")
def list_categories_command(
    config: Config = CONFIG,
    prompts: Annotated[Path | None, typer.Option(help="Your own prompts, .jsonl or .txt.")] = None,
) -> None:
    """The categories that `run --category NAME` can be given, each with the number of its prompts."""
    every = read_prompts(prompts or located(load_job(StudySettings, config).prompts))
    for name, n_prompts in Counter(prompt.category for prompt in every).items():
        typer.echo(f"{name:<20}  {n_prompts} prompts")


@app.command("report")
def report_command(config: Config = CONFIG, name: Name = "study", overrides: Overrides = None) -> None:
    """Measure every session that lies in a study's folder, and draw the pages again."""
    settings = load_job(StudySettings, config, overrides or [])
    folder = _folder(settings, name)
    _report(folder, settings, study.sessions(folder))


@app.command("import")
def import_command(
    file: Annotated[Path, typer.Argument(help="Sessions recorded elsewhere, as JSON.")],
    name: Name = "imported",
    config: Annotated[Path, typer.Option(help="The YAML file that names folder, revisions and bands.")] = CONFIG,
) -> None:
    """Take in sessions recorded elsewhere (see workbench/revflux/recorded.py for the format), and measure them."""
    from workbench.revflux.recorded import read_recorded

    settings = load_job(StudySettings, config)
    held, folder = read_recorded(file), _folder(settings, name)
    with study.locked(folder):
        for one in held:
            about = {"configuration": one.configuration, "category": one.category}
            write_trace(study.trace_path(folder, one.id), one.trace, sample=one.sample, **about)
        _report(folder, settings, study.sessions(folder, [one.id for one in held]))


@app.command("measure")
def measure_command(
    before: Annotated[Path, typer.Argument(help="The earlier draft, a text file.")],
    after: Annotated[Path, typer.Argument(help="The later draft.")],
    as_json: Annotated[bool, typer.Option("--json", help="The figures as JSON.")] = False,
) -> None:
    """Every figure of one revision, beside what known pairs of texts reach."""
    from workbench.revflux.flux import draft_figures
    from workbench.revflux.measures import BANDS, read_bands

    drafts = [read_text(path) for path in (before, after)]
    figures = draft_figures(drafts)
    if as_json:
        typer.echo(json.dumps(figures))
        return
    bands = read_bands()
    table = Table("figure", "this pair", *BANDS)
    for measure, about in MEASURES.items():
        if measure in figures and about.has_band:
            known = [bands[measure].get(band) for band in BANDS]
            cells = [f"{one.mean:.1f}" if one else "–" for one in known]
            value = figures[measure]
            table.add_row(f"{about.label}, {about.unit}", "–" if value is None else f"{value:.1f}", *cells)
    console.print(table)


# ---------------------------------------------------------------- private


def _report(folder: Path, settings: StudySettings, held: Sequence[StudySession]) -> None:
    """Tables, summary and pages; the last lines say where they are."""
    from workbench.revflux.dashboard import write_pages, write_pictures
    from workbench.revflux.measures import read_bands
    from workbench.revflux.study_results import study_results, summary_data
    from workbench.revflux.tables import round_rows, session_rows, write_table

    if not held:
        raise InputError(f"{folder}: no session is stored here yet; run one: workbench revflux run")
    revisions = sorted(set(settings.revisions))
    results = study_results(folder.name, held, revisions, read_bands(located(settings.bands)))
    data = summary_data(results.summary, study=study.settings_data(settings))
    write_file(folder / "summary.json", json.dumps(data, indent=1, allow_nan=False).encode())
    write_table(folder / "sessions.parquet", session_rows(results.fluxes))
    write_table(folder / "rounds.parquet", round_rows(held))
    write_table(folder / "lines.parquet", results.lines)
    pages = write_pages(folder, results)
    console.print(_table(results.summary))
    try:
        write_pictures(folder, results)
    except EngineError as exc:
        console.print(str(exc))
    console.print(
        f"{len(held)} sessions measured; open [bold]{pages[0]}[/bold], or summary.json and *.parquet beside it."
    )


def _table(summary: Any) -> Table:
    """The figures that matter most."""
    from workbench.revflux.measures import BANDS

    names = [Column(escape(name), no_wrap=True) for name in summary.configurations]
    table = Table("figure, all revisions", *names, "known pairs of texts", show_lines=True)
    for measure in _TOLD:
        about = MEASURES[measure]
        cells = [summary.estimate(name, measure) for name in summary.configurations]
        told = [shown(estimate, places=1).replace(" ", "\n", 1) for estimate in cells]
        bands = summary.bands.get(measure, {})
        known = ", ".join(f"{band} {bands[band].mean:.0f}" for band in BANDS if band in bands)
        table.add_row(f"{about.label}, {about.unit}", *told, known or "–")
    return table


def _of(prompts: list[StudyPrompt], categories: Sequence[str]) -> list[StudyPrompt]:
    """The prompts of these categories; all of them for none."""
    known = dict.fromkeys(prompt.category for prompt in prompts)
    if unknown := [name for name in categories if name not in known]:
        raise InputError(f"no prompt is of the category {unknown[0]!r}; there are {', '.join(known)}")
    return [prompt for prompt in prompts if not categories or prompt.category in categories]


def _chosen(settings: StudySettings, only: Sequence[str], *, samples: int, where: Path) -> StudySettings:
    known = [one.name for one in settings.configurations]
    if unknown := [name for name in only if name not in known]:
        raise ConfigError(f"{where}: no configuration {unknown[0]!r}; choose from {', '.join(known)}")
    kept = tuple(one for one in settings.configurations if not only or one.name in only)
    chosen = replace(settings, configurations=kept, samples=samples or settings.samples)
    study.check_settings(chosen, where=str(where))
    return chosen


def _folder(settings: StudySettings, name: str) -> Path:
    if not NAME.fullmatch(name):
        raise InputError(f"{name!r} is not a valid study name; use small letters, digits, dots and dashes")
    folder = written(settings.folder) / name
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    return folder


def _watch(done: int, of: int, what: str) -> None:
    console.print(Text(f"[{done}/{of}] {what}"))
