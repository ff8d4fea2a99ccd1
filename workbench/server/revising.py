"""POST /api/revise: a whole revision session as a stream of events, one JSON object a line.

    {"event": "brief" | "rejected" | "draft" | "changes" | "critique" | "verdict" | "final_note" | "done",
     "round": 0, "data": {…}}                     data as in `revision/types.py`; that of done is the whole session
    {"event": "piece", "role", "kind", "round", "text"}     between them, where `pieces` is asked for

The loop is the one that terminal and RevFlux use; here its questions wait in the same line as everybody's, one at a
time, so chats go on beside a session. A model that fails ends the session like any other reason: the last line holds
all that was done before.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import aclosing
from dataclasses import asdict, replace
from typing import Annotated, Any

from pydantic import BaseModel, Field

from workbench.errors import EngineError, InputError
from workbench.prosody.forms import forms_named
from workbench.revision.session import revise
from workbench.revision.settings import RevisionSettings
from workbench.revision.types import Ask, Direction, Event, Reply, Trace
from workbench.server.answers import Lines
from workbench.server.model_client import ModelLink, Question
from workbench.server.ollama_api import Ending
from workbench.server.settings import Voice
from workbench.types import Failed, Reason

Session = Generator[Ask | Event, Reply | Direction | None, Trace]


class ReviseRequest(BaseModel):
    """The body of POST /api/revise; what is null is as the server's settings say."""

    request: Annotated[str, Field(min_length=1, max_length=4000)]
    educator: Annotated[str, Field(max_length=80)] | None = None  # a model's name; null = educator, else the first
    poet: Annotated[str, Field(max_length=80)] | None = None
    max_revisions: Annotated[int, Field(ge=0, le=20)] | None = None
    min_revisions: Annotated[int, Field(ge=0, le=20)] | None = None
    seed: Annotated[int, Field(ge=0, lt=2**31)] | None = None
    form: Annotated[str, Field(max_length=80)] | None = None  # hold the poem against this form
    direction: Annotated[str, Field(max_length=2000)] | None = None  # a wish for every round
    control: bool | None = None  # a second draft without the critique beside every revision
    final_note: bool | None = None
    pieces: bool = False  # also send the text while it is written
    stream: bool | None = None  # null = true; false = the last event alone

    def settings(self, defaults: RevisionSettings, *, educator: Voice, poet: Voice) -> RevisionSettings:
        """The session's settings; under `auto` a voice that was never taught the format is guided closely.

        Raises:
            InputError: there is no such form.
        """
        if self.form:
            forms_named(self.form)
        names = ("max_revisions", "min_revisions", "seed", "form", "direction", "control", "final_note")
        wished: dict[str, Any] = {name: value for name in names if (value := getattr(self, name)) is not None}
        for role, voice in (("educator", educator), ("poet", poet)):
            if getattr(defaults, f"{role}_guidance") == "auto":
                wished[f"{role}_guidance"] = "shape" if voice.adapter else "close"
        return replace(defaults, educator=educator.name, poet=poet.name, **wished)


async def session_lines(link: ModelLink, body: ReviseRequest, settings: RevisionSettings) -> Lines:
    """The lines of one session; it holds one place in the line of requests from beginning to end."""
    began, answer = time.monotonic(), None
    session = revise(body.request, settings)
    voices = {"educator": settings.educator, "poet": settings.poet}
    with link.admission():
        while True:
            # what stands between two questions (form checks, alignment) may take a while: not in the server's loop
            said = await asyncio.to_thread(_next, session, answer)
            if isinstance(said, Trace):
                return
            answer = None
            if isinstance(said, Event):
                if body.stream is not False or said.kind == "done":
                    yield _event(said, time.monotonic() - began)
                continue
            async with aclosing(_replies(link, said, voices[said.role])) as replies:
                async for reply in replies:
                    if isinstance(reply, Reply):
                        answer = reply
                    elif body.pieces and body.stream is not False:
                        yield reply


async def _replies(link: ModelLink, ask: Ask, voice: str) -> AsyncGenerator[Mapping[str, Any] | Reply, None]:
    """The pieces of one answer as lines, then the whole of it; a failure is an answer too."""
    place = {"event": "piece", "role": ask.role, "kind": ask.kind, "round": ask.round}
    text = ""
    try:
        async with aclosing(link.ask(Question(voice=voice, request=ask.request))) as replies:
            async for reply in replies:
                if isinstance(reply, Ending):
                    yield Reply(text=text, ended=reply.reason != "length")
                else:
                    text += reply
                    yield {**place, "text": reply}
    except InputError as exc:
        yield Reply(failure=Failed(reason=Reason.PROMPT_TOO_LONG, detail=str(exc)))
    except EngineError as exc:
        yield Reply(failure=Failed(reason=Reason.ENGINE, detail=str(exc)))


def _next(session: Session, answer: Reply | None) -> Ask | Event | Trace:
    """What the session says next; its trace when it is over."""
    try:
        return session.send(answer)
    except StopIteration as end:
        trace: Trace = end.value
        return trace


def _event(event: Event, elapsed_seconds: float) -> dict[str, Any]:
    data = replace(event.data, elapsed_seconds=elapsed_seconds) if isinstance(event.data, Trace) else event.data
    return {"event": event.kind, "round": event.round, "data": asdict(data)}
