"""The figures of a study as PNG files, for papers and slides. Kaleido draws them in a browser, which may be missing."""

from pathlib import Path

from workbench.atomic import disk_errors
from workbench.errors import EngineError
from workbench.revflux.dashboard import drawn
from workbench.revflux.findings import Findings

WIDTH, SCALE = 1100, 2  # pixels of the figure, and of the file for each of them


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
