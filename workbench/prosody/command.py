"""The command of this phase: ``prosody FILE|FOLDER|-``, ``prosody forms``, ``prosody strong-rhymes``, ``prosody say``.

Poems come in every kind of file that the corpus takes, and are judged one by one. It alone of the package prints;
everything that it prints is made elsewhere.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from workbench.corpus.load import load_poems, write_poems
from workbench.corpus.poem_files import IN_FOLDERS
from workbench.errors import InputError
from workbench.places import located
from workbench.prosody.forms import FORMS
from workbench.prosody.front_matter import Verse, verse_of
from workbench.prosody.report import prosody_report
from workbench.prosody.sayings import SAID_FILE, forget_said, keep_said, read_said, said_so, saying, use_said
from workbench.prosody.strong_rhymes import StrongRhyme, strong_rhyme
from workbench.storage.input_files import is_folder, refusal
from workbench.terminal import Commands
from workbench.types import Poem


class _ReportByDefault(Commands):
    """`prosody FILE` means `prosody report FILE`; a file called "forms" is `prosody ./forms`."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]  # typer re-exports click's Context
        """Put the default command in front of a file name or option."""
        if args and args[0] not in self.commands and args[0] not in ("--help", "-h"):
            args = ["report", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(cls=_ReportByDefault, no_args_is_help=True, help="What a poem's rhyme, meter and form really are.")

AsJson = Annotated[bool, typer.Option("--json", help="Machine output: one JSON value a line.")]


Separator = Annotated[str, typer.Option(help="The line that separates several poems of one .txt file.")]


@app.command("report")
def report_command(
    file: Annotated[str, typer.Argument(help="A file of poems, a folder of such files, or - for standard input.")],
    form: Annotated[str, typer.Option(help="Hold the poem against this form.")] = "",
    html: Annotated[bool, typer.Option("--html", help="An HTML section.")] = False,
    prompt: Annotated[bool, typer.Option("--prompt", help="Compact facts for a model's prompt.")] = False,
    say: Annotated[list[str] | None, typer.Option(help="How a word is said here: 'Niger=NYE-jer'.")] = None,
    separator: Separator = "",
    as_json: AsJson = False,
) -> None:
    """Everything that can be heard in a poem: scansion, scheme, form, deviations, guesses."""
    use_said()
    with said_so([saying(one) for one in say or ()]):
        for number, poem in enumerate(_poems(file, separator)):
            verse = verse_of(poem.text)
            report = prosody_report(verse.text, form=form)
            if as_json:
                about = {"title": poem.title, "source": poem.source, "passed_over": verse.passed_over}
                typer.echo(json.dumps({**about, **report.to_dict()}))
                continue
            _say_what_was_left_out(poem, verse)
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
    folder: Annotated[Path, typer.Argument(help="Poems: a file, or a folder; folders inside it count.")],
    separator: Separator = "",
    out: Annotated[Path | None, typer.Option(help="A .jsonl file for the strong ones, one poem per line.")] = None,
    as_json: AsJson = False,
) -> None:
    """Which poems rhyme strongly enough to teach rhyme, and why the others do not."""
    use_said()
    judged = [(poem, strong_rhyme(poem.text, title=poem.title)) for poem in _poems_below(folder, separator)]
    if out:
        write_poems(out, [poem for poem, found in judged if found.is_strong])
    if as_json:
        for poem, found in judged:
            typer.echo(json.dumps({**found.to_dict(), "source": poem.source, "poem": poem.text}))
        return
    _print_selection([found for _, found in judged])


@app.command("say")
def say_command(
    correction: Annotated[str, typer.Argument(help="WORD=HOW, as 'Niger=NYE-jer'; with --forget the word alone.")],
    forget: Annotated[bool, typer.Option("--forget", help="Say the word as the dictionary has it again.")] = False,
) -> None:
    """Correct for good how a word is said: phones, syllables (NYE-jer), a rhyme (~tiger) or stresses (/x)."""
    if forget:
        typer.echo(f"{forget_said(correction)}: '{correction}' is no longer corrected")
        return
    one = saying(correction)
    typer.echo(f"{keep_said(one)}: '{one.word}' is said {' '.join(one.phones)}")


@app.command("said")
def said_command() -> None:
    """The words that were corrected for good."""
    path = located(SAID_FILE)
    for one in read_said(path) if path.is_file() else ():
        typer.echo(f"{one.word:<20}  {' '.join(one.phones):<30}  {one.how}")


def _print_selection(judged: list[StrongRhyme]) -> None:
    reasons = Counter(rejection.weakness.value for found in judged for rejection in found.rejections)
    for found in judged:
        state = "strong" if found.is_strong else "; ".join(one.sentence for one in found.rejections)
        typer.echo(f"{found.title[:40] or '(untitled)':<40}  {found.strict_density:>4.0%}  {state}")
    typer.echo(f"\n{sum(found.is_strong for found in judged)} of {len(judged)} poems rhyme strongly.")
    for reason, count in reasons.most_common():
        typer.echo(f"{count:>5}  {reason}")


# ---------------------------------------------------------------- reading poems


def _say_what_was_left_out(poem: Poem, verse: Verse) -> None:
    name = poem.title or poem.source
    if verse.passed_over:
        typer.echo(f"{name}: not judged as verse: {' / '.join(verse.passed_over)}", err=True)
    if verse.n_joined:
        typer.echo(f"{name}: ends of lines that were turned over, read with their lines: {verse.n_joined}", err=True)


def _poems(file: str, separator: str) -> Iterable[Poem]:
    """The poems of a file or folder as the corpus loader reads them; standard input is one poem."""
    if file != "-":
        return _loaded(Path(file), separator)
    try:
        text = sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise InputError(f"standard input: not UTF-8 at byte {exc.start}; save it as UTF-8") from exc
    return [Poem(title="", text=text, source="-")]


def _poems_below(place: Path, separator: str) -> Iterator[Poem]:
    """The poems of a file, or of all poem files of a folder and the folders in it."""
    path = located(place)
    if not is_folder(path):
        yield from _loaded(path, separator)
        return
    files = sorted(file for file in path.rglob("[!.]*") if file.suffix.lower() in IN_FOLDERS and file.is_file())
    if not files:
        raise refusal(path, f"no poem file in it, known are {', '.join(IN_FOLDERS)}; put poems there or name another")
    for file in files:
        yield from _loaded(file, separator)


def _loaded(path: Path, separator: str) -> list[Poem]:
    """Poems of a file or folder; what was left out or mended is said beside the result."""
    poems = load_poems(path, separator=separator)
    for remark in poems.told:
        typer.echo(remark, err=True)
    return poems
