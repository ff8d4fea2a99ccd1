"""The studio as HTML: a draft with its critique beside it, its prosody, the history, what is being written.

Every text of a poem, a model or a person is escaped.
"""

import time
from dataclasses import replace
from functools import lru_cache
from html import escape

from workbench.engines.names import display_name
from workbench.errors import WorkbenchError
from workbench.prosody import ProsodyReport, prosody_report
from workbench.prosody.front_matter import verse_of
from workbench.revision.alignment import align
from workbench.revision.draft_checks import judge_form
from workbench.revision.refusals import fit_to_show
from workbench.revision.types import Brief, Critique, CritiqueItem, Draft, Round, Trace
from workbench.studio.doubts import doubted_in, place_told
from workbench.studio.own_poems import VERDICTS
from workbench.studio.queue import Live
from workbench.ui.html import facts_html, not_counted_html, note_html, prose_html
from workbench.ui.studio.data import SessionView
from workbench.ui.studio.diff import as_decided_html, changes_html, decided_text, deciding_html, kinds_counted
from workbench.ui.studio.trust import heading_of

_WRITING = {
    "brief": "The educator writes the brief", "draft": "The poet writes draft {n}", "talk": "Model {n} answers",
    "critique": "The educator reads draft {n}", "revise": "The poet revises: draft {n}", "test": "It is asked",
    "control": "The poet writes the control", "final_note": "The educator's last word",
}  # fmt: skip
_MOST_QUOTED = 4
_AUTHORS = {"poet": "by the poet", "person": "yours", "control": "control"}


def live_html(live: Live, *, now: float | None = None) -> str:
    """What is being written at this moment, or how it ended."""
    seconds = f"{max(0.0, (time.time() if now is None else now) - live.began):.0f} s"
    if live.state == "waiting":
        return note_html(f"… Your turn comes next; the first time, the models are loaded before it. {seconds}")
    if live.state == "loading":
        return _note_of(live) + note_html(f"… Reading. {seconds}; “Stop” ends it.")
    if live.state == "writing":
        what = _WRITING.get(live.kind, live.kind).format(n=live.place + 1)
        again = f", attempt {live.attempt + 1} (the last answer was unusable)" if live.attempt else ""
        return (
            f'{_note_of(live)}<section class="wb-card wb-writing"><p class="wb-by">✎ {escape(what + again)} … '
            f"{seconds}</p>{prose_html(fit_to_show(live.text))}</section>"
        )
    if live.state == "failed":
        return note_html(live.note or "it failed", "bad")
    return note_html("Stopped; what was done before is kept.") if live.state == "stopped" else _note_of(live)


def session_html(view: SessionView, number: int, *, is_deciding: bool = False) -> str:
    """One draft of a session: the last one as a diff to decide on, or any as a poem beside its critique."""
    trace = view.trace
    head = _request_html(trace, view.form)
    if not trace.rounds:
        return head + _brief_html(trace.brief)
    one = next((one for one in trace.rounds if one.number == number), trace.rounds[-1])
    body = deciding_html(trace) if is_deciding else reading_html(one, view.form) + changes_html(trace, one)
    return f"{head}{_heading(trace, one, view.form)}{body}{_end_html(trace, one)}{_brief_html(trace.brief)}"


def choices_html(trace: Trace, form: str) -> str:
    """The poem that a person's choices make, and its prosody."""
    return as_decided_html(trace) + heard_html(decided_text(trace), form)


def reading_html(one: Round, form: str) -> str:
    """The poem with the lines that the critique cites marked, and the critique, each part linked to its lines."""
    marks = _marks(one.critique)
    poem = (
        f'<article class="wb-poem" dir="auto"><h2 class="wb-title">{escape(one.draft.title)}</h2>'
        f'<div class="wb-lines">{_marked_lines(one.draft, marks)}</div></article>'
    )
    said = _critique_html(one) if one.critique else note_html("No critique of this draft yet.")
    return (
        f'<div class="wb-two"><section class="wb-card" aria-label="The draft">{poem}</section>'
        f'<section class="wb-card" aria-label="The critique"><h2>What the educator says</h2>{said}</section></div>'
        f"{heard_html(one.draft.text, form)}"
    )


def heard_html(text: str, form: str) -> str:
    """The prosody of a draft."""
    return (
        f'<details class="wb-card wb-heard"><summary>Prosody: rhyme, syllables, feet</summary>'
        f"{_heard(text, form)}</details>"
    )


def history_html(trace: Trace) -> str:
    """Every draft on a line: whose, what became of it, the best marked."""
    rows = []
    for one in trace.rounds:
        facts = [_AUTHORS.get(one.draft.author, one.draft.author), *_counted(trace, one)]
        if one.critique and one.critique.verdict != "none":
            facts.append(f"verdict: {one.critique.verdict}")
        best = '<strong class="wb-best">★ the best so far</strong> · ' if is_starred(trace, one) else ""
        asked = f" · asked for: {escape(one.direction)}" if one.direction else ""
        rows.append(f"<li><strong>Draft {one.number + 1}</strong> · {best}{escape(' · '.join(facts))}{asked}</li>")
    useless = [f"<li>{escape(one.kind)}: {escape(one.why)}</li>" for one in trace.rejected]
    counted = "One unusable answer was" if len(useless) == 1 else f"{len(useless)} unusable answers were"
    more = f"<details><summary>{counted} retried</summary><ul>{''.join(useless)}</ul></details>" if useless else ""
    return f'<ul class="wb-history">{"".join(rows)}</ul>{more}'


# ---------------------------------------------------------------- pieces


def is_starred(trace: Trace, one: Round) -> bool:
    """Whether it is the best of several; a single draft is not a best one."""
    return len(trace.rounds) > 1 and one.number == trace.best


def _counted(trace: Trace, one: Round) -> list[str]:
    """What changed; a person's draft out of a poet's answer is set beside the draft that the poet was given."""
    answer = next((each for each in trace.rounds if each.draft.id == one.draft.parent_id), None)
    is_decided = answer is not None and one.draft.author == "person" and answer.draft.author == "poet"
    if not is_decided or answer is None or not answer.number:
        return kinds_counted(one)
    given = trace.rounds[answer.number - 1].draft
    changes = align(given.lines, one.draft.lines, of=(given.id, one.draft.id))
    return [f"beside draft {given.number + 1}: {', '.join(kinds_counted(replace(one, changes=changes)))}"]


@lru_cache(maxsize=128)
def _heard(text: str, form: str) -> str:
    """The prosody; a form is held against it by name only where it is not the one that is heard anyway."""
    try:
        verse = verse_of(text)
        heard = prosody_report(verse.text)
        report = prosody_report(verse.text, form=form) if form and form not in (heard.form, _variant(heard)) else heard
    except WorkbenchError as exc:
        return note_html(str(exc), "bad")
    return not_counted_html(verse.passed_over) + report.to_html()


def _variant(report: ProsodyReport) -> str:
    return report.check.variant if report.check else ""


def _note_of(live: Live) -> str:
    return note_html(live.note)


def _request_html(trace: Trace, form: str) -> str:
    voices = f"educator: {display_name(trace.educator)} · poet: {display_name(trace.poet)}"
    voices += f" · held against the form: {form}" if form else ""
    return f'<h1 class="wb-name wb-request">{escape(heading_of(trace))}</h1><p class="wb-by">{escape(voices)}</p>'


def _heading(trace: Trace, one: Round, form: str) -> str:
    parts = [f"Draft {one.number + 1} of {len(trace.rounds)}", _AUTHORS.get(one.draft.author, one.draft.author)]
    if is_starred(trace, one):
        parts.append("★ the best so far")
    passed = judge_form(one.draft.text, form).passed if form else None
    parts += [] if passed is None else [f"{form}: kept" if passed else f"{form}: not kept, as Prosody says below"]
    told = note_html(f"In the poet's answer: {'; '.join(one.draft.remarks)}.") if one.draft.remarks else ""
    return f'<p class="wb-heading">{escape(" · ".join(parts))}</p>{told}{_doubts_html(trace, one)}'


def _doubts_html(trace: Trace, one: Round) -> str:
    """A button for each run of lines of the newest draft that may be talk."""
    if one is not trace.rounds[-1]:
        return ""
    buttons = [
        f'<p><button type="button" class="wb-all" data-off="{place_told(one.draft, span)}">Not part of the poem: '
        f"take off {_lines_named(span)}, “{escape(one.draft.lines[span[0] - 1][:60])}”</button></p>"
        for span in doubted_in(one.draft)
    ]
    return "".join(buttons)


def _lines_named(span: tuple[int, int]) -> str:
    first, last = span
    return f"line {first}" if first == last else f"lines {first} to {last}"


def _end_html(trace: Trace, one: Round) -> str:
    if one is not trace.rounds[-1]:
        return ""
    note = f'<section class="wb-card"><h3>The educator\'s last word</h3>{prose_html(trace.final_note)}</section>'
    ended = f"It came to rest because {trace.stop.sentence}. You can continue all the same." if trace.stop else ""
    return note * bool(trace.final_note) + note_html(ended)


def _brief_html(brief: Brief | None) -> str:
    if brief is None or not brief.text:  # a person's own poem needs none
        return ""
    facts = [("angle", brief.angle), ("avoid", "; ".join(brief.avoid)), ("images from", brief.images_from),
             ("form", brief.form or brief.form_name), ("sound", brief.sound), ("turn", brief.turn)]  # fmt: skip
    told = facts_html((name, value) for name, value in facts if value)
    lacks = note_html(f"The educator left out: {', '.join(brief.missing)}.") if brief.missing else ""
    return f'<details class="wb-card"><summary>The brief that the poet was given</summary>{told}{lacks}</details>'


def _marks(critique: Critique | None) -> dict[int, list[str]]:
    """By line: the signs of what cites it; ★ is the strongest moment."""
    found: dict[int, list[str]] = {}
    if critique is None:
        return found
    parts = [("★", critique.strongest), *((str(number), item) for number, item in enumerate(critique.items, 1))]
    for sign, item in parts:
        for line in range(item.first_line, item.last_line + 1) if item else ():
            found.setdefault(line, []).append(sign)
    return found


def _marked_lines(draft: Draft, marks: dict[int, list[str]]) -> str:
    number, shown = 0, []
    for line in draft.text.split("\n"):
        if not line.strip():
            shown.append("")
            continue
        number += 1
        signs = marks.get(number, [])
        cites = "".join(
            f'<a class="wb-cite" href="#said-{draft.number}-{name}" aria-label="to remark {name}">{sign}</a>'
            for sign, name in ((sign, _slug(sign)) for sign in signs)
        )
        kind = " wb-strong" if signs == ["★"] else " wb-cited" if signs else ""
        shown.append(
            f'<span class="wb-l{kind}" id="line-{draft.number}-{number}" data-n="{number}">{escape(line)}</span>{cites}'
        )
    return "\n".join(shown)


def _critique_html(one: Round) -> str:
    critique = one.critique
    if critique is None:
        return ""
    parts = [_item_html(one, critique.strongest, "★")] if critique.strongest else []
    parts += [_item_html(one, item, str(number)) for number, item in enumerate(critique.items, 1)]
    verdict = {"approve": "The poem has found its shape.", "revise": "It needs another revision.",
               "start over": "It needs a new start from another place.",
               "none": "No verdict."}[critique.verdict]  # fmt: skip
    is_gated = critique.verdict not in (critique.said, "none")
    gate = note_html("The educator liked it; the form is not kept.") if is_gated else ""
    return (
        f'<ol class="wb-said">{"".join(parts)}</ol>'
        f"{note_html(_HEEDED) if critique.items else ''}"
        f'<p class="wb-verdict"><strong>{verdict}</strong> {escape(critique.reason)}</p>{gate}'
    )


_HEEDED = "What you call wrong, or leave for later, the poet is not told."


def _item_html(one: Round, item: CritiqueItem, sign: str) -> str:
    first, last = item.first_line, item.last_line
    lines = f"line {first}" if first == last else f"lines {first} to {last}"
    kind = "the strongest moment" if sign == "★" else item.failure if item.failure != "other" else ""
    advice = f'<p class="wb-try">Try: {escape(item.direction)}</p>' if item.direction else ""
    advice += note_html("You refused it: the poet was not told.") if item.refused else ""
    return (
        f'<li id="said-{one.number}-{_slug(sign)}" data-from="{first}" data-to="{last}" tabindex="0"{_told(one, item)}>'
        f'<p class="wb-by"><span class="wb-sign">{sign}</span> <a href="#line-{one.number}-{first}">{lines}</a>'
        f"{' · ' + escape(kind) if kind else ''}</p>{_quoted(one.draft, item)}<p>{escape(item.note)}</p>{advice}"
        f'<p class="wb-verdicts" role="group" aria-label="Your word on this remark">{_VERDICT_BUTTONS}</p></li>'
    )


_VERDICT_BUTTONS = "".join(
    f'<button type="button" data-verdict="{verdict}" aria-pressed="false">{verdict}</button>' for verdict in VERDICTS
)


def _quoted(draft: Draft, item: CritiqueItem) -> str:
    """The lines that a remark is about, where it is beside them."""
    lines = draft.lines[item.first_line - 1 : item.last_line][:_MOST_QUOTED]
    return f'<blockquote class="wb-quoted">{"<br>".join(map(escape, lines))}</blockquote>' if lines else ""


def _told(one: Round, item: CritiqueItem) -> str:
    """What is kept with a person's word on a remark, so that it can become a training pair."""
    facts = {"session": one.draft.id, "item": item.id, "poem": one.draft.text,
             "text": f"{item.note} {item.direction}".strip()}  # fmt: skip
    return "".join(f' data-{name}="{escape(value)}"' for name, value in facts.items())


def _slug(sign: str) -> str:
    return "strongest" if sign == "★" else sign
