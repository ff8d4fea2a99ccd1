"""One poem under way: line by line, back where nothing fits, each line by the search of `line_search`.

Knows the plan, the poem so far and the rhymes that are owed; which of several poems is the best is `write.py`.
"""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from workbench.engines.protocols import Cancelled, TokenModel
from workbench.errors import WorkbenchError
from workbench.prosody.words import words_of
from workbench.types import seed_for
from workbench.writing.closing import ClosingWords, opening_words, rhyming_words
from workbench.writing.history import History
from workbench.writing.line_search import LineSearch
from workbench.writing.rhyme_table import RhymeTable
from workbench.writing.settings import WritingSettings
from workbench.writing.trunks import Place, Trunks
from workbench.writing.types import Line, Slot
from workbench.writing.walks import LineTask

_TOKENS_A_LINE = 24  # room on a stream
_RENTREMENT_WORDS = 4  # opening words of the first line that come back
_FAMILIES = 14  # rhyme families that a poem may draw on
_FAMILY_SIZE = range(8, 101)
_JITTER = 0.5  # nats by which a seed prefers one family to another
_HEADS = ("The", "A", "My", "I saw the")  # beginnings after which a thing is named
_MOST_AFFINITY = 3.0  # nats
_LEAST_NAMED = -9.0  # log-probability below which a word is not what the beginning leads to


class CannotWriteError(WorkbenchError):
    """No line fits a slot; the message names the line and what it owes."""


OnLine = Callable[[int, Line], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class WritingTask:
    """A poem to write: prompts are token ids up to where its first line begins."""

    subject: str
    title: str
    form: str
    slots: tuple[Slot, ...]
    prompt: tuple[int, ...]  # with the subject
    bare_prompt: tuple[int, ...]  # without it: what it adds to a line is the difference
    model: str  # name of the engine, for the record
    seed: int = 0


class PoemSearch:
    """One poem under way."""

    def __init__(
        self, model: TokenModel, table: RhymeTable, task: WritingTask, settings: WritingSettings, *, trunks: Trunks
    ) -> None:
        self._model, self._table, self._task, self._settings = model, table, task, settings
        self._slots, self._trunks = task.slots, trunks
        trunks.back_to(trunks.start)
        rng = np.random.default_rng(task.seed % 2**63)
        self._search = LineSearch(model, table, settings, trunks=self._trunks, rng=rng)
        self._bonus_N = self._bonus()
        self._families = self._shortlist(random.Random(seed_for(task.seed, "families")))  # noqa: S311
        self._lines: list[Line] = []
        self._places: list[Place] = []
        self._spare: dict[int, list[Line]] = {}
        self._next_best: dict[int, list[Line]] = {}
        self._tries: Counter[int] = Counter()
        self.n_returns = 0

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines so far."""
        return tuple(self._lines)

    def write(self, on_line: OnLine, cancelled: Cancelled) -> None:
        """All lines.

        Raises:
            CannotWriteError: a slot stays empty.
            Stopped: `cancelled` said so.
        """
        while (number := len(self._lines)) < len(self._slots):
            self._places[number:] = [self._trunks.place()]
            found = self._given_line(number) or self._spare.pop(number, None) or self._searched(number, cancelled)
            if found:
                self._take(number, found)
                on_line(number, replace(found[0], others=self.runners_up[number]))
            else:
                self._go_back(number)

    @property
    def text(self) -> str:
        """The poem, with its stanza breaks."""
        shown = [
            line.text + line.stop + ("\n\n" if slot.gap else "\n")
            for line, slot in zip(self._lines, self._slots, strict=True)
        ]
        return "".join(shown).rstrip("\n")

    @property
    def runners_up(self) -> list[tuple[str, ...]]:
        """The next best of each line."""
        n = self._settings.n_runners_up
        return [
            tuple(line.text + line.stop for line in self._next_best.get(number, [])[:n])
            for number in range(len(self._lines))
        ]

    @property
    def worth(self) -> float:
        """What the subject adds to its lines, in nats a token; likelihood alone prefers the bland."""
        free = [line.subject_nats for line in self._lines if line.tokens]
        return sum(free) / len(free) if free else 0.0

    # ------------------------------------------------------------ lines

    def _take(self, number: int, found: list[Line]) -> None:
        line, slot = found[0], self._slots[number]
        self._spare[number] = found[1 : 1 + max(3, self._settings.n_runners_up)]
        self._next_best[number] = self._spare[number]
        self._lines.append(line)
        is_last = number + 1 == len(self._slots)
        is_read = not is_last and self._is_free(number + 1)  # what follows a line that is given need not be known
        self._trunks.commit(line, gap=slot.gap, is_first=number == 0, is_last=is_last, is_read=is_read)

    def _go_back(self, number: int) -> None:
        """After a second failure back to the line that set the rhyme; there the next best is taken."""
        self._tries[number] += 1
        if self._tries[number] % 2:
            return  # once more, with twice the effort
        self.n_returns += 1
        if self.n_returns > sum(map(self._is_free, range(len(self._slots)))):
            owes = self._slots[number]
            rhyme = f" that rhymes with '{self._mates(number)[0]}'" if self._mates(number) else ""
            word = f" that ends on '{owes.end_word}'" if owes.end_word else ""
            raise CannotWriteError(
                f"line {number + 1} of {len(self._slots)}: no line{rhyme}{word} was found that keeps the form; "
                "try another --seed, more --set writing.n_walks, or fewer words of your own"
            )
        letter = self._slots[number].letter
        setters = [n for n in range(number) if self._is_free(n) and letter and self._slots[n].letter == letter]
        back = setters[0] if setters else max([n for n in range(number) if self._is_free(n)], default=0)
        self._trunks.back_to(self._places[back])
        self._spare = {n: rest for n, rest in self._spare.items() if n <= back and rest}
        del self._lines[back:]

    def _is_free(self, number: int) -> bool:
        slot = self._slots[number]
        return not slot.text and slot.copy_of is None and slot.opening_of is None

    def _given_line(self, number: int) -> list[Line] | None:
        """A line that need not be searched for: a person's own, a refrain, a rentrement."""
        slot = self._slots[number]
        if slot.text:
            return [line_of(slot.text)]
        if slot.copy_of is not None:
            return [replace(self._lines[slot.copy_of], score=0.0)]
        if slot.opening_of is not None:
            opening = " ".join(self._lines[slot.opening_of].text.split(" ")[:_RENTREMENT_WORDS])
            return [replace(line_of(opening.rstrip(",;:")), stop=".")]
        return None

    def _searched(self, number: int, cancelled: Cancelled) -> list[Line]:
        slot, last = self._slots[number], len(self._slots) - 1
        held = self._lines[slot.holds_end_of].end if slot.holds_end_of is not None else slot.holds
        to_come = [each.text for each in self._slots[number + 1 :] if each.text]
        task = LineTask(
            slot=slot, closing=self._closing(number), held=held, is_first=number == 0, is_last=number == last,
            history=History([*self._lines, *map(line_of, to_come)]), effort=1 + self._tries[number] % 2,
            followed_by=self._slots[number + 1].text if number < last else "",
        )  # fmt: skip
        return self._search.lines(task, cancelled=cancelled)

    # ------------------------------------------------------------ closing words

    def _closing(self, number: int) -> ClosingWords:
        slot, used = self._slots[number], {end for _, end in self._ends()}
        given = slot.end_word or (self._lines[slot.end_of].end if slot.end_of is not None else "")
        mates = self._mates(number)
        barred = [end for n, end in self._ends() if self._slots[n].letter != slot.letter and slot.letter]
        if given:
            allowed_N = np.zeros(len(self._table.closers.words), dtype=bool)
        elif mates:
            allowed_N = rhyming_words(self._table, mates, barred, used)
            if not allowed_N.any() and any(each.text for each in self._slots):  # lines that are there clash already
                allowed_N = rhyming_words(self._table, mates, (), used)
        else:
            later = range(number + 1, len(self._slots))
            to_come = sum(
                bool(slot.letter) and self._slots[n].letter == slot.letter and self._is_free(n) for n in later
            )
            families = self._families if to_come else frozenset()
            allowed_N = opening_words(self._table, barred, used, n_to_come=to_come, families=families)
            if not allowed_N.any():  # every family of the shortlist is taken
                allowed_N = opening_words(self._table, barred, used, n_to_come=to_come)
        bonus_N = self._bonus_N if slot.letter else -self._settings.plug_price * self._table.plugs_N
        return ClosingWords(
            self._model, self._table, allowed_N, bonus_N, tail=slot.tail, given=[given] if given else []
        )

    def _ends(self) -> list[tuple[int, str]]:
        """End words by line: of the lines so far, and of those to come that a person gave."""
        so_far = [(number, line.end) for number, line in enumerate(self._lines)]
        return so_far + [
            (number, slot.end_word or line_of(slot.text).end)
            for number, slot in enumerate(self._slots)
            if number >= len(self._lines) and (slot.end_word or slot.text)
        ]

    def _mates(self, number: int) -> list[str]:
        """End words that this line must rhyme with."""
        letter = self._slots[number].letter
        return [end for n, end in self._ends() if letter and n != number and self._slots[n].letter == letter]

    def _bonus(self) -> NDArray[np.float64]:
        """Of each closing word: what the subject adds to it, less the price of a plug."""
        bonus_N: NDArray[np.float64] = (
            self._settings.affinity_weight * self._affinity() - self._settings.plug_price * self._table.plugs_N
        )
        return bonus_N

    def _affinity(self) -> NDArray[np.float64]:
        """What the subject adds to each closing word in nats, where a thing is named: after such words as "The".

        Mean over the beginnings. A word that is unlikely with the subject and without it has none: such differences
        are noise.
        """
        space = " " * self._trunks.wants_space
        heads = [ids for head in _HEADS if (ids := self._model.tokens(space + head))]
        ids_N = self._table.closers.ids_N
        told, bare = ([row[ids_N] for _, row in self._trunks.read_lines(heads, trunk)] for trunk in (0, 1))
        added = [
            np.where(np.maximum(one, two) > _LEAST_NAMED, np.clip(one - two, -_MOST_AFFINITY, _MOST_AFFINITY), 0.0)
            for one, two in zip(told, bare, strict=True)
        ]
        return np.mean(added, axis=0, dtype=np.float64) if added else np.zeros(len(ids_N))

    def _shortlist(self, rng: random.Random) -> frozenset[str]:
        """Rhyme families for the whole poem, chosen before its first line: near the subject, others with each seed."""
        worth: dict[str, float] = {}
        for key in sorted(self._table.by_sound):
            numbers = [n for n in self._table.by_sound[key] if self._table.closers.sounds[n][0] == key]
            if len(numbers) in _FAMILY_SIZE:
                best = sorted(self._bonus_N[numbers], reverse=True)[:4]
                worth[key] = float(np.mean(best)) + rng.gauss(0.0, _JITTER)
        return frozenset(sorted(worth, key=lambda key: -worth[key])[:_FAMILIES])


def trunks_of(model: TokenModel, task: WritingTask, settings: WritingSettings) -> Trunks:
    """The prompts of a task on the model's streams, with room for its poem: read once for all tries."""
    n_given = sum(len(model.tokens(slot.text or slot.instead_of)) for slot in task.slots)
    return Trunks(
        model, (task.prompt, task.bare_prompt), n_walks=settings.n_walks,
        n_tokens=_TOKENS_A_LINE * len(task.slots) + n_given,
    )  # fmt: skip


def line_of(text: str) -> Line:
    """A line that was given, by a person or by an earlier draft."""
    words: Sequence[str] = words_of(text)
    said = tuple(word.lower() for word in words)
    return Line(text=text, tokens=(), said=said or ("",), end=said[-1] if said else "")
