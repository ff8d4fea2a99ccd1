"""Figures of lines: one session line by line, the histogram of changes, stanzas, places, and how long lines live."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from workbench.figures import COLOURS, canvas, captioned, colour, empty, escaped, marks
from workbench.revflux.figures import NOTHING_REVISED
from workbench.revflux.lines import Placed, follow, profile, survival
from workbench.revflux.rounds import RoundFlux
from workbench.revflux.study import StudySession
from workbench.revflux.study_results import StudyResults
from workbench.revflux.tables import trace_rounds

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

KIND_COLOURS = {"kept": "#b3c0cb", "edited": "#1f5a8a", "moved": "#7a4a94", "cut": "#8c8c8c", "new": "#c2571a"}
_WRITTEN_OUT = 60  # characters of a line that a label shows


def line_bars(session: StudySession) -> "Figure":
    """One session: a bar for every line of every revision, as high as its change, coloured by what became of it."""
    rounds = trace_rounds(session.trace)
    panels = [_round_title(one) for one in rounds]
    title = f"Line by line: {session.configuration}, “{_short(session.trace.request)}”"
    if not rounds:
        return empty(title, NOTHING_REVISED)
    figure = canvas(title, rows=len(rounds), panels=panels, height=150 + 170 * len(rounds))
    named: set[str] = set()
    for row, one in enumerate(rounds, 1):
        for kind, shade in KIND_COLOURS.items():
            places = [(x, change) for x, change in enumerate(one.changes, 1) if change.kind == kind]
            if not places:
                continue
            figure.add_bar(
                x=[x for x, _ in places], y=[max(100 * change.change, 3.0) for _, change in places], name=kind,
                legendgroup=kind, showlegend=kind not in named, marker_color=shade, row=row, col=1, width=0.85,
                hovertext=[_hover(change.before, change.after, 100 * change.change) for _, change in places],
                hoverinfo="text",
            )  # fmt: skip
            named.add(kind)
    figure.update_yaxes(range=[0, 105], title="%")
    figure.update_xaxes(dtick=1, tickfont={"size": 10})
    figure.update_xaxes(title="lines in reading order, cut ones where they stood", row=len(rounds), col=1)
    figure.update_layout(legend_traceorder="normal")
    return captioned(figure, "; ".join(panels))


def change_histogram(results: StudyResults) -> "Figure":
    """How much lines change: by alignment, and by index as the reference pairs them."""
    title, told = "How much a line changes in one revision", []
    if not results.lines:
        return empty(title, NOTHING_REVISED)
    figure = canvas(title)
    for pairing, shade, name in (("aligned", COLOURS[0], "aligned"), ("index", "#b8b8b8", "by index (reference)")):
        changes = [row["characters"] for row in results.lines if row["pairing"] == pairing]
        figure.add_histogram(x=changes, name=name, histnorm="percent", marker_color=shade,
                             xbins={"start": 0, "end": 105, "size": 5})  # fmt: skip
        told.append(f"{name}: {len(changes)} lines, {100 * changes.count(0.0) / max(len(changes), 1):.0f} % unchanged")
    figure.update_layout(barmode="group", bargap=0.12, showlegend=True)
    figure.update_xaxes(title="change of the line, % of characters; a cut or new line is 100", range=[0, 105])
    figure.update_yaxes(title="% of lines")
    return captioned(figure, "; ".join(told))


def stanza_map(results: StudyResults) -> "Figure":
    """Mean change by stanza and revision, for each configuration."""
    names, title, told = results.revising, "Which stanza is rewritten, and when", []
    if not names:
        return empty(title, NOTHING_REVISED)
    figure = canvas(title, columns=len(names), panels=names, height=400)
    for column, name in enumerate(names, 1):
        rows = [row for row in results.lines if row["configuration"] == name and row["pairing"] == "aligned"]
        n_rounds = max((row["round"] for row in rows), default=1)
        n_stanzas = min(max((row["stanza"] for row in rows), default=1), 8)
        grid = [[_mean_change(rows, stanza, r) for r in range(1, n_rounds + 1)] for stanza in range(1, n_stanzas + 1)]
        figure.add_heatmap(
            z=grid, x=list(range(1, n_rounds + 1)), y=list(range(1, n_stanzas + 1)), zmin=0, zmax=100,
            colorscale="Blues", row=1, col=column, showscale=column == len(names), xgap=2, ygap=2,
            colorbar={"title": {"text": "change, %", "side": "right"}, "thickness": 14}, texttemplate="%{z:.0f}",
            hoverongaps=False,
        )  # fmt: skip
        figure.update_xaxes(title="revision", dtick=1, row=1, col=column)
        told.append(f"{name}: {n_stanzas} stanzas over {n_rounds} revisions")
    figure.update_yaxes(title="stanza", autorange="reversed", dtick=1)
    return captioned(figure, "; ".join(told))


def line_survival(results: StudyResults) -> "Figure":
    """Share of the first draft's lines that have stayed stable through every revision so far."""
    title, told = "How long a line of the first draft lives", []
    if not results.revising:
        return empty(title, NOTHING_REVISED)
    figure = canvas(title)
    for number, name in enumerate(results.revising):
        own = [one for one in results.held if one.configuration == name and len(one.trace.rounds) > 1]
        most = max(len(one.trace.rounds) for one in own) - 1
        means, counts = [], []
        for r in range(most + 1):
            lived = [_survival(one)[r] for one in own if len(one.trace.rounds) > r]
            means.append(sum(lived) / len(lived))
            counts.append(len(lived))
        figure.add_scatter(
            x=list(range(most + 1)), y=means, mode="lines+markers", name=escaped(name),
            marker_color=colour(results.summary.configurations, name), marker_symbol=marks(number)["marker"]["symbol"],
            customdata=counts, hovertemplate="%{y:.0f} % after %{x} revisions, %{customdata} sessions<extra></extra>",
        )  # fmt: skip
        told.append(f"{name}: {means[-1]:.0f} % after {most} revisions")
    figure.update_layout(showlegend=True)
    figure.update_xaxes(title="revisions made (sessions that went so far)", dtick=1)
    figure.update_yaxes(title="lines that never changed by 5 % or more, %", range=[-3, 103])
    return captioned(figure, "; ".join(told))


def change_profile(results: StudyResults) -> "Figure":
    """Mean change from the top of the poem to its end, aligned and by index."""
    title = "Where in the poem the change lies"
    if not results.revising:
        return empty(title, NOTHING_REVISED)
    figure = canvas(title)
    for pairing, dash in (("aligned", "solid"), ("index", "dot")):
        for name in results.revising:
            rows = [r for r in results.lines if r["configuration"] == name and r["pairing"] == pairing]
            means = profile([Placed(place=row["place"], change=row["characters"]) for row in rows])
            label = name if pairing == "aligned" else f"{name}, by index"
            figure.add_scatter(
                x=[5 + 10 * i for i in range(len(means))], y=list(means), mode="lines+markers", name=escaped(label),
                line={"dash": dash, "color": colour(results.summary.configurations, name)},
            )  # fmt: skip
    figure.update_layout(showlegend=True)
    figure.update_xaxes(title="place in the poem, % (0 = top)", range=[0, 100])
    figure.update_yaxes(title="mean change of the lines there, %", range=[0, 103])
    return captioned(figure, "")


def _survival(one: StudySession) -> tuple[float, ...]:
    rounds = trace_rounds(one.trace)
    first = [change.before for change in sorted(rounds[0].changes, key=lambda c: c.before_line) if change.before_line]
    return survival(follow(first, [r.changes for r in rounds]), len(rounds))


def _mean_change(rows: Sequence[dict[str, Any]], stanza: int, number: int) -> float | None:
    values = [row["characters"] for row in rows if (row["stanza"], row["round"]) == (stanza, number)]
    return sum(values) / len(values) if values else None


def _round_title(one: RoundFlux) -> str:
    counts = (
        (one.n_kept, "kept"),
        (one.n_edited, "edited"),
        (one.n_moved, "moved"),
        (one.n_cut, "cut"),
        (one.n_new, "new"),
    )
    return f"revision {one.number}: " + ", ".join(f"{count} {kind}" for count, kind in counts if count)


def _hover(before: str, after: str, change: float) -> str:
    texts = [escaped(text) for text in dict.fromkeys((before, after)) if text]
    return "<br>→ ".join(texts) + f"<br>{change:.0f} % changed"


def _short(text: str) -> str:
    return text if len(text) <= _WRITTEN_OUT else text[: _WRITTEN_OUT - 1] + "…"
