"""Studio: revise a poem with an educator and a poet, step by step, or chat with them.

The models work in a process of their own (`studio.queue`); this page only asks, and looks twice a second at what there
is. Here is the layout; handlers are in `handlers`, a person's own words in `own_words`, what is asked in `data`, what
is shown in `view` and `diff`, the chat in `chat`.
"""

from typing import Any

from workbench.prosody import FAMILIES, FORMS
from workbench.ui.events import empty_sent, in_turn, keep_typed, on_input, poll, seen_by, seen_place, sent_place
from workbench.ui.folders import AppFolders
from workbench.ui.html import html_area
from workbench.ui.studio import chat
from workbench.ui.studio.data import Studio
from workbench.ui.studio.handlers import (
    BEGIN,
    PARTS,
    begin_session,
    decided_lines,
    go_on,
    gone_back,
    look,
    open_tab,
    stopped,
    taken_off,
    voices_again,
)
from workbench.ui.studio.own_words import (
    lay_out_own,
    lay_out_style,
    own_follows,
    own_kept,
    saved_own,
    style_read,
    wire_own,
)
from workbench.ui.studio.trust import toy_html

INTRODUCTION = (
    "<h1 class='wb-name'>A new poem</h1>"
    "<p class='wb-note'>Say what it is to be, or paste one of your own. Two small language models "
    "on this machine work on it with you: the poet writes a draft, the educator criticises it line by line, the poet "
    "revises. You take or refuse every changed line, and say where the poem should go.</p>"
)
SECONDS = 0.6  # between two looks
_LIKE = "as you would say it to a poet: less weather, more of the driver's hands"
# the choices as they are on the page at the moment of the click; and what is being written comes into sight
_CHOSEN = """(name, told, ...wish) => {
  document.querySelector("#studio-said")?.scrollIntoView({ block: "start", behavior: "smooth" });
  return [name, window.wbChoices(), ...wish];
}"""
# a reload comes back to the session that is looked at
_ADDRESS = """(name) => {
  const query = new URLSearchParams(location.search);
  if (name && !query.has("talk") && query.get("part") !== "talk") // the chat has an address of its own
    history.replaceState(null, "", `?tab=studio&session=${encodeURIComponent(name)}`);
  return name;
}"""

Places = dict[str, Any]


def build(folders: AppFolders, tab: Any) -> None:
    """Lays the tab out."""
    import gradio as gr

    studio = Studio(folders)
    with gr.Tabs(elem_id="studio-parts", overflow_behavior="wrap"):
        with gr.Tab("Revise a poem", id="revise"):
            places = _lay_out(gr)
            _wire_looking(gr, studio, tab, places)
            _wire_doing(studio, places)
        with gr.Tab("Chat", id="talk") as place:
            chat.build(studio, tab, place)


def _lay_out(gr: Any) -> Places:
    with gr.Row(equal_height=True):
        session = gr.Dropdown([], label="Your poems", elem_id="studio-session", scale=4)
        another = gr.Button("A new poem", elem_id="studio-another", scale=0, min_width=160)
    places = {"session": session, "another": another, **_fresh(gr)}
    places |= {"said": html_area(elem_id="studio-said"), "live": html_area(elem_id="studio-live")}
    places["trust"] = html_area(elem_id="studio-trust")
    with gr.Column(visible=False, elem_id="studio-desk") as places["desk"]:
        places |= _page(gr) | _buttons(gr)
        with gr.Column(visible=False) as places["more"]:
            places |= _drafts(gr) | lay_out_own(gr) | _copies(gr)
    with gr.Accordion("Who writes, and in which form", open=False), gr.Row():
        places |= {
            "educator": gr.Dropdown([], label="Educator", elem_id="studio-educator"),
            "poet": gr.Dropdown([], label="Poet", elem_id="studio-poet"),
            "form": gr.Dropdown(_forms(), value="", label="Form (of a new poem)", elem_id="studio-form"),
            "seed": gr.Number(42, label="Seed (of a new poem): the same one, the same poem", precision=0, minimum=0,
                              elem_id="studio-seed"),
            "asks": gr.Checkbox(label="The educator asks and points, and offers no words (of a new poem)",
                                elem_id="studio-asks"),
        }  # fmt: skip
    places |= lay_out_style(gr)
    return places | {"seen": seen_place()}


def _fresh(gr: Any) -> Places:
    with gr.Column(visible=False, elem_id="studio-fresh") as fresh:
        html_area(INTRODUCTION)
        with gr.Row():
            request = gr.Textbox(label="What is the poem to be?", lines=6, elem_id="studio-request", min_width=300,
                                 placeholder="a poem about the last bus of the night, without stars")  # fmt: skip
            poem = gr.Textbox(label="Or a poem of your own, to work on", lines=6, elem_id="studio-poem", min_width=300,
                              elem_classes="wb-typed", placeholder="its title\n\nits lines")  # fmt: skip
        begin = gr.Button("Begin", variant="primary", elem_id="studio-begin", scale=0, min_width=200)
    return {"fresh": fresh, "request": request, "poem": poem, "begin": begin}


def _page(gr: Any) -> Places:
    with gr.Row():
        with gr.Column(scale=3, min_width=340):
            page = html_area(elem_id="studio-page")
        with gr.Column(scale=2, min_width=320, visible=False) as side:
            decided = html_area(elem_id="studio-decided")
    choices = gr.Textbox("", elem_id="studio-choices", elem_classes="wb-hidden", label="choices")
    told = gr.Button("Store the choices", elem_id="studio-told", elem_classes="wb-hidden")
    off = gr.Button("Take these lines off", elem_id="studio-off", elem_classes="wb-hidden")
    return {"page": page, "side": side, "decided": decided, "choices": choices, "told": told, "off": off}


def _buttons(gr: Any) -> Places:
    with gr.Group(elem_id="studio-bar"):
        direction = gr.Textbox(label="Your direction for what comes next", elem_id="studio-direction", max_lines=4,
                               placeholder=_LIKE)  # fmt: skip
        with gr.Row():
            go = gr.Button("Continue", variant="primary", elem_id="studio-go", min_width=320, scale=2)
            run = gr.Button("Run three rounds", elem_id="studio-run", min_width=200)
            stop = gr.Button("Stop", elem_id="studio-stop", min_width=120)
    return {"direction": direction, "go": go, "run": run, "stop": stop}


def _drafts(gr: Any) -> Places:
    with gr.Accordion("All drafts: look, go back", open=True):
        history = html_area(elem_id="studio-history")
        with gr.Row(equal_height=True):
            drafts = gr.Radio([], label="Look at", elem_id="studio-drafts", scale=4)
            back = gr.Button("Go back to this draft", elem_id="studio-back", scale=0, min_width=220)
    return {"history": history, "drafts": drafts, "back": back}


def _copies(gr: Any) -> Places:
    with gr.Accordion("Copy and download", open=False):
        text = gr.Textbox(label="This draft", lines=8, interactive=False, buttons=["copy"], elem_id="studio-text",
                          elem_classes="wb-typed")  # fmt: skip
        files = html_area(elem_id="studio-files")
    return {"text": text, "files": files}


def _wire_looking(gr: Any, studio: Studio, tab: Any, places: Places) -> None:
    """When the page looks at what there is."""
    session, drafts, seen = places["session"], places["drafts"], places["seen"]
    shown, lists = [places[name] for name in PARTS], [session, places["educator"], places["poet"]]
    shared = in_turn("studio")

    def looked(name: str | None, before: Any) -> list[Any]:
        return look(studio, name, None, seen_by(before))

    def opened(name: str | None, educator: str | None, poet: str | None, request: gr.Request) -> list[Any]:
        return open_tab(studio, name, (educator, poet), dict(request.query_params))

    def newest(name: str | None) -> list[Any]:
        return look(studio, name, None, {})

    def another() -> tuple[Any, str]:
        return gr.Dropdown(value=None), ""

    tab.select(opened, lists, lists, **shared).then(newest, session, shown, **shared)
    poll(tab, SECONDS, looked, [session, seen], shown)
    on_input([session], newest, session, shown, **shared).then(
        lambda name: voices_again(studio, name), session, lists[1:], **shared
    )
    session.change(None, session, None, js=_ADDRESS, api_visibility="private")
    for name in ("educator", "poet"):
        places[name].change(toy_html, lists[1:], places["trust"], **in_turn("trust"))
    tab.select(toy_html, lists[1:], places["trust"], **in_turn("trust"))
    tab.select(None, None, None, js="() => { window.wbToStudio(); window.wbPart(); }", api_visibility="private")
    wire_own(places)
    # another poem, another question: only what was asked about is started all the same
    on_input([places["request"], places["poem"]], lambda: BEGIN, None, places["begin"], **shared)
    for name in ("request", "poem", "direction"):
        keep_typed(gr, tab, places[name])
    places["another"].click(another, None, [session, places["said"]], **shared).then(newest, session, shown, **shared)
    on_input([drafts], lambda name, number: look(studio, name, number, {}), [session, drafts], shown, **shared)


def _wire_doing(studio: Studio, places: Places) -> None:
    """What the buttons do; afterwards the page looks again."""
    session, said, shown = places["session"], places["said"], [places[name] for name in PARTS]
    filled = [places[name] for name in ("educator", "poet", "direction", "form", "seed", "asks", "style")]
    shared = in_turn("studio")
    named = shared | {"api_visibility": "undocumented"}

    def newest(name: str | None) -> list[Any]:
        return look(studio, name, None, {})

    request, poem, direction = places["request"], places["poem"], places["direction"]
    begun, told = sent_place(), sent_place()
    stored = places["save"].click(lambda *given: saved_own(studio, *given), [session, places["own"], places["own_of"]],
                                  [said, places["own_of"]], **shared).then(**own_kept(places))  # fmt: skip
    done = [
        places["begin"].click(lambda *given: begin_session(studio, *given), [request, poem, places["begin"], *filled],
                              [said, session, begun, places["begin"]], api_name="studio-begin", **named),
        places["go"].click(lambda *given: go_on(studio, *given), [session, places["choices"], *filled],
                           [said, told], js=_CHOSEN, api_name="studio-go", **named),
        places["run"].click(lambda *given: go_on(studio, *given, is_run=True), [session, places["choices"], *filled],
                            [said, told], js=_CHOSEN, **shared),
        places["back"].click(lambda *given: gone_back(studio, *given), [session, places["drafts"]], said, **shared),
        places["off"].click(lambda *given: taken_off(studio, *given), [session, places["choices"]], said,
                            js="(name) => [name, window.wbOff || '']", **shared),
    ]  # fmt: skip
    empty_sent(done[0], begun, [request, poem])
    for event in done[1:3]:
        empty_sent(event, told, [direction])
    for event in done:
        event.then(newest, session, shown, **shared)
    # the page may have looked before it was told whose the words are; the note then speaks of words that are a draft
    stored.then(newest, session, shown, **shared).then(**own_follows(places))
    places["read_style"].click(lambda: style_read(studio), None, [places["style"], places["style_told"]], **shared)
    places["stop"].click(lambda name: stopped(studio, name), session, said, **shared)
    places["told"].click(  # studio.js presses it; the choices themselves are read from the page at that moment
        lambda name, told: decided_lines(studio, name, told), [session, places["choices"]],
        [said, places["decided"], places["text"], places["given"]],
        js="(name, told) => [name, window.wbChoices()]", trigger_mode="always_last", api_name="studio-decide", **named,
    )  # fmt: skip


def _forms() -> list[tuple[str, str]]:
    names = sorted({*FAMILIES, *(form.name for form in FORMS)})
    return [("the one I ask for, or my poem has", ""), *((name, name) for name in names)]
