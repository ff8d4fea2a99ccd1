"""How notebooks show frames and figures: pandas as it is, plotly with a still picture beside it.

A repository page runs no script, so a figure is stored three times: for plotly's own renderer, as a small PNG where a
Chrome or Chromium is there to draw it, and as its caption for a terminal or a screen reader.
"""

import contextlib
import io
import json
import logging
import tempfile
import warnings
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.errors import EngineError
from workbench.figures import caption_of, write_pngs

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

PLOTLY = "application/vnd.plotly.v1+json"
WIDTH = 760  # pixels of the picture


def set_up(*, precision: int = 3) -> None:
    """How frames look in a notebook: rounded, texts whole; and no hint about progress bars."""
    import pandas as pd

    pd.options.display.precision = precision
    pd.options.display.max_colwidth = None
    pd.options.display.max_rows = 100
    warnings.filterwarnings("ignore", message="IProgress")


def on_one_line(text: str) -> str:
    r"""A poem as it is quoted in a running text.

    >>> on_one_line("a gate\nof rain\n\nand salt")
    'a gate / of rain // and salt'
    """
    return text.strip().replace("\n\n", " // ").replace("\n", " / ")


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """A figure as a notebook stores it."""

    bundle: dict[str, Any]  # by media type

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return self.bundle

    def __repr__(self) -> str:
        return str(self.bundle["text/plain"])


def show(figure: "Figure") -> Shown:
    """A figure for a notebook: interactive, as a still picture, in words."""
    figure.update_layout(width=WIDTH)
    bundle: dict[str, Any] = {PLOTLY: json.loads(figure.to_json()), "text/plain": caption_of(figure)}
    picture = _picture(figure)
    return Shown(bundle | ({"image/png": picture} if picture else {}))


def _picture(figure: "Figure") -> str:
    """The figure as a PNG in base64; "" where no browser can draw it."""
    with tempfile.TemporaryDirectory() as folder, contextlib.suppress(EngineError), _quiet():
        path = Path(folder) / "figure.png"
        write_pngs({path: figure}, width=WIDTH, scale=1)
        return b64encode(path.read_bytes()).decode("ascii")
    return ""


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """A browser that ends slowly is complained of in the log, and a notebook would keep the complaint."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            yield
    finally:
        logging.disable(before)
