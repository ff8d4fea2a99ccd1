"""A resumed learner goes on bit for bit; what it saves, PEFT reads."""

import dataclasses
import hashlib
import json
from pathlib import Path

import pytest
import torch

from tests.engines.tiny_models import item, tiny_checkpoint
from workbench.engines.learning.learner import TorchLearner
from workbench.engines.learning.settings import LearnerSettings
from workbench.errors import DamagedError, EngineError

SETTINGS = LearnerSettings(dtype="float32", lora_rank=4, lora_alpha=8.0, threads=1, engine="peft")
BATCHES = [[item("rain", f"{word} on the roof"), item("snow", word)] for word in ("drip", "drum", "coins", "hush")]


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_checkpoint(tmp_path_factory.mktemp("models") / "tiny")


def steps(learner: TorchLearner, first: int, last: int) -> TorchLearner:
    for batch in BATCHES[first:last]:
        learner.step(batch, learning_rate=0.01)
    return learner


def state_digest(learner: TorchLearner, folder: Path) -> str:
    folder.mkdir()
    learner.save_state(folder)
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(folder.iterdir()))).hexdigest()


@pytest.mark.parametrize("dropout", [0.0, 0.2])
@pytest.mark.parametrize("n_before", [0, 2])
def test_a_resumed_learner_ends_with_the_same_bytes(
    checkpoint: Path, tmp_path: Path, dropout: float, n_before: int
) -> None:
    settings = dataclasses.replace(SETTINGS, lora_dropout=dropout)
    never_stopped = steps(TorchLearner(checkpoint, settings, seed=1), 0, 4)
    expected = state_digest(never_stopped, tmp_path / "whole")

    saved = tmp_path / "saved"
    saved.mkdir()
    steps(TorchLearner(checkpoint, settings, seed=1), 0, n_before).save_state(saved)
    torch.rand(3)  # whatever else happens to the random state in between
    resumed = TorchLearner(checkpoint, settings, seed=99)
    resumed.load_state(saved)
    assert state_digest(steps(resumed, n_before, 4), tmp_path / "resumed") == expected


def test_saving_disturbs_nothing(checkpoint: Path, tmp_path: Path) -> None:
    quiet, saving = (TorchLearner(checkpoint, SETTINGS, seed=1) for _ in range(2))
    steps(saving, 0, 2).save_state(tmp_path)
    assert steps(saving, 2, 4).adapter_digest == steps(quiet, 0, 4).adapter_digest


def test_the_state_holds_no_pickle(checkpoint: Path, tmp_path: Path) -> None:
    steps(TorchLearner(checkpoint, SETTINGS, seed=1), 0, 1).save_state(tmp_path)
    assert {path.suffix for path in tmp_path.iterdir()} == {".safetensors", ".json"}


def test_peft_loads_the_adapter_and_gives_the_same_losses(checkpoint: Path, tmp_path: Path) -> None:
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    learner = steps(TorchLearner(checkpoint, SETTINGS, seed=1), 0, 4)
    learner.save_adapter(tmp_path)
    model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(checkpoint, dtype=torch.float32), tmp_path)
    each = BATCHES[0][0]
    ids = torch.tensor([[*each.context_ids, *each.target_ids]])
    labels = torch.tensor([[*[-100] * len(each.context_ids), *each.target_ids]])
    with torch.inference_mode():
        expected = float(model(input_ids=ids, labels=labels).loss)
    assert learner.score([each])[0].mean_nats == pytest.approx(expected, abs=1e-5)  # type: ignore[union-attr]  # scored


def test_the_digest_of_an_adapter_is_that_of_its_file(checkpoint: Path, tmp_path: Path) -> None:
    learner = steps(TorchLearner(checkpoint, SETTINGS, seed=1), 0, 1)
    digest = learner.save_adapter(tmp_path)
    assert digest == learner.adapter_digest
    assert digest == hashlib.sha256((tmp_path / "adapter_model.safetensors").read_bytes()).hexdigest()


def test_an_adapter_comes_back_from_its_folder(checkpoint: Path, tmp_path: Path) -> None:
    learner = steps(TorchLearner(checkpoint, SETTINGS, seed=1), 0, 2)
    learner.save_adapter(tmp_path)
    other = TorchLearner(checkpoint, SETTINGS, seed=2)
    other.load_adapter(tmp_path)
    assert other.score(BATCHES[0]) == learner.score(BATCHES[0])


def test_an_adapter_of_another_rank_is_refused(checkpoint: Path, tmp_path: Path) -> None:
    TorchLearner(checkpoint, dataclasses.replace(SETTINGS, lora_rank=8), seed=1).save_adapter(tmp_path)
    with pytest.raises(EngineError, match="rank 4"):
        TorchLearner(checkpoint, SETTINGS, seed=1).load_adapter(tmp_path)


def test_the_state_of_another_base_model_is_refused(checkpoint: Path, tmp_path: Path) -> None:
    other = TorchLearner(tiny_checkpoint(tmp_path / "other", intermediate_size=64), SETTINGS, seed=1)
    saved = tmp_path / "saved"
    saved.mkdir()
    other.save_state(saved)
    with pytest.raises(EngineError, match="another base model"):
        TorchLearner(checkpoint, SETTINGS, seed=1).load_state(saved)


@pytest.mark.parametrize("name", ["state.json", "optimizer.safetensors", "adapter_model.safetensors"])
@pytest.mark.parametrize("damage", ["missing", "cut"])
def test_a_damaged_state_is_refused_and_the_learner_unharmed(
    checkpoint: Path, tmp_path: Path, name: str, damage: str
) -> None:
    steps(TorchLearner(checkpoint, SETTINGS, seed=1), 0, 1).save_state(tmp_path)
    path = tmp_path / name
    path.unlink() if damage == "missing" else path.write_bytes(path.read_bytes()[:20])
    learner = steps(TorchLearner(checkpoint, SETTINGS, seed=2), 0, 1)
    before = learner.adapter_digest
    with pytest.raises(DamagedError, match=name):
        learner.load_state(tmp_path)
    assert learner.adapter_digest == before


def test_a_state_that_lacks_a_field_is_damaged(checkpoint: Path, tmp_path: Path) -> None:
    learner = steps(TorchLearner(checkpoint, SETTINGS, seed=1), 0, 1)
    learner.save_state(tmp_path)
    state = json.loads((tmp_path / "state.json").read_text())
    del state["python_random"]
    (tmp_path / "state.json").write_text(json.dumps(state))
    with pytest.raises(DamagedError, match=r"state\.json"):
        learner.load_state(tmp_path)
