"""A run that is killed and resumed ends with the bytes of a run that was never killed: real engines, real SIGKILL.

The model is a tiny one, so that a death costs no more than the start of a process; `KILLED_MODEL=built-in` takes
another. `python -m bench.faults jobs 100` kills as often as is asked for.
"""

import os
import signal
from pathlib import Path

import pytest

from tests.engines.families import family_checkpoint
from tests.loop_trials import finished, kill_at_random, n_tokens_learned, work
from workbench.improvement.plan import make_plan
from workbench.improvement.settings import settings_from
from workbench.storage.runs import Run

pytestmark = [pytest.mark.model, pytest.mark.slow]

KILLED_STEPS = int(os.environ.get("KILLED_STEPS", "2"))  # KILLED_STEPS=1000 for a death after every training step
MODEL = os.environ.get("KILLED_MODEL", "")
AT_WORK_SECONDS = 9 if MODEL else 3  # about: how long a run works once its models are loaded


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return MODEL or str(family_checkpoint(tmp_path_factory.mktemp("model"), "llama", repeats=True))


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
    assert finished(model, tmp_path, "run") == finished(model, tmp_path, "whole")
    assert all(n_tokens_learned(tmp_path / "whole"))


def test_a_run_killed_at_a_random_moment_loses_nothing_that_was_acknowledged(model: str, tmp_path: Path) -> None:
    assert kill_at_random(model, tmp_path, 1, seconds=AT_WORK_SECONDS) >= 1
