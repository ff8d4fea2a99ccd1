"""A base that two processes share, each with half of every layer, learns to the last bit what a whole one learns."""

import logging
from dataclasses import replace

import pytest
import torch

from tests.engines.learning.test_ranks import BATCH, DROPPING, SETTINGS, opened, resumed_alike, trained
from tests.engines.learning.test_ranks import two_processes as two_processes  # the fixture
from tests.engines.test_contract import of_learners
from tests.engines.tiny_models import tiny_checkpoint
from workbench.engines.learning.learner import TorchLearner
from workbench.engines.learning.ranks import ALONE, Ranks
from workbench.engines.learning.splitting import base_bytes, held_bytes, is_to_be_split
from workbench.errors import ConfigError, EngineError

SPLIT = replace(SETTINGS, split="always")
UNEVEN = 12  # tokens at a time: three batches of the four items, so that one process has nothing to do in the last turn
WAYS = {
    "packed": replace(SETTINGS, token_budget=UNEVEN),
    "bfloat16": replace(SETTINGS, dtype="bfloat16"),
    "its own code": replace(DROPPING, token_budget=UNEVEN, gradient_checkpointing=True),
}

# the contract runs here on a base that is split
globals().update(of_learners())


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    return tiny_checkpoint(tmp_path_factory.mktemp("models") / "tiny", num_hidden_layers=6)


@pytest.fixture(scope="module")
def learner(checkpoint, two_processes):
    return opened(checkpoint, SPLIT)


def findings(learner):
    """All that training leaves, from a known random state on."""
    torch.manual_seed(5)
    steps = trained(learner, 2)
    scores = learner.score(BATCH)
    with learner.frozen():
        base = learner.score(BATCH[:1])
    return steps, scores, base, learner.adapter_digest


@pytest.mark.parametrize("way", WAYS)
def test_a_split_base_learns_and_scores_to_the_same_bits(checkpoint, two_processes, way):
    whole = findings(opened(checkpoint, WAYS[way]))
    assert findings(opened(checkpoint, replace(WAYS[way], split="always"))) == whole


def test_one_process_alone_learns_the_same_but_for_rounding(checkpoint, two_processes):
    alone = TorchLearner(checkpoint, SETTINGS, seed=4)
    for own, shared in zip(trained(alone, 3), trained(opened(checkpoint, SPLIT), 3), strict=True):
        assert shared.loss_nats == pytest.approx(own.loss_nats, rel=1e-5)
        assert shared.gradient_norm == pytest.approx(own.gradient_norm, rel=1e-4)


def test_a_split_training_resumes_to_the_same_bytes_and_a_whole_one_continues_it(checkpoint, two_processes, tmp_path):
    split = opened(checkpoint, replace(DROPPING, split="always"))
    state, expected = resumed_alike(split, tmp_path)
    whole = opened(checkpoint, DROPPING)
    whole.load_state(state)
    trained(whole, 2)
    assert whole.adapter_digest == expected


def test_a_process_holds_half_of_every_layer(checkpoint, two_processes, caplog):
    whole = TorchLearner(checkpoint, SETTINGS, seed=4)._lora._causal
    frozen = {name: each.nbytes for name, each in whole.named_parameters() if not each.requires_grad}
    in_layers = sum(n_bytes for name, n_bytes in frozen.items() if ".layers." in name)
    assert held_bytes(whole) == sum(frozen.values()) == base_bytes(checkpoint, torch.float32)
    with caplog.at_level(logging.INFO):
        split = opened(checkpoint, SPLIT)
    trained(split, 1)  # nothing of what was gathered stays
    assert held_bytes(split._own._lora._causal) == sum(frozen.values()) - in_layers // 2
    assert "the rest at 1 others" in caplog.text


@pytest.mark.parametrize(
    ("changes", "ranks", "said"),
    [
        ({}, ALONE, "torchrun"),
        ({"load_in_4bit": True}, Ranks(size=2), "load_in_4bit=false"),
        ({"engine": "unsloth"}, Ranks(size=2), "engine=peft"),
    ],
)
def test_what_cannot_be_split_is_refused_in_one_line(checkpoint, changes, ranks, said):
    with pytest.raises(ConfigError, match=said) as refused:
        is_to_be_split(replace(SPLIT, **changes), checkpoint, ranks)
    assert "\n" not in str(refused.value)
    assert not is_to_be_split(replace(SPLIT, split="auto", **changes), checkpoint, ranks)
    assert not is_to_be_split(replace(SPLIT, split="never", **changes), checkpoint, ranks)


def test_a_damaged_file_is_said_before_its_size_is_asked(checkpoint, tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"\xff" * 64)
    with pytest.raises(EngineError, match=r"model\.safetensors: cannot be read"):
        base_bytes(tmp_path, torch.bfloat16)
    assert 0 < base_bytes(checkpoint, torch.bfloat16) == base_bytes(checkpoint, torch.float32) // 2
