"""POST /api/compose and POST /api/describe: a description in, title and poem out, and the other way round.

Both are answered with a stream of events, one JSON object per line, and end with the whole record, that of
`workbench compose --json` and `workbench describe --json`:

    {"event": "try", "voice": "trained" | "base", "number": 0, "data": {"text", "n_tokens", "problem"}}
    {"event": "candidate", "number": 0, "data": {"text", "n_tokens", "problem"}}
    {"event": "done", "data": {"title", "poem", "tries": […], …} or {"description", "candidates": […], …}}

With `stream` false the last event alone comes. A task holds the model from its first try to its last measure, as one
answer does; it is ended when its client leaves.
"""

from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, Field

from workbench.composing.compose import MOST_DESCRIPTION_CHARS
from workbench.places import located
from workbench.server.answers import Lines
from workbench.server.model_client import ModelClient
from workbench.server.settings import ServedModel, ServeSettings

_MOST_POEM_CHARS = 100_000
Tries = Annotated[int, Field(ge=1, le=16)] | None
Seed = Annotated[int, Field(ge=0, lt=2**31)] | None
Name = Annotated[str, Field(max_length=80)] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What one model is to carry out, as plain data."""

    model: str
    asked: Mapping[str, Any]


class ComposeRequest(BaseModel, extra="forbid"):
    """The body of POST /api/compose; what is null is as the server's settings say."""

    description: Annotated[str, Field(min_length=1, max_length=MOST_DESCRIPTION_CHARS)]
    model: Name = None  # null = the first that a run taught, else the base
    beside_base: bool = False  # the base answers too, with the same seeds
    tries: Tries = None
    seed: Seed = None
    stream: bool | None = None  # null = true; false = the last event alone

    def task(self, model: ServedModel, settings: ServeSettings) -> Task:
        """What the model's process is told."""
        composing = replace(settings.composing, tries=self.tries or settings.composing.tries)
        asked = {"phase": "compose", "description": self.description, "beside_base": self.beside_base}
        return _task(model, settings, asked | {"composing": asdict(composing)}, self.seed)


class DescribeRequest(BaseModel, extra="forbid"):
    """The body of POST /api/describe; what is null is as the server's settings say."""

    poem: Annotated[str, Field(min_length=1, max_length=_MOST_POEM_CHARS)]
    title: Annotated[str, Field(min_length=1, max_length=500)] = "Untitled"
    model: Name = None  # null = the first that a run taught, else the base
    tries: Tries = None
    seed: Seed = None
    stream: bool | None = None  # null = true; false = the last event alone

    def task(self, model: ServedModel, settings: ServeSettings) -> Task:
        """What the model's process is told."""
        wanted = settings.backtranslation
        wanted = replace(wanted, n_candidates=self.tries or wanted.n_candidates)
        asked = {"phase": "describe", "title": self.title, "poem": self.poem}
        return _task(model, settings, asked | {"backtranslation": asdict(wanted)}, self.seed)


def usual_model(models: Mapping[str, ServedModel]) -> ServedModel:
    """Who composes where nobody is named: what a run taught, else the base, else the first there is."""
    taught = next((model for model in models.values() if model.run), None)
    return taught or models.get("base") or next(iter(models.values()))


async def task_lines(client: ModelClient, task: Task, *, is_stream: bool) -> Lines:
    """The events of one task, or its last one."""
    with client.admission():
        async with aclosing(client.carry_out(task.model, task.asked)) as events:
            async for event in events:
                if is_stream or event["event"] == "done":
                    yield event


def _task(model: ServedModel, settings: ServeSettings, asked: dict[str, Any], seed: int | None) -> Task:
    others = str(Path(located(settings.others)).absolute())
    return Task(model=model.name, asked={**asked, "others": others, "seed": settings.seed if seed is None else seed})
