"""The server's end of the pipe: starts the model's process when it is first needed, and again when it has died.

One request at a time is with the model; who asks next waits in line. A client that leaves has its request cancelled,
and the turn passes on only when the model has answered to that, so no line of one answer can come out in another.
"""

import asyncio
import json
import logging
import os
import sys
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import aclosing, contextmanager, suppress
from dataclasses import asdict, dataclass
from typing import Any

from workbench.errors import EngineError, InputError
from workbench.places import IMPORTED_FROM
from workbench.server.ollama_api import Ending
from workbench.server.settings import ServedModel, ServeSettings
from workbench.types import SampleRequest

_LINE_BYTES = 2**20
_log = logging.getLogger(__name__)


class BusyError(EngineError):
    """As many requests wait as may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What one model is asked."""

    model: str
    request: SampleRequest
    stops: tuple[str, ...] = ()


class _Died(Exception):  # noqa: N818 - never leaves this module
    """The process is gone or says nothing any more."""


class ModelClient:
    """The model as the server sees it."""

    def __init__(self, settings: ServeSettings, models: dict[str, ServedModel]) -> None:
        self._settings, self._models = settings, models
        self._turn = asyncio.Lock()
        self._process: asyncio.subprocess.Process | None = None
        self._runs: set[asyncio.Task[None]] = set()
        self._last_id = 0
        self.loaded = ""  # name that was asked last
        self.n_admitted = 0  # requests that are answered or wait
        self.n_starts = 0
        self.n_pieces = 0  # that the model has written so far, for whomever

    @property
    def is_running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.returncode is None

    @contextmanager
    def admission(self) -> Iterator[None]:
        """A place in the line, for as many questions as are asked one after the other inside.

        Raises:
            BusyError: the line is full.
        """
        if self.n_admitted > self._settings.limits.waiting:
            raise BusyError(f"{self.n_admitted} requests wait for the model already; ask again in a moment")
        self.n_admitted += 1
        try:
            yield
        finally:
            self.n_admitted -= 1

    async def ask(self, question: Question) -> AsyncGenerator[str | Ending, None]:
        """The pieces of the answer, then how it ended. To be closed (`aclosing`) by who stops early.

        Raises:
            InputError: the request cannot be done as it is.
            EngineError: the model failed or died; it is started again for the next one.
        """
        async with aclosing(self._lines(question.model, _job(question))) as lines:
            async for line in lines:
                yield _reply(line)

    async def carry_out(self, model: str, asked: Mapping[str, Any]) -> AsyncGenerator[dict[str, Any], None]:
        """The events of a task (`poems_api`), the last one `done`. To be closed by who stops early.

        Raises:
            InputError: it cannot be done as it is asked for.
            EngineError: the model failed or died; it is started again for the next one.
        """
        async with aclosing(self._lines(model, {"task": dict(asked)})) as lines:
            async for line in lines:
                if "event" in line:
                    yield line
                else:
                    _reply(line)

    def environment(self) -> dict[str, str]:
        """What the model's process sees: everything but the token."""
        return {name: value for name, value in os.environ.items() if name != self._settings.token_variable}

    async def unload(self) -> None:
        """Frees the model's memory when those who asked before are answered; the next question loads it again."""
        async with self._turn:
            if self._process:
                await self._end(self._process)

    async def close(self) -> None:
        """Ends the process."""
        if self._process:
            await self._end(self._process)
        await asyncio.gather(*self._runs, return_exceptions=True)

    # ------------------------------------------------------------ private

    async def _lines(self, model: str, job: Mapping[str, Any]) -> AsyncGenerator[dict[str, Any], None]:
        """What the model's process says to a job, up to its last line."""
        await self._turn.acquire()
        self._last_id += 1
        number, lines = self._last_id, asyncio.Queue[dict[str, Any]]()
        told = {"id": number, "model": model, **job}
        run = asyncio.create_task(self._run(told, lines))  # it owns the turn from here on
        self._runs.add(run)
        run.add_done_callback(self._runs.discard)
        is_over = False
        try:
            while not is_over:
                line = await lines.get()
                is_over = _is_last(line)
                yield line
        finally:
            if not is_over:
                self._cancel(number)

    async def _run(self, job: Mapping[str, Any], lines: asyncio.Queue[dict[str, Any]]) -> None:
        """Sends one job and passes on what comes, up to its last line; then the turn is free."""
        failure = "the server failed; its log says why"
        try:
            process = await self._started()
            self.loaded = job["model"]
            self._send(process, job)
            while True:
                line = await self._line(process)
                if line.pop("id") != job["id"]:
                    raise _Died("it answered out of turn")
                if _is_last(line):
                    failure = ""
                self.n_pieces += "piece" in line
                lines.put_nowait(line)
                if not failure:
                    return
        except (_Died, ValueError) as exc:  # ValueError: a line that is not JSON, or without an end
            if self._process:
                await self._end(self._process)
            failure = f"the model's process ended ({exc}); it is started again for the next request, ask once more"
            _log.warning("%s", failure)
        finally:
            if failure:
                lines.put_nowait({"failed": failure})
            self._turn.release()

    def _cancel(self, number: int) -> None:
        if self.is_running and self._process:
            self._send(self._process, {"cancel": number})

    async def _started(self) -> asyncio.subprocess.Process:
        if self._process and self._process.returncode is None:
            return self._process
        command = [sys.executable, "-m", "workbench.server.model_process"]
        pipe = asyncio.subprocess.PIPE
        self._process = await asyncio.create_subprocess_exec(
            *command, stdin=pipe, stdout=pipe, cwd=IMPORTED_FROM, env=self.environment(), limit=_LINE_BYTES
        )
        self.n_starts += 1
        self._send(self._process, self._first_line())
        return self._process

    def _first_line(self) -> dict[str, Any]:
        return {
            "model": asdict(self._settings.model),
            "threads": self._settings.threads,
            "context_tokens": self._settings.limits.context_tokens,
            "adapters": {name: str(model.adapter or "") for name, model in self._models.items()},
        }

    def _send(self, process: asyncio.subprocess.Process, line: Mapping[str, Any]) -> None:
        """Never waits: a request is smaller than the body limit, and one is on its way at a time."""
        if process.stdin and not process.stdin.is_closing():
            process.stdin.write(json.dumps(line).encode("ascii") + b"\n")

    async def _line(self, process: asyncio.subprocess.Process) -> dict[str, Any]:
        if process.stdout is None:
            raise AssertionError("the process was started with a pipe")
        try:
            async with asyncio.timeout(self._settings.limits.silence_seconds):
                data = await process.stdout.readline()
        except TimeoutError:
            await self._end(process)
            raise _Died(f"it said nothing for {self._settings.limits.silence_seconds:g} s") from None
        if not data.endswith(b"\n"):
            await self._end(process)
            raise _Died(f"status {process.returncode}")
        line: dict[str, Any] = json.loads(data)
        return line

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        if process.returncode is None:
            with suppress(ProcessLookupError):  # it died by itself a moment ago
                process.kill()
        await process.wait()


def _is_last(line: Mapping[str, Any]) -> bool:
    return "piece" not in line and "event" not in line


def _job(question: Question) -> dict[str, Any]:
    request = question.request
    return {
        "messages": [[message.role, message.content] for message in request.prompt],
        "seed": request.seed,
        "sampling": asdict(request.sampling),
        "grammar": request.grammar,
        "stop": list(question.stops),
    }


def _reply(line: dict[str, Any]) -> str | Ending:
    if "refused" in line:
        raise InputError(line["refused"])
    if "failed" in line:
        raise EngineError(line["failed"])
    return str(line["piece"]) if "piece" in line else Ending(**line["end"])
