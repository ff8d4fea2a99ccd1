"""A letter-to-sound guess of our own, for words that no dictionary has.

The rules stand in `letter_rules.txt` and are tried in order at each letter; the first that fits consumes its letters.
Then one syllable is chosen to bear the stress and the short vowels elsewhere are weakened. It knows spelling only: no
word list stands behind it. Measured on dictionary words that it is not shown: see `python -m
workbench.prosody.accuracy`.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path

_VOWEL_PHONES = frozenset(["AA", "AE", "AH", "AO", "AW", "AY", "EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW"])
_WEAKENED = {"AE": "AH", "EH": "AH", "AA": "AH", "AO": "AO", "IH": "IH", "EY": "EY"}
_PULLS_STRESS = re.compile(r"(?:tion|sion|cian|ic|ics|ical|ity|ial|ian|ious|eous|ify|logy|graphy)s?$")
_LIGHT_PREFIX = re.compile(
    r"(?:a(?=[^aeiou]{2})|be|de|re|un|in|im|en|em|ex|con|com|dis|mis|pre|pro|sub|for|per)[^aeiouy].*[aeiouy]"
)


@cache
def _compiled() -> dict[str, list[tuple[int, str, re.Pattern[str], re.Pattern[str] | None, tuple[str, ...]]]]:
    """Rules by first letter: length, letters, pattern from here on, pattern of what stands before, phones."""
    table: dict[str, list[tuple[int, str, re.Pattern[str], re.Pattern[str] | None, tuple[str, ...]]]] = {}
    for line in _rules():
        graphs, before, after, *phones = line.split(" ")
        sounds = tuple(phone for phone in phones if phone != "-")
        for graph in graphs.split("|"):
            ahead = re.compile(re.escape(graph) + (f"(?={_classes(after)})" if after != "-" else ""))
            behind = re.compile(f"(?:{_classes(before)})$") if before != "-" else None
            table.setdefault(graph[0], []).append((len(graph), graph, ahead, behind, sounds))
    return table


def _rules() -> list[str]:
    text = Path(__file__).with_name("letter_rules.txt").read_text(encoding="utf-8")
    return [line for line in text.split("\n") if line and not line.startswith("#")]


def _classes(pattern: str) -> str:
    return pattern.replace("V", "[aeiouy]").replace("C", "[^aeiouy]")


def guess_phones(word: str) -> tuple[str, ...]:
    """A guess at how a word sounds; empty where it holds no letter from a to z.

    >>> " ".join(guess_phones("brillig"))
    'B R IH1 L IH0 G'
    """
    plain = unicodedata.normalize("NFD", word.lower())
    letters = "".join(char for char in plain if "a" <= char <= "z")[:60]
    phones: list[str] = []
    place = 0
    while place < len(letters):
        length, sounds = _first_rule(letters, place)
        phones += sounds
        place += length
    return _stressed(letters, _without_doubles(phones))


def _first_rule(letters: str, place: int) -> tuple[int, tuple[str, ...]]:
    for length, _graph, ahead, behind, sounds in _compiled()[letters[place]]:
        if ahead.match(letters, place) and (behind is None or behind.search(letters[:place])):
            return length, sounds
    return 1, ()


def _without_doubles(phones: list[str]) -> list[str]:
    return [phone for place, phone in enumerate(phones) if place == 0 or phone != phones[place - 1]]


def _stressed(letters: str, phones: list[str]) -> tuple[str, ...]:
    """Put the digits on: one main stress, weak vowels elsewhere; () for a word without a vowel."""
    vowels = [place for place, phone in enumerate(phones) if phone in _VOWEL_PHONES]
    if not vowels:
        return ()
    main = vowels[_main_stress(letters, len(vowels))]
    for place in vowels:
        weak = _WEAKENED.get(phones[place], phones[place]) if place != vowels[-1] or phones[place] != "EY" else "EY"
        phones[place] = phones[place] + "1" if place == main else weak + "0"
    return tuple(phones)


def _main_stress(letters: str, n_vowels: int) -> int:
    """Which vowel: before the suffixes that pull it, else the first of two, else the third from the end."""
    if n_vowels == 1:
        return 0
    if _PULLS_STRESS.search(letters):
        back = 3 if re.search(r"(?:ity|ical|ify|logy|graphy|ious|eous|ial|ian)s?$", letters) else 2
        if re.search(r"(?:cious|tious|cial|tial|cian|xious)s?$", letters):
            back = 2
        return max(0, n_vowels - back)
    if n_vowels == 2:
        return 1 if _LIGHT_PREFIX.match(letters) else 0
    return max(0, n_vowels - 3)
