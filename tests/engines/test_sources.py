"""The head of the built-in model's GGUF, and of what is not one."""

from pathlib import Path

import pytest

from workbench.engines.sources import built_in_gguf, gguf_facts
from workbench.errors import EngineError


@pytest.mark.model
def test_the_built_in_model_says_its_family_and_the_number_of_its_weights() -> None:
    facts = gguf_facts(built_in_gguf())
    assert facts["general.architecture"] == "llama"
    assert facts["general.parameter_count"] == 134_515_008
    assert facts["quantization"]
    assert facts["tokenizer.chat_template"]


@pytest.mark.parametrize("data", [b"GGUF", b"not one at all", b"GGUF\x03\x00\x00\x00" + b"\xff" * 40])
def test_what_is_no_gguf_is_one_line(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x.gguf"
    path.write_bytes(data)
    with pytest.raises(EngineError, match=r"x\.gguf: the head of this GGUF"):
        gguf_facts(path)
