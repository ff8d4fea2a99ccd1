"""A sheet as HTML: its lines with syllables and rhymes beside them, the forms, what the poet is doing.

Every text of a poem or a person is escaped.
"""

import json
import time
from functools import lru_cache
from html import escape

from workbench.errors import WorkbenchError
from workbench.places import ROOT
from workbench.prosody import FORMS, check_form, scheme, syllable_counts
from workbench.prosody.forms import Form
from workbench.prosody.measures import measure
from workbench.storage.input_files import read_text
from workbench.studio.queue import Live
from workbench.studio.sheets import Sheet
from workbench.ui.html import facts_html, note_html, poem_html, table_html
from workbench.writing.plan import OPEN_KINDS, plan

MOST_FAULTS = 3
_GOLD = ROOT / "data" / "gold" / "poems.jsonl"  # poems of this project, by form
FIRST_FORMS = ("haiku", "limerick", "couplets", "quatrains ABAB", "ballad", "triolet", "shakespearean sonnet",
               "villanelle")  # fmt: skip
_LEAD = "The form is enforced: a line is taken only if it scans and rhymes as its place asks."
_OPENING = "The built-in model is a small one, 135 million parameters: its sentences are whole, their sense is seldom."


def form_choices() -> list[tuple[str, str]]:
    """The forms that can be written, the best known first, each with its scheme in a few signs."""
    names = [form.name for form in FORMS if form.kind not in OPEN_KINDS]
    first = [name for name in FIRST_FORMS if name in names]
    return [("no form", ""), *((_choice(name), name) for name in [*first, *sorted(set(names) - set(first))])]


@lru_cache(maxsize=64)
def form_html(name: str) -> str:
    """What a form asks for."""
    form = next((form for form in FORMS if form.name == name), None)
    if form is None:
        return note_html("Eight lines; neither rhyme nor meter is asked for.")
    slots = plan(name)
    return f'<div class="wb-card"><h2>{escape(name)}</h2><p>{escape(form.about)}</p>' + facts_html(
        [("lines", str(len(slots))), ("rhymes", _rhymes(form)), ("measure", _measure(form))]
    ) + example_html(name) + "</div>"  # fmt: skip


@lru_cache(maxsize=64)
def example_html(name: str) -> str:
    """A poem that keeps a form, folded away; "" where none was written for it. They are those of the gold set."""
    rows = (json.loads(line) for line in read_text(_GOLD).splitlines() if line.strip())
    poems = [str(row["poem"]) for row in rows if row["form"] == name and not row.get("broken")]
    kept = [poem for poem in sorted(poems, key=len) if not check_form(poem, name).faults]
    return f"<details><summary>An example</summary>{poem_html('', kept[0])}</details>" if kept else ""


def about_html(name: str) -> str:
    """What a form is, with its example, for somebody who writes in it; "" for a name that is none."""
    form = next((form for form in FORMS if form.name == name), None)
    return note_html(form.about) + example_html(name) if form else ""


def gallery_html() -> str:
    """All forms that can be written, in a table."""
    rows = [
        [escape(form.name), escape(_rhymes(form)), escape(_measure(form)), escape(form.about)]
        for form in sorted(FORMS, key=lambda form: form.name)
        if form.kind not in OPEN_KINDS
    ]
    return table_html(("form", "rhymes", "measure", "about"), rows, caption="Forms that can be written")


def sheet_html(sheet: Sheet, *, is_busy: bool) -> str:
    """The lines, each with its syllables, its rhyme letter and whether it is locked; below, how the form is kept."""
    lines = sheet.shown
    if not lines:
        return note_html("No line yet.")
    letters = _letters(sheet)
    rows = "".join(
        f'<tr{" class=wb-gap" if line.gap else ""}><th scope="row">{n}</th><td class="wb-verse">{escape(line.text)}'
        f"{_locked(line.is_locked)}</td><td>{_syllables(line.text)}</td><td>{escape(letters[n - 1])}</td></tr>"
        for n, line in enumerate(lines, 1)
    )
    head = "".join(f'<th scope="col">{name}</th>' for name in ("line", "verse", "syllables", "rhyme"))
    return (
        f'<article class="wb-card wb-poem" dir="auto"><h2 class="wb-title">{escape(sheet.heading)}</h2>'
        f'<table class="wb-sheet"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></article>'
        + ("" if is_busy else kept_html(sheet))
    )


def kept_html(sheet: Sheet) -> str:
    """Whether the poem keeps its form, by the check that the search cannot bend."""
    if not sheet.form or not sheet.lines:
        return ""
    faults = check_form(sheet.text, sheet.form).faults
    if not faults:
        return note_html(f"{sheet.form}: every law of the form is kept.", "good")
    told = "".join(note_html(fault.sentence, "bad") for fault in faults[:MOST_FAULTS])
    more = len(faults) - MOST_FAULTS
    return told + (note_html(f"{more} more places leave the form.") if more > 0 else "")


def live_html(live: Live, sheet: Sheet, *, now: float | None = None) -> str:
    """What the poet is doing, or how it ended."""
    seconds = f"{max(0.0, (time.time() if now is None else now) - live.began):.0f} s"
    if live.is_at_work:
        what = f"line {len(sheet.coming) + 1}" if sheet.coming else "the first line; a model is loaded before it"
        what = f"others for line {sheet.sought}" if sheet.sought else what
        note = note_html(live.note) if live.note else ""
        return f'{note}<p class="wb-note">✎ {what} … {seconds}; “Stop” ends it.</p>'
    if live.state == "failed":
        return note_html(f"{live.note}. Your lines are as they were.", "bad")
    return note_html("Stopped.") if live.state == "stopped" else ""


def introduction_html() -> str:
    """What the tab is for."""
    return (
        "<h1 class='wb-name'>Write a poem in a form</h1>"
        "<p class='wb-note'>Say what it is about and choose a form. The lines come one "
        f"by one. {_LEAD} {_OPENING} Keep what you like, change what you like, and have the rest written anew.</p>"
    )


# ---------------------------------------------------------------- private


def _choice(name: str) -> str:
    form = next(form for form in FORMS if form.name == name)
    return f"{name} · {_rhymes(form)}"


def _rhymes(form: Form) -> str:
    first = form.rhyme.partition("|")[0]
    return first if first.strip(". ") else _OWN_RHYMES.get(form.kind, "no rhyme")


_OWN_RHYMES = {
    "ghazal": "AA BA CA …, before a refrain",
    "sestina": "six end words in turn", "pantoum": "ABAB BCBC …, lines return", "nonce": "an order of its own",
    "pattern": "one order, again and again", "rhymed": "in no order that returns", "ode": "stanzas that match",
}  # fmt: skip


def _measure(form: Form) -> str:
    """What its lines are measured by, here: forms that leave the meter free are written in one."""
    if form.syllables:
        return "syllables " + " ".join(map(str, form.syllables))
    law = plan(form.name)[0].law
    return measure(law[0]).name if law else "free"


def _letters(sheet: Sheet) -> list[str]:
    """Rhyme letters of the lines so far; "" for a line that rhymes with none."""
    try:
        letters = scheme(sheet.text.split("\n")).letters
    except WorkbenchError:
        return [""] * len(sheet.shown)
    shared = [letter if letters.count(letter) > 1 else "" for letter in letters]
    return [*shared, *[""] * len(sheet.shown)][: len(sheet.shown)]


def _syllables(text: str) -> str:
    counts = syllable_counts(text)
    return str(counts[0]) if counts else ""


def _locked(is_locked: bool) -> str:
    return ' <small class="wb-locked">locked</small>' if is_locked else ""
