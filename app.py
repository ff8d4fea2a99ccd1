"""The workbench in a browser: `make app`, then http://127.0.0.1:7860."""

import argparse
from pathlib import Path

from workbench.ui.folders import Desk
from workbench.ui.pages import serve


def main() -> None:
    """Reads the few options and serves until Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=7860)
    parser.add_argument("--runs", type=Path, default=Desk().runs, help="the folder of all runs")
    parser.add_argument("--poems", type=Path, default=Desk().poems, help="the folder of poem collections")
    given = parser.parse_args()
    serve(Desk(runs=given.runs.resolve(), poems=given.poems.resolve()), port=given.port)


if __name__ == "__main__":
    main()
