"""Gate: token and body, before a route sees anything."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from workbench.local_guard import Receive, Scope, Send
from workbench.server.request_limits import Gate
from workbench.server.settings import LimitSettings

TOKEN = "a-long-enough-token"  # noqa: S105 - of this test
LIMITS = LimitSettings(body_bytes=1000, body_seconds=60)


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    message = await receive()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": message["body"]})


def ask(
    gate: Gate, *, path: str = "/api/chat", content: object = b"", headers: dict[str, str] | None = None
) -> httpx.Response:
    async def post() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(gate), base_url="http://localhost") as http:
            return await http.post(path, content=content, headers=headers)

    return asyncio.run(post())


async def in_parts(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


def test_a_body_in_parts_arrives_whole() -> None:
    assert ask(Gate(echo, limits=LIMITS), content=in_parts(b"a rose ", b"", b"is")).content == b"a rose is"


def test_a_body_at_the_limit_passes_and_one_byte_more_does_not() -> None:
    gate = Gate(echo, limits=LIMITS)
    assert ask(gate, content=b"x" * 1000).status_code == 200
    refused = ask(gate, content=b"x" * 1001)
    assert (refused.status_code, "more than 1000 bytes" in refused.json()["error"]) == (413, True)


def test_a_body_without_a_stated_length_is_counted() -> None:
    assert ask(Gate(echo, limits=LIMITS), content=in_parts(*[b"x" * 100] * 11)).status_code == 413


def test_a_body_that_never_ends_is_refused() -> None:
    async def never() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    async def wait_for_refusal() -> list[object]:
        sent: list[object] = []
        parts = never()

        async def receive() -> dict[str, object]:
            return {"type": "http.request", "body": await anext(parts), "more_body": True}

        async def send(message: object) -> None:
            sent.append(message)

        gate = Gate(echo, limits=LimitSettings(body_seconds=0.05))
        await gate({"type": "http", "path": "/api/chat", "headers": []}, receive, send)
        return sent

    assert asyncio.run(wait_for_refusal())[0]["status"] == 408


@pytest.mark.parametrize(
    "given", ["", "Bearer", "Bearer ", "Bearer wrong", f"bearer {TOKEN}", TOKEN, f"Bearer {TOKEN}x", "Bearer \xff"]
)
def test_without_the_token_nothing_passes(given: str) -> None:
    headers = {"authorization": given.encode("latin-1")} if given else {}
    refused = ask(Gate(echo, limits=LIMITS, token=TOKEN), content=b"x" * 2000, headers=headers)  # type: ignore[arg-type]  # raw bytes
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"] == "Bearer"


def test_with_the_token_it_passes() -> None:
    assert ask(Gate(echo, limits=LIMITS, token=TOKEN), headers={"authorization": f"Bearer {TOKEN}"}).status_code == 200


def test_health_needs_no_token() -> None:
    assert ask(Gate(echo, limits=LIMITS, token=TOKEN), path="/health").status_code == 200
