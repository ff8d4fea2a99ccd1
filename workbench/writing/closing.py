"""The words that one line may end on, and the best of them after a row of logits.

Free lines choose among the vocabulary's closing words, as rhyme and scheme allow; a word that a person or the form
gives (bouts-rimés, a sestina's end word) is the only one.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.engines.protocols import TokenModel
from workbench.prosody.rhyme import rhyme_class
from workbench.prosody.rimes import rhyme_parts
from workbench.prosody.types import PERFECT_CLASSES
from workbench.writing.meter_automaton import MeterAutomaton
from workbench.writing.rhyme_table import RhymeTable, closing_levels, sounds_of

_LOOKED_AT = 3  # closing words of one walk at one place
_FEWEST_A_LINE, _FEWEST, _ENOUGH, _MOST = 6, 8, 24, 100  # words of a rhyme family, by lines that will need one


@dataclass(frozen=True, slots=True, kw_only=True)
class Closer:
    """A word that closes a line, with what follows it there."""

    word: str
    ids: tuple[int, ...]
    text: str  # the word, and the tail where the form has one
    bonus: float = 0.0  # nats: what the subject adds, less the price of a plug
    is_given: bool = False


class ClosingWords:
    """The words that may close one line."""

    def __init__(
        self, model: TokenModel, table: RhymeTable, allowed_N: NDArray[np.bool_], bonus_N: NDArray[np.float64], *,
        tail: str = "", given: Sequence[str] = (),
    ) -> None:  # fmt: skip
        self._table, self._allowed_N, self._bonus_N = table, allowed_N, bonus_N
        self._tail, self._tail_ids = tail, tuple(model.tokens(f" {tail}")) if tail else ()
        self._given = [
            (Closer(word=word.lower(), ids=(*model.tokens(f" {word}"), *self._tail_ids), is_given=True,
                    text=f"{word} {tail}".strip()), closing_levels(word))
            for word in given
        ]  # fmt: skip
        self._fitting: dict[str, NDArray[np.int64]] = {}

    @property
    def is_given(self) -> bool:
        """Whether the word is not free."""
        return bool(self._given)

    @property
    def is_any(self) -> bool:
        """Whether there is any word at all."""
        return self.is_given or bool(self._allowed_N.any())

    def best(self, row: NDArray[np.float32], levels: str, automaton: MeterAutomaton) -> Iterator[tuple[Closer, float]]:
        """The best words that end a line of these levels, each with its log-probability in nats."""
        if self._given:
            for closer, own in self._given:
                if automaton.may_end(levels + own):
                    yield closer, float(row[closer.ids[0]])
            return
        numbers = self._fit(levels, automaton)
        scores = row[self._table.closers.ids_N[numbers]]
        for place in np.argsort(-(scores + self._bonus_N[numbers]))[:_LOOKED_AT]:
            number, word = int(numbers[place]), self._table.closers.words[numbers[place]]
            yield Closer(
                word=word, ids=(int(self._table.closers.ids_N[number]), *self._tail_ids),
                text=f"{word} {self._tail}".strip(), bonus=float(self._bonus_N[number]),
            ), float(scores[place])  # fmt: skip

    def _fit(self, levels: str, automaton: MeterAutomaton) -> NDArray[np.int64]:
        """Numbers of the allowed words that fill the meter after these levels."""
        if levels not in self._fitting:
            fit = [numbers for own, numbers in self._table.by_levels.items() if automaton.may_end(levels + own)]
            numbers = np.concatenate(fit) if fit else np.array([], dtype=np.int64)
            self._fitting[levels] = numbers[self._allowed_N[numbers]]
        return self._fitting[levels]


def rhyming_words(table: RhymeTable, mates: Sequence[str], barred: Iterable[str], used: set[str]) -> NDArray[np.bool_]:
    """Which closing words rhyme perfectly with all mates, and with none of the barred words.

    By the way that each is usually said; by any way ("get" as in "git") only where no word is left.
    """
    sounds, allowed_N = _sounds(barred), np.zeros(len(table.closers.words), dtype=bool)
    usual = frozenset.intersection(*(frozenset(part.key for part in rhyme_parts(mate)[:1]) for mate in mates))
    for keys, n_ways in ((usual, 1), (frozenset.intersection(*map(sounds_of, mates)), None)):
        for number in {int(number) for key in keys for number in table.by_sound.get(key, ())}:
            word, own = table.closers.words[number], table.closers.sounds[number]
            if word not in used and sounds.isdisjoint(own) and not keys.isdisjoint(own[:n_ways]):
                allowed_N[number] = all(rhyme_class(word, mate) in PERFECT_CLASSES for mate in mates)
        if allowed_N.any():
            break
    return allowed_N


def opening_words(
    table: RhymeTable, barred: Iterable[str], used: set[str], *, n_to_come: int, families: frozenset[str] = frozenset()
) -> NDArray[np.bool_]:
    """Which words may set a rhyme, or close a line that rhymes with nothing.

    Args:
        table: the vocabulary.
        barred: end words whose sound belongs to other letters.
        used: words that ended a line before.
        n_to_come: lines that will have to rhyme with it; families too small for them are out, and those so large that
            the rhyme says nothing (-ation).
        families: rhyming parts to choose from; empty = any.
    """
    sounds = _sounds(barred)
    least = min(_FEWEST + _FEWEST_A_LINE * n_to_come, _ENOUGH) if n_to_come else 0

    def fits(number: int) -> bool:
        own, word = table.closers.sounds[number], table.closers.words[number]
        if word in used or not sounds.isdisjoint(own):
            return False
        if not n_to_come:
            return True
        return least <= table.family[own[0]] <= _MOST and (not families or own[0] in families)

    return np.array([fits(number) for number in range(len(table.closers.words))])


def _sounds(words: Iterable[str]) -> frozenset[str]:
    return frozenset().union(*(sounds_of(word) for word in words))
