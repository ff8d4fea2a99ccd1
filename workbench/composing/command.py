"""The command of this phase: ``workbench compose "a ferry in fog, and nobody waving" --run NAME --beside-base``."""

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from workbench.composing.run import ComposeJob, OpenComposer, open_composer
from workbench.composing.types import Composed, Try, Voice, why_out
from workbench.config import load_job
from workbench.engines.protocols import Cancelled
from workbench.errors import EngineError
from workbench.intervals import shown
from workbench.terminal import RUNS, FormerScorer, Overrides, interruptible
from workbench.types import Completion, Failed

CONFIG = Path("config/compose.yaml")
_NAMES: dict[Voice, str] = {"trained": "trained", "base": "base"}


def compose(  # noqa: PLR0913 - one argument an option
    description: Annotated[str, typer.Argument(help="What the poem is to be, in your words.")],
    model: Annotated[str, typer.Option(help="Any engine: built-in, built-in+ADAPTER, FILE.gguf, URL#MODEL …")] = "",
    run: Annotated[str, typer.Option(help="A run: its own base and its newest adapter.")] = "",
    adapter: Annotated[str, typer.Option(help="Which of the run's adapters; the newest of `top` if left out.")] = "",
    beside_base: Annotated[bool, typer.Option("--beside-base", help="The base answers too, same seeds.")] = False,
    tries: Annotated[int, typer.Option("-n", "--tries", min=0, help="Answers of each; 0 = as in the YAML.")] = 0,
    scorer: Annotated[str, typer.Option(help="Who reads the poems back; the model's own base if left out.")] = "",
    former_scorer: FormerScorer = "",
    seed: Annotated[int | None, typer.Option(min=0, help="Another seed, another poem.")] = None,
    config: Annotated[Path, typer.Option(help="The YAML file.")] = CONFIG,
    overrides: Overrides = None,
    runs: Annotated[Path, typer.Option(help="The folder of all runs.")] = RUNS,
    as_json: Annotated[bool, typer.Option("--json", help="Only the record, as one JSON object.")] = False,
) -> None:
    """Write a title and a poem from a description, with the model that a run taught or any other.

    Of N tries the one that gives its description back best is shown; all of them are kept.
    """
    console = Console(highlight=False, quiet=as_json)
    job = load_job(ComposeJob, config, overrides or [])
    job = replace(job, model=model or job.model, scorer=scorer or job.scorer, seed=job.seed if seed is None else seed)
    job = replace(job, composing=replace(job.composing, tries=tries or job.composing.tries))
    with open_composer(job, run=run, adapter=adapter, runs=runs) as composer, interruptible() as cancelled:
        made = _composed(composer, description, job, console, cancelled, beside_base=beside_base)
    if as_json:
        typer.echo(json.dumps(asdict(made), ensure_ascii=False))
    else:
        print_composed(made, console)
    if made.best is None:
        raise EngineError(no_poem(made))


def no_poem(made: Composed) -> str:
    """What is said where no answer of the model that was asked is a poem."""
    whose = " of the trained model" if made.of("trained") and made.of("base") else ""
    return f"no answer{whose} is a poem ({made.tries[0].problem}); try another --seed, or more --tries"


def print_composed(made: Composed, console: Console) -> None:
    """The best poem of each voice, then every try with its measure."""
    voices = list(dict.fromkeys(one.voice for one in made.tries))
    for voice in voices:
        first = made.of(voice)[0]
        if len(voices) > 1:
            console.print(Text(f"\n— {_NAMES[voice]} —", style="dim"))
        console.print(Text(f"\n{first.title or '(no poem)'}\n", style="bold"))
        console.print(Text(first.text or first.problem))
        if first.text and (why := why_out(first)):
            console.print(Text(f"This is out: {why}", style="yellow"))
        for remark in first.remarks:
            console.print(Text(f"In the answer: {remark}", style="dim"))
    console.print()
    console.print(_table(made))
    if len(voices) > 1 and any(one.given_back for one in made.tries):
        means = ", ".join(f"{_NAMES[voice]} {shown(made.mean(voice), sign=True)}" for voice in voices)
        console.print(Text(f"All tries, chosen or not: {means}; difference {shown(made.difference, sign=True)}."))
    for note in made.notes:
        console.print(Text(note, style="yellow"))


def _composed(
    composer: OpenComposer, description: str, job: ComposeJob, console: Console, cancelled: Cancelled, *,
    beside_base: bool,
) -> Composed:  # fmt: skip
    n_all = job.composing.tries * (2 if beside_base else 1)
    n_done = 0

    def on_try(voice: Voice, _: int, result: Completion | Failed) -> None:
        nonlocal n_done
        n_done += 1
        n_tokens = f"{result.n_tokens} tokens" if isinstance(result, Completion) else result.reason.sentence
        console.print(Text(f"[{n_done}/{n_all}] {_NAMES[voice]}: {n_tokens}", style="dim"))

    console.print(Text(f"{composer.taught.title} writes", style="dim"))
    return composer.compose(description, beside_base=beside_base, on_try=on_try, cancelled=cancelled)


def _table(made: Composed) -> Table:
    table = Table("voice", "rank", "title", "gives back, nats/token", "words copied", "why not")
    for one in made.tries:
        table.add_row(_NAMES[one.voice], str(one.rank or "–"), Text(one.title), *_measure(one), Text(why_out(one)))
    return table


def _measure(one: Try) -> tuple[str, str]:
    found = one.given_back
    return (f"{found.nats_per_token:+.3f}", str(found.longest_run_words)) if found else ("–", "–")
