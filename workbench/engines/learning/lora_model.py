"""A causal language model with a LoRA adapter, loaded once: hidden states, head, and the adapter's numbers by name.

The base weights are frozen. The adapter's numbers are float32 masters, named as PEFT names them in its files.
"""

import contextlib
import hashlib
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from torch import Tensor

from workbench.engines.causal_model import load_causal
from workbench.engines.learning import fused_layers
from workbench.engines.learning.fused_layers import use_own_layers, use_quick_layers
from workbench.engines.learning.lora_linear import use_lora_linear
from workbench.engines.learning.packing import labels_of, pack, predicting_positions, sequence, target_nll
from workbench.engines.learning.ranks import Ranks
from workbench.engines.learning.settings import FUSED, Engine, LoraShape
from workbench.engines.learning.splitting import split_layers
from workbench.engines.learning.unsloth_model import load_unsloth
from workbench.errors import EngineError
from workbench.types import Rendered

CHECK_NATS = 0.1  # rounding in bfloat16 differs by less than .02 a token, a wrong mask or head by more than 1
_CHECK_BATCH = tuple(
    Rendered(context_ids=context, target_ids=target, target="", offsets_T=())
    for context, target in (((40, 41, 42), (43, 50, 44, 45, 40)), ((40, 41, 42), (60, 61)), ((70,), (71, 70, 72)))
)


class LoraModel:
    """The model and its adapter.

    Attributes:
        digest: of the base weights' files.
        model: the PEFT model.
        max_tokens: the longest sequence that the model was made for.
        is_packed: sequences go through the model without padding, with our own attention.
    """

    def __init__(
        self,
        checkpoint: Path,
        shape: LoraShape,
        *,
        dtype: torch.dtype,
        engine: Engine,
        in_4bit: bool,
        is_split: bool = False,
    ) -> None:
        self.digest = weights_digest(checkpoint)
        self.checkpoint, self.shape, self.is_split = checkpoint, _fitting(checkpoint, shape), is_split
        load = load_unsloth if engine == "unsloth" else partial(_load_peft, on_cpu=is_split)
        try:
            self.model: Any = load(checkpoint, self.shape, dtype=dtype, in_4bit=in_4bit)
        except (OSError, ValueError, RuntimeError, KeyError, ImportError) as exc:
            raise EngineError(f"{checkpoint}: the model cannot be loaded ({exc}); see `workbench doctor`") from exc
        self._causal = self.model.get_base_model()
        self.max_tokens = int(getattr(self._causal.config, "max_position_embeddings", 0) or sys.maxsize)
        self.parameters = {_file_name(name): p for name, p in self.model.named_parameters() if p.requires_grad}
        self.model.eval()
        self.is_packed = False
        if engine == "peft":
            use_lora_linear(self.model)

    @property
    def device(self) -> torch.device:
        """Where the model computes."""
        parameter: Tensor = next(iter(self.parameters.values()))
        return parameter.device

    def split(self, ranks: Ranks) -> None:
        """Cuts the base over the processes; all of them call this."""
        split_layers(self._causal, self.parameters.values(), ranks)

    @property
    def reading(self) -> Callable[[], Any]:
        """The context in which losses are computed that nothing is learned from.

        What FSDP has gathered for the first time in `inference_mode` could never serve a gradient.
        """
        return torch.no_grad if self.is_split else torch.inference_mode

    def target_hidden(self, batch: Sequence[Rendered], *, share_contexts: bool) -> Tensor:
        """Hidden states [M, D] that predict the batch's target tokens, in the order of the batch.

        Args:
            batch: each with a context and a target.
            share_contexts: neighbours with the same context go through the model with one copy of it.
        """
        return self._packed(batch, share_contexts=share_contexts) if self.is_packed else self._padded(batch)

    def _packed(self, batch: Sequence[Rendered], *, share_contexts: bool) -> Tensor:
        packed = pack(batch, device=self.device, share_contexts=share_contexts)
        output = self._causal.model(
            input_ids=packed.ids_N.unsqueeze(0),
            position_ids=packed.positions_N.unsqueeze(0),
            use_cache=False,
            packed=packed,
        )
        hidden_M_D: Tensor = output.last_hidden_state[0].index_select(0, packed.predicting_M)
        return hidden_M_D

    def _padded(self, batch: Sequence[Rendered]) -> Tensor:
        """Padding is on the right, where attention, which looks back only, cannot reach it: no mask is needed."""
        sequences = [sequence(each) for each in batch]
        width = max(len(ids) for ids in sequences)
        ids_B_L = torch.tensor([[*ids, *[0] * (width - len(ids))] for ids in sequences], device=self.device)
        hidden_B_L_D = self._causal.model(input_ids=ids_B_L, use_cache=False).last_hidden_state
        places = [row * width + column for row, each in enumerate(batch) for column in predicting_positions(each)]
        hidden_M_D: Tensor = hidden_B_L_D.flatten(0, 1)[torch.tensor(places, device=self.device)]
        return hidden_M_D

    def head(self, hidden: Tensor) -> Tensor:
        """Logits of hidden states."""
        logits: Tensor = self._causal.get_output_embeddings()(hidden)
        config = self._causal.config
        if scale := getattr(config, "logit_scale", None):  # Cohere
            logits = logits * scale
        if divisor := getattr(config, "logits_scaling", None):  # Granite
            logits = logits / divisor
        if cap := getattr(config, "final_logit_softcapping", None):  # Gemma
            logits = torch.tanh(logits / cap) * cap
        return logits

    @contextlib.contextmanager
    def without_adapter(self) -> Iterator[None]:
        """Inside, the base model alone."""
        with self.model.disable_adapter():
            yield

    def check_losses(self, *, may_pack: bool) -> None:
        """Compares our losses with the model's own, and packs sequences where that changes nothing.

        Raises:
            EngineError: our losses are not the model's: its head does something unknown.
        """
        with self.reading():
            self._check_losses(may_pack=may_pack)

    def _check_losses(self, *, may_pack: bool) -> None:
        reference = self._reference_nll()
        if may_pack and self.device.type == "cpu" and _attends_plainly(self._causal.config):
            from transformers import AttentionInterface

            AttentionInterface.register(fused_layers.ATTENTION, fused_layers.packed_attention)
            self._causal.set_attn_implementation(fused_layers.ATTENTION)
            use_quick_layers(self._causal)
            self.is_packed = True
            if self._agrees(reference):
                return
            use_own_layers(self._causal)
            self._causal.set_attn_implementation("sdpa")
            self.is_packed = False
        if not self._agrees(reference):
            raise EngineError(
                f"{self.checkpoint}: this kind of model is not supported: its own losses differ from ours"
            )

    def _reference_nll(self) -> Tensor:
        """Losses of the check batch from the model's own full logits, one sequence at a time."""
        parts = []
        for each in _CHECK_BATCH:
            ids = torch.tensor([sequence(each)], device=self.device)
            logits = self._causal(input_ids=ids, use_cache=False).logits[0, len(each.context_ids) - 1 :]
            labels = torch.tensor(each.target_ids, device=self.device)
            parts.append(torch.nn.functional.cross_entropy(logits.float(), labels, reduction="none"))
        return torch.cat(parts)

    def _agrees(self, reference_M: Tensor) -> bool:
        hidden = self.target_hidden(_CHECK_BATCH, share_contexts=True)
        labels = torch.tensor(labels_of(_CHECK_BATCH), device=self.device)
        return float((target_nll(hidden, labels, self.head) - reference_M).abs().mean()) < CHECK_NATS

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


def _load_peft(checkpoint: Path, shape: LoraShape, *, dtype: torch.dtype, in_4bit: bool, on_cpu: bool) -> Any:
    from peft import LoraConfig, get_peft_model

    causal = load_causal(checkpoint, dtype=dtype, in_4bit=in_4bit, on_cpu=on_cpu)
    config = LoraConfig(
        r=shape.rank,
        lora_alpha=shape.alpha,
        lora_dropout=shape.dropout,
        target_modules=list(shape.target_modules),
        task_type="CAUSAL_LM",
    )
    return get_peft_model(causal, config)


def _fitting(checkpoint: Path, shape: LoraShape) -> LoraShape:
    """The shape with this model's names for the projections: Phi has q, k and v in one matrix, and gate and up.

    Raises:
        EngineError: the model has no projection of a name that is asked for.
    """
    there = {name.rpartition(".")[2] for name in _module_names(checkpoint)}
    found = [name if name in there else FUSED.get(name, name) for name in shape.target_modules]
    if missing := [name for name in found if name not in there]:
        raise EngineError(f"{checkpoint}: no module {missing[0]} for the adapter; change target_modules")
    return replace(shape, target_modules=tuple(dict.fromkeys(found)))


def _module_names(checkpoint: Path) -> set[str]:
    """Of every matrix in the files, which are not read for this."""
    names: set[str] = set()
    for path in checkpoint.glob("*.safetensors"):
        with safe_open(path, "pt") as tensors:
            names |= {key.removesuffix(".weight") for key in tensors.keys()}  # noqa: SIM118 - safe_open is not a mapping
    return names


def _attends_plainly(config: Any) -> bool:
    """Every layer looks back at everything, with a plain softmax."""
    kinds = set(getattr(config, "layer_types", None) or ())
    has_window = getattr(config, "sliding_window", None) and kinds != {"full_attention"}
    return not has_window and kinds <= {"full_attention"} and not getattr(config, "attn_logit_softcapping", None)


def _file_name(parameter_name: str) -> str:
    """PEFT leaves the adapter's own name out of its files."""
    return parameter_name.replace(".default", "")
