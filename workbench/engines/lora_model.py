"""A causal language model with a LoRA adapter, loaded once: hidden states, head, and the adapter's numbers by name.

The base weights are frozen. The adapter's numbers are float32 masters, named as PEFT names them in its files.
"""

import contextlib
import hashlib
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor

from workbench.engines.learner_settings import PROJECTIONS, Engine
from workbench.errors import EngineError



@dataclass(frozen=True, slots=True, kw_only=True)
class LoraShape:
    """What the adapter looks like."""

    rank: int
    alpha: float
    dropout: float
    target_modules: tuple[str, ...]


class LoraModel:
    """The model and its adapter.

    Attributes:
        digest: of the base weights' files.
        model: the PEFT model.
        max_tokens: the longest sequence that the model was made for.
    """

    def __init__(
        self, checkpoint: Path, shape: LoraShape, *, dtype: torch.dtype, engine: Engine, in_4bit: bool
    ) -> None:
        self.checkpoint, self.shape = checkpoint, shape
        self.digest = weights_digest(checkpoint)
        load = _load_unsloth if engine == "unsloth" else _load_peft
        try:
            self.model: Any = load(checkpoint, shape, dtype=dtype, in_4bit=in_4bit)
        except (OSError, ValueError, RuntimeError, KeyError, ImportError) as exc:
            raise EngineError(f"{checkpoint}: the model cannot be loaded ({exc}); see `workbench doctor`") from exc
        self._causal = self.model.get_base_model()
        self.device: torch.device = next(self.model.parameters()).device
        self.max_tokens = int(getattr(self._causal.config, "max_position_embeddings", 0) or sys.maxsize)
        self.parameters = {_file_name(name): p for name, p in self.model.named_parameters() if p.requires_grad}
        self.model.eval()

    def hidden(self, sequences: Sequence[Sequence[int]]) -> Tensor:
        """Hidden states [B, L, D] of the sequences, padded on the right.

        No mask is needed: attention looks back only, so what stands behind a sequence's end cannot reach it.
        """
        longest = max(len(ids) for ids in sequences)
        ids_B_L = torch.tensor([[*ids, *[0] * (longest - len(ids))] for ids in sequences], device=self.device)
        output = self._causal.model(input_ids=ids_B_L, use_cache=False)
        hidden: Tensor = output.last_hidden_state
        return hidden

    def head(self, hidden: Tensor) -> Tensor:
        """Logits of hidden states."""
        logits: Tensor = self._causal.get_output_embeddings()(hidden)
        return logits

    @contextlib.contextmanager
    def without_adapter(self) -> Iterator[None]:
        """Inside, the base model alone."""
        with self.model.disable_adapter():
            yield

    def reset_adapter(self, seed: int) -> None:
        """PEFT's own start (A uniform in ±1/√fan-in, B zero), drawn from the seed in the order of names."""
        generator = torch.Generator().manual_seed(seed)
        for name in sorted(self.parameters):
            parameter = self.parameters[name]
            if ".lora_A." in name:
                bound = parameter.shape[1] ** -0.5
                values = torch.empty(parameter.shape).uniform_(-bound, bound, generator=generator)
            else:
                values = torch.zeros(parameter.shape)
            parameter.data.copy_(values)


def weights_digest(checkpoint: Path) -> str:
    """sha256 of the checkpoint's safetensors files and config, in the order of their names.

    Raises:
        EngineError: there are none; other formats can run code when they are opened, so they are not read.
    """
    files = sorted(checkpoint.glob("*.safetensors"))
    if not files or not (checkpoint / "config.json").is_file():
        raise EngineError(
            f"{checkpoint}: no config.json with *.safetensors beside it; prepare or fetch the model first"
        )
    sha = hashlib.sha256()
    for path in [checkpoint / "config.json", *files]:
        with path.open("rb") as file:
            sha.update(hashlib.file_digest(file, "sha256").digest())
    return sha.hexdigest()


def unsloth_can_import() -> bool:
    """Imports Unsloth, which must come before transformers and peft, quietly and with its files in a private folder."""
    if {"transformers", "peft", "trl"} & sys.modules.keys() and "unsloth" not in sys.modules:
        return False
    os.environ.setdefault("UNSLOTH_DISABLE_STATISTICS", "1")
    os.environ.setdefault("UNSLOTH_COMPILE_LOCATION", tempfile.mkdtemp(prefix="workbench-unsloth-"))
    try:
        with contextlib.redirect_stdout(sys.stderr):
            import unsloth  # noqa: F401 - the import itself is the point
    except Exception:  # a patched library may fail in any way; then it is not usable
        return False
    return True


def _load_peft(checkpoint: Path, shape: LoraShape, *, dtype: torch.dtype, in_4bit: bool) -> Any:
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM, BitsAndBytesConfig

    quantization: dict[str, Any] = {}
    if in_4bit:
        quantization["quantization_config"] = BitsAndBytesConfig(
            load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=dtype
        )
    causal = AutoModelForCausalLM.from_pretrained(
        checkpoint,
        dtype=dtype,
        local_files_only=True,
        trust_remote_code=False,
        use_safetensors=True,
        attn_implementation="sdpa",
        **quantization,
    )
    if torch.cuda.is_available() and not in_4bit:
        causal = causal.to("cuda")
    causal.requires_grad_(False)
    config = LoraConfig(
        r=shape.rank,
        lora_alpha=shape.alpha,
        lora_dropout=shape.dropout,
        target_modules=list(shape.target_modules),
        task_type="CAUSAL_LM",
    )
    return get_peft_model(causal, config)


def _load_unsloth(checkpoint: Path, shape: LoraShape, *, dtype: torch.dtype, in_4bit: bool) -> Any:
    if not unsloth_can_import():
        raise ImportError("Unsloth does not import here, or transformers was imported before it")
    from unsloth import FastLanguageModel

    with contextlib.redirect_stdout(sys.stderr):
        causal, _ = FastLanguageModel.from_pretrained(
            str(checkpoint), dtype=dtype, load_in_4bit=in_4bit, local_files_only=True, trust_remote_code=False
        )
        return FastLanguageModel.get_peft_model(
            causal,
            r=shape.rank,
            lora_alpha=shape.alpha,
            lora_dropout=shape.dropout,
            target_modules=list(shape.target_modules),
            use_gradient_checkpointing=False,
        )


def _file_name(parameter_name: str) -> str:
    """PEFT leaves the adapter's own name out of its files."""
    return parameter_name.replace(".default", "")
