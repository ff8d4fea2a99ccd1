"""ModelClient with a real process behind it, but no model: everything that goes wrong before one is loaded."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager

import pytest

from workbench.engines.sources import ModelSettings
from workbench.errors import EngineError
from workbench.server.model_client import BusyError, ModelClient, Question
from workbench.server.ollama_api import Ending
from workbench.server.settings import LimitSettings, ServedModel, ServeSettings
from workbench.types import Message, SampleRequest

MODEL = ServedModel(name="base", adapter=None, system="", size_bytes=0, digest="", modified_at="")
DEFAULTS = LimitSettings()
QUESTION = Question(model="base", request=SampleRequest(prompt=(Message(role="user", content="Hello"),), seed=0))


@asynccontextmanager
async def linked(source: str, limits: LimitSettings) -> AsyncIterator[ModelClient]:
    client = ModelClient(ServeSettings(model=ModelSettings(source=source), limits=limits), {"base": MODEL})
    yield client
    await client.close()


def with_link(
    use: Callable[[ModelClient], Awaitable[object]],
    *,
    source: str = "/no/such/model",
    limits: LimitSettings = DEFAULTS,
) -> object:
    async def run() -> object:
        async with linked(source, limits) as client:
            return await use(client)

    return asyncio.run(run())


async def ask(client: ModelClient) -> list[str | Ending]:
    async with aclosing(client.ask(QUESTION)) as replies:
        return [reply async for reply in replies]


def test_a_model_that_cannot_be_found_is_one_line_each_time_and_the_process_stays() -> None:
    async def twice(client: ModelClient) -> int:
        for _ in range(2):
            with pytest.raises(EngineError, match="/no/such/model: no such model"):
                await ask(client)
        return client.n_starts

    assert with_link(twice) == 1


def test_nothing_runs_before_the_first_question_and_after_the_close() -> None:
    async def states(client: ModelClient) -> list[bool]:
        before = client.is_running
        with pytest.raises(EngineError):
            await ask(client)
        during = client.is_running
        await client.close()
        return [before, during, client.is_running]

    assert with_link(states) == [False, True, False]


def test_a_silent_model_is_ended_and_started_again() -> None:
    async def twice(client: ModelClient) -> int:
        for _ in range(2):
            with pytest.raises(EngineError, match=r"said nothing for 0.01 s.*started again"):
                await ask(client)
        return client.n_starts

    assert with_link(twice, limits=LimitSettings(silence_seconds=0.01)) == 2


def test_the_line_is_bounded_and_a_place_is_given_back() -> None:
    async def fill(client: ModelClient) -> int:
        full = pytest.raises(BusyError, match="2 requests wait")
        with client.admission(), client.admission(), full, client.admission():
            raise AssertionError("a third place was given")
        return client.n_admitted

    assert with_link(fill, limits=LimitSettings(waiting=1)) == 0


def test_who_leaves_while_waiting_leaves_the_line() -> None:
    async def leave(client: ModelClient) -> str:
        first, second = asyncio.create_task(ask(client)), asyncio.create_task(ask(client))
        await asyncio.sleep(0)
        second.cancel()
        results = await asyncio.gather(first, second, ask(client), return_exceptions=True)
        return " ".join(type(result).__name__ for result in results)

    assert with_link(leave) == "EngineError CancelledError EngineError"


def test_the_token_does_not_reach_the_models_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_TOKEN", "0123456789abcdef")

    async def environment(client: ModelClient) -> str:
        with pytest.raises(EngineError):
            await ask(client)
        return str(client.environment())

    assert "0123456789abcdef" not in str(with_link(environment))
