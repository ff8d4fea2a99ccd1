"""Charts of numbers: lines, dots, intervals, a grid of percentages.

Each function takes plain data and returns a plotly figure with a caption. Names are text of poems and models: they are
escaped here. Data without a value make a figure that says so.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from workbench.figures.style import COLOURS, PALE, canvas, captioned, empty, escaped, marks
from workbench.intervals import Estimate, shown

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

Points = Sequence[tuple[float, float]]
_NOTHING = "There is nothing to draw yet."
_NAME_CHARACTERS = 46  # of a row's name in a grid


def line_chart(title: str, lines: Mapping[str, Points], *, x: str, y: str) -> "Figure":
    """Lines over common axes; the caption gives the first and last value of each."""
    drawn = {name: points for name, points in lines.items() if points}
    if not drawn:
        return empty(title, _NOTHING)
    figure = canvas(title)
    for number, (name, points) in enumerate(drawn.items()):
        figure.add_scatter(
            x=[at for at, _ in points], y=[value for _, value in points], mode="lines+markers", name=escaped(name),
            **marks(number),
        )  # fmt: skip
    figure.update_layout(showlegend=len(drawn) > 1, legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"})
    figure.update_xaxes(title=escaped(x)).update_yaxes(title=escaped(y))
    told = (f"{name}: {points[0][1]:.3f} to {points[-1][1]:.3f}" for name, points in drawn.items())
    return captioned(figure, "; ".join(told))


def dot_plot(title: str, groups: Mapping[str, Sequence[float]], *, x: str) -> "Figure":
    """A dot for each value, a row for each group; box = middle half, dashed line = mean."""
    known = {name: values for name, values in groups.items() if values}
    if not known:
        return empty(title, _NOTHING)
    figure = canvas(title, height=150 + 70 * len(known))
    told = []
    for number, (name, values) in enumerate(known.items()):
        shade = COLOURS[number % len(COLOURS)]
        mean = sum(values) / len(values)
        figure.add_box(
            x=list(values), name=f"{escaped(name)}<br>mean {mean:+.3f}, n = {len(values)}", orientation="h",
            boxpoints="all", jitter=0.5, pointpos=0, boxmean=True, line={"color": shade, "width": 1.2},
            fillcolor="rgba(0,0,0,0)", marker={"color": shade, "size": 5, "opacity": 0.6},
        )  # fmt: skip
        told.append(f"{name}: mean {mean:+.3f} of {len(values)}")
    figure.update_layout(showlegend=False)
    figure.update_xaxes(title=escaped(x), zeroline=True, zerolinecolor=PALE).update_yaxes(autorange="reversed")
    return captioned(figure, "; ".join(told))


def interval_plot(title: str, rows: Mapping[str, Estimate | None], *, x: str, of: float = 0.0) -> "Figure":
    """Estimates with their 95 % intervals, one a row; the upright line is at `of`."""
    known = {name: estimate for name, estimate in rows.items() if estimate}
    if not known:
        return empty(title, _NOTHING)
    figure = canvas(title, height=150 + 50 * len(known))
    told = [shown(estimate) for estimate in known.values()]
    found = list(known.values())
    figure.add_scatter(
        x=[e.value for e in found], mode="markers", marker={"size": 10, "color": COLOURS[0]}, showlegend=False,
        y=[f"{escaped(name)}<br>{numbers}" for name, numbers in zip(known, told, strict=True)],
        error_x=error_bars(found),
    )  # fmt: skip
    figure.add_vline(x=of, line_color=PALE, line_width=1)
    figure.update_xaxes(title=escaped(x), zeroline=False)
    figure.update_yaxes(autorange="reversed", type="category")
    return captioned(figure, "; ".join(f"{name}: {numbers}" for name, numbers in zip(known, told, strict=True)))


def grid(title: str, columns: Sequence[str], rows: Sequence[tuple[str, Sequence[float | None]]]) -> "Figure":
    """Percentages in cells, darker = more, with the number in each; an empty cell has no value."""
    if not rows or not columns:
        return empty(title, _NOTHING)
    figure = canvas(title, height=130 + 32 * len(rows))
    figure.add_heatmap(
        z=[list(values) for _, values in rows], x=[escaped(name) for name in columns],
        y=list(range(len(rows))), zmin=0, zmax=100, colorscale="Oranges", showscale=False, xgap=2, ygap=2,
        texttemplate="%{z:.0f}", hoverongaps=False, customdata=[[escaped(name)] * len(columns) for name, _ in rows],
        hovertemplate="%{customdata}<br>%{x}: %{z:.0f} %<extra></extra>",
    )  # fmt: skip
    names = [name if len(name) <= _NAME_CHARACTERS else f"{name[: _NAME_CHARACTERS - 1]}…" for name, _ in rows]
    figure.update_yaxes(autorange="reversed", tickvals=list(range(len(rows))), ticktext=[escaped(n) for n in names])
    return captioned(figure, f"{len(rows)} lines over {len(columns)} columns, in percent")


def error_bars(estimates: Sequence[Estimate | None]) -> dict[str, object]:
    """Intervals as plotly takes them: lengths to either side of the value, 0 where there is none."""
    reaches = [estimate.reach if estimate else (0.0, 0.0) for estimate in estimates]
    return {
        "type": "data", "symmetric": False, "thickness": 1.4, "width": 4,
        "array": [above for _, above in reaches], "arrayminus": [below for below, _ in reaches],
    }  # fmt: skip
