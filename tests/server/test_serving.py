"""The whole server with the built-in model, asked by the client that people use.

`python -m bench.faults clients 200` and `deaths 100` give the numbers of the promise.
"""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import ollama
import pytest

from tests.server_trials import (
    CUTS,
    ENDLESS,
    GREEDY,
    LONG,
    N_LONG,
    PATIENCE_SECONDS,
    PROMPTS,
    Served,
    address,
    asking,
    crowd,
    cut,
    death,
    send_raw,
)

pytestmark = pytest.mark.model

N_CLIENTS, N_KILLS = 24, 2


@pytest.fixture(scope="module")
def client(served: Served) -> Iterator[ollama.Client]:
    with ollama.Client(host=served.url, timeout=PATIENCE_SECONDS) as made:
        yield made


@pytest.fixture(scope="module")
def alone(client: ollama.Client) -> dict[str, str]:
    """What the model says to each prompt when nobody else asks."""
    return {text: answer(client, text) for text in PROMPTS}


def answer(client: ollama.Client, text: str, model: str = "base") -> str:
    return client.chat(model, asking(text), options=GREEDY).message.content or ""


def test_the_ollama_client_chats(client: ollama.Client) -> None:
    reply = client.chat("base", asking("Say hello."), options={"num_predict": 4, "temperature": 0})
    assert reply.message.role == "assistant"
    assert reply.message.content
    assert (reply.done, reply.done_reason, reply.eval_count) == (True, "length", 4)
    assert reply.prompt_eval_count > 4
    assert reply.total_duration >= reply.eval_duration > 0


def test_the_pieces_of_a_stream_are_the_answer(client: ollama.Client, alone: dict[str, str]) -> None:
    parts = list(client.chat("base", asking(PROMPTS[0]), stream=True, options=GREEDY))
    assert [part.done for part in parts] == [False] * (len(parts) - 1) + [True]
    assert "".join(part.message.content or "" for part in parts) == alone[PROMPTS[0]]
    assert parts[-1].eval_count == 6


def test_the_same_seed_gives_the_same_answer(client: ollama.Client) -> None:
    options = {"seed": 11, "temperature": 1.2, "num_predict": 8}
    first, again = (client.chat("base", asking("Name a river."), options=options).message.content for _ in range(2))
    assert first == again


def test_a_stop_text_ends_the_answer_and_is_not_in_it(client: ollama.Client, alone: dict[str, str]) -> None:
    stop = alone[PROMPTS[0]].strip()[3:5]
    reply = client.chat("base", asking(PROMPTS[0]), options={**GREEDY, "stop": [stop]})
    assert reply.message.content == alone[PROMPTS[0]].partition(stop)[0]
    assert reply.done_reason == "stop"


def test_a_name_with_an_adapter_answers_otherwise_and_leaves_the_base_as_it_was(
    client: ollama.Client, alone: dict[str, str]
) -> None:
    assert answer(client, PROMPTS[1], "loud") != alone[PROMPTS[1]]
    assert answer(client, PROMPTS[1], "base") == alone[PROMPTS[1]]


def test_a_persona_speaks_where_the_client_sends_no_system_message(client: ollama.Client) -> None:
    options = {"num_predict": 1}
    plain, poet = (client.chat(name, asking("Hello."), options=options).prompt_eval_count for name in ("base", "poet"))
    own = [{"role": "system", "content": "Be brief."}, *asking("Hello.")]
    told = [client.chat(name, own, options=options).prompt_eval_count for name in ("base", "poet")]
    assert poet > plain
    assert told[0] == told[1]


def test_only_models_that_are_there_are_listed(client: ollama.Client) -> None:
    assert [model.model for model in client.list().models] == ["base:latest", "poet:latest", "loud:latest"]
    assert client.show("loud").capabilities == ["completion"]


@pytest.mark.parametrize("name", ["absent", "../base", "/etc/passwd", "models/base"])
def test_another_name_is_refused_with_those_that_there_are(client: ollama.Client, name: str) -> None:
    with pytest.raises(ollama.ResponseError, match="not found; this server has base, poet, loud") as caught:
        client.chat(name, asking("Hello."))
    assert caught.value.status_code == 404


def test_a_conversation_that_does_not_fit_is_refused_with_both_numbers(client: ollama.Client) -> None:
    with pytest.raises(ollama.ResponseError, match=r"have \d+ tokens and the model's limit is 4096") as caught:
        next(client.chat("base", asking("sea " * 6000), stream=True))
    assert caught.value.status_code == 400


def test_who_leaves_frees_the_model(client: ollama.Client, served: Served) -> None:
    before = int(served.health()["pieces"])
    stream = client.chat("base", asking(LONG), stream=True, options=ENDLESS)
    next(stream)
    stream.close()
    assert answer(client, PROMPTS[0])
    served.wait_until_idle()
    assert int(served.health()["pieces"]) - before < N_LONG / 2  # nobody wrote the story to its end


def test_a_client_that_reads_nothing_holds_nobody_up(client: ollama.Client, served: Served) -> None:
    async def ask_beside_a_sleeper() -> None:
        _, writer = await send_raw(served.url, PROMPTS[1])
        assert await asyncio.to_thread(answer, client, PROMPTS[0])
        writer.close()

    asyncio.run(ask_beside_a_sleeper())
    served.wait_until_idle()


def test_garbage_is_answered_and_harms_nobody(client: ollama.Client, served: Served) -> None:
    async def shout(noise: bytes) -> bytes:
        reader, writer = await asyncio.open_connection(*address(served.url))
        writer.write(noise)
        writer.write_eof()
        said = await asyncio.wait_for(reader.read(), PATIENCE_SECONDS)
        writer.close()
        return said

    noises = (b"\x00\xff" * 400 + b"\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"POST /api/chat HTTP/1.1\r\nHost: [\r\n\r\n")
    said = [asyncio.run(shout(noise)) for noise in noises]
    assert all(answer_.startswith(b"HTTP/1.1 4") for answer_ in said), said
    assert answer(client, PROMPTS[0])


def test_many_clients_of_which_a_third_leave_get_their_own_text_and_no_slot_is_stuck(
    served: Served, alone: dict[str, str]
) -> None:
    assert crowd(served, alone, N_CLIENTS) == N_CLIENTS * 2 // 3


@pytest.mark.parametrize("number", range(len(CUTS)), ids=CUTS)
def test_a_connection_that_breaks_frees_the_model(number: int, served: Served, alone: dict[str, str]) -> None:
    assert cut(served, alone, number) == CUTS[number]


def test_a_model_killed_in_mid_stream_is_one_error_line_and_the_next_request_works(
    served: Served, alone: dict[str, str]
) -> None:
    if not Path("/proc").is_dir():
        pytest.skip("no /proc to find the model's process in")
    for number in range(N_KILLS):
        death(served, alone, number)
