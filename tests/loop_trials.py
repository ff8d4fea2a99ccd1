"""Trials of death on whole runs of the loop: real engines, real SIGKILL, and the bytes of a run that was never killed.

`tests/improvement/test_resume.py` has few of them, `python -m bench.faults jobs 100` as many as are asked for.
"""

import random
import re
import signal
import subprocess
import sys
from pathlib import Path

from workbench.places import ROOT
from workbench.storage.records import RecordStore
from workbench.types import Candidate


def work(model: str, root: Path, name: str, *when: str, train: str = "follower") -> subprocess.CompletedProcess[str]:
    """A process that begins or continues a run, see `tests/loop_child.py`."""
    command = [sys.executable, "-m", "tests.loop_child", model, str(root), name, train, *when]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def finished(model: str, root: Path, name: str, train: str = "follower") -> str:
    """Works until the run is at its end; its digests."""
    done = work(model, root, name, train=train)
    assert done.returncode == 0, done.stderr[-2000:]
    digest = done.stdout.strip().splitlines()[-1]
    assert re.fullmatch(r"[0-9a-f]{64} [0-9a-f]{64} 2", digest), digest
    return digest


def kill_at_random(model: str, root: Path, n_kills: int, *, seconds: float) -> int:
    """Runs that learn by pairs die at random moments, lose nothing and end as one that was never killed.

    A run takes a few deaths to end; the next one takes the deaths that are left.

    Args:
        model: what the runs work with.
        root: an empty folder.
        n_kills: deaths.
        seconds: how long a run works, about, once its models are loaded.

    Returns:
        How many runs it took.
    """
    whole = finished(model, root, "whole", "preference")
    moments, n_killed, n_runs = random.Random(1), 0, 0  # noqa: S311 - moments of death, not secrets
    while n_killed < n_kills:
        n_runs += 1
        name, seen = f"run{n_runs}", set[str]()
        while n_killed < n_kills:
            done = work(model, root, name, "seconds", f"{moments.uniform(0, seconds):.2f}", train="preference")
            if done.returncode == 0:
                break
            assert done.returncode == -signal.SIGKILL, done.stderr[-2000:]
            n_killed += 1
            now = acknowledged(root / name)
            assert seen <= now
            seen = now
        assert finished(model, root, name, "preference") == whole
    return n_runs


def acknowledged(folder: Path) -> set[str]:
    """The candidates on record."""
    store = RecordStore(folder / "records.sqlite", read_only=True)
    try:
        return set(store.ids(Candidate))
    finally:
        store.close()
