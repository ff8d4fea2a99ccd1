"""What files print with a poem that is not verse: headings, stanza numbers, dedications, epigraphs, ornaments.

A poem that is judged with them is judged wrongly: a number that stands alone is heard as a line of one foot. What is
passed over is said. It errs towards verse: a line that may be one stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from workbench.prosody.words import words_of

_ROMAN = r"(?=[IVXLC])(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})"
_NUMERAL = re.compile(rf"\s*[\[(]?(?:(\d+)|({_ROMAN}))([.:)\]]*)\s*")
_HEADING = re.compile(r"\s*#{1,6}\s+\S")
_SOURCE = re.compile(r"\s*(?:--|[—–])\s*[A-Z]")  # who an epigraph is by
#: For Ann · to my sister · in memory of the old ferry: a name, someone of the poet's, or words that only dedicate.
_DEDICATION = re.compile(
    r"\s*[*_]{0,2}(?:(?:[Ff]or|[Tt]o|[Aa]fter) (?:(?:my|our) \w+|[A-Z]\w+)(?: (?:and|[A-Z][\w.]*))*"
    r"|(?:[Ii]n memory of|[Ii]n memoriam|[Ii]\.\s?[Mm]\.|[Dd]edicated to|[Ww]ith apologies to) .{1,40})[*_]{0,2}\s*"
)
_ENDS_VERSE = re.compile(r"[,.;:!?—–…'\"”’-]\s*$")
_LONGEST_TITLE, _LONGEST_EPIGRAPH, _FEWEST_LINES = 8, 4, 4  # words, lines, lines of verse below a title
_INDENT, _WIDE, _FEW_WORDS, _MOST_TURNED = "   ", 30, 2, 0.34  # of lines that were turned over
_SMALL = frozenset(re.findall(r"\w+", "a an and as at but by for from in into nor of on or the to upon with"))


@dataclass(frozen=True, slots=True)
class Verse:
    """A poem without what is printed with it."""

    text: str
    passed_over: tuple[str, ...]  # the lines that are not verse, in order
    n_joined: int = 0  # ends of lines that were turned over, joined to their lines again


def verse_of(text: str) -> Verse:
    r"""The verse of a printed poem.

    >>> verse_of("# Two Songs\nfor Ann\n\nI\n\nThe tide is out,\nthe lamp is lit,\n\nII\n\nthe boat has gone\nand I with it.")
    Verse(text='The tide is out,\nthe lamp is lit,\n\nthe boat has gone\nand I with it.', passed_over=('# Two Songs', 'for Ann', 'I', 'II'))
    """  # noqa: E501 - one poem
    blocks = re.split(r"\n(?:[ \t]*\n)+", text.replace("\r\n", "\n"))
    stanzas = [block.strip("\n").split("\n") for block in blocks if block.strip()]
    n_front = _n_front(stanzas)
    passed = [line for stanza in stanzas[:n_front] for line in stanza]
    stanzas = stanzas[n_front:]
    numbered = _are_numbered(stanzas)
    kept = []
    for stanza in stanzas:
        is_head = bool(stanza) and (_is_ornament(stanza[0]) or (numbered and _is_numeral(stanza[0])))
        passed += stanza[:is_head]
        kept += [stanza[is_head:]] if stanza[is_head:] else []
    kept, n_joined = _joined(kept)
    if not kept or not (passed or n_joined):
        return Verse(text=text, passed_over=())
    whole = "\n\n".join(map("\n".join, kept))
    return Verse(text=whole, passed_over=tuple(line.strip() for line in passed), n_joined=n_joined)


def _joined(stanzas: list[list[str]]) -> tuple[list[list[str]], int]:
    """Lines that a narrow column turned over are whole again, where nothing else is set in so far."""
    lines = [line for stanza in stanzas for line in stanza]
    places = [(one, two) for stanza in stanzas for one, two in pairwise(stanza) if _is_turned_over(one, two)]
    n_indented = sum(line.startswith(_INDENT) for line in lines)
    if not places or n_indented > len(places) or len(places) > _MOST_TURNED * len(lines):
        return stanzas, 0
    whole: list[list[str]] = []
    for stanza in stanzas:
        whole.append([])
        for line in stanza:
            if whole[-1] and _is_turned_over(whole[-1][-1], line):
                whole[-1][-1] = f"{whole[-1][-1].rstrip()} {line.strip()}"
            else:
                whole[-1].append(line)
    return whole, len(places)


def _is_turned_over(line: str, after: str) -> bool:
    is_long = len(line) >= _WIDE and not line.startswith(" ") and not _ENDS_VERSE.search(line)
    return is_long and after.startswith(_INDENT) and len(words_of(after)) <= _FEW_WORDS


def _n_front(stanzas: Sequence[Sequence[str]]) -> int:
    """How many stanzas come before the verse: heading, title, dedication, epigraph."""
    n_front = 0
    while n_front < len(stanzas) - 1 and _is_front(stanzas, n_front):
        n_front += 1
    return n_front


def _is_front(stanzas: Sequence[Sequence[str]], place: int) -> bool:
    stanza = stanzas[place]
    whole = " ".join(line.strip() for line in stanza)
    if _HEADING.match(stanza[0]) or (len(stanza) <= 2 and whole[0] in "([" and whole[-1] in ")]"):
        return not _is_numeral(whole)
    if 1 < len(stanza) <= _LONGEST_EPIGRAPH and _SOURCE.match(stanza[-1]):
        return True
    others = [line for other in stanzas[place + 1 :] for line in other]
    if _DEDICATION.fullmatch(stanza[-1]) and len(others) >= _FEWEST_LINES and not _returns(stanza[-1], others):
        return len(stanza) == 1 or (len(stanza) == 2 and _is_title(stanza[:1], others))
    return place == 0 and _is_title(stanza, others)


def _is_title(stanza: Sequence[str], others: Sequence[str]) -> bool:
    """One line in capitals as titles have them, without a mark at its end, which does not return as a refrain."""
    words = words_of(stanza[0])
    is_short = len(stanza) == 1 and 0 < len(words) <= _LONGEST_TITLE and len(others) >= _FEWEST_LINES
    if not is_short or _ENDS_VERSE.search(stanza[0]) or _is_numeral(stanza[0]):
        return False
    is_written_so = all(word[0].isupper() or word in _SMALL or not word[0].isalpha() for word in words)
    n_capitals = sum(word[0].isupper() for word in words)
    return (
        is_written_so
        and not _returns(stanza[0], others)
        and (n_capitals > 1 or (len(words) == 1 and words[0].isupper()))
    )


def _returns(line: str, others: Sequence[str]) -> bool:
    """Whether a line comes again as a refrain, whatever its marks."""
    return line.strip().lower() in {other.strip(" .,;:!?").lower() for other in others}


def _are_numbered(stanzas: Sequence[Sequence[str]]) -> bool:
    """Whether the stanzas carry numbers; a single I may be a person."""
    heads = list(_numerals(stanzas))
    return len(heads) > 1 or any(is_sure for is_sure in heads)


def _numerals(stanzas: Sequence[Sequence[str]]) -> Iterator[bool]:
    """For each stanza headed by a number whether it can be nothing else."""
    for stanza in stanzas:
        match = _NUMERAL.fullmatch(stanza[0])
        if match and any(match.groups()[:2]):
            yield bool(match[1] or match[3])


def _is_numeral(line: str) -> bool:
    match = _NUMERAL.fullmatch(line)
    return bool(match) and any(match.groups()[:2])  # type: ignore[union-attr]  # bool(match) says that it is one


def _is_ornament(line: str) -> bool:
    return not any(map(str.isalnum, line))
