"""Runs one of our modules in a child process: its memory goes when it ends, and its crash is one line, not ours."""

import os
import subprocess
import sys
from pathlib import Path

from workbench.engines.threads import free_processors
from workbench.errors import EngineError
from workbench.places import IMPORTED_FROM


def run_module(module: str, *arguments: str | Path, about: Path) -> None:
    """Waits until `python -m MODULE ARGUMENTS` has ended well.

    Args:
        module: of this package, such as workbench.engines.exporting.merging.
        arguments: its arguments; paths are made absolute.
        about: the file that a message begins with.

    Raises:
        EngineError: it failed or crashed; one line with the last that it said.
    """
    words = [str(each.resolve()) if isinstance(each, Path) else each for each in arguments]
    command = [sys.executable, "-m", module, *words]
    done = subprocess.run(  # noqa: S603 - our own module, run by our own interpreter
        command,
        capture_output=True,
        text=True,
        errors="replace",
        cwd=IMPORTED_FROM,
        env=os.environ | {"OMP_NUM_THREADS": str(free_processors())},
        check=False,
    )
    if done.returncode < 0:
        raise EngineError(f"{about}: it crashes the process that reads it (signal {-done.returncode})")
    if done.returncode:
        said = (done.stderr.strip().splitlines() or [f"status {done.returncode}"])[-1][-400:]
        raise EngineError(said if str(about) in said else f"{about}: {said}")
