"""The page: its tabs in order, its head, and how it is served.

A new tab is a file beside this one with `build(desk, tab)`, and one line in TABS. It fills itself when `tab.select`
fires, which is also when the page opens on it; so a page costs only the tab that is looked at.
"""

import asyncio
import logging
import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.ui import candidates, home, improve, models, poems, revflux, spotcheck, studio
from workbench.ui.folders import Desk
from workbench.ui.revflux.data import Studies, flux_response
from workbench.ui.spotcheck.review import export
from workbench.ui.studio.data import Studio, download_response

_HERE = Path(__file__).parent
_SERIF = ("Iowan Old Style", "Palatino", "Charter", "Georgia", "DejaVu Serif", "serif")
_SANS = ("Seravek", "Gill Sans Nova", "Ubuntu", "Calibri", "DejaVu Sans", "sans-serif")
_MONO = ("DejaVu Sans Mono", "monospace")
MAX_UPLOAD = "64mb"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """One tab: its id in addresses (`?tab=id`), its title, and who lays it out."""

    id: str
    title: str
    build: Callable[[Desk, Any], None]


TABS = (
    Tab(id="home", title="Home", build=home.build),
    Tab(id="poems", title="Poems", build=poems.build),
    Tab(id="improve", title="Improve", build=improve.build),
    Tab(id="candidates", title="Candidates", build=candidates.build),
    Tab(id="spotcheck", title="Spot-check", build=spotcheck.build),
    Tab(id="studio", title="Studio", build=studio.build),
    Tab(id="revflux", title="RevFlux", build=revflux.build),
    Tab(id="models", title="Models", build=models.build),
)


def build_page(desk: Desk) -> Any:
    """The whole page as Gradio blocks; opens no model."""
    import gradio as gr

    with gr.Blocks(title="Poetry workbench", analytics_enabled=False, delete_cache=(3600, 3600)) as page:
        with gr.Tabs(selected="home", elem_id="tabs") as tabs:
            for tab in TABS:
                with gr.Tab(tab.title, id=tab.id) as place:
                    tab.build(desk, place)

        def opened(request: gr.Request) -> Any:
            return gr.Tabs(selected=tab_of(dict(request.query_params)))

        page.load(opened, None, tabs, api_visibility="private", show_progress="hidden")
    return page


def tab_of(query: Mapping[str, str]) -> str:
    """The tab that an address names."""
    wanted = query.get("tab", "")
    return wanted if wanted in {tab.id for tab in TABS} else TABS[0].id


def build_app(desk: Desk) -> Any:
    """The page as an ASGI app behind its guard; what `uvicorn` serves and tests ask."""
    import gradio as gr
    from fastapi import FastAPI

    from workbench.local_guard import LocalGuard

    routes = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    routes.add_api_route("/verdicts/{name}.jsonl", lambda name: export(desk, name), methods=["GET"])
    routes.add_api_route("/sessions/{name}.{kind}", _download_of(desk), methods=["GET"], response_model=None)
    studies = Studies(desk=desk)
    routes.add_route("/revflux.{kind}", lambda request: flux_response(studies, request), methods=["GET"])
    app = gr.mount_gradio_app(
        routes, build_page(desk), path="/", footer_links=[],
        run_history=False, ssr_mode=False, allowed_paths=[], max_file_size=MAX_UPLOAD, theme=_theme(gr),
        css=_texts("style.css", "studio.css"), head=_head(), show_error=True,
    )  # fmt: skip
    return LocalGuard(app)


def serve(desk: Desk, *, port: int = 7860) -> None:
    """Serves the app on this machine only, until it is interrupted."""
    import uvicorn

    logging.getLogger("uvicorn.error").addFilter(_is_news)
    options: dict[str, Any] = {"log_level": "warning", "access_log": False, "timeout_graceful_shutdown": 2}
    # private and empty: Gradio hands out files of its working folder
    with tempfile.TemporaryDirectory(prefix="workbench-app-", ignore_cleanup_errors=True) as folder:
        os.environ |= {"GRADIO_ANALYTICS_ENABLED": "False", "GRADIO_TEMP_DIR": folder, "HF_HUB_OFFLINE": "1"}
        os.chdir(folder)
        app = build_app(desk)
        print(f"The workbench is at http://127.0.0.1:{port} (Ctrl-C ends it; runs go on)", flush=True)  # noqa: T201 - the one thing to say
        uvicorn.run(app, host="127.0.0.1", port=port, **options)


def _is_news(record: logging.LogRecord) -> bool:
    """Whether a log line says something: that Ctrl-C cut off the pages that were open does not."""
    is_cut = bool(record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError))
    return not is_cut and "timeout graceful shutdown exceeded" not in record.getMessage()


def _download_of(desk: Desk) -> Callable[..., Any]:
    def answer(name: str, kind: str, draft: int | None = None) -> Any:
        return download_response(Studio(desk), name, kind, draft)

    return answer


def _head() -> str:
    return f"<script>{_texts('keys.js', 'kept.js', 'studio.js')}</script>"


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
