"""A person's direction for the next draft, as far as it names lines: "change only line 8", "the last line is weak".

What it names is written anew and all else stays; a direction that names no line is for the whole poem. It errs towards
the whole poem, which a person then takes or refuses line by line. Knows no model.
"""

import re
from collections.abc import Sequence

from workbench.prosody.words import words_of
from workbench.revision.types import Draft
from workbench.writing.types import LineOrder

#: How a person names lines in a direction, and sentences that name what is to stay.
_NUMBERED = re.compile(r"\blines?\s+((?:\d+(?:\s*(?:-|–|to|,|and|&)\s*)?)+)", re.IGNORECASE)
_PLACED = re.compile(r"\b(first|opening|last|final|closing)\s+line\b", re.IGNORECASE)
_QUOTED = re.compile(r"(?<!\w)[\"“‘'](\S[^\"“”‘’\n]{0,200}?)[\"”’'](?!\w)")
_SPARES = re.compile(
    r"\b(?:keep|leave|spare|untouched|stays?|except|apart from|but for|(?:do not|don['’]t) (?:change|touch|alter))\b",
    re.IGNORECASE,
)
#: What is more than another line in a line's place.
_REBUILDS = re.compile(
    r"\b(?:add|insert|(?:cut|delete|remove|drop|move|swap|join|merge|split) (?:the |out )?(?:\w+ )?lines?)\b",
    re.IGNORECASE,
)
_ONLY = re.compile(r"\b(?:only|just)\b", re.IGNORECASE)


def wished_order(draft: Draft, direction: str, *, form: str) -> LineOrder | None:
    """What a person's direction asks for, as lines; None where it does not name them: then it is for the whole poem."""
    numbers = lines_wished(direction, draft.lines)
    if not numbers:
        return None
    quoted = [match[1] for match in _QUOTED.finditer(direction)]
    barred = {number: tuple((word.lower(),) for quote in quoted if quote in draft.lines[number - 1]
                            for word in words_of(quote)) for number in numbers}  # fmt: skip
    return LineOrder(title=draft.title, text=draft.text, numbers=numbers, form=form, barred=barred,
                     notes=dict.fromkeys(numbers, direction))  # fmt: skip


def lines_wished(direction: str, lines: Sequence[str]) -> tuple[int, ...]:
    """The lines that a direction asks to change: by number, as the first or last, or by words quoted out of them.

    A sentence that asks to keep something names nothing. Where another one names no line, the whole poem is meant,
    unless one says “only”.

    >>> lines_wished("Keep every line. Change only line 2, it is too long.", ["a rope", "a long wet rope", "a boat"])
    (2,)
    >>> lines_wished("Make it darker. Look at line 2.", ["a rope", "a long wet rope"])
    ()
    """
    asked = [part for part in re.split(r"(?<=[.;!?])\s+|\n", direction) if part.strip() and not _SPARES.search(part)]
    if any(map(_REBUILDS.search, asked)):
        return ()
    named = [_lines_in(part, lines) for part in asked]
    is_only = any(numbers and _ONLY.search(part) for part, numbers in zip(asked, named, strict=True))
    names_all = bool(named) and all(named)
    return tuple(sorted(set().union(*named))) if is_only or names_all else ()


def _lines_in(sentence: str, lines: Sequence[str]) -> set[int]:
    numbers: set[int] = set()
    for match in _NUMBERED.finditer(sentence):
        for first, last in re.findall(r"(\d+)(?:\s*(?:-|–|to)\s*(\d+))?", match[1]):
            numbers |= set(range(int(first), min(int(last or first), len(lines)) + 1))
    for match in _PLACED.finditer(sentence):
        numbers.add(1 if match[1].lower() in ("first", "opening") else len(lines))
    quotes = [match[1].lower() for match in _QUOTED.finditer(sentence)]
    numbers |= {n for n, line in enumerate(lines, 1) for quote in quotes if not numbers and quote in line.lower()}
    return {number for number in numbers if 1 <= number <= len(lines)}
