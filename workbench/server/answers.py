"""One answer: a status as soon as the first line is there, then the lines; over when the client leaves.

What fails before the first line is a status with one line of reason; what fails after it is one last line
{"error": …}, because the status is gone by then.

POST /api/revise is answered with a whole revision session as a stream of events, one JSON object per line:

    {"event": "brief" | "rejected" | "draft" | "changes" | "critique" | "verdict" | "final_note" | "done",
     "round": 0, "data": {…}}                     data as in `revision/types.py`; that of done is the whole session
    {"event": "piece", "role", "kind", "round", "text"}     between them, where `pieces` is asked for

The loop is the one that terminal and RevFlux use; here its questions wait in the same line as everybody's, one at a
time, so chats continue beside a session. A model that fails ends the session like any other reason: the last line holds
all that was done before.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import aclosing
from dataclasses import asdict, replace
from typing import Annotated, Any

from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, Response

from workbench.errors import EngineError, InputError, WorkbenchError
from workbench.local_guard import Receive, Scope, Send, error_body
from workbench.prosody.forms import forms_named
from workbench.revision.drivers import goes_in_circles
from workbench.revision.session import revise
from workbench.revision.settings import RevisionSettings
from workbench.revision.types import Ask, Direction, Event, Reply, Trace
from workbench.server.model_client import BusyError, ModelClient, Question
from workbench.server.ollama_api import Ending, ndjson
from workbench.server.openai_api import event, last_event
from workbench.server.settings import ServedModel
from workbench.types import Failed, Reason

Lines = AsyncGenerator[Mapping[str, Any], None]
RETRY_SECONDS = "2"
Session = Generator[Ask | Event, Reply | Direction | None, Trace]


class NotServedError(InputError):
    """A model that this server does not have."""


class Answer(Response):
    """Streams lines while the client is there.

    Args:
        lines: what to send; closed when the client leaves.
        is_stream: False = the first line is the whole answer, as plain JSON.
        is_events: the stream is one of events, as OpenAI's clients read it.
        line_seconds: a client that takes longer for one line is taken for gone.
    """

    def __init__(self, lines: Lines, *, is_stream: bool, line_seconds: float, is_events: bool = False) -> None:
        stream = "text/event-stream" if is_events else "application/x-ndjson"
        super().__init__(media_type=stream if is_stream else "application/json")
        self._write_line, self._end = (event, last_event()) if is_stream and is_events else (ndjson, b"")
        self._lines, self._line_seconds = lines, line_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Writes until the lines end or the client leaves, whichever is first."""
        write = asyncio.create_task(self._write(scope, receive, send))
        watch = asyncio.create_task(_left(receive))
        try:
            await asyncio.wait({write, watch}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            done = write.done()
            write.cancel()
            watch.cancel()
            await asyncio.gather(write, watch, return_exceptions=True)
        if done:
            write.result()

    async def _write(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with aclosing(self._lines) as lines:
            try:
                first = await anext(lines)
            except WorkbenchError as exc:
                await error_response(exc, scope["path"])(scope, receive, send)
                return
            try:
                await self._send(send, {"type": "http.response.start", "status": 200, "headers": self._head()})
                await self._send(send, self._body(first))
                async for line in lines:
                    await self._send(send, self._body(line))
            except WorkbenchError as exc:
                await self._send(send, self._body(error_body(str(exc), scope["path"], 503)))
            except (TimeoutError, OSError):  # the client does not read any more
                return
            await self._send(send, {"type": "http.response.body", "body": self._end, "more_body": False})

    async def _send(self, send: Send, message: Mapping[str, Any]) -> None:
        async with asyncio.timeout(self._line_seconds):
            await send(dict(message))

    def _body(self, line: Mapping[str, Any]) -> dict[str, Any]:
        return {"type": "http.response.body", "body": self._write_line(line), "more_body": True}

    def _head(self) -> list[tuple[bytes, bytes]]:
        """Without a length: it is not known yet."""
        return [(name, value) for name, value in self.raw_headers if name != b"content-length"]


def error_response(exc: WorkbenchError, path: str = "") -> JSONResponse:
    """The status of a failure that comes before the first line."""
    status = 404 if isinstance(exc, NotServedError) else 400 if isinstance(exc, InputError) else 503
    retry = RETRY_SECONDS if isinstance(exc, BusyError) else "1"
    headers = {"Retry-After": retry} if status == 503 else None
    return JSONResponse(error_body(str(exc), path, status), status, headers)


class ReviseRequest(BaseModel):
    """The body of POST /api/revise; what is null is as the server's settings say."""

    request: Annotated[str, Field(min_length=1, max_length=4000)]
    educator: Annotated[str, Field(max_length=80)] | None = None  # a model's name; null = educator, else the first
    poet: Annotated[str, Field(max_length=80)] | None = None
    max_revisions: Annotated[int, Field(ge=0, le=20)] | None = None
    min_revisions: Annotated[int, Field(ge=0, le=20)] | None = None
    seed: Annotated[int, Field(ge=0, lt=2**31)] | None = None
    form: Annotated[str, Field(max_length=80)] | None = None  # hold the poem against this form
    direction: Annotated[str, Field(max_length=2000)] | None = None  # a wish for every round
    control: bool | None = None  # a second draft without the critique beside every revision
    final_note: bool | None = None
    pieces: bool = False  # also send the text while it is written
    stream: bool | None = None  # null = true; false = the last event alone

    def settings(self, defaults: RevisionSettings, *, educator: ServedModel, poet: ServedModel) -> RevisionSettings:
        """The session's settings; under `auto` a voice that was never taught the format is guided closely.

        Raises:
            InputError: there is no such form.
        """
        if self.form:
            forms_named(self.form)
        names = ("max_revisions", "min_revisions", "seed", "form", "direction", "control", "final_note")
        wished: dict[str, Any] = {name: value for name in names if (value := getattr(self, name)) is not None}
        for role, model in (("educator", educator), ("poet", poet)):
            if getattr(defaults, f"{role}_guidance") == "auto":
                wished[f"{role}_guidance"] = "shape" if model.adapter else "close"
        return replace(defaults, educator=educator.name, poet=poet.name, **wished)


async def session_lines(client: ModelClient, body: ReviseRequest, settings: RevisionSettings) -> Lines:
    """The lines of one session; it holds one place in the line of requests from beginning to end."""
    began, answer = time.monotonic(), None
    session = revise(body.request, settings)
    models = {"educator": settings.educator, "poet": settings.poet}
    with client.admission():
        while True:
            # what comes between two questions (form checks, alignment) may take a while: not in the server's loop
            said = await asyncio.to_thread(_next, session, answer)
            if isinstance(said, Trace):
                return
            answer = None
            if isinstance(said, Event):
                if body.stream is not False or said.kind == "done":
                    yield _event(said, time.monotonic() - began)
                continue
            async with aclosing(_replies(client, said, models[said.role])) as replies:
                async for reply in replies:
                    if isinstance(reply, Reply):
                        answer = reply
                    elif body.pieces and body.stream is not False:
                        yield reply


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _replies(client: ModelClient, ask: Ask, model: str) -> AsyncGenerator[Mapping[str, Any] | Reply, None]:
    """The pieces of one answer as lines, then the whole of it; a failure is an answer too."""
    place = {"event": "piece", "role": ask.role, "kind": ask.kind, "round": ask.round}
    text = ""
    try:
        async with aclosing(client.ask(Question(model=model, request=ask.request))) as replies:
            async for reply in replies:
                if isinstance(reply, Ending):
                    yield Reply(text=text, ended=reply.reason != "length")
                else:
                    text += reply
                    yield {**place, "text": reply}
                    if goes_in_circles(ask, text, reply):
                        yield Reply(text=text, ended=False)
                        return
    except InputError as exc:
        yield Reply(failure=Failed(reason=Reason.PROMPT_TOO_LONG, detail=str(exc)))
    except EngineError as exc:
        yield Reply(failure=Failed(reason=Reason.ENGINE, detail=str(exc)))


def _next(session: Session, answer: Reply | None) -> Ask | Event | Trace:
    """What the session says next; its trace when it is over."""
    try:
        return session.send(answer)
    except StopIteration as end:
        trace: Trace = end.value
        return trace


def _event(event: Event, elapsed_seconds: float) -> dict[str, Any]:
    data = replace(event.data, elapsed_seconds=elapsed_seconds) if isinstance(event.data, Trace) else event.data
    return {"event": event.kind, "round": event.round, "data": asdict(data)}
