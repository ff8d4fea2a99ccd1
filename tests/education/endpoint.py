"""A real OpenAI-shaped endpoint on the loopback that fails as endpoints do, and counts what it was asked.

What happens to a question is in `plan`, a word for each of its tries: good, 429, 500, half, nonsense, empty, cut or
endless; after the last one, good. A question is known by the words of its last message.
"""

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.listening import listening

PROMPT_TOKENS, ANSWER_TOKENS = 100, 50  # what it says each answer cost


@dataclass
class Endpoint:
    """What it answers, what it does wrong, and what it saw."""

    answer: Callable[[str], str]
    plan: Mapping[str, Sequence[str]] = field(default_factory=dict)  # by a word of the question
    url: str = ""
    asked: Counter[str] = field(default_factory=Counter)  # every request, failed ones too
    billed: Counter[str] = field(default_factory=Counter)  # whole good answers, by question
    keys: set[str] = field(default_factory=set)
    most_at_once: int = 0
    open: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    closing: threading.Event = field(default_factory=threading.Event)

    def fate(self, question: str) -> str:
        """What happens to this try."""
        with self.lock:
            tries = next((tries for word, tries in self.plan.items() if word in question), ())
            n_before = self.asked[question]
            self.asked[question] += 1
        return tries[n_before] if n_before < len(tries) else "good"


@contextmanager
def serving(endpoint: Endpoint) -> Iterator[Endpoint]:
    """The endpoint at work."""

    class Handler(_Handler):
        state = endpoint

    with listening(Handler) as url:
        endpoint.url = f"{url}/v1"
        try:
            yield endpoint
        finally:
            endpoint.closing.set()


class _Handler(BaseHTTPRequestHandler):
    state: Endpoint

    def do_POST(self) -> None:
        state = self.state
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        question = body["messages"][-1]["content"]
        with state.lock:
            state.open += 1
            state.most_at_once = max(state.most_at_once, state.open)
            state.keys.add(self.headers.get("authorization", ""))
        try:
            self._answer(question, state.fate(question))
        except (BrokenPipeError, ConnectionResetError):
            pass  # the client has left
        finally:
            with state.lock:
                state.open -= 1

    def _answer(self, question: str, fate: str) -> None:
        if fate in ("429", "500"):
            return self._send(int(fate), json.dumps({"error": {"message": "later"}}).encode())
        if fate == "endless":
            return self._trickle()
        text = "" if fate == "empty" else "<html>" if fate == "nonsense" else self.state.answer(question)
        choice = {"index": 0, "message": {"role": "assistant", "content": text},
                  "finish_reason": "length" if fate == "cut" else "stop"}  # fmt: skip
        usage = {"prompt_tokens": PROMPT_TOKENS, "completion_tokens": ANSWER_TOKENS}
        data = json.dumps({"choices": [choice], "usage": usage} if fate != "nonsense" else {"choices": []}).encode()
        if fate == "half":
            return self._send(200, data[: len(data) // 2], length=len(data))
        with self.state.lock:
            self.state.billed[question] += 1
        return self._send(200, data)

    def _trickle(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.end_headers()
        while not self.state.closing.is_set():
            self.wfile.write(b" " * 65536)

    def _send(self, status: int, data: bytes, *, length: int | None = None) -> None:
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data) if length is None else length))
        self.send_header("retry-after-ms", "1")
        self.end_headers()
        self.wfile.write(data)
        if length is not None:
            self.close_connection = True

    def log_message(self, *_: Any) -> None:
        """Quiet."""
