"""The page: its tabs in order, its head, its first tab (Home), and how it is served.

A new tab is a file beside this one with `build(folders, tab)`, and one line in TABS. It fills itself when `tab.select`
fires, which is also when the page opens on it; so a page costs only the tab that is looked at. Home says what this is,
starts a first run with one click, and lists the runs and what the machine has and lacks.
"""

import asyncio
import contextlib
import logging
import os
import re
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from workbench.doctor import examine
from workbench.errors import WorkbenchError
from workbench.jobs import start_job
from workbench.storage.run_names import free_name
from workbench.ui import all_candidates, compose, models, poems
from workbench.ui.candidates import poem_of
from workbench.ui.events import poll, rest_unseen
from workbench.ui.folders import AppFolders, ago, lost_in, said_by
from workbench.ui.help import INTRODUCTION, OWN, TEACH, head_html
from workbench.ui.html import html_area, link, note_html, state_html, table_html
from workbench.ui.improve import tab as improve
from workbench.ui.revflux import tab as revflux
from workbench.ui.routes import add_routes
from workbench.ui.spotcheck import tab as spotcheck
from workbench.ui.studio import tab as studio
from workbench.ui.studio.data import Studio
from workbench.ui.write import tab as write

_HERE = Path(__file__).parent


_SERIF = ("Iowan Old Style", "Palatino", "Charter", "Georgia", "DejaVu Serif", "serif")


_SANS = ("Seravek", "Gill Sans Nova", "Ubuntu", "Calibri", "DejaVu Sans", "sans-serif")


_MONO = ("DejaVu Sans Mono", "monospace")


_SCRIPTS = ("kept.js", "keys.js", "studio.js", "write/page.js", "write/line.js", "own.js", "newcomers.js",
            "access.js")  # fmt: skip


MAX_UPLOAD = "64mb"


TRIAL = {
    "corpus.limit": 6,
    "improvement.iterations": 1,
    "backtranslation.n_candidates": 3,
    "evaluation.n_candidates": 1,
}


_QUEUE_SECONDS = 0.02  # between two looks of Gradio's at its queue: what a click may wait, and nobody feels
DOORS = (("progress", "improve"), ("candidates", "candidates"), ("spot-check", "spotcheck"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """One tab: its id in addresses (`?tab=id`), its title, and who lays it out."""

    id: str
    title: str
    build: Callable[[AppFolders, Any], None]


def build_home(folders: AppFolders, tab: Any) -> None:
    """Lays the tab out."""
    import gradio as gr

    html_area(INTRODUCTION)
    html_area(OWN)
    html_area(TEACH)
    with gr.Row():
        button = gr.Button("Try it: six poems, 2 to 5 minutes", elem_id="try-it", scale=0, min_width=420)
    said = html_area(elem_id="home-said")
    runs = html_area(elem_id="home-runs")
    with gr.Accordion("This machine", open=False):
        state = html_area(elem_id="home-state")
    button.click(lambda: try_it(folders), None, said, api_visibility="private")
    tab.select(
        lambda: (runs_html(folders), state_html_of_machine(folders)), None, [runs, state], api_visibility="private"
    )
    tab.select(None, None, None, js="() => window.wbOwnPoems()", api_visibility="private")
    poll(tab, 5, lambda: runs_html(folders), None, runs)


TABS = (
    Tab(id="home", title="Home", build=build_home),
    Tab(id="write", title="Write", build=write.build),
    Tab(id="studio", title="Studio", build=studio.build),
    Tab(id="poems", title="Poems", build=poems.build),
    Tab(id="improve", title="Teach", build=improve.build),
    Tab(id="candidates", title="Candidates", build=all_candidates.build),
    Tab(id="spotcheck", title="Spot-check", build=spotcheck.build),
    Tab(id="compose", title="Compose", build=compose.build),
    Tab(id="revflux", title="RevFlux", build=revflux.build),
    Tab(id="models", title="Models", build=models.build),
)


def build_page(folders: AppFolders) -> Any:
    """The whole page as Gradio blocks; opens no model."""
    import gradio as gr

    with gr.Blocks(title="Poetry workbench", analytics_enabled=False, delete_cache=(3600, 3600)) as page:
        html_area(head_html())
        lost = html_area(elem_id="lost")
        with gr.Tabs(selected="home", elem_id="tabs", overflow_behavior="wrap"):
            places = []
            for tab in TABS:
                with gr.Tab(tab.title, id=tab.id) as place:
                    tab.build(folders, place)
                places.append(place)
        rest_unseen(places)

        def opened(request: gr.Request) -> str:
            return lost_html(folders, dict(request.query_params))

        # which tab is open is decided in the browser (keys.js): an answer would come after a person's first click
        page.load(opened, None, lost, api_visibility="private", show_progress="hidden")
    return page


def lost_html(folders: AppFolders, query: Mapping[str, str]) -> str:
    """What an address names and is not here."""
    known = _plain(query.get("tab", "")) in {_plain(name) for tab in TABS for name in (tab.title, tab.id)}
    said = lost_in(folders, query, [query.get("tab", "")] if known else [])
    session, candidate = query.get("session", ""), query.get("candidate", "")
    with contextlib.suppress(WorkbenchError):
        if not said and session and session not in [name for _, name in Studio(folders).choices()]:
            said = f"There is no poem under revision ‘{session[:60]}’ here; choose one from the list."
        if not said and candidate and not poem_of(folders, folders.newest(query.get("run", "")), candidate):
            said = f"There is no description ‘{candidate[:60]}’ in this run; you see another one."
    return note_html(said, "bad")


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", name.casefold())


def build_app(folders: AppFolders) -> Any:
    """The page as an ASGI app behind its guard; what `uvicorn` serves and tests ask."""
    import gradio as gr
    from fastapi import FastAPI

    from workbench.local_guard import LocalGuard

    routes = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    add_routes(routes, folders)
    page = build_page(folders)
    app = gr.mount_gradio_app(
        routes, page, path="/", footer_links=[],
        run_history=False, ssr_mode=False, allowed_paths=[], max_file_size=MAX_UPLOAD, theme=_theme(gr),
        css=_texts("style.css", "studio.css", "write/page.css"), head=_head(), show_error=True,
    )  # fmt: skip
    # Gradio looks at its queue a thousand times a second, but on Windows twenty times: a tenth of a core for nothing
    page._queue.sleep_when_free = _QUEUE_SECONDS
    return LocalGuard(app)


def serve(folders: AppFolders, *, port: int = 7860) -> None:
    """Serves the app on this machine only, until it is interrupted."""
    import uvicorn

    logging.getLogger("uvicorn.error").addFilter(_is_news)
    # h11: the guard has to see the request line as it came
    options: dict[str, Any] = {
        "http": "h11", "log_level": "warning", "access_log": False, "timeout_graceful_shutdown": 2,
    }  # fmt: skip
    # private and empty: Gradio hands out files of its working folder
    with tempfile.TemporaryDirectory(prefix="workbench-app-", ignore_cleanup_errors=True) as folder:
        os.environ |= {"GRADIO_ANALYTICS_ENABLED": "False", "GRADIO_TEMP_DIR": folder, "HF_HUB_OFFLINE": "1"}
        os.chdir(folder)
        app = build_app(folders)
        print(f"The workbench is at http://127.0.0.1:{port} (Ctrl-C ends it; runs continue)", flush=True)  # noqa: T201 - the one thing to say
        uvicorn.run(app, host="127.0.0.1", port=port, **options)


def try_it(folders: AppFolders) -> str:
    """Starts the loop on six poems with the built-in model; says where to watch it."""
    name = free_name(folders.runs)
    changes = [word for key, value in TRIAL.items() for word in ("--set", f"{key}={value}")]
    arguments = ["improve", str(folders.config / "demo.yaml"), *changes, "--name", name, "--runs", str(folders.runs)]
    try:
        start_job(folders.runs, name, arguments, in_turn=True)
    except WorkbenchError as exc:
        return note_html(str(exc), "bad")
    told = escape(improve.started(folders, name))
    return f'<p class="wb-good" role="status">✓ {told} {link("Watch it", tab="improve", run=name)}</p>'


def runs_html(folders: AppFolders) -> str:
    """All runs with their states."""
    rows = []
    for name in folders.names()[:50]:
        try:
            run = folders.summary(name)
        except WorkbenchError as exc:
            rows.append([escape(name), state_html("failed"), escape(str(exc)), "", ""])
            continue
        doors = " · ".join(link(title, tab=tab, run=name) for title, tab in (DOORS if run.is_loop else DOORS[:1]))
        rows.append([escape(name), state_html(run.state), escape(said_by(run)[:160]), ago(run.heartbeat), doors])
    if not rows:
        return "<h2>Runs</h2>" + note_html("None yet. A run trains a model once; the button above starts one.")
    return "<h2>Runs</h2>" + table_html(("run", "state", "last message", "updated", "open"), rows, caption="All runs")


def state_html_of_machine(folders: AppFolders) -> str:
    """What this machine has and lacks, each with its fix."""
    rows = []
    for finding in examine(folders.runs.parent if folders.runs.parent.is_dir() else folders.config):
        sign = "✓ there" if finding.is_ok else ("✕ missing" if finding.is_needed else "– without")
        rows.append([escape(finding.what), sign, escape(finding.found), "" if finding.is_ok else escape(finding.fix)])
    return table_html(("what", "state", "found", "to do"), rows, caption="This machine")


def _is_news(record: logging.LogRecord) -> bool:
    """Whether a log line says something: that Ctrl-C cut off the pages that were open does not."""
    is_cut = bool(record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError))
    return not is_cut and "timeout graceful shutdown exceeded" not in record.getMessage()


def _head() -> str:
    return f"<script>{_texts(*_SCRIPTS)}</script>"


def _texts(*names: str) -> str:
    return "\n".join((_HERE / name).read_text(encoding="utf-8") for name in names)


def _theme(gr: Any) -> Any:
    """Paper by day, slate by night; the fonts are those of the machine."""
    theme = gr.themes.Base(primary_hue="teal", neutral_hue="stone", font=_SANS, font_mono=_MONO, radius_size="sm")
    return theme.set(
        body_background_fill="#fbf9f3", body_background_fill_dark="#1b1a17",
        body_text_color="#26231d", body_text_color_dark="#ece7da",
        body_text_color_subdued="#655f52", body_text_color_subdued_dark="#b3ab99",
        block_background_fill="#fffefa", block_background_fill_dark="#24221e",
        block_label_text_color="#655f52", block_label_text_color_dark="#b3ab99",
        block_title_text_color="#4d483d", block_title_text_color_dark="#cfc8b8",
        block_info_text_color="#655f52", block_info_text_color_dark="#b3ab99",
        border_color_primary="#ddd6c5", border_color_primary_dark="#45413a",
        input_background_fill="#ffffff", input_background_fill_dark="#1f1d1a",
        input_border_width="1px", input_border_color="#cfc7b4", input_border_color_dark="#4d4942",
        input_placeholder_color="#766f61", input_placeholder_color_dark="#9a927f",
        button_primary_background_fill="#17605a", button_primary_background_fill_dark="#2c7d74",
        button_primary_background_fill_hover="#0f4c47", button_primary_background_fill_hover_dark="#24695f",
        button_primary_text_color="#ffffff", button_primary_text_color_dark="#ffffff",
        button_secondary_background_fill="#efeade", button_secondary_background_fill_dark="#35322c",
        button_secondary_background_fill_hover="#e4ddcc", button_secondary_background_fill_hover_dark="#45413a",
        button_secondary_text_color="#26231d", button_secondary_text_color_dark="#ece7da",
    )  # fmt: skip
