"""The pages of a study: one dashboard, and every figure as a file of its own (`pictures` writes them as PNG).

The dashboard is one file that opens without a network: plotly's script is in it once. Text of poems, prompts and
models is escaped by the template.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.figures import write_pngs
from workbench.intervals import FEWEST_POEMS, Estimate
from workbench.pages import drawings, render
from workbench.revflux import figures, line_figures
from workbench.revflux.measures import BANDS, MEASURES, Group
from workbench.revflux.study import StudySession
from workbench.revflux.study_results import StudyResults
from workbench.revflux.tables import trace_rounds
from workbench.revision.types import StopReason
from workbench.storage.atomic import disk_errors, write_file

if TYPE_CHECKING:
    import pandas as pd
    from plotly.graph_objects import Figure

_GROUPS: dict[Group, str] = {
    "aligned": "A revision, lines aligned (mean over the revisions of a session)",
    "session": "A session",
    "critique": "Critique and answer",
    "form": "Form",
    "reference": "By line index, as published: for comparison with old numbers only",
}
Draw = Callable[[StudyResults], "Figure"]
Drawn = tuple[str, "Figure", str]  # name, figure, note
_DRAWN: dict[str, tuple[Draw, str]] = {
    "models": (figures.model_boxes, "A point is a session. Dotted: what known pairs of texts reach."),
    "categories": (figures.category_boxes, "A point is a session."),
    "revision_lengths": (
        figures.revision_lengths,
        "Fewer revisions are the beginnings of the same sessions: prompts and seeds of the loop do not know the limit. "
        "Bars: 95 % intervals over prompts.",
    ),
    "approval_timing": (figures.approval_timing, "In brackets: the number of sessions. The rest were never approved."),
    "answers": (
        figures.answers,
        "A draft that changes everything answers everything: read the left side with the right one. Open circle: the "
        "re-roll that never saw the critique, where the loop made one.",
    ),
    "histogram": (line_figures.change_histogram, "Lines of all configurations and revisions."),
    "profile": (
        line_figures.change_profile,
        "By index, change piles up towards the end: every line below an insertion.",
    ),
    "stanza_map": (line_figures.stanza_map, "Mean over the sessions; a cut line counts where it stood."),
    "line_survival": (line_figures.line_survival, "Sessions that end early leave the later points to the others."),
}
WIDTH, SCALE = 1100, 2  # pixels of the figure, and of the file for each of them


def drawn(results: StudyResults) -> Iterator[Drawn]:
    """Name, figure and note of everything that can be drawn; what needs a revision is left out where there is none."""
    if not results.revising:
        yield "revision_lengths", figures.revision_lengths(results), figures.NOTHING_REVISED
        return
    for name, (draw, note) in _DRAWN.items():
        yield name, draw(results), note
    for number, configuration in enumerate(results.revising, 1):
        if session := results.example(configuration):
            yield f"line_bars_{number}", line_figures.line_bars(session), "Point at a bar to read the line."


def write_pages(folder: Path, results: StudyResults) -> list[Path]:
    """Writes dashboard and figures.

    Returns:
        The files, the dashboard first.
    """
    place = folder / "figures"
    with disk_errors(place):
        place.mkdir(parents=True, exist_ok=True)
    from plotly.offline import get_plotlyjs

    write_file(place / "plotly.min.js", get_plotlyjs().encode())  # once for all figures beside it
    made = list(drawn(results))
    written = [folder / "dashboard.html"]
    write_file(written[0], page(results, made).encode())
    for name, figure, _ in made:
        written.append(place / f"{name}.html")
        write_file(written[-1], figure.to_html(include_plotlyjs="directory", full_html=True).encode())
    return written


def page(results: StudyResults, made: Sequence[Drawn]) -> str:
    """The dashboard as one HTML text."""
    shown = drawings(figure for _, figure, _ in made)
    return render(
        "dashboard.html.jinja",
        title=f"RevFlux: {results.name}",
        opening=_opening(results),
        configurations=results.summary.configurations,
        bands=BANDS,
        groups=[(title, rows) for group, title in _GROUPS.items() if (rows := list(_rows(results, group)))],
        figures=[(name, one, note) for (name, _, note), one in zip(made, shown, strict=True)],
        drafts=[_drafts(one) for name in results.revising if (one := results.example(name))],
        stops=stops_frame(results.summary.stops),
    )


def stops_frame(stops: Mapping[str, Mapping[str, int]]) -> "pd.DataFrame":
    """Why the sessions of each configuration ended, and how many."""
    import pandas as pd

    rows = []
    for name, counts in stops.items():
        for reason, count in counts.items():
            said = StopReason(reason).sentence if reason in set(StopReason) else "the session is still open"
            rows.append((name, said, count))
    return pd.DataFrame(rows, columns=("configuration", "why its sessions ended", "sessions"))


def _opening(results: StudyResults) -> str:
    summary = results.summary
    few = "" if summary.n_prompts >= FEWEST_POEMS else " Fewer than six prompts: too few for intervals."
    return (
        f"{summary.n_sessions} sessions on {summary.n_prompts} prompts, {len(summary.configurations)} configurations "
        f"({', '.join(summary.configurations)}), up to {max(summary.revisions, default=0)} revisions. Figures are "
        f"means over prompts with 95 % intervals, beside what known pairs of texts reach. None says that a "
        f"poem is good.{few}"
    )


def _rows(results: StudyResults, group: Group) -> Iterator[dict[str, Any]]:
    """The measures of a group for which any configuration has a value."""
    summary = results.summary
    for measure, about in MEASURES.items():
        estimates = [summary.estimate(name, measure) for name in summary.configurations]
        if about.group != group or not any(estimates):
            continue
        places = 2 if about.unit == "0–1" else 1
        known = [summary.bands.get(measure, {}).get(band) for band in BANDS]
        yield {
            "label": about.label,
            "about": ", ".join(part for part in (about.unit, about.about) if part),
            "cells": [_cell(estimate, places) for estimate in estimates],
            "bands": [_number(one.mean, places) if one else "–" for one in known],
        }


def _cell(estimate: Estimate | None, places: int) -> tuple[str, str]:
    """A value and its interval; "" where nothing was measured."""
    if estimate is None:
        return "–", ""
    value, told = _number(estimate.value, places), f"n {estimate.n}"
    if estimate.low is not None and estimate.high is not None:
        told = f"{_number(estimate.low, places)} to {_number(estimate.high, places)}, {told}"
    return value, told


def _number(value: float, places: int) -> str:
    return f"{value:.{places}f}".replace("-", "−")


def _drafts(session: StudySession) -> dict[str, Any]:
    """First and last draft of a session; each line of the last with what became of it since the draft before."""
    first, last = session.trace.rounds[0].draft, session.trace.rounds[-1].draft
    marks = {c.after_line: c.kind for c in trace_rounds(session.trace)[-1].changes if c.after_line}
    number, lines = 0, []
    for line in last.text.split("\n"):
        number += bool(line.strip())
        lines.append((marks.get(number, "kept") if line.strip() else "kept", line))
    title = f"{session.configuration}: “{session.trace.request}”"
    return {"title": title, "first": first.text, "number": last.number, "last": lines}


def write_pictures(folder: Path, results: StudyResults) -> list[Path]:
    """Writes `figures/NAME.png` beside every figure's HTML.

    Raises:
        EngineError: no browser is there, or it cannot draw. The pages do not need one.
    """
    made = {folder / "figures" / f"{name}.png": figure for name, figure, _ in drawn(results)}
    write_pngs(made, width=WIDTH, scale=SCALE)
    return list(made)
