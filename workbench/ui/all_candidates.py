"""All candidates of a run in one table, over all its poems: searched, sorted, and taken away as CSV.

What one of them did to its poem word by word is in `candidates`; each row leads there.
"""

from html import escape
from typing import Any

from workbench.errors import WorkbenchError
from workbench.storage.run_names import checked_name
from workbench.types import Candidate, Choice, Poem, ScoredCandidate
from workbench.ui import candidates
from workbench.ui.events import in_turn, on_input
from workbench.ui.folders import AppFolders
from workbench.ui.html import html_area, link, note_html, table_html
from workbench.ui.revflux.data import as_csv

Row = dict[str, Any]
MOST_SHOWN = 200
SORTS = ("specificity", "gain", "guarded gain", "words", "poem", "iteration")
_COLUMNS = ("poem", "description", "iteration", "state", "gain", "guarded gain", "specificity", "words", "look")


def build(folders: AppFolders, tab: Any) -> None:
    """Lays the tab out: one poem's candidates, then the table of all."""
    import gradio as gr

    run = candidates.build(folders, tab)
    with gr.Accordion("All candidates of this run in one table", open=False) as opened:
        with gr.Row():
            words = gr.Textbox(label="Search descriptions and titles", max_lines=1, elem_id="all-words")
            by = gr.Dropdown(list(SORTS), value=SORTS[0], label="Sort by", elem_id="all-sort")
        table = html_area(elem_id="all-candidates")

    def shown(name: str | None, text: str | None, sort: str | None) -> str:
        return table_of(folders, name or "", text or "", sort or SORTS[0])

    given = ([run, words, by], table)
    opened.expand(shown, *given, **in_turn("all-candidates"))
    on_input([words, by], shown, *given, **in_turn("all-candidates"))


def rows_of(folders: AppFolders, name: str) -> list[Row]:
    """Every candidate of a run with its figures; what was not scored has none.

    Raises:
        InputError: there is no such run.
        StoreError: its records cannot be read.
    """
    with folders.records(checked_name(name)) as records:
        titles = {poem.id: poem.title for poem in records.all(Poem)}
        scores = {score.candidate_id: score for score in records.all(ScoredCandidate) if not score.unscored}
        chosen = {choice.candidate_id: choice for choice in records.all(Choice, arm="top")}
        return [_row(one, titles, scores.get(one.id), chosen.get(one.id)) for one in records.all(Candidate)]


def table_of(folders: AppFolders, name: str, words: str, sort: str) -> str:
    """The table as it was asked for, and the link to all of it as CSV."""
    if not name:
        return note_html("Choose a run first.")
    try:
        rows = rows_of(folders, name)
    except WorkbenchError as exc:
        return note_html(str(exc), "bad")
    wanted = words.casefold().split()
    found = [row for row in rows if all(word in f"{row['poem']} {row['description']}".casefold() for word in wanted)]
    found.sort(key=lambda row: _key(row, sort))
    shown = [[_cell(row, column, name) for column in _COLUMNS] for row in found[:MOST_SHOWN]]
    more = f", the first {MOST_SHOWN} of them here" if len(found) > MOST_SHOWN else ""
    file = f'<p class="wb-files"><a href="candidates/{escape(name)}.csv" download>All as CSV</a></p>'
    return note_html(f"{len(found)} of {len(rows)} candidates{more}.") + table_html(_COLUMNS, shown) + file


def csv_of(folders: AppFolders, name: str) -> Any:
    """The same as an answer over HTTP."""
    from fastapi.responses import PlainTextResponse

    try:
        text = as_csv(rows_of(folders, name))
    except WorkbenchError as exc:
        return PlainTextResponse(f"{exc}\n", status_code=404)
    headers = {"Content-Disposition": f'attachment; filename="candidates-{name}.csv"'}
    return PlainTextResponse(text, media_type="text/csv; charset=utf-8", headers=headers)


def _row(one: Candidate, titles: dict[str, str], score: ScoredCandidate | None, choice: Choice | None) -> Row:
    state = one.failure or ("copy" if score and score.is_leak else "winner" if choice and choice.is_winner else "")
    figures = {"gain": score.gain, "guarded gain": score.guarded_gain, "specificity": score.specificity} if score else {
        "gain": None, "guarded gain": None, "specificity": None
    }  # fmt: skip
    return {"poem": titles.get(one.poem_id, one.poem_id), "description": one.text, "iteration": one.iteration,
            "state": state, **figures, "words": len(one.text.split()), "id": one.id}  # fmt: skip


def _key(row: Row, sort: str) -> tuple[Any, ...]:
    """Texts upwards, figures downwards, what has none last."""
    value = row.get(sort)
    return (value.casefold(),) if isinstance(value, str) else (value is None, -(value or 0))


def _cell(row: Row, column: str, run: str) -> str:
    if column == "look":
        return link("word by word", tab="candidates", run=run, candidate=row["id"])
    value = row[column]
    return f"{value:+.3f}" if isinstance(value, float) else escape("–" if value is None else str(value))
