r"""Marks that models write around and into a poem, taken off: emphasis, fences, quotes, items, line numbers.

A word is never lost with its mark: half a pair stays, a bare number before a line ("1 for sorrow") stays, and so does
a dash where not every line has one. Pure.
"""

import json
import re
from collections.abc import Sequence

_RULE = re.compile(r"\s*(?:[-–—_*=~•⸻]\s*){3,}\s*|\s*⸻+\s*")
_FENCE = re.compile(r"\s*(?:```+|~~~+)\s*\w*\s*")
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
    plain = re.sub(
        r"[ \t]*<br\s*/?>(?:\r?\n)?", "\n", text.replace("\r\n", "\n").replace("\r", "\n"), flags=re.IGNORECASE
    )
    lines = plain.split("\n")
    full = [line for line in lines if line.strip()]
    if full and all(_QUOTE.match(line) for line in full):
        lines = [_QUOTE.sub("", line) for line in lines]
    n_broken = sum(line.endswith("\\") for line in full)
    return [line.removesuffix("\\") for line in lines] if 2 * n_broken > len(full) else lines


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


def poem_in_json(text: str) -> tuple[str, str] | None:
    r"""Title and text of a poem that came as an object; None where it did not.

    >>> poem_in_json('{"title": "Rope", "poem": ["It is wet.", "It is new."]}')
    ('Rope', 'It is wet.\nIt is new.')
    """
    bare = "\n".join(line for line in text.strip().split("\n") if not is_fence(line)).strip()
    if not bare.startswith("{"):
        return None
    try:
        told = json.loads(bare)
    except (ValueError, RecursionError):
        return None
    named = {str(name).casefold(): value for name, value in told.items()} if isinstance(told, dict) else {}
    body = next((named[name] for name in ("poem", "text", "content", "lines", "body") if name in named), None)
    if isinstance(body, list) and all(isinstance(line, str) for line in body):
        body = "\n".join(body)
    return (str(named.get("title", "")), body) if isinstance(body, str) else None


def _without_numbers(lines: Sequence[str]) -> list[str]:
    """Line numbers off, where nearly every line has one and they go on by one."""
    full = [line for line in lines if line.strip()]
    found = [match for line in full if (match := _NUMBER.match(line))]
    counted = [int(match["number"]) for match in found]
    is_counted = counted == list(range(counted[0], counted[0] + len(counted))) if counted else False
    if not is_counted or len(found) < max(2, _MOST_LINES * len(full)):
        return list(lines)
    return [_NUMBER.sub("", line) for line in lines]
