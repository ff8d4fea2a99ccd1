"""Changed where it was asked: from a critique to an order for lines, and from what was found to the next draft.

The lines are those that the remarks cite, short of the strongest moment. What a remark quotes as wrong may not come
back. Who finds the lines is a `LineWriter`: the line search where the poet gives logits, several answers a line else.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from workbench.engines.protocols import Cancelled, OnCompletion, Sampler, never
from workbench.engines.token_models import gives_logits
from workbench.errors import EngineError, InputError, Stopped, WorkbenchError
from workbench.prompts.roles import ask_rhyme_draft, load_persona
from workbench.prosody import check_form
from workbench.prosody.forms import forms_named
from workbench.revision.cited_faults import NOT_OF_WORDS
from workbench.revision.quotations import barred_by
from workbench.revision.refusals import refused_verse
from workbench.revision.types import Ask, Critique, CritiqueItem, Draft, Reply
from workbench.types import Completion, Failed, Prompt, Reason, SampleRequest
from workbench.words import words_of
from workbench.writing.asked_lines import AskedLines
from workbench.writing.plan import OPEN_KINDS
from workbench.writing.poem_search import OnLine
from workbench.writing.rewriting import put_in
from workbench.writing.run import OpenPoet, open_poet
from workbench.writing.types import LineOrder, Rewritten, Written
from workbench.writing.wishes import MOST_SUBJECT_CHARS, Wishes, WriteJob


class LineWriter(Protocol):
    """Finds new lines."""

    def rewrite(self, order: LineOrder, *, prompt: Prompt, bare_prompt: Prompt, cancelled: Cancelled) -> Rewritten:
        """The poem with the lines of the order written anew."""
        ...


class LinePoet:
    """Implements `Sampler` and `LineWriter`: a poet that answers, and finds single lines by its logits.

    Args:
        name: of the engine; its logits are opened when the first lines are wanted.
        sampler: the same engine as it answers.
    """

    def __init__(self, name: str, sampler: Sampler) -> None:
        self._name, self._sampler = name, sampler
        self._open = ExitStack()
        self._writer: OpenPoet | AskedLines | None = None if gives_logits(name) else AskedLines(sampler)

    @property
    def digest(self) -> str:
        """Of the model's file."""
        return self._sampler.digest

    @property
    def adapter_digest(self) -> str:
        """Of the adapter's weights."""
        return self._sampler.adapter_digest

    @property
    def last(self) -> Completion | Failed | None:
        """How the last stream came out."""
        return self._sampler.last

    def sample(
        self, requests: Sequence[SampleRequest], *, on_completion: OnCompletion | None = None,
        cancelled: Cancelled = never,
    ) -> list[Completion | Failed]:  # fmt: skip
        """As the engine samples."""
        return self._sampler.sample(requests, on_completion=on_completion, cancelled=cancelled)

    def stream(self, request: SampleRequest, *, cancelled: Cancelled = never) -> Iterator[str]:
        """As the engine streams."""
        return self._sampler.stream(request, cancelled=cancelled)

    def use_adapter(self, folder: Path | None) -> None:
        """As the engine does."""
        self._sampler.use_adapter(folder)

    def rewrite(self, order: LineOrder, *, prompt: Prompt, bare_prompt: Prompt, cancelled: Cancelled) -> Rewritten:
        """The poem with the lines of the order written anew.

        Raises:
            EngineError: the model cannot be opened, or failed.
            Stopped: `cancelled` said so.
        """
        return self._opened().rewrite(order, prompt=prompt, bare_prompt=bare_prompt, cancelled=cancelled)

    def can_enforce(self, form: str) -> bool:
        """Whether a poem of this form can be written by the search."""
        return gives_logits(self._name) and forms_named(form)[0].kind not in OPEN_KINDS

    def compose(self, subject: str, form: str, *, seed: int, on_line: OnLine, cancelled: Cancelled) -> Written:
        """A poem that keeps its form.

        Raises:
            InputError: the form cannot be written.
            CannotWriteError: no line was found for a place of the form.
            EngineError: the model cannot be opened, or failed.
            Stopped: `cancelled` said so.
        """
        writer = self._opened()
        if not isinstance(writer, OpenPoet):
            raise InputError(f"{self._name} gives no logits, and the search needs them")
        wishes = Wishes(subject=subject[:MOST_SUBJECT_CHARS], form=form, seed=seed)
        return writer.draft(wishes, on_line=on_line, cancelled=cancelled)

    def _opened(self) -> OpenPoet | AskedLines:
        if self._writer is None:
            self._writer = self._open.enter_context(open_poet(WriteJob(poet=self._name)))
        return self._writer

    def close(self) -> None:
        """Frees what was opened for lines; the engine is closed by whoever made it."""
        self._open.close()


def line_writer(poet: Sampler) -> LineWriter:
    """Who finds the lines of a poet: itself where it can, else its answers do."""
    return poet if isinstance(poet, LinePoet) else AskedLines(poet)


def line_order(draft: Draft, critique: Critique | None, *, form: str) -> LineOrder | None:
    """What a critique asks for, as lines, whatever its verdict; None where it cites none, or all there are.

    Of a person's poem all lines may be ordered: a whole new poem would be one that nobody asked for.
    """
    if critique is None:
        return None
    cited = cited_lines(critique)
    if not cited or (len(cited) >= len(draft.lines) and draft.author != "person"):
        return None
    barred: dict[int, tuple[tuple[str, ...], ...]] = {}
    notes: dict[int, str] = {}
    for item in critique.standing:
        for number in _span(item):
            notes[number] = " ".join(part for part in (notes.get(number, ""), item.note, item.direction) if part)
            barred[number] = (*barred.get(number, ()), *_wrong_words(item, draft.lines[number - 1], draft.lines))
    return LineOrder(
        title=draft.title, text=draft.text, numbers=tuple(sorted(cited)), form=form, barred=barred, notes=notes
    )


def cited_lines(critique: Critique) -> set[int]:
    """The lines that a critique wants otherwise, short of its strongest moment, unless it blames that alone."""
    kept = critique.strongest.first_line if critique.strongest else 0
    blamed = {number for item in critique.standing for number in _span(item)}
    return blamed - {kept} or blamed


def other_ways(writer: LineWriter, order: LineOrder, *, n: int, cancelled: Cancelled = never) -> list[str]:
    """Up to so many other ways to say the one line of an order; none leaves the form with more faults than it has.

    Args:
        writer: finds them; asked again with other seeds where it finds too few.
        order: the poem and its one line.
        n: how many are wanted.
        cancelled: asked before every token.

    Raises:
        InputError: a line that the poem does not have.
        EngineError: the model failed.
        Stopped: `cancelled` said so.
    """
    (number,) = order.numbers
    form, voice = order.form or "free verse", load_persona("poet")
    prompt, bare = (
        ask_rhyme_draft(brief, form=form, scheme="as it is", end_words="", poet=voice)
        for brief in (f"ANGLE: {order.title}", "A poem.")
    )
    found: dict[str, None] = {}
    for seed in range(n):
        asked = replace(order, seed=order.seed + seed)
        new = writer.rewrite(asked, prompt=prompt, bare_prompt=bare, cancelled=cancelled)
        told = [new.lines.get(number, ""), *new.runners_up.get(number, ())]
        found |= dict.fromkeys(line for line in told if line and is_no_worse(order, line))
        if len(found) >= n:
            break
    return list(found)[:n]


def is_no_worse(order: LineOrder, line: str) -> bool:
    """Whether the poem with this line in place has no more faults against its form than before, and the line is new."""
    (number,) = order.numbers
    if line.strip() == order.lines[number - 1].strip() or refused_verse(line):
        return False
    if not order.form:
        return True
    before = check_form(order.text, order.form).n_places
    return check_form(put_in(order.text, {number: line}), order.form).n_places <= before


def answer_order(ask: Ask, writer: LineWriter, cancelled: Cancelled) -> Reply:
    """The whole poem as the reply to an order; a failure is a reply too."""
    order = ask.order
    if order is None:
        raise AssertionError("only asks with an order come here")

    def found() -> Reply:
        new = writer.rewrite(order, prompt=ask.request.prompt, bare_prompt=ask.bare, cancelled=cancelled)
        return Reply(text=new.text, new_lines=tuple(new.lines), old_lines=new.unchanged)

    return _searched(found)


def answer_form(ask: Ask, poet: LinePoet, cancelled: Cancelled, on_line: OnLine) -> Reply:
    """A whole poem with its form enforced, as the reply; a failure is a reply too."""

    def found() -> Reply:
        new = poet.compose(ask.subject, ask.form, seed=ask.request.seed, on_line=on_line, cancelled=cancelled)
        return Reply(title=new.title, text=new.text)

    return _searched(found)


def _searched(found: Callable[[], Reply]) -> Reply:
    """The reply of a search, or why there is none."""
    try:
        return found()
    except Stopped:
        return Reply(failure=Failed(reason=Reason.CANCELLED))
    except EngineError as error:
        return Reply(failure=Failed(reason=Reason.ENGINE, detail=str(error)))
    except WorkbenchError as error:
        return Reply(failure=Failed(reason=Reason.EMPTY, detail=str(error)))


def lines_sentence(reply: Reply, *, asked_by: str) -> tuple[str, ...]:
    """What is said of the draft beside it."""
    said = [f"only {_named(reply.new_lines)} written anew, where {asked_by} asked; all else is as it was"]
    if reply.old_lines:
        said.append(f"for {_named(reply.old_lines, verb='')} nothing was found that keeps rhyme and meter")
    return tuple(said)


def _named(numbers: Sequence[int], *, verb: str = " was| were") -> str:
    one, _, many = verb.partition("|")
    if len(numbers) == 1:
        return f"line {numbers[0]}{one}"
    return f"lines {', '.join(map(str, numbers[:-1]))} and {numbers[-1]}{many or one}"


def _wrong_words(item: CritiqueItem, line: str, lines: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """What may not come back in a line: what a remark on words quotes, and the end of a rhyme that is forced."""
    if item.failure not in NOT_OF_WORDS:
        yield from barred_by(item, lines)
    if item.failure == "forced rhyme" and (words := words_of(line)):
        yield (words[-1].folded,)


def _span(item: CritiqueItem) -> range:
    return range(item.first_line, item.last_line + 1)
