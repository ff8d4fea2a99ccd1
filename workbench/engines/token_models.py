"""Models that are asked token by token, and the door to them: verified writing and decoders of one's own.

Apart from `opening.py` since what comes out is not a sampler: it keeps `protocols.TokenModel`, and needs a GGUF.
Streams are those of `KvBatch`: a stream copied from another shares what both begin with. Knows nothing of words or
verse.
"""

import ctypes
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.engines.adapter_files import adapter_gguf
from workbench.engines.base_model import answering_model, memory_folder
from workbench.engines.llama.kv_batch import KvBatch
from workbench.engines.names import REMOTE, resolve
from workbench.engines.opening import kind_of
from workbench.engines.protocols import TokenModel
from workbench.engines.sources import ModelSettings
from workbench.engines.threads import n_processors
from workbench.errors import EngineError
from workbench.places import located
from workbench.prompts.renderers import Renderer, renderer_for

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
            self._copy_logits(range(len(part)), found[start:])
        self.n_rows += len(rows)
        return _log_probabilities(found)

    def read_ends(self, parts: Sequence[tuple[int, Sequence[int], int]]) -> NDArray[np.float32]:
        """Appends tokens to streams, each from a position on; log-probabilities of the token after each last one."""
        rows = [(stream, token, start + n) for stream, ids, start in parts for n, token in enumerate(ids)]
        ends = [number - 1 for number in accumulate(len(ids) for _, ids, _ in parts)]
        found = np.empty((len(parts), self.n_vocab), np.float32)
        self.n_rows += len(rows)
        if len(rows) <= _ROWS_A_CALL:
            self.decode(rows, logits_after=ends)
            self._copy_logits(ends, found)
            return _log_probabilities(found)
        for place, (stream, ids, start) in enumerate(parts):
            self.prefill(stream, ids[:-1], start)
            self.decode([rows[ends[place]]])
            self._copy_logits([0], found[place:])
        return _log_probabilities(found)

    def _copy_logits(self, rows: Iterable[int], target: NDArray[np.float32]) -> None:
        for place, row in enumerate(rows):
            logits = self._llama.llama_get_logits_ith(self._context, row)
            ctypes.memmove(target[place].ctypes.data, logits, 4 * self.n_vocab)

    def _context_params(self, n_streams: int, n_tokens_each: int) -> Any:
        params = super()._context_params(n_streams, n_tokens_each)
        params.n_outputs_max = _ROWS_A_CALL
        return params


def _log_probabilities(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """In place."""
    logits -= logits.max(axis=1, keepdims=True)
    logits -= np.log(np.exp(logits).sum(axis=1, keepdims=True))
    return logits


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedTokens:
    """A model asked token by token, with the renderer of its prompts."""

    model: TokenModel
    renderer: Renderer
    memory: Path  # a folder for what is computed once a vocabulary


def gives_logits(name: str) -> bool:
    """Whether an engine can be asked token by token; it is not opened for that."""
    return resolve(name).kind != REMOTE


def open_token_model(name: str, *, settings: ModelSettings | None = None, threads: int = 0) -> OpenedTokens:
    """An engine with logits, by name; loaded at once, close its model when done.

    Args:
        name: as everywhere: built-in, a GGUF, a Hugging Face folder, each with an adapter or without.
        settings: of the model, all but its source.
        threads: 0 = all processors.

    Raises:
        EngineError: the name is not an engine's, or the engine gives no logits.
    """
    engine = resolve(name)
    kind_of(engine)
    if engine.kind == REMOTE:
        raise EngineError(f"{engine}: an endpoint gives no logits; verified writing needs a model on this machine")
    settings = replace(settings or ModelSettings(), source=engine.source)
    base = answering_model(settings)
    if not base.gguf_file:
        why = base.lacks or "model.weights=checkpoint"
        raise EngineError(f"{engine}: verified writing reads a GGUF, and there is none of this model ({why})")
    model = LlamaTokenModel(
        base.gguf_file, digest=base.digest, threads=threads or n_processors(),
        adapter=located(engine.adapter) if engine.adapter else None,
    )  # fmt: skip
    renderer = renderer_for(base.checkpoint, kind=settings.kind, keep_thinking=settings.keep_thinking)
    return OpenedTokens(model=model, renderer=renderer, memory=memory_folder(base, settings))
