"""Loads a GGUF file in a child process first: a malformed one aborts the whole interpreter (2 of 36 mutated headers).

`python -m workbench.engines.llama.gguf_probe FILE` is the child. Short because that child loads nothing else.
"""

import sys
from pathlib import Path

from workbench.engines.child_module import run_module
from workbench.engines.llama.kv_batch import KvBatch
from workbench.errors import EngineError

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
    try:
        run_module("workbench.engines.llama.gguf_probe", path, about=path, seconds=_SECONDS)
    except EngineError as exc:
        raise EngineError(f"{exc}; try another conversion of this model") from exc


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
