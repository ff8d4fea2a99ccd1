"""A person's own words in the studio: the field to write on a draft, and the style note read from their changes.

The field “Write on it yourself” follows the draft that is shown as long as nobody has changed it. From the first key on
it is the person's: a new draft does not touch it, and `studio.js` keeps it in the browser, by poem, over a reload and a
restart. The decision falls in the browser (`wbOwn`), where no answer of the server can come between two keys.
"""

import json
from typing import Any

from workbench.errors import InputError, WorkbenchError
from workbench.revision.own_hand import habits_in, style_note, told_of
from workbench.ui.html import html_area, note_html
from workbench.ui.studio.data import Studio

Places = dict[str, Any]


def lay_out_style(gr: Any) -> Places:
    """The style note: read from a person's own changes, theirs to edit, and said to the poet only once it is here."""
    with gr.Accordion("Your style, as the poet is told it", open=False):
        told = html_area(elem_id="studio-style-told")
        style = gr.Textbox(label="Style note (of a new poem)", lines=2, elem_id="studio-style", elem_classes="wb-typed",
                           info="Empty: the poet is told nothing.")  # fmt: skip
        read = gr.Button("Read it from what I changed in drafts", elem_id="studio-read-style", scale=0, min_width=320)
    return {"style": style, "style_told": told, "read_style": read}


def style_read(studio: Studio) -> tuple[Any, str]:
    """The note that a person's changes come to, and what was counted; where no habit shows, the field stays."""
    import gradio as gr

    try:
        edits = studio.edits()
    except WorkbenchError as exc:
        return gr.skip(), note_html(str(exc), "bad")
    habits = habits_in(edits)
    return (style_note(habits) if habits else gr.skip()), note_html(told_of(edits, habits))


def lay_out_own(gr: Any) -> Places:
    """The field, its buttons, and above it the note that says what became of the words in it."""
    note = html_area(elem_id="studio-own-note")
    with gr.Accordion("Write on it yourself", open=False):
        own = gr.Textbox(label="The poem, yours to change", lines=12, elem_id="studio-own", elem_classes="wb-typed",
                         info="Kept in this browser while you type; a new draft does not touch it.")  # fmt: skip
        with gr.Row():
            save = gr.Button("Make this the newest draft", elem_id="studio-save", scale=0, min_width=240)
            again = gr.Button("Start again from the draft shown", elem_id="studio-again", scale=0, min_width=260)
    told: dict[str, Any] = {"elem_classes": "wb-hidden", "label": "of the field above"}
    filled, shown = gr.Textbox("", elem_id="studio-own-of", **told), gr.Textbox("", elem_id="studio-given", **told)
    return {"own": own, "save": save, "again": again, "own_note": note, "own_of": filled, "given": shown}


def wire_own(places: Places) -> None:
    """Who may change the field, decided in the browser."""
    field = [places[name] for name in ("own", "own_of", "own_note")]
    quiet: dict[str, Any] = {"api_visibility": "private"}
    shown = [places["given"], *field[:2]]
    places["given"].change(**own_follows(places))
    places["own"].input(**own_kept(places))
    places["again"].click(None, shown, field, js="(...now) => window.wbOwn.again(...now)", **quiet)


def own_follows(places: Places) -> dict[str, Any]:
    """What an event does that makes the field and its note fit the draft that is shown."""
    field = [places[name] for name in ("own", "own_of", "own_note")]
    return {"fn": None, "inputs": [places["given"], *field[:2]], "outputs": field, "api_visibility": "private",
            "js": "(...now) => window.wbOwn.follow(...now)"}  # fmt: skip


def own_kept(places: Places) -> dict[str, Any]:
    """What an event does that keeps the words in the field; words that have become a draft are kept no longer."""
    return {"fn": None, "inputs": [places["own"], places["own_of"]], "outputs": None, "api_visibility": "private",
            "js": "(...now) => window.wbOwn.keep(...now)"}  # fmt: skip


def saved_own(studio: Studio, name: str | None, poem: str | None, filled: str | None) -> tuple[str, Any]:
    """A version of the person's own becomes the newest draft; what to say, and what the field holds now."""
    import gradio as gr

    try:
        if not filled or json.loads(filled)["session"] != name:
            raise InputError("the words in the field belong to another poem; choose that one first")
        trace = studio.write_own(name or "", poem or "")
    except WorkbenchError as exc:
        return note_html(str(exc), "bad"), gr.skip()
    held = {"session": trace.id, "number": len(trace.rounds), "filled": poem}
    return note_html("Stored as the newest draft.", "good"), json.dumps(held)
