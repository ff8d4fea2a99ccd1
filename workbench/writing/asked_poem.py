"""A whole poem by a model that only answers: the plan's lines in order, each by a few answers (`asked_lines`).

    plan ─▶ for each line: N answers ─ the first that keeps its place is taken ─▶ check_form has the last word

No line is gone back to. Where no answer fits twice, the one that breaks the fewest laws is taken, and the poem's record
says that its form was not enforced.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from workbench.engines.protocols import Cancelled, Sampler, never
from workbench.prosody import check_form
from workbench.prosody.deviations import Severity
from workbench.writing.asked_lines import N_ANSWERS, N_ROUNDS, AskedLines, placed, question
from workbench.writing.poem_search import CannotWriteError, OnLine
from workbench.writing.types import Line, Slot, Written
from workbench.writing.wishes import Wishes, WriteJob, save_poem, subject_of

_RENTREMENT_WORDS = 4  # opening words of the first line that come back


def most_answers(slots: Sequence[Slot], n_answers: int = N_ANSWERS) -> int:
    """How many answers a poem may cost; all other lines are given or come back.

    >>> most_answers([Slot(), Slot(copy_of=0), Slot(text="The gate is shut.")])
    12
    """
    return sum(not slot.text and slot.copy_of is None and slot.opening_of is None for slot in slots) * (
        n_answers * N_ROUNDS
    )


@dataclass(slots=True, kw_only=True)
class _Page:
    """The poem under way."""

    slots: list[Slot]
    lines: list[str]
    n_loose: int = 0  # lines that do not keep their place


class AskedPoet:
    """Writes poems by a sampler; the same face as `OpenPoet`.

    Args:
        sampler: an endpoint, or any engine that only answers; closed with this.
        job: how.
    """

    def __init__(self, sampler: Sampler, job: WriteJob) -> None:
        self._sampler, self._job = sampler, job
        self._asked = AskedLines(sampler)

    def slots(self, wishes: Wishes) -> list[Slot]:
        """The plan of a poem."""
        return wishes.slots(self._job.writing)

    def write(self, wishes: Wishes, *, on_line: OnLine = lambda _, __: None, cancelled: Cancelled = never) -> Written:
        """A poem, saved before it is returned; at most `most_answers` are asked for.

        Raises:
            InputError: the wishes cannot be met by any poem.
            CannotWriteError: a line got no usable answer.
            EngineError: the engine failed.
            Stopped: `cancelled` said so.
        """
        subject, title = subject_of(wishes)
        slots = self.slots(wishes)
        page = _Page(slots=slots, lines=[slot.text for slot in slots])
        others: list[tuple[str, ...]] = []
        for number in range(len(slots)):
            line, rest = self._line(page, number, (subject, title), wishes.seed, cancelled)
            page.lines[number] = line.text
            others.append(tuple(other.text for other in rest[: self._job.writing.n_runners_up]))
            on_line(number, Line(text=line.text, tokens=(), said=line.said, end=line.end, others=others[-1]))
        written = self._written(page, wishes, title, others)
        save_poem(written, Path(self._job.poems))
        return written

    def close(self) -> None:
        """Frees the engine."""
        self._sampler.close()

    # ------------------------------------------------------------ private

    def _line(
        self, page: _Page, number: int, about: tuple[str, str], seed: int, cancelled: Cancelled
    ) -> tuple[Line, list[Line]]:  # fmt: skip
        """One line and the others that fitted."""
        slot = page.slots[number]
        if slot.text:
            return placed(slot.text, slot), []
        if slot.copy_of is not None:
            return placed(page.lines[slot.copy_of], slot), []
        if slot.opening_of is not None:
            words = page.lines[slot.opening_of].split(" ")[:_RENTREMENT_WORDS]
            return placed(" ".join(words).rstrip(",;:") + ".", slot), []
        page.slots[number] = _with_words(slot, page)
        subject, title = about
        said = f"The poem is about: {subject}.\n\n"
        asked = question(number + 1, page.slots, page.lines, title=title, said=said)
        fitting, nearest = self._asked.drawn(asked, seed=seed, cancelled=cancelled)
        if fitting:
            return fitting[0], fitting[1:]
        if nearest is None:
            raise CannotWriteError(f"line {number + 1} of {len(page.slots)}: none of the answers was a line of its own")
        page.n_loose += 1
        return nearest, []

    def _written(self, page: _Page, wishes: Wishes, title: str, others: list[tuple[str, ...]]) -> Written:
        ends = ["\n\n" if slot.gap else "\n" for slot in page.slots]
        text = "".join(line + end for line, end in zip(page.lines, ends, strict=True)).rstrip("\n")
        found = check_form(text, wishes.form).deviations if wishes.form else ()
        notes = [each.sentence for each in found if each.severity is Severity.NOTE]
        if page.n_loose:
            notes.append(f"{page.n_loose} of {len(page.lines)} lines got no answer that keeps its place.")
        return Written(
            title=title, text=text, form=wishes.form, subject=wishes.subject, seed=wishes.seed, model=self._job.poet,
            faults=tuple(each.sentence for each in found if each.severity is Severity.FAULT), notes=tuple(notes),
            runners_up_L=tuple(others), n_tokens=0, n_returns=0, is_enforced=bool(wishes.form) and not page.n_loose,
        )  # fmt: skip


def _with_words(slot: Slot, page: _Page) -> Slot:
    """With the words that earlier lines make it have: a sestina's."""

    def end(number: int) -> str:
        return placed(page.lines[number], page.slots[number]).end

    if slot.holds_end_of is not None:
        slot = replace(slot, holds=end(slot.holds_end_of))
    return replace(slot, end_word=end(slot.end_of)) if slot.end_of is not None else slot
