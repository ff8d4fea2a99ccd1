"""Prose out of JSON lines of any program: `{"output": …}`, `{"response": …}`, a chat's last answer, or a named field.

What a file calls its prose differs from program to program; what the mentor never says does not. Where a row has the
poem beside it, or the title of one that is known, quotations and line numbers are checked against it. A critique in our
own form is read as the sentences that it holds.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from workbench.education.gates.cases import Part, read_strictly
from workbench.errors import InputError
from workbench.storage.input_files import read_text, refusal
from workbench.storage.strict_json import JsonRefusedError, json_value
from workbench.types import Poem

FIELDS = (
    "output",
    "response",
    "content",
    "critique",
    "autopsy",
    "lesson",
    "comparison",
    "follow_up",
    "answer",
    "target",
    "completion",
    "text",
)
_POEM = "poem"


def prose_rows(
    path: Path, field: str = "", *, known: Mapping[str, Poem] | None = None
) -> Iterator[tuple[int, str, str | None]]:
    """Line number, prose and poem (None = not there) of each row.

    Args:
        path: a .jsonl file.
        field: where the prose is; "" = the first of FIELDS that a row has, or its last message.
        known: poems by title, for rows that name theirs.

    Raises:
        InputError: a line is not an object, or has no prose: file, line, what to do.
    """
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        row = _row(path, number, line)
        prose = row.get(field) if field else _prose(row)
        if not isinstance(prose, str):
            names = ", ".join(map(str, row)) or "none"
            where = field or "a known field"
            raise refusal(path, f"no prose under {where}; its fields are {names}: name one by --field", number)
        poem = row.get(_POEM) if field != _POEM else None
        yield number, _heard(prose), _verse(poem, known or {})


def _verse(poem: object, known: Mapping[str, Poem]) -> str | None:
    """A poem's text, or that of the poem with this title; a single line that is not a known title tells nothing."""
    if not isinstance(poem, str):
        return None
    if poem in known:
        return known[poem].text
    return poem if "\n" in poem.strip() else None


def _heard(prose: str) -> str:
    """A critique in our own form as sentences, its line numbers among them; any other text as it is."""
    critique = read_strictly(prose)
    if critique.strongest is None:
        return prose
    parts = (f"In {_lines(part)}: {part.note} {part.direction}".strip() for part in critique.parts)
    best = critique.strongest
    return " ".join([f"The strongest moment is {_lines(best)}: {best.note}", *parts, critique.reason]).strip()


def _lines(part: Part) -> str:
    if part.first_line == part.last_line:
        return f"line {part.first_line}"
    return f"lines {part.first_line}-{part.last_line}"


def _row(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        row = json_value(line, line=number)
    except JsonRefusedError as exc:
        raise refusal(path, str(exc), number) from exc
    if not isinstance(row, dict):
        raise InputError(f'{path}:{number}: expected an object in each line, such as {{"output": "…"}}')
    return row


def _prose(row: dict[str, Any]) -> object:
    known = next((row[name] for name in FIELDS if isinstance(row.get(name), str)), None)
    if known is not None:
        return known
    messages = row.get("messages")
    last = messages[-1] if isinstance(messages, list) and messages else None
    return last.get("content") if isinstance(last, dict) else None
