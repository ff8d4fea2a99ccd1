"""ModelLink with a real process behind it, but no model: everything that goes wrong before one is loaded."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager

import pytest

from workbench.engines.sources import ModelSettings
from workbench.errors import EngineError
from workbench.server.model_client import BusyError, ModelLink, Question
from workbench.server.ollama_api import Ending
from workbench.server.settings import LimitSettings, ServeSettings, Voice
from workbench.types import Message, SampleRequest

VOICE = Voice(name="base", adapter=None, system="", size_bytes=0, digest="", modified_at="")
DEFAULTS = LimitSettings()
QUESTION = Question(voice="base", request=SampleRequest(prompt=(Message(role="user", content="Hello"),), seed=0))


@asynccontextmanager
async def linked(source: str, limits: LimitSettings) -> AsyncIterator[ModelLink]:
    link = ModelLink(ServeSettings(model=ModelSettings(source=source), limits=limits), {"base": VOICE})
    yield link
    await link.close()


def with_link(
    use: Callable[[ModelLink], Awaitable[object]],
    *,
    source: str = "/no/such/model",
    limits: LimitSettings = DEFAULTS,
) -> object:
    async def run() -> object:
        async with linked(source, limits) as link:
            return await use(link)

    return asyncio.run(run())


async def ask(link: ModelLink) -> list[str | Ending]:
    async with aclosing(link.ask(QUESTION)) as replies:
        return [reply async for reply in replies]


def test_a_model_that_cannot_be_found_is_one_line_each_time_and_the_process_stays() -> None:
    async def twice(link: ModelLink) -> int:
        for _ in range(2):
            with pytest.raises(EngineError, match="/no/such/model: no such model"):
                await ask(link)
        return link.n_starts

    assert with_link(twice) == 1


def test_nothing_runs_before_the_first_question_and_after_the_close() -> None:
    async def states(link: ModelLink) -> list[bool]:
        before = link.is_running
        with pytest.raises(EngineError):
            await ask(link)
        during = link.is_running
        await link.close()
        return [before, during, link.is_running]

    assert with_link(states) == [False, True, False]


def test_a_silent_model_is_ended_and_started_again() -> None:
    async def twice(link: ModelLink) -> int:
        for _ in range(2):
            with pytest.raises(EngineError, match=r"said nothing for 0.01 s.*started again"):
                await ask(link)
        return link.n_starts

    assert with_link(twice, limits=LimitSettings(silence_seconds=0.01)) == 2


def test_the_line_is_bounded_and_a_place_is_given_back() -> None:
    async def fill(link: ModelLink) -> int:
        full = pytest.raises(BusyError, match="2 requests wait")
        with link.admission(), link.admission(), full, link.admission():
            raise AssertionError("a third place was given")
        return link.n_admitted

    assert with_link(fill, limits=LimitSettings(waiting=1)) == 0


def test_who_leaves_while_waiting_leaves_the_line() -> None:
    async def leave(link: ModelLink) -> str:
        first, second = asyncio.create_task(ask(link)), asyncio.create_task(ask(link))
        await asyncio.sleep(0)
        second.cancel()
        results = await asyncio.gather(first, second, ask(link), return_exceptions=True)
        return " ".join(type(result).__name__ for result in results)

    assert with_link(leave) == "EngineError CancelledError EngineError"


def test_the_token_does_not_reach_the_models_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_TOKEN", "0123456789abcdef")

    async def environment(link: ModelLink) -> str:
        with pytest.raises(EngineError):
            await ask(link)
        return str(link.environment())

    assert "0123456789abcdef" not in str(with_link(environment))
