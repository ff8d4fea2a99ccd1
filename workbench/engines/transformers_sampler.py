"""Any Hugging Face checkpoint as a sampler, by torch and transformers: what samples where there is no GGUF.

Prompts of one batch are read once each, side by side, and their keys and values are copied to all of their completions;
sequences that end leave the batch. Every sequence draws from a generator of its own seed, in float32.

Same bytes: the same call again gives the same texts. In other company a sum may be rounded in another order, and a draw
that was close may fall the other way; llama.cpp's sampler promises more. transformers' own continuous batching is not
used: it has one seed for a whole batch, and `generate_batch` loses samples of repeated prompts (5.17).

It is slower than llama.cpp on a processor: one step of Python and torch a token for the whole batch.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from workbench.engines.adapter_files import adapter_digest
from workbench.engines.causal_model import Reading, drawn_token
from workbench.engines.drawn_text import BROKEN, DrawnText, end_tokens
from workbench.engines.local_sampler import Keep, LocalSampler, Result, raise_failure
from workbench.engines.protocols import Can, Cancelled, never
from workbench.engines.threads import n_processors
from workbench.errors import EngineError
from workbench.prompts.renderers import Renderer
from workbench.types import Completion, Failed, Reason, SampleRequest, TokenIds

_DEFAULT_CONTEXT = 4096  # of a model that does not say how long a text may be


@dataclass(slots=True, kw_only=True)
class _Row:
    """A completion under way."""

    index: int
    ids: TokenIds
    request: SampleRequest
    ends: frozenset[int]
    generator: Any
    drawn: list[int] = field(default_factory=list)


class TransformersSampler(LocalSampler):
    """Implements `Sampler` for one checkpoint folder.

    Args:
        checkpoint: a Hugging Face folder.
        renderer: makes token ids out of messages; it must have the model's own tokenizer.
        n_seq: sequences decoded together.
        n_ctx_per_seq: longest prompt with its answer in tokens; None = as long as the model was made for.
        n_ctx_total: tokens of memory; longer requests run on fewer sequences.
        threads: None = all cores.
        dtype: auto = bfloat16 where the machine computes in it.
        digest: of the model's files.

    Attributes:
        last: how the last streamed completion came out; None while one is under way.
    """

    can = Can(samples=True, seeds=True, adapters=True)

    def __init__(
        self,
        checkpoint: Path,
        renderer: Renderer,
        *,
        n_seq: int = 32,
        n_ctx_per_seq: int | None = None,
        n_ctx_total: int = 16384,
        threads: int | None = None,
        dtype: Literal["auto", "bfloat16", "float32"] = "auto",
        digest: str = "",
    ) -> None:
        import torch

        from workbench.engines.causal_model import load_causal, torch_dtype

        torch.set_num_threads(threads or n_processors())
        self._causal = load_causal(checkpoint, dtype=torch_dtype(dtype))
        self._model = self._causal
        configs = (self._causal.config, self._causal.generation_config)
        self._drawn = DrawnText(checkpoint, end_tokens(getattr(each, "eos_token_id", None) for each in configs))
        longest = int(getattr(self._causal.config, "max_position_embeddings", 0) or _DEFAULT_CONTEXT)
        n_ctx = min(n_ctx_per_seq or longest, longest)
        super().__init__(renderer, digest=digest, n_seq=n_seq, n_ctx=n_ctx, n_ctx_total=n_ctx_total)

    def stream(self, request: SampleRequest, *, cancelled: Cancelled = never) -> Iterator[str]:
        """The pieces of one completion as they come; between two of them nothing is computed.

        Raises:
            EngineError: the completion failed; the pieces given so far are not its text.
        """
        with self._turn():
            self.last = None
            row = self._row(0, request)
            if isinstance(row, Failed):
                raise_failure(row)
                return
            shown = ""
            for _, result in self._draw([row], cancelled, steps=True):
                text = result.text if isinstance(result, Completion) else self._drawn.text(row.drawn)
                if result is None and text.endswith(BROKEN):
                    continue  # a character of which only some bytes are there
                if len(text) > len(shown) and not isinstance(result, Failed):
                    yield text[len(shown) :]
                    shown = text
                self.last = result
            raise_failure(self.last)

    def use_adapter(self, folder: Path | None) -> None:
        """Swaps in the LoRA adapter of a PEFT folder (None = the base) without loading the base again."""
        with self._turn():
            digest = adapter_digest(folder) if folder else ""
            if self._model is not self._causal:
                self._causal = self._model.unload()
                self._model, self.adapter_digest = self._causal, ""
            if folder:
                self._model = _adapted(self._causal, folder)
                self.adapter_digest = digest

    def n_tokens(self, text: str) -> int:
        """Length of a text, by the model's own tokenizer."""
        return self._drawn.n_tokens(text)

    # ------------------------------------------------------------ private

    def _answer(self, requests: Sequence[SampleRequest], keep: Keep, cancelled: Cancelled) -> None:
        rows = []
        for index, request in enumerate(requests):
            row = self._row(index, request)
            rows.append(row) if isinstance(row, _Row) else keep(index, row)
        for batch in self._batches(rows):
            for row, result in self._draw(batch, cancelled):
                keep(row.index, result)

    def _free(self) -> None:
        self._model = self._causal = None

    def _row(self, index: int, request: SampleRequest) -> _Row | Failed:
        import torch

        if request.grammar:
            return Failed(reason=Reason.ENGINE, detail="transformers cannot follow a grammar; use a GGUF for it")
        ids = self._renderer.context(request.prompt)
        if failed := self._unfit(ids, request):
            return failed
        ends = self._drawn.ends_of(request.prompt, self._renderer)
        generator = torch.Generator().manual_seed(request.seed)
        return _Row(index=index, ids=ids, request=request, ends=ends, generator=generator)

    def _batches(self, rows: Sequence[_Row]) -> Iterator[list[_Row]]:
        """Rows of like length together, as many as there is memory for."""
        batch: list[_Row] = []
        for row in sorted(rows, key=lambda each: (_need(each), each.ids)):
            if batch and (len(batch) == self._n_seq or (len(batch) + 1) * _need(row) > self._n_ctx_total):
                yield batch
                batch = []
            batch.append(row)
        if batch:
            yield batch

    def _draw(self, rows: list[_Row], cancelled: Cancelled, *, steps: bool = False) -> Iterator[tuple[_Row, Any]]:
        """Rows with their results as they end; with `steps` also each step of a row, whose result is None."""
        state = Reading(self._model, [row.ids for row in rows])
        while rows:
            if cancelled():
                yield from ((row, Failed(reason=Reason.CANCELLED)) for row in rows)
                return
            logits_R_V = state.logits
            results = [self._next(row, logits_V) for row, logits_V in zip(rows, logits_R_V, strict=True)]
            for row, result in zip(rows, results, strict=True):
                if result is not None or steps:
                    yield row, result
            going = [place for place, result in enumerate(results) if result is None]
            rows = [rows[place] for place in going]
            if rows:
                state.step([row.drawn[-1] for row in rows], going)

    def _next(self, row: _Row, logits_V: Any) -> Result | None:
        """Draws a row's next token; its result where that was the last."""
        if not bool(logits_V.isfinite().all()):
            return Failed(reason=Reason.NOT_FINITE, detail="the model's logits are not finite numbers")
        token = drawn_token(logits_V, row.request.sampling, row.generator)
        if token in row.ends:
            return self._drawn.result(row.drawn, ended=True)
        if failed := self._drawn.control(token):
            return failed
        row.drawn.append(token)
        is_full = len(row.drawn) >= row.request.sampling.max_new_tokens
        return self._drawn.result(row.drawn, ended=False) if is_full else None


def _need(row: _Row) -> int:
    return len(row.ids) + row.request.sampling.max_new_tokens


def _adapted(causal: Any, folder: Path) -> Any:
    from peft import PeftModel

    try:
        return PeftModel.from_pretrained(causal, folder, local_files_only=True).eval()
    except (OSError, ValueError, RuntimeError, KeyError) as exc:
        raise EngineError(f"{folder}: the adapter does not fit this model ({str(exc)[:200]})") from exc
