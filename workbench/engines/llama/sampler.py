"""A GGUF in process through llama.cpp: many completions of many prompts at once.

Speed: see bench/generation.py. What makes it: each prompt is read once, its KV shared by its completions; sequences
that end are replaced at once; one stream of KV memory a sequence; flash attention; no Python work per token but one
draw in C.

Same bytes: a completion depends on its request, the weights, the build and the machine; not on what was asked before
(memory is cleared at the start of each call), nor on what else is in the batch, nor on the number of threads. With
bf16 weights none of 64 completions changed in calls of 1, 4 or 16, in the opposite order, or with one thread:
`python -m bench.generation composition`.
"""

import hashlib
import queue
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from workbench.engines.adapter_files import adapter_digest, adapter_gguf
from workbench.engines.llama.continuous_batch import MIN_STREAMS, ContinuousBatch, Job, OnPiece
from workbench.engines.llama.kv_batch import KvBatch
from workbench.engines.local_sampler import Keep, LocalSampler, Result, raise_failure
from workbench.engines.protocols import Can, Cancelled, never
from workbench.engines.threads import n_processors
from workbench.errors import EngineError
from workbench.prompts.renderers import Renderer
from workbench.types import Prompt, SampleRequest, TokenIds


class LlamaCppSampler(LocalSampler):
    """Implements `Sampler` for one GGUF file.

    Args:
        gguf: the model; probe a foreign file first (`gguf_probe`).
        renderer: makes token ids out of messages; it must have the model's own tokenizer.
        n_seq: sequences decoded together.
        n_ctx_per_seq: longest prompt with its answer in tokens; None = as long as the model was trained for.
        n_ctx_total: tokens of KV memory; longer requests run on fewer sequences. The built-in model takes 23 kB each.
        threads: None = all cores.
        digest: of the model file, where the caller knows it already.

    Attributes:
        last: how the last streamed completion came out; None while one is under way.
    """

    can = Can(samples=True, seeds=True, grammar=True, adapters=True)

    def __init__(
        self,
        gguf: Path,
        renderer: Renderer,
        *,
        n_seq: int = 32,
        n_ctx_per_seq: int | None = None,
        n_ctx_total: int = 16384,
        threads: int | None = None,
        digest: str = "",
    ) -> None:
        if not gguf.is_file():
            raise EngineError(f"{gguf}: no such model file; `workbench doctor` says how to make it")
        self._kv = KvBatch(gguf, threads=threads or n_processors())
        n_ctx = min(n_ctx_per_seq or self._kv.n_ctx_train, self._kv.n_ctx_train)
        super().__init__(
            renderer, digest=digest or file_digest(gguf), n_seq=n_seq, n_ctx=n_ctx, n_ctx_total=n_ctx_total
        )

    def stream(self, request: SampleRequest, *, cancelled: Cancelled = never) -> Iterator[str]:
        """The pieces of one completion as they come.

        The model works in a thread of its own, so a slow reader holds up nobody; closing the iterator stops it.

        Raises:
            EngineError: the completion failed; the pieces given so far are not its text.
        """
        pieces: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        left = threading.Event()
        outcome: list[Result | BaseException] = []

        def work() -> None:
            try:
                stop: Cancelled = lambda: left.is_set() or cancelled()  # noqa: E731 - a one-line closure
                outcome.append(self._stream_one(request, lambda _, piece: pieces.put(piece), stop))
            except BaseException as error:  # handed to the reader, in whose thread it is raised
                outcome.append(error)
            finally:
                pieces.put(None)

        thread = threading.Thread(target=work, name="llamacpp-stream", daemon=True)
        thread.start()
        try:
            while (piece := pieces.get()) is not None:
                yield piece
            _raise_failure(outcome[0])
        finally:
            left.set()
            thread.join()

    def use_adapter(self, folder: Path | None) -> None:
        """Swaps in the LoRA adapter of a PEFT folder (None = the base) without loading the base again."""
        with self._turn():
            self._kv.use_adapter(self._adapter_gguf(folder) if folder else None)
            self.adapter_digest = adapter_digest(folder) if folder else ""

    def n_tokens(self, text: str) -> int:
        """Length of a text, by the model's own tokenizer."""
        return len(self._kv.tokens(text))

    # ------------------------------------------------------------ private

    def _answer(self, requests: Sequence[SampleRequest], keep: Keep, cancelled: Cancelled) -> None:
        for jobs, n_tokens in self._classes(self._jobs(requests, keep)):
            n_streams = max(MIN_STREAMS, min(self._n_seq, len(jobs), self._n_ctx_total // n_tokens))
            self._kv.open(n_streams, n_tokens)
            ContinuousBatch(self._kv, n_streams, on_result=keep).run(jobs, cancelled)

    def _free(self) -> None:
        self._kv.close()

    def _adapter_gguf(self, folder: Path) -> Path:
        n_heads, n_kv_heads = self._kv.n_heads()
        return adapter_gguf(folder, architecture=self._kv.architecture(), n_heads=n_heads, n_kv_heads=n_kv_heads)

    def _stream_one(self, request: SampleRequest, on_piece: OnPiece, cancelled: Cancelled) -> Result:
        results: list[Result] = []
        with self._turn():
            self.last = None
            for job in self._jobs([request], lambda _, result: results.append(result)):
                self._kv.open(MIN_STREAMS, _need(job))
                batch = ContinuousBatch(
                    self._kv, MIN_STREAMS, on_result=lambda _, result: results.append(result), on_piece=on_piece
                )
                batch.run([job], cancelled)
            self.last = results[0]
        return results[0]

    def _jobs(self, requests: Sequence[SampleRequest], fail: Keep) -> list[Job]:
        """Requests with their token ids; those that cannot run fail at once."""
        contexts: dict[Prompt, TokenIds] = {}
        jobs = []
        for index, request in enumerate(requests):
            if request.prompt not in contexts:
                contexts[request.prompt] = self._renderer.context(request.prompt)
            job = Job(index=index, ids=contexts[request.prompt], request=request)
            if failed := self._unfit(job.ids, request):
                fail(index, failed)
            else:
                jobs.append(job)
        return jobs

    def _classes(self, jobs: Sequence[Job]) -> Iterator[tuple[list[Job], int]]:
        """Jobs of one prompt side by side, the short ones first, so that few long ones do not cost all their streams.

        Up to the length that all sequences have room for there is one class; above it each doubling is one.
        """
        by_prompt: dict[TokenIds, list[Job]] = {}
        for job in jobs:
            by_prompt.setdefault(job.ids, []).append(job)
        waiting = [job for group in by_prompt.values() for job in group]
        limit = max(1, self._n_ctx_total // self._n_seq)
        while waiting:
            fitting = [job for job in waiting if _need(job) <= limit]
            waiting = [job for job in waiting if _need(job) > limit]
            if fitting:
                yield fitting, max(map(_need, fitting))
            limit *= 2


def file_digest(path: Path) -> str:
    """First 16 hex digits of the file's sha256."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]


def _need(job: Job) -> int:
    """Tokens of KV memory that the job may fill."""
    return len(job.ids) + job.request.sampling.max_new_tokens


def _raise_failure(outcome: Result | BaseException) -> None:
    if isinstance(outcome, BaseException):
        raise outcome
    raise_failure(outcome)
