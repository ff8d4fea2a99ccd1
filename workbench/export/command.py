"""The command `export RUN|ADAPTER`: an adapter becomes a GGUF file that Ollama and llama.cpp run, with its passport."""

import shlex
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from workbench.config import load_job
from workbench.export.adapters import ExportJob, Source, find_source
from workbench.export.export import Exported, ExportSettings, export_adapter
from workbench.export.modelfile import Manner
from workbench.export.passport import Passport, PassportError
from workbench.places import written
from workbench.terminal import complain, console, say

CONFIG = Path("config/export.yaml")


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
    manner = settings.manner if settings.manner != Manner() else source.manner
    return export_adapter(
        source.adapter,
        task=task or source.task,
        out=out or written(job.out),
        texts=source.held_out,
        calibration=source.calibration,
        model=source.model,
        settings=replace(settings, manner=manner),
        run=source.run,
        on_progress=say,
    )


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
    console.print(Text("Run it with any of these:"))
    for command in run_commands(done):
        console.print(Text(f"  {command}"), soft_wrap=True)


def run_commands(done: Exported) -> list[str]:
    """What to type to run an export: Ollama, llama.cpp's server, and compose for a follower that is whole."""
    name, path = done.path.stem.lower(), shlex.quote(str(done.path))
    commands = [f"ollama create {name} -f {shlex.quote(str(done.modelfile))} && ollama run {name}"]
    if done.base_gguf:
        base = shlex.quote(str(done.base_gguf.resolve()))
        return [*commands, f"llama-server -m {base} --lora {path} --jinja --port 8080"]
    commands.append(f"llama-server -m {path} --jinja --port 8080")
    if done.passport.facts.get("task") == "follower":
        commands.append(f'workbench compose "a ferry in fog" --model {path}')
    return commands


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
