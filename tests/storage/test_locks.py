"""Locks: one process at a time, freed when it ends."""

import subprocess
import sys

import pytest

from workbench.errors import LockedError
from workbench.storage.locks import locked

HOLD = """
import sys
from pathlib import Path
from workbench.storage.locks import locked
with locked(Path(sys.argv[1])):
    print("on", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    child = subprocess.Popen([sys.executable, "-c", HOLD, tmp_path / "lock"], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE)  # fmt: skip
    assert child.stdout.readline() == b"on\n"
    yield child
    child.kill()
    child.communicate()


def test_who_comes_second_is_told_so(tmp_path, holder):
    said = "the shed is in use; wait"
    with pytest.raises(LockedError, match=said), locked(tmp_path / "lock", busy=said):
        pytest.fail("it was let in")


def test_a_killed_holder_frees_the_lock(tmp_path, holder):
    holder.kill()
    holder.wait()
    with locked(tmp_path / "lock", busy="in use"):
        assert holder.returncode


def test_who_waits_comes_in_after_the_first(tmp_path, holder):
    second = subprocess.Popen([sys.executable, "-c", HOLD, tmp_path / "lock"], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE)  # fmt: skip
    holder.communicate()  # its input ends, and it leaves
    assert second.stdout.readline() == b"on\n"
    second.communicate()


def test_two_holders_in_one_process_exclude_one_another(tmp_path):
    path = tmp_path / "deep" / "lock"
    with locked(path), pytest.raises(LockedError), locked(path, busy="in use"):
        pytest.fail("it was let in")
    with locked(tmp_path / "deep" / "lock", busy="in use"):
        assert (tmp_path / "deep").is_dir()
