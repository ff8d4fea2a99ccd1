"""What flows through revision, in the order in which it flows; the map of `revision/`, `server` and `revflux/`.

A request becomes a brief, the brief a draft, the draft a critique with a verdict, and so round by round to the trace
of a whole session. Every piece names its parents by id, so a line of the last draft can be followed back to the
sentence of the critique that asked for it. Identity is content, as in `workbench.types`.

At the end are the messages between the loop and its caller: the generator `session.revise` asks (`Ask`) and reports
(`Event`). A caller answers every `Ask` with a `Reply`, and every `Event` with None or with a person's `Direction`.

This module knows no disk, network, clock, process or model library.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from workbench.types import Failed, Prompt, SampleRequest
from workbench.writing.types import LineOrder

VerdictKind = Literal["approve", "revise", "start over", "none"]  # none = the educator's verdicts do not count
Decision = Literal["accepted", "rejected", "edited", "undecided"]
Role = Literal["educator", "poet"]
AskKind = Literal["brief", "draft", "critique", "revise", "control", "final_note"]
EventKind = Literal["brief", "rejected", "draft", "changes", "critique", "verdict", "final_note", "done"]


class StopReason(StrEnum):
    """Why a session ended; `sentence` says it to a person."""

    APPROVED = "approved"
    LIMIT = "limit"
    NO_CHANGE = "no_change"
    CYCLE = "cycle"
    NOT_A_POEM = "not_a_poem"
    NOTHING_ASKED = "nothing_asked"
    ENGINE = "engine"
    CANCELLED = "cancelled"

    @property
    def sentence(self) -> str:
        """One sentence for people."""
        return _SENTENCES[self]


_SENTENCES = {
    StopReason.APPROVED: "the educator approved the poem",
    StopReason.LIMIT: "the number of revisions asked for was reached",
    StopReason.NO_CHANGE: "the poet gave back the same poem",
    StopReason.CYCLE: "the poet went back to an earlier draft",
    StopReason.NOT_A_POEM: "the poet's answers were not poems",
    StopReason.NOTHING_ASKED: "the critique asks for no change; say what you want to be different",
    StopReason.ENGINE: "a model failed; what was done before is kept",
    StopReason.CANCELLED: "it was stopped on request",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """What the poet is asked for."""

    id: str
    request: str  # the user's words
    text: str  # as the educator wrote it
    angle: str = ""
    avoid: tuple[str, ...] = ()  # clichés of the topic
    images_from: str = ""
    form: str = ""
    sound: str = ""
    turn: str = ""
    form_name: str = ""  # the form of the registry that the request names; "" = none that can be checked
    missing: tuple[str, ...] = ()  # fields that the educator left out


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One version of the poem. Lines are counted from 1 over all non-empty lines, as critiques cite them."""

    id: str
    number: int  # 0 = the first
    title: str
    text: str  # lines separated by \n, stanzas by an empty line
    parent_id: str  # the draft it was made from; "" for the first, and after starting over
    critique_id: str  # the critique it answers; "" = none
    author: str  # poet, person, or control (a second draft without the critique)
    engine: str  # name of the model that wrote it
    prompt_digest: str
    seed: int
    remarks: tuple[str, ...] = ()  # what of the answer was left out, or kept in doubt, a sentence each

    @property
    def lines(self) -> tuple[str, ...]:
        """The non-empty lines; number n of a critique is `lines[n - 1]`."""
        return tuple(line for line in self.text.split("\n") if line.strip())


@dataclass(frozen=True, slots=True, kw_only=True)
class CritiqueItem:
    """One thing that a critique found."""

    id: str
    first_line: int  # from 1; always a line that exists
    last_line: int  # the same as first_line for a single line
    failure: str  # kind of failure, in the words of FAILURES; "strongest" for the strongest moment
    note: str
    direction: str  # "" for the strongest moment
    refused: bool = False  # by a person: the poet is not told of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Critique:
    """What the educator said about one draft."""

    id: str
    draft_id: str
    text: str  # as it came
    strongest: CritiqueItem | None
    items: tuple[CritiqueItem, ...]
    verdict: VerdictKind
    reason: str
    said: VerdictKind  # the educator's own verdict, before the form check had its say
    form_passed: bool | None  # None = no form was asked for that can be checked
    engine: str
    prompt_digest: str
    seed: int
    dropped: tuple[str, ...] = ()  # what of the text could not be used, such as a line that does not exist

    @property
    def standing(self) -> tuple[CritiqueItem, ...]:
        """The items that nobody refused: what the next draft has to do something about."""
        return tuple(item for item in self.items if not item.refused)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineChange:
    """What became of one line between two drafts, by alignment and never by position."""

    id: str
    kind: Literal["kept", "edited", "moved", "cut", "new"]
    before_line: int  # from 1; 0 for a new line
    after_line: int  # from 1; 0 for a cut line
    before: str
    after: str
    change: float  # 0 = same characters, 1 = nothing in common
    decision: Decision = "undecided"  # a person's


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What the next draft did about one item of a critique."""

    item_id: str
    outcome: Literal["done", "partly", "ignored", "elsewhere"]
    change_ids: tuple[str, ...]  # the evidence
    evidence: str  # one sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """An answer that could not be used; it was asked for again with another seed."""

    id: str
    kind: str  # what was asked: brief, draft, revise, critique, control
    round: int
    attempt: int  # 0 = first try
    seed: int
    why: str  # one sentence
    text: str  # as it came


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One draft with what was said of it, and how it came from the draft before."""

    number: int  # 0 = first draft
    draft: Draft
    changes: tuple[LineChange, ...] = ()  # from the draft before; empty in round 0
    responses: tuple[Response, ...] = ()  # to the items of the critique before
    critique: Critique | None = None
    control: Draft | None = None  # the re-roll: the same draft asked for again without the critique
    direction: str = ""  # the person's own, with which the draft was made


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """A whole session."""

    id: str
    request: str
    seed: int
    educator: str  # names of the models
    poet: str
    brief: Brief | None
    rounds: tuple[Round, ...]
    best: int  # number of the best draft so far; -1 = none
    final_note: str
    stop: StopReason | None  # None = still open
    stop_detail: str = ""
    rejected: tuple[Rejected, ...] = ()  # answers that could not be used, in order
    elapsed_seconds: float = 0.0


FAILURES = (
    "abstraction", "archaic diction", "broken meter", "cliche", "dead metaphor", "explained ending", "false closure",
    "forced rhyme", "greeting-card sentiment", "mixed metaphor", "mixed tone", "moralizing", "padding",
    "sing-song meter", "thesaurus diction", "broken form", "weak line break", "unclear image", "slack verb", "other",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A question to one of the two models."""

    role: Role
    kind: AskKind
    request: SampleRequest
    round: int  # number of the draft it is about
    attempt: int = 0  # 0 = first try
    order: LineOrder | None = None  # only these lines are wanted anew; None = a whole answer
    form: str = ""  # of a first draft that is written with this form enforced; "" = as the model likes
    subject: str = ""  # of such a draft
    bare: Prompt = ()  # of an order: the prompt without what was said of the lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the model answered, or why it did not."""

    text: str = ""
    ended: bool = True  # false where the token limit cut it
    failure: Failed | None = None
    new_lines: tuple[int, ...] = ()  # of an order: numbers of the lines that are new
    title: str = ""  # of a poem that was written with its form enforced; `text` is the poem alone
    old_lines: tuple[int, ...] = ()  # … and of those for which nothing was found that keeps what is owed


@dataclass(frozen=True, slots=True, kw_only=True)
class Direction:
    """What a person says after an event.

    `text` is a wish for the next draft. `lines` are the changes of a "changes" event with their decisions (`replace`
    on `decision`, and on `after` for an edited line); they count after that event only.
    """

    text: str = ""
    lines: tuple[LineChange, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """An event of the loop: something has been done.

    The data is a Brief (brief), Rejected (rejected), Draft (draft: the first, a new start, or a person's), Round
    (changes: a revision with its changes and what it did about the critique), Critique (critique; verdict: after the
    form check), Trace (final_note, done). `trace` is the session up to now: save it and nothing is lost.
    """

    kind: EventKind
    round: int
    data: Brief | Rejected | Draft | Round | Critique | Trace
    trace: Trace
