"""An OpenAI-compatible endpoint, which lists its models as Ollama does: they read from a script, over real HTTP.

The poet's drafts and the educator's remarks come in order; what is asked beyond the script gets its last answer.
"""

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler

from tests.listening import listening


class Script:
    """Answers by model, in order, and what was asked."""

    def __init__(self, answers: Mapping[str, Sequence[str]], *, hold: threading.Event | None = None) -> None:
        self.models = tuple(answers)
        self._left = {model: list(texts) for model, texts in answers.items()}
        self.asked: list[tuple[str, str]] = []
        self.headers: list[str] = []
        self.hold = hold  # an answer is begun, and ends when this is set
        self._lock = threading.Lock()

    def next(self, model: str, question: str) -> str:
        with self._lock:
            self.asked.append((model, question))
            left = self._left[model]
            return left.pop(0) if len(left) > 1 else left[0]


@contextmanager
def endpoint(script: Script) -> Iterator[str]:
    """The address while it serves."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            told = json.dumps({"models": [{"name": name, "size": 10**9} for name in script.models]}).encode()
            self.send_response(200 if self.path == "/api/tags" else 404)
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            script.headers.append(self.headers.get("Authorization", ""))
            text = script.next(body["model"], body["messages"][-1]["content"])
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Connection", "close")
            self.end_headers()
            pieces = text.split(" ")
            for number, piece in enumerate(pieces):
                self._say({"content": piece + " " * (number + 1 < len(pieces))}, None)
                if number == len(pieces) // 2 and script.hold:
                    script.hold.wait(60)
            self._say({}, "stop")
            self.wfile.write(b"data: [DONE]\n\n")

        def _say(self, delta: dict[str, str], finish: str | None) -> None:
            chunk = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m",
                     "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}  # fmt: skip
            self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
            self.wfile.flush()

        def log_message(self, *_: object) -> None:
            pass

    with listening(Handler) as url:
        yield f"{url}/v1"


@contextmanager
def served(files: Mapping[str, bytes], headers: Mapping[str, str] | None = None) -> Iterator[str]:
    """Files over HTTP, whole or from a byte on, as a hub has them; the address while it serves."""

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self._answer(is_head=True)

        def do_GET(self) -> None:
            self._answer(is_head=False)

        def _answer(self, *, is_head: bool) -> None:
            content = files[self.path]
            begin = int(self.headers.get("Range", "bytes=0-")[len("bytes=") : -1])
            self.send_response(206 if begin else 200)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content) - begin))
            self.end_headers()
            if not is_head:
                self.wfile.write(content[begin:])

        def log_message(self, *_: object) -> None:
            pass

    with listening(Handler) as url:
        yield url
