"""How every figure of RevFlux looks: colours, sizes, bands. Plotly is imported when a figure is drawn, not before."""

import html
from collections.abc import Sequence
from typing import Any

from workbench.revflux.measures import BANDS, MEASURES, Bands

COLOURS = ("#1f5a8a", "#c2571a", "#4b7f3a", "#7a4a94", "#8a6d1f", "#5b6770")  # told apart without green against red
KIND_COLOURS = {"kept": "#b3c0cb", "edited": "#1f5a8a", "moved": "#7a4a94", "cut": "#8c8c8c", "new": "#c2571a"}
_FONT = {"family": "Georgia, 'Times New Roman', serif", "size": 14, "color": "#222"}
_BAND_GREY, _VEIL = "#9a9a9a", "rgba(255,255,255,.8)"


def canvas(title: str, *, rows: int = 1, columns: int = 1, panels: Sequence[str] = (), height: int = 420) -> Any:
    """An empty figure with a title and, for more than one panel, panel titles."""
    from plotly.subplots import make_subplots

    figure = make_subplots(rows=rows, cols=columns, subplot_titles=[escaped(one) for one in panels] or None,
                           horizontal_spacing=0.09 if columns > 1 else 0.02,
                           vertical_spacing=min(0.16, 0.9 / (rows * 2)))  # fmt: skip
    figure.update_layout(
        template="plotly_white", height=height, font=_FONT, title={"text": title, "x": 0, "xanchor": "left", "y": 0.98},
        margin={"l": 70, "r": 40, "t": 80, "b": 60}, legend={"orientation": "v", "x": 1.02, "y": 1},
        hoverlabel={"align": "left", "font": {"family": _FONT["family"]}},
    )  # fmt: skip
    return figure


def colour(names: Sequence[str], name: str) -> str:
    """The colour of a configuration, the same in every figure."""
    return COLOURS[list(names).index(name) % len(COLOURS)]


def escaped(text: str) -> str:
    """Foreign text for a label: plotly reads a little HTML, so nothing of it may be left."""
    return html.escape(text)


def axis_title(measure: str) -> str:
    """Label and unit of a figure."""
    about = MEASURES[measure]
    return f"{about.label}, {about.unit}"


def draw_bands(figure: Any, bands: Bands, measure: str, *, row: int = 1, column: int = 1) -> None:
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
            annotation={"text": ", ".join(names), "font": {"size": 11, "color": "#666"}, "bgcolor": _VEIL},
            annotation_position="top right",
        )  # fmt: skip
