r"""Whether a line at the edge of an answer is in another language than the poem.

Talk in the person's language beside a poem in English is known by that, and the other way round. Few words prove
little: what is read as a language is a guess from small words, so that a line of verse is never told by it alone where
its words are English ones, nor one poem's lines from one another where both sides read as foreign. Pure.
"""

import re
from functools import lru_cache

from workbench.prosody.language import unsupported
from workbench.prosody.words import dictionary_phones
from workbench.words import words_of

_SURE_WORDS = 8  # from which on a language is known
_ENDS = re.compile(r"[.!?:…。！？：؟।)\]”\"’*_]\s*$")
_ENGLISH = re.compile(r"\b(?:the|and|of|is|was|for|with|you|your|they|this|have|it)\b", re.IGNORECASE)


def is_abroad(line: str, verse: str) -> int:
    r"""Points for another script or language than the poem's: two, three where a sentence ends there, or none.

    >>> is_abroad("Ich habe das Wort in der letzten Zeile gestrichen.", "The rope is wet,\nnobody waves to you.")
    2
    >>> is_abroad("There's nothing else to do.", "The rope is wet,\nand nobody waves.")
    0
    """
    letters, of_poem = _script(line), _script(verse)
    if letters != of_poem:
        return 2 + bool(_ENDS.search(line))
    here, there = _language(line), _language(verse)
    if here != there and _are_two(line, verse, are_both=bool(here and there)):
        return 2
    marked = sum(not word.isascii() for word in re.findall(r"[^\W\d_]+", line))
    is_marked = marked >= max(2, 0.25 * len(line.split())) and verse.isascii()
    return 2 * is_marked


def _are_two(line: str, verse: str, *, are_both: bool) -> bool:
    """Whether a line and a poem that read as two languages are in two; few words prove little."""
    n_words = len(line.split())
    if are_both:  # and neither is English
        return n_words >= _SURE_WORDS
    here = [word.folded for word in words_of(line)]
    is_spelt_alike = line.isascii() and n_words < _SURE_WORDS and all(map(dictionary_phones, here))
    english = line if _language(line) == "" else verse
    return not is_spelt_alike and bool(_ENGLISH.search(english))


@lru_cache(maxsize=64)
def _language(text: str) -> str:
    """The name of another language than English, where one is known."""
    told = unsupported(text)
    return "" if told is None or told.language.endswith("English") else told.language


def _script(text: str) -> bool:
    """Whether most letters are of another script than Latin."""
    letters = [char for char in text if char.isalpha()]
    return 2 * sum(ord(char) > 0x24F for char in letters) > len(letters)
