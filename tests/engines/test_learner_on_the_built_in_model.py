"""The learner on the real model: exact in float32, within the stated noise in bfloat16."""

import dataclasses
import subprocess
import sys
from pathlib import Path
from statistics import fmean

import pytest
import torch

from workbench.corpus.load import load_poems
from workbench.engines.base_model import base_model
from workbench.engines.learning.learner import TorchLearner
from workbench.engines.learning.settings import LearnerSettings
from workbench.engines.sources import ModelSettings
from workbench.places import ROOT
from workbench.prompts.renderers import renderer_for
from workbench.prompts.templates import poem_target
from workbench.types import Message, Rendered, Score

pytestmark = pytest.mark.model

# Nats a token, in the mean over a poem. Measured on 24 poems: bfloat16 against float32 mean .0041, largest
# .0153 (transformers' own bfloat16: .0033 and .0245); one batch against another mean .0003, largest .0052.
ROUNDING_NATS = 0.03
NOISE_NATS = 0.015
SCENES = ("a kettle that will not boil", "the last bus", "snow on a motorway", "an orchard sold")


@pytest.fixture(scope="module")
def checkpoint() -> Path:
    return base_model(ModelSettings(weights="bf16")).checkpoint


@pytest.fixture(scope="module")
def poems(checkpoint: Path) -> list[Rendered]:
    renderer = renderer_for(checkpoint)
    return [
        renderer.render(
            (
                Message(role="system", content="You are a poet."),
                Message(role="user", content=f"Four lines on {scene}."),
            ),
            f"Title: {scene}\nPoem: Nobody asked for {scene} today,\nit came with the post " + "and stayed " * n,
        )
        for n, scene in enumerate(SCENES)
    ]


@pytest.fixture(scope="module")
def whole_poems(checkpoint: Path) -> list[Rendered]:
    """Sonnets: the noise floor is stated for poems; over thirty tokens rounding alone can exceed it."""
    renderer = renderer_for(checkpoint)
    sonnets = load_poems(ROOT / "data" / "poems" / "good" / "sonnets.jsonl")[:4]
    user = Message(role="user", content="Description: a sonnet.")
    return [renderer.render((user,), poem_target(sonnet)) for sonnet in sonnets]


def reference(checkpoint: Path, poems: list[Rendered]) -> list[float]:
    """Mean losses in float32, one candidate at a time, by transformers alone."""
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(checkpoint, dtype=torch.float32)
    losses = []
    for each in poems:
        ids = torch.tensor([[*each.context_ids, *each.target_ids]])
        labels = torch.tensor([[*[-100] * len(each.context_ids), *each.target_ids]])
        with torch.inference_mode():
            losses.append(float(model(input_ids=ids, labels=labels).loss))
    return losses


def means(learner: TorchLearner, poems: list[Rendered]) -> list[float]:
    return [score.mean_nats for score in learner.score(poems) if isinstance(score, Score)]


def test_losses_are_those_of_transformers(checkpoint: Path, poems: list[Rendered]) -> None:
    expected = reference(checkpoint, poems)
    exact = TorchLearner(checkpoint, LearnerSettings(dtype="float32"), seed=1)
    assert means(exact, poems) == pytest.approx(expected, abs=1e-4)
    rounded = TorchLearner(checkpoint, LearnerSettings(dtype="bfloat16"), seed=1)
    assert means(rounded, poems) == pytest.approx(expected, abs=ROUNDING_NATS)


def test_training_lowers_the_loss_whatever_the_number_format(checkpoint: Path, poems: list[Rendered]) -> None:
    learner = TorchLearner(checkpoint, LearnerSettings(), seed=1)
    first, *_, last = (learner.step(poems, learning_rate=2e-4).loss_nats for _ in range(4))
    assert last < first


def test_batches_change_a_loss_by_rounding_only(checkpoint: Path, poems: list[Rendered]) -> None:
    learner = TorchLearner(checkpoint, LearnerSettings(), seed=1)
    together = means(learner, poems)
    learner.settings = dataclasses.replace(learner.settings, token_budget=1)
    alone = means(learner, poems)
    # of a single short poem AMX rounds more than other instruction sets do: .0225 was seen
    assert alone == pytest.approx(together, abs=2 * NOISE_NATS)
    assert fmean(alone) == pytest.approx(fmean(together), abs=NOISE_NATS)


UNSLOTH = """
import sys
from workbench.engines.learning.unsloth_model import unsloth_can_import
if not unsloth_can_import():
    sys.exit(77)
from pathlib import Path
from workbench.engines.learning.learner import TorchLearner
from workbench.engines.learning.settings import LearnerSettings
from workbench.types import Rendered
item = Rendered(context_ids=(1, 4093, 198), target_ids=(19161, 2067, 108, 306, 2), target="", offsets_T=())
learner = TorchLearner(Path(sys.argv[1]), LearnerSettings(engine="unsloth"), seed=1)
first = learner.step([item], learning_rate=1e-3).loss_nats
assert learner.step([item], learning_rate=1e-3).loss_nats < first
import pytest
options = ["-c", "/dev/null", "-p", "no:cacheprovider", "--rootdir", sys.argv[2], "--import-mode=importlib"]
sys.exit(pytest.main([*options, sys.argv[2] + "/tests/engines/learning/unsloth_contract.py"]))
"""


@pytest.mark.slow
def test_unsloth_trains_the_same_model(checkpoint: Path, tmp_path: Path) -> None:
    """And keeps the contract of a learner."""
    command = [sys.executable, "-c", UNSLOTH, str(checkpoint), str(ROOT)]
    environment = {
        "PYTHONPATH": str(ROOT),
        "HOME": str(tmp_path),
        "PATH": "/usr/bin:/bin",
    }
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, env=environment)
    if done.returncode == 77:
        pytest.skip("Unsloth does not import here")
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-500:]
    assert " passed" in done.stdout
    assert not (tmp_path / "unsloth_compiled_cache").exists()
