"""How two line ends sound together: the class of a rhyme and the distance between its parts."""

from __future__ import annotations

from workbench.prosody.syllables import scan_words
from workbench.prosody.tokens import words_of
from workbench.prosody.types import PERFECT_CLASSES, SLANT_CLASSES, InternalRhyme, Pronunciation, RhymeClass


def rhyme_class(a: str, b: str) -> RhymeClass:
    """The strongest class that any two pronunciations of two words (or phrases) allow.

    >>> rhyme_class("day", "stay").value
    'perfect'
    """
    if a.lower() == b.lower():
        return RhymeClass.IDENTICAL
    for one in _ways(a):
        for two in _ways(b):
            if rime(one) and rime(one) == rime(two):
                n_vowels = sum(phone[-1].isdigit() for phone in rime(one))
                return (RhymeClass.PERFECT, RhymeClass.FEMININE, RhymeClass.TRIPLE)[min(n_vowels, 3) - 1]
    return RhymeClass.NONE


def rhymes(a: str, b: str, *, slant: bool = False) -> bool:
    """Whether two words rhyme: perfectly, or with `slant` nearly.

    >>> rhymes("day", "stay"), rhymes("day", "night")
    (True, False)
    """
    return rhyme_class(a, b) in (SLANT_CLASSES if slant else PERFECT_CLASSES)


def rhyme_distance(a: str, b: str) -> float:
    """How far two rhyming parts lie apart: 0 the same, 1 nothing in common.

    >>> rhyme_distance("day", "stay")
    0.0
    """
    kind = rhyme_class(a, b)
    return 1.0 if kind is RhymeClass.NONE else 0.0 if kind in PERFECT_CLASSES | {RhymeClass.IDENTICAL} else 0.5


def internal_rhymes(line: str) -> tuple[InternalRhyme, ...]:
    """The pairs of words inside one line that rhyme perfectly."""
    words = words_of(line)
    return tuple(
        InternalRhyme(first=i, second=j, words=(words[i], words[j]), rhyme_class=rhyme_class(words[i], words[j]))
        for i in range(len(words))
        for j in range(i + 1, len(words))
        if rhymes(words[i], words[j])
    )


def rime(way: Pronunciation) -> tuple[str, ...]:
    """The rhyming part: from the last stressed vowel on, stress digits kept only as stressed or not."""
    vowels = [i for i, phone in enumerate(way.phones) if phone[-1].isdigit()]
    stressed = [i for i in vowels if way.phones[i][-1] != "0"] or vowels
    return tuple(phone.replace("2", "1") for phone in way.phones[stressed[-1] :]) if stressed else ()


def _ways(text: str) -> tuple[Pronunciation, ...]:
    words = scan_words(text).words
    return words[-1].pronunciations if words else ()
