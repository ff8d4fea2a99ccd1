"""Two drafts line by line as HTML: signs, the words that went and came, and a person's choice for every line.

+ new   − cut   ~ edited   > moved   (blank) kept: the sign says what the colour says. The choices are plain form
elements; `studio.js` tells the page of every change to them.
"""

import difflib
import re
from collections.abc import Sequence
from html import escape

from workbench.revision.ledger import answers_a_person, apply_decisions, keeps_strongest
from workbench.revision.types import LineChange, Round, Trace
from workbench.ui.html import note_html, poem_html

_MARKS = {"kept": " ", "edited": "~", "moved": ">", "cut": "−", "new": "+"}
_CHOICES = {
    "edited": (("accepted", "take the new line"), ("rejected", "keep the old line"), ("edited", "my own:")),
    "new": (("accepted", "take it"), ("rejected", "leave it out"), ("edited", "my own:")),
    "cut": (("accepted", "let it go"), ("rejected", "keep it"), ("edited", "my own:")),
    "moved": (("accepted", "move it"), ("rejected", "leave it where it was"), ("edited", "my own:")),
}
_OUTCOMES = {"done": "✓ done", "partly": "◐ partly", "ignored": "○ ignored", "elsewhere": "↷ elsewhere"}
_WORDS = re.compile(r"\s+|[^\s]+")


def deciding_html(trace: Trace) -> str:
    """The last draft against the one before, line by line, with the choices."""
    before, one = trace.rounds[-2], trace.rounds[-1]
    rows = "".join(_choice_html(change) for change in one.changes)
    is_own = answers_a_person(trace.rounds)
    stays = "This is your poem: a line of yours stays until you take the new one."
    usual = stays if is_own else "What you leave as it is, is taken."
    return (
        f'<section class="wb-card wb-decisions" data-session="{escape(trace.id)}" '
        f'data-draft="{escape(one.draft.id)}" aria-label="Line by line"><h2>Line by line</h2>'
        f'<p class="wb-note">{usual} {_legend()}</p>'
        f'<p><button type="button" class="wb-all" data-all="accepted">Take all</button> '
        f'<button type="button" class="wb-all" data-all="rejected">Keep all the old lines</button></p>'
        f'<ol class="wb-diff">{rows}</ol></section>{_responses_html(before, one)}'
    )


def decided_text(trace: Trace) -> str:
    """The poem that the decisions on the last draft make at this moment."""
    return apply_decisions(trace.rounds[-2].draft.text, trace.rounds[-1].draft.text, trace.rounds[-1].changes)


def as_decided_html(trace: Trace) -> str:
    """The same, to read."""
    one = trace.rounds[-1]
    n_kept = sum(change.decision == "rejected" for change in one.changes)
    n_own = sum(change.decision == "edited" for change in one.changes)
    n_changed = sum(change.kind != "kept" for change in one.changes)
    told = f"{n_kept} refused, {n_own} of your own" if n_kept or n_own else "all of the poet's changes are taken"
    told = "every line is as you wrote it" if n_kept == n_changed and answers_a_person(trace.rounds) else told
    return (
        f'<section class="wb-card" aria-label="The poem as you have decided"><h2>As it stands with your choices</h2>'
        f"{poem_html(trace.rounds[-2].draft.title, decided_text(trace))}{note_html(told)}</section>"
    )


def changes_html(trace: Trace, one: Round) -> str:
    """What changed since the draft before, without choices."""
    if not one.changes or not one.number:
        return ""
    rows = "".join(f'<li class="wb-{change.kind}">{_line_html(change)}</li>' for change in one.changes)
    before, counted = trace.rounds[one.number - 1], escape(", ".join(kinds_counted(one)))
    return (
        f'<details class="wb-card"><summary>What changed since draft {one.number}: {counted}</summary>'
        f'<p class="wb-note">{_legend()}</p><ol class="wb-diff">{rows}</ol></details>'
        f"{_responses_html(before, one)}"
    )


def word_diff(before: str, after: str) -> tuple[str, str]:
    """Two lines as HTML, the words that differ underlined.

    >>> word_diff("a cold rope", "a wet rope")
    ('a <u>cold</u> rope', 'a <u>wet</u> rope')
    """
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    sides: tuple[list[str], list[str]] = ([], [])
    for kind, a, b, c, d in difflib.SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        for side, words in zip(sides, (old[a:b], new[c:d]), strict=True):
            side.append(_underlined(words, is_changed=kind != "equal"))
    return "".join(sides[0]), "".join(sides[1])


def kinds_counted(one: Round) -> list[str]:
    """How many lines of each kind, in words."""
    counts = {kind: sum(change.kind == kind for change in one.changes) for kind in _MARKS}
    return [f"{n} {kind}" for kind, n in counts.items() if n]


def _responses_html(before: Round, one: Round) -> str:
    """What the draft did about each remark on the one before."""
    if before.critique is None or not one.responses:
        return ""
    items = {item.id: (number, item) for number, item in enumerate(before.critique.items, 1)}
    rows = [
        f"<li><strong>{_OUTCOMES[response.outcome]}</strong>: remark {items[response.item_id][0]}, "
        f"{escape(items[response.item_id][1].note)} <small>{escape(response.evidence)}</small></li>"
        for response in one.responses
        if response.item_id in items
    ]
    kept = keeps_strongest(before.critique, one.changes)
    strongest = "" if kept is None else f"<li>The strongest moment {'is untouched' if kept else 'was touched'}.</li>"
    return (
        f'<details class="wb-card" open><summary>What it did about the critique of draft {before.number + 1}</summary>'
        f'<ul class="wb-history">{"".join(rows)}{strongest}</ul></details>'
    )


def _legend() -> str:
    return "Signs: " + ", ".join(f"<b>{escape(mark)}</b> {kind}" for kind, mark in _MARKS.items() if mark.strip()) + "."


def _line_html(change: LineChange, *, after: str | None = None) -> str:
    """One row of the diff: its sign, and the words that went and came."""
    mark = f'<span class="wb-mark" role="img" aria-label="{change.kind}">{_MARKS[change.kind]}</span>'
    new = change.after if after is None else after
    if change.kind == "edited":
        old_html, new_html = word_diff(change.before, new)
        return f'{mark}<span class="wb-pair"><del>{old_html}</del><ins>{new_html}</ins></span>'
    if change.kind == "cut":
        return f'{mark}<span class="wb-pair"><del>{escape(change.before)}</del></span>'
    if change.kind == "new":
        return f'{mark}<span class="wb-pair"><ins>{escape(new)}</ins></span>'
    moved = f" <small>(was line {change.before_line})</small>" if change.kind == "moved" else ""
    return f'{mark}<span class="wb-pair">{escape(new)}{moved}</span>'


def _choice_html(change: LineChange) -> str:
    """A row of the diff with its choices; a kept line has none."""
    if change.kind == "kept":
        return f'<li class="wb-kept">{_line_html(change)}</li>'
    chosen = "accepted" if change.decision == "undecided" else change.decision
    own = change.after if change.decision == "edited" else change.after or change.before
    shown = None if change.decision != "edited" else change.after
    number = change.after_line or change.before_line
    inputs = "".join(
        f'<label><input type="radio" name="d-{change.id}" value="{value}"{" checked" * (value == chosen)}> '
        f"{said}</label>"
        for value, said in _CHOICES[change.kind]
    )
    field = (
        f'<input type="text" class="wb-own" value="{escape(own)}" aria-label="Your own words for line {number}" '
        f'maxlength="400">'
    )
    return (
        f'<li class="wb-{change.kind}">{_line_html(change, after=shown)}'
        f'<fieldset class="wb-decide" data-change="{change.id}"><legend>Line {number}: {change.kind}</legend>'
        f"{inputs}{field}</fieldset></li>"
    )


def _underlined(words: Sequence[str], *, is_changed: bool) -> str:
    text = escape("".join(words))
    return f"<u>{text}</u>" if is_changed and text.strip() else text
