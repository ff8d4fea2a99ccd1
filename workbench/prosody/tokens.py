"""Cutting a line of verse into words, and one spelling for what looks alike.

It knows letters, apostrophes and hyphens; it does not know how anything sounds.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'", "‐": "-", "‑": "-"})  # noqa: RUF001
_LETTERS = r"[^\W\d_]"
_WORD = re.compile(rf"'?(?:{_LETTERS}|\d)(?:{_LETTERS}|\d|['-](?=(?:{_LETTERS}|\d))|[.,](?=\d))*'?")


def normalised(text: str) -> str:
    """One code point for each letter, straight apostrophes and plain hyphens.

    >>> normalised("o’er the sea‑foam")
    "o'er the sea-foam"
    """
    return text.translate(_APOSTROPHES) if text.isascii() else unicodedata.normalize("NFC", text).translate(_APOSTROPHES)


def words_of(line: str) -> tuple[str, ...]:
    """The words of a line as written, punctuation left out.

    >>> words_of("'Tis well-worn, the king's road -- o'er 40 hills!")
    ("'Tis", 'well-worn', 'the', "king's", 'road', "o'er", '40', 'hills')
    """
    return tuple(word for word, _pause in words_and_pauses(line))


def words_and_pauses(line: str) -> Iterator[tuple[str, bool]]:
    """Each word with whether punctuation stands between it and the word before it.

    >>> list(words_and_pauses("Go, then: be still"))
    [('Go', False), ('then', True), ('be', True), ('still', False)]
    """
    text = normalised(line)
    end = None
    for match in _WORD.finditer(text):
        word = match.group()
        pause = end is not None and any(mark in text[end : match.start()] for mark in ",;:.!?—–()-…\"")  # noqa: RUF001
        end = match.end()
        yield _without_quotes(word), pause


def _without_quotes(word: str) -> str:
    """Drop a quotation mark that only looks like an apostrophe: 'rose' is rose, 'tis stays."""
    if word[0] == "'" and word[-1] == "'" and len(word) > 2:
        return word[1:-1]
    return word
