"""Contractions and old spellings of verse: lov'd, think'st, o'erflow, heav'n, wand'ring, blessèd, singin', the king's.

Each rule finds the full word in the dictionary and takes away (or adds) what the spelling says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from workbench.prosody.dictionary import dictionary_phones
from workbench.prosody.endings import Phones, inflected, prefixed, stems, with_ed, with_s, with_st

_AUXILIARIES = {
    "'ll": ("AH0", "L"),
    "'ve": ("AH0", "V"),
    "'re": ("ER0",),
    "n't": ("AH0", "N", "T"),
    "'m": ("M",),
    "'rt": ("R", "T"),
}
_VOWEL_LETTERS = "aeiou"


def contracted(word: str) -> tuple[Phones, ...]:
    """Every way to say a lower-case word with an apostrophe or a grave accent; () if no rule fits.

    >>> [" ".join(contracted(word)[0]) for word in ("lov'd", "think'st", "heav'n", "wand'ring")]
    ['L AH1 V D', 'TH IH1 NG K S T', 'HH EH1 V N', 'W AA1 N D R IH0 NG']
    """
    for rule in (_accented, _by_ending, _dropped_g, _dropped_vowel, _joined_article, _bare):
        ways = tuple(dict.fromkeys(rule(word)))
        if ways:
            return ways
    return ()


def _accented(word: str) -> Iterator[Phones]:
    """belovèd, blessèd: the ending is a syllable of its own."""
    if word.endswith(("èd", "éd")):
        for stem in stems(word[:-2], vowel_follows=True):
            yield from ((*phones, "AH0", "D") for phones in _known(stem))


def _by_ending(word: str) -> Iterator[Phones]:
    """'d, 'st, 's, s', 'll, 've, 're, n't."""
    endings: tuple[tuple[str, Callable[[Phones], Phones]], ...] = (("'st", with_st), ("'d", with_ed), ("'s", with_s))
    for ending, change in endings:
        if word.endswith(ending):
            for stem in stems(word[: -len(ending)], vowel_follows=ending != "'s"):
                yield from (_closed(change(phones), phones, ending) for phones in _known(stem))
    if word.endswith("s'"):
        yield from _known(word[:-1])
    for ending, phones in _AUXILIARIES.items():
        if word.endswith(ending):
            yield from (way + phones for way in _known(word[: -len(ending)]))


def _closed(changed: Phones, stem: Phones, ending: str) -> Phones:
    """I'd, who'd: a would or had adds no syllable after a vowel; want'd keeps its consonants in one."""
    return (*stem, "D") if ending == "'d" and stem[-1] in ("T", "D") and changed[-2:] == ("AH0", "D") else changed


def _dropped_g(word: str) -> Iterator[Phones]:
    """singin', mornin'."""
    if word.endswith("in'"):
        yield from ((*way[:-1], "N") for way in _known(word[:-1] + "g") if way[-1] == "NG")


def _dropped_vowel(word: str) -> Iterator[Phones]:
    """heav'n, flow'r, wand'ring, mem'ry: the letter that the apostrophe stands for loses its syllable."""
    place = word.find("'", 1)
    if place < 0 or place == len(word) - 1:
        return
    for letter in _VOWEL_LETTERS:
        for full in _known(word[:place] + letter + word[place + 1 :]):
            shorter = without_weak_vowel(full, before=word[place + 1])
            if shorter:
                yield shorter


def without_weak_vowel(phones: Phones, *, before: str) -> Phones | None:
    """Take out the last unstressed vowel that stands before the sound of a letter; ER0 becomes R.

    >>> " ".join(without_weak_vowel(("HH", "EH1", "V", "AH0", "N"), before="n"))
    'HH EH1 V N'
    """
    for place in range(len(phones) - 1, 0, -1):
        phone = phones[place]
        if phone == "ER0" and before == "r":
            return (*phones[:place], "R", *phones[place + 1 :])
        if phone[-1] == "0" and place + 1 < len(phones) and phones[place + 1] == before.upper():
            return (*phones[:place], *phones[place + 1 :])
    return None


def _joined_article(word: str) -> Iterator[Phones]:
    """th'eternal, t'adore, 'twill-not kinds, and O'Dole: a shortened word glued to the next."""
    for head, phones in (
        ("th'", ("DH",)),
        ("t'", ("T",)),
        ("'t", ("T",)),
        ("d'", ("D",)),
        ("o'er", ("AO2", "R")),
        ("o'", ("OW0",)),
    ):
        if word.startswith(head) and len(word) > len(head) + 1:
            yield from (phones + way for way in _known(word[len(head) :]))


def _bare(word: str) -> Iterator[Phones]:
    """'scape, 'gainst, ol': what is left when the apostrophes go, if that is a word."""
    yield from _known(word.replace("'", ""))
    if word.startswith("'"):
        for letter in _VOWEL_LETTERS:
            yield from (way[1:] for way in dictionary_phones(letter + word[1:]) if way[0][-1] == "0")


def _known(word: str) -> tuple[Phones, ...]:
    return dictionary_phones(word) or inflected(word) or prefixed(word)
