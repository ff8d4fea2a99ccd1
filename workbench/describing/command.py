"""The command of this phase: ``workbench describe POEM``, a file, a poem's title, or - for standard input."""

import json
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from workbench.config import load_job
from workbench.describing.run import DescribeJob, OpenReader, as_record, find_poems, open_reader
from workbench.describing.types import Described, why_not
from workbench.engines.protocols import Cancelled
from workbench.errors import EngineError
from workbench.storage.atomic import write_file
from workbench.storage.execution import Progress, Watch
from workbench.terminal import RUNS, Overrides, complain, interruptible, progress_bar
from workbench.types import Candidate, Poem, ScoredCandidate

CONFIG = Path("config/describe.yaml")


def describe(  # noqa: PLR0913 - one argument an option
    poem: Annotated[str, typer.Argument(help="A file or folder of poems, a poem's title, or - for standard input.")],
    model: Annotated[str, typer.Option(help="Any engine: built-in, built-in+ADAPTER, FILE.gguf, URL#MODEL …")] = "",
    run: Annotated[str, typer.Option(help="A run: its own base and its newest adapter.")] = "",
    adapter: Annotated[str, typer.Option(help="Which of the run's adapters; the newest of `top` if left out.")] = "",
    tries: Annotated[int, typer.Option("-n", "--tries", min=0, help="Descriptions a poem; 0 = as in the YAML.")] = 0,
    judge: Annotated[str, typer.Option(help="Who scores; the model's own base if left out.")] = "",
    seed: Annotated[int | None, typer.Option(min=0, help="Another seed, other descriptions.")] = None,
    out: Annotated[Path | None, typer.Option(help="A .jsonl file for the records, a line a poem.")] = None,
    config: Annotated[Path, typer.Option(help="The YAML file.")] = CONFIG,
    overrides: Overrides = None,
    runs: Annotated[Path, typer.Option(help="The folder of all runs.")] = RUNS,
    as_json: Annotated[bool, typer.Option("--json", help="Only the records, a line of JSON a poem.")] = False,
) -> None:
    """Describe a poem: of three tries the most specific is shown, with the evidence for it."""
    console = Console(highlight=False, quiet=as_json)
    job = load_job(DescribeJob, config, overrides or [])
    job = replace(job, model=model or job.model, judge=judge or job.judge, seed=job.seed if seed is None else seed)
    wanted = tries or job.backtranslation.n_candidates
    job = replace(job, backtranslation=replace(job.backtranslation, n_candidates=wanted))
    poems = find_poems(poem, among=job.others)
    for remark in poems.told:
        complain(remark)
    watching = nullcontext(_silent) if as_json else progress_bar()
    with open_reader(job, run=run, adapter=adapter, runs=runs) as reader, interruptible() as cancelled, watching as say:
        found = _described(reader, poems, wanted, say, cancelled)
    lines = "".join(json.dumps(as_record(one), ensure_ascii=False) + "\n" for one in found)
    if out:
        write_file(out, lines.encode())
    if as_json:
        typer.echo(lines, nl=False)
    elif len(found) == 1:
        print_described(found[0], console)
    else:
        console.print(_table(found))
    if all(one.best is None for one in found):
        raise EngineError(f"{why_not(found[0])}; try another --seed, or more --tries")


def print_described(one: Described, console: Console) -> None:
    """The best description, then all of them with their figures."""
    console.print(Text(f"\n{one.poem.title}\n", style="bold"))
    if one.best:
        console.print(Text(one.best.text + "\n"), soft_wrap=True)
    table = Table("", "specificity", "gain", "guarded", "copied run", "decision")
    for place, each in enumerate(one.candidates, start=1):
        table.add_row(str(place), *_measured(each.score), Text(each.choice.why))
    console.print(table)
    for place, each in enumerate(one.candidates[bool(one.best) :], start=1 + bool(one.best)):
        console.print(Text(f"{place}  {each.text or '(nothing)'}", style="dim"), soft_wrap=True)
    if one.identified:
        first = "the most" if one.identified.is_own else f"only at place {one.identified.place}"
        console.print(f"Of {one.identified.n_poems} poems it helps its own {first} (guarded gain a token).")
    if problem := why_not(one):
        console.print(Text(problem, style="yellow"))


def _described(
    reader: OpenReader, poems: list[Poem], n_each: int, watch: Watch, cancelled: Cancelled
) -> list[Described]:
    titles, n_all, seen = {poem.id: poem.title for poem in poems}, n_each * len(poems), set[tuple[str, int]]()

    def on_candidate(candidate: Candidate) -> None:
        seen.add((candidate.poem_id, candidate.slot))
        what = f"{titles[candidate.poem_id]}: {candidate.failure or f'{candidate.n_tokens} tokens'}"
        watch(Progress(position=len(seen) - 1, n_actions=n_all, text=what))

    return reader.describe(poems, on_candidate=on_candidate, cancelled=cancelled)


def _table(found: list[Described]) -> Table:
    table = Table("poem", "specificity", "gain", "own poem picked", "description")
    for one in found:
        if one.best is None:
            table.add_row(Text(one.poem.title), "–", "–", "–", Text(why_not(one), style="yellow"))
            continue
        picked = f"{one.identified.place} of {one.identified.n_poems}" if one.identified else "–"
        star = "" if one.is_specific else " (weak)"
        score = one.best.score
        table.add_row(
            Text(one.poem.title), f"{score.specificity:+.3f}{star}", f"{score.gain:+.3f}", picked, Text(one.best.text)
        )
    return table


def _measured(score: ScoredCandidate) -> tuple[str, str, str, str]:
    if score.unscored:
        return "–", "–", "–", "–"
    own = "–" if score.is_leak else f"{score.specificity:+.3f}"
    return own, f"{score.gain:+.3f}", f"{score.guarded_gain:+.3f}", f"{score.longest_run_words} words"


def _silent(_: Progress) -> None:
    """Nobody watches."""
