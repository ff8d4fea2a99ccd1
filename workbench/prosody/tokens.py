"""Cutting a line of verse into words, and one spelling for what looks alike.

It knows letters, apostrophes and hyphens; it does not know how anything sounds.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'", "‐": "-", "‑": "-"})
_WORD = re.compile(r"'?[^\W_]+(?:(?:['-]|(?<=\d)[.,](?=\d))[^\W_]+)*'?")
_ONLY_WORDS = re.compile(r"[A-Za-z ]*[.,;:!?]*")  # letters and spaces, and marks at the end
_PAUSE = re.compile(r"[,;:.!?—–()…\"-]")


def normalised(text: str) -> str:
    """One code point for each letter, straight apostrophes and plain hyphens.

    >>> normalised("o’er the sea‑foam")
    "o'er the sea-foam"
    """
    if text.isascii():
        return text.replace("`", "'")
    return unicodedata.normalize("NFC", text).translate(_APOSTROPHES)


def words_of(line: str) -> tuple[str, ...]:
    """The words of a line as written, punctuation left out.

    >>> words_of("'Tis well-worn, the king's road -- o'er 40 hills!")
    ("'Tis", 'well-worn', 'the', "king's", 'road', "o'er", '40', 'hills')
    """
    return cut_line(line)[0]


@lru_cache(maxsize=8192)
def cut_line(line: str) -> tuple[tuple[str, ...], tuple[bool, ...]]:
    """The words of a line, and for each whether punctuation stands between it and the word before it.

    >>> cut_line("Go, then: be still")
    (('Go', 'then', 'be', 'still'), (False, True, True, False))
    """
    if _ONLY_WORDS.fullmatch(line):
        plain = tuple(line.rstrip(".,;:!?").split())
        return plain, (False,) * len(plain)
    text = normalised(line)
    words: list[str] = []
    pauses: list[bool] = []
    end = 0
    for match in _WORD.finditer(text):
        start = match.start()
        pauses.append(bool(words) and start - end > 1 and _PAUSE.search(text, end, start) is not None)
        words.append(_without_quotes(match.group()))
        end = match.end()
    return tuple(words), tuple(pauses)


def _without_quotes(word: str) -> str:
    """Drop a quotation mark that only looks like an apostrophe: 'rose' is rose, 'tis stays."""
    if word[0] == "'" and word[-1] == "'" and len(word) > 2:
        return word[1:-1]
    return word
