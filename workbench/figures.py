"""Figures for notebooks, reports and the app: one look, one set of charts, drawn by plotly; PNG files by a browser.

Charts of numbers are lines, dots, intervals, a grid of percentages: each function takes plain data and returns a plotly
figure with a caption. Nothing is told by colour alone: lines differ in dash and mark too. Every figure carries its
numbers in a sentence (`caption_of`), which is what a terminal or a screen reader gets. Names are text of poems and
models: they are escaped here. Data without a value make a figure that says so.

Plotly is imported when a figure is drawn, not before. PNG files are drawn by a Chrome or Chromium that is there;
nothing is fetched, and without one only these files are missing.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from workbench.intervals import Estimate, shown

if TYPE_CHECKING:
    from plotly.graph_objects import Figure
import html
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.errors import EngineError
from workbench.storage.atomic import disk_errors

COLOURS = ("#1f5a8a", "#c2571a", "#4b7f3a", "#7a4a94", "#8a6d1f", "#5b6770")  # told apart without green against red
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
SYMBOLS = ("circle", "triangle-up", "square", "diamond", "cross", "x")
INK, SOFT, PALE = "#222", "#666", "#bbb"
FONT_FAMILY = "Georgia, 'Times New Roman', serif"
_GRID = "#dcd7ca"


def canvas(title: str, *, rows: int = 1, columns: int = 1, panels: Sequence[str] = (), height: int = 420) -> "Figure":
    """An empty figure with a title and, for more than one panel, panel titles."""
    from plotly.subplots import make_subplots

    figure = make_subplots(rows=rows, cols=columns, subplot_titles=[escaped(one) for one in panels] or None,
                           horizontal_spacing=0.09 if columns > 1 else 0.02,
                           vertical_spacing=min(0.16, 0.9 / (rows * 2)))  # fmt: skip
    figure.update_layout(
        template="plotly_white", height=height, font={"family": FONT_FAMILY, "size": 14, "color": INK},
        title={"text": escaped(title), "x": 0.01, "xanchor": "left", "y": 0.97},
        margin={"l": 70, "r": 40, "t": 80, "b": 60}, legend={"orientation": "v", "x": 1.02, "y": 1},
        hoverlabel={"align": "left", "font": {"family": FONT_FAMILY}},
    )  # fmt: skip
    return figure


def empty(title: str, reason: str) -> "Figure":
    """A figure of nothing, which says why there is nothing to draw."""
    figure = canvas(title, height=200)
    figure.add_annotation(text=escaped(reason), x=0, y=0.5, xref="paper", yref="paper", showarrow=False, xanchor="left")
    figure.update_xaxes(visible=False).update_yaxes(visible=False)
    return captioned(figure, reason.rstrip("."))


def captioned(figure: "Figure", numbers: str) -> "Figure":
    """The same figure with its title and numbers as one text beside the drawing."""
    title = html.unescape(figure.layout.title.text or "")
    figure.update_layout(meta={"caption": f"{title}. {numbers}." if numbers else f"{title}."})
    return figure


def caption_of(figure: "Figure") -> str:
    """What a figure says, in words and numbers; "" where nobody wrote it."""
    return str((figure.layout.meta or {}).get("caption", ""))


#: Buttons of plotly's that a small chart has no use for; to save it and to reset it stay.
_NOT_NEEDED = ("zoom", "pan", "select", "lasso", "zoomin", "zoomout", "autoscale")


def on_page(figure: "Figure") -> "Figure":
    """The same figure without a ground of its own, so that a page can turn light and dark round by night."""
    clear = "rgba(0,0,0,0)"
    buttons = {"remove": list(_NOT_NEEDED), "bgcolor": clear}
    figure.update_layout(paper_bgcolor=clear, plot_bgcolor=clear, modebar=buttons)
    figure.update_xaxes(gridcolor=_GRID, zerolinecolor=_GRID).update_yaxes(gridcolor=_GRID, zerolinecolor=_GRID)
    return figure


def escaped(text: str) -> str:
    """Foreign text for a label: plotly reads a little HTML, so nothing of it may be left."""
    return html.escape(text)


def colour(names: Sequence[str], name: str) -> str:
    """The colour of a name in a list, the same in every figure."""
    return COLOURS[list(names).index(name) % len(COLOURS)]


def marks(number: int) -> dict[str, Any]:
    """Colour, dash and mark of the n-th line of a figure."""
    shade = COLOURS[number % len(COLOURS)]
    return {
        "line": {"color": shade, "dash": DASHES[number % len(DASHES)]},
        "marker": {"color": shade, "symbol": SYMBOLS[number % len(SYMBOLS)], "size": 7},
    }


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


def bar_chart(title: str, values: Mapping[str, float], *, x: str) -> "Figure":
    """One value a row, from the zero line; the first row is at the top."""
    if not values:
        return empty(title, _NOTHING)
    figure = canvas(title, height=150 + 34 * len(values))
    shades = [COLOURS[0] if value >= 0 else COLOURS[1] for value in values.values()]
    figure.add_bar(
        x=list(values.values()), y=[escaped(name) for name in values], orientation="h", marker={"color": shades},
        texttemplate="%{x:+.3f}", textposition="auto", cliponaxis=False,
    )  # fmt: skip
    figure.update_xaxes(title=escaped(x), zeroline=True, zerolinecolor=PALE)
    figure.update_yaxes(autorange="reversed", type="category")
    return captioned(figure, "; ".join(f"{name}: {value:+.3f}" for name, value in values.items()))


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


def write_pngs(figures: Mapping[Path, "Figure"], *, width: int, scale: float) -> None:
    """Writes each figure to its path.

    Args:
        figures: file → figure.
        width: of the figure, pixels.
        scale: pixels of the file for each pixel of the figure.

    Raises:
        EngineError: no browser is there, or it cannot draw.
    """
    from choreographer.errors import DevtoolsProtocolError
    from kaleido import write_fig_from_object_sync
    from kaleido.errors import ChromeNotFoundError, KaleidoError

    opts = {"format": "png", "width": width, "scale": scale}
    wanted = [{"fig": figure, "path": path, "opts": opts} for path, figure in figures.items()]
    try:
        for folder in {path.parent for path in figures}:
            with disk_errors(folder):
                folder.mkdir(parents=True, exist_ok=True)
        # formulas would be fetched from a server, and there are none
        write_fig_from_object_sync(wanted, kopts={"mathjax": False})
    except ChromeNotFoundError as exc:
        raise EngineError("figures are HTML only: PNG files are drawn by Chrome or Chromium, install one") from exc
    except (KaleidoError, DevtoolsProtocolError, TimeoutError, RuntimeError) as exc:
        reason = f"the browser could not draw PNG files ({type(exc).__name__})"
        raise EngineError(f"figures are HTML only: {reason}") from exc
