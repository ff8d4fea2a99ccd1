"""The pieces of a session: brief, draft, critique, revision, control, final note.

Each is asked for by `asking` until it is usable (a brief or critique is in the end taken as it is). What comes next is
not decided here.
"""

import re
from collections.abc import Callable, Sequence
from typing import get_args

from workbench.prompts.roles import (
    ask_brief,
    ask_critique,
    ask_draft,
    ask_final_note,
    ask_revise,
    load_persona,
    prompt_id,
    voice_for,
)
from workbench.prosody import form_named_in, prosody_report
from workbench.revision.alignment import align
from workbench.revision.asking import ENDS, Asker, Ended, Exchange, Question, Useless
from workbench.revision.brief_text import FIELDS, parse_brief, write_brief
from workbench.revision.circles import circles_from
from workbench.revision.critique_text import parse_critique, write_critique
from workbench.revision.directions import wished_order
from workbench.revision.draft_checks import judge, staleness, without_brief
from workbench.revision.grammars import brief_grammar, critique_grammar, note_grammar, poem_grammar
from workbench.revision.labels import title_from
from workbench.revision.ledger import apply_decisions, responses_to
from workbench.revision.line_orders import line_order, lines_sentence
from workbench.revision.refusals import refused_advice, says_the_same, without_repeats
from workbench.revision.replies import parse_poem_reply, whole_sentences
from workbench.revision.settings import RevisionSettings
from workbench.revision.types import (
    AskKind,
    Brief,
    Critique,
    Draft,
    Rejected,
    Reply,
    Role,
    Round,
    StopReason,
)
from workbench.types import Prompt, content_id
from workbench.writing.types import LineOrder

_ASKED_ONLY = "Point at lines and ask me about them. Write no line and no word of the poem for me."


class Pieces:
    """Asks for the pieces of one session.

    Args:
        settings: voices, guidance, sampling, tries.
        request: the user's words; seeds hang on them.
        on_rejected: told of every unusable answer.
    """

    def __init__(
        self, settings: RevisionSettings, request: str, *, on_rejected: Callable[[Rejected], Exchange[None]]
    ) -> None:
        self._settings, self._request = settings, request
        self._asker = Asker(settings, request, on_rejected=on_rejected)
        self._mentor = load_persona(settings.persona)
        self._poet = voice_for(load_persona(settings.poet_persona), settings.style)
        self._is_close = {role: settings.guidance(role) == "close" for role in get_args(Role)}

    # ------------------------------------------------------------ the educator's

    def brief(self, session_id: str) -> Exchange[Brief]:
        """The brief; what the educator leaves out is in `missing`."""
        close = self._is_close["educator"]
        form = self._settings.form or form_named_in(self._request) or ""
        question = Question(
            role="educator", kind="brief", round=0, grammar=brief_grammar(form=form, close=close),
            prompt=ask_brief(self._request, mentor=self._mentor, by_example=close),
        )  # fmt: skip

        def read(reply: Reply, is_last: bool) -> Brief | Useless:
            brief = parse_brief(reply.text, request=self._request, session_id=session_id)
            is_empty = len(brief.missing) == len(FIELDS)
            why = refused_advice(reply.text) or ("it has none of the lines of a brief" if is_empty else "")
            why = why or ("it goes in circles" if circles_from(reply.text) >= 0 else "")
            return Useless(why) if why and not is_last else brief

        brief, _ = yield from self._asker.until(question, read)
        return brief

    def critique(self, draft: Draft, brief: Brief, *, direction: str) -> Exchange[Critique]:
        """The critique of a draft, its verdict gated by the form check."""
        settings, close = self._settings, self._is_close["educator"]
        form = settings.form_for(brief)
        heard = prosody_report(draft.text, form=form, is_asked=bool(settings.form)) if settings.report_chars else None
        report = heard.to_prompt(settings.report_chars) if heard else ""
        prompt = ask_critique(
            draft.title, draft.text, brief_text=write_brief(brief), report=report,
            direction=" ".join(part for part in (direction, _ASKED_ONLY * settings.asks_only) if part),
            mentor=self._mentor, by_example=close,
        )  # fmt: skip
        grammar = critique_grammar(draft.lines, close=close, must_ask=not settings.verdict_counts)
        question = Question(role="educator", kind="critique", prompt=prompt, round=draft.number, grammar=grammar)

        def read(reply: Reply, is_last: bool) -> str | Useless:
            said = reply.text if reply.ended else whole_sentences(reply.text)
            found = parse_critique(said, n_lines=len(draft.lines), lines=draft.lines)
            if says_the_same(said) and not is_last:
                return Useless("it says the same again and again")
            is_answer = found.items or (settings.verdict_counts and (found.strongest or found.verdict == "approve"))
            return said if is_answer or is_last else Useless("it names no line and gives no approval that counts")

        text, seed = yield from self._asker.until(question, read)
        judged = judge(
            draft, text, form=form if settings.form_gate else "", engine=settings.educator,
            prompt_digest=prompt_id(prompt), seed=seed, verdict_counts=settings.verdict_counts,
            asks_only=settings.asks_only,
        )  # fmt: skip
        return judged if brief.text else without_brief(judged)

    def final_note(self, draft: Draft) -> Exchange[str]:
        """The last word on the best draft."""
        prompt = ask_final_note(draft.title, draft.text, mentor=self._mentor)
        grammar = note_grammar(draft.lines, close=self._is_close["educator"])
        question = Question(role="educator", kind="final_note", prompt=prompt, round=draft.number, grammar=grammar)

        def read(reply: Reply, is_last: bool) -> str | Useless:
            note = whole_sentences(reply.text)
            why = refused_advice(note) or ("" if note else "it has no whole sentence")
            return Useless(why, StopReason.ENGINE) if why else without_repeats(note)

        note, _ = yield from self._asker.until(question, read)
        return note

    # ------------------------------------------------------------ the poet's

    def draft(self, brief: Brief, *, earlier: Sequence[Draft], critique: Critique | None = None) -> Exchange[Draft]:
        """A poem out of the brief: the first one, or a new start because a critique said so.

        Where drafts change where it is asked, a form is put into the search of a poet that gives logits.
        """
        prompt = ask_draft(
            write_brief(brief), request=self._request, poet=self._poet, by_example=self._is_close["poet"]
        )
        draft = yield from self._poem(
            "draft", prompt, brief, earlier=earlier, critique_id=critique.id if critique else ""
        )
        return draft

    def revision(self, last: Round, brief: Brief, *, earlier: Sequence[Draft], direction: str) -> Exchange[Round]:
        """The next draft with its changes and what it did about the critique; beside it the control, if wanted."""
        before, critique = last.draft, last.critique
        said = write_critique(critique) if critique else ""
        asked = self._asked_to_revise(before, brief, said, direction)
        form = self._settings.form_for(brief)
        order = None
        if self._settings.changes == "cited":
            order = wished_order(before, direction, form=form) if direction else line_order(before, critique, form=form)
        if order is not None:
            bare = self._asked_to_revise(before, brief, "", "")
            by = ("you", "") if direction else ("the critique", critique.id if critique else "")
            draft = yield from self._lines(asked, bare, order, before, by, earlier=earlier)
        else:
            draft = yield from self._poem(
                "revise", asked, brief, earlier=earlier, critique_id=critique.id if critique else "", parent=before
            )
        changes = align(before.lines, draft.lines, of=(before.id, draft.id))
        responses = responses_to(critique, changes) if critique else ()
        control = None
        if self._settings.control:
            control = yield from self._control(before, brief, number=draft.number)
        return Round(
            number=draft.number, draft=draft, changes=changes, responses=responses, control=control, direction=direction
        )

    def _lines(
        self, prompt: Prompt, bare: Prompt, order: LineOrder, before: Draft, by: tuple[str, str], *,
        earlier: Sequence[Draft],
    ) -> Exchange[Draft]:  # fmt: skip
        """The draft with the lines of an order written anew and everything else byte for byte as it was.

        `by` says who asked for them, and the id of the critique where it was that.
        """
        question = Question(
            role="poet", kind="revise", prompt=prompt, round=len(earlier), grammar="", order=order, bare=bare
        )

        def read(reply: Reply, is_last: bool) -> Reply | Useless:
            stale = staleness(reply.text, earlier)
            return Useless("no line was found that keeps what its place owes", stale) if stale else reply

        reply, seed = yield from self._asker.until(question, read)
        return Draft(
            id=content_id("draft", self._request, str(self._settings.seed), str(len(earlier)), "poet", reply.text),
            number=len(earlier), title=before.title, text=reply.text, parent_id=before.id, critique_id=by[1],
            author="poet", engine=self._settings.poet, prompt_digest=prompt_id(prompt), seed=seed,
            remarks=lines_sentence(reply, asked_by=by[0]),
        )  # fmt: skip

    def _control(self, before: Draft, brief: Brief, *, number: int) -> Exchange[Draft | None]:
        """A second draft without the critique; None where none came of it."""
        prompt = self._asked_to_revise(before, brief, "", "")
        try:
            return (yield from self._poem("control", prompt, brief, earlier=(), parent=before, number=number))
        except Ended as end:
            if end.reason in ENDS.values():
                raise
            return None

    def _asked_to_revise(self, before: Draft, brief: Brief, critique: str, direction: str) -> Prompt:
        return ask_revise(
            before.title, before.text, brief_text=write_brief(brief), critique=critique, direction=direction,
            request=self._request, poet=self._poet, by_example=self._is_close["poet"],
        )  # fmt: skip

    def _poem(
        self, kind: AskKind, prompt: Prompt, brief: Brief, *, earlier: Sequence[Draft], critique_id: str = "",
        parent: Draft | None = None, number: int | None = None,
    ) -> Exchange[Draft]:  # fmt: skip
        form = self._settings.form_for(brief)
        number = len(earlier) if number is None else number
        grammar = poem_grammar(form, close=self._is_close["poet"])
        searched = form if kind == "draft" and self._settings.changes == "cited" else ""
        question = Question(role="poet", kind=kind, prompt=prompt, round=number, grammar=grammar, form=searched,
                            subject=_subject(self._request, form))  # fmt: skip

        def read(reply: Reply, is_last: bool) -> tuple[str, str, tuple[str, ...]] | Useless:
            if reply.title:
                return reply.title, reply.text, (f"every line was searched for, so that it keeps its form: {form}",)
            found = parse_poem_reply(reply.text, ended=reply.ended, given=write_brief(brief), form=form)
            if found.problem:
                return Useless(found.problem)
            stale = staleness(found.text, earlier)
            kept = parent.title if parent and any(one.author == "person" for one in earlier) else ""
            title = kept or found.title or (parent.title if parent else "") or title_from(found.text)
            return Useless(stale.sentence, stale) if stale else (title, found.text, found.remarks)

        (title, text, remarks), seed = yield from self._asker.until(question, read)
        author = "control" if kind == "control" else "poet"
        return Draft(
            id=content_id("draft", self._request, str(self._settings.seed), str(number), author, title, text),
            number=number, title=title, text=text, parent_id=parent.id if parent else "", critique_id=critique_id,
            author=author, engine=self._settings.poet, prompt_digest=prompt_id(prompt), seed=seed, remarks=remarks,
        )  # fmt: skip


def _subject(request: str, form: str) -> str:
    """What a poem in a form is to be about.

    >>> _subject("Write me a haiku about a ferry in fog", "haiku"), _subject("a ferry in fog", "haiku")
    ('a ferry in fog', 'a ferry in fog')
    """
    asked = rf"^\W*(?:write\s+)?(?:me\s+)?(?:an?|the|one)\s+(?:\w+\s+)?{re.escape(form)}\s+(?:about|on|of|for)\s+"
    return re.sub(asked, "", request.strip(), flags=re.IGNORECASE) or request


def decided_round(before: Draft, poets: Round) -> Round | None:
    """A person's draft out of the poet's and the decisions on its changes; None where nothing is left or new."""
    text = apply_decisions(before.text, poets.draft.text, poets.changes)
    number = poets.number + 1
    if not text.strip() or text == poets.draft.text:
        return None
    draft = Draft(
        id=content_id("draft", poets.draft.id, "person", text), number=number, title=before.title, text=text,
        parent_id=poets.draft.id, critique_id=poets.draft.critique_id, author="person", engine="person",
        prompt_digest="", seed=0,
    )  # fmt: skip
    changes = align(poets.draft.lines, draft.lines, of=(poets.draft.id, draft.id))
    return Round(number=number, draft=draft, changes=changes, direction=poets.direction)
