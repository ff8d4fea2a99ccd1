"""The studio: one step of a revision session at a time, with a person's word between the steps.

    a request, or a poem of your own → draft → critique → next draft → your decisions, line by line → critique …

A session here is the session of `revision`, stopped after each piece and taken up again: its trace says what comes
next, so nothing is lost between two steps. A draft that a person makes (lines decided, an earlier draft brought back, a
version of their own) is added after the others; nothing is ever taken out. Knows no page and no process.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, cast, get_args

from workbench.engines.protocols import Cancelled, Sampler, never
from workbench.errors import InputError
from workbench.prosody import form_named_in
from workbench.revision.alignment import align
from workbench.revision.critique_text import critique_prose
from workbench.revision.draft_checks import best_round, plain_form
from workbench.revision.drivers import OnEvent, OnPiece, run_session
from workbench.revision.labels import title_from
from workbench.revision.ledger import answers_a_person, is_decided, refused_round
from workbench.revision.pieces import decided_round
from workbench.revision.settings import RevisionSettings
from workbench.revision.store import SessionStore
from workbench.revision.types import Critique, Decision, Draft, Event, Round, StopReason, Trace
from workbench.types import content_id

Step = Literal["critique", "draft", "run"]

OWN_REQUEST = "A better version of my poem"  # for the models, where a person brings a poem and says nothing
MOST_CHARACTERS = 4000  # of a request or a direction
MOST_POEM_CHARACTERS = 20_000
_FAILED = (StopReason.NO_CHANGE, StopReason.CYCLE, StopReason.NOT_A_POEM)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepModels:
    """Who answers in a step, and who is told."""

    educator: Sampler
    poet: Sampler
    on_piece: OnPiece | None = None
    on_event: OnEvent | None = None
    cancelled: Cancelled = never


def begin(store: SessionStore, request: str, settings: RevisionSettings, *, poem: str = "") -> Trace:
    """A new session, stored under a name of its own; with a poem, that is its first draft.

    Raises:
        InputError: there is neither request nor poem, or it is too long.
        StoreError: it could not be stored.
    """
    title, text = titled(poem)
    asked = request.strip() or (f"{OWN_REQUEST} “{title}”" if text else "")
    if not asked:
        raise InputError("say what the poem is to be, or paste a poem of your own")
    _check(asked, MOST_CHARACTERS, "the request")
    _check(text, MOST_POEM_CHARACTERS, "the poem")
    if text and not settings.form and not form_named_in(asked):
        settings = replace(settings, form=plain_form(text))  # a form is asked for by a person, or by their poem
    trace = store.begin(asked, settings)
    if text:
        trace = _with_draft(trace, title, text, form=settings.form)
        store.save(trace)
    return trace


def titled(poem: str) -> tuple[str, str]:
    r"""A pasted poem as title and text: a first line that stands alone, or begins with "Title:", is its title.

    >>> titled("Ferry\n\nThe rope is wet.\nNobody waves.")
    ('Ferry', 'The rope is wet.\nNobody waves.')
    >>> titled("The rope is wet.\nNobody waves.")[0]
    'The rope is wet'
    """
    lines = poem.replace("\r\n", "\n").replace("\r", "\n").strip("\n").split("\n")
    first, rest = lines[0].strip(), "\n".join(lines[1:]).strip("\n")
    is_marked = first.lower().startswith("title:")
    if is_marked or (rest and len(lines) > 1 and not lines[1].strip() and len(first) <= 80):
        return first[6:].strip() if is_marked else first, rest
    text = "\n".join(line.rstrip() for line in lines)
    return title_from(text), text if text.strip() else ""


# ---------------------------------------------------------------- what a person does between two steps


def decide(trace: Trace, decisions: Mapping[str, tuple[str, str]]) -> Trace:
    """The session with decisions on the changes of its last draft.

    Args:
        trace: its last draft has changes and waits for its critique.
        decisions: by id of a change: accepted, rejected, edited or undecided, and the line as edited.

    Raises:
        InputError: an unknown change or decision; the page is older than the session.
    """
    if not is_open_to_decisions(trace):
        raise InputError("this draft has been settled already; look at the newest one")
    last = trace.rounds[-1]
    fresh = {change.id: change for change in align(trace.rounds[-2].draft.lines, last.draft.lines, of=_ids(trace))}
    changes = []
    for change in last.changes:
        decision, words = decisions.get(change.id, (change.decision, change.after))
        if decision not in get_args(Decision):
            raise InputError(f"{decision!r} is not a decision; choose one of {', '.join(get_args(Decision))}")
        after = " ".join(words.split("\n")) if decision == "edited" else fresh.get(change.id, change).after
        _check(after, MOST_CHARACTERS, "the line")
        changes.append(replace(change, decision=cast("Decision", decision), after=after))
    if unknown := decisions.keys() - {change.id for change in last.changes}:
        raise InputError(f"no change {min(unknown)!r} in draft {last.number + 1}; load the page again")
    return replace(trace, rounds=(*trace.rounds[:-1], replace(last, changes=tuple(changes))))


def is_open_to_decisions(trace: Trace) -> bool:
    """Whether the last draft is the poet's answer to the draft before, not judged yet."""
    last = trace.rounds[-1] if trace.rounds else None
    return bool(last and last.changes and last.critique is None and last.draft.author == "poet")


def settled(trace: Trace, *, form: str) -> Trace:
    """The session with the draft that the decisions make, where they make another one than the poet's."""
    if not is_open_to_decisions(trace) or not is_decided(trace.rounds[-1].changes):
        return trace
    own = decided_round(trace.rounds[-2].draft, trace.rounds[-1])
    return _with_rounds(trace, (*trace.rounds, own), form=form) if own else trace


def brought_back(trace: Trace, number: int, *, form: str) -> Trace:
    """The session with an earlier draft as its newest one, its critique with it.

    Raises:
        InputError: there is no such draft, or it is the newest.
    """
    old = next((one for one in trace.rounds if one.number == number), None)
    if old is None or old is trace.rounds[-1]:
        raise InputError(f"choose an earlier draft than the newest, {len(trace.rounds)}")
    back = _with_draft(trace, old.draft.title, old.draft.text, form=form)
    if old.critique is None:
        return back
    last = back.rounds[-1]
    said_again = replace(last, critique=_said_again(old.critique, last.draft))
    return _with_rounds(back, (*back.rounds[:-1], said_again), form=form)


def own_draft(trace: Trace, poem: str, *, form: str) -> Trace:
    """The session with a version of the person's own as its newest draft.

    Raises:
        InputError: it is empty, too long, or the newest draft itself.
    """
    title, text = titled(poem)
    _check(text, MOST_POEM_CHARACTERS, "the poem")
    last = trace.rounds[-1].draft if trace.rounds else None
    if not text or (last and (text, title) == (last.text, last.title)):
        raise InputError("change the poem first; this is the newest draft as it stands" if text else "write the poem")
    return _with_draft(trace, title, text, form=form)


# ---------------------------------------------------------------- steps


def next_step(trace: Trace) -> Step:
    """What is due: the critique of the last draft, or the next draft."""
    return "draft" if trace.rounds and trace.rounds[-1].critique else "critique"


def step_settings(trace: Trace, settings: RevisionSettings, step: Step, *, direction: str, n_rounds: int) -> (
    RevisionSettings
):  # fmt: skip
    """The session's settings for one step; after a step that came to nothing, with another seed."""
    n_revisions = sum(one.draft.author == "poet" for one in trace.rounds[1:])
    seed = settings.seed + (len(trace.rejected) if trace.stop in _FAILED else 0)
    given = replace(settings, direction=direction.strip() or settings.direction, seed=seed)
    if step == "run":
        return replace(given, max_revisions=n_revisions + n_rounds)
    least = n_revisions + 1 if step == "draft" else 0
    return replace(given, max_revisions=n_revisions + 1, min_revisions=least)


def take_step(
    trace: Trace, settings: RevisionSettings, step: Step, *, models: StepModels, direction: str = "", n_rounds: int = 3
) -> Trace:
    """One step of a session: up to the next critique, up to the next draft, or a number of rounds without asking.

    Args:
        trace: the session; decisions on its last draft are settled first.
        settings: of the session.
        step: critique (brief and first draft with it, where there is none), draft, or run.
        models: who answers.
        direction: the person's own, for this step.
        n_rounds: of a run.

    Returns:
        The session, open where the step did all it should.
    """
    _check(direction, MOST_CHARACTERS, "the direction")
    start = settled(trace, form=settings.form_for(trace.brief))
    how = step_settings(start, settings, step, direction=direction, n_rounds=n_rounds)
    is_enough = False

    def noticed(event: Event) -> None:
        nonlocal is_enough
        is_enough = is_enough or _is_enough(event, step, start, wish=how.direction)
        if models.on_event and event.kind != "done":
            models.on_event(event)

    held = run_session(
        start.request, how, educator=models.educator, poet=models.poet, start=start, on_piece=models.on_piece,
        on_event=noticed, cancelled=lambda: is_enough or models.cancelled(),
    )  # fmt: skip
    is_open = is_enough and held.stop is StopReason.CANCELLED
    return _kept_by_default(replace(held, stop=None, stop_detail="") if is_open else held)


# ---------------------------------------------------------------- as files


def as_text(draft: Draft) -> str:
    """A draft as people keep poems."""
    return f"{draft.title}\n\n{draft.text}\n"


def as_markdown(trace: Trace) -> str:
    """The whole session to read: brief, every draft with its critique, the last note; poems are in fences."""
    parts = [f"# {trace.request}", f"educator: {trace.educator} · poet: {trace.poet}"]
    if trace.brief:
        parts.append(f"## Brief\n\n{_fenced(trace.brief.text)}")
    for one in trace.rounds:
        best = ", the best" if one.number == trace.best else ""
        parts.append(f"## Draft {one.number + 1} ({one.draft.author}{best})\n\n{_fenced(as_text(one.draft))}")
        parts += [f"In the poet's answer: {remark}" for remark in one.draft.remarks]
        if one.direction:
            parts.append(f"Asked for: {one.direction}")
        if one.critique:
            parts.append(f"### Critique of draft {one.number + 1}\n\n{critique_prose(one.critique)}")
    parts += [f"## Final note\n\n{trace.final_note}"] * bool(trace.final_note)
    return "\n\n".join(parts) + "\n"


# ---------------------------------------------------------------- private


def _check(text: str, most: int, what: str) -> None:
    if len(text) > most:
        raise InputError(f"{what} has {len(text)} characters; {most} are allowed, shorten it")
    if any("\ud800" <= char <= "\udfff" or char == "\0" for char in text):
        raise InputError(f"{what} holds an invalid character (half a character or NUL); type it again")


def _is_enough(event: Event, step: Step, start: Trace, *, wish: str) -> bool:
    if step == "critique" and event.kind == "verdict" and isinstance(event.data, Critique):
        return event.data.verdict != "approve" or bool(wish)  # an approved poem gets its final note in the same step
    is_new = len(event.trace.rounds) > len(start.rounds)
    return step == "draft" and event.kind in ("changes", "draft") and is_new


def _kept_by_default(trace: Trace) -> Trace:
    """A person's own lines stay until they say otherwise: the poet's changes to them begin as refused."""
    if not (is_open_to_decisions(trace) and answers_a_person(trace.rounds)) or is_decided(trace.rounds[-1].changes):
        return trace
    return replace(trace, rounds=(*trace.rounds[:-1], refused_round(trace.rounds[-1])))


def _ids(trace: Trace) -> tuple[str, str]:
    return trace.rounds[-2].draft.id, trace.rounds[-1].draft.id


def _with_draft(trace: Trace, title: str, text: str, *, form: str) -> Trace:
    """A person's draft as the newest."""
    number, before = len(trace.rounds), trace.rounds[-1].draft if trace.rounds else None
    draft = Draft(
        id=content_id("draft", trace.id, str(number), "person", title, text), number=number, title=title, text=text,
        parent_id=before.id if before else "", critique_id="", author="person", engine="person", prompt_digest="",
        seed=0,
    )  # fmt: skip
    changes = align(before.lines, draft.lines, of=(before.id, draft.id)) if before else ()
    return _with_rounds(trace, (*trace.rounds, Round(number=number, draft=draft, changes=changes)), form=form)


def _with_rounds(trace: Trace, rounds: tuple[Round, ...], *, form: str) -> Trace:
    best = best_round(rounds, trace.brief, form)
    return replace(trace, rounds=rounds, best=best, stop=None, stop_detail="", final_note="")


def _said_again(critique: Critique, draft: Draft) -> Critique:
    id_ = content_id("critique", draft.id, critique.text)
    return replace(
        critique, id=id_, draft_id=draft.id,
        strongest=replace(critique.strongest, id=content_id(id_, "strongest")) if critique.strongest else None,
        items=tuple(replace(item, id=content_id(id_, str(index))) for index, item in enumerate(critique.items)),
    )  # fmt: skip


def _fenced(text: str) -> str:
    fence = "````" if "```" in text else "```"
    return f"{fence}\n{text.rstrip()}\n{fence}"
