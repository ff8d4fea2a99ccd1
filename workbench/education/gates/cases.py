"""A row laid out for its gates: every piece that the educator says in it, with the poems which that piece is about.

A critique is read strictly, as what models learn from has to keep the format:

    STRONGEST line 4: one to three sentences, quoting.
    LINE 7 (cliche): what is wrong there. TRY: a direction.
    LINES 9-10 (false closure): … TRY: …
    VERDICT revise: one or two sentences why.

`workbench.revision.critique_text` reads the same format from models and forgives much; here every slip is a complaint.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from workbench.education.types import Library, Row
from workbench.types import Poem

SpeechKind = Literal["critique", "prose", "brief"]


MOST_PARTS = 4


_NUMBERS = r"(?P<first>\d{1,3})(?:\s?[-–]\s?(?P<last>\d{1,3}))?"


_STRONGEST = re.compile(rf"STRONGEST lines? {_NUMBERS}: (?P<note>\S.*)")


_PART = re.compile(rf"LINES? {_NUMBERS} \((?P<failure>[^()]+)\): (?P<note>\S.*?)(?: TRY: (?P<direction>\S.*))?")


_VERDICT = re.compile(r"VERDICT (?P<verdict>approve|revise|start over): (?P<note>\S.*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One line of a critique. `kind` is strongest, a failure or verdict."""

    kind: str
    note: str
    first_line: int = 0  # from 1; 0 for the verdict
    last_line: int = 0
    direction: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StrictCritique:
    """A critique as far as it could be read, and what is wrong with its form."""

    strongest: Part | None
    parts: tuple[Part, ...]
    verdict: str  # "" = none that can be read
    reason: str
    complaints: tuple[str, ...]

    @property
    def prose(self) -> str:
        """What a reader hears: notes, directions and reason in sentences, without the keywords."""
        best = self.strongest
        pieces = [f"The strongest moment is line {best.first_line}: {best.note}"] if best else []
        pieces += [piece for part in self.parts for piece in (part.note, part.direction) if piece]
        return " ".join([*pieces, self.reason]).strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """One piece of what the educator says."""

    field: str
    kind: SpeechKind
    text: str  # as it is written
    about: tuple[Poem, ...]  # the poems whose lines it counts and whose words it quotes; () = none
    also: tuple[Poem, ...] = ()  # earlier drafts, which it may quote too

    @property
    def critique(self) -> StrictCritique:
        """The text read as a critique."""
        return read_cached(self.text)

    @property
    def prose(self) -> str:
        """What a reader hears: a critique without its keywords, any other text as it is."""
        return self.critique.prose or self.text if self.kind == "critique" else self.text

    @property
    def n_lines(self) -> int:
        """Lines of the longest poem that it is about; 0 = it is about none."""
        return max((len(lines_of(poem)) for poem in self.about), default=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A row, the poems that it names as far as they exist, and what is said in it."""

    row: Row
    poems: tuple[Poem, ...]
    speeches: tuple[Speech, ...]
    words: Mapping[str, tuple[int, int]]  # least and most words of a field

    @property
    def revised(self) -> Poem:
        """The revised poem of a dialogue."""
        return Poem(title=self.row.revised_title, text=self.row.revised_poem)


def case_of(row: Row, library: Library, spoken: Mapping[str, SpeechKind], words: Mapping[str, tuple[int, int]]) -> Case:
    """Lays out a row.

    Args:
        row: of any task.
        library: where its poems are found.
        spoken: the fields in which the educator speaks, and how.
        words: least and most words of the fields that have a limit.
    """
    poems = library.of(row)
    revised = Poem(title=row.revised_title, text=row.revised_poem)
    speeches = []
    for field, kind in spoken.items():
        about = () if kind == "brief" else (revised,) if field == "follow_up" else poems
        also = poems if field == "follow_up" else ()
        speeches.append(Speech(field=field, kind=kind, text=getattr(row, field), about=about, also=also))
    return Case(row=row, poems=poems, speeches=tuple(speeches), words=words)


def lines_of(poem: Poem) -> tuple[str, ...]:
    """The non-empty lines; number n of a critique is `lines_of(poem)[n - 1]`."""
    return tuple(line for line in poem.text.split("\n") if line.strip())


@lru_cache(maxsize=256)
def read_cached(text: str) -> StrictCritique:
    """`read_strictly`, remembered: every gate asks for the same critique."""
    return read_strictly(text)


def read_strictly(text: str) -> StrictCritique:
    r"""Reads a critique; what does not fit is complained of, never mended.

    >>> read_strictly('STRONGEST line 1: "Rust" is alive.\nVERDICT approve: It has found its shape.').complaints
    ()
    >>> read_strictly("Nice poem.").complaints[0]
    'line 1 is not "STRONGEST line N: …"'
    """
    lines = [line.strip() for line in text.strip().split("\n") if line.strip()]
    complaints: list[str] = []
    strongest = _strongest(lines[0] if lines else "", complaints)
    verdict = _VERDICT.fullmatch(lines[-1]) if lines else None
    if verdict is None:
        complaints.append('the last line is not "VERDICT approve|revise|start over: …"')
    middle = lines[1 if strongest else 0 : len(lines) - (verdict is not None)]
    parts = tuple(part for line in middle if (part := _part(line, complaints)))
    said = verdict["verdict"] if verdict else ""
    if len(middle) > MOST_PARTS:
        complaints.append(f"{len(middle)} LINE parts, at most {MOST_PARTS} are read")
    if not middle and said in ("revise", "start over"):
        complaints.append(f'"VERDICT {said}" without a LINE part that says what for')
    reason = verdict["note"] if verdict else ""
    return StrictCritique(strongest=strongest, parts=parts, verdict=said, reason=reason, complaints=tuple(complaints))


def _strongest(line: str, complaints: list[str]) -> Part | None:
    found = _STRONGEST.fullmatch(line)
    if found is None:
        complaints.append('line 1 is not "STRONGEST line N: …"')
        return None
    return _placed("strongest", found, "")


def _part(line: str, complaints: list[str]) -> Part | None:
    found = _PART.fullmatch(line)
    if found is None:
        complaints.append(f'"{line[:40]}…" is not "LINE N (failure): … TRY: …"')
        return None
    return _placed(found["failure"].strip(), found, found["direction"] or "")


def _placed(kind: str, found: re.Match[str], direction: str) -> Part:
    first = int(found["first"])
    last = int(found["last"] or first)
    return Part(kind=kind, note=found["note"], first_line=first, last_line=last, direction=direction)
