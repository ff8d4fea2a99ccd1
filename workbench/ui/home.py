"""Home: what this is, a first run with one click, the runs, and what the machine has and lacks."""

from html import escape
from typing import Any

from workbench.doctor import examine
from workbench.errors import WorkbenchError
from workbench.jobs import free_name, start_job
from workbench.ui.desk import Desk, ago
from workbench.ui.markup import html_area, link, note_html, state_html, table_html

INTRODUCTION = """
<section class="wb-intro"><h1>Poetry workbench</h1>
<p>Here people teach language models poetry, and prove what was taught. A model describes poems, the descriptions that
really help it to foresee those poems win, copies are thrown out, and the winners train it; you judge the judges, blind.
Everything runs on this machine, and nothing leaves it.</p></section>
"""
TRIAL = {
    "corpus.limit": 6,
    "improvement.iterations": 1,
    "backtranslation.n_candidates": 3,
    "evaluation.n_candidates": 1,
}
DOORS = (("progress", "improve"), ("candidates", "candidates"), ("spot-check", "spotcheck"))


def build(desk: Desk, tab: Any) -> None:
    """Lays the tab out."""
    import gradio as gr

    html_area(INTRODUCTION)
    with gr.Row():
        button = gr.Button(
            "Try it: six poems, about two minutes", variant="primary", elem_id="try-it", scale=0, min_width=420
        )
    said = html_area(elem_id="home-said")
    runs = html_area(elem_id="home-runs")
    with gr.Accordion("This machine", open=False):
        state = html_area(elem_id="home-state")
    button.click(lambda: try_it(desk), None, said, api_visibility="private")
    tab.select(lambda: (runs_html(desk), state_html_of_machine(desk)), None, [runs, state], api_visibility="private")
    gr.Timer(5).tick(lambda: runs_html(desk), None, runs, show_progress="hidden", api_visibility="private")


def try_it(desk: Desk) -> str:
    """Starts the loop on six poems with the built-in model; says where to watch it."""
    name = free_name(desk.runs)
    changes = [word for key, value in TRIAL.items() for word in ("--set", f"{key}={value}")]
    arguments = ["improve", str(desk.config / "demo.yaml"), *changes, "--name", name, "--runs", str(desk.runs)]
    try:
        start_job(desk.runs, name, arguments)
    except WorkbenchError as exc:
        return note_html(str(exc), "bad")
    return f'<p class="wb-good">✓ {escape(name)} has begun. {link("Watch it", tab="improve", run=name)}</p>'


def runs_html(desk: Desk) -> str:
    """All runs with their states."""
    rows = []
    for name in desk.names()[:50]:
        try:
            run = desk.summary(name)
        except WorkbenchError as exc:
            rows.append([escape(name), state_html("failed"), escape(str(exc)), "", ""])
            continue
        doors = " · ".join(link(title, tab=tab, run=name) for title, tab in DOORS)
        rows.append([escape(name), state_html(run.state), escape(run.note[:160]), ago(run.heartbeat), doors])
    if not rows:
        return "<h2>Runs</h2>" + note_html("None yet. “Try it” begins one; so does the tab Improve.")
    return "<h2>Runs</h2>" + table_html(("run", "state", "last word", "heard", "look at"), rows, caption="All runs")


def state_html_of_machine(desk: Desk) -> str:
    """What this machine has and lacks, each with its fix."""
    rows = []
    for finding in examine(desk.runs.parent if desk.runs.parent.is_dir() else desk.config):
        sign = "✓ there" if finding.is_ok else ("✕ missing" if finding.is_needed else "– without")
        rows.append([escape(finding.what), sign, escape(finding.found), "" if finding.is_ok else escape(finding.fix)])
    return table_html(("what", "state", "found", "to do"), rows, caption="This machine")
