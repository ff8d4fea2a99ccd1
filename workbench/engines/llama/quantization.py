"""Quantizes a GGUF file in process, with or without regard to which columns matter.

Short because it is the one thing that base files and exports share of llama.cpp's quantizer.
"""

import ctypes
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workbench.engines.llama.kv_batch import last_error, llama_library
from workbench.engines.threads import n_processors
from workbench.errors import EngineError


def quantize(source: Path, target: Path, *, file_type: int, importance: Mapping[str, Any] | None = None) -> None:
    """Writes the quantized file.

    Args:
        source: a GGUF in 16 bits.
        target: the file to make.
        file_type: one of llama.cpp's LLAMA_FTYPE numbers.
        importance: float32 array of each input column's mean square by the weight's GGUF name; None = all alike.

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


def _entries(importance: Mapping[str, Any]) -> Any:
    """The array that `llama_model_quantize` reads; it ends with an entry without a name."""
    entry = llama_library().llama_model_imatrix_data
    entries = [
        entry(name.encode(), values.ctypes.data_as(ctypes.POINTER(ctypes.c_float)), len(values))
        for name, values in importance.items()
    ]
    return (entry * (len(entries) + 1))(*entries)
