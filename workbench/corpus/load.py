"""The corpus: poems in, checked, without duplicates, split into those that teach and those that are held out.

What a file may look like is in `poem_files`, what counts as a near-duplicate in `duplicates`. Nothing here depends
on the order of files or of poems in them: everything is ordered by a hash of the seed and the poem. Poems that people
add are checked by the same rules and kept as .jsonl, none twice.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from annotated_types import Ge, Le

from workbench.corpus.duplicates import near_duplicate_groups, similarity
from workbench.corpus.poem_files import READERS, Poems, in_short, read_poems
from workbench.corpus.poem_rows import EXACT, checked, mended
from workbench.errors import InputError
from workbench.places import located
from workbench.prompts.templates import poem_target
from workbench.storage.atomic import locked, write_file
from workbench.storage.input_files import files_in, is_folder, quoted, refusal, shown
from workbench.types import Poem, content_id

_NOT_POEMS = ("readme", "sources", "licence", "license", "notice")  # names of files beside poems
_LISTED = 10  # poems that a report names for each reason


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusSettings:
    """Which poems, and how they are split."""

    poems: str = "data/poems/good"  # a file or a folder of files
    held_out: Annotated[float, Ge(0), Le(0.9)] = 0.2  # share that is never trained on; 0 = none
    limit: Annotated[int, Ge(0), Le(1_000_000)] = 0  # so many poems, drawn by the seed; 0 = all
    max_tokens: Annotated[int, Ge(1), Le(1_000_000)] = 6144  # title and poem together; longer ones are left out
    separator: str = ""  # the line that parts several poems in one .txt; "" = one poem a file
    near_duplicate: Annotated[float, Ge(0.5), Le(1)] = 0.85  # word similarity from which two poems count as one


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A poem that was read but is not used."""

    title: str
    source: str
    reason: Literal["too long", "duplicate", "near-duplicate"]
    detail: str  # how long, or how like which poem that was kept


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusReport:
    """What became of every poem that was read."""

    poems: str  # the file or folder
    n_read: int
    n_over_limit: int  # poems beyond the setting `limit`
    n_training: int
    n_held_out: int
    n_tokens: int  # titles and poems of both sides
    left_out: tuple[LeftOut, ...]
    remarks: tuple[str, ...] = ()  # rows that could not be used, and what was mended


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """Poems to train on and poems to measure on; no two of them are near-duplicates."""

    training: tuple[Poem, ...]
    held_out: tuple[Poem, ...]
    report: CorpusReport


def load_poems(path: Path, *, separator: str = "", is_exact: bool = False) -> Poems:
    """The poems of a file, or of all files of a folder by name.

    In a folder, hidden files, .md and files named README, SOURCES, LICENCE or NOTICE are passed over; anything else
    must be a poem file. Folders inside the folder are not entered. What was left out or mended is in `remarks`.

    Raises:
        InputError: one line, `file:line: reason, what to do`.
    """
    path = located(path)
    if not is_folder(path) or path.suffix.lower() in READERS:
        return read_poems(path, separator=separator, is_exact=is_exact)
    files = [file for file in files_in(path) if not _is_beside(file)]
    for file in files:
        if file.suffix.lower() not in READERS and is_folder(file):
            raise refusal(file, "a folder inside the folder of poems, name this one or move it away")
    if not files:
        raise refusal(path, f"no poem file in this folder, known are {', '.join(READERS)}")
    read = [read_poems(file, separator=separator, is_exact=is_exact) for file in files]
    return Poems(
        (poem for poems in read for poem in poems),
        left_out=(error for poems in read for error in poems.left_out),
        words=[*(word for poems in read for word in poems.words), *_passed_over(path)],
    )


def prepare_corpus(settings: CorpusSettings, *, seed: int, count_tokens: Callable[[str], int]) -> Corpus:
    """Loads, checks, thins out and splits.

    Args:
        settings: which poems and how.
        seed: decides who is held out and, with a limit, who is drawn.
        count_tokens: length of a text in tokens of the model that will be trained.

    Raises:
        InputError: a file cannot be used, or too few poems remain to hold any out.
    """
    poems = load_poems(Path(settings.poems), separator=settings.separator)
    n_tokens = {target: count_tokens(target) for target in map(poem_target, poems)}
    short, long = _by_length(poems, n_tokens, settings.max_tokens)
    kept, doubles = _without_duplicates(short, settings.near_duplicate)
    kept.sort(key=lambda poem: content_id("split", str(seed), poem.id))
    used = kept[: settings.limit or None]
    lost = {f"{len(long)} are too long": len(long), f"{len(doubles)} are nearly the same as another": len(doubles)}
    why = ", ".join(said for said, n in lost.items() if n) or "; ".join(poems.words)
    n_held_out = _n_held_out(settings, len(used), n_read=len(poems), why=why)
    report = CorpusReport(
        poems=settings.poems,
        n_read=len(poems),
        n_over_limit=len(kept) - len(used),
        n_training=len(used) - n_held_out,
        n_held_out=n_held_out,
        n_tokens=sum(n_tokens[poem_target(poem)] for poem in used),
        left_out=(*long, *doubles),
        remarks=tuple(poems.remarks),
    )
    return Corpus(training=tuple(used[n_held_out:]), held_out=tuple(used[:n_held_out]), report=report)


def write_poems(path: Path, poems: Sequence[Poem]) -> None:
    """Writes poems as .jsonl, all or nothing; `load_poems` gives them back exactly, with a new `source`.

    Raises:
        InputError: a poem that could not be read back.
        StoreError: the disk.
    """
    lines = []
    for number, poem in enumerate(poems, start=1):
        checked(poem, path, number)
        fields = {"title": poem.title, "poem": poem.text, "author": poem.author, "form": poem.form}
        fields |= {"licence": poem.licence, "failure": poem.failure}
        fields |= {EXACT: "exact"}  # what is read back is not mended
        given = {name: text for name, text in fields.items() if text or name in ("title", "poem")}
        lines.append(json.dumps(given, ensure_ascii=False) + "\n")
    write_file(path, "".join(lines).encode("utf-8"))


def report_from(data: Mapping[str, Any]) -> CorpusReport:
    """A report out of what `asdict` made of it, as a run keeps it."""
    left_out = tuple(LeftOut(**one) for one in data["left_out"])
    return CorpusReport(**{**data, "left_out": left_out, "remarks": tuple(data["remarks"])})


def describe_report(report: CorpusReport) -> str:
    """A few lines for people: how many poems, and which were left out and why."""
    lines = [
        f"{report.n_read} poems read from {report.poems}: {report.n_training} to train on, "
        f"{report.n_held_out} held out, {report.n_tokens} tokens"
    ]
    if report.n_over_limit:
        lines.append(f"{report.n_over_limit} beyond the limit of poems")
    for reason in ("too long", "duplicate", "near-duplicate"):
        out = [item for item in report.left_out if item.reason == reason]
        if out:
            lines.append(f"{len(out)} left out, {reason}:")
            lines += [f"  {quoted(item.title)} ({item.source}): {item.detail}" for item in out[:_LISTED]]
        if len(out) > _LISTED:
            lines.append(f"  and {len(out) - _LISTED} more")
    return "\n".join([*lines, *in_short(report.remarks)])


def _passed_over(folder: Path) -> list[str]:
    named = [file for file in files_in(folder) if file.suffix.lower() == ".md"]
    notes = [file.name for file in named if file.stem.lower() not in _NOT_POEMS]
    return [f"{shown(folder / name)}: passed over, name the file itself to read it" for name in notes]


def _is_beside(file: Path) -> bool:
    return file.suffix.lower() == ".md" or file.stem.lower() in _NOT_POEMS


def _by_length(poems: Sequence[Poem], n_tokens: dict[str, int], limit: int) -> tuple[list[Poem], list[LeftOut]]:
    short, long = [], []
    for poem in poems:
        n = n_tokens[poem_target(poem)]
        if n <= limit:
            short.append(poem)
        else:
            detail = f"{n} tokens, the limit is {limit}"
            long.append(LeftOut(title=poem.title, source=poem.source, reason="too long", detail=detail))
    return short, long


def _without_duplicates(poems: Sequence[Poem], threshold: float) -> tuple[list[Poem], list[LeftOut]]:
    """One poem of each group of near-duplicates: the cleanest, of those the longest, whatever came first."""
    kept, left_out = [], []
    for group in near_duplicate_groups([poem.text for poem in poems], threshold):
        best, *others = sorted((poems[place] for place in group), key=_preference)
        kept.append(best)
        left_out += [_double(poem, best) for poem in others]
    return kept, left_out


def _preference(poem: Poem) -> tuple[int, int, str, tuple[str, ...]]:
    rest = (poem.title, poem.text, poem.author, poem.form, poem.licence, poem.failure, poem.source)
    return _n_flaws(poem), -len(poem.text), poem.id, rest


def _n_flaws(poem: Poem) -> int:
    """How many kinds of things a text holds that are not of the poem: carriage returns, HTML, broken characters."""
    flaws: set[str] = set()
    mended(f"{poem.title}\n{poem.text}", flaws)
    return len(flaws) + ("\ufffd" in poem.text) + (not poem.title.strip())


def _double(poem: Poem, kept: Poem) -> LeftOut:
    alike = f"{quoted(kept.title)} ({kept.source}), which is kept"
    if poem.id == kept.id:
        return LeftOut(title=poem.title, source=poem.source, reason="duplicate", detail=f"the same as {alike}")
    detail = f"{similarity(poem.text, kept.text):.2f} like {alike}"
    return LeftOut(title=poem.title, source=poem.source, reason="near-duplicate", detail=detail)


def _n_held_out(settings: CorpusSettings, n: int, *, n_read: int, why: str) -> int:
    """How many of n poems are held out; at least one on each side."""
    least = 2 if settings.held_out else 1
    if n < least:
        raise InputError(
            f"{settings.poems}: {n} of {n_read} poems can be used and {least} are needed{why and f' ({why})'}, "
            "add poems, or raise corpus.max_tokens or corpus.limit"
        )
    return min(max(round(settings.held_out * n), 1), n - 1) if settings.held_out else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What became of the poems."""

    n_added: int
    ids: tuple[str, ...]  # of those that were added
    n_known: int  # were there already
    n_total: int


def add_poems(file: Path, poems: Sequence[Poem]) -> Added:
    """Adds poems to a .jsonl file, all or nothing; two who add at once wait for one another.

    Raises:
        InputError: a poem cannot be used; the message names it.
        StoreError: the disk.
    """
    for number, poem in enumerate(poems, start=1):
        checked(poem, Path(poem.source or "the form"), number)
    with locked(file.parent / ".lock"):
        kept = load_poems(file, is_exact=True) if file.is_file() else []
        known = {poem.id for poem in kept}
        new = list({poem.id: poem for poem in poems if poem.id not in known}.values())
        if new:
            write_poems(file, [*kept, *new])
    ids = tuple(poem.id for poem in new)
    return Added(n_added=len(new), ids=ids, n_known=len(poems) - len(new), n_total=len(kept) + len(new))


def remove_poems(file: Path, ids: Sequence[str]) -> int:
    """Takes poems out of a .jsonl file, as `add_poems` put them in; how many there were.

    Raises:
        InputError: the file cannot be read.
        StoreError: the disk.
    """
    with locked(file.parent / ".lock"):
        poems = load_poems(file, is_exact=True) if file.is_file() else []
        kept = [poem for poem in poems if poem.id not in set(ids)]
        if kept:
            write_poems(file, kept)
        elif poems:  # an empty file of poems is none
            file.unlink()
    return len(poems) - len(kept)
