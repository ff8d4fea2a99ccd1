"""Who answers the loop: one session streamed piece by piece, or many sessions whose questions go out in one batch.

Both give the same trace for the same settings, engines and seeds, so what is seen in a terminal is what is measured.
"""

import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from typing import cast

from workbench.engines.protocols import Cancelled, Sampler, never
from workbench.errors import EngineError
from workbench.revision.circles import circles_from
from workbench.revision.line_orders import LinePoet, answer_form, answer_order, line_writer
from workbench.revision.session import revise
from workbench.revision.settings import RevisionSettings
from workbench.revision.types import Ask, Direction, Event, Reply, Trace
from workbench.types import Completion, Failed, Reason
from workbench.writing.types import Line

OnPiece = Callable[[Ask, str], None]
OnEvent = Callable[[Event], Direction | None]
Session = Generator[Ask | Event, Reply | Direction | None, Trace]
_POEMS = ("draft", "revise", "control")  # what is left when it goes in circles


def run_session(
    request: str,
    settings: RevisionSettings,
    *,
    educator: Sampler,
    poet: Sampler,
    start: Trace | None = None,
    on_piece: OnPiece | None = None,
    on_event: OnEvent | None = None,
    cancelled: Cancelled = never,
) -> Trace:
    """One session to its end; whatever an engine does, the trace up to there comes back with the reason.

    Args:
        request: the user's words.
        settings: of the session.
        educator: answers brief, critique and final note.
        poet: answers drafts.
        start: a session to continue.
        on_piece: given the pieces of every answer as they come; without it answers come whole.
        on_event: told of everything that is now so; what it returns is a person's word to the loop.
        cancelled: asked between pieces; the session then ends as CANCELLED, with all that was done.
    """
    began = time.monotonic()
    samplers = {"educator": educator, "poet": poet}
    session = revise(request, settings, start=start)
    answer: Reply | Direction | None = None
    while True:
        try:
            said = session.send(answer)
        except StopIteration as end:
            return _timed(end.value, began)
        if isinstance(said, Event):
            trace = _timed(said.trace, began)
            timed = replace(said, trace=trace, data=trace if isinstance(said.data, Trace) else said.data)
            answer = on_event(timed) if on_event else None
        elif _is_searched(said, poet):
            answer = _searched(said, poet, cancelled, on_piece)
        else:
            answer = answer_ask(said, samplers[said.role], cancelled, on_piece)


@dataclass(slots=True)
class _Running:
    """One of many sessions: what it waits for."""

    session: Session
    ask: Ask | None = None
    trace: Trace | None = None  # when it is done


def run_sessions(
    many: Sequence[tuple[str, RevisionSettings]],
    *,
    educator: Sampler,
    poet: Sampler,
    starts: Sequence[Trace | None] = (),
    on_event: Callable[[int, Event], None] | None = None,
    cancelled: Cancelled = never,
) -> list[Trace]:
    """Many sessions at once, in order: all that wait for the same model are asked in one batch.

    Args:
        many: a request and its settings each.
        educator: answers briefs, critiques and final notes.
        poet: answers drafts.
        starts: sessions to continue, one for each of `many`; none = all are new.
        on_event: told of the events of each session, with its place.
        cancelled: asked by the engines; sessions under way end as CANCELLED.
    """
    began = time.monotonic()
    first = starts or [None] * len(many)
    running = [_Running(revise(request, settings, start=start))
               for (request, settings), start in zip(many, first, strict=True)]  # fmt: skip
    listen = on_event or (lambda place, event: None)
    for place, one in enumerate(running):
        _advance(one, None, partial(listen, place))
    samplers = {"educator": educator, "poet": poet}
    while waiting := [one for one in running if one.ask]:
        roles = [_role(one) for one in waiting]
        role = max(samplers, key=roles.count)  # the one that most wait for goes first, so that stragglers gather
        asked = [place for place, one in enumerate(running) if _role(one) == role]
        replies = _batch([running[place].ask for place in asked], samplers[role], poet, cancelled)
        for place, reply in zip(asked, replies, strict=True):
            _advance(running[place], reply, partial(listen, place))
    return [_timed(one.trace, began) for one in running if one.trace]


def answer_ask(ask: Ask, sampler: Sampler, cancelled: Cancelled = never, on_piece: OnPiece | None = None) -> Reply:
    """One answer, piece by piece where somebody wants the pieces; an engine that fails is a reply too."""
    if cancelled():
        return Reply(failure=Failed(reason=Reason.CANCELLED))
    try:
        if on_piece is None:
            return _reply(sampler.sample([ask.request], cancelled=cancelled)[0])
        return _streamed(ask, sampler, on_piece, cancelled)
    except EngineError as error:
        return _broken(error)


def goes_in_circles(ask: Ask, text: str, piece: str) -> bool:
    """Whether a poem under way repeats itself to no end, as its last piece shows; its stream is then left."""
    return ask.kind in _POEMS and circles_from(text, since=len(text) - len(piece)) >= 0


# ---------------------------------------------------------------- private


def _role(one: _Running) -> str:
    return one.ask.role if one.ask else ""


def _advance(one: _Running, reply: Reply | None, listen: Callable[[Event], None]) -> None:
    """Up to the next question, or to the end."""
    answer: Reply | None = reply
    one.ask = None
    try:
        while isinstance(said := one.session.send(answer), Event):
            listen(said)
            answer = None
        one.ask = said
    except StopIteration as end:
        one.trace = end.value


def _batch(
    asks: Sequence[Ask | None], sampler: Sampler, poet: Sampler, cancelled: Cancelled
) -> list[Reply]:  # fmt: skip
    """Whole answers in one batch; what is searched for one after another."""
    whole = [ask for ask in asks if ask and not _is_searched(ask, poet)]
    try:
        results = sampler.sample([ask.request for ask in whole], cancelled=cancelled) if whole else []
        answers = iter([_reply(result) for result in results])
    except EngineError as error:
        answers = iter([_broken(error)] * len(whole))
    return [_searched(ask, poet, cancelled) if _is_searched(ask, poet) else next(answers) for ask in asks if ask]


def _is_searched(ask: Ask, poet: Sampler) -> bool:
    """Whether the answer is found by the search: some lines of a draft, or a draft in a form."""
    return ask.order is not None or bool(ask.form and isinstance(poet, LinePoet) and poet.can_enforce(ask.form))


def _searched(ask: Ask, poet: Sampler, cancelled: Cancelled, on_piece: OnPiece | None = None) -> Reply:
    """What the search found; the lines of a whole poem are told as they come, and where the search goes back."""
    if ask.order is not None or not isinstance(poet, LinePoet):
        return answer_order(ask, line_writer(poet), cancelled)
    last = -1

    def told(number: int, line: Line) -> None:
        nonlocal last
        if on_piece:
            again = "" if number > last else f"(line {number + 1} again)\n"
            on_piece(ask, f"{again}{line.text}{line.stop}\n")
        last = number

    return answer_form(ask, poet, cancelled, told)


def _streamed(ask: Ask, sampler: Sampler, on_piece: OnPiece, cancelled: Cancelled) -> Reply:
    """The answer of one stream, which is left where the poem goes in circles; what broke off is kept as far as it came.

    Raises:
        EngineError: the engine failed, and would fail again.
    """
    text = ""
    try:
        with closing(cast("Generator[str]", sampler.stream(ask.request, cancelled=cancelled))) as pieces:
            for piece in pieces:
                text += piece
                on_piece(ask, piece)
                if goes_in_circles(ask, text, piece):
                    return Reply(text=text, ended=False)
    except EngineError:
        if isinstance(sampler.last, Failed) and sampler.last.reason is Reason.CUT:
            return Reply(text=text, failure=sampler.last)
        raise
    if cancelled():
        return Reply(text=text, failure=Failed(reason=Reason.CANCELLED))
    return Reply(text=text, ended=_has_ended(sampler))


def _has_ended(sampler: Sampler) -> bool:
    """Whether the stream came to an end of its own, as the engine or the endpoint says; one that is silent is whole."""
    return not isinstance(sampler.last, Completion) or sampler.last.ended


def _reply(result: Completion | Failed) -> Reply:
    if isinstance(result, Failed):
        return Reply(failure=result)
    return Reply(text=result.text, ended=result.ended)


def _broken(error: EngineError) -> Reply:
    return Reply(failure=Failed(reason=Reason.ENGINE, detail=str(error)))


def _timed(trace: Trace, began: float) -> Trace:
    return replace(trace, elapsed_seconds=trace.elapsed_seconds + time.monotonic() - began)
