"""The command of this phase: ``workbench write "the first frost on an allotment" --form "shakespearean sonnet"``."""

import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from workbench.config import load_job
from workbench.engines.protocols import Cancelled
from workbench.errors import InputError
from workbench.storage.input_files import read_text
from workbench.terminal import Overrides, interruptible
from workbench.writing.asked_poem import AskedPoet, most_answers
from workbench.writing.run import OpenPoet, open_writer
from workbench.writing.types import Line, Written
from workbench.writing.wishes import Wishes, WriteJob, subject_of

CONFIG = Path("config/write.yaml")


def write(  # noqa: PLR0913 - one argument an option
    subject: Annotated[str, typer.Argument(help="What the poem is about, in your words.")],
    form: Annotated[str, typer.Option(help="A form; `workbench prosody forms` lists them. Empty = no form.")] = "",
    title: Annotated[str, typer.Option(help="The title; the subject where you give none.")] = "",
    line: Annotated[
        list[str] | None, typer.Option("--line", help='A line of yours, kept as it is: --line "3=The gate is shut,"')
    ] = None,
    begin: Annotated[Path | None, typer.Option(help="A text file with your own first lines.")] = None,
    end_words: Annotated[str, typer.Option(help='Words that end the lines: "rain, stone, train, bone"')] = "",
    acrostic: Annotated[str, typer.Option(help="A word that the first letters of the lines spell.")] = "",
    refrain: Annotated[str, typer.Option(help="The line that comes back, in forms that have one.")] = "",
    poet: Annotated[
        str,
        typer.Option("--poet", "--model", help="built-in+ADAPTER, FILE.gguf, ollama:NAME or an endpoint URL#MODEL."),
    ] = "",
    seed: Annotated[int | None, typer.Option(min=0, help="Another seed, another poem.")] = None,
    config: Annotated[Path, typer.Option(help="The YAML file.")] = CONFIG,
    overrides: Overrides = None,
    as_json: Annotated[bool, typer.Option("--json", help="Only the poem's record, as one JSON object.")] = False,
) -> None:
    """Writes a poem line by line; only lines that keep the form are committed."""
    console = Console(highlight=False, quiet=as_json)
    job = load_job(WriteJob, config, overrides or [])
    job = replace(job, poet=poet or job.poet, seed=job.seed if seed is None else seed)
    wishes = Wishes(
        subject=subject, form=form, title=title, lines=_own_lines(begin, line or []),
        end_words=tuple(word.strip() for word in end_words.split(",") if word.strip()),
        acrostic=acrostic, refrain=refrain, seed=job.seed,
    )  # fmt: skip
    slots = wishes.slots(job.writing)  # what cannot be met is said before a model is loaded
    with closing(open_writer(job)) as opened, interruptible() as cancelled:
        if isinstance(opened, AskedPoet):
            console.print(Text(f"{job.poet} only answers: at most {most_answers(slots)} answers are asked for", "dim"))
        poem = _written(opened, wishes, console, cancelled)
    if as_json:
        typer.echo(json.dumps(asdict(poem), ensure_ascii=False))
    _last_word(poem, console)


def _written(opened: OpenPoet | AskedPoet, wishes: Wishes, console: Console, cancelled: Cancelled) -> Written:
    """The poem, shown line by line as it comes."""
    slots, (_, title) = opened.slots(wishes), subject_of(wishes)
    console.print(Text(f"{title}\n", style="bold"))
    shown = 0

    def on_line(number: int, line: Line) -> None:
        nonlocal shown
        if number < shown:
            console.print(Text(f"      back to line {number + 1}", style="dim"))
        shown = number + 1
        console.print(Text(f"  {line.text}{line.stop}" + ("\n" if slots[number].gap else "")))

    return opened.write(wishes, on_line=on_line, cancelled=cancelled)


def _last_word(poem: Written, console: Console) -> None:
    if not poem.form:
        return
    how = "kept, line by line, by the search" if poem.is_enforced else "kept, as it came"
    kept = f"{poem.form}: {how}" if poem.is_kept else f"{poem.form}: not kept"
    console.print(Text("\n".join([kept, *poem.faults, *poem.notes]), style="dim"))


def _own_lines(begin: Path | None, numbered: Sequence[str]) -> dict[int, str]:
    """A person's own lines by number from 0.

    Raises:
        InputError: a line without its number, or a file that cannot be read.
    """
    own = {}
    if begin is not None:
        own = dict(enumerate(line for line in read_text(begin).split("\n") if line.strip()))
    for each in numbered:
        number, sign, text = each.partition("=")
        if not sign or not number.strip().isdecimal() or int(number) < 1 or not text.strip():
            raise InputError(f'--line {each!r}: write NUMBER=TEXT, for example --line "3=The gate is shut,"')
        own[int(number) - 1] = text
    return own
