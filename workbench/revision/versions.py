r"""Several versions of one poem in an answer, and what a model says between the lines of one.

Versions are told by labels alone in their block that count up from the first: `Option A` … `Option B`, `**Version 1
(rhymed):**` …; bare numbers are parts of a poem, unless the answer says before them that it has several versions. The
last one is taken, as elsewhere, and that is said. Pure.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from workbench.revision.blocks import Block, blocks_of, is_verse

_ORDER = {"a": 1, "b": 2, "c": 3, "d": 4, "one": 1, "two": 2, "three": 3, "four": 4, "i": 1, "ii": 2, "iii": 3, "iv": 4}
_NUMBER = r"(?P<number>[1-9]|[a-d]|one|two|three|four)"
_VERSION = re.compile(
    rf"\W*(?P<noun>option|version|variant|alternative|candidate|attempt|take|draft)\s+#?{_NUMBER}"
    r"(?:\s*[:(\[–—-].{0,60}|\W*)$",
    re.IGNORECASE,
)
_BARE = re.compile(r"\W*(?P<number>[1-9]|[a-d]|i{1,3}|iv)\W*$", re.IGNORECASE)
_SEVERAL = re.compile(
    r"\b(?:two|three|four|a couple of|a few|several|some|both|[2-4]) (?:\w+ ){0,2}"
    r"(?:versions|options|candidates|variants|variations|takes|attempts|drafts|alternatives|approaches)\b",
    re.IGNORECASE,
)
_NTH = re.compile(r"\W*(?:(?:and|then|now)\s+)?the (?:second|third|fourth|fifth|sixth|next|last|final|closing)\b", re.I)
_FIRST = re.compile(r"\W*the (?:first|opening)\b", re.IGNORECASE)

_REMARK = re.compile(r"(?<=\S)\s+\[[^\[\]\n]{2,60}\]\s*$")


def last_version(lines: list[str], remarks: list[str]) -> list[str]:
    """The lines of the last version, without a verdict on the versions below it; all lines where there is one poem.

    >>> said: list[str] = []
    >>> last_version(["Option A", "", "The rope", "is wet.", "", "Option B", "", "A rope", "of rain."], said)
    ['', 'A rope', 'of rain.']
    >>> said
    ['the answer has 2 versions; the last one was taken']
    """
    blocks = blocks_of(lines)
    is_announced = any(_SEVERAL.search(lines[start]) for start, end in blocks[:2] if end - start == 1)
    for pattern in (_VERSION, _BARE) if is_announced else (_VERSION,):
        labels = [(start, found) for start, _ in blocks if (found := pattern.match(lines[start]))]
        if _are_versions(lines, blocks, labels):
            remarks.append(f"the answer has {len(labels)} versions; the last one was taken")
            place, found = labels[-1]
            return _without_verdict(lines[place + 1 :], found.groupdict().get("noun") or "")
    return lines


def _are_versions(lines: Sequence[str], blocks: Sequence[Block], labels: Sequence[tuple[int, re.Match[str]]]) -> bool:
    """Whether labels count up from one, all with one noun, no verse before the first and some after each."""
    counted = [_ORDER.get(found["number"].casefold()) or int(found["number"]) for _, found in labels]
    nouns = {(found.groupdict().get("noun") or "").casefold() for _, found in labels}
    if len(labels) < 2 or len(nouns) > 1 or counted != list(range(1, len(labels) + 1)):
        return False
    places = [-1, *(place for place, _ in labels), len(lines)]
    before, *after = [_has_verse(lines, one + 1, two) for one, two in pairwise(places)]
    return not before and all(after)


def _has_verse(lines: Sequence[str], start: int, end: int) -> bool:
    return any(is_verse(lines[one:two]) for one, two in blocks_of(lines, start, end))


def _without_verdict(lines: list[str], noun: str) -> list[str]:
    """The lines up to one that weighs the versions by their names: Option B takes more risk."""
    weighed = re.compile(rf"\b(?:{noun} (?:[1-9]|[a-d]|one|two|three|four)|(?:both|each|either) {noun}s?)\b", re.I)
    ends = [start for start, end in blocks_of(lines) if noun and end - start == 1 and weighed.search(lines[start])]
    return lines[: ends[0]] if ends and _has_verse(lines, 0, ends[0]) else lines


def without_commentary(body: list[str], before: Sequence[str], remarks: list[str]) -> list[str]:
    """The lines of a poem without what leads to each stanza, where the first was led to likewise.

    Args:
        body: the poem's lines.
        before: the lines that were left out before it.
        remarks: what is left out is added here.

    >>> without_commentary(["Wet rope.", "", "The second turns:", "", "Dry rope."], ["The first is plain:"], [])
    ['Wet rope.', '', 'Dry rope.']
    """
    led = [line for line in before if line.strip()]
    if not (led and _FIRST.match(led[-1]) and _leads(led[-1])):
        return body
    told = [start for start, end in blocks_of(body) if end - start == 1 and _NTH.match(body[start])]
    told = [place for place in told if _leads(body[place])]
    remarks += [f"left out as talk: “{body[place].strip()[:120]}”" for place in told]
    return [line for place, line in enumerate(body) if place not in told and place - 1 not in told]


def without_remarks(lines: list[str], remarks: list[str]) -> list[str]:
    """The lines of a poem without a remark in brackets at the end of nearly each of them.

    >>> without_remarks(["The rope is wet, [plain]", "nobody waves, [turn]", "the boat is out. [close]"], [])
    ['The rope is wet,', 'nobody waves,', 'the boat is out.']
    """
    full = [line for line in lines if line.strip()]
    told = [found[0].strip() for line in full if (found := _REMARK.search(line))]
    if len(told) < max(3, 0.7 * len(full)):
        return lines
    remarks.append(f"left out as remarks on each line: {'; '.join(told)[:120]}")
    return [_REMARK.sub("", line) for line in lines]


def _leads(line: str) -> bool:
    return line.rstrip(" *_").endswith(":")
