"""Clients of Ollama and OpenAI as people use them, and what they send that their documents do not say."""

from collections.abc import Iterator
from typing import Any

import httpx
import ollama
import openai
import pytest

pytestmark = pytest.mark.model

PATIENCE_SECONDS = 600
FEW = {"temperature": 0, "num_predict": 4}
HELLO: list[Any] = [{"role": "user", "content": "Say hello."}]


@pytest.fixture(scope="module")
def client(served: Any) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{served.url}/v1", api_key="none", timeout=PATIENCE_SECONDS, max_retries=0) as made:
        yield made


@pytest.fixture(scope="module")
def http(served: Any) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served.url, timeout=PATIENCE_SECONDS) as made:
        yield made


def test_the_openai_client_lists_and_asks(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["base", "poet", "loud"]
    assert client.models.retrieve("poet").id == "poet"
    reply = client.chat.completions.create(model="base", messages=HELLO, max_tokens=4)
    assert reply.choices[0].finish_reason == "length"
    assert reply.choices[0].message.content
    assert reply.usage
    assert reply.usage.completion_tokens == 4


def test_the_openai_client_streams_what_it_gets_whole(client: openai.OpenAI) -> None:
    asked: dict[str, Any] = {"model": "base", "messages": HELLO, "temperature": 0, "max_completion_tokens": 6}
    whole = client.chat.completions.create(**asked).choices[0].message.content
    chunks = list(client.chat.completions.create(**asked, stream=True, stream_options={"include_usage": True}))
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == whole
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "length"
    assert chunks[-1].usage.completion_tokens == 6


def test_the_openai_client_is_told_which_models_there_are(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match="this server has base, poet, loud"):
        client.chat.completions.create(model="absent", messages=HELLO)


def test_the_openai_client_completes_a_text_as_a_chat_answers_it(client: openai.OpenAI) -> None:
    asked: dict[str, Any] = {"model": "base", "prompt": "Say hello.", "temperature": 0, "max_tokens": 6}
    whole = client.completions.create(**asked)
    chunks = list(client.completions.create(**asked, stream=True, stream_options={"include_usage": True}))
    chat = client.chat.completions.create(model="base", messages=HELLO, temperature=0, max_tokens=6)
    assert whole.choices[0].text == chat.choices[0].message.content
    assert "".join(chunk.choices[0].text for chunk in chunks if chunk.choices) == whole.choices[0].text
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "length"
    assert whole.usage
    assert chunks[-1].usage
    assert chunks[-1].usage.completion_tokens == whole.usage.completion_tokens == 6


def test_several_texts_are_answered_each_in_its_place(client: openai.OpenAI) -> None:
    texts = ["Say hello.", "Count to three."]
    asked: dict[str, Any] = {"model": "base", "temperature": 0, "max_tokens": 6}
    alone = [client.completions.create(**asked, prompt=text).choices[0].text for text in texts]
    together = client.completions.create(**asked, prompt=texts)
    streamed = ["", ""]
    for chunk in client.completions.create(**asked, prompt=texts, stream=True):
        streamed[chunk.choices[0].index] += chunk.choices[0].text
    assert [choice.text for choice in together.choices] == streamed == alone
    assert together.usage
    assert together.usage.completion_tokens == 12


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ({"prompt": [1, 2]}, "token ids are not read"),
        ({"prompt": ["Rain"] * 17}, "1 to 16 in a list"),
        ({"prompt": ""}, "none of them empty"),
        ({"suffix": "."}, "does not fill gaps"),
        ({"echo": True}, "without the prompt"),
        ({"logprobs": 2}, "no log-probabilities"),
    ],
)
def test_what_a_completion_cannot_be_is_refused_in_plain_words(http: httpx.Client, field: Any, words: str) -> None:
    refused = http.post("/v1/completions", json={"model": "base", "prompt": "Rain", **field})
    assert refused.status_code == 400
    assert words in refused.json()["error"]["message"]


def test_embeddings_are_refused_in_the_shape_of_each_client(http: httpx.Client, client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="give no embeddings"):
        client.embeddings.create(model="base", input="Rain")
    for path in ("/api/embed", "/api/embeddings"):
        assert "give no embeddings" in http.post(path, json={"model": "base", "input": "Rain"}).json()["error"]


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ({"tools": [{"type": "function"}]}, "calls no tools"),
        ({"response_format": {"type": "json_object"}}, "free text only"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "reads text only"),
    ],
)
def test_what_cannot_be_done_is_refused_in_plain_words(http: httpx.Client, field: Any, words: str) -> None:
    refused = http.post("/v1/chat/completions", json={"model": "base", "messages": HELLO, **field})
    assert refused.status_code == 400
    assert words in refused.json()["error"]["message"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/v1/nothing", 404), ("DELETE", "/v1/models", 405), ("POST", "/v1/chat", 404)],
)
def test_what_is_not_there_is_refused_in_openai_s_shape(
    http: httpx.Client, method: str, path: str, status: int
) -> None:
    refused = http.request(method, path)
    assert refused.status_code == status
    assert "openapi.json" in refused.json()["error"]["message"]


def test_a_prompt_is_answered_under_response(served: Any) -> None:
    with ollama.Client(host=served.url, timeout=PATIENCE_SECONDS) as asked:
        whole = asked.generate("base", "Say hello.", options=FEW).response
        pieces = list(asked.generate("base", "Say hello.", stream=True, options=FEW))
        chat = asked.chat("base", HELLO, options=FEW).message.content
    assert whole == "".join(piece.response for piece in pieces) == chat


@pytest.mark.parametrize("path", ["/", "/api/version", "/api/tags", "/api/ps", "/health", "/v1/models"])
def test_head_is_get_without_a_body(http: httpx.Client, path: str) -> None:
    head = http.head(path)
    assert (head.status_code, head.content) == (200, b"")


@pytest.mark.parametrize(("route", "empty"), [("chat", {"messages": []}), ("chat", {}), ("generate", {"prompt": ""})])
def test_nothing_asked_loads_and_unloads_any_name(http: httpx.Client, route: str, empty: dict[str, Any]) -> None:
    loaded = http.post(f"/api/{route}", json={"model": "poet", **empty}).json()
    assert (loaded["done"], loaded["done_reason"], loaded["eval_count"]) == (True, "load", 0)
    assert [model["name"] for model in http.get("/api/ps").json()["models"]] == ["poet:latest"]
    unloaded = http.post(f"/api/{route}", json={"model": "poet", **empty, "keep_alive": 0}).json()
    assert unloaded["done_reason"] == "unload"
    assert http.get("/api/ps").json() == {"models": []}


def test_too_long_an_answer_is_cut_instead_of_refused(http: httpx.Client) -> None:
    asked = {"messages": HELLO, "stream": False, "options": {"num_predict": 10**9, "stop": ["e", "l", "o", "a", " "]}}
    reply = http.post("/api/chat", json=asked)
    assert (reply.status_code, reply.json()["done_reason"]) == (200, "stop")


def test_a_missing_model_is_the_poet(http: httpx.Client) -> None:
    asked = {"messages": [*HELLO, {"role": "user", "content": None}], "stream": False, "options": FEW}
    assert http.post("/api/chat", json=asked).json()["model"] == "poet"


def test_a_last_message_of_the_assistant_is_continued(http: httpx.Client) -> None:
    begun = [{"role": "user", "content": "Count to ten."}, {"role": "assistant", "content": "one, two, three,"}]
    asked = {"model": "base", "messages": begun, "stream": False, "options": FEW}
    assert http.post("/api/chat", json=asked).json()["message"]["content"].startswith(" four")


def test_a_model_is_shown_with_what_its_file_says(http: httpx.Client) -> None:
    shown = http.post("/api/show", json={"model": "poet"}).json()
    assert shown["details"]["family"] == shown["model_info"]["general.architecture"] == "llama"
    assert shown["details"]["parameter_size"] == "134.52M"
    assert shown["model_info"]["llama.context_length"] == 4096
    assert shown["template"]
    assert shown["system"]
