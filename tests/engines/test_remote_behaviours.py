"""What endpoints really do, each streamed and whole: the right text, or one line with endpoint, reason and what to do.

`TEXTS` are behaviours that still hold a poem, `LINES` those that hold none. No traceback in any.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest

from tests.engines.endpoint_behaviours import DONE, FIRST, LINES, PLAIN, STOP, TEXTS, silent, stalled
from tests.engines.scripted_endpoint import (
    HALF,
    POEM,
    Handler,
    Script,
    answering,
    chunk,
    refusing,
    sending,
    serving,
    whole,
)
from workbench.engines.remote import RemoteSampler
from workbench.errors import EngineError
from workbench.types import Completion, Failed, Message, Reason, SampleRequest

Make = Callable[..., RemoteSampler]
REQUEST = SampleRequest(prompt=(Message(role="user", content="a poem about a stairwell"),), seed=7)


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.engines.remote._BACK_OFF_SECONDS", 0.001)
    monkeypatch.setattr("workbench.engines.remote._STALL_SECONDS", 0.2)
    monkeypatch.setattr("workbench.engines.remote._LINGER_SECONDS", 0.01)
    monkeypatch.setattr("workbench.engines.endpoint._GLANCE_SECONDS", 0.01)


@pytest.fixture
def sampler_of() -> Iterator[Make]:
    """Makes samplers, and closes them when the test is done."""
    with ExitStack() as made:

        def make(url: str, seconds: float = 60.0) -> RemoteSampler:
            return made.enter_context(closing(RemoteSampler(url, "tiny", seconds=seconds, retries=2)))

        yield make


def streamed(sampler: RemoteSampler) -> str:
    return "".join(sampler.stream(REQUEST))


def test_there_are_more_than_forty_behaviours() -> None:
    assert len(TEXTS) + len(LINES) >= 40


@pytest.mark.parametrize("name", TEXTS)
def test_a_stream_that_holds_a_poem_gives_it_and_says_that_it_ended(name: str, sampler_of: Make) -> None:
    with serving(TEXTS[name]) as server:
        sampler = sampler_of(server.url)
        assert streamed(sampler) == POEM
        assert isinstance(sampler.last, Completion)
        assert sampler.last.ended


@pytest.mark.parametrize("name", TEXTS)
def test_a_whole_answer_that_holds_a_poem_gives_it(name: str, sampler_of: Make) -> None:
    with serving(TEXTS[name]) as server:
        sampler = sampler_of(server.url)
        (result,) = sampler.sample([REQUEST])
        assert isinstance(result, Completion), result
        assert (result.text, result.ended) == (POEM, True)


def seconds_for(name: str) -> float:
    return 0.3 if name == "silence" else 60.0


def is_a_line(line: str, url: str, words: str) -> None:
    assert line.startswith(f"tiny at {url}: ")
    assert re.search(words, line), line
    assert line.isprintable()
    assert len(line) < 600


@pytest.mark.parametrize("name", LINES)
def test_a_stream_without_a_poem_is_one_line(name: str, sampler_of: Make) -> None:
    script, words = LINES[name]
    with serving(script) as server:
        sampler = sampler_of(server.url, seconds_for(name))
        with pytest.raises(EngineError) as caught:
            streamed(sampler)
        assert isinstance(sampler.last, Failed)
        is_a_line(str(caught.value), server.url, words)


@pytest.mark.parametrize("name", LINES)
def test_a_whole_answer_without_a_poem_is_one_line(name: str, sampler_of: Make) -> None:
    script, words = LINES[name]
    with serving(script) as server:
        sampler = sampler_of(server.url, seconds_for(name))
        (result,) = sampler.sample([REQUEST])
        assert isinstance(result, Failed)
        is_a_line(result.detail, server.url, words)


@pytest.mark.parametrize("finish", ["length", "MAX_TOKENS", "token_limit", "model_context_window_exceeded", None])
def test_a_stream_that_was_cut_says_so_whatever_the_pieces_are(finish: str | None, sampler_of: Make) -> None:
    with serving(answering(FIRST, chunk(finish=finish))) as server:
        sampler = sampler_of(server.url)
        assert streamed(sampler) == POEM[:HALF]
        assert isinstance(sampler.last, Completion)
        assert not sampler.last.ended


def test_an_end_after_the_limit_does_not_make_the_text_whole(sampler_of: Make) -> None:
    with serving(answering(FIRST, chunk(finish="length"), STOP, DONE)) as server:
        sampler = sampler_of(server.url)
        streamed(sampler)
        assert isinstance(sampler.last, Completion)
        assert not sampler.last.ended


def test_pieces_beyond_the_limit_do_not_cut_a_stream_that_ended(sampler_of: Make) -> None:
    letters = [chunk(letter) for letter in POEM * 4]
    with serving(answering(*letters, STOP, DONE)) as server:
        sampler = sampler_of(server.url)
        assert streamed(sampler) == POEM * 4
        assert isinstance(sampler.last, Completion)
        assert sampler.last.ended


@pytest.mark.parametrize(
    "script", [answering(FIRST, ends=False), stalled(FIRST), answering(FIRST, chunk(finish="error"))]
)
def test_a_text_that_breaks_off_may_be_asked_for_again(script: Script, sampler_of: Make) -> None:
    with serving(script) as server:
        sampler = sampler_of(server.url)
        with pytest.raises(EngineError):
            streamed(sampler)
        assert isinstance(sampler.last, Failed)
        assert sampler.last.reason is Reason.CUT


def test_an_error_in_the_middle_that_will_not_pass_is_the_engine_s(sampler_of: Make) -> None:
    with serving(answering(FIRST, {"error": {"message": "no memory left"}}, DONE)) as server:
        sampler = sampler_of(server.url)
        with pytest.raises(EngineError):
            streamed(sampler)
        assert isinstance(sampler.last, Failed)
        assert sampler.last.reason is Reason.ENGINE


def test_an_endpoint_that_says_nothing_is_asked_once(sampler_of: Make) -> None:
    with serving(silent) as server:
        sampler_of(server.url, 0.3).sample([REQUEST])
        assert len(server.asked) == 1


def test_a_silent_endpoint_is_left_as_soon_as_somebody_asks_to_stop(sampler_of: Make) -> None:
    with serving(silent) as server:
        sampler = sampler_of(server.url, 3600.0)
        assert list(sampler.stream(REQUEST, cancelled=lambda: bool(server.asked))) == []
        assert sampler.last == Failed(reason=Reason.CANCELLED)
        n_asked = len(server.asked)
        results = sampler.sample([REQUEST] * 2, cancelled=lambda: len(server.asked) > n_asked)
        assert results == [Failed(reason=Reason.CANCELLED)] * 2


@pytest.mark.parametrize(
    "answer",
    [
        whole("", "length", reasoning_content="hm"),
        whole("", reasoning_details=[{"type": "reasoning.text", "text": "hm"}]),
        {**whole("", "length"), "usage": {"completion_tokens_details": {"reasoning_tokens": 512}}},
        whole(None, "length"),
    ],
)
def test_thoughts_alone_have_a_reason_of_their_own(answer: object, sampler_of: Make) -> None:
    with serving(sending(answer)) as server:
        (result,) = sampler_of(server.url).sample([REQUEST])
        assert isinstance(result, Failed)
        assert result.reason is Reason.UNCLOSED_THINKING


def test_what_an_endpoint_refuses_is_said_once_and_left_out_from_then_on(
    caplog: pytest.LogCaptureFixture, sampler_of: Make
) -> None:
    with serving(refusing("temperature", "'temperature' is not supported", PLAIN)) as server:
        sampler = sampler_of(server.url)
        sampler.sample([REQUEST])
        sampler.sample([REQUEST])
        assert ["temperature" in body for body in server.asked] == [True, False, False]
    assert [record.getMessage() for record in caplog.records] == [
        f"tiny at {server.url} takes no temperature; it is asked without from now on"
    ]


def test_without_a_system_message_its_words_begin_the_request(sampler_of: Make) -> None:
    def script(handler: Handler, body: dict[str, Any]) -> None:
        if body["messages"][0]["role"] == "system":
            handler.send({"error": {"message": "System role not supported"}}, status=400)
        else:
            PLAIN(handler, body)

    request = SampleRequest(prompt=(Message(role="system", content="You write."), *REQUEST.prompt), seed=7)
    with serving(script) as server:
        sampler_of(server.url).sample([request])
        assert server.asked[-1]["messages"] == [{"role": "user", "content": "You write.\n\na poem about a stairwell"}]


def test_a_line_that_comes_twice_in_pieces_of_a_line_comes_twice(sampler_of: Make) -> None:
    line = "All night the tram has been calling my name,\n"
    with serving(answering(chunk(line), chunk(line), chunk("and I went the other way."), STOP, DONE)) as server:
        assert streamed(sampler_of(server.url)) == line * 2 + "and I went the other way."


def test_max_tokens_goes_on_under_its_newer_name(sampler_of: Make) -> None:
    with serving(refusing("max_tokens", "Use 'max_completion_tokens' instead of max_tokens", PLAIN)) as server:
        sampler_of(server.url).sample([REQUEST])
        assert server.asked[-1]["max_completion_tokens"] == server.asked[0]["max_tokens"]


def test_a_parameter_that_was_not_the_trouble_is_sent_again(sampler_of: Make) -> None:
    with serving(sending({"error": "the seed of trouble is elsewhere"}, status=400)) as server:
        sampler = sampler_of(server.url)
        sampler.sample([REQUEST])
        n_asked = len(server.asked)
        sampler.sample([REQUEST])
        assert "seed" in server.asked[n_asked]


def test_an_endpoint_on_this_machine_is_asked_without_a_key(sampler_of: Make) -> None:
    with serving(PLAIN) as server:
        sampler_of(server.url).sample([REQUEST])
        assert "authorization" not in {name.lower() for name in server.headers[0]}


def test_nobody_there_is_one_line(sampler_of: Make) -> None:
    with serving(PLAIN) as server:
        url = server.url
    (result,) = sampler_of(url).sample([REQUEST])
    assert isinstance(result, Failed)
    is_a_line(result.detail, url, "nobody answers there .*start it, or check the URL")


def test_a_name_and_password_in_the_url_are_not_shown(sampler_of: Make) -> None:
    (result,) = sampler_of("http://me:secret@127.0.0.1:9/v1").sample([REQUEST])
    assert isinstance(result, Failed)
    assert "secret" not in result.detail


def test_halves_of_a_letter_in_two_pieces_are_joined(sampler_of: Make) -> None:
    pieces = (
        b'data: {"choices": [{"delta": {"content": "\\ud83d"}}]}\n\n',
        b'data: {"choices": [{"delta": {"content": "\\ude00!"}}]}\n\n',
    )
    with serving(answering(*pieces, STOP, DONE)) as server:
        assert streamed(sampler_of(server.url)) == "\U0001f600!"
