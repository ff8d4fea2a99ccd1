"""Briefs and critiques in other shapes than the asked one, written as labelled lines: "NAME: value".

Models that were never taught the format answer in JSON, as a Python or YAML mapping, in XML or as a table. Only names
and places are translated here, never words. What the labels mean is for `brief_text` and `critique_text`. Pure.
"""

import ast
import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

from workbench.errors import ConfigError
from workbench.storage.strict_yaml import parsed_yaml

_ROW = re.compile(r"^\s*\|(?P<cells>.+?)\|?\s*$")
_COUNTS = re.compile(r"#|no\.?|nr\.?|", re.IGNORECASE)
_DRAWN = re.compile(r"[\s|:\-]+")
_LINE_NAMES = ("line", "lines", "line_number", "line_numbers", "number", "n", "where")
_KIND_NAMES = ("failure", "kind", "type", "problem", "category", "fault")
_NOTE_NAMES = ("note", "why", "comment", "issue", "reason", "explanation", "rationale", "text", "what")
_TRY_NAMES = ("try", "direction", "suggestion", "fix", "advice")
_LIST_NAMES = (
    "items", "failures", "weaknesses", "problems", "issues", "lines", "weak_lines", "remarks", "comments",
    "item", "failure", "weakness", "problem", "issue", "line", "weak_line", "remark", "comment",
)  # fmt: skip
_VERDICT_NAMES = ("verdict", "decision", "recommendation", "final_verdict", "value", "kind")
_PAIR_NAMES = {"field", "name", "label", "key", "part", "section"}  # beside which is the value of a part
_OF_A_PAGE = {
    "a", "b", "i", "p", "u", "br", "ul", "ol", "li", "em", "hr", "td", "th", "tr", "div", "pre", "code", "span", "html",
    "body", "table", "strong", "details", "summary",
}  # fmt: skip
_FEWEST_COLUMNS = 3  # that are known, of a table without bars
_MAX_CHARACTERS = 50_000  # of an object; a brief or critique is a page


def labelled(text: str) -> str:
    r"""The text with its object or table as lines "NAME: value"; as it is where it has neither.

    >>> labelled('{"angle": "the rope", "avoid": ["old sea", "salt tears"]}')
    'angle: the rope\navoid: old sea; salt tears'
    >>> labelled("<brief><angle>the rope</angle><turn>out</turn></brief>")
    'angle: the rope\nturn: out'
    >>> labelled("| Part | Text |\n|---|---|\n| Angle | the rope |")
    'Part: Text\nAngle: the rope'
    """
    told = _object(text)
    if told is not None:
        return "\n".join(_lines(told))
    return _without_tables(_with_bars(text))


# ---------------------------------------------------------------- objects


def _object(text: str) -> dict[str, Any] | None:
    """The object of a text in whatever language of data; None where there is none that can be read."""
    told = _in_braces(text)
    told = _in_tags(text) if told is None else told
    told = _in_yaml(text) if told is None else told
    if isinstance(told, list):
        told = _of_list([one for one in told if isinstance(one, dict)])
    while isinstance(told, dict) and len(told) == 1 and isinstance(only := next(iter(told.values())), dict):
        told = only  # {"brief": {…}}
    return told if isinstance(told, dict) and told else None


def _in_braces(text: str) -> Any:
    """A JSON value, or the same as Python writes it."""
    starts = [place for place in (text.find("{"), text.find("[")) if place >= 0]
    if not starts:
        return None
    start = min(starts) if text[min(starts) :].lstrip("[ \n").startswith("{") else text.find("{")
    part = text[start : max(text.rfind("}"), text.rfind("]")) + 1] if start >= 0 else ""
    if not (0 < len(part) < _MAX_CHARACTERS and re.search("[\"']", part)):
        return None
    keyed = re.sub(r"([{,]\s*)([A-Za-z_]\w*)\s*:", r'\1"\2":', part)  # JSON5 leaves quotes out and ends with commas
    plain = re.sub(r",\s*([}\]])", r"\1", keyed)
    rows = re.sub(r"\}\s*\n\s*\{", "},{", part)  # an object a line
    return next((told for one in (part, plain, f"[{rows}]") if (told := _evaluated(one)) is not None), None)


def _evaluated(text: str) -> Any:
    """A value in JSON or as Python writes it; None where it is neither."""
    for read in (json.loads, ast.literal_eval):
        try:
            return read(text)
        except (ValueError, RecursionError, SyntaxError, MemoryError, TypeError):
            continue
    return None


def _in_tags(text: str) -> Any:
    """The elements of XML that are not those of a page."""
    start, end = text.find("<"), text.rfind(">")
    part = re.sub(r"&(?!#?\w{1,8};)", "&amp;", text[start : end + 1])
    if not 0 <= start < end < _MAX_CHARACTERS or not re.search("</|/>", part) or "<!" in part:
        return None
    try:
        root = ElementTree.fromstring(f"<all>{part}</all>")  # noqa: S314 - without entities nothing in it can grow
        told = _of_element(root)
    except (ElementTree.ParseError, RecursionError, ValueError):
        return None
    names = {node.tag.casefold() for node in root.iter()} - {"all"}
    return told if isinstance(told, dict) and not names & _OF_A_PAGE else None


def _of_element(node: ElementTree.Element) -> Any:
    own = " ".join(" ".join([node.text or "", *(child.tail or "" for child in node)]).split())
    values = [(child.tag, _of_element(child)) for child in node]
    names = [name for name, _ in values]
    if not values and not node.attrib:
        return own
    is_list = len(values) > 1 or bool(names and node.tag.startswith(names[0]))  # also of one: <items><item>
    if is_list and len(set(names)) == 1 and not node.attrib and not own:
        return [value for _, value in values] if node.tag != "all" else {names[0]: [value for _, value in values]}
    told: dict[str, Any] = dict(node.attrib)
    for name in dict.fromkeys(names):
        same = [value for other, value in values if other == name]
        told[name] = same if len(same) > 1 else same[0]
    return told | ({"text": own} if own else {})


def _in_yaml(text: str) -> Any:
    """A mapping of remarks with their lines; lines of labels alone are read as they are."""
    body = re.sub(r"^\s*```+\w*[ \t]*$", "", text, flags=re.MULTILINE)
    is_nested = re.search(r"^[A-Za-z_ ]{3,30}:[ \t]*\n[ \t]*[-A-Za-z_ ]+:", body, re.MULTILINE)
    has_lines = re.search(r"^[ \t-]*(?:lines?|line_numbers?):", body, re.MULTILINE | re.IGNORECASE)
    if not (is_nested and has_lines) or len(body) > _MAX_CHARACTERS:
        return None
    try:
        told = parsed_yaml(body)
    except ConfigError:
        return None
    return told if isinstance(told, dict) else None


def _of_list(told: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """Pairs of a name and a value, or remarks and what else a critique has, as one object."""
    if told and all(len(one) == 2 and {str(name).casefold() for name in one} & _PAIR_NAMES for one in told):
        return {str(name): value for name, value in (one.values() for one in told)}
    items = [one for one in told if _named(one, _LINE_NAMES)]
    others = {name: value for one in told if one not in items for name, value in one.items()}
    return {"items": items, **others} if items else others or None


def _lines(told: Mapping[str, Any]) -> Iterator[str]:
    verdict = next((name for name in _VERDICT_NAMES[:4] if name in map(_key, told)), "")
    strongest = {_key(name): value for name, value in told.items() if _key(name).startswith("strongest")}
    if strongest:
        yield _strongest(strongest, told)
    for given, value in told.items():
        key, name = _key(given), re.sub(r"(?<=[a-z])(?=[A-Z])", " ", str(given))
        if key in strongest:
            continue
        if key == verdict:
            yield _verdict(value, told)
        elif key in _LIST_NAMES and isinstance(value, dict | list) and _are_remarks(value):
            yield from (_item(one) for one in (value if isinstance(value, list) else [value]))
        elif key.startswith(("avoid", "clich")) and isinstance(value, dict | list):
            yield f"{key.replace('_', ' ')}: {'; '.join(_phrases(value))}"
        elif key != "reason" or not verdict:
            yield f"{name.replace('_', ' ')}: {_plain(value)}"


def _are_remarks(value: Any) -> bool:
    return all(isinstance(one, dict) for one in (value if isinstance(value, list) else [value]))


def _phrases(told: Mapping[str, Any] | list[Any]) -> Iterator[str]:
    """What is to be avoided, of an object of lists, of numbered phrases, or of phrases with their reasons."""
    if isinstance(told, list):
        yield from (_plain(next(iter(one.values()), "") if isinstance(one, dict) else one) for one in told)
        return
    for name, value in told.items():
        is_numbered = re.fullmatch(r"\d+|\w{2,9}[ _]?\d*", str(name)) is not None
        yield _plain(value) if is_numbered or isinstance(value, list) else str(name)


def _strongest(said: Mapping[str, Any], told: Mapping[str, Any]) -> str:
    whole = next((value for value in said.values() if isinstance(value, dict)), None)
    if whole is not None:
        return f"STRONGEST line {_named(whole, _LINE_NAMES)}: {_named(whole, _NOTE_NAMES)}"
    line = next((value for value in said.values() if re.fullmatch(r"(?:lines? ?)?\d+", _plain(value), re.I)), None)
    if line is None:
        return f"STRONGEST {_plain(next(iter(said.values())))}"
    note = next((value for value in said.values() if value is not line), "") or _named(told, ("why",))
    return f"STRONGEST line {re.sub(r'[^0-9]', '', _plain(line))}: {_plain(note)}"


def _verdict(value: Any, told: Mapping[str, Any]) -> str:
    if isinstance(value, dict):
        return f"VERDICT {_named(value, _VERDICT_NAMES)}: {_named(value, _NOTE_NAMES)}"
    reason = _named(told, ("reason", "verdict_reason", "verdict_why"))
    return f"VERDICT {_plain(value)}" + f": {reason}" * bool(reason)


def _item(value: Mapping[str, Any]) -> str:
    line = re.sub(r"^\D*", "", _named(value, _LINE_NAMES, joint=", "))
    kind, direction, note = _named(value, _KIND_NAMES), _named(value, _TRY_NAMES), _named(value, _NOTE_NAMES)
    if not note:
        kind, _, note = kind.partition(":") if ":" in kind else (kind, "", kind)
    head = f"LINE{'S' * bool(re.search(r'[-–,]', line))} {line}" + f" ({kind})" * bool(kind)
    return f"{head}: {note.strip()}" + f" TRY: {direction}" * bool(direction)


def _key(name: object) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", str(name).strip()).casefold().replace(" ", "_")


def _named(value: Mapping[str, Any], names: tuple[str, ...], *, joint: str = "; ") -> str:
    folded = {_key(name): one for name, one in value.items()}
    return next((_plain(folded[name], joint) for name in names if folded.get(name) not in (None, "")), "")


def _plain(value: Any, joint: str = "; ") -> str:
    if isinstance(value, list):
        return joint.join(_plain(one) for one in value)
    if isinstance(value, dict):
        return joint.join(_plain(one) for one in value.values())
    return "" if value is None else " ".join(str(value).split())


# ---------------------------------------------------------------- tables


def _with_bars(text: str) -> str:
    """Rows of CSV under a header that names lines, as a table with bars."""
    lines = text.strip().split("\n")
    head = [_key(cell) for cell in lines[0].split(",")]
    known = {*_LINE_NAMES, *_KIND_NAMES, *_NOTE_NAMES, *_TRY_NAMES}
    if len(known & set(head)) < _FEWEST_COLUMNS or not set(head) & set(_LINE_NAMES):
        return text
    try:
        rows = list(csv.reader(lines))
    except csv.Error:
        return text
    return "\n".join(f"| {' | '.join(row)} |" for row in rows if row)


def _without_tables(text: str) -> str:
    """Tables row by row: "NAME: value", or the parts of a critique where the head names lines."""
    kept: list[str] = []
    head: list[str] = []
    is_counted: object = None  # by a first column that only numbers the rows
    for line in text.split("\n"):
        found = _ROW.match(line) if line.count("|") > 1 else None
        if not found:
            head = []
            kept.append(line)
            continue
        if _DRAWN.fullmatch(line):
            continue
        cells = [cell.strip().strip("*_` ") for cell in found["cells"].split("|")]
        if len(cells) > 2 and (is_counted := _COUNTS.fullmatch(cells[0]) if not head else is_counted):
            cells = cells[1:]
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
