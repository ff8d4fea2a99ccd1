"""Which columns of each weight matter: the mean square of what flows into them while the model reads some texts.

llama.cpp rounds a weight so that the error on the columns that matter is small ("importance matrix"). Measured for the
built-in model: see `workbench export --help`.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.engines.gguf_checkpoint import gguf_namer

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
