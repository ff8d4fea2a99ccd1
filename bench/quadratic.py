"""What RevFlux measures, written plainly: quadratic edit distances and alignments in pure Python.

The second implementation that tests compare with, and the one that the bench is measured against. No cleverness, no
libraries: the textbook recurrences over lists.
"""

from collections.abc import Sequence
from itertools import pairwise, zip_longest
from typing import Any

from workbench.revflux.lines import words_and_marks
from workbench.revision.alignment import LIKE_ENOUGH, MOVED_LIKE

Pair = tuple[int, int]  # line before and after, from 0; -1 = none


def distance(before: Sequence[Any], after: Sequence[Any]) -> int:
    """Levenshtein distance (Wagner and Fischer)."""
    row = list(range(len(after) + 1))
    for i, left in enumerate(before, 1):
        diagonal, row[0] = row[0], i
        for j, right in enumerate(after, 1):
            best = min(row[j] + 1, row[j - 1] + 1, diagonal + (left != right))
            diagonal, row[j] = row[j], best
    return row[-1]


def in_common(before: Sequence[Any], after: Sequence[Any]) -> int:
    """Length of the longest common subsequence."""
    row = [0] * (len(after) + 1)
    for left in before:
        diagonal = 0
        for j, right in enumerate(after, 1):
            best = diagonal + 1 if left == right else max(row[j], row[j - 1])
            diagonal, row[j] = row[j], best
    return row[-1]


def percent(before: Sequence[Any], after: Sequence[Any]) -> float:
    """Change in percent of the longer side."""
    longer = max(len(before), len(after))
    return 100.0 * distance(before, after) / longer if longer else 0.0


def by_index(drafts: Sequence[str]) -> list[tuple[float, float]]:
    """Mean change in characters and words of each round, lines paired by index."""
    found = []
    for before, after in pairwise([_lines(draft) for draft in drafts]):
        pairs = list(zip_longest(before, after, fillvalue=""))
        characters = [percent(b, a) for b, a in pairs]
        words = [percent(words_and_marks(b), words_and_marks(a)) for b, a in pairs]
        found.append((sum(characters) / len(pairs), sum(words) / len(pairs)))
    return found


def aligned(drafts: Sequence[str]) -> list[tuple[float, float]]:
    """Mean change of the rows in characters, and the share of words that changed, lines paired by alignment."""
    found = []
    for before, after in pairwise([_lines(draft) for draft in drafts]):
        rows = [(before[b] if b >= 0 else "", after[a] if a >= 0 else "") for b, a in align(before, after)]
        words = [(words_and_marks(b), words_and_marks(a)) for b, a in rows]
        n_words = sum(max(len(b), len(a)) for b, a in words)
        found.append((
            sum(percent(b, a) for b, a in rows) / len(rows),
            100.0 * sum(distance(b, a) for b, a in words) / n_words,
        ))  # fmt: skip
    return found


def align(before: Sequence[str], after: Sequence[str]) -> list[Pair]:
    """The pairs of `workbench.revision.alignment`, every cell by itself."""
    alike = [[likeness(b, a) for a in after] for b in before]
    path = _ordered([[one - LIKE_ENOUGH for one in row] for row in alike], len(before), len(after))
    cut, new = [b for b, a in path if a < 0], [a for b, a in path if b < 0]
    moved: dict[int, int] = {}
    candidates = sorted((-alike[b][a], abs(b - a), b, a) for b in cut for a in new if alike[b][a] >= MOVED_LIKE)
    for _, _, b, a in candidates:
        if a not in moved and b not in moved.values():
            moved[a] = b
    return [(moved.get(a, b), a) for b, a in path if a >= 0 or b not in moved.values()]


def likeness(before: str, after: str) -> float:
    """The likeness of two lines."""
    if before == after:
        return 1.0
    return max(_ratio(before, after), min(_ratio(_sorted_words(before), _sorted_words(after)), 0.99))


def _ratio(before: str, after: str) -> float:
    return 2 * in_common(before, after) / (len(before) + len(after))


def _sorted_words(line: str) -> str:
    bare = "".join(c if c.isalnum() or c in "'’" else " " for c in line.lower())
    return " ".join(sorted(bare.split())) or line


def _ordered(gain: list[list[float]], n_before: int, n_after: int) -> list[Pair]:
    best = [[0.0] * (n_after + 1) for _ in range(n_before + 1)]
    for b in range(n_before):
        for a in range(n_after):
            best[b + 1][a + 1] = max(best[b][a] + gain[b][a], best[b][a + 1], best[b + 1][a])
    b, a, path = n_before, n_after, list[Pair]()
    while b or a:
        if b and a and gain[b - 1][a - 1] > 0 and best[b][a] == best[b - 1][a - 1] + gain[b - 1][a - 1]:
            b, a = b - 1, a - 1
            path.append((b, a))
        elif a and best[b][a] == best[b][a - 1]:
            a -= 1
            path.append((-1, a))
        else:
            b -= 1
            path.append((b, -1))
    return path[::-1]


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]
