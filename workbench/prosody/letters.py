"""A letter-to-sound guess for words that no dictionary has."""

from __future__ import annotations

import re

_VOWELS = {"a": "AE", "e": "EH", "i": "IH", "o": "AA", "u": "AH", "y": "IY", "ee": "IY", "ea": "IY", "oo": "UW", "ai": "EY"}
_CONSONANTS = {"c": "K", "j": "JH", "q": "K", "x": "K", "h": "HH", "sh": "SH", "ch": "CH", "th": "TH", "ng": "NG"}
_PIECES = re.compile(r"sh|ch|th|ng|[aeiouy]+|[b-df-hj-np-tv-xz]")


def guess_phones(word: str) -> tuple[str, ...]:
    """A guess at how a lower-case word sounds; empty where it holds no Latin letter."""
    spoken = word[:-1] if len(word) > 3 and word.endswith("e") else word
    phones = [_VOWELS.get(p, _VOWELS.get(p[0], "")) + "0" if p[0] in "aeiouy" else _CONSONANTS.get(p, p.upper())
              for p in _PIECES.findall(spoken)]
    for position, phone in enumerate(phones):
        if phone.endswith("0"):
            phones[position] = phone[:-1] + "1"
            break
    return tuple(phones)
