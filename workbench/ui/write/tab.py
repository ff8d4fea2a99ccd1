"""Write: a poem in a form, line by line; lock lines, take another one, change one by hand, have the rest written anew.

The poet works in the studio's process (`studio.queue`); this page asks, and looks twice a second at what there is. Here
is the layout; what its buttons do is in `desk`, what is shown in `view`.
"""

from collections.abc import Callable
from typing import Any

from workbench.studio.models import ModelCatalog
from workbench.studio.queue import WorkQueue
from workbench.studio.sheets import Sheet, Sheets
from workbench.ui.events import in_turn, keep_typed, on_input, poll, seen_by, seen_place
from workbench.ui.folders import AppFolders
from workbench.ui.html import html_area
from workbench.ui.write.desk import ASKED, PARTS, Desk, begun, changed, line_parts, locked, look, open_tab, told
from workbench.ui.write.desk_page import page_html
from workbench.ui.write.view import form_choices, form_html, gallery_html, introduction_html

SECONDS = 0.6  # between two looks
_ADDRESS = """(name) => {
  const part = document.querySelector("#write-parts [role=tab][aria-selected=true]");
  if (name && part && part.dataset.tabId === "form") // not where a person is on a page of their own
    history.replaceState(null, "", `?tab=write&sheet=${encodeURIComponent(name)}`);
  return name;
}"""

# the words of a line come into the field for them, unless others are there that a person typed and has not put in
_FOLLOW = """(given, own, of) => !(own || "").trim() || own === of || own === given ? [given, given] : [own, of]"""

Places = dict[str, Any]


def build(folders: AppFolders, tab: Any) -> None:
    """Lays the tab out."""
    import gradio as gr

    sessions = folders.runs.parent / "sessions"
    desk = Desk(
        folders=folders, sheets=Sheets(sessions), queue=WorkQueue(sessions, models=folders.models),
        catalog=ModelCatalog(folders.models, sessions=sessions, runs=folders.runs),
    )  # fmt: skip
    with gr.Tabs(elem_id="write-parts", overflow_behavior="wrap"):
        with gr.Tab("Your own page", id="page"):
            html_area(page_html())
        with gr.Tab("In a form, line by line", id="form"):
            places = _lay_out(gr)
            _wire_looking(gr, desk, tab, places)
            _wire_doing(desk, places)

    tab.select(None, None, None, js="() => { window.wbDesk.open(); window.wbPart(); }", api_visibility="private")


# ---------------------------------------------------------------- layout


def _lay_out(gr: Any) -> Places:
    with gr.Row(equal_height=True):
        sheet = gr.Dropdown([], label="Poems under way", elem_id="write-sheet", scale=4)
        another = gr.Button("A new poem", elem_id="write-another", scale=0, min_width=160)
    places: Places = {"sheet": sheet, "another": another}
    with gr.Column(visible=False, elem_id="write-fresh") as places["fresh"]:
        places |= _fresh(gr)
    places |= {"said": html_area(elem_id="write-said"), "live": html_area(elem_id="write-live")}
    with gr.Column(visible=False, elem_id="write-desk") as places["desk"]:
        places |= _desk(gr)
    return places | {"seen": seen_place()}


def _fresh(gr: Any) -> Places:
    html_area(introduction_html())
    with gr.Row():
        with gr.Column(scale=2, min_width=300):
            subject = gr.Textbox(label="What is it about?", lines=2, elem_id="write-subject",
                                 placeholder="the first frost on an allotment")  # fmt: skip
            form = gr.Dropdown(form_choices(), value="quatrains ABAB", label="Form", elem_id="write-form")
        with gr.Column(scale=1, min_width=280):
            about = html_area(form_html("quatrains ABAB"), elem_id="write-about")
    with gr.Accordion("All forms", open=False):
        html_area(gallery_html())
    with gr.Accordion("Words of your own in it", open=False):
        own = _own_words(gr)
    with gr.Accordion("Who writes", open=False), gr.Row():
        poet = gr.Dropdown([], label="Poet", elem_id="write-poet")
        seed = gr.Number(42, label="Seed: the same one, the same poem", precision=0, minimum=0, elem_id="write-seed")
    begin = gr.Button("Write", variant="primary", elem_id="write-begin", scale=0, min_width=200)
    return {"subject": subject, "form": form, "about": about, "poet": poet, "seed": seed, "begin": begin, **own}


def _own_words(gr: Any) -> Places:
    with gr.Row():
        title = gr.Textbox(label="Title", max_lines=1, elem_id="write-title")
        refrain = gr.Textbox(label="Refrain, in forms that have one", max_lines=1, elem_id="write-refrain")
    first = gr.Textbox(label="Your own first lines, kept as they are", lines=3, elem_id="write-first",
                       elem_classes="wb-typed")  # fmt: skip
    with gr.Row():
        ends = gr.Textbox(label="Words that end the lines", max_lines=1, elem_id="write-ends",
                          placeholder="rain, stone, train, bone")  # fmt: skip
        acrostic = gr.Textbox(label="Acrostic: first letters of the lines", max_lines=1, elem_id="write-acrostic")
    return {"title": title, "first": first, "ends": ends, "refrain": refrain, "acrostic": acrostic}


def _desk(gr: Any) -> Places:
    with gr.Row():
        with gr.Column(scale=1, min_width=340):
            page = html_area(elem_id="write-page")
            again = gr.Button("Write the unlocked lines anew", variant="primary", elem_id="write-again")
            with gr.Row():
                stop = gr.Button("Stop", elem_id="write-stop", min_width=90)
                undo = gr.Button("Undo", elem_id="write-undo", min_width=90)
                keep = gr.Button("Keep this poem", elem_id="write-keep", min_width=150)
        with gr.Column(scale=1, min_width=340):
            locked = gr.CheckboxGroup([], label="Lock: these lines stay as they are", elem_id="write-locked",
                                      elem_classes="wb-list")  # fmt: skip
            with gr.Accordion("Change a line", open=True):
                places = _line(gr)
    return places | {"page": page, "again": again, "stop": stop, "undo": undo, "keep": keep, "locked": locked}


def _line(gr: Any) -> Places:
    line = gr.Dropdown([], label="Line", elem_id="write-line")
    others = gr.Radio([], label="Others that fit its place; one click takes it", elem_id="write-others",
                      elem_classes="wb-list")  # fmt: skip
    seek = gr.Button("Look for others", elem_id="write-seek")
    own = gr.Textbox(label="In your own words", max_lines=1, elem_id="write-own", elem_classes="wb-typed")
    put = gr.Button("Put it in", elem_id="write-put")
    told: dict[str, Any] = {"elem_classes": "wb-hidden", "label": "of the field above"}
    given, filled = gr.Textbox("", elem_id="write-given", **told), gr.Textbox("", elem_id="write-own-of", **told)
    given.change(None, [given, own, filled], [own, filled], js=_FOLLOW, api_visibility="private")
    return {"line": line, "others": others, "seek": seek, "own": own, "put": put, "given": given}


# ---------------------------------------------------------------- looking


def _wire_looking(gr: Any, desk: Desk, tab: Any, places: Places) -> None:
    sheet, seen, shown = places["sheet"], places["seen"], [places[name] for name in PARTS]
    shared = in_turn("write")

    def newest(name: str | None) -> list[Any]:
        return look(desk, name, None, {})

    def looked(name: str | None, number: int | None, before: Any) -> list[Any]:
        return look(desk, name, number, seen_by(before))

    def line_chosen(name: str | None, number: int | None) -> list[Any]:
        parts = line_parts(gr, desk.sheets.open(name or ""), number)
        return [parts["others"], parts["given"]]

    def opened(name: str | None, poet: str | None, request: gr.Request) -> list[Any]:
        return open_tab(desk, name or request.query_params.get("sheet", ""), poet)

    tab.select(opened, [sheet, places["poet"]], [sheet, places["poet"]], **shared).then(newest, sheet, shown, **shared)
    poll(tab, SECONDS, looked, [sheet, places["line"], seen], shown)
    on_input([sheet], newest, sheet, shown, **shared)
    sheet.change(None, sheet, None, js=_ADDRESS, api_visibility="private")
    places["another"].click(lambda: (gr.Dropdown(value=None), ""), None, [sheet, places["said"]], **shared).then(
        newest, sheet, shown, **shared
    )
    on_input([places["form"]], form_html, places["form"], places["about"], **shared)
    on_input([places["line"]], line_chosen, [sheet, places["line"]], [places["others"], places["given"]], **shared)
    for name in ("subject", "first"):
        keep_typed(gr, tab, places[name])


# ---------------------------------------------------------------- doing


def _wire_doing(desk: Desk, places: Places) -> None:
    """What the buttons do; afterwards the page looks again."""
    sheet, said, line = places["sheet"], places["said"], places["line"]
    shown = [places[name] for name in PARTS]
    asked = [places[name] for name in ASKED]
    shared = in_turn("write")

    def newest(name: str | None, number: int | None, seen: Any) -> list[Any]:
        return look(desk, name, number, seen_by(seen))

    def change(how: Callable[..., Sheet]) -> Callable[..., list[Any]]:
        def act(name: str | None, number: int | None, *given: Any) -> list[Any]:
            return changed(desk, name, number, lambda old: how(old, number, *given))

        return act

    done = [
        places["begin"].click(lambda *given: begun(desk, *given), asked, [said, sheet], api_name="write-begin",
                              **shared | {"api_visibility": "undocumented"}),
        places["again"].click(lambda name: told(lambda: desk.again(name or "")), sheet, said, **shared),
        places["seek"].click(lambda name, n: told(lambda: desk.seek(name or "", n)), [sheet, line], said, **shared),
        places["stop"].click(lambda name: told(lambda: desk.queue.stop(name or "")), sheet, said, **shared),
    ]  # fmt: skip
    for event in done:
        event.then(newest, [sheet, line, places["seen"]], shown, **shared)
    places["keep"].click(lambda name: told(lambda: desk.keep(name or "")), sheet, said, **shared)
    changes = [said, *shown]
    places["undo"].click(change(lambda old, _: old.undone()), [sheet, line], changes, **shared)
    places["put"].click(change(Sheet.with_line), [sheet, line, places["own"]], changes, **shared)
    on_input([places["others"]], change(Sheet.with_line), [sheet, line, places["others"]], changes, **shared)
    on_input([places["locked"]], lambda name, told: locked(desk, name, told), [sheet, places["locked"]],
             [said, places["page"]], **shared)  # fmt: skip
