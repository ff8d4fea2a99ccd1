"""One line that fits its slot: walks under way, closing words read off the same logits, finalists read again.

1. N walks try the line at a time, each on a stream that shares the poem so far. A walk takes only tokens that leave
   the line inside its meter, make words that can be said, and repeat nothing.
2. At every word boundary the words that would end the line rightly (meter full, rhyme as the scheme asks) are scored
   by the logits that are there anyway. The likeliest are kept as closed lines.
3. The best closed lines are held against the meter of the registry, read again without the subject, and ranked:
   fluency, what the subject adds, how well a line may end there, less repetition and changes of person.

Knows one line at a time; the poem is `write.py`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from workbench.engines.protocols import Cancelled, TokenModel, never
from workbench.errors import Stopped
from workbench.prosody.measures import measure
from workbench.prosody.meter import line_meter
from workbench.prosody.words import words_of
from workbench.words import holds_run
from workbench.writing.closing import Closer
from workbench.writing.meter_automaton import MeterAutomaton
from workbench.writing.rhyme_table import RhymeTable, is_known, levels_of
from workbench.writing.settings import WritingSettings
from workbench.writing.trunks import Trunks
from workbench.writing.types import Line, Slot
from workbench.writing.walks import LineTask, Row, Steps, Walk

_STOPS = (",", ".", ";", ":", "!", "?", "")
_LAST_STOPS = (".", "!", "?")
_STANZA_STOPS = (*_LAST_STOPS, ";", ":")  # a stanza ends where a sentence may
_INNER_MARKS = (",", ";", ":")
_MARKS = 3  # tokens of a line that are not syllables
_LEAST_CLOSING = -9.0  # log-probability below which a closing word is not looked at
_MOST_GOING_ON = 0.2  # probability that a closing word continues with letters: "perse" is not a word of its own


@dataclass(frozen=True, slots=True, kw_only=True)
class _Closed:
    """A walk with the word that closes it."""

    walk: Walk
    closer: Closer
    closing_nats: float

    @property
    def text(self) -> str:
        return f"{self.walk.text} {self.closer.text}"

    @property
    def tokens(self) -> tuple[int, ...]:
        return (*self.walk.tokens, *self.closer.ids)

    @property
    def said(self) -> tuple[str, ...]:
        return (*self.walk.said, *self.closer.text.lower().split(" "))

    @property
    def rank(self) -> float:
        return (self.walk.logp + self.closing_nats + self.closer.bonus) / len(self.tokens)


class LineSearch:
    """Finds lines with one model; the trunks hold the poem so far."""

    def __init__(
        self, model: TokenModel, table: RhymeTable, settings: WritingSettings, *, trunks: Trunks,
        rng: np.random.Generator,
    ) -> None:  # fmt: skip
        self._model, self._table, self._settings = model, table, settings
        self._trunks, self._rng = trunks, rng

    def lines(self, task: LineTask, *, cancelled: Cancelled = never) -> list[Line]:
        """Lines that fit, best first; empty where nothing was found within the effort.

        Raises:
            Stopped: `cancelled` said so.
        """
        settings = self._settings
        closed = self._closed_lines(task, cancelled)
        ranked = sorted(closed.values(), key=lambda each: -each.rank)
        law = task.slot.law
        if law:  # the ear of the registry has the last word
            keeps, place = measure(law[0]).keeps, law[1]
            ranked = [each for each in ranked[: 4 * settings.n_finalists] if keeps(line_meter(each.text), place)]
        return self._ranked_again(ranked[: settings.n_finalists], task) if ranked else []

    # ------------------------------------------------------------ walks

    def _closed_lines(self, task: LineTask, cancelled: Cancelled) -> dict[str, _Closed]:
        """Closed lines by text."""
        automaton = MeterAutomaton(task.slot.templates, most=self._settings.stress_price)
        found: dict[str, _Closed] = {}
        step = Steps(
            self._model, self._table, self._settings, task, automaton=automaton,
            wants_space=self._trunks.wants_space, rng=self._rng,
        )  # fmt: skip
        n_walks, first = self._settings.n_walks, self._trunks.after[0]
        self._trunks.spread(range(n_walks))
        walks = step.beginnings(first, n_walks)
        for _ in range(task.effort * self._n_steps(task.slot)):
            if cancelled():
                raise Stopped("stopped")
            alive = [number for number, walk in enumerate(walks) if walk]
            if not alive or not task.closing.is_any or len(found) >= self._settings.enough:
                break
            rows = self._trunks.read_after([(number, _of(walks[number]).tokens) for number in alive])
            for number, row in zip(alive, rows, strict=True):
                walk = _of(walks[number])
                for closed in self._closings(walk, row, task, automaton):
                    found.setdefault(closed.text, closed)
                walks[number] = step.from_row(walk, row) or self._restart(number, step, first)
        return found

    def _n_steps(self, slot: Slot) -> int:
        """Tokens of a walk: by the line's length, and a few for marks; short lines of short words need them too."""
        return round((self._settings.n_steps - _MARKS) * slot.breadth) + _MARKS

    def _restart(self, stream: int, step: Steps, first: Row) -> Walk | None:
        self._trunks.shorten(stream)
        return step.from_row(Walk(), first)

    def _closings(self, walk: Walk, row: Row, task: LineTask, automaton: MeterAutomaton) -> Iterator[_Closed]:
        """The best lines that one more word would make of a walk."""
        if (not walk.words and not walk.word) or not is_known(walk.word):
            return
        if task.held and task.held not in walk.said:
            return
        levels = walk.levels + levels_of(walk.word)
        for closer, logp in task.closing.best(row, levels, automaton):
            floor = _LEAST_CLOSING * (2 if task.closing.is_given else 1)
            if logp > floor and (task.closing.is_given or not task.history.repeats((*walk.said, closer.word))):
                closed = _Closed(walk=walk, closer=closer, closing_nats=logp)
                if not is_barred(closed.said, task.slot):
                    yield closed

    # ------------------------------------------------------------ finalists

    def _ranked_again(self, closed: list[_Closed], task: LineTask) -> list[Line]:
        """By likelihood, by what they owe the subject, by how well a line may end there, less repetition."""
        stops = _LAST_STOPS if task.is_last else _STANZA_STOPS if task.slot.gap else _STOPS
        ids = np.array([self._model.tokens(f"{stop}\nThe")[0] for stop in stops])
        alone = self._trunks.read_lines([each.tokens for each in closed], 1)
        kept = []
        for each, logp, (logp_alone, row) in zip(closed, self._with_subject(closed), alone, strict=True):
            end = float(np.log(np.exp(row[ids]).sum()))
            is_whole = each.closer.is_given or float(np.exp(row[self._table.continues]).sum()) < _MOST_GOING_ON
            if not is_whole or (end < self._settings.least_end_nats and not each.closer.is_given):
                continue
            stop = stops[int(row[ids].argmax())]
            kept.append(self._line(each, task, logp=logp, subject=logp - logp_alone, end=end, stop=stop))
        if task.followed_by and kept:
            kept = self._with_what_follows(kept, task)
        return sorted(kept, key=lambda line: -line.score)

    def _with_subject(self, closed: list[_Closed]) -> list[float]:
        """Log-probability in nats after the prompt with the subject: the walks found it, but for long given words."""
        if all(len(each.closer.ids) == 1 for each in closed):
            return [each.walk.logp + each.closing_nats for each in closed]
        return [logp for logp, _ in self._trunks.read_lines([each.tokens for each in closed], 0)]

    def _with_what_follows(self, lines: list[Line], task: LineTask) -> list[Line]:
        """The lines with what they do for the one after them, which is there already."""
        gap = "\n\n" if task.slot.gap else "\n"
        after = [self._trunks.tokens_before_word(line.stop + gap) for line in lines]
        follows = self._model.tokens(task.followed_by)
        told = self._trunks.read_lines(
            [(*line.tokens, *ending, *follows) for line, ending in zip(lines, after, strict=True)], 0
        )
        weight = self._settings.following_weight / len(follows)
        return [
            replace(line, score=line.score + weight * (logp - line.logp_nats))
            for line, (logp, _) in zip(lines, told, strict=True)
        ]

    def _line(self, closed: _Closed, task: LineTask, *, logp: float, subject: float, end: float, stop: str) -> Line:
        settings, n_tokens = self._settings, len(closed.tokens)
        closing = closed.closing_nats + closed.closer.bonus
        fluent = (logp + end + settings.closing_weight * (closing + end)) / (n_tokens + 1 + 2 * settings.closing_weight)
        score = (
            fluent
            + settings.subject_weight * subject / n_tokens
            - settings.repeat_price * task.history.share_repeated(closed.said)
            - settings.person_price * task.history.n_new_persons(closed.said)
            - settings.opening_price * task.history.n_openings(closed.said)
            - settings.mark_price * max(0, sum(map(closed.text.count, _INNER_MARKS)) - 1)
        )
        return Line(
            text=closed.text, tokens=closed.tokens, said=closed.said, end=closed.closer.word, logp_nats=logp,
            closing_nats=closed.closing_nats, subject_nats=subject / n_tokens, score=score, stop=stop,
        )  # fmt: skip


def is_barred(said: tuple[str, ...], slot: Slot) -> bool:
    """Whether a line is the old one again, or has words that it may not have."""
    if slot.instead_of and said == tuple(word.lower() for word in words_of(slot.instead_of)):
        return True
    return any(holds_run(said, run) for run in slot.barred)


def _of(walk: Walk | None) -> Walk:
    assert walk is not None  # noqa: S101 - for the type checker: only walks that are alive are asked
    return walk
