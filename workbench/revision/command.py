"""The command of this phase: ``revise "a poem about winter light"``. It alone reads the YAML, the store and the keys.

Every piece is saved as soon as it is there; Ctrl-C ends the session at the next token, and ``--resume NAME`` continues.
"""

import json
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any

import typer
from annotated_types import Ge, Le
from rich.console import Console
from rich.table import Table
from rich.text import Text

from workbench.config import load_job
from workbench.corpus.load import load_poems
from workbench.engines.names import KEY, available
from workbench.engines.pair import open_pair
from workbench.engines.sources import Weights
from workbench.errors import ConfigError
from workbench.places import as_typed, located, written
from workbench.prosody.forms import forms_named
from workbench.revision.approvals import as_measured, measure, poems_to_show, record_of
from workbench.revision.drivers import run_session
from workbench.revision.line_orders import LinePoet
from workbench.revision.own_hand import edits_in, habits_in, style_note, told_of, write_pairs
from workbench.revision.settings import RevisionSettings
from workbench.revision.store import SessionStore
from workbench.revision.transcript import Transcript, decide
from workbench.revision.types import Direction, Event, StopReason, Trace
from workbench.storage.execution import Progress
from workbench.terminal import interruptible, progress_bar

CONFIG = Path("config/revise.yaml")
POEMS = Path("data/poems/good")  # planted drafts are made of these
MOST_REQUEST_CHARS = 4000
Overrides = Annotated[
    list[str] | None, typer.Option("--set", help="Change a setting: --set revision.retries=5", metavar="KEY=VALUE")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineSettings:
    """How the models are held."""

    one_at_a_time: bool = False  # two different models are swapped in memory instead of both kept
    weights: Weights = "auto"  # which GGUF of the built-in model samples
    key: str = KEY  # environment variable with the key of remote endpoints
    threads: Annotated[int, Ge(0), Le(1024)] = 0  # of local models; 0 = all cores
    n_ctx: Annotated[int, Ge(0), Le(1_000_000)] = 0  # prompt and answer of local models; 0 = as they were made


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviseJob:
    """config/revise.yaml."""

    sessions: str = "data/sessions"
    engines: EngineSettings = field(default_factory=EngineSettings)
    revision: RevisionSettings = field(default_factory=RevisionSettings)


def revise(  # noqa: PLR0913 - one argument an option
    request: Annotated[str, typer.Argument(help="What the poem is to be, in your words.")] = "",
    config: Annotated[Path, typer.Option(help="The YAML file.")] = CONFIG,
    overrides: Overrides = None,
    educator: Annotated[str, typer.Option(help="built-in, built-in+ADAPTER, FILE.gguf or remote:URL#MODEL.")] = "",
    poet: Annotated[str, typer.Option(help="The same for the poet.")] = "",
    max_revisions: Annotated[int | None, typer.Option(min=0, max=20, help="Maximum number of revisions.")] = None,
    direction: Annotated[str, typer.Option(help="Your wish for every round.")] = "",
    seed: Annotated[int | None, typer.Option(min=0, help="Another seed, another poem.")] = None,
    resume: Annotated[str, typer.Option(help="Continue this session; --list names them.")] = "",
    choose: Annotated[
        bool, typer.Option("--choose/--yes", help="Decide on every changed line, or take them all.")
    ] = False,
    list_all: Annotated[bool, typer.Option("--list", help="Only list the sessions.")] = False,
    approvals: Annotated[bool, typer.Option("--approvals", help="Only measure what its approvals tell.")] = False,
    pairs: Annotated[
        Path | None, typer.Option(help="Only write what you changed in drafts as training pairs into this folder.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Only the whole session, as one JSON object.")] = False,
) -> None:
    """Brief, draft, critique, revision … between an educator and a poet, until the poem has found its shape."""
    console = Console(highlight=False, quiet=as_json)
    job = load_job(ReviseJob, config, overrides or [])
    if approvals:
        _measure(job, replace(job.revision, educator=educator or job.revision.educator), console)
        return
    with closing(SessionStore(Path(job.sessions))) as store:
        if list_all or pairs:
            _print_list(store, console) if list_all else _write_pairs(store, written(pairs or Path()), console)
            return
        wished = {"educator": educator, "poet": poet, "max_revisions": max_revisions, "direction": direction,
                  "seed": seed}  # fmt: skip
        start, settings = _begun(store, job, request, resume, {k: v for k, v in wished.items() if v not in ("", None)})
        trace = _hold(store, job, start, settings, console, is_choosing=choose and not as_json)
    if as_json:
        typer.echo(json.dumps(asdict(trace), ensure_ascii=False))
    _leave(trace, console)


def _begun(
    store: SessionStore, job: ReviseJob, request: str, resume: str, wished: dict[str, Any]
) -> tuple[Trace, RevisionSettings]:
    """The session to continue, old or new, and its settings."""
    if resume:
        trace, settings = store.open(resume)
        return trace, replace(settings, **wished)
    request = request.strip()
    if not request or len(request) > MOST_REQUEST_CHARS:
        raise ConfigError(
            f'say what the poem is to be, in at most {MOST_REQUEST_CHARS} characters: revise "a poem about …"'
        )
    settings = replace(job.revision, **wished)
    if settings.form:
        forms_named(settings.form)
    return store.begin(request, settings), settings


def _hold(
    store: SessionStore, job: ReviseJob, start: Trace, settings: RevisionSettings, console: Console, *,
    is_choosing: bool,
) -> Trace:  # fmt: skip
    names = {role: available(getattr(settings, role)) for role in ("educator", "poet")}
    for note in dict.fromkeys(note for _, note in names.values() if note):
        console.print(Text(note, style="yellow"))
    settings = as_measured(replace(settings, educator=names["educator"][0], poet=names["poet"][0]))
    start = replace(start, educator=settings.educator, poet=settings.poet)
    console.print(Text(f"Session {start.id}: {start.request}", style="bold"))
    transcript = Transcript(console)
    with interruptible() as cancelled, open_pair(
        settings.educator, settings.poet, one_at_a_time=job.engines.one_at_a_time, weights=job.engines.weights,
        key=job.engines.key, threads=job.engines.threads, n_ctx=job.engines.n_ctx,
    ) as pair, closing(LinePoet(settings.poet, pair.poet)) as poet:  # fmt: skip

        def on_event(event: Event) -> Direction | None:
            store.save(event.trace)
            transcript.event(event)
            if is_choosing and not cancelled() and event.trace.stop is None:
                return decide(
                    event,
                    ask=lambda question: typer.prompt(question, default="", show_default=False),
                    say=console.print,
                )
            return None

        try:
            return run_session(
                start.request, settings, educator=pair.educator, poet=poet, start=start, on_event=on_event,
                on_piece=transcript.piece, cancelled=cancelled,
            )  # fmt: skip
        finally:
            transcript.rest()


def _measure(job: ReviseJob, settings: RevisionSettings, console: Console) -> None:
    """Shows the educator planted drafts and says what its approvals come to."""
    name, note = available(settings.educator)
    settings, engines = replace(settings, educator=name), job.engines
    if note:
        console.print(Text(note, style="yellow"))
    with interruptible() as cancelled, progress_bar() as watch, open_pair(
        name, name, weights=engines.weights, key=engines.key, threads=engines.threads, n_ctx=engines.n_ctx
    ) as pair:  # fmt: skip
        found = measure(
            settings, pair.educator, poems_to_show(load_poems(located(POEMS))), cancelled=cancelled,
            on_answer=lambda done, of: watch(
                Progress(position=done - 1, n_actions=of, text="a critique of a planted draft")
            ),
        )  # fmt: skip
    console.print(Text(found.sentence), soft_wrap=True)
    console.print(Text(f"Every answer is in {as_typed(located(record_of(name)))}.", style="dim"), soft_wrap=True)


def _print_list(store: SessionStore, console: Console) -> None:
    table = Table("session", "drafts", "what became of it", "request")
    for one in store.sessions():
        table.add_row(one.name, str(one.n_drafts), one.stop.sentence if one.stop else "open", Text(one.request[:60]))
    console.print(table)


def _write_pairs(store: SessionStore, folder: Path, console: Console) -> None:
    """What a person changed in drafts as pairs, what it has in common, and how a poet learns of it."""
    opened = [store.open(one.name) for one in store.sessions()]
    edits = [edit for trace, settings in opened for edit in edits_in(trace, poet=settings.poet_persona)]
    n_train, n_valid = write_pairs(folder, edits)
    habits = habits_in(edits)
    said = [told_of(edits, habits)]
    said += [f'As a style note for the poet: --set "revision.style={style_note(habits)}"'] * bool(habits)
    said.append(f"{n_train} pairs to learn from and {n_valid} to measure by are in {folder}. Teach a poet with them:")
    for sentence in said:
        console.print(Text(sentence), soft_wrap=True)
    taught = f"--set examples={folder} --set model.source=built-in+models/poet --set training.batch_examples=4"
    console.print(Text(f"workbench train config/poet.yaml {taught}", style="dim"), soft_wrap=True)


def _leave(trace: Trace, console: Console) -> None:
    console.print(Text(f"Saved. Continue: workbench revise --resume {trace.id}", style="dim"), soft_wrap=True)
    if trace.stop is StopReason.CANCELLED:
        raise typer.Exit(130)
    if trace.stop is StopReason.ENGINE:
        typer.echo(f"{trace.stop.sentence}: {trace.stop_detail}", err=True)
        raise typer.Exit(3)
