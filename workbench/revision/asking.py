"""A question asked until its answer is usable.

An unusable answer is a `Rejected` record, and the next attempt has another seed; after `retries` more the session
ends for the reason of the last one.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from typing import TypeVar

from workbench.prompts.thinking import answer_after_thinking
from workbench.revision.circles import circles_from
from workbench.revision.settings import RevisionSettings
from workbench.revision.types import Ask, AskKind, Direction, Event, Rejected, Reply, Role, StopReason
from workbench.types import Failed, Prompt, Reason, SampleRequest, content_id, seed_for
from workbench.writing.types import LineOrder

Result = TypeVar("Result")
Exchange = Generator[Ask | Event, Reply | Direction | None, Result]

ENDS = {
    Reason.CANCELLED: StopReason.CANCELLED,
    Reason.ENGINE: StopReason.ENGINE,
    Reason.PROMPT_TOO_LONG: StopReason.ENGINE,
}


class Ended(Exception):  # noqa: N818 - it is an outcome, not a fault
    """The session ends here, for this reason."""

    def __init__(self, reason: StopReason, detail: str) -> None:
        super().__init__(detail)
        self.reason, self.detail = reason, detail


@dataclass(frozen=True, slots=True)
class Useless:
    """An answer that cannot be used: why, and what the session ends for if none can."""

    why: str
    stop: StopReason = StopReason.NOT_A_POEM


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked, the seed apart."""

    role: Role
    kind: AskKind
    prompt: Prompt
    round: int
    grammar: str
    order: LineOrder | None = None
    bare: Prompt = ()
    form: str = ""
    subject: str = ""


class Asker:
    """Asks the questions of one session.

    Args:
        settings: sampling, tries.
        request: the user's words; seeds hang on them.
        on_rejected: told of every unusable answer.
    """

    def __init__(
        self, settings: RevisionSettings, request: str, *, on_rejected: Callable[[Rejected], Exchange[None]]
    ) -> None:
        self._settings, self._request, self._on_rejected = settings, request, on_rejected

    def until(
        self, question: Question, read: Callable[[Reply, bool], Result | Useless]
    ) -> Exchange[tuple[Result, int]]:
        """Asks until an answer is usable; gives it with its seed.

        Raises:
            Ended: the engine failed, or no try was usable.
        """
        useless = Useless("nothing was asked")
        for attempt in range(self._settings.retries + 1):
            ask = self._ask(question, attempt)
            reply = yield ask
            if not isinstance(reply, Reply):
                raise TypeError("an Ask is answered with a Reply")
            reply = _as_read(reply, question.kind, engine=getattr(self._settings, question.role))
            found = _failed(reply) or read(reply, attempt == self._settings.retries)
            if not isinstance(found, Useless):
                return found, ask.request.seed
            useless = found
            yield from self._on_rejected(_rejected(ask, reply, useless.why))
        raise Ended(useless.stop, useless.why)

    def _ask(self, question: Question, attempt: int) -> Ask:
        kind, settings = question.kind, self._settings
        seed = seed_for(settings.seed, self._request, kind, str(question.round), str(attempt))
        sampling = getattr(settings.sampling, "revise" if kind == "control" else kind)
        grammar = question.grammar if settings.guidance(question.role) != "none" else ""
        request = SampleRequest(prompt=question.prompt, seed=seed, sampling=sampling, grammar=grammar)
        order = replace(question.order, seed=seed) if question.order else None
        return Ask(
            role=question.role, kind=kind, request=request, round=question.round, attempt=attempt, order=order,
            bare=question.bare, form=question.form, subject=question.subject,
        )  # fmt: skip


def _as_read(reply: Reply, kind: AskKind, *, engine: str) -> Reply:
    """The answer without its thoughts, and a poem no further than to where it goes in circles."""
    answer = answer_after_thinking(reply.text) if reply.failure is None else ""
    if isinstance(answer, Failed):
        setting = f"revision.sampling.{'revise' if kind == 'control' else kind}.max_new_tokens"
        return replace(reply, failure=replace(answer, detail=f"{engine}; allow more tokens ({setting})"))
    if reply.new_lines or reply.old_lines or reply.title:
        return reply
    end = circles_from(reply.text) if kind in ("draft", "revise", "control") else -1
    if end >= 0:
        return replace(reply, text=reply.text[:end], ended=False)
    return replace(reply, text=answer) if answer and answer != reply.text.strip() else reply


def _failed(reply: Reply) -> Useless | None:
    """None = there is an answer to read."""
    if reply.failure is None:
        return None
    sentence = ": ".join(part for part in (reply.failure.reason.sentence, reply.failure.detail) if part)
    if reply.failure.reason in ENDS:
        raise Ended(ENDS[reply.failure.reason], sentence)
    return Useless(sentence, StopReason.ENGINE)


def _rejected(ask: Ask, reply: Reply, why: str) -> Rejected:
    id_ = content_id("rejected", ask.kind, str(ask.round), str(ask.attempt), str(ask.request.seed), reply.text)
    return Rejected(
        id=id_, kind=ask.kind, round=ask.round, attempt=ask.attempt, seed=ask.request.seed, why=why, text=reply.text
    )
