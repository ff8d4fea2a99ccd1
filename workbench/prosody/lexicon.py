"""How English words sound: every pronunciation of a word, and how far each can be trusted.

Asked in this order: what a person has said of the word; the dictionary; rules for contractions, old endings,
possessives, compounds and numbers; espeak where it is installed; a letter-to-sound guess. The first that answers is
believed.
It knows single words; phrases and lines are the business of `syllables`.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import islice, product

from workbench.prosody.compounds import compounded, respelled
from workbench.prosody.endings import Phones, contracted, inflected, prefixed
from workbench.prosody.guesses import espeak_phones, guess_phones
from workbench.prosody.types import Pronunciation, Sound
from workbench.prosody.words import dictionary_phones, is_said, normalised

_MAX_WAYS = 6  # to say a word of several parts
_APART = frozenset(["re", "co", "pre", "un"])  # before a hyphen they make another word
_MAX_WORD_LENGTH = 60  # longer strings are not words; they are cut before they are guessed


@lru_cache(maxsize=65536)
def pronounce(word: str) -> tuple[Pronunciation, ...]:
    """Every way to say a word, best first; empty where there is nothing to say (another script, only marks).

    >>> [" ".join(way.phones) for way in pronounce("tomato")]
    ['T AH0 M EY1 T OW2', 'T AH0 M AA1 T OW2']
    >>> [(way.stresses, way.source.value) for way in pronounce("o'erflowing")]
    [('210', 'rule')]
    >>> pronounce("brillig")[0].source.value in ("guess", "espeak")
    True
    >>> pronounce("月")
    ()
    """
    key = normalised(word).lower().strip("-_.,")[:_MAX_WORD_LENGTH]
    ways, source = _ways(key)
    return tuple(Pronunciation(phones=phones, source=source) for phones in ways)


def _ways(key: str) -> tuple[tuple[Phones, ...], Sound]:
    bare = key.strip("'")
    found = dictionary_phones(key) or dictionary_phones(bare)
    if found:
        return found, Sound.SAID if is_said(key) or is_said(bare) else Sound.DICTIONARY
    if not bare:
        return (), Sound.GUESS
    spaced = _spaced_out(bare)
    if spaced:
        return spaced, Sound.DICTIONARY
    derived = _derived(key, bare)
    if derived:
        return derived, Sound.RULE
    if "-" in bare.strip("-"):
        return _hyphened(bare)
    heard = espeak_phones(bare)
    if heard:
        return (heard,), Sound.ESPEAK
    guessed = guess_phones(bare)
    return ((guessed,) if guessed else ()), Sound.GUESS


def _spaced_out(word: str) -> tuple[Phones, ...]:
    """A word written with hyphens inside (won-der-ful, to-day) as the dictionary has it; re-cover is not recover."""
    first, *others = word.split("-")
    is_one = others and first not in _APART and others[-1] != "ed"  # bless-ed has one more than blessed
    return dictionary_phones("".join((first, *others))) if is_one else ()


def _hyphened(word: str) -> tuple[tuple[Phones, ...], Sound]:
    """Each part in whichever way it is known best; the whole is as sure as the least sure of its parts."""
    parts = [pronounce(part) for part in word.split("-") if part]
    said = [ways for ways in parts if ways]
    if not said:
        return (), Sound.GUESS
    trust = list(Sound)
    sources = [ways[0].source for ways in said]
    joined = (sum((way.phones for way in choice), ()) for choice in islice(product(*said), _MAX_WAYS))
    return tuple(dict.fromkeys(joined)), max(sources, key=trust.index)


def _derived(key: str, bare: str) -> tuple[Phones, ...]:
    if "'" in key or not key.isascii():
        ways = contracted(key) or contracted(bare)
        if ways:
            return ways
    return inflected(bare) or prefixed(bare) or compounded(bare) or respelled(bare)
