"""The command of the app: `workbench app`, then http://127.0.0.1:7860. Reads options only."""

from pathlib import Path
from typing import Annotated

import typer

from workbench.places import located, written


def serve_app(
    port: Annotated[int, typer.Option(help="Listen on this port of 127.0.0.1.")] = 7860,
    runs: Annotated[Path, typer.Option(help="The folder of all runs.")] = Path("data/runs"),
    poems: Annotated[Path, typer.Option(help="The folder of poem collections.")] = Path("data/poems"),
) -> None:
    """Open the workbench in a browser: poems, runs, candidates, blind review, the studio."""
    from workbench.ui.folders import AppFolders
    from workbench.ui.pages import serve

    serve(AppFolders(runs=written(runs).resolve(), poems=located(poems).resolve()), port=port)
