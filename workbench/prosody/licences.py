"""What verse may take from a word or add to it: heav'n, man-ya, th'expense, bless-èd, imaginati-on.

Each licence changes one syllable and has a price; `syllables` and `templates` choose between them. The rules are about
sounds, never about single words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from workbench.prosody.types import Pronunciation

Phones = tuple[str, ...]
Change = tuple[Phones, float, int]  # sounds instead of the weak vowel, price, consonants that go before it
Rule = Callable[[Phones, int], Change | None]

_LIQUIDS = frozenset({"R", "L", "N"})
#: What an ending written so had as one more syllable: imagina-ti-on, pati-ence, oce-an, Micha-el.
_SPREAD = re.compile(r"(?:[tscx]i|[sc]e)(?:ons?|ence|ents?|an|ans|al|ous|age)$|iage$|dier[s]?$|ael(?:'?s)?$|diamonds?$")
_KEPT_N = re.compile(r"[vkpstzd]['’]ne?d?$")
_SHORT = frozenset({"AH0", "IH0"})
_HALF_STRESSED = frozenset({"EH2", "IH2", "AH2", "AE2"})
#: Consonants between which a last weak syllable is lost in old verse: whe'r, e'er, ta'en, sp'rit.
_SOFT = frozenset({"DH", "V"})


def elided(phones: Phones) -> Iterator[tuple[Phones, float]]:
    """Each way to lose one syllable as people do when they speak fast, with its price.

    >>> [" ".join(way) for way, _ in elided(("HH", "EH1", "V", "AH0", "N"))]
    ['HH EH1 V N']
    """
    yield from _by_rules(phones, (_weak_er, _before_liquid, _after_vowel, _before_final_n, _glide))


def elided_in_verse(phones: Phones) -> Iterator[tuple[Phones, float]]:
    """Each way to lose one syllable that only verse knows, with its price.

    >>> [" ".join(way) for way, _ in elided_in_verse(("W", "EH1", "DH", "ER0"))]
    ['W EH1 R']
    """
    yield from _by_rules(phones, (_soft_er, _before_final_l, _after_r, _taken))


def _by_rules(phones: Phones, rules: tuple[Rule, ...]) -> Iterator[tuple[Phones, float]]:
    for place in range(1, len(phones)):
        if phones[place][-1] == "0":
            found = next((found for rule in rules if (found := rule(phones, place))), None)
            if found:
                sounds, price, n_gone = found
                yield (*phones[: place - n_gone], *sounds, *phones[place + 1 :]), price


def may_sound_ed(word: str, way: Pronunciation) -> bool:
    """Whether -ed spelled in full may be a syllable of its own: blessed, winged."""
    low, phones = word.lower().replace("’", "'"), way.phones
    if low.endswith("ed's") and phones[-1] == "Z":  # the belovèd's
        low, phones = low[:-2], phones[:-1]
    closes = len(phones) > 2 and phones[-1] in ("T", "D")
    return closes and low.endswith("ed") and phones[-2][:2] not in ("AH", "IH", "EH")


def may_spread(word: str) -> bool:
    """Whether an ending may be said in two syllables, as the older poets do: imaginati-on, pati-ence.

    >>> may_spread("imagination"), may_spread("station"), may_spread("stone")
    (True, True, False)
    """
    return _SPREAD.search(word.lower()) is not None


def may_keep_n(word: str) -> bool:
    """Whether a spelled elision before n may still be heard as a syllable: heav'n, op'nd, heark'n.

    >>> may_keep_n("heav'n"), may_keep_n("isn't")
    (True, False)
    """
    return _KEPT_N.search(word.lower()) is not None


# ---------------------------------------------------------------- rules: (sounds instead, price, sounds gone before)


def _weak_er(phones: Phones, place: int) -> Change | None:
    """Mem'ry, wand'ring, flow'r: ER becomes R beside another vowel."""
    beside_vowel = _at(phones, place + 1)[-1:] == "0" or phones[place - 1][-1] in "12"
    return (("R",), 0.4, 0) if phones[place] == "ER0" and beside_vowel else None


def _before_liquid(phones: Phones, place: int) -> Change | None:
    """Des'late, pris'ner: a weak vowel between a consonant and R, L or N with another weak vowel after it."""
    opens = _at(phones, place + 1) in _LIQUIDS and _at(phones, place + 2)[-1:] == "0"
    return ((), 0.5, 0) if opens and not phones[place - 1][-1].isdigit() else None


def _after_vowel(phones: Phones, place: int) -> Change | None:
    """Poem, quiet, being in one: a short weak vowel right after a stressed one."""
    return ((), 0.7, 0) if phones[place] in _SHORT and phones[place - 1][-1] in "12" else None


def _before_final_n(phones: Phones, place: int) -> Change | None:
    """Heav'n, ev'n, ris'n, fall'n, heav'nly."""
    weak = phones[place] in _SHORT and phones[place - 1] in ("V", "Z", "L") and _at(phones, place + 1) == "N"
    return ((), 0.6, 0) if weak and _at(phones, place + 2) in ("", "L", "Z", "D") else None


def _glide(phones: Phones, place: int) -> Change | None:
    """Glor-yous, sens-wal, Jul-yet, foll-wing: a weak high vowel before another vowel."""
    after = _at(phones, place + 1)
    is_glide = phones[place][:2] in ("IY", "UW", "OW") and (after[-1:] == "0" or after in _HALF_STRESSED)
    return ((("Y" if phones[place][0] == "I" else "W"),), 0.4, 0) if is_glide else None


def _soft_er(phones: Phones, place: int) -> Change | None:
    """Whe'r, e'er, o'er, e'ther: a soft consonant between a stressed vowel and a last ER goes."""
    is_last = place == len(phones) - 1 and phones[place] == "ER0"
    before = phones[place - 1] in _SOFT and phones[place - 2][-1:] in ("1", "2")
    return (("R",), 0.8, 1) if is_last and before else None


def _before_final_l(phones: Phones, place: int) -> Change | None:
    """Dev'l, ev'l: a weak vowel between V and L."""
    weak = phones[place] in _SHORT and phones[place - 1] == "V" and _at(phones, place + 1) == "L"
    return ((), 0.7, 0) if weak else None


def _after_r(phones: Phones, place: int) -> Change | None:
    """Spir't, per'l, warr'nt: the weak vowel of a word in R and one consonant more."""
    weak = phones[place] in _SHORT and phones[place - 1] == "R" and phones[place - 2][-1:] == "1"
    return ((), 0.7, 0) if weak and _at(phones, place + 1) in ("T", "L", "N", "D") else None


def _taken(phones: Phones, place: int) -> Change | None:
    """Ta'en, giv'n: a weak vowel between K and a last N."""
    weak = phones[place] == "AH0" and phones[place - 1] == "K" and place == len(phones) - 2
    return ((), 0.8, 1) if weak and phones[-1] == "N" and phones[place - 2] == "EY1" else None


def _at(phones: Phones, place: int) -> str:
    return phones[place] if place < len(phones) else ""
