"""A model's GGUF files: quantized in process, and which of them samples fastest here.

The probe takes a few seconds and is remembered for the machine: bf16 wins where the processor multiplies bf16 itself,
Q4 and Q8 where memory is slow.
"""

import ctypes
import importlib.metadata
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workbench.engines.child_module import run_module
from workbench.engines.llama.kv_batch import KvBatch, last_error, llama_library
from workbench.engines.threads import n_processors
from workbench.errors import EngineError
from workbench.storage.atomic import write_file

_STREAMS, _PROMPT_TOKENS, _STEPS = 16, 192, 12
_ANSWERS_A_PROMPT, _TOKENS_AN_ANSWER = 4, 120  # what backtranslation asks for
_WORTH_MEASURING = 50_000_000  # bytes; below, starting a process for each file takes longer than any of them saves


def fastest_weights(files: Mapping[str, Path], memory: Path) -> str:
    """Name of the fastest file, from memory where this machine has been measured before; of small ones the first name.

    Args:
        files: name → GGUF file.
        memory: JSON file with earlier answers; each machine and set of files has its own entry.

    Raises:
        EngineError: a file cannot be loaded.
    """
    if max(path.stat().st_size for path in files.values()) < _WORTH_MEASURING:
        return min(files)
    known = _read(memory)
    key = " | ".join([_machine(), *(f"{name} {path.stat().st_size}" for name, path in sorted(files.items()))])
    entry = known.get(key)
    if not entry or entry.get("fastest") not in files:
        seconds = {name: _measured_apart(path) for name, path in sorted(files.items())}
        entry = {"fastest": min(seconds, key=seconds.__getitem__), "seconds_a_prompt": seconds}
        write_file(memory, json.dumps(known | {key: entry}, indent=1).encode())
    return str(entry["fastest"])


def seconds_a_prompt(gguf: Path, *, threads: int) -> float:
    """Time for reading one prompt and writing its answers, from the median step of a short run."""
    kv = KvBatch(gguf, threads=threads)
    kv.open(_STREAMS, _PROMPT_TOKENS + _STEPS + 1)
    reading, writing = [], []
    ids = [(100 + 37 * i) % kv.n_vocab for i in range(_PROMPT_TOKENS)]
    for stream in range(_STREAMS):
        started = time.perf_counter()
        kv.prefill(stream, ids, 0)
        kv.synchronize()
        reading.append(time.perf_counter() - started)
        if stream == 2:  # enough timings; the others copy
            break
    for stream in range(len(reading), _STREAMS):
        kv.copy(0, stream, _PROMPT_TOKENS)
    for step in range(_STEPS):
        started = time.perf_counter()
        kv.decode([(stream, ids[step + stream], _PROMPT_TOKENS + step) for stream in range(_STREAMS)])
        kv.synchronize()
        writing.append(time.perf_counter() - started)
    kv.close()
    n_steps = _ANSWERS_A_PROMPT * _TOKENS_AN_ANSWER / _STREAMS
    return statistics.median(reading) + n_steps * statistics.median(writing[1:])


def _measured_apart(gguf: Path) -> float:
    """In a child process, so that each file meets the same fresh memory."""
    return float(run_module("workbench.engines.llama.weights", gguf, about=gguf))


def _machine() -> str:
    """Processor, its number of cores, and the build that runs on it."""
    name = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        lines = cpuinfo.read_text("utf-8", "replace").splitlines()
        wanted = ("model name", "cpu family", "model\t", "stepping")
        name = " ".join(line.split(":", 1)[1].strip() for line in lines[:12] if line.startswith(wanted)) or name
    version = importlib.metadata.version("llama-cpp-python")
    return f"{name}, {os.cpu_count()} cores, llama-cpp-python {version}"


def _read(memory: Path) -> dict[str, dict[str, object]]:
    try:
        known = json.loads(memory.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) and all(isinstance(entry, dict) for entry in known.values()) else {}


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


if __name__ == "__main__":
    print(seconds_a_prompt(Path(sys.argv[1]), threads=n_processors()))  # noqa: T201 - the answer to the parent
