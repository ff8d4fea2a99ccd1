"""The words of a model's vocabulary: which tokens are words, and which words can close a line, by sound and stress.

Built once for a vocabulary (a few seconds) and kept beside the model's files. Only words of one token can close a
line freely, since their probabilities are read off the same logits at no cost; a word that a person gives may be of
several.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from workbench.prosody.reading import is_guessed
from workbench.prosody.rimes import rhyme_parts
from workbench.prosody.stress import beats, is_weak_word, last_beats
from workbench.storage.atomic import write_file

_WORD = re.compile(r"( ?)([A-Za-z]+|'(?:s|t|ll|d|re|ve|m))")
_MARKS = (",", ";", ":")
_VERSION = 1  # of what is kept on disk

_PLUG_WORDS = (
    "one two three four five six seven eight nine ten again too so oh there here away anyway today way day done "
    "gone mine sign bed head said know go no see be me you do true through few new now how "
)
#: Words that rhyme with everything and say nothing; a line may still end on one, at a price.
PLUGS = frozenset(_PLUG_WORDS.split())


class Vocabulary(Protocol):
    """What the table is built from."""

    digest: str
    n_vocab: int

    def piece(self, token: int) -> bytes:
        """The bytes of a token."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Closers:
    """N words that can close a line, each one token."""

    ids_N: NDArray[np.int64]
    words: tuple[str, ...]
    levels: tuple[str, ...]  # how strongly each syllable asks for the beat, at the end of a line
    sounds: tuple[tuple[str, ...], ...]  # all rhyming parts, the likeliest first: two words that share one rhyme

    @property
    def keys(self) -> tuple[str, ...]:
        """The likeliest rhyming part of each word."""
        return tuple(sounds[0] for sounds in self.sounds)


class RhymeTable:
    """Tokens of a vocabulary as words, and its closing words by levels and by rhyming part."""

    def __init__(self, vocabulary: Vocabulary, *, memory: Path | None = None) -> None:
        """Reads the closing words from `memory` where they are kept there, else finds them and keeps them."""
        pieces = [vocabulary.piece(token).decode("utf-8", "replace") for token in range(vocabulary.n_vocab)]
        self.words: Mapping[int, tuple[str, str]] = {
            token: (found[1], found[2]) for token, piece in enumerate(pieces) if (found := _WORD.fullmatch(piece))
        }
        self.marks = {token: piece for token, piece in enumerate(pieces) if piece in _MARKS}
        self.continues = np.array(
            [token for token, piece in enumerate(pieces) if re.match("[a-z-]", piece)], dtype=np.int64
        )
        self.closers = self._closers(memory / f"closers-{vocabulary.digest}.json" if memory else None)
        self.family: Counter[str] = Counter(self.closers.keys)
        self.plugs_N = np.array([word in PLUGS for word in self.closers.words])

    @cached_property
    def by_levels(self) -> dict[str, NDArray[np.int64]]:
        """Closing words by the levels of their syllables."""
        groups: dict[str, list[int]] = defaultdict(list)
        for number, levels in enumerate(self.closers.levels):
            groups[levels].append(number)
        return {levels: np.array(numbers) for levels, numbers in groups.items()}

    @cached_property
    def by_sound(self) -> dict[str, list[int]]:
        """Closing words by rhyming part."""
        groups: dict[str, list[int]] = defaultdict(list)
        for number, sounds in enumerate(self.closers.sounds):
            for sound in sounds:
                groups[sound].append(number)
        return groups

    def _closers(self, file: Path | None) -> Closers:
        rows = _read(file)
        if rows is None:
            rows = [
                (token, text, closing_levels(text), [part.key for part in rhyme_parts(text)])
                for token, (space, text) in self.words.items()
                if space and text.islower() and is_known(text) and not is_weak_word(text) and rhyme_parts(text)
            ]
            if file:
                file.parent.mkdir(parents=True, exist_ok=True)
                write_file(file, json.dumps([_VERSION, rows]).encode())
        return Closers(
            ids_N=np.array([row[0] for row in rows], dtype=np.int64),
            words=tuple(row[1] for row in rows),
            levels=tuple(row[2] for row in rows),
            sounds=tuple(tuple(row[3]) for row in rows),
        )


@lru_cache(maxsize=100_000)
def is_known(word: str) -> bool:
    """Whether the dictionary or a rule can say a word; single letters are words only where English has them."""
    return (len(word) > 1 or word in "aIOA") and not is_guessed(word.lower())


@lru_cache(maxsize=100_000)
def levels_of(word: str) -> str:
    """How strongly each syllable of a word asks for the beat; "" if it cannot be said."""
    ways = beats(word)
    return ways[0].levels if ways else ""


@lru_cache(maxsize=100_000)
def closing_levels(word: str) -> str:
    """The same for the last word of a line."""
    ways = last_beats(word)
    return ways[0].levels if ways else ""


@lru_cache(maxsize=100_000)
def sounds_of(word: str) -> frozenset[str]:
    """The rhyming parts of a word."""
    return frozenset(part.key for part in rhyme_parts(word))


_Row = tuple[int, str, str, list[str]]  # token, word, levels, rhyming parts


def _read(file: Path | None) -> list[_Row] | None:
    """The closing words that are kept in a file; None where there are none, or they are of another version."""
    if file is None or not file.is_file():
        return None
    try:
        version, rows = json.loads(file.read_text(encoding="utf-8"))
        return [(int(row[0]), str(row[1]), str(row[2]), list(row[3])) for row in rows] if version == _VERSION else None
    except (ValueError, TypeError, LookupError):
        return None
