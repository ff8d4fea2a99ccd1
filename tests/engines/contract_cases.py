"""What the contract is run on: a line a way to open an engine, and what each is asked, scores and learns."""

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tests.engines.tinker_server import URL
from workbench.engines.gguf_header import make_gguf
from workbench.engines.learning.settings import LearnerSettings
from workbench.engines.sources import ModelSettings
from workbench.types import Message, Rendered, SampleRequest, Sampling

WORDS = ("a lamp and a door", "the ferry", "salt on the rope", "what the harbour says", "a kettle")
TOO_MUCH = "rope " * 20_000  # longer than any of these models can read


def asking(text: str, *, seed: int = 5, temperature: float = 0.9, n: int = 6, grammar: str = "") -> SampleRequest:
    sampling = Sampling(temperature=temperature, max_new_tokens=n)
    return SampleRequest(prompt=(Message(role="user", content=text),), seed=seed, sampling=sampling, grammar=grammar)


STAND_IN = (sys.executable, str(Path(__file__).with_name("vllm_stand_in.py")))
CASES: dict[str, Callable[[Path, str], tuple[str, ModelSettings]]] = {
    "built-in": lambda folder, url: ("built-in", ModelSettings(weights="shipped")),
    "gguf": lambda folder, url: (str(gguf(folder)), ModelSettings(cache=str(folder.parent / "cache"))),
    "checkpoint": lambda folder, url: (str(folder), ModelSettings(weights="bf16", cache=str(folder.parent / "cache"))),
    "transformers": lambda folder, url: (f"transformers:{folder}", ModelSettings()),
    "remote": lambda folder, url: (url, ModelSettings()),
    "vllm": lambda folder, url: (f"vllm:{folder}", ModelSettings()),  # its server is the stand-in
    "tinker": lambda folder, url: (f"tinker:{URL}#{folder}", ModelSettings()),
}


def gguf(folder: Path) -> Path:
    file = folder.parent / "tiny.gguf"
    if not file.is_file():
        make_gguf(folder, file)
    return file


OPENS = {"built-in": "LlamaCppSampler", "gguf": "LlamaCppSampler", "checkpoint": "LlamaCppSampler",
         "transformers": "TransformersSampler", "remote": "RemoteSampler", "vllm": "VllmSampler",
         "tinker": "TinkerSampler"}  # fmt: skip  # which class each case runs on
EXACT = LearnerSettings(dtype="float32", lora_rank=4)
ITS_OWN_CODE = replace(EXACT, engine="peft", own_attention=False)  # the model's: what a CUDA card runs as well
LEARNERS: dict[str, tuple[str, LearnerSettings]] = {
    "torch": ("{}", EXACT),
    "its own code": ("{}", ITS_OWN_CODE),
    "checkpointed": ("{}", replace(ITS_OWN_CODE, gradient_checkpointing=True)),
    "tinker": (f"tinker:{URL}#{{}}", LearnerSettings(lora_rank=4)),  # computed elsewhere, in whichever dtype
}
LEARNS = {"torch": "TorchLearner", "its own code": "TorchLearner", "checkpointed": "TorchLearner",
          "tinker": "TinkerLearner"}  # fmt: skip


def item(*ids: int, n_context: int = 3) -> Rendered:
    return Rendered(context_ids=ids[:n_context], target_ids=ids[n_context:], target="", offsets_T=())


ITEMS = (item(40, 41, 42, 43, 44), item(50, 51, 52, 53), item(60, 61, 62, 63, 64, 65))
