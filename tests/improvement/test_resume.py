"""A run that is killed and resumed ends with the bytes of a run that was never killed: real engines, real SIGKILL.

The model is a tiny one, so that a death costs no more than the start of a process; `KILLED_MODEL=built-in` takes
another.
"""

import os
import random
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.engines.families import family_checkpoint
from workbench.improvement.plan import make_plan
from workbench.improvement.settings import settings_from
from workbench.places import ROOT
from workbench.storage.records import RecordStore
from workbench.storage.runs import Run
from workbench.types import Candidate

pytestmark = [pytest.mark.model, pytest.mark.slow]

KILLED_STEPS = int(os.environ.get("KILLED_STEPS", "3"))  # KILLED_STEPS=1000 for a death after every training step
RANDOM_KILLS = int(os.environ.get("RANDOM_KILLS", "1"))  # RANDOM_KILLS=100 for the full trial
MODEL = os.environ.get("KILLED_MODEL", "")
AT_WORK = 9 if MODEL else 3  # seconds, about: how long a run works once its models are loaded


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return MODEL or str(family_checkpoint(tmp_path_factory.mktemp("model"), "llama", repeats=True))


def work(model: str, root: Path, name: str, *when: str, train: str = "follower") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.loop_child", model, str(root), name, train, *when]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def finished(model: str, root: Path, name: str, train: str = "follower") -> str:
    done = work(model, root, name, train=train)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.strip().splitlines()[-1]


def never_killed(model: str, root: Path, train: str = "follower") -> str:
    """What the run comes to when nothing happens."""
    digest = finished(model, root, "whole", train)
    assert re.fullmatch(r"[0-9a-f]{64} [0-9a-f]{64} 2", digest), digest
    return digest


def test_a_run_killed_after_training_steps_ends_as_if_never_killed(model: str, tmp_path: Path) -> None:
    first = work(model, tmp_path, "run", "position", "1")
    assert first.returncode == -signal.SIGKILL
    with Run.open(tmp_path, "run", read_only=True) as run:
        ids, settings = run.facts["training"], settings_from(run.facts["settings"])
    plan = make_plan(settings.improvement, ids, arms=("top", "random"), seed=settings.seed)
    after_steps = [position + 1 for position, action in enumerate(plan) if action.kind == "train"]
    assert len(after_steps) >= 4
    for position in after_steps[:: max(1, len(after_steps) // KILLED_STEPS)]:
        assert work(model, tmp_path, "run", "position", str(position)).returncode == -signal.SIGKILL
    assert finished(model, tmp_path, "run") == never_killed(model, tmp_path)


def test_runs_killed_at_random_moments_lose_nothing_that_was_acknowledged(model: str, tmp_path: Path) -> None:
    """They learn by pairs. A run takes a few deaths to end; the next one takes the deaths that are left."""
    whole = never_killed(model, tmp_path, "preference")
    moments, n_killed, n_runs = random.Random(1), 0, 0  # noqa: S311 - moments of death, not secrets
    while n_killed < RANDOM_KILLS:
        n_runs += 1
        name, seen = f"run{n_runs}", set[str]()
        while n_killed < RANDOM_KILLS:
            done = work(model, tmp_path, name, "seconds", f"{moments.uniform(0, AT_WORK):.2f}", train="preference")
            if done.returncode == 0:
                break
            assert done.returncode == -signal.SIGKILL, done.stderr[-2000:]
            n_killed += 1
            now = acknowledged(tmp_path / name)
            assert seen <= now
            seen = now
        assert finished(model, tmp_path, name, "preference") == whole
    print(f"{n_killed} deaths in {n_runs} runs")  # noqa: T201 - what the long trial was


def acknowledged(folder: Path) -> set[str]:
    """The candidates on record."""
    store = RecordStore(folder / "records.sqlite", read_only=True)
    try:
        return set(store.ids(Candidate))
    finally:
        store.close()
