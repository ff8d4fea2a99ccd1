"""Improve: choose a few settings, see what will run and what it costs, start it, watch it, stop it, read its report."""

import re
from itertools import pairwise
from typing import Any

from workbench.config import Settings, as_yaml, load_settings
from workbench.corpus import load_poems
from workbench.errors import WorkbenchError
from workbench.estimate import estimate
from workbench.jobs import PROJECT, end_job, free_name, shown_command, start_job, stop_job
from workbench.ui.desk import Desk
from workbench.ui.markup import html_area, note_html
from workbench.ui.progress import progress_html, report_html, settings_html

# label, setting, kind; the first few stand in sight, the rest under “More settings”
CONTROLS = (
    ("Poems to use (0 = all)", "corpus.limit", "number"),
    ("Descriptions of each poem (N)", "backtranslation.n_candidates", "number"),
    ("Winners of each poem (K)", "selection.top_k", "number"),
    ("Iterations", "improvement.iterations", "number"),
    ("Words a description", "backtranslation.words", "number"),
    ("Temperature", "backtranslation.temperature", "number"),
    ("Rank winners by", "selection.rule", ("specificity", "guarded_gain", "gain")),
    ("Train", "selection.train", ("follower", "describer", "both")),
    ("Share of poems held out", "corpus.held_out", "number"),
    ("Poems a step", "improvement.poems_per_batch", "number"),
    ("LoRA rank", "training.lora_rank", "number"),
    ("Learning rate at the start", "improvement.learning_rate_start", "number"),
    ("Learning rate at the end", "improvement.learning_rate_end", "number"),
    ("Seed", "seed", "number"),
    ("Model (built-in, a folder, a .gguf file)", "model.source", "text"),
)
N_IN_SIGHT = 4


def build(desk: Desk, page: Any) -> None:
    """Lays the tab out."""
    import gradio as gr

    html_area("<h2>A new run</h2>")
    with gr.Row():
        config = gr.Dropdown(
            configs(desk), value=configs(desk)[0], label="Begin with the settings of", elem_id="config"
        )
        poems = gr.Dropdown([], label="Poems", allow_custom_value=True, elem_id="poems-folder")
        controls = [_control(gr, label, kind) for label, _, kind in CONTROLS[:N_IN_SIGHT]]
    with gr.Accordion("More settings", open=False), gr.Row():
        controls += [_control(gr, label, kind) for label, _, kind in CONTROLS[N_IN_SIGHT:]]
        verdicts = gr.Dropdown([], label="Begin with the verdicts of", info="what people approved there wins here")
        name = gr.Textbox(label="Name of the run", placeholder="chosen for you", max_lines=1)
    cost = html_area(elem_id="cost")
    with gr.Accordion("What will run: the command and its settings", open=False):
        command = gr.Code(label="Command", language="shell", interactive=False, wrap_lines=True, buttons=["copy"])
        yaml = gr.Code(label="Settings as YAML", language="yaml", interactive=False, max_lines=18, buttons=["copy"])
    with gr.Row():
        start = gr.Button("Start the run", variant="primary", elem_id="start", scale=0)
    said = html_area(elem_id="improve-said")
    form = [config, poems, name, verdicts, *controls]
    shown = _watch(gr, desk, page)

    def refill(choice: str) -> list[Any]:
        return values_of(desk, choice)

    def foresee(*values: Any) -> tuple[str, str, str]:
        return preview(desk, *values)

    config.input(refill, config, [poems, *controls], api_visibility="private", show_progress="hidden").then(
        foresee, form, [cost, command, yaml], api_visibility="private", show_progress="hidden"
    )
    for part in form[1:]:
        part.input(foresee, form, [cost, command, yaml], api_visibility="private", show_progress="hidden")
    start.click(lambda *values: begin(desk, *values), form, [said, shown], api_visibility="private")
    page.load(lambda: _fill_lists(gr, desk), None, [poems, verdicts], api_visibility="private").then(
        refill, config, [poems, *controls], api_visibility="private", show_progress="hidden"
    ).then(foresee, form, [cost, command, yaml], api_visibility="private", show_progress="hidden")


def configs(desk: Desk) -> list[str]:
    """The jobs of the loop that stand in config/."""
    return [name for name in ("demo.yaml", "improve.yaml", "selection_study.yaml") if (desk.config / name).is_file()]


def collections(desk: Desk) -> list[str]:
    """Folders of poems, as the settings name them."""
    folders = [path for path in sorted(desk.poems.glob("*")) if path.is_dir() and any(path.iterdir())]
    return [_as_typed(path) for path in folders]


def values_of(desk: Desk, config: str) -> list[Any]:
    """What the form shows for a settings file: the poems, then every control."""
    settings = load_settings(desk.config / _known(desk, config))
    return [settings.corpus.poems, *(_get(settings, key) for _, key, _ in CONTROLS)]


def arguments_of(desk: Desk, config: str, poems: str, name: str, verdicts: str | None, *values: Any) -> list[str]:
    """The command that a filled form stands for; only what differs from the settings file is said."""
    file = desk.config / _known(desk, config)
    before = load_settings(file)
    changes = [("corpus.poems", poems), *((key, value) for (_, key, _), value in zip(CONTROLS, values, strict=True))]
    arguments = ["improve", _as_typed(file)]
    for key, value in changes:
        if value is not None and value != _get(before, key):
            arguments += ["--set", f"{key}={_yaml(value)}"]
    if verdicts:
        arguments += ["--verdicts", verdicts]
    return [*arguments, "--name", (name or "").strip() or "NAME", "--runs", _as_typed(desk.runs)]


def preview(desk: Desk, *form: Any) -> tuple[str, str, str]:
    """Cost, command and YAML of a filled form; or the one line that says what does not fit."""
    try:
        arguments = arguments_of(desk, *form)
        settings = _settings(desk, arguments)
        n_poems = len(load_poems(PROJECT / settings.corpus.poems, separator=settings.corpus.separator))
        cost = estimate(settings, n_poems, runs=desk.runs)
    except WorkbenchError as exc:
        return note_html(str(exc), "bad"), "", ""
    named = [argument for argument in arguments if argument != "NAME"]
    named = named if len(named) == len(arguments) else [a for a in named if a != "--name"]
    return note_html(f"{n_poems} poems are there. The run: {cost.sentence}."), shown_command(named), as_yaml(settings)


def begin(desk: Desk, *form: Any) -> tuple[str, Any]:
    """Starts the run of a filled form; says so, and shows it."""
    import gradio as gr

    try:
        arguments = arguments_of(desk, *form)
        _settings(desk, arguments)
        name = free_name(desk.runs)
        arguments = [name if argument == "NAME" else argument for argument in arguments]
        name = arguments[arguments.index("--name") + 1]
        if (desk.runs / name / "run.json").is_file():
            return note_html(f"run {name!r} exists already; choose another name", "bad"), gr.skip()
        start_job(desk.runs, name, arguments)
    except WorkbenchError as exc:
        return note_html(str(exc), "bad"), gr.skip()
    return note_html(f"{name} has begun; it goes on without this page.", "good"), gr.Dropdown(desk.names(), value=name)


def stop(desk: Desk, name: str) -> str:
    """Asks the run to save and leave."""
    try:
        stop_job(desk.runs, name)
    except WorkbenchError as exc:
        return note_html(str(exc), "bad")
    return note_html(f"{name} saves and stops after its present action.", "good")


def end(desk: Desk, name: str) -> str:
    """Ends the run's process at once."""
    try:
        end_job(desk.runs, name)
    except WorkbenchError as exc:
        return note_html(str(exc), "bad")
    return note_html(f"{name} was ended; “Resume” goes on from its last checkpoint.", "good")


def resume(desk: Desk, name: str) -> str:
    """Goes on with a run, with the settings it was started with."""
    try:
        summary = desk.summary(name)
        if summary.state in ("running", "starting"):
            return note_html(f"{name} is at work already.")
        if summary.state == "finished":
            return note_html(f"{name} has finished; there is nothing left to do.")
        start_job(desk.runs, name, ["improve", "--resume", name, "--runs", _as_typed(desk.runs)])
    except WorkbenchError as exc:
        return note_html(str(exc), "bad")
    return note_html(f"{name} goes on from its last checkpoint.", "good")


def show(desk: Desk, name: str) -> tuple[str, str, str]:
    """Progress, report and settings of a run."""
    try:
        return progress_html(desk, name), report_html(desk, name), settings_html(desk, name)
    except WorkbenchError as exc:
        return note_html(str(exc), "bad"), "", ""


def mark_of(desk: Desk, name: str) -> str:
    """Changes when there is something new to show of a run."""
    try:
        summary = desk.summary(name)
    except WorkbenchError:
        return ""
    return f"{name} {summary.state} {summary.heartbeat} {summary.note}"


def _watch(gr: Any, desk: Desk, page: Any) -> Any:
    """The lower half: a run, at work or not."""
    html_area("<h2>A run</h2>")
    with gr.Row(equal_height=True):
        run = gr.Dropdown([], label="Run", elem_id="run")
        buttons = [gr.Button(text, elem_id=key, min_width=120, scale=0) for key, text in
                   (("stop", "Stop and save"), ("resume", "Resume"), ("end", "End at once"))]  # fmt: skip
    said = html_area(elem_id="run-said")
    progress = html_area(elem_id="progress")
    report = html_area(elem_id="report")
    with gr.Accordion("Settings of this run", open=False):
        settings = html_area(elem_id="run-settings")
    mark = gr.State("")
    for button, handler in zip(buttons, (stop, resume, end), strict=True):
        button.click(_bound(handler, desk), run, said, api_visibility="private")

    def opened(request: gr.Request) -> Any:
        return gr.Dropdown(desk.names(), value=desk.newest(dict(request.query_params).get("run", "")) or None)

    def look(name: str, seen: str) -> tuple[Any, ...]:
        now = mark_of(desk, name) if name else ""
        if now == seen and " running " not in now and " starting " not in now:
            return (gr.skip(),) * 4
        return (*(show(desk, name) if name else ("", "", "")), now)

    outputs = [progress, report, settings, mark]
    page.load(opened, None, run, api_visibility="private").then(
        look, [run, mark], outputs, api_visibility="private", show_progress="hidden"
    )
    run.change(look, [run, mark], outputs, api_visibility="private", show_progress="hidden")
    gr.Timer(2).tick(look, [run, mark], outputs, api_visibility="private", show_progress="hidden")
    return run


def _bound(handler: Any, desk: Desk) -> Any:
    return lambda name: handler(desk, name) if name else note_html("choose a run first", "bad")


def _fill_lists(gr: Any, desk: Desk) -> tuple[Any, Any]:
    return gr.Dropdown(collections(desk)), gr.Dropdown([("nobody", ""), *desk.names()], value="")


def _control(gr: Any, label: str, kind: Any) -> Any:
    if kind == "number":
        return gr.Number(label=label, min_width=150)
    return (
        gr.Textbox(label=label, max_lines=1) if kind == "text" else gr.Dropdown(list(kind), label=label, min_width=150)
    )


def _known(desk: Desk, config: str) -> str:
    if config not in configs(desk):
        raise WorkbenchError(f"no settings file {config!r}; choose one of {', '.join(configs(desk))}")
    return config


def _settings(desk: Desk, arguments: list[str]) -> Settings:
    overrides = [after for word, after in pairwise(arguments) if word == "--set"]
    return load_settings(PROJECT / arguments[1], overrides)


def _get(settings: Settings, key: str) -> Any:
    value: Any = settings
    for part in key.split("."):
        value = getattr(value, part)
    return value


def _yaml(value: Any) -> str:
    """A value as --set reads it: whole numbers without a point; text in quotes where YAML could take it for more."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value)
    is_plain = isinstance(value, int | float) or re.fullmatch(r"[A-Za-z/][\w./-]*", text)
    return text if is_plain else "'" + text.replace("'", "''") + "'"


def _as_typed(path: Any) -> str:
    """A path as a person at the project's root would type it."""
    return str(path.relative_to(PROJECT)) if path.is_relative_to(PROJECT) else str(path)
