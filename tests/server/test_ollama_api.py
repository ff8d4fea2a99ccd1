"""What the wire takes and refuses."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import InputError
from workbench.server.ollama_api import ChatRequest, GenerateRequest, Options, ndjson
from workbench.server.settings import LimitSettings, ServedModel
from workbench.types import Message, Sampling

LIMITS = LimitSettings(new_tokens=100, messages=3)
MODEL = ServedModel(name="poet", adapter=None, system="You are a poet.", size_bytes=0, digest="", modified_at="")


def request(**fields: object) -> ChatRequest:
    return ChatRequest.model_validate({"model": "base", **fields})


def test_options_that_are_left_out_have_defaults_and_unknown_ones_pass() -> None:
    body = request(options={"num_ctx": 8, "mirostat": 1, "temperature": None}, keep_alive="5m", format="", tools=[])
    assert body.options == Options()
    assert Options().sampling(LIMITS) == Sampling(temperature=0.8, top_p=0.9, top_k=40, max_new_tokens=100)


@pytest.mark.parametrize(("wanted", "given_"), [(7, 7), (100, 100), (-1, 100), (-2, 100), (0, 1)])
def test_the_length_of_the_answer_is_what_was_asked_within_the_limit(wanted: int, given_: int) -> None:
    assert Options(num_predict=wanted).sampling(LIMITS).max_new_tokens == given_


@given(st.integers(min_value=101))
def test_too_long_an_answer_is_cut_at_the_limit(wanted: int) -> None:
    assert Options(num_predict=wanted).sampling(LIMITS).max_new_tokens == 100


@pytest.mark.parametrize("keep_alive", [0, 0.0, "0", "0s", "0m", "0h", "-0"])
def test_a_keep_alive_of_nothing_unloads(keep_alive: float | str) -> None:
    assert request(keep_alive=keep_alive).unloads


@pytest.mark.parametrize("keep_alive", [None, -1, 300, "5m", "10s", "-1", "1h0m", ""])
def test_any_other_keep_alive_does_not(keep_alive: float | str | None) -> None:
    assert not request(keep_alive=keep_alive).unloads


def test_no_messages_stay_none_even_where_a_voice_has_a_persona() -> None:
    assert request(messages=[]).prompt(MODEL, LIMITS) == ()
    assert request(messages=None).prompt(MODEL, LIMITS) == ()
    assert GenerateRequest(prompt="", system="Be brief.").chat().prompt(MODEL, LIMITS) == ()


def test_a_content_of_null_is_empty() -> None:
    own = {"role": "system", "content": "Be brief."}
    turns = request(messages=[own, {"role": "user", "content": None}]).prompt(MODEL, LIMITS)
    assert [turn.content for turn in turns] == ["Be brief.", ""]


def test_a_seed_counts_even_when_it_is_zero() -> None:
    assert Options(seed=0).seed_or_chance() == 0
    assert (
        len({Options().seed_or_chance() for _ in range(8)} | {Options(seed=-1).seed_or_chance() for _ in range(8)}) > 8
    )


def test_the_voice_speaks_only_where_no_system_message_is_sent() -> None:
    hello = {"role": "user", "content": "Hello"}
    own = {"role": "system", "content": "Be brief."}
    assert request(messages=[hello]).prompt(MODEL, LIMITS)[0] == Message(role="system", content="You are a poet.")
    assert [turn.content for turn in request(messages=[own, hello]).prompt(MODEL, LIMITS)] == ["Be brief.", "Hello"]


def test_too_many_messages_are_refused() -> None:
    with pytest.raises(InputError, match="4 messages; send 3 at most"):
        request(messages=[{"role": "user"}] * 4).prompt(MODEL, LIMITS)


@given(st.text())
def test_a_line_is_one_line_for_every_reader_and_comes_back_as_it_was(text: str) -> None:
    line = ndjson({"content": text})
    assert len(line.decode().splitlines()) == 1
    assert json.loads(line) == {"content": text}
