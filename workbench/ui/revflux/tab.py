"""RevFlux: how poems change under revision, over the studio's sessions and over studies; filters, figures, downloads.

What is measured is in `workbench/revflux`; here a choice of sessions is shown. See `data`.
"""

from typing import Any

from workbench.errors import WorkbenchError
from workbench.ui.events import in_turn, on_input
from workbench.ui.folders import AppFolders
from workbench.ui.html import html_area, note_html
from workbench.ui.revflux.data import (
    ALL,
    STUDIO,
    Choice,
    Studies,
    choices_in,
    downloads_html,
    figure_of,
    figures_of,
    overview_html,
)
from workbench.ui.revflux.strands import strands_html

INTRODUCTION = (
    "<h1 class='wb-name'>How poems change under revision</h1>"
    "<p class='wb-note'>How much of a draft stays, line by line, when it is "
    "revised: over the poems of the studio, or over a study. Lines are aligned first, so an inserted line is one new "
    "line and not twenty changed ones. No figure here says that a poem is good.</p>"
)


def build(folders: AppFolders, tab: Any) -> None:
    """Lays the tab out."""
    import gradio as gr

    studies = Studies(folders=folders)
    filters, shown, (drawn, note) = _lay_out(gr)
    study, figure = filters[0], shown[1]
    shared = in_turn("revflux")

    def opened(name: str | None, request: gr.Request) -> list[Any]:
        known = studies.names()
        wanted = name or dict(request.query_params).get("study", "")
        chosen = wanted if wanted in [key for _, key in known] else (known[0][1] if known else None)
        return [gr.Dropdown(known, value=chosen), *filled(studies, chosen)]

    def refilled(name: str | None) -> list[Any]:
        return filled(studies, name)

    def looked(*form: Any) -> list[Any]:
        return look(studies, *form)

    def drew(*form: Any) -> tuple[Any, str]:
        return draw(studies, *form)

    drawing: tuple[Any, ...] = (drew, [*filters, figure], [drawn, note])
    filled_in = (
        tab.select(opened, study, filters, **shared),
        on_input([study], refilled, study, filters[1:], **shared),
    )
    for asked in filled_in:
        asked.then(looked, filters, shown, **shared).then(*drawing, **shared)
    on_input(filters[1:], looked, filters, shown, **shared).then(*drawing, **shared)
    on_input([figure], *drawing, **shared)


def _lay_out(gr: Any) -> tuple[list[Any], list[Any], list[Any]]:
    """The filters, what is told of a choice, the figure with its note."""
    html_area(INTRODUCTION)
    with gr.Row():
        study = gr.Dropdown([], label="Sessions of", elem_id="flux-study", scale=2)
        pair = gr.Dropdown([], value=[], multiselect=True, label="Only these models", elem_id="flux-pair", scale=2)
        category = gr.Dropdown([], label="Only prompts of the kind", elem_id="flux-category")
        revisions = gr.Dropdown([], label="Maximum number of revisions", elem_id="flux-revisions")
    overview = html_area(note_html("Reading and measuring the sessions …"), elem_id="flux-overview")
    with gr.Row(visible=False) as picked:
        figure = gr.Dropdown([], label="Figure", elem_id="flux-figure")
    drawn = gr.Plot(show_label=False, elem_id="flux-plot", elem_classes="wb-plot", visible=False)
    note = html_area(elem_id="flux-note")
    files = html_area(elem_id="flux-files")
    return [study, pair, category, revisions], [overview, figure, files, picked], [drawn, note]


def filled(studies: Studies, name: str | None) -> list[Any]:
    """The filters of a study."""
    import gradio as gr

    try:
        found = choices_in(studies, name or "")
    except WorkbenchError:
        return [gr.Dropdown([], value=[]), gr.Dropdown([(ALL, ALL)], value=ALL), gr.Dropdown([], value=None)]
    limits = [(f"{n}", n) for n in found.revisions]
    return [
        gr.Dropdown(list(found.configurations), value=[]),
        gr.Dropdown([ALL, *found.categories], value=ALL),
        gr.Dropdown(limits, value=max(found.revisions, default=None)),
    ]


def look(
    studies: Studies, name: str | None, pairs: list[str] | None, category: str | None, limit: int | None
) -> list[Any]:
    """Overview, list of figures and downloads of a choice, and whether there is a figure to choose."""
    import gradio as gr

    choice = Choice(study=name or "", configurations=tuple(pairs or ()), category=category or ALL, revisions=limit)
    try:
        results = studies.results(choice)
    except WorkbenchError as exc:
        return [note_html(str(exc)), gr.Dropdown([], value=None), "", gr.Row(visible=False)]
    names = figures_of(results)
    chosen = gr.Dropdown(names, value=names[0][1] if names else None)
    unrelated = results.summary.bands.get("verbatim", {}).get("unrelated")
    poems = strands_html(studies.chosen(choice), in_studio=choice.study == STUDIO,
                         chance=unrelated.mean if unrelated else None)  # fmt: skip
    told = f"{poems}<h2>All of them</h2>{overview_html(results)}" if poems else overview_html(results)
    return [told, chosen, downloads_html(choice), gr.Row(visible=bool(names))]


def draw(
    studies: Studies, name: str | None, pairs: list[str] | None, category: str | None, limit: int | None,
    figure: str | None,
) -> tuple[Any, str]:  # fmt: skip
    """One figure of a choice, with its note."""
    import gradio as gr

    if not name or not figure:
        return gr.Plot(visible=False), ""
    choice = Choice(study=name, configurations=tuple(pairs or ()), category=category or ALL, revisions=limit)
    try:
        drawn, note = figure_of(studies.results(choice), figure)
    except WorkbenchError as exc:
        return gr.Plot(visible=False), note_html(str(exc), "bad")
    return gr.Plot(drawn, visible=True), note_html(note)
