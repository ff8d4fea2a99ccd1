"""Runs one of our modules in a child process: its memory goes when it ends, and its crash is one line, not ours.

Everything that loads a foreign model file for the first time, or needs a library for a moment only, starts here.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path

from workbench.engines.threads import free_processors
from workbench.errors import EngineError
from workbench.places import IMPORTED_FROM

# What to do where llama.cpp was compiled with instructions that are not right on this machine.
_REBUILD = (
    "llama-cpp-python was built for another processor, or with AMX by a compiler that gets it wrong (GCC 12.2 does); "
    "build it again: CMAKE_ARGS=-DCMAKE_CXX_FLAGS=-mno-amx-int8 pip install --force-reinstall --no-deps "
    "--no-cache-dir llama-cpp-python"
)


def run_module(module: str, *arguments: str | Path, about: Path, seconds: float | None = None) -> str:
    """Waits until `python -m MODULE ARGUMENTS` has ended well.

    Args:
        module: of this package, such as workbench.engines.exporting.export_files.
        arguments: its arguments; paths are made absolute.
        about: the file that a message begins with.
        seconds: after which it is ended; None = it may take as long as it likes.

    Returns:
        What it printed.

    Raises:
        EngineError: it failed, crashed or took too long; one line with the last that it said.
    """
    words = [str(each.resolve()) if isinstance(each, Path) else each for each in arguments]
    command = [sys.executable, "-m", module, *words]
    environment = os.environ | {"OMP_NUM_THREADS": str(free_processors())}
    try:
        done = subprocess.run(  # noqa: S603 - our own module, run by our own interpreter
            command,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=seconds,
            cwd=IMPORTED_FROM,
            env=environment,
            check=False,
        )
    except subprocess.TimeoutExpired as exc:
        raise EngineError(f"{about}: it was not read within {seconds:g} s; try another file") from exc
    if done.returncode < 0:
        told = f"{about}: it crashes the process that reads it (signal {-done.returncode})"
        raise EngineError(f"{told}; {_REBUILD}" if done.returncode == -signal.SIGILL else told)
    if done.returncode:
        said = (done.stderr.strip().splitlines() or [f"status {done.returncode}"])[-1][-400:]
        raise EngineError(said if str(about) in said else f"{about}: {said}")
    return done.stdout
