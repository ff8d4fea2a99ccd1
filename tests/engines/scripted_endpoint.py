"""A made-up OpenAI-compatible endpoint on this machine; a `Script` says what it does, in raw bytes where it matters."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

POEM = "The kettle counts the hours in steam,\nthe stairwell keeps one coat — and damp."
HALF = len(POEM) // 2

Script = Callable[["Handler", dict[str, Any]], None]


class Handler(BaseHTTPRequestHandler):
    """Runs the server's script for each request."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        server: Any = self.server
        server.asked.append(body)
        server.headers.append(dict(self.headers))
        with suppress(BrokenPipeError, ConnectionResetError):  # who asks may leave first
            server.script(self, body)

    def log_message(self, *_: object) -> None:
        """Quiet."""

    def send(self, value: object, *, status: int = 200, kind: str = "application/json", **headers: str) -> None:
        """One whole answer."""
        data = value if isinstance(value, bytes) else value.encode() if isinstance(value, str) else dumped(value)
        self.head(status, **{"content-type": kind, "content-length": str(len(data)), **headers})
        self.wfile.write(data)

    def head(self, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, text in headers.items():
            self.send_header(name.replace("_", "-"), text)
        self.end_headers()

    def events(self, *events: object, ends: bool = True) -> None:
        """A stream: bytes go out as they are, values as `data:` lines; without its end the connection is cut."""
        self.head(**{"content-type": "text/event-stream", "transfer-encoding": "chunked"})
        for event in events:
            data = event if isinstance(event, bytes) else b"data: " + dumped(event) + b"\n\n"
            self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))
            self.wfile.flush()
        if ends:
            self.wfile.write(b"0\r\n\r\n")
        else:
            self.cut()

    def cut(self) -> None:
        """Ends the connection in the middle of what was promised."""
        self.wfile.flush()
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)


class Server(ThreadingHTTPServer):
    """Remembers what it was asked."""

    daemon_threads = True

    def __init__(self, script: Script) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.script = script
        self.asked: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.is_over = threading.Event()  # for scripts that stay silent until the test is done

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


@contextmanager
def serving(script: Script) -> Iterator[Server]:
    """The server while the block runs."""
    server = Server(script)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.is_over.set()
        server.shutdown()
        server.server_close()
        thread.join()


def dumped(value: object) -> bytes:
    return json.dumps(value).encode()


def chunk(content: object = None, finish: object = None, **delta: object) -> dict[str, Any]:
    """A piece of a stream."""
    said = {**({} if content is None else {"content": content}), **delta}
    return {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": said, "finish_reason": finish}]}


def whole(content: object, finish: object = "stop", **message: object) -> dict[str, Any]:
    """An answer that is not streamed."""
    said = {"role": "assistant", "content": content, **message}
    return {"object": "chat.completion", "choices": [{"index": 0, "message": said, "finish_reason": finish}]}


def answering(*events: object, ends: bool = True, answer: object = None) -> Script:
    """Streams these events; who wants no stream gets `answer`, else the same stream."""

    def script(handler: Handler, body: dict[str, Any]) -> None:
        if answer is not None and not body["stream"]:
            handler.send(answer)
        else:
            handler.events(*events, ends=ends)

    return script


def sending(value: object, **options: Any) -> Script:
    """The same whole answer to everybody."""
    return lambda handler, _: handler.send(value, **options)


def refusing_first(value: object, then: Script, *, times: int = 1, **options: Any) -> Script:
    """Refuses so many times, then goes on."""

    def script(handler: Handler, body: dict[str, Any]) -> None:
        server: Any = handler.server
        if len(server.asked) <= times:
            handler.send(value, **options)
        else:
            then(handler, body)

    return script


def refusing(name: str, message: str, then: Script, *, status: int = 400) -> Script:
    """Refuses every request that has this parameter."""

    def script(handler: Handler, body: dict[str, Any]) -> None:
        if name in body:
            handler.send({"error": {"message": message}}, status=status)
        else:
            then(handler, body)

    return script
