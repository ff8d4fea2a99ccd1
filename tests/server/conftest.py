"""A server as a user starts it, with the built-in model: one for all tests of this folder."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import numpy
import pytest
from safetensors.numpy import save_file

from workbench.places import ROOT

PATIENCE_SECONDS = 600  # for what happens at once on an idle machine


@dataclass(frozen=True, kw_only=True)
class Served:
    """A running server."""

    url: str
    process: subprocess.Popen[str]

    def health(self) -> dict[str, object]:
        return dict(httpx.get(f"{self.url}/health", timeout=PATIENCE_SECONDS).json())

    def wait_until_idle(self) -> None:
        for _ in range(PATIENCE_SECONDS * 20):
            if self.health()["requests"] == 0:
                return
            time.sleep(0.05)
        raise AssertionError(f"a slot is stuck: {self.health()}")

    def model_pid(self) -> int:
        """Of the one process that the server started."""
        found = [
            int(pid)
            for file in Path(f"/proc/{self.process.pid}/task").glob("*/children")
            for pid in file.read_text().split()
            if "model_process" in Path(f"/proc/{pid}/cmdline").read_text()
        ]
        assert len(found) == 1
        return found[0]


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("serve")
    config = folder / "serve.yaml"
    loud_adapter(folder / "loud")
    config.write_text(
        f"""
        models:
          base: {{}}
          poet: {{persona: poet}}
          loud: {{adapter: {folder / "loud"}}}
          absent: {{adapter: {folder / "absent"}}}
        limits: {{waiting: 200, new_tokens: 4000, body_seconds: 60}}
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
    environment = {name: value for name, value in os.environ.items() if name != "WORKBENCH_TOKEN"}
    command = [sys.executable, "-m", "workbench", "serve", str(config), "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        line = process.stdout.readline()
        assert line.startswith("Listening on http://127.0.0.1:"), line
        yield Served(url=line.split()[2], process=process)
        process.terminate()
        process.wait(PATIENCE_SECONDS)


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
