"""Did the lines change that a critique cites, and only those; is what it cites gone, is the form kept? Asks no model.

    cited_changed    percent of the lines that the critique cites that are other than they were
    uncited_changed  percent of the lines that it does not cite that are
    fault_gone       percent of the items whose fault a measure finds (`revision.cited_faults`) where it is no more
    control_gone     the same for the re-roll, which never saw the critique: what chance alone would mend
    form_lost        percent of the revisions of drafts in their form, named or plain, that are no longer in it

The strongest moment is not cited, whatever an item says of it. Lines are pooled over the rounds of a session; a round
whose critique cites nothing counts with all its lines as not cited.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from workbench.revflux.lines import CHANGED_PERCENT
from workbench.revision.alignment import align
from workbench.revision.cited_faults import is_gone
from workbench.revision.draft_checks import judge_form, plain_form
from workbench.revision.line_orders import cited_lines
from workbench.revision.types import Critique, Draft, Round

Answered = tuple[Draft, Critique, Round]


def answered(rounds: Sequence[Round]) -> Iterator[Answered]:
    """Draft, its critique, and the round that answered; a new start answers nothing line by line."""
    for before, one in pairwise(rounds):
        if before.critique is not None and one.draft.parent_id:
            yield before.draft, before.critique, one


def line_changes(before: Draft, after: Draft) -> dict[int, float]:
    """The change in percent of each line of the earlier draft; 100 where it was cut."""
    aligned = align(before.lines, after.lines)
    return {change.before_line: 100.0 * change.change for change in aligned if change.before_line}


def cited_figures(rounds: Sequence[Round], form: str) -> dict[str, float | None]:
    """The figures of one session; None where there was nothing to count.

    Args:
        rounds: of the session.
        form: that its poem is held against; "" = none.
    """
    on, off = list[bool](), list[bool]()
    gone, control = list[bool | None](), list[bool | None]()
    lost: list[bool] = []
    for before, critique, one in answered(rounds):
        cited = cited_lines(critique)
        for line, change in line_changes(before, one.draft).items():
            (on if line in cited else off).append(change > CHANGED_PERCENT)
        own = form or plain_form(before.text)
        if own and judge_form(before.text, own).passed:
            lost.append(not judge_form(one.draft.text, own).passed)
        gone += [is_gone(item, before, one.draft, form=own) for item in critique.standing]
        if one.control:
            control += [is_gone(item, before, one.control, form=own) for item in critique.standing]
    return {
        "cited_changed": _share(on), "uncited_changed": _share(off), "fault_gone": _share(gone),
        "control_gone": _share(control), "form_lost": _share(lost),
    }  # fmt: skip


def _share(found: Iterable[bool | None]) -> float | None:
    """Percent of those that are known."""
    known = [one for one in found if one is not None]
    return 100.0 * sum(known) / len(known) if known else None
