"""A critique as the educator writes it, parsed, written back, and shown to people as prose.

    STRONGEST line 4: why, quoting "words of that line".
    LINE 7 (cliche): what is wrong there. TRY: a direction, not a replacement line.
    LINES 9-10 (false closure): … TRY: …
    VERDICT revise: why, and whether it is a trouble of revision or of conception.

The parser takes what small models make of it: lower case, bullets, parts run together, no verdict (which counts as
"revise": nothing is approved by silence). A line that does not exist is never cited; what was dropped is noted. The
grammar that keeps an engine to this format is in `grammars`.
"""

import difflib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from workbench.prompts.thinking import without_thinking
from workbench.revision.critique_marks import KINDS, UNCLEAR_LINE, as_marked, from_prose
from workbench.revision.quotations import placed
from workbench.revision.refusals import refused_advice
from workbench.revision.types import FAILURES, CritiqueItem, VerdictKind
from workbench.types import content_id

STRONGEST = "strongest"
MOST_ITEMS = 4

_SPANS = r"\d{1,4}(?:\s*(?:-|–|—|to|through|and|&|,|;|/)\s*(?:lines?\s+)?\d{1,4}){0,5}"
_START = r"(?:^(?:[^\w\n\"“”‘’'(]|\n)*(?:\d+[.)]\s+)?|(?<=[.!?\"”’)]\s))"
_MARK = re.compile(
    rf"{_START}(?:"
    rf"(?i:\**(?P<strongest>strongest)\b[^:\n\d]{{0,30}}?"
    rf"(?:lines?\s+(?P<s>{_SPANS})\s*\)?\**\s*(?:[:,.—–-]|$)|\s*\)?\**\s*[:—–-]))|"
    rf"(?i:\**lines?\s+(?P<i>{_SPANS})\**\s*(?:[(\[](?P<failure>[^)\]\n]{{0,60}})[)\]]|(?=[:,—–-])))\**\s*[:,—–-]?|"
    rf"(?i:\**(?P<verdict>verdict)\b)\s*[:—–-]?|"
    rf"(?i:\**(?P<other>(?:overall |final )?(?:score|rating|grade|confidence|summary|overall))\b[^\w\n]{{0,4}}:)"
    rf")\**\s*",
    re.MULTILINE,
)
_HEAD = re.compile(rf"(?:[“\"][^“”\"]*[”\"]\W*)?(?P<kind>{KINDS})(?=\s*[.,:;–—-])", re.IGNORECASE)
_TRY = re.compile(
    r"(?:^|(?<=\W))(?:(?:TRY|Try|try|Suggestion|SUGGESTION|Fix|FIX|Direction|Consider)\s*:|TRY\s[–—-]\s|→|⇒|->|=>|"
    r"(?<=[.;,]\s)(?:[Tt]ry (?:to )?|[Cc]onsider )(?=[a-z]))\s*"
)
_VERDICT = re.compile(
    r"(?P<approve>approv\w*|accept\w*|finished|done|ready(?=\s*(?:[.!]|$)))|"
    r"(?P<over>start(?:ing)? (?:it )?over|restart)|"
    r"(?P<revise>revis\w*|rewrit\w*|rework\w*|needs? (?:some |more )?work|not yet|once more|"
    r"another (?:round|draft|pass|revision))",
    re.IGNORECASE,
)
#: Words before an approval that take it back, after it that put it off, and before a revision that deny it.
_NO = re.compile(
    r"\b(?:not(?! only)|cannot|never|no|would|could|almost|nearly|before|until|if)\b|n['’]t\b", re.IGNORECASE
)
_YET = re.compile(
    r"[ ,;–—-]{0,3}\b(?:pending|once|if|after|when|provided|subject to|but (?:first|only)|"
    r"with (?:\w+ ){0,2}(?:changes?|edits?|revisions?|fixes|corrections?|reservations?|conditions?))\b",
    re.IGNORECASE,
)
_NEEDLESS = re.compile(r"\bno (?:need|more|further)\b|n['’]t need\b|\bneeds? no\b", re.IGNORECASE)


_WORD = r"(?:approv\w*|accept\w*|revis\w*|start(?:ing)? over)"
#: What is in a verdict and was not chosen: a list to choose from, words struck out, boxes left empty, questions.
_NOT_CHOSEN = tuple((re.compile(pattern, re.IGNORECASE), put) for pattern, put in (
    (rf"\(\s*{_WORD}\s*[/|,][^)]*\)\s*:?", ""),
    (r"~~[^~]*~~", ""),
    (rf"\[\s*\]\s*{_WORD}", ""),
    (r"\[[xX✓✔]\]", ""),
    (rf"^\W*{_WORD}\s*\?\s*(?:no\b[\s,.;:–—-]*)?", ""),
))  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedCritique:
    """What a critique says; ids are made from its text."""

    strongest: CritiqueItem | None
    items: tuple[CritiqueItem, ...]
    verdict: VerdictKind
    reason: str
    dropped: tuple[str, ...]  # what could not be used, a sentence each


class CritiqueParts(Protocol):
    """What a critique has to have to be written or shown: a `ParsedCritique` or a `trace.Critique`."""

    @property
    def strongest(self) -> CritiqueItem | None:
        """The strongest moment."""

    @property
    def items(self) -> tuple[CritiqueItem, ...]:
        """What it found."""

    @property
    def verdict(self) -> VerdictKind:
        """What is to happen."""

    @property
    def reason(self) -> str:
        """Why."""


def parse_critique(text: str, *, n_lines: int, lines: Sequence[str] = ()) -> ParsedCritique:
    """Reads a critique of a poem of `n_lines` lines; where `lines` are given, remarks stand where they quote.

    >>> found = parse_critique("line 2 (cliché): 'cold as ice' is old. TRY: what is colder?", n_lines=2)
    >>> found.items[0].failure, found.items[0].direction, found.verdict
    ('cliche', 'what is colder?', 'revise')
    """
    marked = as_marked(without_thinking(text), n_lines, lines)
    found = _read(marked, n_lines, lines)
    is_marked = found.strongest or re.search(r"\bverdict\b", marked, re.IGNORECASE)
    if is_marked or not (prose := from_prose(marked, n_lines, lines)):
        return found
    told = _read(prose, n_lines, lines)
    return told if len(told.items) + bool(told.strongest) > len(found.items) else found


def write_critique(critique: CritiqueParts) -> str:
    """The canonical text, one part a line: what the poet is given, without the items that a person refused."""
    parts = [f"STRONGEST line {_span(item)}: {item.note}" for item in (critique.strongest,) if item]
    for item in (item for item in critique.items if not item.refused):
        head = f"LINE{'S' * (item.last_line > item.first_line)} {_span(item)} ({item.failure})"
        parts.append(f"{head}: {item.note}" + f" TRY: {item.direction}" * bool(item.direction))
    if critique.verdict == "none":  # the poet knows three verdicts, and of these is told to revise
        return "\n".join([*parts, "VERDICT revise"])
    parts.append(f"VERDICT {critique.verdict}" + f": {critique.reason}" * bool(critique.reason))
    return "\n".join(parts)


def critique_prose(critique: CritiqueParts) -> str:
    """The critique for people: the keywords turned into sentences, a paragraph a part."""
    parts = [f"Strongest, at line {_span(item)}: {item.note}" for item in (critique.strongest,) if item]
    for item in critique.items:
        where = f"Line{'s' * (item.last_line > item.first_line)} {_span(item)}"
        kind = "" if item.failure == "other" else f", {item.failure}"
        parts.append(f"{where}{kind}: {item.note}" + f" Try this: {item.direction}" * bool(item.direction))
    parts.append(" ".join(part for part in (_VERDICT_SENTENCES[critique.verdict], critique.reason) if part))
    return "\n\n".join(parts)


_VERDICT_SENTENCES: dict[str, str] = {
    "approve": "The poem has found its shape.",
    "revise": "It needs another revision.",
    "start over": "It wants to be started again from another place.",
    "none": "No verdict.",
}


# ---------------------------------------------------------------- private


def _read(marked: str, n_lines: int, lines: Sequence[str]) -> ParsedCritique:
    """What the marks of a text and the words after them say."""
    dropped: list[str] = []
    strongest: CritiqueItem | None = None
    items: list[CritiqueItem] = []
    verdicts: list[tuple[VerdictKind, str]] = []
    for mark, body in _parts(marked):
        if mark["verdict"]:
            verdicts += _verdict(body, dropped)
        elif mark["other"]:
            dropped.append(f"“{mark['other']}” is not part of a critique")
        else:
            said = list(_placed(_items(mark, body, n_lines, dropped), lines, dropped))
            strongest = strongest or next((item for item in said if item.failure == STRONGEST), None)
            others = [item for item in said if item.failure != STRONGEST]
            items += _wanted(others, items, dropped)
    if not verdicts:
        dropped.append("no verdict: read as revise")
    verdict, reason = verdicts[-1] if verdicts else ("revise", "")
    reason = "" if refused_advice(reason) else reason
    return ParsedCritique(
        strongest=strongest, items=tuple(items), verdict=verdict, reason=reason, dropped=tuple(dropped)
    )


def _placed(items: Sequence[CritiqueItem], lines: Sequence[str], dropped: list[str]) -> Iterator[CritiqueItem]:
    """The remarks, each where it quotes; one that speaks of several runs of lines keeps them."""
    for item in items:
        found, said = placed(item, lines) if lines and len(items) == 1 else (item, "")
        dropped += [said] * bool(said)
        if found and (why := refused_advice(f"{found.note} {found.direction}")):
            dropped.append(f"a remark on line {found.first_line} was left out: {why}")
        elif found:
            yield found


def _parts(text: str) -> Iterator[tuple[re.Match[str], str]]:
    """Each mark with the text up to the next one, as one line."""
    marks = list(_MARK.finditer(text))
    ends = [*(mark.start() for mark in marks), len(text)][1:]
    for mark, end in zip(marks, ends, strict=True):
        yield mark, " ".join(text[mark.end() : end].split()).strip("*").strip()


def _items(mark: re.Match[str], body: str, n_lines: int, dropped: list[str]) -> list[CritiqueItem]:
    """What is said of each run of lines that a mark names."""
    spans = _spans(mark["s" if mark["strongest"] else "i"] or "")
    if not spans:
        dropped.append("a strongest moment without its line")
    kind = mark["failure"] or (found["kind"] if (found := _HEAD.match(body)) else "")
    failure = STRONGEST if mark["strongest"] else failure_named(kind)
    note, direction = (body, "") if mark["strongest"] else _note_and_direction(body)
    items = []
    for first, last in spans[:1] if mark["strongest"] else spans:
        if not 1 <= first <= n_lines:
            dropped.append(f"line {first} does not exist; the poem has {n_lines}" if first else UNCLEAR_LINE)
            continue
        if last > n_lines:
            dropped.append(f"lines {first}-{last} end after the poem; read as {first}-{n_lines}")
            last = n_lines
        if not note and not direction and not mark["strongest"]:
            dropped.append(f"line {first} was named, and nothing said of it")
            continue
        id_ = content_id("item", str(first), str(last), failure, note, direction)
        items.append(
            CritiqueItem(id=id_, first_line=first, last_line=last, failure=failure, note=note, direction=direction)
        )
    return items


def _spans(told: str) -> list[tuple[int, int]]:
    """Runs of lines: "1 and 4" are two, "3 and 4" and "3-4" are one.

    >>> _spans("1 and 4"), _spans("2, 3 and 5"), _spans("9-7")
    ([(1, 1), (4, 4)], [(2, 3), (5, 5)], [(7, 9)])
    """
    spans: list[tuple[int, int]] = []
    for first, last in re.findall(r"(\d+)(?:\s*(?:-|–|—|to|through)\s*(?:lines?\s+)?(\d+))?", told, re.IGNORECASE):
        start, end = sorted((int(first), int(last or first)))
        if spans and spans[-1][1] + 1 == start:
            start = spans.pop()[0]
        spans.append((start, end))
    return spans


def _note_and_direction(body: str) -> tuple[str, str]:
    pieces = _TRY.split(body, maxsplit=1)
    return pieces[0].strip(), pieces[1].strip() if len(pieces) > 1 else ""


def _wanted(new: Sequence[CritiqueItem], items: Sequence[CritiqueItem], dropped: list[str]) -> list[CritiqueItem]:
    """The remarks that say something new, as many as there is room for."""
    wanted: list[CritiqueItem] = []
    for item in new:
        if any((one.first_line, one.last_line, one.failure) == (item.first_line, item.last_line, item.failure)
               or one.note == item.note for one in items):  # fmt: skip
            dropped.append(f"line {item.first_line} was said twice")
        elif len(items) + len(wanted) == MOST_ITEMS:
            dropped.append(f"more than {MOST_ITEMS} failures; line {item.first_line} was left out")
        else:
            wanted.append(item)
    return wanted


def failure_named(words: str) -> str:
    """The kind of failure in the words of `FAILURES`; "other" where none is near.

    >>> failure_named("Clichéd"), failure_named("a weak line-break"), failure_named("bananas")
    ('cliche', 'weak line break', 'other')
    """
    plain = "".join(c for c in unicodedata.normalize("NFD", words.casefold()) if not unicodedata.combining(c))
    plain = " ".join(re.sub(r"[^a-z ]", " ", plain).split())
    named = [kind for kind in FAILURES if plain and kind.replace("-", " ") in plain]
    if named:
        return max(named, key=len)
    near = difflib.get_close_matches(plain, [kind.replace("-", " ") for kind in FAILURES], n=1, cutoff=0.75)
    return next((kind for kind in FAILURES if near and kind.replace("-", " ") == near[0]), "other")


def _verdict(body: str, dropped: list[str]) -> list[tuple[VerdictKind, str]]:
    """The verdict with its reason; none where the words say none."""
    for pattern, put in _NOT_CHOSEN:
        body = pattern.sub(put, body)
    clause = re.split(r"[.:;]", body, maxsplit=1)[0]
    for said in (clause, body):
        for found in _VERDICT.finditer(said):
            before = said[: found.start()]
            if found["revise"] and _NEEDLESS.search(before):
                continue
            is_open = (
                found["revise"]
                or _NO.search(re.split("[.;:,]", before)[-1])
                or (found["approve"] and _YET.match(body, found.end()))
            )
            reason = body if re.search(r"\w", before) else re.sub(r"^\W+", "", body[found.end() :])
            return [("revise" if is_open else "approve" if found["approve"] else "start over", reason.strip())]
    dropped.append("a verdict that is neither approve, revise nor start over")
    return []


def _span(item: CritiqueItem) -> str:
    return str(item.first_line) if item.first_line == item.last_line else f"{item.first_line}-{item.last_line}"
