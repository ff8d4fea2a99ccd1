"""Figures of whole sessions: boxes by category and by model, revision lengths, approval timing, answers to critiques.

Every point is a prompt or a session, every bar of uncertainty a 95 % bootstrap interval over prompts, and dotted lines
are the reference bands.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from workbench.figures import INK, PALE, SOFT, canvas, captioned, colour, empty, error_bars, escaped
from workbench.revflux.flux import OUTCOMES
from workbench.revflux.measures import BANDS, MEASURES, Bands
from workbench.revflux.study_results import StudyResults

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

NOTHING_REVISED = "Drafts only: nothing was revised."
_MODEL_PANELS = ("line_change", "verbatim", "stability", "adherence")
_LENGTH_PANELS = ("overall_verbatim", "line_change", "approved", "n_words")
_OUTCOME_COLOURS = {"done": "#1f5a8a", "partly": "#7fa8c9", "elsewhere": "#d9b38c", "ignored": "#c2571a"}
_BAND_GREY, _VEIL = "#9a9a9a", "rgba(255,255,255,.8)"


def category_boxes(results: StudyResults) -> "Figure":
    """Change a line by category of prompt; a point is a session."""
    title = "Does the kind of prompt matter? Change of a line in a revision"
    if not results.revising:
        return empty(title, NOTHING_REVISED)
    figure = canvas(title)
    for name in results.revising:
        own = [flux for flux in results.whole if flux.configuration == name]
        _box(
            figure, [(flux.category, flux.figures.get("line_change")) for flux in own],
            name=name, shade=colour(results.summary.configurations, name),
        )  # fmt: skip
    figure.update_layout(boxmode="group", showlegend=True)
    figure.update_yaxes(title=axis_title("line_change"), range=[-4, 106])
    draw_bands(figure, results.summary.bands, "line_change")
    return captioned(figure, _means(results, ("line_change",)))


def model_boxes(results: StudyResults) -> "Figure":
    """The models side by side on four measures; a point is a session."""
    title, panels = "The models side by side", [axis_title(measure) for measure in _MODEL_PANELS]
    if not results.revising:
        return empty(title, NOTHING_REVISED)
    figure = canvas(title, rows=2, columns=2, panels=panels, height=760)
    for place, measure in enumerate(_MODEL_PANELS):
        row, column = place // 2 + 1, place % 2 + 1
        for name in results.revising:
            own = [flux for flux in results.whole if flux.configuration == name]
            shade = colour(results.summary.configurations, name)
            _box(figure, [(escaped(name), flux.figures.get(measure)) for flux in own], name=name, shade=shade,
                 at=(row, column))  # fmt: skip
        draw_bands(figure, results.summary.bands, measure, row=row, column=column)
    figure.update_yaxes(range=[-4, 108])
    figure.update_layout(showlegend=False)
    return captioned(figure, _means(results, _MODEL_PANELS))


def revision_lengths(results: StudyResults) -> "Figure":
    """What more revisions bring: four measures by the number allowed, with intervals."""
    summary = results.summary
    panels = [axis_title(measure) for measure in _LENGTH_PANELS]
    figure = canvas("What more revisions bring", rows=2, columns=2, panels=panels, height=720)
    for place, measure in enumerate(_LENGTH_PANELS):
        for name in summary.configurations:
            cells = [summary.cell(name, measure, revisions=limit) for limit in summary.revisions]
            known = [cell for cell in cells if cell]
            figure.add_scatter(
                x=[cell.revisions for cell in known], y=[cell.estimate.value for cell in known],
                mode="lines+markers", name=escaped(name), legendgroup=name, showlegend=place == len(_LENGTH_PANELS) - 1,
                marker_color=colour(summary.configurations, name), row=place // 2 + 1, col=place % 2 + 1,
                error_y=error_bars([cell.estimate for cell in known]),
            )  # fmt: skip
    figure.update_xaxes(tickvals=list(summary.revisions), range=[-0.4, max(summary.revisions) + 0.4])
    for column in (1, 2):
        figure.update_xaxes(title="revisions allowed", row=2, col=column)
    figure.update_yaxes(rangemode="tozero")
    return captioned(figure, _means(results, _LENGTH_PANELS))


def approval_timing(results: StudyResults) -> "Figure":
    """Share of sessions approved by each draft."""
    title, told = "When the educator is satisfied", []
    if not any(results.summary.approvals.values()):
        return empty(title, "No educator judged a draft in these sessions.")
    figure = canvas(title)
    for name, approvals in results.summary.approvals.items():
        if not approvals:
            continue
        n_sessions = sum(flux.configuration == name for flux in results.whole)
        shares = [100.0 * sum(approvals[: number + 1]) / n_sessions for number in range(len(approvals))]
        figure.add_scatter(
            x=list(range(len(shares))), y=shares, mode="lines+markers", name=f"{escaped(name)} ({n_sessions})",
            line_shape="hv", marker_color=colour(results.summary.configurations, name),
        )  # fmt: skip
        told.append(f"{name}: {shares[-1]:.0f} % of {n_sessions} sessions approved in the end")
    figure.update_layout(showlegend=True)
    figure.update_xaxes(title="draft (0 = the first)", dtick=1)
    figure.update_yaxes(title="approved so far, % of sessions", range=[-3, 103])
    return captioned(figure, "; ".join(told))


def answers(results: StudyResults) -> "Figure":
    """What became of the critiques' items, and whether change went where they pointed."""
    summary, title = results.summary, "Did what was asked happen?"
    if not any(sum(counts.values()) for counts in summary.outcomes.values()):
        return empty(title, "No critique was answered by a draft in these sessions.")
    panels = ("what the next draft did, % of items (by the ledger)", "change of cited minus other lines, points")
    figure = canvas(title, columns=2, panels=panels, height=440)
    for outcome in OUTCOMES:
        shares = []
        for name in results.revising:
            total = sum(summary.outcomes[name].values())
            shares.append(100.0 * summary.outcomes[name][outcome] / total if total else 0.0)
        figure.add_bar(x=[escaped(name) for name in results.revising], y=shares, name=outcome, row=1, col=1,
                       marker_color=_OUTCOME_COLOURS[outcome], width=0.5)  # fmt: skip
    for measure, symbol in (("aim", "circle"), ("control_aim", "circle-open")):
        cells = [summary.cell(name, measure) for name in results.revising]
        known = [cell for cell in cells if cell]
        figure.add_scatter(
            x=[escaped(cell.configuration) for cell in known], y=[cell.estimate.value for cell in known],
            mode="markers", marker={"size": 11, "symbol": symbol, "color": INK}, name=MEASURES[measure].label,
            row=1, col=2, showlegend=bool(known),
            error_y=error_bars([cell.estimate for cell in known]),
        )  # fmt: skip
    figure.add_hline(y=0, line_color=PALE, line_width=1, row=1, col=2)
    figure.update_xaxes(type="category", range=[-0.6, len(results.revising) - 0.4], row=1, col=2)
    figure.update_layout(barmode="stack")
    counted = (f"{name}: {dict(summary.outcomes[name])}" for name in results.revising)
    return captioned(figure, "; ".join(counted).translate({ord(sign): None for sign in "{}'"}))


def axis_title(measure: str) -> str:
    """Label and unit of a figure."""
    about = MEASURES[measure]
    return f"{about.label}, {about.unit}"


def draw_bands(figure: "Figure", bands: Bands, measure: str, *, row: int = 1, column: int = 1) -> None:
    """Dotted lines at what known pairs of texts reach; bands closer than 4 points share a line and a label."""
    shown: list[tuple[float, list[str]]] = []
    for band in BANDS:
        one = bands.get(measure, {}).get(band)
        if one is None:
            continue
        if shown and abs(shown[-1][0] - one.mean) < 4:  # their labels would cover one another
            shown[-1][1].append(band)
        else:
            shown.append((one.mean, [band]))
    for value, names in shown:
        figure.add_hline(
            y=value, line_dash="dot", line_color=_BAND_GREY, line_width=1, row=row, col=column,
            annotation={"text": ", ".join(names), "font": {"size": 11, "color": SOFT}, "bgcolor": _VEIL},
            annotation_position="top right",
        )  # fmt: skip


def _means(results: StudyResults, measures: Sequence[str]) -> str:
    """The means of some measures, by configuration, for a caption."""
    told = []
    for measure in measures:
        cells = [results.summary.cell(name, measure) for name in results.summary.configurations]
        values = (f"{one.configuration} {one.estimate.value:.1f}" for one in cells if one)
        if said := ", ".join(values):
            told.append(f"{axis_title(measure)}: {said}")
    return "; ".join(told)


def _box(
    figure: "Figure", points: Sequence[tuple[str, float | None]], *, name: str, shade: str, at: tuple[int, int] = (1, 1)
) -> None:
    known = [(x, y) for x, y in points if y is not None]
    if known:
        figure.add_box(
            x=[escaped(x) for x, _ in known], y=[y for _, y in known], name=escaped(name), marker_color=shade,
            boxpoints="all", jitter=0.4, pointpos=0, marker={"size": 4, "opacity": 0.55}, line_width=1.4,
            row=at[0], col=at[1],
        )  # fmt: skip
