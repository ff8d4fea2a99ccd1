"""The command `export RUN|ADAPTER`: an adapter becomes a GGUF file that Ollama and llama.cpp run, with its passport."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any

import typer
from annotated_types import Ge, Le
from rich.console import Console
from rich.table import Table
from rich.text import Text

from workbench.config import load_job
from workbench.corpus.load import load_poems
from workbench.engines.sources import ModelSettings
from workbench.errors import InputError
from workbench.export.export import Exported, ExportSettings, export_adapter
from workbench.export.passport import Passport, PassportError
from workbench.export.texts import ExportText
from workbench.places import located, written
from workbench.prompts.templates import load_prompt, poem_target
from workbench.storage.runs import Run
from workbench.terminal import complain, console, say
from workbench.types import Poem, content_id

CONFIG = Path("config/export.yaml")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportJob:
    """What config/export.yaml holds."""

    out: str = "models/gguf"
    held_out: str = "data/poems/bad"  # for an adapter that belongs to no run: poems that nothing is trained to write
    calibration: str = "data/poems/good"  # the same: what shows which weights matter
    n_texts: Annotated[int, Ge(1), Le(10_000)] = 12  # held-out texts, chosen by their hash
    n_calibration: Annotated[int, Ge(1), Le(10_000)] = 24
    prompt: str = "follow_nothing"  # of config/prompts; a prompt without values
    export: ExportSettings = field(default_factory=ExportSettings)
    model: ModelSettings = field(default_factory=ModelSettings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """An adapter with what is known of it."""

    adapter: Path
    task: str
    model: ModelSettings
    held_out: tuple[Poem, ...]
    calibration: tuple[Poem, ...]
    remarks: tuple[str, ...] = ()  # what was left out or mended when the poems were read


def export_command(  # noqa: PLR0913 - typer makes one option of each
    what: Annotated[str, typer.Argument(help="A run's name, or the folder of an adapter.", metavar="RUN|ADAPTER")],
    quantize: Annotated[str, typer.Option(help="Q8_0, Q6_K, Q5_K_M, Q4_K_M, … or F16, BF16.")] = "",
    adapter_only: Annotated[
        bool, typer.Option("--adapter-only", help="The adapter alone, to put over its base.")
    ] = False,
    adapter: Annotated[str, typer.Option(help="Which of the run's adapters; the newest of `top` if left out.")] = "",
    task: Annotated[str, typer.Option(help="What it was taught, for the file's name.")] = "",
    out: Annotated[Path | None, typer.Option(help="The folder to write to.")] = None,
    limit: Annotated[float | None, typer.Option(help="Allowed loss by quantization, percent of perplexity.")] = None,
    engine: Annotated[str, typer.Option(help="own, or unsloth on CUDA.")] = "",
    model: Annotated[str, typer.Option(help="The base of an adapter that belongs to no run.")] = "",
    config: Annotated[Path, typer.Option(help="Settings.")] = CONFIG,
    runs: Annotated[Path, typer.Option(help="The folder of all runs.")] = Path("data/runs"),
) -> None:
    """Export an adapter as GGUF, with an Ollama Modelfile and a passport that proves that it is what was trained."""
    job = load_job(ExportJob, config)
    changes: dict[str, Any] = {"quantize": quantize, "engine": engine, "adapter_only": adapter_only}
    settings = replace(job.export, **{key: value for key, value in changes.items() if value})
    if limit is not None:
        settings = replace(settings, limits=replace(settings.limits, exported_worse_percent=limit))
    source = find_source(what, job, runs=runs, adapter=adapter, model=model)
    for remark in source.remarks:
        say(remark)
    try:
        done = export_source(source, job, settings, out=out, task=task, say=lambda text: say(f"… {text}"))
    except PassportError as error:
        print_passport(error.passport, console)
        complain(f"{error}{advice(error.passport)}")
        raise typer.Exit(error.exit_code) from None
    print_passport(done.passport, console)
    print_next(done, console)


def export_source(
    source: Source,
    job: ExportJob,
    settings: ExportSettings,
    *,
    out: Path | None = None,
    task: str = "",
    say: Any = print,
) -> Exported:
    """Exports what `find_source` found."""
    return export_adapter(
        source.adapter,
        task=task or source.task,
        out=out or written(job.out),
        texts=texts_of(source.held_out, job.n_texts, prompt=job.prompt),
        calibration=texts_of(source.calibration, job.n_calibration, prompt=job.prompt),
        model=source.model,
        settings=settings,
        on_progress=say,
    )


def find_source(what: str, job: ExportJob, *, runs: Path, adapter: str = "", model: str = "") -> Source:
    """The adapter of a run, or in a folder; a folder inside a run knows its run.

    Raises:
        InputError: there is neither.
    """
    folder = located(what)
    if (folder / "adapter_config.json").is_file():
        run_folder = folder.resolve().parent.parent
        if (run_folder / "run.json").is_file():
            return _of_run(run_folder.parent, run_folder.name, folder.name)
        settings = replace(job.model, source=model) if model else job.model
        held_out, shown = (load_poems(Path(place)) for place in (job.held_out, job.calibration))
        name = folder.resolve().name.lower()
        return Source(
            adapter=folder, task=name, model=settings, held_out=tuple(held_out), calibration=tuple(shown),
            remarks=tuple(dict.fromkeys((*held_out.told, *shown.told))),
        )  # fmt: skip
    if "/" in what:
        raise InputError(f"{what}: no adapter_config.json in this folder; give a PEFT adapter or a run's name")
    return _of_run(runs, what, adapter)


def texts_of(poems: Sequence[Poem], n: int, *, prompt: str) -> list[ExportText]:
    """A prompt and each of some poems, chosen by their hash."""
    asked = load_prompt(prompt).fill()
    chosen = sorted(poems, key=lambda poem: content_id("export", poem.id))[:n]
    return [ExportText(prompt=asked, answer=poem_target(poem)) for poem in chosen]


def print_passport(passport: Passport, console: Console) -> None:
    """The forms of the model side by side, then every check."""
    table = Table("", "nats/token", "perplexity", "worse by", "95 % interval", "KL nats", "greedy alike", "MB")
    for form in passport.forms:
        table.add_row(
            form.name,
            f"{form.nll_nats / form.n_tokens:.4f}",
            f"{form.perplexity:.3f}",
            f"{form.worse_percent:+.2f} %",
            form.worse_between,
            f"{form.kl_nats:.5f}",
            f"{form.greedy_alike} tokens",
            f"{form.n_bytes / 1e6:.0f}" if form.n_bytes else "",
        )
    if passport.forms:
        console.print(table)
        console.print(f"{passport.forms[0].n_tokens} tokens of held-out text.")
    for check in passport.checks:
        mark = "[green]passed[/green]" if check.passed else "[red]failed[/red]"
        console.print(f"{mark} ", Text(f"{check.name}: {check.detail}"))


def print_next(done: Exported, console: Console) -> None:
    """Where it lies and how to run it."""
    console.print(Text(f"\n{done.path}  {done.path.stat().st_size / 1e6:.0f} MB, passport beside it"))
    console.print(Text(f"ollama create {done.path.stem.lower()} -f {done.modelfile}"))


def advice(passport: Passport) -> str:
    """What a user can do about a file that is only too coarse; "" for other faults."""
    failed = [check.name for check in passport.checks if not check.passed]
    quantization = passport.facts.get("quantization", "")
    if failed != [f"{quantization} loss"]:
        return ""
    return (
        f". The file is sound but coarse: try --quantize Q6_K or Q8_0, or allow it with --limit {_allowance(passport)}"
    )


def _allowance(passport: Passport) -> str:
    return f"{passport.forms[-1].worse_percent + 0.5:.0f}"


def _of_run(runs: Path, name: str, adapter: str) -> Source:
    from workbench.improvement.settings import settings_of_run

    with Run.open(runs, name, read_only=True) as run:
        settings = settings_of_run(run.facts, where=f"{name}/run.json")
        poems = {poem.id: poem for poem in run.records.all(Poem)}
        names = sorted((path.name for path in (run.folder / "adapters").glob("*") if path.is_dir()), key=_age)
        chosen = adapter or next((each for each in reversed(names) if each.startswith("top-")), "")
        if chosen not in names:
            known = ", ".join(names) or "none yet; train it first"
            raise InputError(f"run {name!r} has no adapter {chosen or 'of the arm top'!r}; it has {known}")
        return Source(
            adapter=run.folder / "adapters" / chosen,
            task="describer" if chosen.startswith("describer") else settings.training.task,
            model=settings.model,
            held_out=tuple(poems[each] for each in run.facts["held_out"]),
            calibration=tuple(poems[each] for each in run.facts["training"]),
        )


def _age(name: str) -> tuple[int, ...]:
    """The numbers in an adapter's name: iteration, step."""
    return tuple(int(part) for part in name.split("-") if part.isdigit())
