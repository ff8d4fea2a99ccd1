"""A module that runs in a child process, as users start it and as these tests fork it: how its end is told.

The child that dies is this file.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests import forked_modules
from workbench.engines import child_module
from workbench.engines.child_module import run_module
from workbench.errors import EngineError

PROBE, MAKES = "workbench.engines.llama.gguf_probe", "workbench.engines.base_files"


@pytest.fixture(params=["started anew", "forked"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    own = subprocess if request.param == "started anew" else forked_modules.SUBPROCESS
    monkeypatch.setattr(child_module, "subprocess", own)


@pytest.mark.parametrize(("died_of", "is_a_wrong_build"), [(signal.SIGILL, True), (signal.SIGSEGV, False)])
def test_an_instruction_that_the_machine_refuses_is_said_to_be_a_wrong_build(died_of: int, is_a_wrong_build: bool):
    with pytest.raises(EngineError, match=rf"weights\.gguf: .*signal {int(died_of)}\)") as told:
        run_module("tests.engines.test_child_module", str(int(died_of)), about=Path("weights.gguf"))
    assert ("build it again: CMAKE_ARGS=" in str(told.value)) == is_a_wrong_build
    assert "\n" not in str(told.value)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("module", [PROBE, MAKES])
def test_what_cannot_be_read_is_one_line_that_begins_with_the_file(module: str, tmp_path: Path):
    (tmp_path / "bad.gguf").write_bytes(b"GGUF, but no more")
    with pytest.raises(EngineError) as caught:
        run_module(module, tmp_path / "bad.gguf", tmp_path / "made", "all", about=tmp_path / "bad.gguf")
    assert "bad.gguf" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.usefixtures("way")
def test_a_module_that_takes_too_long_is_ended():
    with pytest.raises(EngineError, match=r"was not read within 0\.001 s; try another file"):
        run_module(MAKES, Path("x"), Path("y"), "all", about=Path("x"), seconds=0.001)


if __name__ == "__main__":
    os.kill(os.getpid(), int(sys.argv[1]))
