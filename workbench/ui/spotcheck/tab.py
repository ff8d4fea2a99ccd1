"""Spot-check: judge winners and losers blind, by mouse or keyboard. What is shown and stored is in `review.py`."""

from collections.abc import Callable
from typing import Any

from workbench.ui.events import empty_sent, in_turn, sent_place
from workbench.ui.folders import AppFolders
from workbench.ui.html import html_area
from workbench.ui.spotcheck.review import PAIRS, SINGLE, Review, give, next_view, take_back
from workbench.ui.spotcheck.verdicts import sitting_html

# verdict, what the button says, the key that presses it (keys.js finds the button by its class)
SINGLE_BUTTONS = (
    ("approve", "Approve", "a"),
    ("reject", "Reject", "r"),
    ("edit", "Save my edit", "e"),
    ("skip", "Skip", "s"),
)
PAIR_BUTTONS = (
    ("a", "Left is better", "1"),
    ("b", "Right is better", "2"),
    ("tie", "Tie", "t"),
    ("both bad", "Both bad", "x"),
    ("skip", "Skip", "s"),
)
INTRODUCTION = (
    "<h1 class='wb-name'>Judge blind</h1>"
    "<p class='wb-note'>Descriptions that the run chose and refused, in random order: say what you "
    "think of each. What the run thought, and how often you agreed, comes when you have judged them all.</p>"
)
KEYS_HTML = (
    '<p class="wb-note wb-keys">Keys: <kbd>A</kbd> approve · <kbd>R</kbd> reject · <kbd>E</kbd> save the edit '
    "(in the text: <kbd>Ctrl</kbd>+<kbd>Enter</kbd>) · in pairs <kbd>1</kbd> left · <kbd>2</kbd> right · <kbd>T</kbd> "
    "tie · <kbd>X</kbd> both bad · always <kbd>S</kbd> skip · <kbd>U</kbd> undo · <kbd>N</kbd> write a note · "
    "<kbd>Esc</kbd> back from a text</p>"
)
GUIDELINES = """
<ul class="wb-history">
<li><strong>Approve</strong> a description from which a poet could write this very poem, or one close to it: it
names what happens in it, how it is said, and its form where it has one.</li>
<li><strong>Reject</strong> what would fit a hundred other poems, what is not in the poem, what quotes it line for
line, and what is not a description at all. Fine words are no reason to approve, plain ones none to reject.</li>
<li><strong>Edit</strong> where one clause is wrong and the rest is right; correct that clause alone.</li>
<li><strong>Skip</strong> a poem that you do not understand; a guess is worse than nothing.</li>
<li>In <strong>pairs</strong>: which one would bring a poet nearer to the poem? <em>Tie</em> where you would need a
coin, <em>both bad</em> where you would reject each of them.</li>
<li>Judge each by itself, alone, and do not go back to make them even. With two reviewers or more, agree on these
sentences before you begin, not on verdicts: the figures then say how often you agreed.</li>
</ul>
"""
Handler = Callable[..., tuple[Any, ...]]


def build(folders: AppFolders, tab: Any) -> None:
    """Lays the tab out."""
    import gradio as gr

    form, item_parts, (said, note), buttons, rows, undo, *found = _lay_out(gr)
    run, (key, _, _, text), sent = form[0], item_parts, sent_place()

    def opened(shown: str | None, request: gr.Request) -> Any:
        names, wanted = folders.loops(), dict(request.query_params).get("run", "")
        return gr.Dropdown(names, value=shown if shown in names else folders.newest(wanted, names=names) or None)

    def count(*now: Any) -> tuple[str, Any]:
        told = sitting_html(folders, review_of(*now))
        return told, gr.Accordion(open=True) if "<table" in told else gr.skip()  # what was promised is in sight

    shared = in_turn("spotcheck")
    looked = [*item_parts, *rows]
    for (verdict, _, _), button in zip(SINGLE_BUTTONS + PAIR_BUTTONS, buttons, strict=True):
        named = shared | {"api_name": button.elem_id, "api_visibility": "public"}
        given = button.click(judging(folders, verdict), [key, text, note, *form], [*looked, said, sent], **named)
        empty_sent(given, sent, [note])
        given.then(count, form, found, **shared)
    undone = undo.click(undoing(folders), [key, *form], [*looked, said], **shared)
    for asked in (undone, tab.select(opened, run, run, **shared)):
        asked.then(looking(folders), [key, *form], looked, **shared).then(count, form, found, **shared)
    changed = gr.on(
        [form[1].change, *(part.input for part in (form[0], *form[2:]))],  # a name may come without a keystroke
        looking(folders), [key, *form], looked, trigger_mode="always_last", **shared,
    )  # fmt: skip
    changed.then(count, form, found, **shared)


def looking(folders: AppFolders) -> Handler:
    """Shows the next item of a form, and the buttons that go with it."""

    def look(key: str, *form: Any) -> tuple[Any, ...]:
        return _shown(folders, review_of(*form), key)

    return look


def judging(folders: AppFolders, verdict: str) -> Handler:
    """Gives a verdict on the item that was shown, and shows the next."""

    def judged(key: str, text: str | None, note: str | None, *form: Any) -> tuple[Any, ...]:
        review = review_of(*form)
        told = give(folders, review, key, verdict, text=text or "", note=note or "")
        shown = _shown(folders, review, key)
        return (*shown, told, [note] if shown[0] != key else [])

    return judged


def undoing(folders: AppFolders) -> Handler:
    """Takes the last verdict back, and shows its item again."""

    def undone(key: str, *form: Any) -> tuple[Any, ...]:
        review = review_of(*form)
        told = take_back(folders, review)
        return (*_shown(folders, review, key), told)

    return undone


def review_of(run: str | None, reviewer: str | None, mode: str, n: float | None) -> Review:
    """The form as a value."""
    return Review(run=run or "", reviewer=(reviewer or "").strip()[:64], mode=mode, n=int(n or 40))


def _lay_out(gr: Any) -> tuple[Any, ...]:
    """The form, the item, what goes with a verdict, the buttons and their rows, undo, the figures."""
    html_area(INTRODUCTION)
    with gr.Accordion("Guidelines: what to approve, what to reject", open=False):
        html_area(GUIDELINES)
    with gr.Row():
        run = gr.Dropdown([], label="Run", allow_custom_value=True, elem_id="spot-run")
        who = gr.Textbox("", label="Reviewer", max_lines=1, elem_id="reviewer", placeholder="your name")
        mode = gr.Radio([SINGLE, PAIRS], value=SINGLE, label="Judge", elem_id="spot-mode")
        n = gr.Number(40, label="How many to judge", minimum=2, maximum=5000, precision=0, elem_id="spot-n")
    progress = html_area(elem_id="spot-progress")
    key = gr.Textbox("", visible="hidden", elem_id="spot-key", label="item")
    with gr.Row(elem_classes="wb-judge") as singles:
        buttons = [_button(gr, *each, of="judge") for each in SINGLE_BUTTONS]
    with gr.Row(visible=False, elem_classes="wb-judge") as pairs:
        buttons += [_button(gr, *each, of="pair") for each in PAIR_BUTTONS]
    with gr.Row():
        undo = gr.Button("Undo (U)", elem_id="judge-undo", elem_classes="wb-key-u", scale=0, min_width=140)
        said = html_area(elem_id="spot-said")
    item = html_area(elem_id="spot-item")  # below what judges it: a long poem would push that off the screen
    html_area(KEYS_HTML)
    with gr.Row():
        text = gr.Textbox("", label="The description, to edit", lines=4, elem_id="spot-edit", elem_classes="wb-typed")
        note = gr.Textbox("", label="Note (N)", lines=4, elem_id="spot-note")
    with gr.Accordion("What the verdicts say", open=False) as verdicts:
        found = html_area(elem_id="spot-figures")
    item_parts = [key, item, progress, text]
    return [run, who, mode, n], item_parts, [said, note], buttons, [singles, pairs], undo, found, verdicts


def _shown(folders: AppFolders, review: Review, key: str) -> tuple[Any, ...]:
    """The next item, and what it is judged with: nothing where there is none, and a text to edit for a single one.

    Where the item on the page, `key`, is still the next one, its text may have been changed by a person: it stays.
    """
    import gradio as gr

    view = next_view(folders, review)
    is_single, is_pair = (bool(view.key) and review.mode == mode for mode in (SINGLE, PAIRS))
    text = gr.Textbox(visible=is_single) if view.key == key else gr.Textbox(view.text, visible=is_single)
    return view.key, view.item, view.progress, text, gr.Row(visible=is_single), gr.Row(visible=is_pair)


def _button(gr: Any, verdict: str, text: str, press: str, *, of: str) -> Any:
    name = f"{of}-{verdict.replace(' ', '-')}"
    return gr.Button(f"{text} ({press.upper()})", elem_id=name, elem_classes=f"wb-key-{press}", min_width=120)
