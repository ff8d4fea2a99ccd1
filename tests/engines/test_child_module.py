"""A module that runs in a child process: how its death is told. The child is this file."""

import os
import signal
import sys
from pathlib import Path

import pytest

from workbench.engines.child_module import run_module
from workbench.errors import EngineError


@pytest.mark.parametrize(("died_of", "is_a_wrong_build"), [(signal.SIGILL, True), (signal.SIGSEGV, False)])
def test_an_instruction_that_the_machine_refuses_is_said_to_be_a_wrong_build(died_of: int, is_a_wrong_build: bool):
    with pytest.raises(EngineError, match=rf"weights\.gguf: .*signal {int(died_of)}\)") as told:
        run_module("tests.engines.test_child_module", str(int(died_of)), about=Path("weights.gguf"))
    assert ("build it again: CMAKE_ARGS=" in str(told.value)) == is_a_wrong_build
    assert "\n" not in str(told.value)


if __name__ == "__main__":
    os.kill(os.getpid(), int(sys.argv[1]))
