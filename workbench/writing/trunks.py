"""The poem so far on a model's streams: once after the prompt with the subject, once after a prompt without it.

Streams 0 … N-1 are free for walks; the two after them are the trunks. Positions are counted here and nowhere else.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile

import numpy as np
from numpy.typing import NDArray

from workbench.engines.protocols import TokenModel
from workbench.writing.types import Line

Row = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the trunks were before a line, so that a poem can go back to it."""

    at: tuple[int, int]
    after: tuple[Row, Row]


class Trunks:
    """Two prompts, and behind each the lines that were committed.

    Attributes:
        at: tokens on each trunk.
        after: log-probabilities of the token after each trunk.
        wants_space: the first word follows a label ("Poem:") and begins with a space.
    """

    def __init__(self, model: TokenModel, prompts: Sequence[Sequence[int]], *, n_walks: int, n_tokens: int) -> None:
        self._model, self._n_walks = model, n_walks
        model.open(n_walks + 2, max(map(len, prompts)) + n_tokens)
        self.at: tuple[int, int] = (len(prompts[0]), len(prompts[1]))
        self.after: tuple[Row, Row] = self._prompts_read(prompts)
        self.wants_space = not model.piece(prompts[0][-1]).endswith(b"\n")
        self._unread: list[int] = []
        self.start = self.place()

    def place(self) -> Place:
        """To come back to; never between lines that are committed and not read."""
        return Place(at=self.at, after=self.after)

    def back_to(self, place: Place) -> None:
        """Forgets what was committed since."""
        self.at, self.after, self._unread = place.at, place.after, []
        for trunk in (0, 1):
            self._model.copy(self._stream(trunk), self._stream(trunk), self.at[trunk])

    def commit(self, line: Line, *, gap: bool, is_first: bool, is_last: bool, is_read: bool = True) -> None:
        """Puts a line on both trunks, with its stop and the break after it; read at once, or with the next that is."""
        ending = "\n\n" if gap and not is_last else "\n"
        if line.tokens:
            ids = [*line.tokens, *self.tokens_before_word(line.stop + ending)]
        else:
            ids = self.tokens_before_word(
                (" " if is_first and self.wants_space else "") + line.text + line.stop + ending
            )
        self._unread += ids
        if not is_read:
            return
        ids, self._unread = self._unread, []
        first, second = self._model.read_ends([(self._stream(trunk), ids, self.at[trunk]) for trunk in (0, 1)])
        self.after = (first, second)
        self.at = (self.at[0] + len(ids), self.at[1] + len(ids))

    # ------------------------------------------------------------ walks

    def spread(self, streams: Iterable[int]) -> None:
        """Copies the trunk with the subject to walks."""
        for stream in streams:
            self._model.copy(self._stream(0), stream, self.at[0])

    def shorten(self, stream: int) -> None:
        """Takes a walk back to the end of the trunk."""
        self._model.copy(stream, stream, self.at[0])

    def read_after(self, walks: Sequence[tuple[int, Sequence[int]]]) -> NDArray[np.float32]:
        """What comes after the last token of each (stream, tokens of the line); the others are there already."""
        return self._model.read([(stream, tokens[-1], self.at[0] + len(tokens) - 1) for stream, tokens in walks])

    def read_lines(self, lines: Sequence[Sequence[int]], trunk: int) -> list[tuple[float, Row]]:
        """Log-probability in nats of each line after a trunk, and what comes after its last token."""
        found: list[tuple[float, Row]] = []
        for start in range(0, len(lines), self._n_walks):
            found += self._read_some(lines[start : start + self._n_walks], trunk)
        return found

    def _prompts_read(self, prompts: Sequence[Sequence[int]]) -> tuple[Row, Row]:
        """What comes after each prompt; the beginning that both share is read once."""
        first, second = prompts
        same = takewhile(lambda pair: pair[0] == pair[1], zip(first, second[:-1], strict=False))
        shared = sum(1 for _ in same)
        after_first = self._model.read_ends([(self._stream(0), list(first), 0)])[0]
        self._model.copy(self._stream(0), self._stream(1), shared)
        after_second = self._model.read_ends([(self._stream(1), list(second[shared:]), shared)])[0]
        return after_first, after_second

    def _read_some(self, lines: Sequence[Sequence[int]], trunk: int) -> list[tuple[float, Row]]:
        start, first, longest = self.at[trunk], self.after[trunk], max(map(len, lines))
        for stream in range(len(lines)):
            self._model.copy(self._stream(trunk), stream, start)
        # filled up to one length: llama.cpp reads streams of one length in one pass, others in several
        full = [[*tokens, *[tokens[-1]] * (longest - len(tokens))] for tokens in lines]
        rows = self._model.read(
            [(stream, token, start + p) for stream, tokens in enumerate(full) for p, token in enumerate(tokens)]
        )
        return [
            (
                float(first[tokens[0]]) + sum(float(part[p, token]) for p, token in enumerate(tokens[1:])),
                part[len(tokens) - 1],
            )
            for tokens, part in zip(lines, np.split(rows, len(lines)), strict=True)
        ]

    def tokens_before_word(self, text: str) -> list[int]:
        r"""Tokens of a text that a word without a space follows ("\n\n" is one token only where nothing does)."""
        return list(self._model.tokens(f"{text}The"))[:-1]

    # ------------------------------------------------------------ private

    def _stream(self, trunk: int) -> int:
        return self._n_walks + trunk
