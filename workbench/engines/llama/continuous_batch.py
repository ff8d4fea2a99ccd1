"""Many completions on the streams of one `KvBatch`: shared prompts, and a new sequence as soon as one ends.

A prompt is read once: a further completion copies the KV of whichever stream shares the longest beginning with its
prompt (all of it for the same prompt, the instructions for another one) and reads only the rest.

What a completion says does not depend on its company, bit for bit, for three reasons: prompts are read in blocks that
begin at fixed places; the last prompt token is decoded with the others' next tokens; and every step has at least two
rows, because llama.cpp adds up one row in another order than two or more.

Token bytes become text as they come: a character may be spread over several tokens, and bytes that are not UTF-8 raise
`BadTextError`. Knows tokens and text, nothing of templates, threads or files.
"""

import codecs
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from workbench.engines.llama.kv_batch import PREFILL_BLOCK, KvBatch
from workbench.engines.protocols import Cancelled
from workbench.types import Completion, Failed, Reason, SampleRequest, TokenIds

OnPiece = Callable[[int, str], None]
OnResult = Callable[[int, Completion | Failed], None]

MIN_STREAMS = 2  # a lone sequence is decoded beside an idle one


class TokenText:
    """The growing text of one completion.

    >>> text = TokenText()
    >>> text.add("é".encode()[:1]), text.add("é".encode()[1:])
    ('', 'é')
    >>> text.finish(cut=False)
    'é'
    """

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("strict")
        self._parts: list[str] = []

    def add(self, piece: bytes) -> str:
        """The characters that this piece completes."""
        try:
            part = self._decoder.decode(piece)
        except UnicodeDecodeError as error:
            raise BadTextError(f"byte 0x{error.object[error.start]:02x} is not UTF-8") from error
        if part:
            self._parts.append(part)
        return part

    def finish(self, *, cut: bool) -> str:
        """The whole text. A token limit (`cut`) may fall inside a character; its first bytes are then left out."""
        pending = self._decoder.getstate()[0]
        if pending and not cut:
            raise BadTextError("it ends inside a character")
        return "".join(self._parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One completion to draw; `ids` are its prompt, at least one token."""

    index: int
    ids: TokenIds
    request: SampleRequest


@dataclass(slots=True, kw_only=True)
class _Sequence:
    """A completion under way."""

    job: Job
    chain: Any
    unread: tuple[int, ...]  # tokens that are not yet in memory: the prompt's last, then always the one just drawn
    position: int
    n_drawn: int = 0
    text: TokenText = field(default_factory=TokenText)


class ContinuousBatch:
    """Draws jobs on `n_streams` streams that are open and empty."""

    def __init__(self, kv: KvBatch, n_streams: int, *, on_result: OnResult, on_piece: OnPiece | None = None) -> None:
        self._kv = kv
        self._on_result = on_result
        self._on_piece = on_piece
        self._running: list[_Sequence | None] = [None] * n_streams
        self._held: list[TokenIds] = [()] * n_streams  # the prompt tokens at the beginning of each stream

    def run(self, jobs: Sequence[Job], cancelled: Cancelled) -> None:
        """Draws all jobs in order; the results of those that were stopped are `Failed(CANCELLED)`."""
        waiting = deque(jobs)
        try:
            while waiting or self._n_running:
                if cancelled():
                    break
                while waiting and self._n_running < len(self._running):
                    self._start(waiting.popleft())
                self._close_ranks()
                self._step()
        finally:
            unfinished = [sequence.job for sequence in self._running if sequence]
            for stream, sequence in enumerate(self._running):
                if sequence:
                    self._release(stream, sequence)
        for job in [*unfinished, *waiting]:
            self._on_result(job.index, Failed(reason=Reason.CANCELLED))

    @property
    def _n_running(self) -> int:
        return sum(1 for sequence in self._running if sequence)

    def _start(self, job: Job) -> None:
        context = _read_ahead(job.ids)
        stream, source, n_shared = self._place(context)
        if n_shared:
            self._kv.copy(source, stream, n_shared)
        else:
            self._kv.clear(stream)
        self._held[stream] = context
        self._kv.prefill(stream, context[n_shared:], n_shared)
        sampling = job.request.sampling
        chain = self._kv.chain(
            seed=job.request.seed,
            temperature=sampling.temperature,
            top_k=sampling.top_k,
            top_p=sampling.top_p,
            grammar=job.request.grammar,
        )
        unread = job.ids[len(context) :]
        self._running[stream] = _Sequence(job=job, chain=chain, unread=unread, position=len(context))

    def _place(self, context: TokenIds) -> tuple[int, int, int]:
        """The stream to use, the stream to copy from, and how many tokens to take from it."""
        shared = [_n_shareable(held, context) for held in self._held]
        source = max(range(len(shared)), key=shared.__getitem__)
        free = [stream for stream, sequence in enumerate(self._running) if not sequence]
        stream = max(free, key=lambda number: (shared[number] == shared[source], -number))
        return stream, stream if shared[stream] == shared[source] else source, shared[source]

    def _step(self) -> None:
        """One token for every running sequence."""
        live = [(stream, sequence) for stream, sequence in enumerate(self._running) if sequence]
        rows = [(stream, sequence.unread[0], sequence.position) for stream, sequence in live]
        if len(rows) == 1:
            rows.append(self._idle_row())
        self._kv.decode(rows)
        for row, (stream, sequence) in enumerate(live):
            sequence.position += 1
            sequence.unread = sequence.unread[1:]
            if sequence.unread:
                continue
            result = self._take(sequence, self._kv.draw(sequence.chain, row))
            if result:
                self._release(stream, sequence)
                self._on_result(sequence.job.index, result)

    def _idle_row(self) -> tuple[int, int, int]:
        """A row for the stream beside the first, in which the only sequence runs."""
        self._kv.clear(1)
        self._held[1] = ()
        return 1, 0, 0

    def _take(self, sequence: _Sequence, token: int | None) -> Completion | Failed | None:
        """Adds a drawn token; the result when it was the last."""
        if token is None:
            return Failed(reason=Reason.NOT_FINITE, detail="the model's logits are not finite numbers")
        try:
            if self._kv.is_end(token):
                return Completion(text=sequence.text.finish(cut=False), n_tokens=sequence.n_drawn, ended=True)
            if self._kv.is_control(token):
                name = self._kv.piece(token, with_control=True).decode("utf-8", "replace")
                raise BadTextError(f"the model wrote the control token {name}")
            part = sequence.text.add(self._kv.piece(token))
            sequence.n_drawn += 1
            sequence.unread = (token,)
            if part and self._on_piece:
                self._on_piece(sequence.job.index, part)
            if sequence.n_drawn >= sequence.job.request.sampling.max_new_tokens:
                return Completion(text=sequence.text.finish(cut=True), n_tokens=sequence.n_drawn, ended=False)
        except BadTextError as error:
            return Failed(reason=Reason.BAD_TEXT, detail=str(error))
        return None

    def _release(self, stream: int, sequence: _Sequence) -> None:
        self._kv.free_chain(sequence.chain)
        self._running[stream] = None

    def _close_ranks(self) -> None:
        """Moves the last sequences into the gaps: only consecutive streams are decoded in one pass.

        A stream behind a gap would be a pass of its own: slower, and a lone row.
        """
        while (gap := self._first_gap()) is not None:
            last = max(stream for stream, sequence in enumerate(self._running) if sequence)
            moved = self._running[last]
            if moved is None:
                raise AssertionError("the last running stream runs")
            self._kv.copy(last, gap, moved.position)
            self._running[gap], self._running[last] = moved, None
            self._held[gap] = self._held[last]

    def _first_gap(self) -> int | None:
        """A free stream below a running one."""
        free = self._running.index(None) if None in self._running else len(self._running)
        return free if any(self._running[free:]) else None


def _read_ahead(ids: TokenIds) -> TokenIds:
    """The part of a prompt that is read before its completions start: all but the last token.

    A block of one token would be added up as a lone row; it is left to the steps as well.
    """
    n_tokens = len(ids) - 1
    return ids[: n_tokens - 1] if n_tokens % PREFILL_BLOCK == 1 else ids[:n_tokens]


def _n_shareable(held: TokenIds, context: TokenIds) -> int:
    """How much of a stream's prompt serves another context: all of it for the same one, else whole blocks."""
    if held == context:
        return len(context)
    blocks = 0
    while held[: (blocks + 1) * PREFILL_BLOCK] == context[: (blocks + 1) * PREFILL_BLOCK]:
        blocks += 1
    return blocks * PREFILL_BLOCK


class BadTextError(ValueError):
    """The bytes so far are not the beginning of any UTF-8 text."""
