"""Makes the files of an export, in a process of its own.

python -m workbench.engines.exporting.export_files BASE CHECKPOINT ADAPTER TARGET KIND TEXTS
python -m workbench.engines.exporting.export_files BASE CHECKPOINT ADAPTER          the adapter alone, beside itself

TEXTS is a JSON file of token sequences that show which weights matter (`importance.py`), or "".

TARGET/merged/            the merged checkpoint, float32
TARGET/full.gguf          the same in f16, or in bf16 where a weight is too large for f16
TARGET/quantized.gguf     made from full.gguf; not there when KIND is one of those two
"""

import json
import sys
from pathlib import Path

from workbench.engines.exporting.importance import column_importance
from workbench.engines.exporting.merging import merge_adapter
from workbench.engines.gguf_adapter import adapter_gguf
from workbench.engines.gguf_checkpoint import Precision, architecture_of, gguf_tensors, write_gguf
from workbench.engines.llama.kv_batch import llama_library
from workbench.engines.llama.quantization import quantize
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


if __name__ == "__main__":
    base_gguf_, checkpoint_, adapter_ = map(Path, sys.argv[1:4])
    try:
        if len(sys.argv) == 4:
            make_adapter_file(base_gguf_, checkpoint_, adapter_)
        else:
            target_, kind_, texts_ = sys.argv[4:7]
            make_export_files(base_gguf_, checkpoint_, adapter_, target=Path(target_), kind=kind_, texts=texts_)
    except WorkbenchError as failure:
        sys.exit(str(failure))
