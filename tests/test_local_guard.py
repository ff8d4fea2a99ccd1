"""LocalGuard in front of an app that would answer everything."""

import asyncio
import socket

import httpx
import pytest
import uvicorn

from workbench.local_guard import LocalGuard, Receive, Scope, Send

OWN = "http://127.0.0.1:7860"


async def open_app(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"secret"})


def status(headers: dict[str, str], *, method: str = "POST", url: str = OWN, guard: LocalGuard | None = None) -> int:
    async def ask() -> int:
        transport = httpx.ASGITransport(guard or LocalGuard(open_app))
        async with httpx.AsyncClient(transport=transport, base_url=url) as http:
            return (await http.request(method, "/upload", headers=headers)).status_code

    return asyncio.run(ask())


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "localhost:7860", "LOCALHOST:1", "[::1]:7860", "[::1]"])
def test_this_machines_own_names_pass(host: str) -> None:
    assert status({"host": host}) == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:7860", "evil.example@127.0.0.1",
     "127.0.0.1@evil.example", "127.0.0.1:7860:1", "[::1", "[::1]evil", "localhost:", "localhost,evil.example",
     "localhost/", "127.0.0.2", "", "loc\u00e4lhost"],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_foreign_or_broken_host_name_is_refused(host: str, method: str) -> None:
    assert status({"host": host.encode("latin-1")}, method=method) == 403  # type: ignore[dict-item]  # as raw bytes


def test_the_page_itself_may_call() -> None:
    assert status({"origin": OWN, "sec-fetch-site": "same-origin"}) == 200


@pytest.mark.parametrize(
    "origin",
    ["null", "", "http://evil.example", "https://evil.example:7860", "http://127.0.0.1:3000", "http://localhost:7860",
     "http://127.0.0.1.evil.example", "file://", "http://evil@127.0.0.1:7860", "ftp://127.0.0.1:7860", "http://[::1",
     OWN + "/x"],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_a_foreign_origin_is_refused(origin: str, method: str) -> None:
    assert status({"origin": origin}, method=method) == 403


def test_an_allowed_origin_and_host_pass() -> None:
    guard = LocalGuard(open_app, hosts=["Poems.example"], origins=["http://localhost:3000/"])
    assert status({"host": "poems.example", "origin": "http://localhost:3000"}, guard=guard) == 200
    assert status({"host": "127.0.0.1"}, guard=guard) == 403


def test_the_default_port_may_stand_or_not() -> None:
    assert status({"host": "localhost", "origin": "http://localhost:80"}) == 200


@pytest.mark.parametrize(
    ("mode", "method", "expected"),
    [("navigate", "GET", 200), ("navigate", "POST", 403), ("no-cors", "GET", 403), ("cors", "GET", 403)],
)
def test_from_another_site_only_a_link_leads_in(mode: str, method: str, expected: int) -> None:
    destination = "document" if mode == "navigate" else "image"
    headers = {"sec-fetch-site": "cross-site", "sec-fetch-mode": mode, "sec-fetch-dest": destination}
    assert status(headers, method=method) == expected


@pytest.mark.parametrize("site", ["same-site", "cross-site", "unheard-of", ""])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "GET"])
def test_from_another_port_of_this_machine_without_an_origin_nothing_passes(site: str, method: str) -> None:
    assert status({"sec-fetch-site": site, "sec-fetch-mode": "no-cors"}, method=method) == 403


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_the_page_itself_and_a_typed_address_pass(site: str) -> None:
    assert status({"sec-fetch-site": site, "sec-fetch-mode": "cors"}) == 200


def test_of_two_fetch_sites_the_foreign_one_counts() -> None:
    async def ask() -> int:
        transport = httpx.ASGITransport(LocalGuard(open_app))
        async with httpx.AsyncClient(transport=transport) as http:
            headers = [("sec-fetch-site", "same-site"), ("sec-fetch-site", "same-origin")]
            return (await http.post("http://localhost/", headers=headers)).status_code

    assert asyncio.run(ask()) == 403


@pytest.mark.parametrize("target", ["http://evil.example/upload", "http://127.0.0.1:PORT/upload"])
def test_a_request_line_with_a_whole_address_is_refused_by_the_server_that_we_run(target: str) -> None:
    config = uvicorn.Config(LocalGuard(open_app), http="h11", log_level="error", lifespan="off")

    async def ask() -> bytes:
        server = uvicorn.Server(config)
        with socket.create_server(("127.0.0.1", 0)) as listening:
            port = listening.getsockname()[1]
            running = asyncio.create_task(server.serve(sockets=[listening]))
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            line = f"POST {target.replace('PORT', str(port))} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
            writer.write(f"{line}Content-Length: 0\r\nConnection: close\r\n\r\n".encode())
            said = await reader.read()
            writer.close()
            server.should_exit = True
            await running
            return said

    assert asyncio.run(ask()).split()[1] in (b"403", b"400")


def test_two_hosts_are_refused() -> None:
    async def ask() -> int:
        transport = httpx.ASGITransport(LocalGuard(open_app))
        async with httpx.AsyncClient(transport=transport) as http:
            headers = [("host", "localhost"), ("host", "evil.example")]
            return (await http.get("http://localhost/", headers=headers)).status_code

    assert asyncio.run(ask()) == 403


def test_a_foreign_websocket_is_closed_before_it_opens() -> None:
    sent = []

    async def send(message: object) -> None:
        sent.append(message)

    async def receive() -> dict[str, str]:
        return {"type": "websocket.connect"}

    headers = [(b"host", b"localhost:7860"), (b"origin", b"http://evil.example")]
    scope = {"type": "websocket", "scheme": "ws", "headers": headers, "path": "/queue"}
    asyncio.run(LocalGuard(open_app)(scope, receive, send))
    assert [message["type"] for message in sent] == ["websocket.close"]


def test_the_apps_start_and_end_pass() -> None:
    reached = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        reached.append(scope["type"])

    asyncio.run(LocalGuard(app)({"type": "lifespan"}, None, None))
    assert reached == ["lifespan"]
