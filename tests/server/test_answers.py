"""POST /api/revise: the loop of `revision` as lines."""

import asyncio
import json
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from workbench.errors import InputError
from workbench.revision.settings import RevisionSettings
from workbench.server.answers import ReviseRequest, session_lines
from workbench.server.model_client import Question
from workbench.server.ollama_api import Ending
from workbench.server.settings import ServedModel

PATIENCE_SECONDS = 600
BASE = ServedModel(name="base", adapter=None, system="", size_bytes=0, digest="", modified_at="")
TAUGHT = ServedModel(name="poet", adapter=Path("models/poet"), system="", size_bytes=0, digest="", modified_at="")
ASKED = {"request": "four lines about a ferry", "seed": 3, "pieces": True}


class Round:
    """A model that says the same line for as long as somebody listens."""

    def __init__(self) -> None:
        self.was_left = False

    @contextmanager
    def admission(self) -> Iterator[None]:
        yield

    async def ask(self, question: Question) -> AsyncGenerator[str | Ending, None]:
        try:
            for _ in range(1000):
                yield "the rope is wet\n"
            yield Ending(reason="length")
        except GeneratorExit:
            self.was_left = True
            raise


def test_a_draft_that_goes_in_circles_is_left_and_the_model_is_free() -> None:
    model = Round()
    told = RevisionSettings(max_revisions=0, retries=0, final_note=False)
    body = ReviseRequest(request="a rope", pieces=True)

    async def all_lines() -> list[Any]:
        return [line async for line in session_lines(model, body, told)]  # type: ignore[arg-type]  # as much as is asked

    found = asyncio.run(all_lines())
    drafts = [line for line in found if line["event"] == "piece" and line["kind"] == "draft"]
    assert len(drafts) < 20
    assert model.was_left
    assert found[-1]["data"]["stop"] == "not_a_poem"


def settings(**fields: Any) -> RevisionSettings:
    defaults = RevisionSettings(max_revisions=5, seed=9, educator_guidance="auto", poet_guidance="auto")
    return ReviseRequest(request="a poem", **fields).settings(defaults, educator=BASE, poet=TAUGHT)


def test_what_is_left_out_is_as_the_server_says() -> None:
    made = settings(max_revisions=0, form="haiku")
    assert (made.max_revisions, made.seed, made.form) == (0, 9, "haiku")
    assert (made.educator, made.poet) == ("base", "poet")


def test_a_voice_that_was_never_taught_is_guided_closely() -> None:
    made = settings()
    assert (made.educator_guidance, made.poet_guidance) == ("close", "shape")


def test_an_unknown_form_names_the_nearest() -> None:
    with pytest.raises(InputError, match="did you mean 'haiku'"):
        settings(form="haikku")


@pytest.fixture(scope="module")
def lines(served: Any) -> list[dict[str, Any]]:
    """One session."""
    with httpx.stream("POST", f"{served.url}/api/revise", json=ASKED, timeout=PATIENCE_SECONDS) as reply:
        assert reply.headers["content-type"] == "application/x-ndjson"
        return [json.loads(line) for line in reply.iter_lines()]


@pytest.mark.model
def test_a_session_ends_with_its_whole_trace(lines: list[dict[str, Any]]) -> None:
    assert [line["event"] for line in lines].count("done") == 1
    assert lines[-1]["event"] == "done"
    trace = lines[-1]["data"]
    assert trace["request"] == ASKED["request"]
    assert trace["stop"]
    assert trace["elapsed_seconds"] > 0


@pytest.mark.model
def test_what_the_events_tell_stands_in_the_trace(lines: list[dict[str, Any]]) -> None:
    told = {kind: [line["data"] for line in lines if line["event"] == kind] for kind in ("brief", "draft", "critique")}
    trace = lines[-1]["data"]
    assert told["brief"] == [trace["brief"]]
    assert told["draft"] == [one["draft"] for one in trace["rounds"]]
    assert told["critique"] == [one["critique"] for one in trace["rounds"] if one["critique"]]
    assert told["draft"]


@pytest.mark.model
def test_the_pieces_of_a_draft_come_before_it_and_hold_its_words(lines: list[dict[str, Any]]) -> None:
    at = next(place for place, line in enumerate(lines) if line["event"] == "draft")
    written = "".join(line["text"] for line in lines[:at] if line["event"] == "piece" and line["kind"] == "draft")
    assert set(lines[at]["data"]["text"].split()) <= set(written.split())


@pytest.mark.model
def test_who_leaves_a_session_frees_the_model(served: Any) -> None:
    with httpx.stream("POST", f"{served.url}/api/revise", json=ASKED, timeout=PATIENCE_SECONDS) as reply:
        next(reply.iter_lines())
    served.wait_until_idle()


@pytest.mark.model
@pytest.mark.parametrize(
    ("fields", "status", "message"),
    [
        ({"educator": "../base"}, 404, "not found; this server has"),
        ({"max_revisions": 21}, 400, "max_revisions"),
        ({"request": ""}, 400, "request"),
        ({"form": "sonnnet"}, 400, "did you mean 'sonnet'"),
    ],
)
def test_a_mistake_is_one_line(served: Any, fields: dict[str, Any], status: int, message: str) -> None:
    reply = httpx.post(f"{served.url}/api/revise", json={**ASKED, **fields}, timeout=PATIENCE_SECONDS)
    assert reply.status_code == status
    assert message in reply.json()["error"]
