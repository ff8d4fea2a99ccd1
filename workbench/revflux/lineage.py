"""Lines followed through all drafts of a session: how long each stayed stable, and what came back.

A strand begins with a line of the first draft or with a new line, goes on through kept, edited and moved lines, and
ends where the line is cut. Line 4 that became line 5 is the same strand; line 4 of every draft is not.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from workbench.revflux.edits import STABLE_PERCENT
from workbench.revision.types import LineChange


@dataclass(frozen=True, slots=True, kw_only=True)
class Strand:
    """One line through the drafts."""

    born: int  # number of the draft it first stands in
    texts: tuple[str, ...]  # one a draft, from `born` on, while it stands
    changes: tuple[float, ...]  # percent, one a round that it came through; 100 at the end for a line that was cut
    n_rounds: int  # rounds of the session after it was born

    @property
    def n_stable(self) -> int:
        """Rounds in which it changed by less than 5 %."""
        return sum(change < STABLE_PERCENT for change in self.changes)

    @property
    def stability(self) -> float | None:
        """Percent of the rounds after its birth in which it stood and stayed stable. None: born in the last draft."""
        return 100.0 * self.n_stable / self.n_rounds if self.n_rounds else None

    @property
    def is_cut(self) -> bool:
        """Whether it does not stand in the last draft."""
        return len(self.texts) <= self.n_rounds


def follow(first: Sequence[str], changes_R: Sequence[Sequence[LineChange]]) -> tuple[Strand, ...]:
    """The strands of a session, in the order in which they begin.

    Args:
        first: the lines of the first draft.
        changes_R: the alignment of each of the R rounds.
    """
    n_rounds = len(changes_R)
    strands: list[tuple[int, list[str], list[float]]] = [(0, [line], []) for line in first]
    alive = dict(enumerate(range(len(strands)), 1))  # line of the draft → strand
    for number, changes in enumerate(changes_R, 1):
        came: dict[int, int] = {}
        for change in changes:
            if change.kind == "new":
                came[change.after_line] = len(strands)
                strands.append((number, [change.after], []))
                continue
            _, texts, percents = strands[alive[change.before_line]]
            percents.append(100.0 * change.change)
            if change.kind != "cut":
                texts.append(change.after)
                came[change.after_line] = alive[change.before_line]
        alive = came
    return tuple(
        Strand(born=born, texts=tuple(texts), changes=tuple(percents), n_rounds=n_rounds - born)
        for born, texts, percents in strands
    )


def mean_stability(strands: Sequence[Strand]) -> float | None:
    """Mean stability in percent of the lines that had a round to live through."""
    values = [strand.stability for strand in strands if strand.stability is not None]
    return sum(values) / len(values) if values else None


def survival(strands: Sequence[Strand], n_rounds: int) -> tuple[float, ...]:
    """Percent of the first draft's lines that were stable in every one of the first r rounds, r = 0 … n_rounds."""
    first = [strand.changes for strand in strands if strand.born == 0]
    held = [sum(len(c) >= r and all(x < STABLE_PERCENT for x in c[:r]) for c in first) for r in range(n_rounds + 1)]
    return tuple(100.0 * count / len(first) if first else 0.0 for count in held)


def returned(drafts: Sequence[Sequence[str]]) -> float | None:
    """Oscillation: percent of the lines brought in since the draft before that stood verbatim in a draft before that.

    Over all rounds from the second on. 0 = every change goes somewhere new; 100 = the poem swings between two
    versions. None: fewer than two rounds, or nothing was brought in.
    """
    brought = came_back = 0
    for number in range(2, len(drafts)):
        last = {line.strip() for line in drafts[number - 1]}
        older = {line.strip() for draft in drafts[: number - 1] for line in draft}
        fresh = [line.strip() for line in drafts[number] if line.strip() not in last]
        brought += len(fresh)
        came_back += sum(line in older for line in fresh)
    return 100.0 * came_back / brought if brought else None
