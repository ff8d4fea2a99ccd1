"""Unsloth's own export: `python -m workbench.engines.exporting.unsloth_export ADAPTER CHECKPOINT TARGET KIND` (CUDA).

It merges, converts and quantizes with the llama.cpp that it fetches from the network and builds; then the passport
judges its file like any other.
"""

import contextlib
import json
import sys
from pathlib import Path

from workbench.engines.learning.unsloth_model import unsloth_can_import
from workbench.errors import EngineError


def export_with_unsloth(adapter: Path, checkpoint: Path, target: Path, *, kind: str) -> None:
    """Writes TARGET/quantized.gguf.

    Raises:
        EngineError: no CUDA, no Unsloth, or it wrote no file.
    """
    import torch

    if not torch.cuda.is_available():
        raise EngineError("Unsloth's export needs a CUDA GPU and there is none; leave out --engine unsloth")
    if not unsloth_can_import():
        raise EngineError("Unsloth is not installed; run `pip install --no-deps -r requirements-unsloth.txt`")
    from unsloth import FastLanguageModel

    config = json.loads((adapter / "adapter_config.json").read_text("utf-8"))
    own = json.dumps(config | {"base_model_name_or_path": str(checkpoint)})  # trained on another machine, perhaps
    (adapter / "adapter_config.json").write_text(own, "utf-8")
    folder = target / "unsloth"
    with contextlib.redirect_stdout(sys.stderr):
        model, tokenizer = FastLanguageModel.from_pretrained(str(adapter), load_in_4bit=False, local_files_only=True)
        model.save_pretrained_gguf(str(folder), tokenizer, quantization_method=kind.lower())
    made = sorted(target.rglob("*.gguf"), key=lambda path: path.stat().st_size)
    if not made:
        raise EngineError("Unsloth wrote no GGUF; it needs the network to fetch and build llama.cpp")
    made[0].rename(target / "quantized.gguf")


if __name__ == "__main__":
    try:
        export_with_unsloth(*map(Path, sys.argv[1:4]), kind=sys.argv[4])
    except EngineError as failure:
        sys.exit(str(failure))
