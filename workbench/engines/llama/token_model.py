"""A GGUF asked token by token: log-probabilities after every row, for decoders of our own.

Implements `TokenModel`. Streams are those of `KvBatch`: a stream copied from another shares what both begin with.
Knows nothing of words or verse.
"""

import ctypes
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.engines.gguf_adapter import adapter_gguf
from workbench.engines.llama.kv_batch import KvBatch

_ROWS_A_CALL = 256  # the logits of a call are copied whole: 49,152 of 4 bytes each, for the built-in model


class LlamaTokenModel(KvBatch):
    """One GGUF file, with an adapter where one is given.

    Args:
        gguf: the model file.
        digest: of the model file and its adapter; what was computed from the vocabulary is kept under it.
        threads: processors.
        adapter: a PEFT folder, or None.
    """

    def __init__(self, gguf: Path, *, digest: str, threads: int, adapter: Path | None = None) -> None:
        super().__init__(gguf, threads=threads)
        self.digest = digest
        self.n_vocab: int = self._llama.llama_vocab_n_tokens(self._vocab)
        self.n_rows = 0
        if adapter is not None:
            n_heads, n_kv_heads = self.n_heads()
            self.use_adapter(
                adapter_gguf(adapter, architecture=self.architecture(), n_heads=n_heads, n_kv_heads=n_kv_heads)
            )

    def read(self, rows: Sequence[tuple[int, int, int]]) -> NDArray[np.float32]:
        """Log-probabilities (nats) of the token after each row of (stream, token, position); rows × vocabulary."""
        found = np.empty((len(rows), self.n_vocab), np.float32)
        for start in range(0, len(rows), _ROWS_A_CALL):
            part = rows[start : start + _ROWS_A_CALL]
            self.decode(part)
            for i in range(len(part)):
                logits = self._llama.llama_get_logits_ith(self._context, i)
                ctypes.memmove(found[start + i].ctypes.data, logits, 4 * self.n_vocab)
        self.n_rows += len(rows)
        found -= found.max(axis=1, keepdims=True)
        found -= np.log(np.exp(found).sum(axis=1, keepdims=True))
        return found

    def read_last(self, stream: int, ids: Sequence[int], start: int) -> NDArray[np.float32]:
        """Appends tokens to a stream from a position on; log-probabilities of the token after the last."""
        if len(ids) > 1:
            self.prefill(stream, ids[:-1], start)
            self.n_rows += len(ids) - 1
        last: NDArray[np.float32] = self.read([(stream, ids[-1], start + len(ids) - 1)])[0]
        return last

    def _context_params(self, n_streams: int, n_tokens_each: int) -> Any:
        params = super()._context_params(n_streams, n_tokens_each)
        params.n_outputs_max = _ROWS_A_CALL
        return params
