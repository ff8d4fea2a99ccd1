"""Is this text English verse at all, and what is it if not? Everything else in the package judges modern English only.

`unsupported` is the one answer for the command, the app and the studio. Verse from Wyatt and Spenser on is modern;
Middle and Old English are named, for their words sounded otherwise.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from itertools import islice
from math import ceil
from pathlib import Path

from workbench.prosody.types import Unsupported
from workbench.prosody.words import dictionary_phones, words_of

_LEAST_KNOWN = 0.4  # share of words the dictionary must have: nonsense verse has half, a foreign tongue seldom a third
_FEW_WORDS = 3  # so few are judged whatever they are: a name, a refrain
_FEW_FOREIGN = 2  # short foreign words that make a foreign page, if they outnumber the English ones
_ONLY = "English verse only"
_SAMPLE = 20_000  # characters that are looked at

_ENGLISH_WORDS = frozenset(
    re.findall(
        r"\w+",
        "the and of to in is that it was for on with as his her he she they you we at by this not but from or have an"
        " my your their its be are were had what when where who there no so all out up",
    )
)
#: Old spellings are told from a few sure words, for the rest of such a page is English to the eye.
_OLD_STAGES = ("Middle English", "Old English")
_OLD_LETTERS, _OLDEST_LETTERS = frozenset("þȝƿ"), frozenset("ðæƿ")
_FEW_OLD, _OLD_SHARE = 3, 0.06  # different words, and their share of all words


def unsupported(text: str) -> Unsupported | None:
    """Why a text is not judged; None where it is English enough.

    >>> unsupported("The rain has gone to bed.") is None
    True
    >>> unsupported("Дождь уснул.").reason
    'not supported: the text is mostly in Cyrillic script; English verse only'
    >>> unsupported("La lluvia se fue a dormir con el perro y los gatos").reason
    'not supported: the text reads as Spanish; English verse only'
    >>> unsupported("Ech morwe he seyde that hir herte was ful of sorwe").language
    'Middle English'
    """
    sample = text[:_SAMPLE]
    if not sample.isascii():
        letters = [char for char in sample if char.isalpha()]
        foreign = [char for char in letters if not char.isascii() and not _is_latin(char)]
        if len(foreign) * 2 > len(letters):
            script = _script_of(foreign)
            reason = f"not supported: the text is mostly in {script} script; {_ONLY}"
            return Unsupported(reason=reason, language=f"{script} script")
    words = [word.lower().strip("'") for line in sample.split("\n") for word in words_of(line)]
    if not any(map(_has_letter, words)):
        return Unsupported(reason=f"not supported: the text holds no letters; {_ONLY}")
    return _not_english(words) if len(words) > _FEW_WORDS else None


def _script_of(letters: list[str]) -> str:
    """The script of a foreign text: "Cyrillic", "Japanese", "Chinese"."""
    names = {unicodedata.name(letter, "an unknown").split()[0].capitalize() for letter in letters}
    if not names.isdisjoint(("Hiragana", "Katakana")):
        return "Japanese"
    first = unicodedata.name(letters[0], "an unknown").split()[0].capitalize()
    return "Chinese" if first == "Cjk" else first


def _not_english(words: list[str]) -> Unsupported | None:
    n_english = sum(map(_ENGLISH_WORDS.__contains__, words))
    told = [word for word in words if word in _any_foreign()]
    if len(told) >= _FEW_FOREIGN:
        found = _old_stage(told, n_words=len(words)) or _tongue(told, n_english=n_english)
    else:
        found = ""
    found = found or _by_old_letters(words)
    if found:
        return Unsupported(reason=f"not supported: the text reads as {found}; {_ONLY}", language=found)
    known = (1 for word in words if dictionary_phones(word) or (n_english and "-" in word))
    needed = ceil(_LEAST_KNOWN * len(words))
    n_known = sum(islice(known, needed))  # no further than enough
    if n_known < needed:
        return Unsupported(reason=f"not supported: {n_known} of {len(words)} words are English; {_ONLY}")
    return None


def _tongue(told: list[str], *, n_english: int) -> str:
    """The language that most of the telling words belong to, where they outnumber the English ones; else ""."""
    tongues = {name: words for name, words in _telling_words().items() if name not in _OLD_STAGES}
    counts = {name: sum(map(words.__contains__, told)) for name, words in tongues.items()}
    likeliest = max(counts, key=counts.__getitem__)
    n_different = len(tongues[likeliest].intersection(told))
    return likeliest if n_different >= _FEW_FOREIGN and counts[likeliest] > n_english else ""


def _old_stage(told: list[str], *, n_words: int) -> str:
    """Middle or Old English, where enough different words of it are there; else ""."""
    counts = {name: sum(map(_telling_words()[name].__contains__, told)) for name in _OLD_STAGES}
    stage = max(counts, key=counts.__getitem__)
    n_different = len(_telling_words()[stage].intersection(told))
    return stage if n_different >= _FEW_OLD and counts[stage] >= _OLD_SHARE * n_words else ""


def _by_old_letters(words: list[str]) -> str:
    """Middle or Old English by thorn, yogh, eth and ash, where they are in many words and no living tongue has them."""
    with_old = [word for word in words if not _OLD_LETTERS.isdisjoint(word)]
    if len(with_old) < max(_FEW_FOREIGN, _OLD_SHARE * len(words)):
        return ""
    is_oldest = sum(not _OLDEST_LETTERS.isdisjoint(word) for word in words) * 3 > len(with_old)
    return "Old English" if is_oldest else "Middle English"


@cache
def _telling_words() -> dict[str, frozenset[str]]:
    """The table `languages.tsv`: language → its words."""
    lines = Path(__file__).with_name("languages.tsv").read_text(encoding="utf-8").split("\n")
    rows = (line.split("\t") for line in lines if line and not line.startswith("#"))
    return {name: frozenset(words.split()) for name, words in rows}


@cache
def _any_foreign() -> frozenset[str]:
    return frozenset().union(*_telling_words().values())


def _has_letter(word: str) -> bool:
    return any(map(str.isalpha, word))


@lru_cache(maxsize=4096)
def _is_latin(char: str) -> bool:
    return unicodedata.name(char, "").startswith("LATIN")
