"""Modules that the package runs in a child process, forked here from one process that has imported the libraries.

`run_module` starts a Python for every model file that it makes or measures, and importing torch and transformers takes
five processor seconds before any work begins. The child is a process here too, with an end, a signal, a time limit and
a memory of its own; `engines/test_child_module.py` and the command line of `test_cli.py` start theirs as users do.
"""

import multiprocessing
import os
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from multiprocessing import forkserver
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload([
    "pytest", "tests.forked_modules", "tests.loop_child", "workbench.improvement.run", "torch", "llama_cpp", "gguf",
    "peft", "transformers.models.auto.modeling_auto", "transformers.models.llama.modeling_llama",
])  # fmt: skip
ENVIRONMENT: dict[str, str] = {}  # as it was before any test changed it; empty = as it is
_WITH_TORCH = ("workbench.engines.base_files", "workbench.engines.exporting.")  # the others import little


def start() -> None:
    """The process that all others are forked from, with nothing of a test in it."""
    environment = (ENVIRONMENT or dict(os.environ)) | {"HF_HUB_OFFLINE": "1"}
    with mock.patch.dict(os.environ, environment, clear=True):
        forkserver.ensure_running()


def run(command: Sequence[str], **options: Any) -> subprocess.CompletedProcess[str]:
    """What `subprocess.run` does with `python -m MODULE ARGUMENTS`."""
    module = command[2]
    if not module.startswith(_WITH_TORCH):
        return subprocess.run(command, **options)
    start()
    with tempfile.TemporaryDirectory() as folder:
        said = [Path(folder) / name for name in ("stdout", "stderr")]
        process = PROCESSES.Process(target=_main, args=(command[2:], said, options["cwd"], options["env"]))
        process.start()
        process.join(options["timeout"])
        if process.exitcode is None:
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired(command, options["timeout"])
        texts = [path.read_text("utf-8", "replace") for path in said]
        return subprocess.CompletedProcess(command, process.exitcode, *texts)


# what `workbench.engines.child_module` finds under this name
SUBPROCESS = SimpleNamespace(run=run, TimeoutExpired=subprocess.TimeoutExpired)


def _main(words: list[str], said: list[Path], folder: Path, environment: dict[str, str]) -> None:
    import torch

    for number, path in enumerate(said, start=1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), number)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    torch.set_num_threads(int(environment["OMP_NUM_THREADS"]))  # which torch reads as it is imported
    sys.path.insert(0, str(folder))
    sys.argv = words
    runpy.run_module(words[0], run_name="__main__", alter_sys=True)
