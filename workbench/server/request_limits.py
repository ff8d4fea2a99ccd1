"""What a request must be before a route sees it: its token, the size and pace of its body, JSON by the letter.

The body is read here as a whole, so a route receives either all of it or nothing. Starlette's own body limit
(`RequestBodyLimitMiddleware`) is not used: it answers 413 in plain text without the limit, and knows neither 401 nor
408. The shape of a body is FastAPI's to check; `JsonRoute` only sees to it that JSON is JSON.
"""

import asyncio
import hmac
import json
from collections.abc import Callable, Coroutine, Iterable, MutableMapping
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic_core import from_json
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from workbench.local_guard import AsgiApp, Receive, Scope, Send, error_body, send_error
from workbench.server.ollama_api import ErrorBody
from workbench.server.settings import LimitSettings

Answers = dict[int | str, dict[str, Any]]

OPEN_PATHS = frozenset({"/health"})  # say nothing but that the server lives
_SENTENCES = {
    400: "the request cannot be done as it is",
    401: "a token is needed",
    403: "a foreign host name or origin",
    404: "no such model",
    408: "the body came too slowly",
    413: "the body is too large",
    503: "busy, or the model failed; Retry-After says when to ask again",
}


class _BodyRefused(Exception):  # noqa: N818 - never leaves this module
    """Status and reason."""


class RequestLimits:
    """Answers 401, 408 and 413 by itself.

    Args:
        app: what comes behind.
        limits: of the body.
        token: that each request has to bring as `Authorization: Bearer …`; "" = none is asked for.
    """

    def __init__(self, app: AsgiApp, *, limits: LimitSettings, token: str = "") -> None:
        self._app, self._limits, self._token = app, limits, token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes on with the whole body, or refuses."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope.get("method") == "HEAD":
            scope, send = {**scope, "method": "GET"}, _without_body(send)
        if not self._may_pass(scope):
            challenge = [("www-authenticate", "Bearer")]
            reason = "a token is needed: Authorization: Bearer …"
            await send_error(send, 401, reason, path=scope["path"], headers=challenge)
            return
        try:
            async with asyncio.timeout(self._limits.body_seconds):
                body = await self._body(scope, receive)
        except TimeoutError:
            reason = f"the request did not come within {self._limits.body_seconds:g} s; send it again"
            await send_error(send, 408, reason, path=scope["path"])
        except _BodyRefused as exc:
            await send_error(send, 413, str(exc), path=scope["path"], headers=[("connection", "close")])
        else:
            if body is not None:
                await self._app(scope, _replayed(body, receive), send)

    def _may_pass(self, scope: Scope) -> bool:
        if not self._token or scope["path"] in OPEN_PATHS:
            return True
        given = dict(scope["headers"]).get(b"authorization", b"")
        return hmac.compare_digest(given, b"Bearer " + self._token)

    async def _body(self, scope: Scope, receive: Receive) -> bytes | None:
        """All of it; None when the client left before."""
        said = dict(scope["headers"]).get(b"content-length", b"0")
        parts, n_bytes, more = [], 0, True
        if said.isdigit() and int(said) > self._limits.body_bytes:
            raise self._too_large()
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            parts.append(message.get("body", b""))
            n_bytes += len(parts[-1])
            if n_bytes > self._limits.body_bytes:
                raise self._too_large()
            more = message.get("more_body", False)
        return b"".join(parts)

    def _too_large(self) -> _BodyRefused:
        return _BodyRefused(f"the request has more than {self._limits.body_bytes} bytes; send less of the conversation")


class JsonRoute(APIRoute):
    """A route whose body is read as JSON whatever content type the client names: curl says that it is a form."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's own handler, given a request of ours."""
        handle = super().get_route_handler()

        async def handle_json(request: Request) -> Response:
            headers = [(name, value) for name, value in request.scope["headers"] if name != b"content-type"]
            return await handle(_JsonRequest({**request.scope, "headers": headers}, request.receive))

        return handle_json


class _JsonRequest(Request):
    """Its JSON has no NaN, no Infinity and no half of a character pair, all of which Python would read."""

    async def json(self) -> Any:
        """The value of the body.

        Raises:
            JSONDecodeError: it has none.
        """
        try:
            return from_json(await self.body(), allow_inf_nan=False)
        except ValueError as exc:
            raise json.JSONDecodeError(str(exc), "", 0) from exc


def json_app(**named: Any) -> FastAPI:
    """An app whose routes read their bodies so; a body that cannot be used is 400 with one line."""
    app = FastAPI(strict_content_type=False, **named)
    app.router.route_class = JsonRoute
    app.add_exception_handler(RequestValidationError, _unusable)
    return app


def refusals(*statuses: int) -> Answers:
    """How a route may refuse, for /openapi.json."""
    return {status: {"model": ErrorBody, "description": _SENTENCES[status]} for status in statuses}


def describe(app: FastAPI, names: Iterable[str]) -> None:
    """Corrects /openapi.json: bodies name models that there are, and what does not fit is 400, not 422."""
    schema = app.openapi()
    for operation in (operation for path in schema["paths"].values() for operation in path.values()):
        operation["responses"].pop("422", None)
    models = schema["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        models.pop(name, None)
    kinds = ("ShowRequest", "ChatRequest", "GenerateRequest", "CompletionRequest", "TextRequest", "ComposeRequest",
             "DescribeRequest")  # fmt: skip
    asked = [(kind, "model") for kind in kinds]
    for kind, key in [*asked, ("ReviseRequest", "educator"), ("ReviseRequest", "poet")]:
        field = models[kind]["properties"][key]
        field.get("anyOf", [field])[0]["enum"] = [*names]  # the first of several is the text, the other null


async def _unusable(request: Request, exc: Exception) -> Response:
    """The first thing that is wrong with a body, with its place."""
    path = request.url.path
    problem: dict[str, Any] = {"type": "", "loc": (), "msg": str(exc)}
    if isinstance(exc, RequestValidationError):
        problem = exc.errors()[0]
    if problem["type"] == "json_invalid":
        return JSONResponse(
            error_body(f"the body is not JSON: {' '.join(problem['ctx']['error'].split())[:200]}", path), 400
        )
    parts = [str(part) for part in problem["loc"][1:]]
    place = ".".join(part for part in parts if "[" not in part)[:100] or "the body"  # list[…] is of our types
    given = "null" if problem.get("input", "") is None else ascii(problem.get("input"))[:60]
    found = "" if problem["type"] in ("missing", "refused", "extra_forbidden", "") else f", not {given}"
    said = "there is no such field; /openapi.json lists what there is" if problem["type"] == "extra_forbidden" else (
        " ".join(problem["msg"].split()).replace("a valid dictionary or object to extract fields from", "an object")
    )  # fmt: skip
    return JSONResponse(error_body(f"{place}: {said}{found}", path), 400)


def _without_body(send: Send) -> Send:
    """HEAD is GET without what it would show."""

    async def bare(message: MutableMapping[str, Any]) -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    return bare


def _replayed(body: bytes, receive: Receive) -> Receive:
    waiting: list[MutableMapping[str, Any]] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> MutableMapping[str, Any]:
        return waiting.pop() if waiting else await receive()

    return again
