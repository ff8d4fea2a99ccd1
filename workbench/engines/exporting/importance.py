"""Which columns of each weight matter: the mean square of what flows into them while the model reads some texts.

llama.cpp rounds a weight so that the error on the columns that matter is small ("importance matrix"). Measured for the
built-in model: see `python -m workbench export --help`.
"""

import ctypes
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.engines.gguf_checkpoint import MODULES
from workbench.engines.llama.kv_batch import last_error, llama_library
from workbench.engines.threads import n_processors
from workbench.errors import EngineError

Importance = dict[str, NDArray[np.float32]]  # mean square of each input column by the GGUF name of the weight


def column_importance(checkpoint: Path, texts: Sequence[Sequence[int]]) -> Importance:
    """Reads token sequences with a Hugging Face checkpoint and watches its linear layers."""
    import torch
    from transformers import AutoModelForCausalLM
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()
    model = AutoModelForCausalLM.from_pretrained(
        checkpoint, dtype=torch.float32, local_files_only=True, trust_remote_code=False, use_safetensors=True
    ).eval()
    sums: dict[str, Any] = {}

    def watch(name: str) -> Any:
        def add(_: Any, inputs: tuple[Any, ...], __: Any) -> None:
            square = inputs[0].detach().float().square().flatten(0, -2).sum(0)
            sums[name] = sums[name] + square if name in sums else square

        return add

    for path, module in model.named_modules():
        if name := _gguf_name(path):
            module.register_forward_hook(watch(name))
    n_tokens = sum(map(len, texts))
    with torch.inference_mode():
        for ids in texts:
            model.model(input_ids=torch.tensor([list(ids)]), use_cache=False)
    return {name: (total / n_tokens).numpy() for name, total in sums.items()}


def quantize(source: Path, target: Path, *, file_type: int, importance: Importance) -> None:
    """Quantizes a GGUF file in process; `{}` treats all columns alike.

    Raises:
        EngineError: llama.cpp refuses.
    """
    llama = llama_library()
    params = llama.llama_model_quantize_default_params()
    params.ftype, params.nthread = file_type, n_processors()
    if importance:
        entries = _entries(importance)
        params.imatrix = ctypes.cast(entries, ctypes.POINTER(llama.llama_model_imatrix_data))
    if llama.llama_model_quantize(str(source).encode(), str(target).encode(), ctypes.byref(params)):
        raise EngineError(f"{source}: llama.cpp cannot quantize it ({last_error()})")


def _entries(importance: Importance) -> Any:
    """The array that `llama_model_quantize` reads; it ends with an entry without a name."""
    entry = llama_library().llama_model_imatrix_data
    entries = [
        entry(name.encode(), values.ctypes.data_as(ctypes.POINTER(ctypes.c_float)), len(values))
        for name, values in importance.items()
    ]
    return (entry * (len(entries) + 1))(*entries)


def _gguf_name(path: str) -> str:
    """GGUF name of the linear layer at a path like model.layers.0.mlp.up_proj; "" for other modules."""
    parts = path.split(".")
    if "layers" not in parts:
        return ""
    at = parts.index("layers")
    module = MODULES.get(".".join(parts[at + 2 :]), "")
    return f"blk.{parts[at + 1]}.{module}.weight" if module else ""
