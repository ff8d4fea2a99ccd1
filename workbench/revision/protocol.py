"""What the loop says and what it hears: it asks (`Ask`) and is answered (`Reply`), it tells (`Event`) and may be told.

A caller of the generator `session.revise` answers every `Ask` with a `Reply`, and every `Event` with None or with a
person's `Direction`.
"""

from dataclasses import dataclass
from typing import Literal

from workbench.revision.types import Brief, Critique, Draft, LineChange, Rejected, Round, Trace
from workbench.types import Failed, SampleRequest

Role = Literal["educator", "poet"]
AskKind = Literal["brief", "draft", "critique", "revise", "control", "final_note"]
EventKind = Literal["brief", "rejected", "draft", "changes", "critique", "verdict", "final_note", "done"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A question to one of the two models."""

    role: Role
    kind: AskKind
    request: SampleRequest
    round: int  # number of the draft it is about
    attempt: int = 0  # 0 = first try


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the model answered, or why it did not."""

    text: str = ""
    ended: bool = True  # false where the token limit cut it
    failure: Failed | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Direction:
    """What a person says after an event.

    `text` is a wish for the next draft. `lines` are the changes of a "changes" event with their decisions (`replace`
    on `decision`, and on `after` for an edited line); they are heard after that event only.
    """

    text: str = ""
    lines: tuple[LineChange, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that is now so.

    The data is a Brief (brief), Rejected (rejected), Draft (draft: the first, or one begun again or by a person), Round
    (changes: a revision with its changes and what it did about the critique), Critique (critique; verdict: after the
    form check), Trace (final_note, done). `trace` is the session up to now: save it and nothing is lost.
    """

    kind: EventKind
    round: int
    data: Brief | Rejected | Draft | Round | Critique | Trace
    trace: Trace
