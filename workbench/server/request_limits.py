"""In front of the routes: the token, and a body that is neither too large nor too slow. Plain ASGI.

The body is read here as a whole, so a route meets either all of it or nothing.
"""

import asyncio
import hmac
from collections.abc import MutableMapping
from typing import Any

from workbench.local_guard import AsgiApp, Receive, Scope, Send, send_error
from workbench.server.settings import LimitSettings

OPEN_PATHS = frozenset({"/health"})  # say nothing but that the server lives


class _BodyRefused(Exception):  # noqa: N818 - never leaves this module
    """Status and reason."""


class Gate:
    """Answers 401, 408 and 413 by itself.

    Args:
        app: what is guarded.
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
        if not self._may_pass(scope):
            challenge = [("www-authenticate", "Bearer")]
            await send_error(send, 401, "a token is needed: Authorization: Bearer …", headers=challenge)
            return
        try:
            async with asyncio.timeout(self._limits.body_seconds):
                body = await self._body(scope, receive)
        except TimeoutError:
            await send_error(
                send, 408, f"the request did not come within {self._limits.body_seconds:g} s; send it again"
            )
        except _BodyRefused as exc:
            await send_error(send, 413, str(exc), headers=[("connection", "close")])
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


def _replayed(body: bytes, receive: Receive) -> Receive:
    waiting: list[MutableMapping[str, Any]] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> MutableMapping[str, Any]:
        return waiting.pop() if waiting else await receive()

    return again
