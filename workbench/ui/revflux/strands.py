"""One poem's lines through its drafts, in words: what RevFlux begins with, before any mean over poems.

A row is a strand (`workbench.revflux.lines`): a line of the first draft, or one that came later, followed to its end.
Nothing is told by colour: = unchanged, ~ changed with its percent, + came, − was cut.
"""

from collections.abc import Sequence
from html import escape

from workbench.revflux.lines import STABLE_PERCENT, Strand, follow
from workbench.revflux.rounds import measure_round, reference_lines
from workbench.revflux.study import StudySession
from workbench.revision.types import Trace
from workbench.ui.html import link, note_html, table_html
from workbench.ui.studio.trust import heading_of

N_SHOWN = 6  # poems; the newest first


def strands_html(held: Sequence[StudySession], *, in_studio: bool, chance: float | None = None) -> str:
    """The poems that were revised last, each as a table of its lines, the first one open.

    Args:
        held: sessions, the newest first.
        in_studio: whether the studio can open them.
        chance: percent of lines that two unrelated poems share; None = not known.
    """
    revised = [one.trace for one in held if len(one.trace.rounds) > 1][:N_SHOWN]
    if not revised:
        return ""
    shown = "".join(_poem_html(trace, place, in_studio=in_studio) for place, trace in enumerate(revised))
    beside = "" if chance is None else f" Two poems that have nothing to do with each other share {chance:.0f} of 100."
    legend = "= as it was · ~ changed, by so many percent of its characters · + came · − was cut." + beside
    return f"<h2>A poem through its drafts</h2>{note_html(legend)}{shown}"


def strand_sentence(strands: Sequence[Strand]) -> str:
    """What became of the lines of the first draft, and how many came.

    >>> from workbench.revflux.lines import follow
    >>> strand_sentence(follow(["The rope is wet."], []))
    'Of 1 line of the first draft, 1 is as before, 0 are changed, 0 are gone; 0 are new.'
    """
    first = [strand for strand in strands if not strand.born]
    gone = sum(strand.is_cut for strand in first)
    same = sum(not strand.is_cut and all(change < STABLE_PERCENT for change in strand.changes) for strand in first)
    new = sum(bool(strand.born) and not strand.is_cut for strand in strands)
    changed = len(first) - gone - same
    return (
        f"Of {len(first)} line{'s' * (len(first) != 1)} of the first draft, {_are(same)} as before, "
        f"{_are(changed)} changed, {_are(gone)} gone; {_are(new)} new."
    )


def _are(n: int) -> str:
    return f"{n} {'is' if n == 1 else 'are'}"


def _poem_html(trace: Trace, place: int, *, in_studio: bool) -> str:
    drafts = [reference_lines(one.draft.text) for one in trace.rounds]
    rounds = [measure_round(*drafts[n - 1 : n + 1], number=n).changes for n in range(1, len(drafts))]
    strands = follow(drafts[0], rounds)
    columns = ("line", *(f"draft {n + 1}" for n in range(len(drafts))), "at the end")
    rows = [
        [escape(strand.texts[0]), *map(escape, _cells(strand, len(drafts))), escape(_end(strand))] for strand in strands
    ]
    door = f"<p>{link('Open it in the studio', tab='studio', session=trace.id)}</p>" if in_studio else ""
    table = table_html(columns, rows, caption="Its lines")
    is_open = " open" if place == 0 else ""
    head = f"<summary>{escape(heading_of(trace))}, {len(drafts)} drafts</summary>"
    return f'<details class="wb-card"{is_open}>{head}{note_html(strand_sentence(strands))}{door}{table}</details>'


def _cells(strand: Strand, n_drafts: int) -> list[str]:
    told = [""] * strand.born + ["+" if strand.born else "="]
    for number, change in enumerate(strand.changes, 1):
        is_end = strand.is_cut and number == len(strand.changes)
        told.append("−" if is_end else "=" if change < STABLE_PERCENT else f"~ {change:.0f} %")
    return told + [""] * (n_drafts - len(told))


def _end(strand: Strand) -> str:
    return "cut" if strand.is_cut else "the same" if strand.texts[-1] == strand.texts[0] else strand.texts[-1]
