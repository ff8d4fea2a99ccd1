"""One revision measured on aligned lines: what was kept, edited, moved, cut and added, and where.

Formulas, over the rows of the alignment (every line of both drafts once; n = their number):

    verbatim          100 × lines of the earlier draft that are unchanged in the later one / its lines
    line_change       mean over the rows of 100 × edit distance / longer line; a cut or new line counts 100
    character_change  100 × Σ edit distances / Σ longer lengths, in characters: long lines weigh more
    word_change       the same in words and punctuation marks
    edited_change     mean over the edited lines alone: how deep the edits go
    line_growth       100 × (lines after − before) / before; word_growth likewise

and coverage, tail and entropy of `places` over the rows, head over the lines of the earlier draft. High is not good:
each figure is read beside its bands.

Then the measures of the published reference, line by line index, so that old numbers can be compared; not for judging.
Lines are stripped and non-empty; line i of one draft is paired with line i of the next, a missing one with nothing. So
one line inserted at the top makes every line below it "changed". The published composite score is left out: its weights
are not known here, and it rewards churn.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, zip_longest

from workbench.revflux.lines import (
    CHANGED_PERCENT,
    STABLE_PERCENT,
    Placed,
    coverage,
    edits,
    entropy,
    head_preservation,
    percent,
    place_of,
    profile,
    tail_attention,
    words_and_marks,
)
from workbench.revision.alignment import align
from workbench.revision.types import LineChange


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundFlux:
    """What one revision did. Percentages are None where there is nothing to measure them on."""

    number: int  # of the later draft
    changes: tuple[LineChange, ...]
    n_before: int  # lines
    n_after: int
    n_kept: int
    n_edited: int
    n_moved: int
    n_cut: int
    n_new: int
    verbatim: float | None
    line_change: float | None
    character_change: float | None
    word_change: float | None
    edited_change: float | None
    coverage: float | None
    head_preservation: float | None
    tail_attention: float | None
    entropy: float | None
    line_growth: float | None
    word_growth: float | None


def measure_round(before: Sequence[str], after: Sequence[str], *, number: int = 1) -> RoundFlux:
    """The measures of one revision.

    >>> flux = measure_round(["the ferry", "the rope"], ["a bell", "the ferry", "the rope"])
    >>> flux.n_new, flux.n_kept, flux.verbatim
    (1, 2, 100.0)

    Args:
        before: the non-empty lines of the earlier draft.
        after: those of the later one.
        number: of the later draft.
    """
    changes = align(before, after)
    kinds = Counter(change.kind for change in changes)
    placed = placed_changes(changes)
    untouched = sum(change.kind in ("kept", "moved") and not change.change for change in changes)
    words_before, words_after = (sum(len(words_and_marks(line)) for line in lines) for lines in (before, after))
    return RoundFlux(
        number=number,
        changes=changes,
        n_before=len(before),
        n_after=len(after),
        n_kept=kinds["kept"],
        n_edited=kinds["edited"],
        n_moved=kinds["moved"],
        n_cut=kinds["cut"],
        n_new=kinds["new"],
        verbatim=100.0 * untouched / len(before) if before else None,
        line_change=_mean([100.0 * change.change for change in changes]),
        character_change=_mass([edits(change.before.strip(), change.after.strip()) for change in changes]),
        word_change=_mass([edits(words_and_marks(change.before), words_and_marks(change.after)) for change in changes]),
        edited_change=_mean([100.0 * change.change for change in changes if change.kind == "edited"]),
        coverage=coverage(placed),
        head_preservation=head_preservation(_earlier(changes)),
        tail_attention=tail_attention(placed),
        entropy=entropy(placed),
        line_growth=_growth(len(before), len(after)),
        word_growth=_growth(words_before, words_after),
    )


def placed_changes(changes: Sequence[LineChange]) -> tuple[Placed, ...]:
    """The rows with their places: in the later draft, and for a cut line where it was in the earlier one."""
    n_before = sum(change.before_line > 0 for change in changes)
    n_after = sum(change.after_line > 0 for change in changes)
    return tuple(
        Placed(
            place=place_of(change.after_line, n_after) if change.after_line else place_of(change.before_line, n_before),
            change=100.0 * change.change,
        )
        for change in changes
    )


def _earlier(changes: Sequence[LineChange]) -> list[Placed]:
    """The earlier draft's lines at their old places: a new line at the top takes nothing from the head."""
    n_before = sum(change.before_line > 0 for change in changes)
    rows = [change for change in changes if change.before_line]
    return [Placed(place=place_of(row.before_line, n_before), change=100.0 * row.change) for row in rows]


def _mass(parts: Sequence[tuple[int, int]]) -> float | None:
    distance, length = sum(part[0] for part in parts), sum(part[1] for part in parts)
    return percent((distance, length)) if length else None


def _growth(before: int, after: int) -> float | None:
    return 100.0 * (after - before) / before if before else None


def _mean(values: Sequence[float]) -> float | None:
    return math.fsum(values) / len(values) if values else None


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexPair:
    """Line i of two drafts that follow one another; "" where there is none."""

    number: int  # i, from 1
    before: str
    after: str
    characters: float  # change in percent
    words: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceRound:
    """What the reference says of one revision."""

    number: int  # of the later draft
    pairs: tuple[IndexPair, ...]
    n_words_changed: int  # sum of the lines' edit distances in words

    @property
    def n_changed(self) -> int:
        """Lines with more than 0.5 % change."""
        return sum(pair.characters > CHANGED_PERCENT for pair in self.pairs)

    @property
    def n_stable(self) -> int:
        """Lines with less than 5 % change."""
        return sum(pair.characters < STABLE_PERCENT for pair in self.pairs)

    @property
    def mean_characters(self) -> float:
        """Mean change of the pairs, percent of characters."""
        return _mean([pair.characters for pair in self.pairs]) or 0.0

    @property
    def mean_words(self) -> float:
        """Mean change of the pairs, percent of words."""
        return _mean([pair.words for pair in self.pairs]) or 0.0

    @property
    def placed(self) -> tuple[Placed, ...]:
        """The pairs as lines with a place."""
        n = len(self.pairs)
        return tuple(Placed(place=place_of(pair.number, n), change=pair.characters) for pair in self.pairs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Concatenated:
    """The reference's positional measures: all rounds strung together as if they were one long poem."""

    coverage: float | None
    head_preservation: float | None
    tail_attention: float | None
    entropy: float | None
    profile: tuple[float | None, ...]


def reference_lines(text: str) -> list[str]:
    """The stripped, non-empty lines of a draft."""
    return [line.strip() for line in text.split("\n") if line.strip()]


def reference_rounds(drafts: Sequence[str]) -> tuple[ReferenceRound, ...]:
    """The rounds of a session, lines paired by index."""
    return tuple(_round(number, *pair) for number, pair in enumerate(pairwise(drafts), 1))


def concatenated(rounds: Sequence[ReferenceRound]) -> Concatenated:
    """Positional measures over the rounds strung together, as the reference takes them."""
    changes = [pair.characters for one in rounds for pair in one.pairs]
    lines = [Placed(place=place_of(i, len(changes)), change=change) for i, change in enumerate(changes, 1)]
    return Concatenated(
        coverage=coverage(lines),
        head_preservation=head_preservation(lines),
        tail_attention=tail_attention(lines),
        entropy=entropy(lines),
        profile=profile(lines),
    )


def stable_rounds(rounds: Sequence[ReferenceRound]) -> tuple[int, ...]:
    """For each line index, in how many rounds it stayed stable (below 5 %)."""
    n_lines = max((len(one.pairs) for one in rounds), default=0)
    held = [[one.pairs[i].characters < STABLE_PERCENT for one in rounds if i < len(one.pairs)] for i in range(n_lines)]
    return tuple(map(sum, held))


def structural_growth(drafts: Sequence[str]) -> float | None:
    """Lines of the last draft by those of the first, as a change in percent."""
    first, last = len(reference_lines(drafts[0])), len(reference_lines(drafts[-1]))
    return 100.0 * (last - first) / first if first else None


def _round(number: int, before: str, after: str) -> ReferenceRound:
    pairs = list(zip_longest(reference_lines(before), reference_lines(after), fillvalue=""))
    words = [edits(words_and_marks(b), words_and_marks(a)) for b, a in pairs]
    return ReferenceRound(
        number=number,
        pairs=tuple(
            IndexPair(number=i, before=b, after=a, characters=percent(edits(b, a)), words=percent(of_words))
            for i, ((b, a), of_words) in enumerate(zip(pairs, words, strict=True), 1)
        ),
        n_words_changed=sum(distance for distance, _ in words),
    )
