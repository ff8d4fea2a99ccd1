r"""Marks around and into a poem: fences, quotes, items, numbers, emphasis, tags, turns of a chat, objects in JSON.

They are taken off. A word is never lost with its mark: half a pair stays, a bare number before a line ("1 for sorrow")
stays, and so does a dash where not every line has one. Pure.
"""

import json
import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

_RULE = re.compile(
    r"\s*[+┌└├╔╚╠][-=+─━═┬┴┼╦╩]{3,}[+┐┘┤╗╝╣]?\s*|\s*(?:[-–—_*=~•⸻]\s*){3,}\s*|\s*⸻+\s*|\s*[—–~•]\s*|"
    r"\s*(?:[\u2190-\u21ff\u2600-\u27bf\U0001f000-\U0001faff\ufe0f\u200d]\s*)+"
)
_FENCE = re.compile(r"\s*(?:(?:```+|~~~+)\s*\w*|\"{3}|'{3}|\\(?:begin|end)\{\w+\})\s*")
_SPEAKER = re.compile(r"\A\s*(?:\*\*)?(?:assistant|poet|ai|model|bot)\s*:(?:\*\*)?[ \t]*(?=\S|\n)", re.IGNORECASE)
_SPEAKERS = re.compile(r"^\W*(?:user|human|assistant|poet|ai|model|bot)\s*:", re.IGNORECASE | re.MULTILINE)
_TAG = re.compile(
    r"</?(?:p|div|span|pre|center|em|i|b|strong|poem|verse|stanza|lyrics|lines?|answer|response|output|details|summary)(?:\s[^<>]*)?>",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"^[ \t]*</?(?:poem|verse|stanza|lyrics|answer|response|output)>[ \t]*$", re.IGNORECASE | re.MULTILINE
)
_BOXED = re.compile(r"(?:\$+\s*)?\\boxed\{(?:\\text\{)?(?P<text>.*?)\}+\s*\$*\s*\Z", re.DOTALL)
_TAG_LINE = re.compile(r"^[ \t]*<(?P<close>/?)(?P<name>[a-z][\w-]*)(?:\s[^<>]*)?>[ \t]*$", re.IGNORECASE | re.MULTILINE)
_UNDERLINED = re.compile(r"\A\s*(?P<title>[^\n]{1,80})\n={3,}[ \t]*(?=\n)")
_TITLE_TAG = re.compile(r"<(title|h[1-4])>\s*(?P<title>[^<>\n]{1,200}?)\s*</\1>", re.IGNORECASE)
#: Of a poem in JSON; every other name that ends with "poem" as well.
_NAMES = ("poem", "text", "content", "lines", "body", "stanzas", "verses", "answer", "response", "output", "result")
#: "1." "1)" "1:" "Line 1:", and the bare number with two spaces with which a poem is shown to be judged.
_NUMBER = re.compile(r"^\s*(?:line\s+)?\[?(?P<number>\d{1,3})(?:[.):\]]\s+|\s*[|│]\s+|\s{2,4})(?=\S)", re.IGNORECASE)
_LETTER = re.compile(r"^\s*\(?(?P<letter>[a-z])\)\s+(?=\S)")
_STANZA = r"<br|</(?:stanza|verse)>|<p[^<>]*>[^<>]*[^<>\s][ \t]*\n[^<>]*[^<>\s][^<>]*</p>"
_ITEM = re.compile(r"^\s*[-*•]\s+(?=\S)")
_CELLS = re.compile(r"\s*[|│║].*[|│║]\s*")
_COLUMNS = ("line", "lines", "text", "verse", "poem")
_DIFF = re.compile(r"^```+diff[ \t]*\n(?P<lines>.*?)^```+[ \t]*$", re.MULTILINE | re.DOTALL)
#: What counts or letters every line at its end: (8 syllables), (A), // b.
_MEASURED = re.compile(
    r"\s+(?:[(\[](?:\d{1,2}(?: (?:syllables?|words?|beats?|stresses|feet))?|[A-G])[)\]]|//\s*\S{1,12})\s*$",
    re.IGNORECASE,
)
#: What says at a line's end that it is another one than before.
_REVISED = re.compile(
    r"\s+(?:\[(?:revised|new|changed|unchanged|kept|edited)\]|\((?:revised|unchanged)\))\s*$", re.IGNORECASE
)
_ESCAPED = re.compile(r"\\([`*_{}\[\]()#+.!>~|-])")
_QUOTE = re.compile(r"^\s*(?:>\s?|[|│]\s(?!.*[|│]))")
_PAIRS = (
    re.compile(r"(?<![\w*])(\*{1,3})(?=[^\s*])([^*]+?)(?<=[^\s*])\1(?![\w*])"),
    re.compile(r"(?<![\w_])(_{1,3})(?=[^\s_])([^_]+?)(?<=[^\s_])\1(?![\w_])"),
)
_MOST_LINES = 0.8  # share of the lines that must have a mark for it to be one of the page


def plain_lines(text: str) -> list[str]:
    """The lines of an answer; what stands for the end of a line is one, marks of quotation are off."""
    text = _without_diff(text.strip("\ufeff\u200b\u2060"))
    text = text if _is_dialogue(text) else _SPEAKER.sub("", text, count=1)
    text = text.replace("\u2028", "\n").replace("\u2029", "\n\n")
    if "</" in text:
        text = _TITLE_TAG.sub(r"Title: \g<title>\n", text)
        between = "\n\n" if re.search(_STANZA, text, re.IGNORECASE) else "\n"  # else each line is a paragraph
        text = _TAG.sub("", re.sub(r"</(?:p|stanza|verse)>\s*(?=\S)", between, text, flags=re.IGNORECASE))
    text = _BOXED.sub(r"\g<text>", _without_wrapping(text))
    text = _UNDERLINED.sub(r"# \g<title>\n", _OPENING.sub("", text))
    plain = re.sub(
        r"[ \t]*<br\s*/?>(?:\r?\n)?", "\n", text.replace("\r\n", "\n").replace("\r", "\n"), flags=re.IGNORECASE
    )
    lines = _unquoted(_split(plain))
    inner = [line for line, after in pairwise(lines) if line.strip() and after.strip() and not is_fence(line)]
    n_broken = sum(line.endswith("\\") for line in inner)  # as Markdown breaks a line; a stanza's last has none
    return [line.rstrip("\\") for line in lines] if 0 < len(inner) <= 2 * n_broken else _without_quotes(lines)


def _is_dialogue(text: str) -> bool:
    """Whether the first block has several speakers, so that it is a poem that they speak."""
    first = text.strip().partition("\n\n")[0]
    return (
        len(re.findall(r"^\W*(?:user|human|assistant|poet|ai|model|bot)\s*:", first, re.IGNORECASE | re.MULTILINE)) > 1
    )


def _without_wrapping(text: str) -> str:
    """The text without tags that have lines of their own, where both of a pair do."""
    found = list(_TAG_LINE.finditer(text))
    opened = {mark["name"] for mark in found if not mark["close"]} & {mark["name"] for mark in found if mark["close"]}
    return _TAG_LINE.sub(lambda mark: "" if mark["name"] in opened else mark[0], text)


def _without_diff(text: str) -> str:
    """What a block of code called diff leads to: without the lines taken out, and without the signs."""
    return _DIFF.sub(lambda found: re.sub(r"^(?:-.*(?:\n|\Z)|[+ ] ?)", "", found["lines"], flags=re.MULTILINE), text)


def _unquoted(lines: list[str]) -> list[str]:
    """The lines without the marks of a quotation that is one run, and more than what is around it.

    Where something follows the run, it becomes a block of code, so that it is told from that.
    """
    full = [place for place, line in enumerate(lines) if line.strip()]
    inside = [place for place in full if _QUOTE.match(lines[place])]
    is_run = inside == [place for place in full if inside and inside[0] <= place <= inside[-1]]
    if not is_run or 2 * len(inside) <= len(full):
        return lines
    plain = [_QUOTE.sub("", line) for line in lines[inside[0] : inside[-1] + 1]]
    around = lines[inside[-1] + 1 :]
    return [*lines[: inside[0]], *(["```", *plain, "```", *around] if any(map(str.strip, around)) else plain)]


def in_table(lines: Sequence[str]) -> list[str]:
    """The lines of a poem that came as a table: its only column, the one of its lines, or the one beside numbers.

    >>> in_table(["| # | Line |", "|---|---|", "| 1 | The rope is wet, |", "| 2 | the pan is warm. |"])
    ['The rope is wet,', 'the pan is warm.']
    """
    rows = [
        [cell.strip() for cell in re.split("[|│║]", line.strip().strip("|│║"))]
        for line in lines
        if _CELLS.fullmatch(line)
    ]
    drawn = next((n for n, row in enumerate(rows) if all(re.fullmatch(r"[:\s-]*-[:\s-]*", cell) for cell in row)), -1)
    head = [cell.casefold() for cell in rows[0]] if drawn == 1 else []
    body = [row for row in rows[drawn + 1 :] if len(row) == len(rows[0])]
    named = [place for place, name in enumerate(head) if name in _COLUMNS and not all(r[place].isdigit() for r in body)]
    is_beside = all(len(row) == 2 and row[0].strip(".").isdigit() for row in body)
    column = named[0] if named else 0 if rows and len(rows[0]) == 1 else 1 if is_beside and not head else -1
    return [row[column] for row in body] if column >= 0 else []


def _split(text: str) -> list[str]:
    r"""Lines at \n; where there is none, at what stands for one: a backslash with an n, or slashes."""
    lines = text.split("\n")
    full = [line for line in lines if line.strip()]
    if len(full) == 1 and "\\n" in text:
        return text.replace("\\r\\n", "\n").replace("\\n", "\n").split("\n")
    if len(full) == 1 and text.count(" / ") > 1:
        return text.replace(" // ", "\n\n").replace(" / ", "\n").split("\n")
    return lines


def split_line(lines: list[str]) -> list[str]:
    """The lines; where only one can hold a poem, and it has what stands for ends of lines, it is split there."""
    places = [place for place, line in enumerate(lines) if line.count(" / ") > 1 or line.count("\\n") > 1]
    if len(places) != 1 or any(one.strip() and two.strip() for one, two in pairwise(lines)):
        return lines
    (place,) = places
    return [*lines[:place], *_split(lines[place]), *lines[place + 1 :]]


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
    if full and sum(bool(_MEASURED.search(line)) for line in full) >= max(2, _MOST_LINES * len(full)):
        kept = [_MEASURED.sub("", line) for line in kept]
    text = "\n".join(_REVISED.sub("", line) for line in _without_numbers(kept))
    for pair in _PAIRS:
        text = "\n\n".join(pair.sub(r"\2", block) for block in text.split("\n\n"))
    return [_ESCAPED.sub(r"\1", line).rstrip() for line in text.split("\n")]


def poem_in_json(text: str) -> tuple[str, str, str] | None:
    r"""Title and text of a poem that came as an object, and what was written around it; None where none came.

    >>> poem_in_json('{"title": "Rope", "poem": ["It is wet.", "It is new."]}')
    ('Rope', 'It is wet.\nIt is new.', '')
    """
    starts = [place for place in (text.find("{"), text.find("[")) if place >= 0]
    start, end = min(starts, default=0), max(text.rfind("}"), text.rfind("]")) + 1
    if not starts or end <= start:
        return None
    try:
        told = json.loads(text[start:end])
    except (ValueError, RecursionError):
        return None
    are_lines = isinstance(told, list) and len(told) > 1 and all(isinstance(line, str) for line in told)
    found = ("", "\n".join(told)) if are_lines else _poem_within(told)
    around = [line for line in (text[:start] + "\n" + text[end:]).split("\n") if line.strip() and not is_fence(line)]
    return None if found is None else (*found, " ".join(around))


def _poem_within(told: object) -> tuple[str, str] | None:
    """The first poem of an object or a list, however deep."""
    if isinstance(told, dict) and (found := _poem_of(told)):
        return found
    inner = told.values() if isinstance(told, dict) else told if isinstance(told, list) else ()
    return next((found for one in inner if isinstance(one, dict | list) and (found := _poem_within(one))), None)


def _poem_of(told: dict[str, Any]) -> tuple[str, str] | None:
    named = {
        re.sub(r"[^a-z]", "", str(name).casefold()).removeprefix("poem") or "poem": value
        for name, value in told.items()
    }
    names = [*_NAMES, *(name for name in named if name.endswith("poem"))]
    body = next((named[name] for name in names if named.get(name)), None)
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
    """Line numbers off, where nearly every line has one and they rise by one."""
    full = [line for line in lines if line.strip()]
    letters = [match["letter"] for line in full if (match := _LETTER.match(line))]
    if len(letters) > 1 and letters == [chr(ord("a") + place) for place in range(len(full))]:
        return [_LETTER.sub("", line) for line in lines]
    found = [match for line in full if (match := _NUMBER.match(line))]
    counted = [int(match["number"]) for match in found]
    is_counted = counted == list(range(counted[0], counted[0] + len(counted))) if counted else False
    if not is_counted or len(found) < max(2, _MOST_LINES * len(full)):
        return list(lines)
    return [_NUMBER.sub("", line) for line in lines]
