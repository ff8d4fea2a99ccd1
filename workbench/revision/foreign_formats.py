r"""Briefs and critiques that came as JSON or as a Markdown table, written as labelled lines; other text stays.

Models that were never taught the format answer in one of their own. Only names and places are translated here, never
words; what the labels mean is for `brief_text` and `critique_text`.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

_ROW = re.compile(r"^\s*\|(?P<cells>.+?)\|?\s*$")
_DRAWN = re.compile(r"[\s|:\-]+")
_LINE_NAMES = ("line", "lines", "line_number", "line_numbers", "number", "where")
_KIND_NAMES = ("failure", "kind", "type", "problem", "category", "fault")
_NOTE_NAMES = ("note", "why", "comment", "issue", "reason", "explanation", "text", "what")
_TRY_NAMES = ("try", "direction", "suggestion", "fix", "advice")
_LIST_NAMES = ("items", "failures", "weaknesses", "problems", "issues", "lines", "weak_lines")


def labelled(text: str) -> str:
    r"""The text with its JSON object or table as lines "NAME: value"; as it is where it has neither.

    >>> labelled('{"angle": "the rope", "avoid": ["old sea", "salt tears"]}')
    'angle: the rope\navoid: old sea; salt tears'
    >>> labelled("| Part | Text |\n|---|---|\n| Angle | the rope |")
    'Part: Text\nAngle: the rope'
    """
    told = _object(text)
    if told is not None:
        return "\n".join(_lines(told))
    return _without_tables(text)


# ---------------------------------------------------------------- objects


def _object(text: str) -> dict[str, Any] | None:
    """The outermost JSON object of a text; None where there is none that can be read."""
    start, end = text.find("{"), text.rfind("}")
    if not 0 <= start < end or '"' not in text[start:end]:
        return None
    try:
        told = json.loads(text[start : end + 1])
    except (ValueError, RecursionError):
        return None
    while isinstance(told, dict) and len(told) == 1 and isinstance(only := next(iter(told.values())), dict):
        told = only  # {"brief": {…}}
    return told if isinstance(told, dict) else None


def _lines(told: Mapping[str, Any]) -> Iterator[str]:
    for name, value in told.items():
        key = str(name).strip().casefold()
        if key.startswith("strongest"):
            yield _strongest(value, told)
        elif key == "verdict":
            yield _verdict(value, told)
        elif key in _LIST_NAMES and isinstance(value, list) and all(isinstance(one, dict) for one in value):
            yield from (_item(one) for one in value)
        elif key != "reason" or "verdict" not in told:
            yield f"{str(name).replace('_', ' ')}: {_plain(value)}"


def _strongest(value: Any, told: Mapping[str, Any]) -> str:
    if isinstance(value, dict):
        return f"STRONGEST line {_named(value, _LINE_NAMES)}: {_named(value, _NOTE_NAMES)}"
    line = told.get("strongest_line", value)
    return f"STRONGEST line {line}: {_named(told, ('strongest_why', 'why', 'strongest_note'))}" \
        if isinstance(line, int) else f"STRONGEST {_plain(value)}"  # fmt: skip


def _verdict(value: Any, told: Mapping[str, Any]) -> str:
    if isinstance(value, dict):
        return f"VERDICT {_named(value, ('verdict', 'decision', 'value'))}: {_named(value, _NOTE_NAMES)}"
    return f"VERDICT {_plain(value)}: {_named(told, ('reason', 'verdict_reason'))}"


def _item(value: Mapping[str, Any]) -> str:
    line = re.sub(r"^\D*", "", _named(value, _LINE_NAMES, joint="-"))
    kind, direction = _named(value, _KIND_NAMES), _named(value, _TRY_NAMES)
    head = f"LINE{'S' * ('-' in line)} {line}" + f" ({kind})" * bool(kind)
    return f"{head}: {_named(value, _NOTE_NAMES)}" + f" TRY: {direction}" * bool(direction)


def _named(value: Mapping[str, Any], names: tuple[str, ...], *, joint: str = "; ") -> str:
    folded = {str(name).strip().casefold().replace(" ", "_"): one for name, one in value.items()}
    return next((_plain(folded[name], joint) for name in names if folded.get(name) not in (None, "")), "")


def _plain(value: Any, joint: str = "; ") -> str:
    if isinstance(value, list):
        return joint.join(_plain(one) for one in value)
    if isinstance(value, dict):
        return joint.join(_plain(one) for one in value.values())
    return "" if value is None else " ".join(str(value).split())


# ---------------------------------------------------------------- tables


def _without_tables(text: str) -> str:
    """Tables row by row: "NAME: value", or the parts of a critique where the head names lines."""
    kept: list[str] = []
    head: list[str] = []
    for line in text.split("\n"):
        found = _ROW.match(line) if line.count("|") > 1 else None
        if not found:
            head = []
            kept.append(line)
            continue
        if _DRAWN.fullmatch(line):
            continue
        cells = [cell.strip().strip("*_` ") for cell in found["cells"].split("|")]
        names = [cell.casefold() for cell in head]
        if any(name in ("line", "lines", "line number") for name in names):
            kept.append(_row(dict(zip(names, cells, strict=False))))
        elif len(cells) > 2 and head:
            kept += [f"{name}: {cell}" for name, cell in zip(head, cells, strict=False)]
        else:
            if len(cells) == 2:
                kept.append(f"{cells[0]}: {cells[1]}")
            head = head or cells
    return "\n".join(kept)


def _row(cells: Mapping[str, str]) -> str:
    line = _named(cells, ("line", "lines", "line_number"))
    if re.search(r"verdict", " ".join(cells.values()), re.IGNORECASE) and not re.search(r"\d", line):
        return " ".join(value for value in cells.values() if value)
    kind = _named(cells, _KIND_NAMES)
    if kind.casefold().startswith("strongest"):
        return f"STRONGEST line {re.sub(r'[^0-9–-]', '', line)}: {_named(cells, _NOTE_NAMES)}"
    return _item({**cells, "line": re.sub(r"[^0-9–-]", "", line)})
