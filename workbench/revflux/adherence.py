"""Did what was asked happen? The ledger's answer, and a second one that asks nobody: where the change went.

    adherence        percent of critique items that the next draft did: done counts 1, partly ½ (the ledger's judgement)
    aim              mean change of the lines that the critique cites − that of the other lines, percentage points
    control_aim      the same for the re-roll that never saw the critique: what chance alone would hit
    strongest_kept   percent of the strongest moments that stayed stable (below 5 %)

Aim above control_aim is evidence that the critique steered the pen; adherence alone is not, since a draft that changes
everything answers everything.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from workbench.revflux.edits import STABLE_PERCENT
from workbench.revision.alignment import align
from workbench.revision.types import Critique, Draft, Round

OUTCOMES = ("done", "partly", "elsewhere", "ignored")


@dataclass(frozen=True, slots=True, kw_only=True)
class Adherence:
    """What became of the critiques of a session."""

    outcomes: tuple[int, int, int, int]  # items, in the order of OUTCOMES
    adherence: float | None
    aim: float | None
    control_aim: float | None
    strongest_kept: float | None


def measure_adherence(rounds: Sequence[Round]) -> Adherence:
    """Adherence over the rounds of a session; None where no critique was answered."""
    counted = Counter[str](response.outcome for one in rounds for response in one.responses)
    done, partly, elsewhere, ignored = (counted[outcome] for outcome in OUTCOMES)
    n_items = done + partly + elsewhere + ignored
    answered = list(_answered(rounds))
    return Adherence(
        outcomes=(done, partly, elsewhere, ignored),
        adherence=100.0 * (done + partly / 2) / n_items if n_items else None,
        aim=_mean([aim_of(critique, before, one.draft) for before, critique, one in answered]),
        control_aim=_mean([aim_of(critique, before, one.control) for before, critique, one in answered if one.control]),
        strongest_kept=_mean([_strongest(critique, before, one.draft) for before, critique, one in answered]),
    )


def aim_of(critique: Critique, before: Draft, after: Draft) -> float | None:
    """Mean change of the cited lines minus that of the others; None where the critique cites no line, or every one."""
    changes = line_changes(before, after)
    cited = {line for item in critique.items for line in range(item.first_line, item.last_line + 1)}
    on = [change for line, change in changes.items() if line in cited]
    off = [change for line, change in changes.items() if line not in cited]
    return sum(on) / len(on) - sum(off) / len(off) if on and off else None


def line_changes(before: Draft, after: Draft) -> dict[int, float]:
    """The change in percent of each line of the earlier draft; 100 where it was cut."""
    aligned = align(before.lines, after.lines)
    return {change.before_line: 100.0 * change.change for change in aligned if change.before_line}


def _answered(rounds: Sequence[Round]) -> Iterator[tuple[Draft, Critique, Round]]:
    """Draft, its critique, and the round that answered; a new start answers nothing line by line."""
    for before, one in pairwise(rounds):
        if before.critique is not None and one.draft.parent_id:
            yield before.draft, before.critique, one


def _strongest(critique: Critique, before: Draft, after: Draft) -> float | None:
    if critique.strongest is None:
        return None
    changes = line_changes(before, after)
    lines = range(critique.strongest.first_line, critique.strongest.last_line + 1)
    return 100.0 * all(changes.get(line, 100.0) < STABLE_PERCENT for line in lines)


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
