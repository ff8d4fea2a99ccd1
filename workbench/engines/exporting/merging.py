"""Base weights and a LoRA adapter become one checkpoint: W + alpha/rank · B·A, summed and kept in float32.

In bfloat16 a sum keeps 8 bits, and much of what an adapter adds is smaller than the last of them: it would be lost.
"""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.engines.gguf_adapter import WEIGHTS, adapter_digest
from workbench.errors import EngineError

_BESIDE = ("*.json", "*.jinja", "*.model", "*.txt")  # tokenizer, template, settings
_PREFIX = "base_model.model."


@dataclass(frozen=True, slots=True, kw_only=True)
class LoraParts:
    """An adapter's numbers: float32 pairs (A, B) by the name of the weight they belong to."""

    scale: float
    pairs: dict[str, tuple[Any, Any]]


def read_lora(adapter: Path) -> LoraParts:
    """The pairs of a PEFT folder.

    Raises:
        EngineError: no adapter, or one that is more than plain LoRA on linear layers.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    adapter_digest(adapter)
    config = json.loads((adapter / "adapter_config.json").read_text("utf-8"))
    odd = [name for name in ("use_dora", "rank_pattern", "alpha_pattern", "modules_to_save") if config.get(name)]
    if config.get("peft_type") != "LORA" or config.get("bias", "none") != "none" or odd:
        raise EngineError(f"{adapter}: only plain LoRA can be merged ({', '.join(odd) or 'type or bias'} is set)")
    try:
        tensors = load_file(adapter / WEIGHTS)
    except (OSError, SafetensorError) as exc:
        raise EngineError(f"{adapter / WEIGHTS}: cannot be read ({exc}); save the adapter again") from exc
    names = {name.rpartition(".lora_")[0] for name in tensors}
    pairs = {}
    for name in names:
        a, b = (tensors.get(f"{name}.lora_{side}.weight") for side in "AB")
        if a is None or b is None:
            raise EngineError(
                f"{adapter}: {name or 'a tensor'} is not a pair of LoRA; train the seven projections only"
            )
        pairs[name.removeprefix(_PREFIX) + ".weight"] = (a.float(), b.float())
    alpha, rank = float(config["lora_alpha"]), int(config["r"])
    return LoraParts(scale=alpha / (rank**0.5 if config.get("use_rslora") else rank), pairs=pairs)


def merge_adapter(checkpoint: Path, adapter: Path, target: Path) -> None:
    """Writes a Hugging Face checkpoint in float32 into an existing empty folder.

    Raises:
        EngineError: the adapter does not belong to this model.
    """
    from safetensors.torch import load_file, save_file

    lora = read_lora(adapter)
    waiting = set(lora.pairs)
    for path in sorted(checkpoint.glob("*.safetensors")):
        merged = {name: tensor.float() for name, tensor in load_file(path).items()}
        for name in waiting & merged.keys():
            a, b = lora.pairs[name]
            if merged[name].shape != (b.shape[0], a.shape[1]):
                raise EngineError(f"{adapter}: {name} has another shape than in {checkpoint}; name the right --model")
            merged[name] += lora.scale * (b @ a)
        waiting -= merged.keys()
        save_file(merged, target / path.name, metadata={"format": "pt"})
    if waiting:
        raise EngineError(f"{adapter}: {min(waiting)} is not in {checkpoint}; name the right --model")
    for pattern in _BESIDE:
        for path in checkpoint.glob(pattern):
            shutil.copyfile(path, target / path.name)
    config = json.loads((checkpoint / "config.json").read_text("utf-8"))
    (target / "config.json").write_text(json.dumps(config | {"dtype": "float32"}, indent=1), "utf-8")
