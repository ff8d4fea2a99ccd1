"""RemoteSampler against a real HTTP server in this process."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any, ClassVar

import pytest

from tests.listening import listening
from workbench.engines.protocols import Sampler, Scorer
from workbench.engines.remote import RemoteSampler
from workbench.errors import EngineError
from workbench.types import Completion, Failed, Message, Reason, SampleRequest, Sampling

KEY = "canary-key-3141592653"


class Endpoint(BaseHTTPRequestHandler):
    """Answers with the last message reversed; refuses one that says `refuse`, and repeats the key while doing so."""

    seen: ClassVar[list[dict[str, Any]]] = []

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        type(self).seen.append(body)
        word = body["messages"][-1]["content"]
        if word == "refuse":
            return self._send(400, {"error": {"message": f"bad key {self.headers['authorization']}"}})
        if word == "nonsense":
            return self._send(200, {"choices": []})
        text = word[::-1]
        if body.get("stream"):
            chunks = [{"choices": [{"index": 0, "delta": {"content": letter}}]} for letter in text]
            lines = "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks) + "data: [DONE]\n\n"
            return self._send(200, lines, "text/event-stream")
        finish = "length" if body["max_tokens"] < len(text) else "stop"
        choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish}
        return self._send(200, {"choices": [choice], "usage": {"completion_tokens": 3}})

    def _send(self, status: int, body: dict[str, Any] | str, kind: str = "application/json") -> None:
        data = (body if isinstance(body, str) else json.dumps(body)).encode()
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def sampler(monkeypatch: pytest.MonkeyPatch) -> Iterator[RemoteSampler]:
    monkeypatch.setenv("TEST_KEY", KEY)
    with listening(Endpoint) as url:
        remote = RemoteSampler(f"{url}/v1", "tiny", api_key_env="TEST_KEY")
        yield remote
        remote.close()


def asking(word: str, **sampling: Any) -> SampleRequest:
    return SampleRequest(prompt=(Message(role="user", content=word),), seed=7, sampling=Sampling(**sampling))


def test_answers_come_in_the_order_of_the_requests(sampler: RemoteSampler) -> None:
    results = sampler.sample([asking(f"word {i}") for i in range(20)])
    assert [result.text for result in results if isinstance(result, Completion)] == [
        f"word {i}"[::-1] for i in range(20)
    ]


def test_one_refused_request_leaves_the_others_whole(sampler: RemoteSampler) -> None:
    good, bad, nonsense = sampler.sample([asking("abc"), asking("refuse"), asking("nonsense")])
    assert isinstance(good, Completion)
    assert isinstance(bad, Failed)
    assert isinstance(nonsense, Failed)
    assert {bad.reason, nonsense.reason} == {Reason.ENGINE}


def test_an_answer_cut_by_the_limit_has_not_ended(sampler: RemoteSampler) -> None:
    (result,) = sampler.sample([asking("abcdef", max_new_tokens=2)])
    assert isinstance(result, Completion)
    assert not result.ended


def test_the_settings_reach_the_endpoint(sampler: RemoteSampler) -> None:
    Endpoint.seen.clear()
    sampler.sample([asking("abc", temperature=0.25, top_p=0.5, max_new_tokens=9)])
    sent = Endpoint.seen[0]
    assert (sent["temperature"], sent["top_p"], sent["max_tokens"], sent["seed"]) == (0.25, 0.5, 9, 7)


def test_the_key_shows_nowhere(sampler: RemoteSampler) -> None:
    (refused,) = sampler.sample([asking("refuse")])
    assert KEY not in repr(sampler) + repr(refused) + repr(vars(sampler))


def test_a_streaming_error_does_not_carry_the_key(sampler: RemoteSampler) -> None:
    with pytest.raises(EngineError) as caught:
        list(sampler.stream(asking("refuse")))
    assert KEY not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_stream_joins_to_the_text(sampler: RemoteSampler) -> None:
    assert "".join(sampler.stream(asking("streams"))) == "streams"[::-1]


def test_a_stop_leaves_what_was_not_asked(sampler: RemoteSampler) -> None:
    results = sampler.sample([asking("abc")] * 3, cancelled=lambda: True)
    assert results == [Failed(reason=Reason.CANCELLED)] * 3


def test_each_completion_is_reported_once(sampler: RemoteSampler) -> None:
    seen: list[int] = []
    sampler.sample([asking("abc")] * 9, on_completion=lambda index, _: seen.append(index))
    assert sorted(seen) == list(range(9))


def test_a_missing_key_names_the_variable() -> None:
    remote = RemoteSampler("http://127.0.0.1:9/v1", "tiny", api_key_env="NO_SUCH_KEY")
    with pytest.raises(EngineError, match="NO_SUCH_KEY"):
        remote.sample([asking("abc")])


def test_a_closed_connection_refuses_work(sampler: RemoteSampler) -> None:
    sampler.close()
    with pytest.raises(EngineError, match="closed"):
        sampler.sample([asking("abc")])


def test_it_samples_but_does_not_score(sampler: RemoteSampler) -> None:
    assert isinstance(sampler, Sampler)
    assert not isinstance(sampler, Scorer)
