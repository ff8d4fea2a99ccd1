"""The adapter's way from PEFT to llama.cpp, held against PEFT's own logits."""

import ctypes
import json
from pathlib import Path

import pytest

from workbench.engines.adapter_files import WEIGHTS, adapter_digest, adapter_gguf
from workbench.engines.base_model import BaseModel, base_model
from workbench.engines.llama.kv_batch import KvBatch, llama_library
from workbench.engines.llama.sampler import LlamaCppSampler
from workbench.engines.sources import ModelSettings
from workbench.errors import EngineError
from workbench.prompts.renderers import renderer_for
from workbench.types import Failed, Message, Reason, SampleRequest, Sampling

pytestmark = pytest.mark.model

TEXT = "The tide goes out and leaves its small bright coins, and nobody has come to pick them up."
SHAPE = {"architecture": "llama", "n_heads": 9, "n_kv_heads": 3}


@pytest.fixture(scope="module")
def base() -> BaseModel:
    return base_model(ModelSettings(weights="bf16"))


@pytest.fixture(scope="module")
def adapter(base: BaseModel, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[float], list[float]]:
    """A strong random adapter on all seven projections, and PEFT's last logits without and with it."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    torch.manual_seed(0)
    modules = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
    causal = AutoModelForCausalLM.from_pretrained(base.checkpoint, dtype=torch.float32)
    model = get_peft_model(causal, LoraConfig(r=8, lora_alpha=16, target_modules=modules, task_type="CAUSAL_LM"))
    for name, parameter in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=0.06)
    ids = torch.tensor([token_ids(base)])
    with torch.no_grad():
        adapted = model(ids).logits[0, -1].tolist()
        with model.disable_adapter():
            plain = model(ids).logits[0, -1].tolist()
    folder = tmp_path_factory.mktemp("adapter")
    model.save_pretrained(folder)
    return folder, plain, adapted


def token_ids(base: BaseModel) -> list[int]:
    return list(renderer_for(base.checkpoint, kind="base").context((Message(role="user", content=TEXT),)))


def last_logits(kv: KvBatch, ids: list[int]) -> list[float]:
    kv.open(1, 256)
    kv.prefill(0, ids[:-1], 0)
    kv.decode([(0, ids[-1], len(ids) - 1)])
    logits = llama_library().llama_get_logits_ith(kv._context, 0)
    return list(ctypes.cast(logits, ctypes.POINTER(ctypes.c_float * 49152)).contents)


def correlation(left: list[float], right: list[float]) -> float:
    import numpy as np

    return float(np.corrcoef(left, right)[0, 1])


def test_llama_cpp_with_the_adapter_agrees_with_peft(base: BaseModel, adapter) -> None:
    folder, plain, adapted = adapter
    kv = KvBatch(base.gguf, threads=2)
    kv.use_adapter(adapter_gguf(folder, **SHAPE))
    ours = last_logits(kv, token_ids(base))
    kv.use_adapter(None)
    without = last_logits(kv, token_ids(base))
    kv.close()
    assert correlation(ours, adapted) > 0.998
    assert correlation(without, plain) > 0.998
    # what the adapter alone does; with q and k left in the checkpoint's row order both figures fall below the bound
    effect, expected = ([a - b for a, b in zip(*pair, strict=True)] for pair in ((ours, without), (adapted, plain)))
    assert correlation(effect, expected) > 0.998


def test_swapping_the_adapter_changes_the_sampler_and_back(base: BaseModel, adapter) -> None:
    sampler = LlamaCppSampler(base.gguf, renderer_for(base.checkpoint), n_seq=2)
    request = SampleRequest(
        prompt=(Message(role="user", content="Describe the tide."),), seed=1, sampling=Sampling(max_new_tokens=12)
    )
    before = sampler.sample([request])
    sampler.use_adapter(adapter[0])
    digest, during = sampler.adapter_digest, sampler.sample([request])
    sampler.use_adapter(None)
    after = sampler.sample([request])
    sampler.close()
    assert digest == adapter_digest(adapter[0])
    assert during != before
    assert after == before
    assert sampler.adapter_digest == ""


def test_a_broken_adapter_fails_every_item_and_leaves_nothing_behind(base: BaseModel, adapter, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    weights = {name: tensor * float("nan") for name, tensor in load_file(adapter[0] / WEIGHTS).items()}
    save_file(weights, tmp_path / WEIGHTS)
    (tmp_path / "adapter_config.json").write_bytes((adapter[0] / "adapter_config.json").read_bytes())
    sampler = LlamaCppSampler(base.gguf, renderer_for(base.checkpoint), n_seq=2)
    request = SampleRequest(
        prompt=(Message(role="user", content="Describe the tide."),), seed=1, sampling=Sampling(max_new_tokens=8)
    )
    before = sampler.sample([request])
    sampler.use_adapter(tmp_path)
    during = sampler.sample([request] * 3)
    sampler.use_adapter(None)
    after = sampler.sample([request])
    sampler.close()
    assert [result.reason for result in during if isinstance(result, Failed)] == [Reason.NOT_FINITE] * 3
    assert after == before


def test_the_gguf_is_made_once_and_again_when_the_weights_change(adapter, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    for name in ("adapter_config.json", "adapter_model.safetensors"):
        (tmp_path / name).write_bytes((adapter[0] / name).read_bytes())
    made = adapter_gguf(tmp_path, **SHAPE)
    first = made.read_bytes()
    stamp = made.stat().st_mtime_ns
    assert adapter_gguf(tmp_path, **SHAPE).stat().st_mtime_ns == stamp
    weights = {name: tensor * 2 for name, tensor in load_file(tmp_path / "adapter_model.safetensors").items()}
    save_file(weights, tmp_path / "adapter_model.safetensors")
    assert adapter_gguf(tmp_path, **SHAPE).read_bytes() != first


def test_a_damaged_cached_gguf_is_made_again(adapter, tmp_path: Path) -> None:
    for name in ("adapter_config.json", "adapter_model.safetensors"):
        (tmp_path / name).write_bytes((adapter[0] / name).read_bytes())
    whole = adapter_gguf(tmp_path, **SHAPE).read_bytes()
    (tmp_path / "adapter.gguf").write_bytes(whole[:1000])
    assert adapter_gguf(tmp_path, **SHAPE).read_bytes() == whole


def test_a_folder_without_an_adapter_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="no LoRA adapter here"):
        adapter_gguf(tmp_path, **SHAPE)


@pytest.mark.parametrize("change", [{"use_dora": True}, {"bias": "all"}, {"peft_type": "IA3"}])
def test_what_llama_cpp_cannot_apply_is_refused(adapter, tmp_path: Path, change: dict[str, object]) -> None:
    config = json.loads((adapter[0] / "adapter_config.json").read_text()) | change
    (tmp_path / "adapter_config.json").write_text(json.dumps(config))
    (tmp_path / "adapter_model.safetensors").write_bytes((adapter[0] / "adapter_model.safetensors").read_bytes())
    with pytest.raises(EngineError, match="plain LoRA"):
        adapter_gguf(tmp_path, **SHAPE)


def test_an_unknown_architecture_is_refused(adapter) -> None:
    (adapter[0] / "adapter.gguf").unlink(missing_ok=True)
    with pytest.raises(EngineError, match="gpt2"):
        adapter_gguf(adapter[0], architecture="gpt2", n_heads=8, n_kv_heads=4)
