"""Walks through a line: one token after another, each by the laws of the line; what `line_search` closes.

A walk takes only tokens that leave the line inside its meter, make words that can be said, and repeat nothing.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import cycle, islice

import numpy as np
from numpy.typing import NDArray

from workbench.engines.protocols import TokenModel
from workbench.writing.closing import ClosingWords
from workbench.writing.history import History
from workbench.writing.meter_automaton import MeterAutomaton
from workbench.writing.rhyme_table import RhymeTable, is_known, levels_of
from workbench.writing.settings import WritingSettings
from workbench.writing.types import Slot

_MOST_PIECES = 3  # tokens of one word
_NEAR_NATS = 9.0  # below the likeliest token: most of the tokens that are looked at lie within
_HELD_BONUS = 5.0  # nats for a word that the line must have

Row = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineTask:
    """One line to find."""

    slot: Slot
    closing: ClosingWords  # the words that it may end on
    history: History
    held: str = ""  # a word that must be in it
    followed_by: str = ""  # the line after it, where that is there already
    is_first: bool = False
    is_last: bool = False
    effort: int = 1  # how many times the usual number of steps


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """A line under way; `word` is its last, perhaps unfinished, word."""

    tokens: tuple[int, ...] = ()
    logp: float = 0.0
    levels: str = ""  # of the words before the last
    words: tuple[str, ...] = ()  # without the last
    word: str = ""
    n_pieces: int = 1
    text: str = ""

    @property
    def said(self) -> tuple[str, ...]:
        """Its words in small letters."""
        return tuple(word.lower() for word in (*self.words, self.word))


class Steps:
    """One more token for a walk, by the laws of one line."""

    def __init__(
        self, model: TokenModel, table: RhymeTable, settings: WritingSettings, task: LineTask, *,
        automaton: MeterAutomaton, wants_space: bool, rng: np.random.Generator,
    ) -> None:  # fmt: skip
        self._table, self._settings, self._rng = table, settings, rng
        self._task, self._automaton = task, automaton
        self._glue = task.is_first and wants_space
        tokens = model.tokens(f" {task.held}") if task.held else []
        self._held = tokens[0] if tokens else None
        self._starts = [
            token for token, (_, text) in self._table.words.items() if text[0] == task.slot.initial
        ] if task.slot.initial else []  # fmt: skip

    def beginnings(self, row: Row, n: int) -> list[Walk | None]:
        """Walks of one token, each with another one as far as there are others that fit."""
        ways = list(islice(self._drawn(Walk(), row), n))
        return [*islice(cycle(ways), n)] if ways else [None] * n

    def from_row(self, walk: Walk, row: Row) -> Walk | None:
        """The walk with one more token that keeps it in the form; None where there is none."""
        return next(self._drawn(walk, row), None)

    def _drawn(self, walk: Walk, row: Row) -> Iterator[Walk]:
        """The walk with one more token, drawn without putting back, as long as there is one that fits."""
        ids = self._likeliest(walk, row)
        worth = row[ids] / self._settings.temperature
        if self._held is not None and self._task.held not in walk.said:
            worth[ids == self._held] += _HELD_BONUS / self._settings.temperature
        # Gumbel's trick: the first that fits in this order is drawn as if all that fit had been weighed beforehand
        for place in np.argsort(-(worth + self._rng.gumbel(size=len(ids)))).tolist():
            token = int(ids[place])
            if new := self._with(walk, token):
                yield replace(new, tokens=(*walk.tokens, token), logp=walk.logp + float(row[token]))

    def _likeliest(self, walk: Walk, row: Row) -> NDArray[np.int64]:
        n = self._settings.n_likeliest
        if not walk.tokens and self._starts:
            return np.array(sorted(self._starts, key=lambda token: -row[token])[:n])
        top = likeliest(row, n)
        return np.append(top, self._held) if self._held is not None and self._held not in top else top

    def _with(self, walk: Walk, token: int) -> Walk | None:
        if token in self._table.marks:
            fits = walk.words and is_known(walk.word) and walk.text[-1].isalpha()
            return replace(walk, text=walk.text + self._table.marks[token]) if fits else None
        if token not in self._table.words:
            return None
        space, text = self._table.words[token]
        kind: Callable[[Walk, str, str], Walk | None] = (
            self._first_word if not walk.tokens else self._next_word if space else self._longer_word
        )
        new = kind(walk, space, text)
        if new is None or (text[0] == "'" and not is_known(new.word)):
            return None
        levels = new.levels + (levels_of(new.word) if is_known(new.word) else "1")
        return new if self._automaton.may_go_on(levels) else None

    def _first_word(self, _: Walk, space: str, text: str) -> Walk | None:
        is_capital = text[0].isupper() and (len(text) == 1 or not text.isupper())
        if self._task.history.is_worn(text) and not self._starts:
            return None
        return Walk(word=text, text=text) if is_capital and bool(space) == self._glue else None

    def _next_word(self, walk: Walk, _: str, text: str) -> Walk | None:
        new = Walk(
            tokens=walk.tokens, logp=walk.logp, levels=walk.levels + levels_of(walk.word),
            words=(*walk.words, walk.word), word=text, text=f"{walk.text} {text}",
        )  # fmt: skip
        fits = is_known(walk.word) and (text.islower() or text == "I")
        return new if fits and (text.lower() == self._task.held or not self._task.history.repeats(new.said)) else None

    def _longer_word(self, walk: Walk, _: str, text: str) -> Walk | None:
        fits = walk.text[-1].isalpha() and text.islower() and walk.n_pieces < _MOST_PIECES
        longer = replace(walk, word=walk.word + text, n_pieces=walk.n_pieces + 1, text=walk.text + text)
        return longer if fits else None


def likeliest(row: Row, n: int) -> NDArray[np.int64]:
    """Numbers of the n highest values, in no order; most of a vocabulary is ruled out by one comparison.

    >>> sorted(likeliest(np.array([0.5, -30.0, 0.1, 0.7], dtype=np.float32), 2).tolist())
    [0, 3]
    """
    near = np.flatnonzero(row > row.max() - _NEAR_NATS)
    if len(near) < n:
        near = np.arange(len(row))
    return near if len(near) <= n else near[np.argpartition(-row[near], n)[:n]]
