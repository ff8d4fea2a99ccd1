"""Loads a GGUF file in a child process first: a malformed one aborts the whole interpreter (2 of 36 mutated headers).

`python -m workbench.engines.llama.gguf_probe FILE` is the child.
"""

import subprocess
import sys
from pathlib import Path

from workbench.engines.llama.kv_batch import KvBatch
from workbench.errors import EngineError
from workbench.places import IMPORTED_FROM

_SECONDS = 120
_TEXT = "O rose, thou art sick! — naïve, 詩, \U0001f339\n"


def probe_gguf(path: Path) -> None:
    """Loads the file, tokenises a line and decodes it, all in a child process.

    Raises:
        EngineError: the file cannot be used; one line with what the child said.
    """
    with path.open("rb") as file:
        if file.read(4) != b"GGUF":
            raise EngineError(f"{path}: not a GGUF file; download it again or give another one")
    command = [sys.executable, "-m", "workbench.engines.llama.gguf_probe", str(path.resolve())]
    try:
        done = subprocess.run(  # noqa: S603 - our own module
            command, capture_output=True, text=True, errors="replace", timeout=_SECONDS, cwd=IMPORTED_FROM, check=False
        )
    except subprocess.TimeoutExpired as exc:
        raise EngineError(f"{path}: llama.cpp did not finish loading it in {_SECONDS} s; try another file") from exc
    if done.returncode:
        crashed = f"it crashes llama.cpp (signal {-done.returncode})" if done.returncode < 0 else ""
        said = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise EngineError(f"{path}: {crashed or said[-300:]}; try another conversion of this model")


def _load_and_use(path: Path) -> None:
    kv = KvBatch(path, threads=1)
    ids = kv.tokens(_TEXT)
    if not ids:
        raise EngineError("its tokenizer makes nothing of a line of text")
    kv.open(1, 256)
    kv.decode([(0, ids[0], 0)])
    chain = kv.chain(seed=0, temperature=0.0, top_k=0, top_p=1.0, grammar="")
    if kv.draw(chain, 0) is None:
        raise EngineError("its weights give numbers that are not finite")


if __name__ == "__main__":
    try:
        _load_and_use(Path(sys.argv[1]))
    except EngineError as failure:
        sys.exit(str(failure))
