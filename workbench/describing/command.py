"""The command of this phase: ``workbench describe POEM``, a file, a poem's title, or - for standard input."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from workbench.config import load_job
from workbench.corpus.load import load_poems
from workbench.describing.collection import (
    BLOCK,
    Asked,
    Blocks,
    Done,
    ReaderWorker,
    by_fleet,
    by_one,
    describe_collection,
)
from workbench.describing.describe import pool_of
from workbench.describing.run import DescribeJob, OpenReader, as_record, find_poems, open_reader
from workbench.describing.shards import SUFFIX, describe_into_shards
from workbench.describing.types import Described, why_not
from workbench.engines.fleet_engines import Hire
from workbench.engines.protocols import Cancelled
from workbench.engines.ray_crew import hire_on
from workbench.errors import EngineError, InputError
from workbench.storage.execution import Progress, Watch
from workbench.terminal import (
    RUNS,
    FormerScorer,
    On,
    Overrides,
    RowSeconds,
    Workers,
    complain,
    interruptible,
    progress_bar,
)
from workbench.types import Candidate, Poem, ScoredCandidate

CONFIG = Path("config/describe.yaml")


def describe(  # noqa: PLR0913 - one argument an option
    poem: Annotated[str, typer.Argument(help="A file or folder of poems, a poem's title, or - for standard input.")],
    model: Annotated[str, typer.Option(help="Any engine: built-in, built-in+ADAPTER, FILE.gguf, URL#MODEL …")] = "",
    run: Annotated[str, typer.Option(help="A run: its own base and its newest adapter.")] = "",
    adapter: Annotated[str, typer.Option(help="Which of the run's adapters; the newest of `top` if left out.")] = "",
    tries: Annotated[int, typer.Option("-n", "--tries", min=0, help="Descriptions a poem; 0 = as in the YAML.")] = 0,
    scorer: Annotated[str, typer.Option(help="Who scores; the model's own base if left out.")] = "",
    former_scorer: FormerScorer = "",
    seed: Annotated[int | None, typer.Option(min=0, help="Another seed, other descriptions.")] = None,
    out: Annotated[Path | None, typer.Option(help="A .jsonl file for the records, or a .parquet folder.")] = None,
    config: Annotated[Path, typer.Option(help="The YAML file.")] = CONFIG,
    overrides: Overrides = None,
    runs: Annotated[Path, typer.Option(help="The folder of all runs.")] = RUNS,
    as_json: Annotated[bool, typer.Option("--json", help="Only the records, a line of JSON a poem.")] = False,
    on: On = "",
    workers: Workers = 0,
    row_seconds: RowSeconds = 0.0,
) -> None:
    """Describe a poem: of three tries the most specific is shown, with the evidence for it.

    With --out each poem is kept as soon as it is done: after Ctrl-C or a crash the same command continues.
    """
    if as_json and out and out.suffix == SUFFIX:
        raise InputError("--json: a .parquet folder is not JSON; leave it out, or write --out FILE.jsonl")
    hire = _hired(on, workers, row_seconds, out)
    console = Console(highlight=False, quiet=as_json)
    job = _said(load_job(DescribeJob, config, overrides or []), model=model, scorer=scorer, seed=seed, tries=tries)
    poems = find_poems(poem, among=job.others)
    for remark in poems.told:
        complain(remark)
    watching = nullcontext(_silent) if as_json else progress_bar()
    if out:
        asked = Asked(job=job, run=run, adapter=adapter, runs=runs)
        _keep(poems, asked, out, hire, console=console, watching=watching)
        if as_json:
            typer.echo(out.read_text("utf-8"), nl=False)
        return
    with open_reader(job, run=run, adapter=adapter, runs=runs) as reader, interruptible() as cancelled, watching as say:
        found = _described(reader, poems, job.backtranslation.n_candidates, say, cancelled)
    _show(found, console, as_json=as_json)


def _show(found: list[Described], console: Console, *, as_json: bool) -> None:
    """Records, one poem with all its evidence, or a table.

    Raises:
        EngineError: none of the poems has a description.
    """
    if as_json:
        typer.echo("".join(json.dumps(as_record(one), ensure_ascii=False) + "\n" for one in found), nl=False)
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


def _hired(on: str, workers: int, row_seconds: float, out: Path | None) -> Hire | None:
    hire = hire_on(on, workers, row_seconds)
    if hire and not out:
        raise InputError(f"--on {on}: name where the rows are kept, with --out FILE.jsonl or FOLDER.parquet")
    return hire


def _said(job: DescribeJob, *, model: str, scorer: str, seed: int | None, tries: int) -> DescribeJob:
    """The YAML file's job, with what the command line says instead."""
    wanted = replace(job.backtranslation, n_candidates=tries or job.backtranslation.n_candidates)
    own = job.seed if seed is None else seed
    return replace(job, model=model or job.model, scorer=scorer or job.scorer, seed=own, backtranslation=wanted)


def _keep(
    poems: list[Poem], asked: Asked, out: Path, hire: Hire | None, *, console: Console,
    watching: AbstractContextManager[Watch],
) -> None:  # fmt: skip
    """Describes into a file, row by row.

    Raises:
        EngineError: none of the poems has a description.
    """
    others = load_poems(Path(asked.job.others))
    is_folder = out.suffix == SUFFIX  # in which a poem that is there twice has one row
    keep: Callable[..., int] = partial(describe_into_shards, tell=complain) if is_folder else describe_collection
    n_rows = len({poem.id for poem in poems}) if is_folder else len(poems)
    with interruptible() as cancelled, watching as watch, _at_work(asked, hire) as work:
        n = keep(poems, asked, work, others=others, out=out, watch=watch, cancelled=cancelled)
    console.print(f"{n} of {n_rows} poems have a description, in {out}", soft_wrap=True)
    if not n:
        raise EngineError(f"no poem has a description; {out} says why: try another --seed, or more --tries")


def _described(
    reader: OpenReader, poems: list[Poem], n_each: int, watch: Watch, cancelled: Cancelled
) -> list[Described]:
    titles, n_all, seen = {poem.id: poem.title for poem in poems}, n_each * len(poems), set[tuple[str, int]]()

    def on_candidate(candidate: Candidate) -> None:
        seen.add((candidate.poem_id, candidate.slot))
        what = f"{titles[candidate.poem_id]}: {candidate.failure or f'{candidate.n_tokens} tokens'}"
        watch(Progress(position=len(seen) - 1, n_actions=n_all, text=what))

    among = pool_of(poems, reader.pool)
    blocks = [poems[start : start + BLOCK] for start in range(0, len(poems), BLOCK)]  # as with --out: the same rows
    return [
        one
        for block in blocks
        for one in reader.describe(block, among=among, on_candidate=on_candidate, cancelled=cancelled)
    ]


@contextmanager
def _at_work(asked: Asked, hire: Hire | None) -> Iterator[Callable[[Blocks, Cancelled], Done]]:
    """What describes blocks: workers, or this process."""
    if hire:
        with closing(hire(partial(ReaderWorker, asked))) as fleet:
            yield by_fleet(fleet)
    else:
        with closing(ReaderWorker(asked)) as worker:
            yield by_one(worker)


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
