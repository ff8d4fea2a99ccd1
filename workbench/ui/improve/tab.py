"""Improve: choose a few settings, see what will run and what it costs, start it, watch it, stop it, read its report."""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from workbench.errors import WorkbenchError
from workbench.jobs import ahead_of, end_job, find_job, is_waiting, start_job, stop_job
from workbench.places import as_typed
from workbench.storage.run_names import free_name
from workbench.ui.events import Seen, fill_untyped, filling, in_turn, on_input, poll, seen_by, seen_place
from workbench.ui.folders import AppFolders
from workbench.ui.html import html_area, note_html
from workbench.ui.improve.form import (
    CONTROLS,
    LIKE,
    N_IN_SIGHT,
    arguments_of,
    check_place,
    collections,
    configs,
    in_words,
    place_of,
    preview,
    settings_of,
    titled,
    values_of,
)
from workbench.ui.improve.preflight import preflight_html
from workbench.ui.improve.shelf import lay_out_shelf
from workbench.ui.improve.view import N_CHARTS, body_html, charts, compared_html, head_html, settings_html

INTRODUCTION = (
    "<h1 class='wb-name'>A new run</h1>"
    "<p class='wb-note'>One training run: the model describes each poem N times, the best K "
    "descriptions of a poem train it, and that is repeated. Poems it never saw tell whether it learned.</p>"
)
_AT_WORK = {  # states in which a process is there, and why it cannot be resumed
    "running": "is at work already", "starting": "is at work already", "waiting": "is in the queue already",
    "ending": "is just ending; try again in a few seconds",
}  # fmt: skip
BUTTONS = (("stop", "Stop and save"), ("resume", "Resume"), ("end", "End at once"))


def build(folders: AppFolders, tab: Any) -> None:
    """Lays the tab out."""
    import gradio as gr

    (config, poems, name, verdicts, *controls), foreseen, (start, said), (rows, rows_shown) = _lay_out(gr)
    form = [config, poems, name, verdicts, *controls]
    run, shown = _watch(gr, folders, tab)
    shared = in_turn("improve")

    def opened(shown_config: str | None, shown_run: str | None, request: gr.Request, *now: Any) -> list[Any]:
        return open_tab(folders, shown_config, shown_run, dict(request.query_params), now)

    filled_from, told = (
        gr.Textbox("", visible="hidden", label="the settings that the form was filled from"),
        seen_place(),
    )

    def refill(choice: str, before: str, *now: Any) -> list[Any]:
        return refilled(folders, choice, before, now)

    def foresee(*values: Any) -> tuple[str, str, str]:
        return preview(folders, *values)

    came = tab.select(opened, [config, run, *controls], [config, poems, verdicts, run, told], **shared)
    fill_untyped(came, told, controls).then(foresee, form, foreseen, **shared).then(
        lambda chosen, before: before or chosen, [config, filled_from], filled_from, **shared
    ).then(lambda chosen: look(folders, chosen, {}), run, shown, **shared)
    came = on_input([config], refill, [config, filled_from, poems, *controls], [filled_from, told], **shared)
    fill_untyped(came, told, [poems, *controls]).then(foresee, form, foreseen, **shared)
    on_input(form[1:], foresee, form, foreseen, **shared)
    rows.click(lambda *given: preflight_html(folders, *given), form, rows_shown, **in_turn("preflight"))
    start.click(
        lambda *values: begin(folders, *values),
        form,
        [said, run],
        **shared | {"api_name": "run-begin", "api_visibility": "public"},
    ).then(lambda chosen: look(folders, chosen, {}), run, shown, **shared)


def open_tab(
    folders: AppFolders, config: str | None, run: str | None, query: Mapping[str, str], now: Sequence[Any]
) -> list[Any]:
    """The lists as they are now; the form, which holds `now`, is filled when the tab is opened for the first time."""
    import gradio as gr

    known, names, loops = configs(folders), folders.names(), folders.loops()
    wanted = config or (LIKE + query["like"] if LIKE + query.get("like", "") in known else known[0])
    chosen = run if run in names else folders.newest(query.get("run", "")) or None
    judged = query.get("verdicts", "") if query.get("verdicts") in loops else ""
    if config:  # opened before: what the person typed stays
        values: list[Any] = []
        filled = [gr.Dropdown(collections(folders)), gr.Dropdown([("nobody", ""), *loops])]
    else:
        poems, *values = values_of(folders, wanted)
        filled = [gr.Dropdown(collections(folders), value=poems), gr.Dropdown([("nobody", ""), *loops], value=judged)]
    return [gr.Dropdown(titled(known), value=wanted), *filled, gr.Dropdown(names, value=chosen), filling(now, values)]


def refilled(folders: AppFolders, choice: str, before: str, now: Sequence[Any]) -> list[Any]:
    """The form, which holds `now`, as other settings fill it; a list that was only looked at leaves what was typed."""
    import gradio as gr

    with contextlib.suppress(WorkbenchError):
        if choice != before:
            return [choice, filling(now, values_of(folders, choice))]
    return [gr.skip(), filling([], [])]


def begin(folders: AppFolders, *form: Any) -> tuple[str, Any]:
    """Starts the run of a filled form; says so, and shows it."""
    import gradio as gr

    try:
        arguments = arguments_of(folders, *form)
        settings_of(arguments)
        check_place(arguments)
        if "--name" not in arguments:
            arguments += ["--name", free_name(folders.runs)]
        name = arguments[arguments.index("--name") + 1]
        if (folders.runs / name / "run.json").is_file():
            return note_html(f"run {name!r} exists already; choose another name", "bad"), gr.skip()
        start_job(folders.runs, name, arguments, in_turn=True)
    except WorkbenchError as exc:
        return note_html(in_words(exc), "bad"), gr.skip()
    return note_html(started(folders, name), "good"), gr.Dropdown(folders.names(), value=name)


def started(folders: AppFolders, name: str) -> str:
    """What to say of a job that was just asked for: whether it has started or waits for others."""
    before = ahead_of(folders.runs, name)
    if before:
        return f"{name} waits until {before[0]} has ended, and then starts by itself, with or without this page."
    return f"{name} has started; it continues without this page."


def stop(folders: AppFolders, name: str) -> str:
    """Asks the run to save and leave; one in the queue leaves it."""
    is_queued = is_waiting(folders.runs, name)
    stop_job(folders.runs, name)
    if is_queued:
        return note_html(f"{name} has left the queue; “Resume” puts it in again.", "good")
    return note_html(f"{name} will save and stop after the current step.", "good")


def end(folders: AppFolders, name: str) -> str:
    """Ends the run's process at once."""
    end_job(folders.runs, name)
    return note_html(f"{name} was ended; “Resume” continues from its last checkpoint.", "good")


def resume(folders: AppFolders, name: str) -> str:
    """Continues a run with the settings it was started with."""
    run = folders.summary(name)
    if run.state in _AT_WORK:
        return note_html(f"{name} {_AT_WORK[run.state]}.")
    if run.state == "finished":
        return note_html(f"{name} has finished; there is nothing left to do.")
    job = find_job(folders.runs, name)
    if job and not (folders.runs / name / "run.json").is_file():  # it never began: there is nothing to resume
        start_job(folders.runs, name, job.command, in_turn=True)
        return note_html(started(folders, name), "good")
    command = "improve" if run.is_loop else "train"
    place = place_of(job.command) if job else []  # what began on a cluster continues there
    arguments = [command, "--resume", name, *place, "--runs", as_typed(folders.runs)]
    start_job(folders.runs, name, arguments, in_turn=True)
    if ahead_of(folders.runs, name):
        return note_html(started(folders, name), "good")
    return note_html(f"{name} continues from its last checkpoint.", "good")


def look(folders: AppFolders, name: str | None, seen: Seen) -> tuple[Any, ...]:
    """Head, charts, body and settings of a run; only what is new since `seen`, so that an idle page costs nothing."""
    import gradio as gr

    if not name:
        said = note_html("No run yet. “Start the run” starts one; you see here how it goes.")
        return (said, *_plots([]), "", "", {})
    try:
        run = folders.summary(name)
        now = {"mark": f"{name} {run.state} {run.heartbeat} {run.note}"}
        if now != seen:
            plots = _plots(charts(folders, name))
            return (head_html(folders, name), *plots, body_html(folders, name), settings_html(folders, name), now)
        is_alive = run.state in _AT_WORK
        return (head_html(folders, name) if is_alive else gr.skip(), *[gr.skip()] * (N_CHARTS + 3))
    except WorkbenchError as exc:
        return (note_html(str(exc), "bad"), *_plots([]), "", "", {})


def _plots(figures: Sequence[Any]) -> list[Any]:
    """The places for charts, filled as far as there are figures; the rest is hidden."""
    import gradio as gr

    return [gr.Plot(figure, visible=True) for figure in figures] + [gr.Plot(None, visible=False)] * (
        N_CHARTS - len(figures)
    )


def _lay_out(gr: Any) -> tuple[list[Any], list[Any], tuple[Any, Any], tuple[Any, Any]]:
    """The form, what it will cost and run, the button that starts it and the one that shows rows, each with a place."""
    html_area(INTRODUCTION)
    with gr.Row():
        config = gr.Dropdown([], label="Settings to start from", allow_custom_value=True, elem_id="config",
                             min_width=210)  # fmt: skip
        poems = gr.Dropdown([], label="Poems", allow_custom_value=True, elem_id="poems-folder", min_width=240)
    with gr.Row():
        controls = [_control(gr, label, kind) for label, _, kind in CONTROLS[:N_IN_SIGHT]]
    with gr.Accordion("More settings", open=False), gr.Row():
        controls += [_control(gr, label, kind) for label, _, kind in CONTROLS[N_IN_SIGHT:]]
        verdicts = gr.Dropdown([], label="Start from the verdicts of", allow_custom_value=True, elem_id="verdicts-of")
        name = gr.Textbox("", label="Name of the run", placeholder="chosen for you", max_lines=1, elem_id="run-name")
    cost = html_area(elem_id="cost")
    with gr.Accordion("What will run: the command and its settings", open=False):
        code: dict[str, Any] = {"interactive": False, "buttons": ["copy"], "elem_classes": "wb-code"}
        command = gr.Textbox(label="Command", elem_id="run-command", lines=2, **code)
        yaml = gr.Textbox(label="Settings as YAML", elem_id="run-yaml", lines=6, max_lines=18, **code)
        rows = gr.Button("Show three rows and which tokens carry loss", elem_id="preflight", scale=0, min_width=320)
        shown = html_area(elem_id="preflight-rows")
    with gr.Row():
        start = gr.Button("Start the run", variant="primary", elem_id="start", scale=0, min_width=220)
    said = html_area(elem_id="improve-said")
    return [config, poems, name, verdicts, *controls], [cost, command, yaml], (start, said), (rows, shown)


def _watch(gr: Any, folders: AppFolders, tab: Any) -> tuple[Any, list[Any]]:
    """The lower half: a run, at work or not."""
    html_area("<h2>Watch a run</h2>")
    with gr.Row(equal_height=True):
        run = gr.Dropdown([], label="Run", allow_custom_value=True, elem_id="run")
        buttons = [gr.Button(text, elem_id=key, min_width=150, scale=0) for key, text in BUTTONS]
    said = html_area(elem_id="run-said")
    head = html_area(elem_id="progress")
    plots = []
    for _ in range(0, N_CHARTS, 2):
        with gr.Row():
            plots += [gr.Plot(show_label=False, visible=False, elem_classes="wb-plot", min_width=320) for _ in range(2)]
    body = html_area(elem_id="report")
    with gr.Accordion("Settings of this run", open=False):
        settings = html_area(elem_id="run-settings")
    _compare(gr, folders, run)
    seen = seen_place()
    shown = [head, *plots, body, settings, seen]
    lay_out_shelf(gr, folders, run, lambda event: event.then(
        lambda name: look(folders, name, {}), run, shown, **in_turn("improve")))  # fmt: skip
    for button, handler in zip(buttons, (stop, resume, end), strict=True):
        name = handler.__name__
        named = in_turn("improve") | {"api_name": f"run-{name}", "api_visibility": "public"}
        button.click(_spoken(handler, folders), run, said, **named)

    def watch(name: str | None, before: Any) -> tuple[Any, ...]:
        return look(folders, name, seen_by(before))

    def watch_on(name: str | None, before: Any) -> tuple[Any, ...]:
        is_gone = name and name not in folders.names()  # renamed or removed while this look was on its way
        return (gr.skip(),) * len(shown) if is_gone else watch(name, before)

    on_input([run], watch, [run, seen], shown, **in_turn("improve"))
    poll(tab, 2, watch_on, [run, seen], shown, api_name="run-watch", api_visibility="public")
    return run, shown


def _compare(gr: Any, folders: AppFolders, run: Any) -> None:
    """The place where a second run is set beside the one in sight."""
    with gr.Accordion("Compare with another run", open=False) as opened:
        other = gr.Dropdown([], label="The other run", allow_custom_value=True, elem_id="other-run")
        compared = html_area(elem_id="compared")

    def known(name: str | None) -> Any:
        return gr.Dropdown([each for each in folders.loops() if each != name])

    def compare(one: str | None, beside: str | None) -> str:
        return compared_html(folders, one, beside) if one and beside else ""

    opened.expand(known, run, other, **in_turn("improve"))
    named = in_turn("improve") | {"api_name": "run-compare", "api_visibility": "public"}
    on_input([run, other], compare, [run, other], compared, **named)


def _spoken(handler: Callable[[AppFolders, str], str], folders: AppFolders) -> Callable[[str | None], str]:
    """A handler whose complaint is a line on the page."""

    def speak(name: str | None) -> str:
        try:
            return handler(folders, name) if name else note_html("choose a run first", "bad")
        except WorkbenchError as exc:
            return note_html(str(exc), "bad")

    return speak


def _control(gr: Any, label: str, kind: Any) -> Any:
    if kind == "number":
        return gr.Number(label=label, min_width=150)
    if kind == "text":
        return gr.Textbox(label=label, max_lines=1)
    return gr.Dropdown(list(kind), label=label, min_width=150)
