"""The head of the built-in model's GGUF, and of what is not one."""

import math
from pathlib import Path

import pytest
from safetensors import safe_open

from tests.engines.families import family_checkpoint
from workbench.engines.sources import built_in_gguf, checkpoint_facts, gguf_facts
from workbench.errors import EngineError


@pytest.mark.model
def test_the_built_in_model_says_its_family_and_the_number_of_its_weights() -> None:
    facts = gguf_facts(built_in_gguf())
    assert facts["general.architecture"] == "llama"
    assert facts["general.parameter_count"] == 134_515_008
    assert facts["quantization"]
    assert facts["tokenizer.chat_template"]


def test_a_hugging_face_folder_says_the_same_of_itself(tmp_path: Path) -> None:
    facts = checkpoint_facts(family_checkpoint(tmp_path / "phi", "phi3"))
    assert (facts["general.architecture"], facts["quantization"], facts["format"]) == ("phi3", "BF16", "safetensors")
    with safe_open(tmp_path / "phi" / "model.safetensors", "np") as tensors:
        n_weights = sum(math.prod(tensors.get_slice(name).get_shape()) for name in tensors.keys())  # noqa: SIM118 - safe_open is no mapping
    assert facts["general.parameter_count"] == n_weights > 50_000
    assert "<|im_start|>" in str(facts["tokenizer.chat_template"])


@pytest.mark.parametrize("data", [b"", b"\xff" * 16, b"\x02\0\0\0\0\0\0\0[]", b'\x09\0\0\0\0\0\0\0{"a": 1}'])
def test_a_folder_with_damaged_weights_is_one_line(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "phi3"}')
    (tmp_path / "model.safetensors").write_bytes(data)
    with pytest.raises(EngineError, match="what this model is cannot be read") as caught:
        checkpoint_facts(tmp_path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("data", [b"GGUF", b"not one at all", b"GGUF\x03\x00\x00\x00" + b"\xff" * 40])
def test_what_is_no_gguf_is_one_line(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x.gguf"
    path.write_bytes(data)
    with pytest.raises(EngineError, match=r"x\.gguf: the head of this GGUF"):
        gguf_facts(path)
