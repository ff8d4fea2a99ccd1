"""Token, body and JSON, before a route sees anything."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from workbench.local_guard import AsgiApp, LocalGuard, Receive, Scope, Send
from workbench.server.ollama_api import ChatRequest
from workbench.server.request_limits import RequestLimits, json_app
from workbench.server.settings import LimitSettings

TOKEN = "a-long-enough-token"  # noqa: S105 - of this test
LIMITS = LimitSettings(body_bytes=1000, body_seconds=60)


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    message = await receive()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": message["body"]})


def ask(
    limits: AsgiApp, *, path: str = "/api/chat", content: object = b"", headers: dict[str, str] | None = None
) -> httpx.Response:
    async def post() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(limits), base_url="http://localhost") as http:
            return await http.post(path, content=content, headers=headers)

    return asyncio.run(post())


async def in_parts(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


def test_a_body_in_parts_arrives_whole() -> None:
    assert ask(RequestLimits(echo, limits=LIMITS), content=in_parts(b"a rose ", b"", b"is")).content == b"a rose is"


def test_a_body_at_the_limit_passes_and_one_byte_more_does_not() -> None:
    limited = RequestLimits(echo, limits=LIMITS)
    assert ask(limited, content=b"x" * 1000).status_code == 200
    refused = ask(limited, content=b"x" * 1001)
    assert (refused.status_code, "more than 1000 bytes" in refused.json()["error"]) == (413, True)


def test_a_body_without_a_stated_length_is_counted() -> None:
    assert ask(RequestLimits(echo, limits=LIMITS), content=in_parts(*[b"x" * 100] * 11)).status_code == 413


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

        limited = RequestLimits(echo, limits=LimitSettings(body_seconds=0.05))
        await limited({"type": "http", "path": "/api/chat", "headers": []}, receive, send)
        return sent

    assert asyncio.run(wait_for_refusal())[0]["status"] == 408


@pytest.mark.parametrize(
    "given", ["", "Bearer", "Bearer ", "Bearer wrong", f"bearer {TOKEN}", TOKEN, f"Bearer {TOKEN}x", "Bearer \xff"]
)
def test_without_the_token_nothing_passes(given: str) -> None:
    headers = {"authorization": given.encode("latin-1")} if given else {}
    refused = ask(RequestLimits(echo, limits=LIMITS, token=TOKEN), content=b"x" * 2000, headers=headers)  # type: ignore[arg-type]  # raw bytes
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("options", "status"), [({}, 401), ({"token": ""}, 413), ({"token": "", "guarded": True}, 403)]
)
def test_refusals_before_a_route_have_the_shape_of_the_clients_of_their_path(
    options: dict[str, Any], status: int
) -> None:
    limited: AsgiApp = RequestLimits(echo, limits=LIMITS, token=options.get("token", TOKEN))
    headers = {"origin": "http://evil.example"} if options.get("guarded") else {}
    guarded = LocalGuard(limited)
    for path in ("/v1/chat/completions", "/api/chat"):
        refused = ask(guarded, path=path, content=b"x" * 2000, headers=headers)
        said = refused.json()["error"]
        assert refused.status_code == status
        reason = said["message"] if path.startswith("/v1/") else said
        assert isinstance(reason, str)
        if path.startswith("/v1/"):
            assert {*said} == {"message", "type", "param", "code"}


def test_with_the_token_it_passes() -> None:
    assert (
        ask(RequestLimits(echo, limits=LIMITS, token=TOKEN), headers={"authorization": f"Bearer {TOKEN}"}).status_code
        == 200
    )


def test_health_needs_no_token() -> None:
    assert ask(RequestLimits(echo, limits=LIMITS, token=TOKEN), path="/health").status_code == 200


async def model_of(body: ChatRequest) -> str:
    return body.model


JSON_APP = json_app()
JSON_APP.add_api_route("/api/chat", model_of, methods=["POST"])


def chat(body: bytes, content_type: str = "") -> httpx.Response:
    headers = {"content-type": content_type} if content_type else {}
    return TestClient(JSON_APP).post("/api/chat", content=body, headers=headers)


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (b"", "the body: field required"),
        (b"poem", "not JSON"),
        (b"[]", "an object"),
        (b'{"model": 5}', "model"),
        (b'{"model": "base", "messages": "hello"}', "messages"),
        (b'{"model": "base", "messages": [{"role": "tool"}]}', "messages.0.role"),
        (b'{"model": "base", "messages": [{"role": "user", "content": "\\ud800"}]}', "not JSON"),
        (
            b'{"model": "base", "messages": [{"role": "user", "images": ["aGVsbG8="]}]}',
            "messages.0.images: this server reads text",
        ),
        (b'{"model": "base", "options": {"temperature": NaN}}', "not JSON"),
        (b'{"model": "base", "keep_alive": -Infinity}', "not JSON"),
        (b'{"model": "base", "unknown": [Infinity]}', "not JSON"),
        (b'{"model": "base", "options": {"temperature": 1e999}}', "options.temperature"),
        (b'{"model": "base", "options": {"temperature": -1}}', "options.temperature"),
        (b'{"model": "base", "options": {"top_p": 2}}', "options.top_p"),
        (b'{"model": "base", "options": {"stop": [""]}}', "options.stop"),
        (b'{"model": "base", "options": {"stop": 5}}', "options.stop: Input"),
        (b'{"model": "base", "options": []}', "options: Input should be an object, not []"),
        (b'{"model": null}', "model: Input should be a valid string, not null"),
        (b'{"model": "base", "options": {"seed": 1e300}}', "options.seed"),
        (b'{"model": "base", "tools": [{}]}', "tools: this server calls no tools; leave them out"),
        (b'{"model": "base", "format": "json"}', "format: this server answers in free text only"),
        (b'{"model": "base", "think": true}', "think: this server's models do not think aloud"),
        (b"[" * 100_000, "JSON"),
        (b"\xff\xfe", "JSON"),
    ],
)
def test_a_body_that_cannot_be_used_is_400_and_one_line_with_the_place(body: bytes, place: str) -> None:
    refused = chat(body)
    said = refused.json()["error"]
    assert refused.status_code == 400
    assert place.lower() in said.lower()
    assert "\n" not in said
    assert len(said) < 300


@given(st.binary(max_size=200))
def test_any_bytes_are_a_request_or_a_refusal(body: bytes) -> None:
    assert chat(body).status_code in (200, 400)


@pytest.mark.parametrize("kind", ["", "application/x-www-form-urlencoded", "text/plain", "application/json"])
def test_json_is_read_whatever_content_type_the_client_names(kind: str) -> None:
    assert chat(b'{"model": "base"}', kind).json() == "base"
