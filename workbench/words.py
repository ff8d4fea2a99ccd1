"""Words of a text, with their places: how every phase counts and compares them."""

import re
import unicodedata
from dataclasses import dataclass

from workbench.types import Span

_LETTER = r"[^\W_][\u0300-\u036f]*"  # with its accents, where they stand apart
_APOSTROPHES = "'’‘ʼ＇"
_WORD = re.compile(rf"(?:{_LETTER})+(?:[{_APOSTROPHES}](?:{_LETTER})+)*")
_TO_PLAIN = str.maketrans(dict.fromkeys(_APOSTROPHES, "'"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A word of a text, folded for comparison, with the characters it stands on."""

    folded: str
    span: Span


def words_of(text: str) -> list[Word]:
    """Words with their places.

    >>> [w.folded for w in words_of("The Bell’s toll, the bell's")]
    ['the', "bell's", 'toll', 'the', "bell's"]
    """
    return [Word(folded=_fold(match.group()), span=match.span()) for match in _WORD.finditer(text)]


def _fold(word: str) -> str:
    return unicodedata.normalize("NFKC", word.translate(_TO_PLAIN).casefold())
