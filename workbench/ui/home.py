"""Home: what this is, a first run with one click, the runs, and what the machine has and lacks."""

from html import escape
from typing import Any

from workbench.doctor import examine
from workbench.errors import WorkbenchError
from workbench.jobs import start_job
from workbench.storage.run_names import free_name
from workbench.ui.events import poll
from workbench.ui.folders import Desk, ago, plain_note
from workbench.ui.html import html_area, link, note_html, state_html, table_html

INTRODUCTION = """
<section class="wb-intro"><h1>Poetry workbench</h1>
<p>Work on poems with language models that run on this machine, and teach them poetry from poems alone. Nothing leaves
this machine, unless you add a model elsewhere.</p></section>
<div class="wb-cards wb-doors">
<section class="wb-card"><h2><a href="?tab=studio">Revise a poem</a></h2><p>Say what it is to be, or paste one of yours.
A poet drafts, an educator criticises, you decide line by line.</p></section>
<section class="wb-card"><h2><a href="?tab=poems">Hear a poem</a></h2><p>Rhyme, syllables, feet and form of the poems
here, or of your own.</p></section>
<section class="wb-card"><h2>Teach a model</h2><p>It describes poems; the descriptions that help it most to foresee the
poem, and do not copy it, train it. At the end stands what it learned, and what chance would have done.</p></section>
</div>
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
        button = gr.Button("Teach it six poems (two minutes)", elem_id="try-it", scale=0, min_width=420)
    said = html_area(elem_id="home-said")
    runs = html_area(elem_id="home-runs")
    with gr.Accordion("This machine", open=False):
        state = html_area(elem_id="home-state")
    button.click(lambda: try_it(desk), None, said, api_visibility="private")
    tab.select(lambda: (runs_html(desk), state_html_of_machine(desk)), None, [runs, state], api_visibility="private")
    poll(5, lambda: runs_html(desk), None, runs)


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
        doors = " · ".join(link(title, tab=tab, run=name) for title, tab in (DOORS if run.is_loop else DOORS[:1]))
        rows.append(
            [escape(name), state_html(run.state), escape(plain_note(run.note)[:160]), ago(run.heartbeat), doors]
        )
    if not rows:
        return "<h2>Runs</h2>" + note_html("None yet. A run is one time of teaching; the button above begins one.")
    return "<h2>Runs</h2>" + table_html(("run", "state", "last word", "heard", "look at"), rows, caption="All runs")


def state_html_of_machine(desk: Desk) -> str:
    """What this machine has and lacks, each with its fix."""
    rows = []
    for finding in examine(desk.runs.parent if desk.runs.parent.is_dir() else desk.config):
        sign = "✓ there" if finding.is_ok else ("✕ missing" if finding.is_needed else "– without")
        rows.append([escape(finding.what), sign, escape(finding.found), "" if finding.is_ok else escape(finding.fix)])
    return table_html(("what", "state", "found", "to do"), rows, caption="This machine")
