"""How every figure looks: colours, sizes, panels. Plotly is imported when a figure is drawn, not before.

Nothing is told by colour alone: lines differ in dash and mark too. Every figure carries its numbers in a sentence
(`caption_of`), which is what a terminal or a screen reader gets.
"""

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

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


def on_page(figure: "Figure") -> "Figure":
    """The same figure without a ground of its own, so that a page can turn light and dark round by night."""
    clear = "rgba(0,0,0,0)"
    figure.update_layout(paper_bgcolor=clear, plot_bgcolor=clear)
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
