"""Whether the fault that a remark cites can be measured, and whether it is gone from the next draft; asks no model.

    the quoted words   remarks on words: what they quote of their lines, short of a whole line, is in these lines
    a stock phrase     cliche: `find_cliches` finds a phrase in the cited lines
    a plug at the end  forced rhyme: a cited line ends on a word that rhymes with everything and says nothing
    the meter          broken meter: a cited line leaves the meter that the poem has
    the form           broken form, broken meter, forced rhyme: the form check finds a fault in the cited lines

A remark is measurable where a measure finds its fault in the lines as they were. It is done where none of those that
found it finds it again. That says nothing of whether the new line is good; of images and tone it knows nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from workbench.prosody import check_form, find_cliches, line_meter
from workbench.prosody.cliches import ClicheKind
from workbench.prosody.measures import measure
from workbench.revision.alignment import align
from workbench.revision.quotations import barred_by
from workbench.revision.types import CritiqueItem, Draft
from workbench.words import holds_run, words_of
from workbench.writing.rewriting import own_meter
from workbench.writing.rhyme_table import PLUGS

#: Failures of a line's place or sound; of all others what is quoted may not come back.
NOT_OF_WORDS = frozenset({"broken form", "broken meter", "sing-song meter", "weak line break", "mixed tone"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cited:
    """The lines of one draft that a remark is about."""

    draft: Draft
    numbers: Sequence[int]  # of these the cited ones, from 1; () = they were cut
    quoted: Sequence[tuple[str, ...]]  # folded words
    law: str  # the meter of the draft that was criticised; "" = none
    form: str  # "" = none

    @property
    def own(self) -> list[str]:
        return [self.draft.lines[number - 1] for number in self.numbers]


def is_gone(item: CritiqueItem, before: Draft, after: Draft, *, form: str = "") -> bool | None:
    """Whether the cited fault is gone; None where no measure finds it in the lines as they were.

    Args:
        item: the remark, in its place.
        before: the draft that it is about.
        after: the next one.
        form: that the poem is held against; "" = none.
    """
    numbers = tuple(range(item.first_line, item.last_line + 1))
    quoted = tuple(barred_by(item, before.lines)) if item.failure not in NOT_OF_WORDS else ()
    law = own_meter(before.lines)
    old = _Cited(draft=before, numbers=numbers, quoted=quoted, law=law, form=form)
    found = [has_fault for has_fault in (_has_quoted, *_MEASURES.get(item.failure, ())) if has_fault(old)]
    if not found:
        return None
    numbers = _successors(numbers, before, after)
    new = _Cited(draft=after, numbers=numbers, quoted=quoted, law=law, form=form)
    return not any(has_fault(new) for has_fault in found)


def _successors(numbers: Sequence[int], before: Draft, after: Draft) -> tuple[int, ...]:
    """Where the lines are now: in the same place, or where as many lines are no longer there, by alignment."""
    if len(before.lines) == len(after.lines):
        return tuple(numbers)
    changes = align(before.lines, after.lines)
    return tuple(one.after_line for one in changes if one.before_line in numbers and one.after_line)


# ---------------------------------------------------------------- the measures


def _has_quoted(cited: _Cited) -> bool:
    lines = [[word.folded for word in words_of(line)] for line in cited.own]
    return any(holds_run(line, run) for line in lines for run in cited.quoted)


def _has_stock_phrase(cited: _Cited) -> bool:
    return any(
        one.cliche.kind is ClicheKind.PHRASE and set(one.lines) & set(cited.numbers)
        for one in find_cliches(cited.draft.text)
    )


def _ends_on_plug(cited: _Cited) -> bool:
    ends = [words[-1].folded for line in cited.own if (words := words_of(line))]
    return not PLUGS.isdisjoint(ends)


def _leaves_meter(cited: _Cited) -> bool:
    if not cited.law:
        return False
    n_feet = len(cited.law.split()) - 1
    keeps = measure(cited.law).keeps
    return any(not keeps(line_meter(cited.draft.lines[n - 1]), (n - 1) % n_feet) for n in cited.numbers)


def _breaks_form(cited: _Cited) -> bool:
    if not cited.form:
        return False
    faults = check_form(cited.draft.text, cited.form).faults
    return any(not fault.lines or set(fault.lines) & set(cited.numbers) for fault in faults)


_MEASURES: Mapping[str, Sequence[Callable[[_Cited], bool]]] = {
    "cliche": (_has_stock_phrase,),
    "forced rhyme": (_ends_on_plug, _breaks_form),
    "broken meter": (_leaves_meter, _breaks_form),
    "broken form": (_breaks_form,),
}
