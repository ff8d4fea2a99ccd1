"""What is rented: the app loads without an account, declares what it needs, and its functions do their work here."""

import importlib.util
import json
import re
import sys

import pytest
import yaml

from tests.engines.families import family_checkpoint
from workbench.cli import COMMANDS
from workbench.places import ROOT

SKY = yaml.safe_load((ROOT / "cloud" / "skypilot.yaml").read_text("utf-8"))


@pytest.fixture(scope="module")
def cloud():
    pytest.importorskip("modal", reason="modal is not installed (extra: cloud)")
    spec = importlib.util.spec_from_file_location("modal_app", ROOT / "cloud" / "modal_app.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["modal_app"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["modal_app"]


def test_the_app_declares_its_functions_and_entry_points(cloud):
    kinds = {name: type(value).__name__ for name, value in vars(cloud).items()}
    assert {name for name, kind in kinds.items() if kind == "Function"} == {"prepare", "train", "export"}
    entries = {name for name, kind in kinds.items() if kind == "LocalEntrypoint"}
    assert entries == {"everything", "upload", "download"}
    on_a_gpu = {path.stem.removesuffix("_gpu") for path in (ROOT / "config").glob("*_gpu.yaml")}
    assert set(cloud.ROLES) == on_a_gpu - {"improve"}, "the loop is no fine-tuning"


@pytest.mark.filterwarnings("ignore:.*[Vv]olume:UserWarning")
def test_training_called_here_trains_and_called_again_continues(cloud, tmp_path, monkeypatch):
    model = family_checkpoint(tmp_path / "tiny", "llama")
    rows = [{"messages": [{"role": "user", "content": f"say {n}"}], "target": f"salt and rope {n}", "task": "critique",
             "poem_id": f"p{n}"} for n in range(4)]  # fmt: skip
    for side in ("train", "valid"):
        (tmp_path / f"{side}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    monkeypatch.chdir(ROOT)
    overrides = [f"examples={tmp_path}", f"runs={tmp_path / 'runs'}", f"model.source={model}", "learner.engine=peft",
                 "learner.load_in_4bit=false", "learner.dtype=float32", "learner.lora_rank=4", "learner.threads=1",
                 "training.epochs=1", "training.batch_examples=4", "model.weights=checkpoint"]  # fmt: skip
    for _ in range(2):
        assert cloud.train.local("rhyme_poet", overrides) == "cloud-rhyme-poet"
    run = tmp_path / "runs" / "cloud-rhyme-poet"
    assert (run / "adapters" / "best" / "adapter_model.safetensors").is_file()
    assert [path.name for path in run.parent.iterdir()] == [run.name]


def test_the_container_has_the_tested_versions(cloud):
    text = (ROOT / "cloud" / "modal_app.py").read_text("utf-8")
    files = re.findall(r'"(requirements[\w-]*\.txt)"', text)
    assert {"requirements.txt", "requirements-cuda.txt", "requirements-unsloth.txt", "requirements-dev.txt"} == set(
        files
    )
    assert not re.search(r"==\d", text)  # no version of its own
    assert 'python_version="3.11"' in text


def test_sky_runs_commands_that_there_are():
    commands = re.findall(r"-m workbench (\w+)", SKY["run"])
    assert commands == ["educate", "train", "train", "export"]
    assert set(commands) - {"educate"} <= set(COMMANDS)
    files = re.findall(r"-r (\S+\.txt)", SKY["setup"])
    assert files
    assert all((ROOT / name).is_file() for name in files)
    assert all((ROOT / "config" / f"{role}_gpu.yaml").is_file() for role in ("educator", "poet", "rhyme_poet"))
