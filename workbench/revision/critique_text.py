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
from workbench.revision.foreign_formats import labelled
from workbench.revision.quotations import place_of, placed
from workbench.revision.refusals import refused_advice
from workbench.revision.types import FAILURES, CritiqueItem, VerdictKind
from workbench.types import content_id
from workbench.words import words_of

STRONGEST = "strongest"
MOST_ITEMS = 4

_RANGE = r"(?P<{0}>\d{{1,4}})(?:\s*(?:-|–|—|to|and|&)\s*(?P<{0}_end>\d{{1,4}}))?"
_START = r"(?:^[\s>*#•\-]*(?:\d+[.)]\s+)?|(?<=[.!?\"”’')]\s))"
_MARK = re.compile(
    rf"{_START}(?:"
    rf"(?i:\**(?P<strongest>strongest)\b[^:\n\d]{{0,30}}?(?:lines?\s+{_RANGE.format('s')})?)\s*\)?\**\s*[:—–-]|"
    rf"(?i:\**lines?\s+{_RANGE.format('i')}\**\s*(?:[(\[](?P<failure>[^)\]\n]{{0,60}})[)\]]|(?=[:,—–-])))\**\s*[:,—–-]?|"
    rf"(?i:\**(?P<verdict>verdict)\b)\s*[:—–-]?"
    rf")\**\s*",
    re.MULTILINE,
)
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_ORDINAL = re.compile(
    rf"^(?P<before>[\W\d]*(?:strongest\s*[:(–—-]\s*)?)(?:the )?(?P<word>{'|'.join(_ORDINALS)}|last) line\b",
    re.IGNORECASE | re.MULTILINE,
)
_KINDS = "|".join(f"{kind[:-1]}[eé]d?" if kind == "cliche" else re.escape(kind) for kind in FAILURES)
_BY_WORDS = re.compile(
    rf"^(?P<before>[\W\d]*)(?P<strongest>strongest\b[^\w\n]*)?[“\"](?P<words>[^“”\"\n]{{3,120}})[”\"]\s*"
    rf"(?P<kind>\((?:{_KINDS})\))?(?=\s*[:–—-])",
    re.IGNORECASE | re.MULTILINE,
)
_SHAPES = tuple((re.compile(shape, re.IGNORECASE | re.MULTILINE), mark) for shape, mark in (
    (r"^[ \t>]*#{1,6}[ \t]+", ""),
    (r"\b(lines?)\s+#(?=\d)", r"\1 "),
    (r"^([\W\d]*)(?:the )?strongest(?: moment| line| part)?\s*[:(–—-]\s*\(?lines?\s+", r"\1STRONGEST line "),
    (r"^([\W\d]*)(?:the )?strongest(?: moment| line| part)?[ \t]*:?[ \t]*\n\W*lines?\s+", r"\1STRONGEST line "),
    (r"^([\W\d]*)strongest line\s*[:–—-]\s*(\d+)\b[ \t]*\(?([^()\n]*)\)?", r"\1STRONGEST line \2: \3"),
    (r"^([\W\d]*)strongest (?:moment at |at )?line (\d+)[ \t]*$", r"\1STRONGEST line \2:"),
    (r"^(\W*)L(?=\d{1,4}\b)", r"\1LINE "),
    (r"^(\W*)lines?\s+(\d+)\s+(?:is|was)\s+(?:the |your )?strongest\b\W*", r"\1STRONGEST line \2: "),
    (rf"^([\W\d]*lines?\s+\d[\d–-]*)\s*[:–—-]\s+({_KINDS})\s*[:–—-]\s", r"\1 (\2): "),
    (rf"^(\W*)(\d{{1,3}})\s*(?=\((?:{_KINDS})\))", r"\1LINE \2 "),
    (r"^([\W\d]*)(?:my |final |the )*verdict[ \t]*:?[ \t]*\n+\s*", r"\1VERDICT "),
    (r"^([\W\d]*)(?:my |final |the )+verdict\b", r"\1VERDICT"),
))  # fmt: skip
_TRY = re.compile(r"(?:^|(?<=\W))(?:(?:TRY|Try|try|Suggestion|SUGGESTION|Fix|FIX|Direction)\s*:|TRY\s[–—-]\s)\s*")
_VERDICT = re.compile(
    r"\W*(?P<no>(?:do |does |is |are |can)?not (?:yet )?(?:be )?)?"
    r"(?:(?P<approve>approv\w*|accept\w*|finished|done)|(?P<revise>revis\w*)|"
    r"(?P<over>start(?:ing)? (?:it )?over|restart))\b\W*",
    re.IGNORECASE,
)


_WORD = r"(?:approv\w*|accept\w*|revis\w*|start(?:ing)? over)"
#: What stands in a verdict and was not chosen: a list to choose from, words struck out, boxes left empty, questions.
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
    dropped: list[str] = []
    strongest: CritiqueItem | None = None
    items: list[CritiqueItem] = []
    verdicts: list[tuple[VerdictKind, str]] = []
    for mark, body in _parts(_as_marked(without_thinking(text), n_lines, lines)):
        if mark["verdict"]:
            verdicts += _verdict(body, dropped)
            continue
        item = _item(mark, body, n_lines, dropped)
        if item is not None and lines:
            item, said = placed(item, lines)
            dropped += [said] * bool(said)
        if item is None:
            continue
        if why := refused_advice(f"{item.note} {item.direction}"):
            dropped.append(f"a remark on line {item.first_line} was left out: {why}")
        elif item.failure == STRONGEST:
            strongest = strongest or item
        elif _is_wanted(item, items, dropped):
            items.append(item)
    if not verdicts:
        dropped.append("no verdict: read as revise")
    verdict, reason = verdicts[-1] if verdicts else ("revise", "")
    reason = "" if refused_advice(reason) else reason
    return ParsedCritique(
        strongest=strongest, items=tuple(items), verdict=verdict, reason=reason, dropped=tuple(dropped)
    )


def write_critique(critique: CritiqueParts) -> str:
    """The canonical text, one part a line: what the poet is given."""
    parts = [f"STRONGEST line {_span(item)}: {item.note}" for item in (critique.strongest,) if item]
    for item in critique.items:
        head = f"LINE{'S' * (item.last_line > item.first_line)} {_span(item)} ({item.failure})"
        parts.append(f"{head}: {item.note}" + f" TRY: {item.direction}" * bool(item.direction))
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
    "start over": "It wants to be begun again from another place.",
}


# ---------------------------------------------------------------- private


def _parts(text: str) -> Iterator[tuple[re.Match[str], str]]:
    """Each mark with the text up to the next one, as one line."""
    marks = list(_MARK.finditer(text))
    ends = [*(mark.start() for mark in marks), len(text)][1:]
    for mark, end in zip(marks, ends, strict=True):
        yield mark, " ".join(text[mark.end() : end].split()).strip("*").strip()


def _as_marked(text: str, n_lines: int, lines: Sequence[str]) -> str:
    """Other shapes as marks: objects, tables, bold labels, "Strongest: line 4", "the last line", words of a line."""
    plain = re.sub(r"\*\*|__|`", "", labelled(text))
    plain = _ORDINAL.sub(lambda found: f"{found['before']}line {_counted(found['word'], n_lines)}", plain)
    for shape, mark in _SHAPES:
        plain = shape.sub(mark, plain)
    return _BY_WORDS.sub(lambda found: _by_number(found, lines), plain)


def _counted(word: str, n_lines: int) -> int:
    return n_lines if word.casefold() == "last" else _ORDINALS.index(word.casefold()) + 1


def _by_number(found: re.Match[str], lines: Sequence[str]) -> str:
    """A part that names its line by the words in it, with their number; as it is where they are nowhere."""
    place = place_of([word.folded for word in words_of(found["words"])], lines)
    if place is None or not (found["strongest"] or found["kind"]):
        return found[0]
    head = f"STRONGEST line {place[0]}" if found["strongest"] else f"LINE {place[0]} {found['kind']}"
    return found["before"] + head


def _item(mark: re.Match[str], body: str, n_lines: int, dropped: list[str]) -> CritiqueItem | None:
    key = "s" if mark["strongest"] else "i"
    if not mark[key]:
        dropped.append("a strongest moment without its line")
        return None
    first = int(mark[key])
    last = int(mark[f"{key}_end"] or first)
    first, last = min(first, last), max(first, last)
    if not 1 <= first <= n_lines:
        dropped.append(f"line {first} does not exist; the poem has {n_lines}")
        return None
    if last > n_lines:
        dropped.append(f"lines {first}-{last} end after the poem; read as {first}-{n_lines}")
        last = n_lines
    failure = STRONGEST if mark["strongest"] else failure_named(mark["failure"] or "")
    note, direction = (body, "") if mark["strongest"] else _note_and_direction(body)
    if not note and not direction:
        dropped.append(f"line {first} was named, and nothing said of it")
        return None
    id_ = content_id("item", str(first), str(last), failure, note, direction)
    return CritiqueItem(id=id_, first_line=first, last_line=last, failure=failure, note=note, direction=direction)


def _note_and_direction(body: str) -> tuple[str, str]:
    pieces = _TRY.split(body, maxsplit=1)
    return pieces[0].strip(), pieces[1].strip() if len(pieces) > 1 else ""


def _is_wanted(item: CritiqueItem, items: list[CritiqueItem], dropped: list[str]) -> bool:
    same = any((one.first_line, one.last_line, one.failure) == (item.first_line, item.last_line, item.failure)
               or one.note == item.note for one in items)  # fmt: skip
    if same:
        dropped.append(f"line {item.first_line} was said twice")
    elif len(items) == MOST_ITEMS:
        dropped.append(f"more than {MOST_ITEMS} failures; line {item.first_line} was left out")
    return not same and len(items) < MOST_ITEMS


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
    found = _VERDICT.match(body)
    if not found:
        dropped.append("a verdict that is neither approve, revise nor start over")
        return []
    reason = body[found.end() :].strip()
    if found["over"] and not found["no"]:
        return [("start over", reason)]
    return [("approve" if found["approve"] and not found["no"] else "revise", reason)]


def _span(item: CritiqueItem) -> str:
    return str(item.first_line) if item.first_line == item.last_line else f"{item.first_line}-{item.last_line}"
