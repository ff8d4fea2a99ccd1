"""Lines of a poem under revision: how much of one changed, where in the poem it is, and how long it lives.

Change. change % = 100 × Levenshtein distance / length of the longer side, 0 for two empty sides; in characters or in
words. A word keeps its inner apostrophes; each punctuation mark is a word of its own; case counts. These are the
reference's definitions, and both sets of measures use them.

Place. A place is a share of the poem, 0 = its top, 1 = its end. The reference names the measures of place and their
sections (first 20 %, last 33 %, five and ten bins); the formulas are written out here. Of a session they are taken
round by round and averaged: rounds are never strung together (`rounds.concatenated` shows what that does).

Life. A strand begins with a line of the first draft or with a new line, continues through kept, edited and moved
lines, and ends where the line is cut. Line 4 that became line 5 is the same strand; line 4 of every draft is not.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import Levenshtein

from workbench.revision.types import LineChange

CHANGED_PERCENT = 0.5  # above: the line changed
STABLE_PERCENT = 5.0  # below: the line stayed stable
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[^\w\s]|_")
HEAD, TAIL = 0.20, 0.33
N_PROFILE_BINS, N_ENTROPY_BINS = 10, 5


@lru_cache(maxsize=4096)  # a line is in many pairs and, as a rule, in many drafts
def words_and_marks(line: str) -> tuple[str, ...]:
    """The words and punctuation marks of a line.

    >>> words_and_marks("Don't go, gulls.")
    ("Don't", 'go', ',', 'gulls', '.')
    """
    return tuple(_WORD.findall(line))


def edits(before: Sequence[str], after: Sequence[str]) -> tuple[int, int]:
    """Levenshtein distance of two lines (or two lists of words), and the length of the longer one.

    >>> edits("salt", "malted")
    (3, 6)
    """
    return Levenshtein.distance(before, after), max(len(before), len(after))


def percent(edits_and_length: tuple[int, int]) -> float:
    """Change in percent, 0 to 100."""
    distance, length = edits_and_length
    return 100.0 * distance / length if length else 0.0


def character_change(before: str, after: str) -> float:
    """Percent of characters that changed; 0 = the same, 100 = nothing stayed in its place.

    >>> character_change("salt", "malt")
    25.0
    """
    return percent(edits(before.strip(), after.strip()))


def word_change(before: str, after: str) -> float:
    """Percent of words and punctuation marks that changed.

    >>> word_change("the salt road", "the old salt road")
    25.0
    """
    return percent(edits(words_and_marks(before), words_and_marks(after)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """The change of one line."""

    place: float  # in [0, 1)
    change: float  # percent


def place_of(number: int, n_lines: int) -> float:
    """The middle of line `number`, counted from 1, of `n_lines`.

    >>> place_of(1, 2)
    0.25
    """
    return (number - 0.5) / n_lines if n_lines else 0.0


def coverage(lines: Sequence[Placed]) -> float | None:
    """Percent of lines that changed (by more than 0.5 %)."""
    return _mean([100.0 * (line.change > CHANGED_PERCENT) for line in lines])


def head_preservation(lines: Sequence[Placed]) -> float | None:
    """Percent of the lines in the first fifth that stayed stable (changed by less than 5 %)."""
    return _mean([100.0 * (line.change < STABLE_PERCENT) for line in lines if line.place < HEAD])


def tail_attention(lines: Sequence[Placed]) -> float | None:
    """Percent of all change that lies in the last third; about 33 where it is spread evenly. None: nothing changed."""
    total = math.fsum(line.change for line in lines)
    tail = math.fsum(line.change for line in lines if line.place >= 1 - TAIL)
    return 100.0 * tail / total if total else None


def entropy(lines: Sequence[Placed]) -> float | None:
    """How evenly change is spread over five parts: 1 = evenly, 0 = all in one part. None: nothing changed.

    −Σ p log p / log 5, with p = the mean change of a part's lines by the sum of the five means, so that a part that
    happens to hold more lines does not weigh more.
    """
    means = [mean or 0.0 for mean in profile(lines, n_bins=N_ENTROPY_BINS)]
    total = math.fsum(means)
    if not total:
        return None
    shares = [mean / total for mean in means if mean]
    return max(0.0, -math.fsum(share * math.log(share) for share in shares) / math.log(N_ENTROPY_BINS))


def profile(lines: Sequence[Placed], *, n_bins: int = N_PROFILE_BINS) -> tuple[float | None, ...]:
    """Mean change of the lines in each of `n_bins` equal parts, top to end; None where no line lies."""
    bins: list[list[float]] = [[] for _ in range(n_bins)]
    for line in lines:
        bins[min(int(line.place * n_bins), n_bins - 1)].append(line.change)
    return tuple(_mean(changes) for changes in bins)


@dataclass(frozen=True, slots=True, kw_only=True)
class Strand:
    """One line through the drafts."""

    born: int  # number of the draft it first appears in
    texts: tuple[str, ...]  # one a draft, from `born` on, while it is there
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
        """Whether it is missing from the last draft."""
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


def _mean(values: Sequence[float]) -> float | None:
    return math.fsum(values) / len(values) if values else None
