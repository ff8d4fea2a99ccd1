"""Words of a text, with their places: how every phase counts and compares them."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from workbench.types import Span

_LETTER = r"[^\W_][\u0300-\u036f]*"  # with its accents, where they stand apart
_APOSTROPHES = "'’‘ʼ＇"
_WORD = re.compile(rf"(?:{_LETTER})+(?:[{_APOSTROPHES}](?:{_LETTER})+)*")
_TO_PLAIN = str.maketrans(dict.fromkeys(_APOSTROPHES, "'"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A word of a text, folded for comparison, with the characters it covers."""

    folded: str
    span: Span


def words_of(text: str) -> list[Word]:
    """Words with their places.

    >>> [w.folded for w in words_of("The Bell’s toll, the bell's")]
    ['the', "bell's", 'toll', 'the', "bell's"]
    """
    return [Word(folded=_fold(match.group()), span=match.span()) for match in _WORD.finditer(text)]


def holds_run(words: Sequence[str], run: Sequence[str]) -> bool:
    """Whether the words of a run stand side by side in others.

    >>> holds_run(["the", "old", "gate"], ["old", "gate"]), holds_run(["the", "old", "gate"], ["the", "gate"])
    (True, False)
    """
    return any(tuple(words[at : at + len(run)]) == tuple(run) for at in range(len(words) - len(run) + 1))


def _fold(word: str) -> str:
    return unicodedata.normalize("NFKC", word.translate(_TO_PLAIN).casefold())
