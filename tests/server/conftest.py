"""A server as a user starts it, with the built-in model: one for all tests of this folder."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy
import pytest
from safetensors.numpy import save_file

from tests.server_trials import Served, serving


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("serve")
    config, others = folder / "serve.yaml", folder / "others.jsonl"
    others.write_text('{"title": "Slip", "poem": "the winch complains, then the chain,\\nthen nobody at all"}\n')
    loud_adapter(folder / "loud")
    config.write_text(
        f"""
        models:
          base: {{}}
          poet: {{persona: poet}}
          loud: {{adapter: {folder / "loud"}}}
          absent: {{adapter: {folder / "absent"}}}
        limits: {{waiting: 200, new_tokens: 4000, body_seconds: 60}}
        others: {others}
        composing: {{tries: 2, others: 1, max_new_tokens: 40}}
        backtranslation: {{n_candidates: 2, max_new_tokens: 40, min_words: 1, retries: 0, keep_endless: true}}
        revision:
          max_revisions: 0
          final_note: false
          retries: 1
          sampling:
            brief: {{max_new_tokens: 24, temperature: 0.4}}
            draft: {{max_new_tokens: 48, temperature: 0.8}}
            critique: {{max_new_tokens: 24, temperature: 0.3}}
        """
    )
    with serving(config) as server:
        yield server


def loud_adapter(folder: Path) -> None:
    """A LoRA adapter for the built-in model that changes what it says."""
    folder.mkdir()
    random = numpy.random.default_rng(0)
    config = {"peft_type": "LORA", "r": 4, "lora_alpha": 8, "target_modules": ["up_proj"]}
    (folder / "adapter_config.json").write_text(json.dumps(config))
    place = "base_model.model.model.layers.{}.mlp.up_proj.lora_{}.weight"
    weights = {}
    for layer in range(4):
        weights[place.format(layer, "A")] = random.normal(0, 0.15, (4, 576)).astype("float32")
        weights[place.format(layer, "B")] = random.normal(0, 0.15, (1536, 4)).astype("float32")
    save_file(weights, folder / "adapter_model.safetensors")
