"""The pages of a study: one dashboard, and every figure as a file of its own (`pictures` writes them as PNG).

The dashboard is one file that opens without a network: plotly's script stands in it once. Text of poems, prompts and
models is escaped everywhere.
"""

import html
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from workbench.errors import EngineError
from workbench.intervals import FEWEST_POEMS, Estimate
from workbench.revflux import figures, line_figures
from workbench.revflux.measures import BANDS, MEASURES, Group
from workbench.revflux.study import StudySession
from workbench.revflux.study_results import Findings
from workbench.revflux.tables import trace_rounds
from workbench.revision.types import StopReason
from workbench.storage.atomic import disk_errors, write_file

_GROUPS: dict[Group, str] = {
    "aligned": "A revision, lines aligned (mean over the revisions of a session)",
    "session": "A session",
    "critique": "Critique and answer",
    "form": "Form",
    "reference": "By line index, as published: for comparison with old numbers only",
}
_STYLE = """
body { font: 16px/1.5 Georgia, 'Times New Roman', serif; color: #222; background: #fff; max-width: 74rem;
       margin: 2rem auto; padding: 0 1.2rem; }
h1 { margin-bottom: .2rem; } h2 { margin-top: 2.4rem; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-size: .84rem; width: 100%; }
th, td { border-bottom: 1px solid #ddd; padding: .25rem .6rem; text-align: right; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; white-space: normal; min-width: 15rem; }
th { border-bottom: 2px solid #888; vertical-align: bottom; } .group td { font-weight: bold; padding-top: 1rem; }
.band { color: #666; } .low { display: block; color: #777; font-size: .78rem; }
.note { color: #555; font-size: .88rem; }
.drafts { display: flex; flex-wrap: wrap; gap: 2rem; } .drafts div { flex: 1 1 20rem; }
.poem { white-space: pre-wrap; border-left: 3px solid #ccc; padding-left: 1rem; overflow-wrap: anywhere; }
.new { background: #f6dfcf; } .edited { background: #d8e6f1; } .moved { background: #e5daec; }
"""
Draw = Callable[[Findings], Any]
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


def drawn(findings: Findings) -> Iterator[tuple[str, Any, str]]:
    """Name, figure and note of everything that can be drawn; what needs a revision is left out where there is none."""
    if not findings.revising:
        yield "revision_lengths", figures.revision_lengths(findings), "Drafts only: nothing was revised."
        return
    for name, (draw, note) in _DRAWN.items():
        yield name, draw(findings), note
    for number, configuration in enumerate(findings.revising, 1):
        if session := findings.example(configuration):
            yield f"line_bars_{number}", line_figures.line_bars(session), "Point at a bar to read the line."


def write_pages(folder: Path, findings: Findings) -> list[Path]:
    """Writes dashboard and figures.

    Returns:
        The files, the dashboard first.
    """
    place = folder / "figures"
    with disk_errors(place):
        place.mkdir(parents=True, exist_ok=True)
    from plotly.offline import get_plotlyjs

    write_file(place / "plotly.min.js", get_plotlyjs().encode())  # once for all figures beside it
    made = list(drawn(findings))
    written = [folder / "dashboard.html"]
    write_file(written[0], page(findings, made).encode())
    for name, figure, _ in made:
        written.append(place / f"{name}.html")
        write_file(written[-1], figure.to_html(include_plotlyjs="directory", full_html=True).encode())
    return written


def page(findings: Findings, made: list[tuple[str, Any, str]]) -> str:
    """The dashboard as one HTML text."""
    summary = findings.summary
    title = html.escape(f"RevFlux: {findings.name}")
    parts = [f"<h1>{title}</h1>", f"<p>{html.escape(_opening(findings))}</p>", _table(findings)]
    for number, (name, figure, note) in enumerate(made):
        drawing = figure.to_html(full_html=False, include_plotlyjs=number == 0, config={"displayModeBar": False})
        parts.append(f'<section id="{name}">{drawing}<p class="note">{html.escape(note)}</p></section>')
    examples = (findings.example(name) for name in findings.revising)
    parts += [_drafts(session) for session in examples if session]
    parts.append(_stops(summary.stops))
    head = f'<meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
    return f'<!doctype html><html lang="en"><head>{head}</head><body><main>{"".join(parts)}</main></body></html>'


def _opening(findings: Findings) -> str:
    summary = findings.summary
    few = "" if summary.n_prompts >= FEWEST_POEMS else " Fewer than six prompts: no interval here says anything."
    return (
        f"{summary.n_sessions} sessions on {summary.n_prompts} prompts, {len(summary.configurations)} configurations "
        f"({', '.join(summary.configurations)}), up to {max(summary.revisions, default=0)} revisions. Figures are "
        f"means over prompts with 95 % bootstrap intervals, beside what known pairs of texts reach. None says that a "
        f"poem is good.{few}"
    )


def _table(findings: Findings) -> str:
    summary = findings.summary
    names = [f"<th>{html.escape(name)}</th>" for name in summary.configurations]
    bands = [f'<th class="band">{band}</th>' for band in BANDS]
    rows = []
    for group, title in _GROUPS.items():
        n_columns = 1 + len(names) + len(bands)
        found = [row for name, about in MEASURES.items() if about.group == group for row in _row(findings, name)]
        rows += [f'<tr class="group"><td colspan="{n_columns}">{html.escape(title)}</td></tr>', *found] if found else []
    head = f"<tr><th>at the most revisions</th>{''.join(names)}{''.join(bands)}</tr>"
    return f'<div class="scroll"><table><thead>{head}</thead><tbody>{"".join(rows)}</tbody></table></div>'


def _row(findings: Findings, measure: str) -> Iterator[str]:
    summary, about = findings.summary, MEASURES[measure]
    estimates = [summary.cell(name, measure).estimate for name in summary.configurations]
    if not any(estimate.n for estimate in estimates):
        return
    places = 2 if about.unit == "0–1" else 1
    cells = [f"<td>{_cell(estimate, places)}</td>" for estimate in estimates]
    for band in BANDS:
        one = summary.bands.get(measure, {}).get(band)
        cells.append(f'<td class="band">{_number(one.mean, places) if one else "–"}</td>')
    note = f'<span class="low">{html.escape(", ".join(part for part in (about.unit, about.about) if part))}</span>'
    yield f"<tr><td>{html.escape(about.label)}{note}</td>{''.join(cells)}</tr>"


def _cell(estimate: Estimate, places: int) -> str:
    if not estimate.n:
        return "–"
    value, low, high = (_number(x, places) for x in (estimate.value, estimate.low, estimate.high))
    return f'{value}<span class="low">{low} to {high}, n {estimate.n}</span>' if estimate.n > 1 else f"{value}"


def _number(value: float, places: int) -> str:
    return f"{value:.{places}f}".replace("-", "−")


def _drafts(session: StudySession) -> str:
    """First and last draft of a session side by side; what changed since the draft before is marked in the last."""
    first, last = session.trace.rounds[0].draft, session.trace.rounds[-1].draft
    marks = {c.after_line: c.kind for c in trace_rounds(session.trace)[-1].changes if c.after_line}
    number, lines = 0, []
    for line in last.text.split("\n"):
        number += bool(line.strip())
        kind = marks.get(number, "kept") if line.strip() else "kept"
        shown = html.escape(line)
        lines.append(shown if kind == "kept" else f'<span class="{kind}">{shown}</span>')
    marked = "\n".join(lines)
    title = html.escape(f"{session.configuration}: “{session.trace.request}”")
    legend = ", ".join(f'<span class="{kind}">{kind}</span>' for kind in ("edited", "moved", "new"))
    return (
        f'<h2>{title}</h2><div class="drafts">'
        f'<div><h3>First draft</h3><div class="poem">{html.escape(first.text)}</div></div>'
        f'<div><h3>Draft {last.number}</h3><div class="poem">{marked}</div></div></div>'
        f'<p class="note">Marked in the last draft: {legend} since the draft before it.</p>'
    )


def _stops(stops: dict[str, dict[str, int]]) -> str:
    rows = []
    for name, counts in stops.items():
        for reason, count in counts.items():
            said = StopReason(reason).sentence if reason in set(StopReason) else "the session is still open"
            rows.append(f"<tr><td>{html.escape(name)}</td><td>{html.escape(said)}</td><td>{count}</td></tr>")
    head = "<tr><th>configuration</th><th>why its sessions ended</th><th>sessions</th></tr>"
    return f"<h2>How the sessions ended</h2><table><thead>{head}</thead><tbody>{''.join(rows)}</tbody></table>"


def write_pictures(folder: Path, findings: Findings) -> list[Path]:
    """Writes `figures/NAME.png` beside every figure's HTML.

    Raises:
        EngineError: no browser is there, or it cannot draw. The pages do not need one.
    """
    from choreographer.errors import DevtoolsProtocolError
    from kaleido import write_fig_from_object_sync
    from kaleido.errors import ChromeNotFoundError, KaleidoError

    made = [(folder / "figures" / f"{name}.png", figure) for name, figure, _ in drawn(findings)]
    opts = {"format": "png", "width": WIDTH, "scale": SCALE}
    wanted = [{"fig": figure, "path": path, "opts": opts} for path, figure in made]
    try:
        with disk_errors(folder):
            (folder / "figures").mkdir(parents=True, exist_ok=True)
            # formulas would be fetched from a server, and there are none
            write_fig_from_object_sync(wanted, kopts={"mathjax": False})
    except ChromeNotFoundError as exc:
        raise EngineError("figures are HTML only: PNG files are drawn by Chrome or Chromium, install one") from exc
    except (KaleidoError, DevtoolsProtocolError, TimeoutError, RuntimeError) as exc:
        reason = f"the browser could not draw PNG files ({type(exc).__name__})"
        raise EngineError(f"figures are HTML only: {reason}") from exc
    return [path for path, _ in made]
