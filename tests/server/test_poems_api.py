"""POST /api/compose and /api/describe, with the model that answers chats."""

import json
from typing import Any

import httpx
import pytest

from workbench.errors import ConfigError
from workbench.server.poems_api import ComposeRequest, usual_model
from workbench.server.settings import ServedModel, ServedModelSettings, ServeSettings, served_models

PATIENCE_SECONDS = 600
COMPOSE = {"description": "a kettle that nobody takes off the stove", "model": "loud", "beside_base": True, "seed": 3}
DESCRIBE = {"title": "Kettle", "poem": "steam writes on the window\nwhat the window will not keep", "model": "base"}


def served_as(name: str, run: str = "") -> ServedModel:
    return ServedModel(name=name, adapter=None, run=run, system="", size_bytes=0, digest="", modified_at="")


def test_what_a_run_taught_composes_before_the_base() -> None:
    models = {name: served_as(name, run) for name, run in (("poet", ""), ("base", ""), ("tide", "tide"))}
    assert usual_model(models).name == "tide"
    del models["tide"]
    assert usual_model(models).name == "base"


def test_what_is_left_out_is_as_the_server_says() -> None:
    task = ComposeRequest(description="fog", tries=7).task(served_as("base"), ServeSettings(seed=5))
    assert (task.asked["seed"], task.asked["composing"]["tries"], task.asked["composing"]["others"]) == (5, 7, 4)


def test_a_setting_that_would_do_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="extra_forbidden"):
        ComposeRequest.model_validate({"description": "fog", "n": 7})


def test_a_run_and_an_adapter_for_one_name_are_refused() -> None:
    both = ServedModelSettings(run="tide", adapter="models/poet")
    with pytest.raises(ConfigError, match=r"models\.tide: an adapter and a run are both named"):
        served_models(ServeSettings(models={"tide": both}))


@pytest.fixture(scope="module")
def composed(served: Any) -> list[dict[str, Any]]:
    with httpx.stream("POST", f"{served.url}/api/compose", json=COMPOSE, timeout=PATIENCE_SECONDS) as reply:
        assert (reply.status_code, reply.headers["content-type"]) == (200, "application/x-ndjson")
        return [json.loads(line) for line in reply.iter_lines()]


@pytest.mark.model
def test_every_try_of_both_voices_comes_before_the_record(composed: list[dict[str, Any]]) -> None:
    *tries, last = composed
    assert sorted((one["voice"], one["number"]) for one in tries) == [
        ("base", 0), ("base", 1), ("trained", 0), ("trained", 1),
    ]  # fmt: skip
    assert last["event"] == "done"


@pytest.mark.model
def test_the_record_holds_what_the_tries_said_and_the_best_of_them(composed: list[dict[str, Any]]) -> None:
    *tries, last = composed
    record = last["data"]
    raw = {(one["voice"], one["number"]): one["raw"] for one in record["tries"]}
    assert raw == {(one["voice"], one["number"]): one["data"]["text"] for one in tries}
    first = record["tries"][0]
    assert (record["title"], record["poem"]) == (("", "") if first["problem"] else (first["title"], first["text"]))
    assert {one["adapter"] == "" for one in record["tries"] if one["voice"] == "base"} == {True}
    assert {one["adapter"] == "" for one in record["tries"] if one["voice"] == "trained"} == {False}


@pytest.mark.model
def test_a_chat_afterwards_is_answered_by_the_voice_it_names(served: Any, composed: list[dict[str, Any]]) -> None:
    def said(model: str) -> str:
        asked = {"model": model, "messages": [{"role": "user", "content": "Hi."}], "stream": False}
        options = {"temperature": 0, "num_predict": 8}
        reply = httpx.post(f"{served.url}/api/chat", json={**asked, "options": options}, timeout=PATIENCE_SECONDS)
        return str(reply.json()["message"]["content"])

    httpx.post(f"{served.url}/api/compose", json={**COMPOSE, "tries": 1}, timeout=PATIENCE_SECONDS)
    assert said("loud") != said("base")


@pytest.mark.model
def test_a_poem_is_described_with_its_figures(served: Any) -> None:
    asked = {**DESCRIBE, "stream": False}
    reply = httpx.post(f"{served.url}/api/describe", json=asked, timeout=PATIENCE_SECONDS)
    record = reply.json()["data"]
    assert (reply.status_code, record["title"]) == (200, "Kettle")
    assert len(record["candidates"]) == 2
    assert {"specificity", "gain", "guarded gain", "copies"} <= set(record["candidates"][0])


@pytest.mark.model
def test_who_leaves_frees_the_model(served: Any) -> None:
    with httpx.stream("POST", f"{served.url}/api/compose", json=COMPOSE, timeout=PATIENCE_SECONDS) as reply:
        next(reply.iter_lines())
    served.wait_until_idle()


@pytest.mark.model
@pytest.mark.parametrize(
    ("route", "body", "status", "message"),
    [
        ("compose", {"description": "   "}, 400, "describe the poem"),
        ("compose", {**COMPOSE, "model": "base"}, 400, "no adapter, so there is no base beside it"),
        ("compose", {**COMPOSE, "model": "../base"}, 404, "not found; this server has"),
        ("describe", {**DESCRIBE, "tries": 0}, 400, "tries"),
    ],
)
def test_a_mistake_is_one_line(served: Any, route: str, body: dict[str, Any], status: int, message: str) -> None:
    reply = httpx.post(f"{served.url}/api/{route}", json=body, timeout=PATIENCE_SECONDS)
    assert reply.status_code == status
    assert message in reply.json()["error"]
