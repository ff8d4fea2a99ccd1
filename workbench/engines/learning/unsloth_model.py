"""Unsloth, which patches transformers and PEFT when it is imported: only here, and before them.

Its generated code goes to a private folder and its statistics stay off. Its own export (CUDA) runs in a child process:
`python -m workbench.engines.learning.unsloth_model ADAPTER CHECKPOINT TARGET KIND`.
"""

import atexit
import contextlib
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import torch

from workbench.engines.learning.settings import LoraShape
from workbench.errors import EngineError


def unsloth_can_import() -> bool:
    """Imports Unsloth, which must come before transformers and peft, quietly and with its files in a private folder."""
    if {"transformers", "peft", "trl"} & sys.modules.keys() and "unsloth" not in sys.modules:
        return False
    os.environ.setdefault("UNSLOTH_DISABLE_STATISTICS", "1")
    if "UNSLOTH_COMPILE_LOCATION" not in os.environ:
        os.environ["UNSLOTH_COMPILE_LOCATION"] = folder = tempfile.mkdtemp(prefix="workbench-unsloth-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
    try:
        with contextlib.redirect_stdout(sys.stderr):
            import unsloth  # noqa: F401 - the import itself is the point
    except Exception:  # a patched library may fail in any way; then it is not usable
        return False
    return True


def load_unsloth(checkpoint: Path, shape: LoraShape, *, dtype: torch.dtype, in_4bit: bool) -> Any:
    """A PEFT model made by Unsloth.

    Raises:
        ImportError: Unsloth cannot be used in this process.
    """
    if not unsloth_can_import():
        raise ImportError("Unsloth does not import here, or transformers was imported before it")
    from unsloth import FastLanguageModel

    with contextlib.redirect_stdout(sys.stderr):
        causal, _ = FastLanguageModel.from_pretrained(
            str(checkpoint),
            max_seq_length=_longest(checkpoint),  # its own default cuts every text at 2048 tokens on CUDA
            dtype=dtype,
            load_in_4bit=in_4bit,
            local_files_only=True,
            trust_remote_code=False,
        )
        return FastLanguageModel.get_peft_model(
            causal,
            r=shape.rank,
            lora_alpha=shape.alpha,
            lora_dropout=shape.dropout,
            target_modules=list(shape.target_modules),
            use_gradient_checkpointing=False,
        )


def _longest(checkpoint: Path) -> int | None:
    """As many tokens as the model was made for; None = Unsloth reads it from the model itself."""
    config = json.loads((checkpoint / "config.json").read_text("utf-8"))
    return int(config.get("max_position_embeddings") or 0) or None


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
