"""The revision loop itself: one generator that asks, is answered, and tells what is now so.

    request → brief → draft → critique → verdict ┬ approve ─────────────→ final note → done
                        ↑                        ├ revise → next draft ─┐ (changes, ledger, a person's decisions)
                        └────────────────────────┴ start over ──────────┘

Every draft is judged, the last one too. What happens next follows from the trace alone, and every seed from the
session's seed, the piece and the try: so a session that was stopped and continues is the session that never stopped.
It knows no engine, terminal or file: `drivers` answer it.
"""

from collections.abc import Generator
from dataclasses import replace

from workbench.revision.asking import Ended, Exchange
from workbench.revision.brief_text import parse_brief
from workbench.revision.draft_checks import best_round
from workbench.revision.ledger import is_decided, is_of_a_person
from workbench.revision.pieces import Pieces, decided_round
from workbench.revision.settings import RevisionSettings
from workbench.revision.types import (
    Ask,
    Brief,
    Critique,
    Direction,
    Draft,
    Event,
    EventKind,
    Rejected,
    Reply,
    Round,
    StopReason,
    Trace,
)
from workbench.types import content_id

__all__ = ["Ask", "Direction", "Event", "Reply", "new_trace", "revise"]


def revise(
    request: str, settings: RevisionSettings, *, start: Trace | None = None
) -> Generator[Ask | Event, Reply | Direction | None, Trace]:
    """One session; send a `Reply` to every `Ask`, None or a `Direction` to every `Event`; it returns the trace.

    Args:
        request: the user's words; those of `start` go before.
        settings: how far, how strict, which voices.
        start: a session to continue, finished or not, or a new one with an id of your own (`new_trace`).
    """
    session = _Session(settings, start or new_trace(request, settings))
    yield from session.run()
    return session.trace


def new_trace(request: str, settings: RevisionSettings, *, id_: str = "") -> Trace:
    """A session in which nothing has happened yet; without an id of its own it has that of request and settings."""
    return Trace(
        id=id_ or content_id("session", request, repr(settings)), request=request, seed=settings.seed,
        educator=settings.educator, poet=settings.poet, brief=None, rounds=(), best=-1, final_note="", stop=None,
    )  # fmt: skip


class _Session:
    """The state of one session: its trace and a wish that waits for the next draft."""

    def __init__(self, settings: RevisionSettings, start: Trace) -> None:
        self._settings = settings
        self._wish = _new_wish(settings, start)
        self.trace = replace(start, stop=None, stop_detail="")
        self._pieces = Pieces(settings, start.request, on_rejected=self._reject)

    def run(self) -> Exchange[None]:
        """Everything, from wherever the trace is to the end."""
        try:
            yield from self._begin()
            yield from self._judge()
            while (reason := self._reason_to_stop()) is None:
                yield from self._next_draft()
                yield from self._judge()
            self._stop(reason)
        except Ended as end:
            self._stop(end.reason, end.detail)
        try:
            yield from self._last_word()
        except Ended as end:
            self._stop(end.reason, end.detail)
        yield from self._tell("done", self.trace)

    # ------------------------------------------------------------ the steps

    def _begin(self) -> Exchange[None]:
        if self.trace.brief is None and is_of_a_person(self.trace.rounds):
            given = parse_brief("", request=self.trace.request, session_id=self.trace.id)
            self.trace = replace(self.trace, brief=given)  # there is a poem: nobody has to be told what to write
        elif self.trace.brief is None:
            brief = yield from self._pieces.brief(self.trace.id)
            self.trace = replace(self.trace, brief=brief)
            yield from self._tell("brief", brief)
        if not self.trace.rounds:
            draft = yield from self._pieces.draft(self._brief, earlier=())
            self._add(Round(number=0, draft=draft, direction=self._settings.direction))
            yield from self._tell("draft", draft)

    def _judge(self) -> Exchange[None]:
        """The critique of the last draft, and its verdict after the form check."""
        last = self.trace.rounds[-1]
        if last.critique is not None:
            return
        wish = self._wish or self._settings.direction
        critique = yield from self._pieces.critique(last.draft, self._brief, direction=wish)
        self._put(replace(last, critique=critique))
        yield from self._tell("critique", critique)
        yield from self._tell("verdict", critique)

    def _reason_to_stop(self) -> StopReason | None:
        """None = another draft is wanted. A person's wish keeps an approved poem open, within the limit."""
        critique, n_revisions = self.trace.rounds[-1].critique, self._n_revisions
        is_approved = critique is not None and critique.verdict == "approve"
        if is_approved and n_revisions >= self._settings.min_revisions and not self._wish:
            return StopReason.APPROVED
        if self._asks_nothing(critique):
            return StopReason.NOTHING_ASKED
        return StopReason.LIMIT if n_revisions >= self._settings.max_revisions else None

    def _asks_nothing(self, critique: Critique | None) -> bool:
        """Whether neither critique nor person asks for a change.

        A poem of a person's own rests then, and so does one that changes only where it is asked; a verdict that counts
        and says "revise" asks for the whole poem.
        """
        if critique is None or self._wish or self._settings.direction or critique.standing:
            return False
        rests = self._settings.changes == "cited" and critique.verdict in ("approve", "none")
        return rests or self.trace.rounds[-1].draft.author == "person"

    def _next_draft(self) -> Exchange[None]:
        last = self.trace.rounds[-1]
        wish, self._wish = self._wish or self._settings.direction, ""
        self.trace = replace(self.trace, final_note="")
        is_over = last.critique is not None and last.critique.verdict == "start over" and not wish
        if is_over and last.draft.author != "person":  # a person's poem is only ever revised, line by line
            draft = yield from self._pieces.draft(self._brief, earlier=self._drafts, critique=last.critique)
            self._add(Round(number=draft.number, draft=draft))
            yield from self._tell("draft", draft)
            return
        revision = yield from self._pieces.revision(last, self._brief, earlier=self._drafts, direction=wish)
        self._add(revision)
        heard = yield from self._tell("changes", revision)
        if heard and is_decided(heard.lines):
            yield from self._decided(last.draft, heard)

    def _decided(self, before: Draft, heard: Direction) -> Exchange[None]:
        """A person's decisions make a draft of their own; the poet's stays on record, with the decisions."""
        poets = replace(self.trace.rounds[-1], changes=heard.lines)
        self._put(poets)
        decided = decided_round(before, poets)
        if decided is not None:
            self._add(decided)
            yield from self._tell("draft", decided.draft)

    def _last_word(self) -> Exchange[None]:
        """The final note on the best draft, where the session came to an end of its own."""
        was_cut = self.trace.stop in (StopReason.CANCELLED, StopReason.ENGINE)
        if not self._settings.final_note or self.trace.final_note or was_cut or self.trace.best < 0:
            return
        best = next(one.draft for one in self.trace.rounds if one.number == self.trace.best)
        note = yield from self._pieces.final_note(best)
        self.trace = replace(self.trace, final_note=note)
        yield from self._tell("final_note", self.trace)

    # ------------------------------------------------------------ the trace

    @property
    def _brief(self) -> Brief:
        if self.trace.brief is None:
            raise AssertionError("the brief comes before everything that needs it")
        return self.trace.brief

    @property
    def _drafts(self) -> tuple[Draft, ...]:
        return tuple(one.draft for one in self.trace.rounds)

    @property
    def _n_revisions(self) -> int:
        """The poet's drafts after the first one; what a person wrote or decided is not a revision of the poet's."""
        return sum(one.draft.author == "poet" for one in self.trace.rounds[1:])

    def _tell(
        self, kind: EventKind, data: Brief | Draft | Critique | Rejected | Round | Trace
    ) -> Exchange[Direction | None]:
        heard = yield Event(kind=kind, round=max(0, len(self.trace.rounds) - 1), data=data, trace=self.trace)
        if not isinstance(heard, Direction):
            return None
        self._wish = heard.text.strip() or self._wish
        return heard

    def _reject(self, rejected: Rejected) -> Exchange[None]:
        self.trace = replace(self.trace, rejected=(*self.trace.rejected, rejected))
        yield from self._tell("rejected", rejected)

    def _add(self, one: Round) -> None:
        self._set_rounds((*self.trace.rounds, one))

    def _put(self, one: Round) -> None:
        """The last round as it is now."""
        self._set_rounds((*self.trace.rounds[:-1], one))

    def _set_rounds(self, rounds: tuple[Round, ...]) -> None:
        form = self._settings.form_for(self._brief)
        self.trace = replace(self.trace, rounds=rounds, best=best_round(rounds, self.trace.brief, form))

    def _stop(self, reason: StopReason, detail: str = "") -> None:
        self.trace = replace(self.trace, stop=reason, stop_detail=detail)


def _new_wish(settings: RevisionSettings, start: Trace) -> str:
    """A direction that a finished session is opened again with is a wish of its own: it keeps an approved poem open."""
    is_new = bool(start.rounds) and settings.direction != start.rounds[-1].direction
    return settings.direction if start.stop is not None and is_new else ""
