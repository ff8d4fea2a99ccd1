"""Pages and tables that people read: HTML by jinja2 with every value escaped, Markdown tables by pandas.

Templates are the files of `workbench/templates/`; `page.html.jinja` is the frame and the look of every page.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    from jinja2 import Environment
    from markupsafe import Markup
    from plotly.graph_objects import Figure

# plotly's buttons lie over the end of a title: a picture and the way back from a zoom are what a reader needs
_BUTTONS = ["zoom2d", "pan2d", "select2d", "lasso2d", "zoomIn2d", "zoomOut2d", "autoScale2d"]
_PLOT = {"displaylogo": False, "modeBarButtonsToRemove": _BUTTONS}
TEMPLATES = Path(__file__).resolve().parent / "templates"


def render(template: str, **values: Any) -> str:
    """A page from a template; whatever is text in it is escaped, and a name that the template lacks is an error."""
    return _environment().get_template(template).render(**values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A figure as a page holds it."""

    drawing: "Markup"
    caption: str


def drawings(figures: Iterable["Figure"]) -> list[Drawing]:
    """Figures for one page: plotly's script is in the first one, so the page needs no network."""
    from markupsafe import Markup

    from workbench.figures import caption_of, on_page

    drawn: list[Drawing] = []
    for figure in figures:
        html = on_page(figure).to_html(full_html=False, include_plotlyjs=not drawn, config=_PLOT)
        drawn.append(Drawing(drawing=Markup(html), caption=caption_of(figure)))  # noqa: S704 - its texts are escaped
    return drawn


def text_frame(rows: Sequence[Sequence[object]], columns: Sequence[str]) -> "pd.DataFrame":
    """Rows as a frame whose cells are text, as they are to be shown."""
    import pandas as pd

    return pd.DataFrame(rows, columns=list(columns), dtype=str)


def markdown_table(frame: "pd.DataFrame") -> str:
    r"""A frame as a Markdown table: an upright stroke in a cell is escaped, a line break becomes a space.

    >>> import pandas as pd
    >>> print(markdown_table(pd.DataFrame({"poem": ["a|b\nc"], "gain": ["0.120"]})))
    | poem   | gain   |
    |:-------|:-------|
    | a\|b c | 0.120  |
    """
    told = frame.map(_cell).rename(columns=_cell)
    return str(told.to_markdown(index=False, disable_numparse=True))


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
