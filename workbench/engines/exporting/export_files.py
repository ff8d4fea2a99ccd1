"""Makes the files of an export, in a process of its own: merges, converts, quantizes.

python -m workbench.engines.exporting.export_files BASE CHECKPOINT ADAPTER TARGET KIND TEXTS
python -m workbench.engines.exporting.export_files BASE CHECKPOINT ADAPTER          the adapter alone, beside itself

TARGET/merged/            the merged checkpoint, float32: W + alpha/rank · B·A
TARGET/full.gguf          the same in f16, or in bf16 where a weight is too large for f16
TARGET/quantized.gguf     made from full.gguf; not there when KIND is one of those two

The sum is made and kept in float32: in bfloat16 it keeps 8 bits, and much of what an adapter adds is smaller than the
last of them. TEXTS is a JSON file of token sequences, or "". While the model reads them, the mean square of what flows
into each column of a weight is taken ("importance matrix"), and llama.cpp rounds so that the error on the columns that
matter is small. Measured for the built-in model: see `workbench export --help`.
"""

import json
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.engines.adapter_files import WEIGHTS, adapter_digest, adapter_gguf
from workbench.engines.gguf_checkpoint import Precision, architecture_of, gguf_namer, gguf_tensors, write_gguf
from workbench.engines.llama.kv_batch import llama_library
from workbench.engines.llama.weights import quantize
from workbench.errors import EngineError, WorkbenchError

FULL = ("F16", "BF16")
QUANTIZATIONS = ("Q8_0", "Q6_K", "Q5_K_M", "Q5_K_S", "Q4_K_M", "Q4_K_S", "Q4_0", "Q3_K_L", "Q3_K_M", "Q2_K")
_LARGEST_F16 = 65504.0


def make_export_files(
    base_gguf: Path, checkpoint: Path, adapter: Path, *, target: Path, kind: str, texts: str = ""
) -> None:
    """Merges, converts and quantizes into an existing folder.

    Raises:
        EngineError: the adapter does not fit the model, or llama.cpp refuses.
    """
    merged = target / "merged"
    merged.mkdir()
    merge_adapter(checkpoint, adapter, merged)
    precision: Precision = "bf16" if kind == "BF16" or _is_too_large(merged, base_gguf) else "f16"
    if kind == "F16" and precision != "f16":
        raise EngineError(f"{adapter}: a merged weight is too large for f16; export with --quantize BF16")
    write_gguf(base_gguf, merged, target / "full.gguf", precision=precision)
    if kind not in FULL:
        file_type = getattr(llama_library(), f"LLAMA_FTYPE_MOSTLY_{kind}")
        shown = json.loads(Path(texts).read_text("utf-8")) if texts else []
        importance = column_importance(merged, shown, architecture=architecture_of(base_gguf)) if shown else None
        quantize(target / "full.gguf", target / "quantized.gguf", file_type=file_type, importance=importance)


def _is_too_large(merged: Path, base_gguf: Path) -> bool:
    tensors = gguf_tensors(merged, architecture_of(base_gguf))
    return any(float(tensor.abs().max()) > _LARGEST_F16 for _, tensor in tensors)


def make_adapter_file(base_gguf: Path, checkpoint: Path, adapter: Path) -> Path:
    """The adapter alone as llama.cpp puts it over the base: ADAPTER/adapter.gguf.

    Raises:
        EngineError: llama.cpp cannot apply it.
    """
    config = json.loads((checkpoint / "config.json").read_text("utf-8"))
    n_heads = int(config["num_attention_heads"])
    n_kv_heads = int(config.get("num_key_value_heads") or n_heads)
    architecture = architecture_of(base_gguf)
    return adapter_gguf(adapter, architecture=architecture, n_heads=n_heads, n_kv_heads=n_kv_heads)


Importance = dict[str, NDArray[np.float32]]  # mean square of each input column by the GGUF name of the weight


def column_importance(checkpoint: Path, texts: Sequence[Sequence[int]], *, architecture: str) -> Importance:
    """Reads token sequences with a Hugging Face checkpoint and watches its linear layers; names are GGUF's."""
    import torch
    from transformers import AutoModelForCausalLM
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()
    model = AutoModelForCausalLM.from_pretrained(
        checkpoint, dtype=torch.float32, local_files_only=True, trust_remote_code=False, use_safetensors=True
    ).eval()
    name_of = gguf_namer(architecture)
    sums: dict[str, Any] = {}

    def watch(name: str) -> Any:
        def add(_: Any, inputs: tuple[Any, ...], __: Any) -> None:
            square = inputs[0].detach().float().square().flatten(0, -2).sum(0)
            sums[name] = sums[name] + square if name in sums else square

        return add

    for path, module in model.named_modules():
        if isinstance(module, torch.nn.Linear) and (name := name_of(f"{path}.weight")):
            module.register_forward_hook(watch(name))
    n_tokens = sum(map(len, texts))
    with torch.inference_mode():
        for ids in texts:
            model.model(input_ids=torch.tensor([list(ids)]), use_cache=False)
    return {name: (total / n_tokens).numpy() for name, total in sums.items()}


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


if __name__ == "__main__":
    base_gguf_, checkpoint_, adapter_ = map(Path, sys.argv[1:4])
    try:
        if len(sys.argv) == 4:
            make_adapter_file(base_gguf_, checkpoint_, adapter_)
        elif len(sys.argv) == 5:
            merge_adapter(checkpoint_, adapter_, Path(sys.argv[4]))
        else:
            target_, kind_, texts_ = sys.argv[4:7]
            make_export_files(base_gguf_, checkpoint_, adapter_, target=Path(target_), kind=kind_, texts=texts_)
    except WorkbenchError as failure:
        sys.exit(str(failure))
