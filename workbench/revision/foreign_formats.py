"""Other shapes than the asked one: marks around and into a poem, a brief or critique as JSON or as a Markdown table.

Models that were never taught the format answer in one of their own. JSON and tables are written as labelled lines; only
names and places are translated here, never words. What the labels mean is for `brief_text` and `critique_text`.

Marks are taken off: emphasis, fences, quotes, items, line numbers. A word is never lost with its mark: half a pair
stays, a bare number before a line ("1 for sorrow") stays, and so does a dash where not every line has one. Pure.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
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


_RULE = re.compile(r"\s*(?:[-–—_*=~•⸻]\s*){3,}\s*|\s*⸻+\s*")
_FENCE = re.compile(r"\s*(?:(?:```+|~~~+)\s*\w*|\"{3}|'{3}|\\(?:begin|end)\{\w+\})\s*")
#: What ends a turn in the templates of chat models, and who speaks.
_TURN = re.compile(r"<\|[a-z_]{2,30}\|>|</?s>|<(?:eos|bos|pad|end_of_turn)>|\[/?INST\]", re.IGNORECASE)
_SPEAKER = re.compile(r"\A\s*(?:\*\*)?(?:assistant|poet|ai|model|bot)\s*:(?:\*\*)?[ \t]*(?=\S|\n)", re.IGNORECASE)
_TAG = re.compile(
    r"</?(?:p|div|span|pre|center|em|i|b|strong|poem|verse|stanza|lyrics|lines?|answer|response|output)(?:\s[^<>]*)?>",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"^[ \t]*</?(?:poem|verse|stanza|lyrics|answer|response|output)>[ \t]*$", re.IGNORECASE | re.MULTILINE
)
_UNDERLINED = re.compile(r"\A\s*(?P<title>[^\n]{1,80})\n={3,}[ \t]*(?=\n)")
_TITLE_TAG = re.compile(r"<(title|h[1-4])>\s*(?P<title>[^<>\n]{1,200}?)\s*</\1>", re.IGNORECASE)
_NAMES = ("poem", "text", "content", "lines", "body", "stanzas", "verses")  # of a poem in JSON
#: "1." "1)" "1:" "Line 1:", and the bare number with two spaces with which a poem is shown to be judged.
_NUMBER = re.compile(r"^\s*(?:line\s+)?(?P<number>\d{1,3})(?:[.):]\s+|\s{2,4})(?=\S)", re.IGNORECASE)
_ITEM = re.compile(r"^\s*[-*•]\s+(?=\S)")
_QUOTE = re.compile(r"^\s*>\s?")
_PAIRS = (
    re.compile(r"(?<![\w*])(\*{1,3})(?=[^\s*])([^*]+?)(?<=[^\s*])\1(?![\w*])"),
    re.compile(r"(?<![\w_])(_{1,3})(?=[^\s_])([^_]+?)(?<=[^\s_])\1(?![\w_])"),
)
_MOST_LINES = 0.8  # share of the lines that must have a mark for it to be one of the page


def plain_lines(text: str) -> list[str]:
    """The lines of an answer; what stands for the end of a line is one, marks of quotation are off."""
    text = _SPEAKER.sub("", _TURN.sub("", text), count=1).replace("\u2028", "\n").replace("\u2029", "\n\n")
    if "</" in text:
        text = _TITLE_TAG.sub(r"Title: \g<title>\n", text)
        text = _TAG.sub("", re.sub(r"</(?:p|stanza|verse)>\s*(?=\S)", "\n\n", text, flags=re.IGNORECASE))
    text = _UNDERLINED.sub(r"# \g<title>\n", _OPENING.sub("", text))
    plain = re.sub(
        r"[ \t]*<br\s*/?>(?:\r?\n)?", "\n", text.replace("\r\n", "\n").replace("\r", "\n"), flags=re.IGNORECASE
    )
    lines = _split(plain)
    full = [line for line in lines if line.strip()]
    if full and all(_QUOTE.match(line) for line in full):
        lines = [_QUOTE.sub("", line) for line in lines]
    full = [line for line in full if not is_fence(line)]
    n_broken = sum(line.endswith("\\") for line in full)
    return [line.rstrip("\\") for line in lines] if 2 * n_broken > len(full) else _without_quotes(lines)


def _split(text: str) -> list[str]:
    r"""Lines at \n; where there is none, at what stands for one: a backslash with an n, or slashes."""
    lines = text.split("\n")
    full = [line for line in lines if line.strip()]
    if len(full) == 1 and "\\n" in text:
        return text.replace("\\r\\n", "\n").replace("\\n", "\n").split("\n")
    if len(full) == 1 and text.count(" / ") > 1:
        return text.replace(" // ", "\n\n").replace(" / ", "\n").split("\n")
    return lines


def _without_quotes(lines: list[str]) -> list[str]:
    """The lines where each of several is in quotes of its own."""
    full = [line.strip() for line in lines if line.strip()]
    each = all(len(line) > 2 and line[0] in '"“' and line[-1] in '"”' and not re.search('["“”]', line[1:-1])
               for line in full)  # fmt: skip
    return [line.strip()[1:-1] for line in lines] if each and len(full) > 1 else lines


def is_rule(line: str) -> bool:
    """Whether a line is drawn, not written."""
    return bool(_RULE.fullmatch(line))


def is_fence(line: str) -> bool:
    """Whether a line opens or closes a block of code."""
    return bool(_FENCE.fullmatch(line))


def unmarked(lines: Sequence[str]) -> list[str]:
    r"""The lines of a poem without items, numbers and emphasis.

    >>> unmarked(["**Oh** the *rope*,", "5 * 3"]), unmarked(["1 for rope,", "2 for rain"])
    (['Oh the rope,', '5 * 3'], ['1 for rope,', '2 for rain'])
    """
    full = [line for line in lines if line.strip()]
    kept = list(lines)
    if full and sum(bool(_ITEM.match(line)) for line in full) >= max(2, _MOST_LINES * len(full)):
        kept = [_ITEM.sub("", line) for line in kept]
    kept = _without_numbers(kept)
    text = "\n".join(kept)
    for pair in _PAIRS:
        text = "\n\n".join(pair.sub(r"\2", block) for block in text.split("\n\n"))
    return [line.rstrip() for line in text.split("\n")]


def poem_in_json(text: str) -> tuple[str, str, str] | None:
    r"""Title and text of a poem that came as an object, and what was written around it; None where none came.

    >>> poem_in_json('{"title": "Rope", "poem": ["It is wet.", "It is new."]}')
    ('Rope', 'It is wet.\nIt is new.', '')
    """
    start, end = text.find("{"), text.rfind("}") + 1
    if start < 0 or end <= start:
        return None
    try:
        told = json.loads(text[start:end])
    except (ValueError, RecursionError):
        return None
    found = _poem_of(told) if isinstance(told, dict) else None
    around = [line for line in (text[:start] + "\n" + text[end:]).split("\n") if line.strip() and not is_fence(line)]
    return None if found is None else (*found, " ".join(around))


def _poem_of(told: dict[str, Any]) -> tuple[str, str] | None:
    named = {str(name).casefold(): value for name, value in told.items()}
    body = next((named[name] for name in _NAMES if named.get(name)), None)
    title = named.get("title") if isinstance(named.get("title"), str) else ""
    if isinstance(body, dict):
        inner = _poem_of(body)
        return inner and (inner[0] or str(title), inner[1])
    text = _joined(body)
    return None if text is None else (str(title), text)


def _joined(body: object) -> str | None:
    """Lines, or stanzas of lines, as one text; None where it is neither."""
    if isinstance(body, str):
        return body
    if not isinstance(body, list):
        return None
    parts = [(_poem_of(part) or ("", None))[1] if isinstance(part, dict) else _joined(part) for part in body]
    is_of_stanzas = any(not isinstance(part, str) or "\n" in part for part in body)
    whole = [part for part in parts if part is not None]
    return ("\n\n" if is_of_stanzas else "\n").join(whole) if len(whole) == len(parts) else None


def _without_numbers(lines: Sequence[str]) -> list[str]:
    """Line numbers off, where nearly every line has one and they go on by one."""
    full = [line for line in lines if line.strip()]
    found = [match for line in full if (match := _NUMBER.match(line))]
    counted = [int(match["number"]) for match in found]
    is_counted = counted == list(range(counted[0], counted[0] + len(counted))) if counted else False
    if not is_counted or len(found) < max(2, _MOST_LINES * len(full)):
        return list(lines)
    return [_NUMBER.sub("", line) for line in lines]
