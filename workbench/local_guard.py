"""Keeps web pages out of a local app: Host allow-list and Origin check in front of everything, as plain ASGI.

A page anywhere in the web can make a browser send requests to 127.0.0.1, and by rebinding its own name to 127.0.0.1
it can read the answers. The browser then says so: `Host` holds the page's name, `Origin` where the request comes from,
`Sec-Fetch-Site` whether it crosses sites, or only ports of this machine. Programs (curl, Python) send neither of the
last two and pass.

Allowed are: one Host out of the list, and an Origin that is the very same host and port or is listed in `origins`. From
another site or port, without an Origin, only a link that somebody follows leads in. A request line with a whole address
(`POST http://…/path`), as proxies are sent, is refused: its address and the Host could differ. The HTTP parser must
show it, which h11 does and httptools does not: serve with uvicorn's `http="h11"`.
Knows nothing of what the app does; in front of the chat server and of the app.
"""

import json
import re
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

_PLACE = re.compile(r"(?:\[(?P<v6>[0-9a-f:.]+)\]|(?P<name>[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?))(?::(?P<port>\d{1,5}))?")
_ERROR_TYPES = {401: "authentication_error", 403: "permission_error"}
_ERROR_CODES = {401: "invalid_api_key", 404: "not_found", 413: "request_too_large", 503: "overloaded"}
_POLICY_VIOLATION = 1008  # of a WebSocket
_PORTS = {"http": "80", "https": "443", "ws": "80", "wss": "443"}


class LocalGuard:
    """Refuses with 403 what comes under a foreign name or from a foreign page.

    Args:
        app: what is guarded.
        hosts: names and addresses, without port, under which the app may be called.
        origins: further origins that may call it, such as http://localhost:3000.
    """

    def __init__(self, app: AsgiApp, *, hosts: Iterable[str] = LOOPBACK, origins: Iterable[str] = ()) -> None:
        self._app = app
        self._hosts = frozenset(host.lower() for host in hosts)
        self._origins = frozenset(origin.lower().rstrip("/") for origin in origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes on or refuses; what is not a request (the app's start and end) always passes."""
        reason = self._refusal(scope) if scope["type"] in ("http", "websocket") else ""
        if not reason:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION, "reason": reason})
        else:
            await send_error(send, 403, reason, path=scope["path"])

    def _refusal(self, scope: Scope) -> str:
        """Why this request may not pass; "" = it may."""
        if not scope["path"].startswith("/"):
            return "refused: the request line has a whole address; send the path alone"
        named = [value for name, value in scope["headers"] if name == b"host"]
        place = _place(named[0], scope["scheme"]) if len(named) == 1 else None
        if place is None or place[0] not in self._hosts:
            return "refused: this host name is not allowed; call the server by the address that it printed"
        origins = [value for name, value in scope["headers"] if name == b"origin"]
        if any(not self._is_own(origin, place) for origin in origins):
            return "refused: a page of another origin may not call this server; allow it under `origins`"
        if not origins and _is_foreign(scope):
            return "refused: a page of another site or port may not call this server"
        return ""

    def _is_own(self, origin: bytes, place: tuple[str, str]) -> bool:
        text = origin.decode("latin-1").lower()
        scheme, separator, rest = text.partition("://")
        return text in self._origins or bool(
            separator and scheme in ("http", "https") and _place(rest.encode("latin-1"), scheme) == place
        )


async def send_error(
    send: Send, status: int, reason: str, *, path: str, headers: Iterable[tuple[str, str]] = ()
) -> None:
    """A whole answer of one line, in the shape that clients of this path read."""
    body = json.dumps(error_body(reason, path, status)).encode()
    fields = [("content-type", "application/json"), ("content-length", str(len(body))), *headers]
    pairs = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in fields]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})


def error_body(reason: str, path: str, status: int = 400) -> dict[str, Any]:
    """A refusal: what OpenAI's clients read under /v1, what Ollama's read everywhere else."""
    if not path.startswith("/v1/"):
        return {"error": reason}
    kind = _ERROR_TYPES.get(status, "server_error" if status >= 500 else "invalid_request_error")
    return {"error": {"message": reason, "type": kind, "param": None, "code": _ERROR_CODES.get(status)}}


def _place(value: bytes, scheme: str) -> tuple[str, str] | None:
    """Name and port out of `name:port`; None where it is anything else, such as `user@name`."""
    match = _PLACE.fullmatch(value.decode("latin-1").lower())
    return (match["v6"] or match["name"], match["port"] or _PORTS.get(scheme, "")) if match else None


def _is_foreign(scope: Scope) -> bool:
    """Whether a page elsewhere made a request that has no Origin; following a link to the app does not count."""
    headers = dict(scope["headers"])
    sites = {value for name, value in scope["headers"] if name == b"sec-fetch-site"}
    if sites <= {b"same-origin", b"none"}:  # none: the person typed the address
        return False
    is_link = headers.get(b"sec-fetch-mode") == b"navigate" and headers.get(b"sec-fetch-dest") == b"document"
    return not (is_link and scope.get("method") in ("GET", "HEAD"))
