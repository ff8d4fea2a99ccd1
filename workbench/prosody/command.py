"""The command of this phase: ``prosody FILE|-``, ``prosody forms``, ``prosody strong-rhymes FOLDER``.

A poem comes as plain text, or one JSON object a line with the key "poem" (and "title"). It alone of the package reads
poem files and prints; everything that it prints is made elsewhere.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from typer.core import TyperGroup

from workbench.errors import InputError, WorkbenchError
from workbench.prosody.forms import FORMS
from workbench.prosody.report import prosody_report
from workbench.prosody.strong_rhymes import StrongRhyme, strong_rhyme


class _ReportByDefault(TyperGroup):
    """`prosody FILE` means `prosody report FILE`; a file called "forms" is `prosody ./forms`."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]  # typer re-exports click's Context
        """Put the default command in front of a file name or option."""
        if args and args[0] not in self.commands and args[0] not in ("--help", "-h"):
            args = ["report", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(cls=_ReportByDefault, no_args_is_help=True, help="What a poem's rhyme, meter and form really are.")

AsJson = Annotated[bool, typer.Option("--json", help="Machine output: one JSON value a line.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class _PoemText:
    """A poem as read, with where it came from."""

    title: str
    text: str
    source: str


@app.command("report")
def report_command(
    file: Annotated[str, typer.Argument(help="A .txt or .jsonl file, or - for standard input.")],
    form: Annotated[str, typer.Option(help="Hold the poem against this form.")] = "",
    html: Annotated[bool, typer.Option("--html", help="An HTML section.")] = False,
    prompt: Annotated[bool, typer.Option("--prompt", help="Compact facts for a model's prompt.")] = False,
    as_json: AsJson = False,
) -> None:
    """Everything that can be heard in a poem: scansion, scheme, form, deviations, guesses."""
    with _plain_errors():
        for number, poem in enumerate(_poems(file)):
            report = prosody_report(poem.text, form=form)
            if as_json:
                typer.echo(json.dumps({"title": poem.title, "source": poem.source, **report.to_dict()}))
                continue
            shown = report.to_html() if html else report.to_prompt() if prompt else report.to_text()
            heading = f"{poem.title}\n\n" if poem.title and not html else ""
            typer.echo("\n\n" * bool(number) + heading + shown)


@app.command("forms")
def forms_command(as_json: AsJson = False) -> None:
    """The forms that are known, from the strictest to the loosest."""
    if as_json:
        for form in FORMS:
            typer.echo(json.dumps({"name": form.name, "rhyme": form.rhyme, "meter": form.meter,
                                   "syllables": form.syllables, "also": form.also, "about": form.about}))  # fmt: skip
        return
    for form in FORMS:
        typer.echo(f"{form.name:<20}  {form.about}")
        laws = [form.rhyme.strip(".").replace("|", " or "), form.meter, "-".join(map(str, form.syllables))]
        if any(laws):
            typer.echo(f"{'':<20}  {' · '.join(law for law in laws if law)}")


@app.command("strong-rhymes")
def strong_rhymes_command(
    folder: Annotated[Path, typer.Argument(help="A folder of .txt and .jsonl poems; folders inside it count.")],
    as_json: AsJson = False,
) -> None:
    """Which poems rhyme strongly enough to teach rhyme, and why the others do not."""
    with _plain_errors():
        if not folder.is_dir():
            raise InputError(f"{folder}: not a folder; give the folder that holds the poems")
        files = sorted(path for path in folder.rglob("*") if path.suffix in (".txt", ".jsonl") and path.is_file())
        if not files:
            raise InputError(f"{folder}: no .txt or .jsonl file in it; put poems there or name another folder")
        judged = ((poem, strong_rhyme(poem.text, title=poem.title)) for path in files for poem in _poems(str(path)))
        if as_json:
            for poem, found in judged:
                typer.echo(json.dumps({**found.to_dict(), "source": poem.source, "poem": poem.text}))
            return
        _print_selection([found for _, found in judged])


def _print_selection(judged: list[StrongRhyme]) -> None:
    reasons = Counter(rejection.weakness.value for found in judged for rejection in found.rejections)
    for found in judged:
        state = "strong" if found.is_strong else "; ".join(one.sentence for one in found.rejections)
        typer.echo(f"{found.title[:40] or '(untitled)':<40}  {found.strict_density:>4.0%}  {state}")
    typer.echo(f"\n{sum(found.is_strong for found in judged)} of {len(judged)} poems rhyme strongly.")
    for reason, count in reasons.most_common():
        typer.echo(f"{count:>5}  {reason}")


# ---------------------------------------------------------------- reading poems


@contextmanager
def _plain_errors() -> Iterator[None]:
    """One line for a person instead of a traceback."""
    try:
        yield
    except WorkbenchError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(error.exit_code) from error


def _poems(file: str) -> Iterator[_PoemText]:
    text = _read(file)
    if not file.endswith(".jsonl"):
        yield _PoemText(title=Path(file).stem if file != "-" else "", text=text, source=file)
        return
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield _record(line, place=f"{file}:{number}")


def _read(file: str) -> str:
    try:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        return data.decode("utf-8-sig")
    except OSError as exc:
        raise InputError(f"{file}: cannot be read ({exc.strerror or exc}); check the name") from exc
    except UnicodeDecodeError as exc:
        raise InputError(f"{file}: not UTF-8 at byte {exc.start}; save it as UTF-8") from exc


def _record(line: str, *, place: str) -> _PoemText:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as exc:
        raise InputError(f"{place}: not one JSON object ({str(exc)[:80]}); write one poem a line") from exc
    if not isinstance(record, dict) or not isinstance(record.get("poem"), str):
        raise InputError(f'{place}: no text under the key "poem"; write {{"title": …, "poem": …}}')
    title, poem = str(record.get("title", "")), record["poem"]
    if any("\ud800" <= char <= "\udfff" for char in title + poem):
        raise InputError(f"{place}: half of a character pair (a lone surrogate); write the whole character")
    return _PoemText(title=title, text=poem, source=place)
