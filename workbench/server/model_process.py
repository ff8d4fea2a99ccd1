"""The process that owns the model: `python -m workbench.server.model_process`, one JSON object per line.

First line in: {"model": {…}, "threads", "context_tokens", "adapters": {name: folder}}
Then:          {"id": 1, "model", "messages": [[role, content]], "seed", "sampling": {…}, "grammar", "stop": [text]}
               {"id": 2, "model", "task": {…}} for composing and describing (`model_poems`)
               {"cancel": 1}
Lines out:     {"id": 1, "piece": text} or {"id": 2, "event", …} …, then one of {"id": 1, "end": {…}},
               {"id": 1, "refused": why} (the request cannot be done), {"id": 1, "failed": why} (the model failed)

It works on one request at a time; a cancelled one ends with "end" like any other. It loads the model at its first
request and leaves when its input ends, so it never outlives the server, however that ends. What may be the beginning of
a stop text is held back until it is clear.
"""

import json
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import IO, Any, cast

from workbench.engines.local_sampler import LocalSampler
from workbench.engines.opening import Options, open_model
from workbench.engines.sources import ModelSettings
from workbench.errors import InputError, WorkbenchError
from workbench.prompts.renderers import Renderer
from workbench.server.model_poems import Lent, Write, carry_out
from workbench.types import Completion, Message, Prompt, SampleRequest, Sampling

Line = dict[str, Any]


class Refused(WorkbenchError):  # noqa: N818 - it is the request's fault, not ours
    """The request cannot be done as it is."""


class Model:
    """The base model with one of its adapters, loaded when first asked."""

    def __init__(self, settings: Line) -> None:
        self._settings = settings
        self._adapters: dict[str, str] = settings["adapters"]
        self._sampler: LocalSampler | None = None
        self._renderer: Renderer | None = None
        self._adapter = ""
        self._lent: Lent | None = None

    def carry_out(self, job: Line, inbox: "Inbox", write: Write) -> None:
        """A task, its events written as they come; afterwards the adapter is again the one that was asked for."""
        sampler, renderer = self._ready(job["model"])
        wanted = self._settings
        self._lent = self._lent or Lent(
            model=ModelSettings(**wanted["model"]), threads=wanted["threads"], sampler=sampler, renderer=renderer
        )
        try:
            carry_out(self._lent, self._adapter, job["task"], write, lambda: inbox.is_cancelled(job["id"]))
        finally:
            sampler.use_adapter(Path(self._adapter) if self._adapter else None)

    def answer(self, job: Line, inbox: "Inbox") -> Iterator[Line]:
        """The lines that answer a request."""
        started = time.perf_counter_ns()
        sampler, renderer = self._ready(job["model"])
        loaded = time.perf_counter_ns()
        took = {"load_nanoseconds": loaded - started}
        if not job["messages"]:  # Ollama's way to say: load it now
            yield {"end": {"reason": "load", **took}}
            return
        request, n_prompt = self._request(job, renderer)
        first, text, stops = 0, "", StopTexts(job["stop"])
        stream = sampler.stream(request, cancelled=lambda: inbox.is_cancelled(job["id"]))
        with closing(cast("Generator[str]", stream)) as pieces:
            for piece in pieces:
                first = first or time.perf_counter_ns()
                text += piece
                if shown := stops.add(piece):
                    yield {"piece": shown}
                if stops.is_met:
                    break
        if rest := stops.rest():
            yield {"piece": rest}
        ended = time.perf_counter_ns()
        took |= {"prompt_nanoseconds": (first or ended) - loaded, "answer_nanoseconds": ended - (first or ended)}
        yield {"end": {"n_prompt_tokens": n_prompt, **took, **_outcome(sampler, text, stops=stops)}}

    def _request(self, job: Line, renderer: Renderer) -> tuple[SampleRequest, int]:
        """The request for the sampler, its answer cut to the room there is; and the prompt's tokens."""
        prompt: Prompt = tuple(Message(role=role, content=content) for role, content in job["messages"])
        try:
            n_prompt = len(renderer.context(prompt))
        except WorkbenchError as exc:  # a character without a token, roles that the template has no place for
            raise Refused(str(exc)) from exc
        room = int(self._settings["context_tokens"]) - n_prompt
        if room < 1:
            limit = self._settings["context_tokens"]
            raise Refused(f"the messages have {n_prompt} tokens and the model's limit is {limit}; shorten them")
        drawn = Sampling(**job["sampling"])
        drawn = replace(drawn, max_new_tokens=min(drawn.max_new_tokens, room))
        return SampleRequest(prompt=prompt, seed=job["seed"], sampling=drawn, grammar=job["grammar"]), n_prompt

    def _ready(self, name: str) -> tuple[LocalSampler, Renderer]:
        if self._sampler is None or self._renderer is None:
            wanted = self._settings
            options = Options(threads=wanted["threads"], n_ctx_per_seq=wanted["context_tokens"])
            self._sampler, self._renderer = open_model(ModelSettings(**wanted["model"]), options)
        if (folder := self._adapters[name]) != self._adapter:
            self._sampler.use_adapter(Path(folder) if folder else None)
            self._adapter = folder
        return self._sampler, self._renderer


class Inbox:
    """Reads the server's lines in a thread of its own, so that a request can be cancelled while the model works."""

    def __init__(self, lines: IO[bytes]) -> None:
        self._lines = lines
        self._jobs: queue.SimpleQueue[Line] = queue.SimpleQueue()
        self._cancelled: set[int] = set()

    def start(self) -> None:
        """Begins to read."""
        threading.Thread(target=self._read, name="inbox", daemon=True).start()

    def next(self) -> Line:
        """Waits for the next request."""
        job = self._jobs.get()
        self._cancelled = {number for number in self._cancelled if number >= job["id"]}
        return job

    def is_cancelled(self, number: int) -> bool:
        """Whether the server no longer wants this answer."""
        return number in self._cancelled

    def _read(self) -> None:
        for line in self._lines:
            message = json.loads(line)
            if "cancel" in message:
                self._cancelled.add(message["cancel"])
            else:
                self._jobs.put(message)
        os._exit(0)  # the server is gone; whatever the model is doing is for nobody


def main() -> None:
    """Works until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's to handle
    out = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # what a library prints must not stand between our lines
    source = sys.stdin.buffer
    model = Model(json.loads(source.readline()))
    inbox = Inbox(source)
    inbox.start()
    while True:
        job = inbox.next()
        _work(model, job, inbox, partial(_put, out, job["id"]))


class StopTexts:
    """Cuts a growing text before the first of several stop texts.

    >>> stops = StopTexts(["END"])
    >>> stops.add("a sea E"), stops.add("bb E"), stops.add("ND of it"), stops.is_met, stops.rest()
    ('a sea ', 'Ebb ', '', True, '')
    """

    def __init__(self, stops: Sequence[str]) -> None:
        self.is_met = False
        self._stops = tuple(stops)
        self._held = ""

    def add(self, piece: str) -> str:
        """What may be shown now; nothing more once a stop text was met."""
        if self.is_met:
            return ""
        text = self._held + piece
        places = [place for stop in self._stops if (place := text.find(stop)) >= 0]
        if places:
            self.is_met, self._held = True, ""
            return text[: min(places)]
        n_held = max((_n_begun(text, stop) for stop in self._stops), default=0)
        self._held = text[len(text) - n_held :]
        return text[: len(text) - n_held]

    def rest(self) -> str:
        """What was held back, when the text ends without a stop text."""
        held, self._held = self._held, ""
        return held


def _outcome(sampler: LocalSampler, text: str, *, stops: StopTexts) -> Line:
    """How the answer ended and how many tokens were drawn for it."""
    done = sampler.last
    if isinstance(done, Completion) and not stops.is_met:
        return {"reason": "stop" if done.ended else "length", "n_tokens": done.n_tokens}
    return {"reason": "stop", "n_tokens": sampler.n_tokens(text)}


def _put(out: IO[bytes], number: int, line: Line) -> None:
    out.write(json.dumps({"id": number, **line}).encode("ascii") + b"\n")


def _work(model: Model, job: Line, inbox: Inbox, write: Write) -> None:
    """One job with everything that is said of it; the last line says how it ended."""
    try:
        if "task" in job:
            model.carry_out(job, inbox, write)
            write({"end": {"reason": "stop"}})
            return
        for line in model.answer(job, inbox):
            write(line)
    except (Refused, InputError) as exc:
        write({"refused": str(exc)})
    except WorkbenchError as exc:
        write({"failed": str(exc)})


def _n_begun(text: str, stop: str) -> int:
    """Length of the longest end of the text that the stop text begins with."""
    return next((n for n in range(min(len(stop) - 1, len(text)), 0, -1) if text.endswith(stop[:n])), 0)


if __name__ == "__main__":
    main()
