"""What samplers of models on this machine have in common: turns, results in order, requests that cannot run.

One lock: calls from other threads wait for their turn. `on_completion` is called in the caller's thread and must not
call the sampler. How a model reads and draws is the matter of each engine.
"""

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from workbench.engines.protocols import Cancelled, OnCompletion, never
from workbench.errors import EngineError
from workbench.prompts.renderers import Renderer
from workbench.types import Completion, Failed, Reason, SampleRequest, TokenIds

Result = Completion | Failed
Keep = Callable[[int, Result], None]


class LocalSampler(ABC):
    """A model in this process that answers one call at a time.

    Args:
        renderer: makes token ids out of messages; it must have the model's own tokenizer.
        digest: of the model's files.
        n_seq: sequences decoded together.
        n_ctx: longest prompt with its answer in tokens.
        n_ctx_total: tokens of memory; longer requests run on fewer sequences.

    Attributes:
        last: how the last streamed completion came out; None while one is under way.
    """

    last: Result | None = None

    def __init__(self, renderer: Renderer, *, digest: str, n_seq: int, n_ctx: int, n_ctx_total: int) -> None:
        self.digest, self.adapter_digest = digest, ""
        self._renderer = renderer
        self._n_seq, self._n_ctx, self._n_ctx_total = n_seq, n_ctx, n_ctx_total
        self._lock, self._owner, self._closed = threading.Lock(), 0, False

    def sample(
        self,
        requests: Sequence[SampleRequest],
        *,
        on_completion: OnCompletion | None = None,
        cancelled: Cancelled = never,
    ) -> list[Result]:
        """One completion a request, in order; requests of one prompt share its reading."""
        results: dict[int, Result] = {}

        def keep(index: int, result: Result) -> None:
            results[index] = result
            if on_completion:
                on_completion(index, result)

        with self._turn():
            self._answer(requests, keep, cancelled)
        return [results[index] for index in range(len(requests))]

    def close(self) -> None:
        """Frees the model's memory after the call under way; a closed sampler refuses further work."""
        with self._lock:
            self._closed = True
            self._free()

    @abstractmethod
    def stream(self, request: SampleRequest, *, cancelled: Cancelled = never) -> Iterator[str]:
        """The pieces of one completion as they come; `last` says afterwards how it came out."""

    @abstractmethod
    def use_adapter(self, folder: Path | None) -> None:
        """Swaps in the LoRA adapter of a PEFT folder (None = the base) without loading the base again."""

    @abstractmethod
    def n_tokens(self, text: str) -> int:
        """Length of a text, by the model's own tokenizer."""

    @abstractmethod
    def _answer(self, requests: Sequence[SampleRequest], keep: Keep, cancelled: Cancelled) -> None:
        """Keeps one result of each request, by its place, as soon as it is there."""

    @abstractmethod
    def _free(self) -> None:
        """Lets go of the model."""

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if self._owner == threading.get_ident():
            raise EngineError("the sampler is called from inside its own on_completion; collect first, then ask again")
        with self._lock:
            if self._closed:
                raise EngineError("the model is closed; build a new sampler")
            self._owner = threading.get_ident()
            try:
                yield
            finally:
                self._owner = 0

    def _unfit(self, ids: TokenIds, request: SampleRequest) -> Failed | None:
        """Why a request cannot run at all; None: it can."""
        if not ids:
            return Failed(reason=Reason.ENGINE, detail="the prompt has no tokens")
        if len(ids) + request.sampling.max_new_tokens > self._n_ctx:
            detail = f"{len(ids)} + {request.sampling.max_new_tokens} tokens, room for {self._n_ctx}"
            return Failed(reason=Reason.PROMPT_TOO_LONG, detail=detail)
        return None


def raise_failure(result: Result | None) -> None:
    """Raises `EngineError` where a streamed answer failed; one that was stopped has not."""
    if isinstance(result, Failed) and result.reason is not Reason.CANCELLED:
        raise EngineError(f"no answer: {result.reason.sentence} ({result.detail})")
