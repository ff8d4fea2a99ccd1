"""Figures as PNG files, drawn by a Chrome or Chromium that is there; nothing is fetched.

Why a module of its own: pages, notebooks and `revflux --png` need it, and none of them needs a browser to work.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.errors import EngineError
from workbench.storage.atomic import disk_errors

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


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
