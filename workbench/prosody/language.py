"""Is this text English verse at all? Everything else in the package judges English only."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from itertools import islice
from math import ceil

from workbench.prosody.dictionary import dictionary_phones
from workbench.prosody.tokens import words_of
from workbench.prosody.types import Unsupported

_LEAST_KNOWN = 0.4  # share of words the dictionary must have: nonsense verse has half, a foreign tongue seldom a third
_FEW_WORDS = 3  # so few are judged whatever they are: a name, a refrain
_FEW_FOREIGN = 2  # short foreign words that make a foreign page, if they outnumber the English ones
_SAMPLE = 20_000  # characters that are looked at

#: Short words that a page of another language cannot do without and an English one has no use for.
_FOREIGN = {
    "French": "le les des une est dans que qui nous vous pas sur avec mais je il elle ses cette du et",
    "German": "der das und nicht ist ein eine mit auf dem von zu ich sich auch wie nur noch wir",
    "Spanish": "el los las una y con por del se lo mi su es como pero muy este cuando que",
    "Italian": "il di che non una per gli della nel sono con mi si questo piu della",
    "Portuguese": "os uma com para por mais como mas foi ao dos das nao seu",
    "Dutch": "het een niet en zijn voor dat maar ook wat naar bij",
    "Latin": "et est non cum sed quod qui quae ad ut sunt nec",
}
_FOREIGN_WORDS = {language: frozenset(words.split()) for language, words in _FOREIGN.items()}
_ANY_FOREIGN = frozenset().union(*_FOREIGN_WORDS.values())
_ENGLISH_WORDS = frozenset(
    [
        "the",
        "and",
        "of",
        "to",
        "in",
        "is",
        "that",
        "it",
        "was",
        "for",
        "on",
        "with",
        "as",
        "his",
        "her",
        "he",
        "she",
        "they",
        "you",
        "we",
        "at",
        "by",
        "this",
        "not",
        "but",
        "from",
        "or",
        "have",
        "an",
        "my",
        "your",
        "their",
        "its",
        "be",
        "are",
        "were",
        "had",
        "what",
        "when",
        "where",
        "who",
        "there",
        "no",
        "so",
        "all",
        "out",
        "up",
    ]
)


def unsupported(text: str) -> Unsupported | None:
    """Why a text is not judged; None where it is English enough.

    >>> unsupported("The rain has gone to bed.") is None
    True
    >>> unsupported("Дождь уснул.").reason
    'not supported: the text is mostly in Cyrillic script; English verse only'
    >>> unsupported("La lluvia se fue a dormir con el perro y los gatos").reason
    'not supported: the text reads as Spanish; English verse only'
    """
    sample = text[:_SAMPLE]
    if not sample.isascii():
        letters = [char for char in sample if char.isalpha()]
        foreign = [char for char in letters if not char.isascii() and not _is_latin(char)]
        if len(foreign) * 2 > len(letters):
            script = unicodedata.name(foreign[0], "an unknown").split()[0].capitalize()
            return Unsupported(reason=f"not supported: the text is mostly in {script} script; English verse only")
    words = [word.lower().strip("'") for line in sample.split("\n") for word in words_of(line)]
    if not any(map(_has_letter, words)):
        return Unsupported(reason="not supported: the text holds no letters; English verse only")
    return _not_english(words) if len(words) > _FEW_WORDS else None


def _not_english(words: list[str]) -> Unsupported | None:
    n_english = sum(map(_ENGLISH_WORDS.__contains__, words))
    if sum(map(_ANY_FOREIGN.__contains__, words)) >= _FEW_FOREIGN:
        n_by_language = {name: sum(map(tongue.__contains__, words)) for name, tongue in _FOREIGN_WORDS.items()}
        likeliest = max(n_by_language, key=n_by_language.__getitem__)
        if n_by_language[likeliest] >= _FEW_FOREIGN and n_by_language[likeliest] > n_english:
            return Unsupported(reason=f"not supported: the text reads as {likeliest}; English verse only")
    known = (1 for word in words if dictionary_phones(word) or (n_english and "-" in word))
    needed = ceil(_LEAST_KNOWN * len(words))
    n_known = sum(islice(known, needed))  # no further than enough
    if n_known < needed:
        return Unsupported(reason=f"not supported: {n_known} of {len(words)} words are English; English verse only")
    return None


def _has_letter(word: str) -> bool:
    return any(map(str.isalpha, word))


@lru_cache(maxsize=4096)
def _is_latin(char: str) -> bool:
    return unicodedata.name(char, "").startswith("LATIN")
