"""One GGUF model with one llama.cpp context: the only place that calls llama.cpp's C functions while sampling.

A context is a row of streams, one a sequence, each with its own stretch of KV memory (measured on 2 cores in bf16 at
200 tokens: 16 streams 587 tok/s, one memory shared by 16 sequences 499; the gap grows with their number). llama.cpp
decodes streams together only where their numbers are consecutive, so callers keep them so.

Knows nothing of prompts, text or seeds. Not safe for two threads at once: its owner sees to that.
"""

import ctypes
import functools
import time
from collections import deque
from collections.abc import Container, Sequence
from pathlib import Path
from typing import Any

from workbench.engines.threads import ThreadShare
from workbench.errors import EngineError

_MAX_TOKENS_A_CALL = 512
PREFILL_BLOCK = 128  # tokens; larger reads no faster, smaller shares more
_ERROR_LEVEL = 4  # GGML_LOG_LEVEL_ERROR
_KV_STEP = 256  # llama.cpp rounds each stream up to this many tokens

_last_errors: deque[str] = deque(maxlen=8)


@functools.cache
def llama_library() -> Any:
    """The llama_cpp module with its log kept instead of printed."""
    import llama_cpp

    @llama_cpp.llama_log_callback  # type: ignore[untyped-decorator]  # a ctypes type
    def keep_errors(level: int, text: bytes, _: Any) -> None:
        line = text.decode("utf-8", "replace").strip()
        if level == _ERROR_LEVEL and line:
            _last_errors.append(line)

    llama_cpp.llama_log_set(keep_errors, ctypes.c_void_p(0))
    llama_cpp.kept_callback = keep_errors  # ctypes callbacks die with their last reference
    llama_cpp.llama_backend_init()
    return llama_cpp


def last_error() -> str:
    """What llama.cpp last complained about, on one line; "" when it did not."""
    return " / ".join(_last_errors)[-300:]


class KvBatch:
    """Model, context and batch of one GGUF file."""

    def __init__(self, gguf: Path, *, threads: int) -> None:
        llama = self._llama = llama_library()
        _last_errors.clear()
        self.share = ThreadShare(threads)
        self._context: Any = None
        self._memory: Any = None
        self._adapter: Any = None
        self._shape = (0, 0)
        self._pieces: dict[int, bytes] = {}
        self._model = llama.llama_model_load_from_file(str(gguf).encode(), llama.llama_model_default_params())
        if not self._model:
            raise EngineError(f"{gguf}: llama.cpp cannot load this GGUF ({last_error() or 'no reason given'})")
        self._vocab = llama.llama_model_get_vocab(self._model)
        self.n_vocab: int = llama.llama_vocab_n_tokens(self._vocab)
        self._batch = llama.llama_batch_init(_MAX_TOKENS_A_CALL, 0, 1)
        self.n_ctx_train: int = llama.llama_model_n_ctx_train(self._model)

    def close(self) -> None:
        """Frees everything; may be called twice."""
        self._free_context()
        self._free_adapter()
        if self._model:
            self._llama.llama_batch_free(self._batch)
            self._llama.llama_model_free(self._model)
            self._model = None

    def architecture(self) -> str:
        """The model family in GGUF's words, such as llama."""
        buffer = ctypes.create_string_buffer(64)
        self._llama.llama_model_meta_val_str(self._model, b"general.architecture", buffer, 64)
        return buffer.value.decode()

    def n_heads(self) -> tuple[int, int]:
        """Attention heads, and those of keys and values."""
        return int(self._llama.llama_model_n_head(self._model)), int(self._llama.llama_model_n_head_kv(self._model))

    # ------------------------------------------------------------ vocabulary

    def tokens(self, text: str) -> list[int]:
        """llama.cpp's own tokenizer; the sampler uses the renderer's instead."""
        data, room = text.encode(), len(text.encode()) + 8
        buffer = (self._llama.llama_token * room)()
        n_tokens = self._llama.llama_tokenize(self._vocab, data, len(data), buffer, room, False, False)
        return list(buffer[: max(n_tokens, 0)])

    def is_end(self, token: int) -> bool:
        """Whether the token ends the model's turn."""
        return bool(self._llama.llama_vocab_is_eog(self._vocab, token))

    def is_control(self, token: int) -> bool:
        """Whether the token is a mark of the chat format, not text."""
        return bool(self._llama.llama_vocab_is_control(self._vocab, token))

    def piece(self, token: int, *, with_control: bool = False) -> bytes:
        """The bytes that the token stands for; control tokens have none unless asked for."""
        if with_control or token not in self._pieces:
            buffer = ctypes.create_string_buffer(512)
            length = self._llama.llama_token_to_piece(self._vocab, token, buffer, 512, 0, with_control)
            if with_control:
                return buffer.raw[: max(length, 0)]
            self._pieces[token] = buffer.raw[: max(length, 0)]
        return self._pieces[token]

    # ------------------------------------------------------------ streams

    def open(self, n_streams: int, n_tokens_each: int) -> None:
        """Empty streams, each with room for so many tokens; what was in memory before is gone."""
        shape = (n_streams, -(-n_tokens_each // _KV_STEP) * _KV_STEP)
        if shape == self._shape:
            # with the data: a NaN left behind by a broken adapter would leak through masked cells
            self._llama.llama_memory_clear(self._memory, True)
            return
        self._free_context()
        self._context = self._llama.llama_init_from_model(self._model, self._context_params(*shape))
        if not self._context:
            raise EngineError(
                f"no memory for {shape[0]} sequences of {shape[1]} tokens ({last_error()}); lower n_seq or n_ctx_total"
            )
        self._memory = self._llama.llama_get_memory(self._context)
        self._shape = shape
        self._apply_adapter()

    def prefill(self, stream: int, ids: Sequence[int], start: int) -> None:
        """Appends tokens to a stream from position `start` on, without asking for logits.

        They go in blocks that begin at multiples of PREFILL_BLOCK, so what a block writes depends on its text alone,
        wherever the reading began.
        """
        end = start + len(ids)
        while start < end:
            stop = min(end, start - start % PREFILL_BLOCK + PREFILL_BLOCK)
            rows = [(stream, token, start + i) for i, token in enumerate(ids[len(ids) - end + start :][: stop - start])]
            self.decode(rows, logits_after=())
            start = stop

    def decode(self, rows: Sequence[tuple[int, int, int]], *, logits_after: Container[int] | None = None) -> None:
        """One pass over rows of (stream, token, position); logits after all of them, or after the given ones."""
        batch = self._batch
        batch.n_tokens = len(rows)
        token, pos, n_seq_id, seq_id, logits = batch.token, batch.pos, batch.n_seq_id, batch.seq_id, batch.logits
        for i, row in enumerate(rows):
            seq_id[i][0], token[i], pos[i] = row
            n_seq_id[i] = 1
            logits[i] = logits_after is None or i in logits_after
        started, processor = time.perf_counter(), time.process_time()
        status = self._llama.llama_decode(self._context, batch)
        if status:
            raise EngineError(f"llama.cpp could not decode {len(rows)} tokens (status {status}: {last_error()})")
        seconds, processor_seconds = time.perf_counter() - started, time.process_time() - processor
        before = self.share.threads
        if (threads := self.share.spent(len(rows), seconds=seconds, processor_seconds=processor_seconds)) != before:
            self._llama.llama_set_n_threads(self._context, threads, threads)

    def draw(self, chain: Any, row: int) -> int | None:
        """Draws the next token after a row of the last `decode`; None where its logits are not finite."""
        first = self._llama.llama_get_logits_ith(self._context, row)[0]
        if first != first or first in (float("inf"), float("-inf")):
            return None
        return int(self._llama.llama_sampler_sample(chain, self._context, row))

    def synchronize(self) -> None:
        """Waits until the last `decode` is done."""
        self._llama.llama_synchronize(self._context)

    def copy(self, source: int, target: int, n_tokens: int) -> None:
        """Makes `target` hold the first `n_tokens` of `source`; the same stream twice only shortens it."""
        if source != target:
            self._llama.llama_memory_seq_rm(self._memory, target, -1, -1)
            self._llama.llama_memory_seq_cp(self._memory, source, target, -1, -1)
        self._llama.llama_memory_seq_rm(self._memory, target, n_tokens, -1)

    def clear(self, stream: int) -> None:
        """Empties one stream."""
        self._llama.llama_memory_seq_rm(self._memory, stream, -1, -1)

    # ------------------------------------------------------------ sampler chains

    def chain(self, *, seed: int, temperature: float, top_k: int, top_p: float, grammar: str) -> Any:
        """llama.cpp's own sampler chain, one a completion; give it back with `free_chain`."""
        llama = self._llama
        stages = []
        if grammar:
            stages.append(llama.llama_sampler_init_grammar(self._vocab, grammar.encode(), b"root"))
            if not stages[0]:
                raise EngineError(f"llama.cpp cannot read the grammar ({last_error()})")
        if temperature > 0:
            stages += [llama.llama_sampler_init_top_k(top_k)] if top_k else []
            stages += [llama.llama_sampler_init_top_p(top_p, 1), llama.llama_sampler_init_temp(temperature)]
            stages.append(llama.llama_sampler_init_dist(seed % 0xFFFFFFFF))  # the last value would mean "random"
        else:
            stages.append(llama.llama_sampler_init_greedy())
        chain = llama.llama_sampler_chain_init(llama.llama_sampler_chain_default_params())
        for stage in stages:
            llama.llama_sampler_chain_add(chain, stage)
        return chain

    def free_chain(self, chain: Any) -> None:
        """Frees a chain and its stages."""
        self._llama.llama_sampler_free(chain)

    # ------------------------------------------------------------ adapter

    def use_adapter(self, gguf: Path | None) -> None:
        """Puts a LoRA adapter over the base, or takes it off."""
        fresh = None
        if gguf is not None:
            fresh = self._llama.llama_adapter_lora_init(self._model, str(gguf).encode())
            if not fresh:
                raise EngineError(f"{gguf}: llama.cpp cannot load this adapter ({last_error()})")
        old, self._adapter = self._adapter, fresh
        self._apply_adapter()
        if old:
            self._llama.llama_adapter_lora_free(old)

    # ------------------------------------------------------------ private

    def _context_params(self, n_streams: int, n_tokens_each: int) -> Any:
        params = self._llama.llama_context_default_params()
        params.n_ctx, params.n_seq_max, params.kv_unified = n_streams * n_tokens_each, n_streams, False
        params.n_batch = params.n_ubatch = _MAX_TOKENS_A_CALL
        params.n_outputs_max = max(n_streams, 1)  # logits of a whole graph would take 100 MB
        params.n_threads = params.n_threads_batch = self.share.threads
        params.flash_attn_type = self._llama.LLAMA_FLASH_ATTN_TYPE_ENABLED
        params.no_perf = True
        return params

    def _apply_adapter(self) -> None:
        if not self._context:
            return
        if self._adapter:
            adapters = (self._llama.llama_adapter_lora_p_ctypes * 1)(self._adapter)
            scales = (ctypes.c_float * 1)(1.0)
            status = self._llama.llama_set_adapters_lora(self._context, adapters, 1, scales)
        else:
            status = self._llama.llama_set_adapters_lora(self._context, None, 0, None)
        if status:
            raise EngineError(f"llama.cpp refuses the adapter (status {status}: {last_error()})")

    def _free_context(self) -> None:
        if self._context:
            self._llama.llama_free(self._context)
        self._context, self._shape = None, (0, 0)

    def _free_adapter(self) -> None:
        if self._adapter:
            self._llama.llama_adapter_lora_free(self._adapter)
        self._adapter = None
