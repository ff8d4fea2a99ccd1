"""The learner on a CUDA device: the same known answers as on the CPU. Skipped, with the reason, where there is none."""

import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.engines.tiny_models import VOCABULARY, copying_checkpoint, item, uniform_checkpoint
from workbench.engines.learning.learner import TorchLearner
from workbench.engines.learning.settings import LearnerSettings
from workbench.types import Score

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here"),
]

BY_PEFT = LearnerSettings(engine="peft", dtype="bfloat16", lora_rank=4, lora_alpha=8.0)
POEM = item("Rain on a roof", "the drops count coins")
KINDS = {
    "PEFT": BY_PEFT,
    "PEFT in 4 bits": replace(BY_PEFT, load_in_4bit=True),
    "Unsloth": replace(BY_PEFT, engine="unsloth"),
    "Unsloth in 4 bits": replace(BY_PEFT, engine="unsloth", load_in_4bit=True),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_model_that_knows_nothing_loses_the_logarithm_of_its_vocabulary(kind: str, tmp_path: Path) -> None:
    learner = TorchLearner(uniform_checkpoint(tmp_path / "uniform"), KINDS[kind], seed=1)
    (score,) = learner.score([POEM])
    assert isinstance(score, Score)
    assert score.nll_T == pytest.approx([math.log(VOCABULARY)] * len(score.nll_T), rel=0.01)


@pytest.mark.parametrize("kind", KINDS)
def test_steps_lower_the_loss_of_what_is_taught(kind: str, tmp_path: Path) -> None:
    learner = TorchLearner(copying_checkpoint(tmp_path / "copying"), KINDS[kind], seed=1)
    (before,) = learner.score([POEM])
    for _ in range(8):
        learner.step([POEM], learning_rate=0.02)
    (after,) = learner.score([POEM])
    assert isinstance(before, Score)
    assert isinstance(after, Score)
    assert sum(after.nll_T) < sum(before.nll_T)
