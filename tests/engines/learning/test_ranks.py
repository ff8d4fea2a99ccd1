"""Two processes, the other one a real `python -m workbench` at rank 1, share the steps of one training."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch.distributed

from tests.engines.test_contract import of_learners
from tests.engines.tiny_models import item, tiny_checkpoint
from workbench.engines.learning import leading, ranks
from workbench.engines.learning.learner import TorchLearner
from workbench.engines.learning.settings import LearnerSettings
from workbench.engines.opening import Engines
from workbench.engines.sources import ModelSettings
from workbench.errors import EngineError
from workbench.places import ROOT

SETTINGS = LearnerSettings(dtype="float32", lora_rank=4, threads=1, lora_dropout=0.0)
DROPPING = LearnerSettings(dtype="float32", lora_rank=4, threads=1, lora_dropout=0.3, own_attention=False)
BATCH = [item("the lamp", "and rope"), item("a door", "salt"), item("rain on", "the harbour wall"), item("ab", "cd")]

# the contract runs here on two processes
globals().update(of_learners())


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    return tiny_checkpoint(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="module")
def two_processes(tmp_path_factory):
    where = tmp_path_factory.mktemp("meeting") / "meet"
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"WORLD_SIZE": "2", "RANK": "0", ranks.RENDEZVOUS: f"file://{where}",
                            "GLOO_SOCKET_IFNAME": "lo"}.items():  # fmt: skip
            patch.setenv(name, value)
        other = subprocess.Popen(
            [sys.executable, "-m", "workbench", "doctor"], cwd=ROOT, env=os.environ | {"RANK": "1"},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        yield other
        leading.dismiss()
        said, _ = other.communicate(timeout=300)
    assert (other.returncode, said) == (0, "")  # it ran no command of its own
    assert not torch.distributed.is_initialized()


@pytest.fixture(scope="module")
def learner(checkpoint, two_processes):
    both = opened(checkpoint, SETTINGS)
    assert isinstance(both, leading.LeadingLearner)
    return both


def trained(learner, n_steps):
    return [learner.step(BATCH, learning_rate=1e-2) for _ in range(n_steps)]


def resumed_alike(learner, folder):
    """Trains, saves, goes on, and again from what was saved to the same bytes; gives the state's folder and them."""
    state = folder / "state"
    state.mkdir()
    trained(learner, 1)
    learner.save_state(state)
    trained(learner, 2)
    expected = learner.adapter_digest
    learner.reset(9)
    learner.load_state(state)
    trained(learner, 2)
    assert learner.adapter_digest == expected
    return state, expected


def opened(checkpoint, settings):
    return Engines(ModelSettings(source=str(checkpoint)), settings, seed=4).learner


def test_two_processes_learn_what_one_learns_and_resume_to_the_same_bytes(checkpoint, two_processes, tmp_path):
    alone, both = TorchLearner(checkpoint, SETTINGS, seed=4), opened(checkpoint, SETTINGS)
    assert isinstance(both, leading.LeadingLearner)
    for own, shared in zip(trained(alone, 3), trained(both, 3), strict=True):
        assert shared.loss_nats == pytest.approx(own.loss_nats, rel=1e-5)
        assert shared.gradient_norm == pytest.approx(own.gradient_norm, rel=1e-4)
        assert shared.n_tokens == own.n_tokens
    assert [each.nll_nats for each in both.score(BATCH)] == pytest.approx(
        [each.nll_nats for each in alone.score(BATCH)], rel=1e-4
    )
    with alone.frozen(), both.frozen():
        assert both.score(BATCH) == alone.score(BATCH)

    both = opened(checkpoint, DROPPING)  # with dropout the random state of both processes counts
    resumed_alike(both, tmp_path)


def test_whether_to_stop_is_for_the_first_process_to_say(checkpoint, two_processes):
    both = opened(checkpoint, SETTINGS)
    for number in (signal.SIGTERM, signal.SIGINT):  # as torchrun sends them to all
        two_processes.send_signal(number)
    assert trained(both, 1)[0].n_tokens == sum(len(each.target_ids) for each in BATCH)
    assert two_processes.poll() is None


def test_a_model_that_one_process_does_not_find_is_said_and_nobody_waits(checkpoint, two_processes, monkeypatch):
    monkeypatch.chdir(checkpoint.parent)  # the other one is elsewhere
    with pytest.raises(EngineError, match=r"process 1 of this training: .*tiny"):
        opened(Path("tiny"), SETTINGS)
    assert trained(opened(checkpoint, SETTINGS), 1)


LEAVING = """
import os, sys
from pathlib import Path
from tests.engines.learning.test_ranks import SETTINGS, opened
opened(Path(sys.argv[1]), SETTINGS)
os._exit(0)
"""


def test_a_process_whose_first_is_gone_ends_with_one_line(checkpoint, tmp_path):
    env = os.environ | {"WORLD_SIZE": "2", ranks.RENDEZVOUS: f"file://{tmp_path / 'meet'}", "GLOO_SOCKET_IFNAME": "lo"}
    parts = {"0": ["-c", LEAVING, str(checkpoint)], "1": ["-m", "workbench", "doctor"]}
    first, other = (
        subprocess.Popen(
            [sys.executable, *part], cwd=ROOT, env=env | {"RANK": place}, stderr=subprocess.PIPE, text=True
        )
        for place, part in parts.items()
    )
    _, said = other.communicate(timeout=300)
    assert first.wait(timeout=300) == 0
    assert (other.returncode, said) == (
        EngineError.exit_code,
        "process 1: the first process of this training is gone\n",
    )
    first.stderr.close()


def test_a_plan_is_dealt_out_whole_and_once():
    parts = [ranks.Ranks(place=place, size=3).part(range(8)) for place in range(3)]
    assert sorted(number for part in parts for number in part) == list(range(8))
    assert ranks.Ranks(place=0, size=3).budget(2048, 3000) == 1000
    assert ranks.ALONE.budget(2048, 30) == 2048


def test_in_step_every_process_takes_as_many_turns_and_each_batch_counts_once():
    plan = [[1, 2], [3], [4, 5]]
    turns = [list(ranks.Ranks(place=place, size=2).turns(plan, in_step=True)) for place in range(2)]
    assert turns == [[([1, 2], True), ([4, 5], True)], [([3], True), ([5], False)]]
    assert list(ranks.Ranks(place=1, size=2).turns(plan, in_step=False)) == [([3], True)]
    assert list(ranks.Ranks(place=1, size=2).turns([], in_step=True)) == []
