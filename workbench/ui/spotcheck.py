"""Spot-check: judge winners and losers blind, by mouse or keyboard. What is shown and stored stands in `review.py`."""

from typing import Any

from workbench.ui.desk import Desk
from workbench.ui.markup import html_area
from workbench.ui.review import PAIRS, SINGLE, Review, View, figures_html, give, next_view, take_back

# verdict, what the button says, the key that presses it (keys.js reads it from the button)
SINGLE_BUTTONS = (
    ("approve", "Approve", "a"),
    ("reject", "Reject", "r"),
    ("edit", "Save my edit", "e"),
    ("skip", "Skip", "s"),
)
PAIR_BUTTONS = (("a", "Left is better", "1"), ("b", "Right is better", "2"), ("tie", "Tie", "t"),
                ("both bad", "Both bad", "x"), ("skip", "Skip", "s"))  # fmt: skip
KEYS_HTML = (
    '<p class="wb-note wb-keys">Keys: <kbd>A</kbd> approve · <kbd>R</kbd> reject · <kbd>E</kbd> save the edit '
    "(in the text: <kbd>Ctrl</kbd>+<kbd>Enter</kbd>) · in pairs <kbd>1</kbd> left · <kbd>2</kbd> right · <kbd>T</kbd> tie "
    "· <kbd>X</kbd> both bad · always <kbd>S</kbd> skip · <kbd>U</kbd> undo · <kbd>N</kbd> write a note · "
    "<kbd>Esc</kbd> back from a text</p>"
)


def build(desk: Desk, page: Any) -> None:
    """Lays the tab out."""
    import gradio as gr

    with gr.Row():
        run = gr.Dropdown([], label="Run", elem_id="spot-run")
        who = gr.Textbox("me", label="Reviewer", max_lines=1, elem_id="reviewer", info="each has an order of their own")
        mode = gr.Radio([SINGLE, PAIRS], value=SINGLE, label="Judge", elem_id="spot-mode")
        n = gr.Number(40, label="How many to draw", minimum=2, maximum=5000, precision=0, elem_id="spot-n")
    progress = html_area(elem_id="spot-progress")
    item = html_area(elem_id="spot-item")
    key = gr.Textbox(visible="hidden", elem_id="spot-key", label="item")
    with gr.Row(elem_id="single-buttons", visible=True) as singles:
        buttons = [_button(gr, *each) for each in SINGLE_BUTTONS]
    with gr.Row(elem_id="pair-buttons", visible=False) as pairs:
        buttons += [_button(gr, verdict, text, press, of="pair") for verdict, text, press in PAIR_BUTTONS]
    with gr.Row():
        undo = gr.Button("Undo (U)", elem_id="judge-undo", elem_classes="wb-key-u", scale=0, min_width=140)
        said = html_area(elem_id="spot-said")
    html_area(KEYS_HTML)
    with gr.Row():
        text = gr.Textbox(label="The description, to edit", lines=4, elem_id="spot-edit", elem_classes="wb-typed")
        note = gr.Textbox(label="Note (N)", lines=4, elem_id="spot-note")
    with gr.Accordion("What the verdicts say so far", open=False):
        found = html_area(elem_id="spot-figures")
    _wire(gr, desk, page, form=[run, who, mode, n], shown=[key, item, progress, text], rows=[singles, pairs],
          buttons=buttons, undo=undo, said=said, note=note, found=found)  # fmt: skip


def review_of(run: str | None, reviewer: str | None, mode: str, n: float | None) -> Review:
    """The form as a value."""
    return Review(run=run or "", reviewer=(reviewer or "").strip()[:64], mode=mode, n=int(n or 40))


def shown_of(view: View) -> tuple[str, str, str, str]:
    """A view in the order of the page's parts."""
    return view.key, view.item, view.progress, view.text


def _wire(gr: Any, desk: Desk, page: Any, *, form: list[Any], shown: list[Any], rows: list[Any], buttons: list[Any],
          undo: Any, said: Any, note: Any, found: Any) -> None:  # fmt: skip
    run, _, mode, _ = form
    key, _, _, text = shown
    quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}

    def opened(request: gr.Request) -> Any:
        name = desk.newest(dict(request.query_params).get("run", ""))
        return gr.Dropdown(desk.names(), value=name or None)

    def look(*values: Any) -> tuple[Any, ...]:
        review = review_of(*values)
        rows_shown = (gr.Row(visible=review.mode == SINGLE), gr.Row(visible=review.mode == PAIRS))
        return (*shown_of(next_view(desk, review)), figures_html(desk, review.run), *rows_shown)

    def judged(verdict: str) -> Any:
        def handler(shown_key: str, edited: str, noted: str, *values: Any) -> tuple[Any, ...]:
            review = review_of(*values)
            told = give(desk, review, shown_key, verdict, text=edited or "", note=noted or "")
            return (*shown_of(next_view(desk, review)), told, "", figures_html(desk, review.run))

        return handler

    def undone(*values: Any) -> tuple[Any, ...]:
        review = review_of(*values)
        told = take_back(desk, review)
        return (*shown_of(next_view(desk, review)), told, "", figures_html(desk, review.run))

    after = [*shown, said, note, found]
    one_at_a_time: dict[str, Any] = {**quiet, "concurrency_id": "verdicts", "concurrency_limit": 1}
    for verdict, button in zip([v for v, _, _ in SINGLE_BUTTONS + PAIR_BUTTONS], buttons, strict=True):
        button.click(judged(verdict), [key, text, note, *form], after, **one_at_a_time)
    undo.click(undone, form, after, **one_at_a_time)
    page.load(opened, None, run, **quiet).then(look, form, [*shown, found, *rows], **quiet)
    for part in form:
        part.input(look, form, [*shown, found, *rows], **quiet)
    del mode


def _button(gr: Any, verdict: str, text: str, press: str, *, of: str = "judge") -> Any:
    return gr.Button(
        f"{text} ({press.upper()})", elem_id=f"{of}-{verdict.replace(' ', '-')}", elem_classes=f"wb-key-{press}", min_width=120,
    )  # fmt: skip
