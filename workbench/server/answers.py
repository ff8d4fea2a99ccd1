"""One answer: a status as soon as the first line is there, then the lines; over when the client leaves.

What fails before the first line is a status with one line of reason; what fails after it is one last line
{"error": …}, because the status is gone by then.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any

from starlette.responses import JSONResponse, Response

from workbench.errors import InputError, WorkbenchError
from workbench.local_guard import Receive, Scope, Send
from workbench.server.model_client import BusyError
from workbench.server.ollama_api import ndjson

Lines = AsyncGenerator[Mapping[str, Any], None]

RETRY_SECONDS = "2"


class NotServedError(InputError):
    """A model that this server does not have."""


class Answer(Response):
    """Streams lines while the client is there.

    Args:
        lines: what to send; closed when the client leaves.
        is_stream: False = the first line is the whole answer, as plain JSON.
        line_seconds: a client that takes longer for one line is taken for gone.
    """

    def __init__(self, lines: Lines, *, is_stream: bool, line_seconds: float) -> None:
        super().__init__(media_type="application/x-ndjson" if is_stream else "application/json")
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
                await error_response(exc)(scope, receive, send)
                return
            try:
                await self._send(send, {"type": "http.response.start", "status": 200, "headers": self._head()})
                await self._send(send, _body(first))
                async for line in lines:
                    await self._send(send, _body(line))
            except WorkbenchError as exc:
                await self._send(send, _body({"error": str(exc)}))
            except (TimeoutError, OSError):  # the client does not read any more
                return
            await self._send(send, {"type": "http.response.body", "body": b"", "more_body": False})

    async def _send(self, send: Send, message: Mapping[str, Any]) -> None:
        async with asyncio.timeout(self._line_seconds):
            await send(dict(message))

    def _head(self) -> list[tuple[bytes, bytes]]:
        """Without a length: it is not known yet."""
        return [(name, value) for name, value in self.raw_headers if name != b"content-length"]


def error_response(exc: WorkbenchError) -> JSONResponse:
    """The status of a failure that comes before the first line."""
    body = {"error": str(exc)}
    if isinstance(exc, NotServedError):
        return JSONResponse(body, 404)
    if isinstance(exc, InputError):
        return JSONResponse(body, 400)
    retry = RETRY_SECONDS if isinstance(exc, BusyError) else "1"
    return JSONResponse(body, 503, headers={"Retry-After": retry})


def _body(line: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "http.response.body", "body": ndjson(line), "more_body": True}


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
