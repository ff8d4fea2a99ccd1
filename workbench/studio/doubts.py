"""Lines of a draft that may be talk: the person is asked, and takes them off with a click.

The reader of replies keeps what may be verse and says so in a remark that quotes it. Here the quoted lines are found
again in the draft. What is left without them is a new draft of the person's; the one with them stays in the list.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from workbench.errors import InputError
from workbench.revision.types import Draft, Trace
from workbench.revision.verse import KEPT, MOST_SHOWN
from workbench.studio.steps import own_draft

_DOUBT = re.compile(rf"{KEPT}, though it may be talk: “(?P<said>.*)”", re.DOTALL)
_PLACE = re.compile(r"(?P<draft>\w+):(?P<first>\d{1,4}):(?P<last>\d{1,4})")

Span = tuple[int, int]  # first and last line, from 1 over all lines that are not empty


def doubted_in(draft: Draft) -> list[Span]:
    """The lines that the remarks of a draft say may be talk, in their order; those that are there no more are not."""
    said = [found["said"] for remark in draft.remarks if (found := _DOUBT.fullmatch(remark))]
    spans = [span for one in said if (span := _span_of(one, draft.lines))]
    return sorted(set(spans))


def place_told(draft: Draft, span: Span) -> str:
    """What a button sends of the lines that it takes off."""
    return f"{draft.id}:{span[0]}:{span[1]}"


def taken_off(trace: Trace, told: str, *, form: str) -> Trace:
    """The session with a newest draft that lacks the lines of a doubt; the other doubts remain.

    Args:
        trace: its newest draft has doubts.
        told: the lines, as `place_told` writes them.
        form: of the session.

    Raises:
        InputError: it is of another draft, these lines are not in doubt, or nothing would be left.
    """
    last = trace.rounds[-1].draft
    found = _PLACE.fullmatch(told)
    span = (int(found["first"]), int(found["last"])) if found else (0, 0)
    if not found or found["draft"] != last.id or span not in doubted_in(last):
        raise InputError("these lines are not in doubt in the newest draft; load the page again")
    text = text_without(last.text, span)
    if not text:
        raise InputError("nothing of the poem would be left; change it yourself below")
    changed = own_draft(trace, f"Title: {last.title}\n\n{text}", form=form)
    newest = changed.rounds[-1]
    others = tuple(remark for remark in last.remarks
                   if (one := _DOUBT.fullmatch(remark)) and _span_of(one["said"], last.lines) != span)  # fmt: skip
    kept = replace(newest, draft=replace(newest.draft, remarks=others))
    return replace(changed, rounds=(*changed.rounds[:-1], kept))


def text_without(text: str, span: Span) -> str:
    r"""A poem without a run of its lines; stanzas that it leaves empty close up.

    >>> text_without("Rope\n\nIt is wet.\nNobody waves.\n\n— a machine", (4, 4))
    'Rope\n\nIt is wet.\nNobody waves.'
    """
    number, kept = 0, []
    for line in text.split("\n"):
        number += bool(line.strip())
        if not line.strip() or not span[0] <= number <= span[1]:
            kept.append(line)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip("\n")


def _span_of(said: str, lines: Sequence[str]) -> Span | None:
    """Where the quoted lines are, by their letters; what was cut off the quotation is not looked for."""
    wanted = _letters(said)
    for first in range(len(lines)):
        for last in range(first, len(lines)):
            letters = _letters("".join(lines[first : last + 1]))
            if letters == wanted or (len(said) >= MOST_SHOWN and letters.startswith(wanted)):
                return first + 1, last + 1
            if not wanted.startswith(letters):
                break
    return None


def _letters(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())
