"""The critique format read strictly, as what models learn from has to keep it.

    STRONGEST line 4: one to three sentences, quoting.
    LINE 7 (cliche): what is wrong there. TRY: a direction.
    LINES 9-10 (false closure): … TRY: …
    VERDICT revise: one or two sentences why.

`workbench.revision.critique_text` reads the same format from models and forgives much; here every slip is a complaint.
"""

import re
from dataclasses import dataclass

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
