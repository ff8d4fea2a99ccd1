"""What became of each line between two drafts: kept, edited, moved, cut or new; by likeness and order, never by place.

Two passes. An ordered alignment (Needleman and Wunsch, gaps cost nothing, a pair earns its similarity above
`LIKE_ENOUGH`) pairs lines that are in the same order; what it leaves over is paired again without order where the
lines are nearly the same: those have moved. So a line inserted at the top is one new line and every other one is kept.

A line's change is the Levenshtein distance in characters by the length of the longer line: 0 = same characters,
1 = nothing in common. Likeness is kinder: it also sees the same words in another order.
"""

import re
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from rapidfuzz import fuzz, process
from rapidfuzz.distance import Levenshtein

from workbench.revision.types import LineChange
from workbench.types import content_id

# Over data/poems a line's likeness to the nearest of another poem's lines is .52 at the 90th and .57 at the 99th
# percentile; lines rewritten with half of their words lie above .6.
LIKE_ENOUGH = 0.56
MOVED_LIKE = 0.8  # without the support of its neighbours a line has to be nearly the same
SAME = 1.0

_WORD = re.compile(r"(?:[^\W_]|['’])+")

Kind = Literal["kept", "edited", "moved", "cut", "new"]
Place = tuple[int, int]  # line before and after, counted from 0; -1 = none


def align(before: Sequence[str], after: Sequence[str], *, of: Sequence[str] = ()) -> tuple[LineChange, ...]:
    """Every line of both drafts once, in the order of reading; a cut line is where it was.

    >>> [(c.kind, c.before_line, c.after_line) for c in align(["one", "two"], ["at first", "one", "two"])]
    [('new', 0, 1), ('kept', 1, 2), ('kept', 2, 3)]

    Args:
        before: the non-empty lines of the earlier draft; white space at their ends counts for nothing.
        after: those of the later draft.
        of: what makes the ids unique, as a rule the ids of the two drafts.
    """
    old, new = [line.strip() for line in before], [line.strip() for line in after]
    likeness_B_A = likeness(old, new)
    path = _in_order(likeness_B_A)
    moved = _out_of_order(path, likeness_B_A)
    gone = {b for b, _ in moved}
    to = {a: b for b, a in moved}
    changes = []
    for b, a in path:
        if a < 0 and b in gone:
            continue
        changes.append(_change(before, after, (to.get(a, b), a), of=of, has_moved=a in to))
    return tuple(changes)


def likeness(before: Sequence[str], after: Sequence[str]) -> Any:
    """How alike each line is to each: 1 = the same, about .45 = two lines of different poems. An array [before, after].

    The higher of two: common characters in order, and the same over the words sorted by the alphabet without case and
    punctuation ("winter light on the floor", "On the floor, the winter light").
    """
    if not before or not after:
        return np.zeros((len(before), len(after)))
    characters = process.cdist(before, after, scorer=fuzz.ratio, dtype=np.float64)
    words = process.cdist(_sorted_words(before), _sorted_words(after), scorer=fuzz.ratio, dtype=np.float64)
    found = np.maximum(characters, np.minimum(words, 99.0)) / 100  # only the very same line is wholly alike
    return np.where(characters == 100, SAME, found)


def line_change(before: str, after: str) -> float:
    """Share of a line's characters that changed: Levenshtein distance by the longer line's length."""
    return float(Levenshtein.normalized_distance(before.strip(), after.strip()))


def _sorted_words(lines: Sequence[str]) -> list[str]:
    return [" ".join(sorted(_WORD.findall(line.lower()))) or line for line in lines]


def _in_order(likeness_B_A: Any) -> list[Place]:
    """The best ordered alignment, from the first line to the last."""
    gain = likeness_B_A - LIKE_ENOUGH
    best = _best_sums(gain)
    b, a = gain.shape
    path: list[Place] = []
    while b or a:
        if b and a and gain[b - 1, a - 1] > 0 and best[b, a] == best[b - 1, a - 1] + gain[b - 1, a - 1]:
            b, a = b - 1, a - 1
            path.append((b, a))
        elif a and best[b, a] == best[b, a - 1]:
            a -= 1
            path.append((-1, a))
        else:
            b -= 1
            path.append((b, -1))
    return path[::-1]


def _best_sums(gain: Any) -> Any:
    """Highest sum of gains over pairs in order, for the first b lines and the first a lines.

    Steps aside cost nothing, so a whole row is one running maximum instead of a loop over its cells.
    """
    best = np.zeros((gain.shape[0] + 1, gain.shape[1] + 1))
    for b in range(gain.shape[0]):
        row = np.maximum(best[b, 1:], best[b, :-1] + gain[b])
        np.maximum.accumulate(np.maximum(row, 0.0), out=best[b + 1, 1:])
    return best


def _out_of_order(path: Sequence[Place], likeness_B_A: Any) -> list[Place]:
    """Pairs among the lines left over that are nearly the same; the likest first, then the nearest."""
    cut, new = [b for b, a in path if a < 0], [a for b, a in path if b < 0]
    like = [(-likeness_B_A[b, a], abs(b - a), b, a) for b in cut for a in new if likeness_B_A[b, a] >= MOVED_LIKE]
    pairs: list[Place] = []
    for _, _, b, a in sorted(like):
        if all(b != taken_b and a != taken_a for taken_b, taken_a in pairs):
            pairs.append((b, a))
    return pairs


def _change(
    before: Sequence[str], after: Sequence[str], place: Place, *, of: Sequence[str], has_moved: bool
) -> LineChange:
    b, a = place
    old, new = before[b] if b >= 0 else "", after[a] if a >= 0 else ""
    change = line_change(old, new) if b >= 0 and a >= 0 else 1.0
    kind: Kind = "cut" if a < 0 else "new" if b < 0 else "moved" if has_moved else "edited" if change else "kept"
    return LineChange(
        id=content_id("line change", *of, str(b + 1), str(a + 1), old, new),
        kind=kind,
        before_line=b + 1,
        after_line=a + 1,
        before=old,
        after=new,
        change=change,
    )
