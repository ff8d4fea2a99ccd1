"""What endings, prefixes and contractions do to the sound of a word: -s, -ed, -ing, -eth, un-, lov'd, heav'n, o'erflow.

It works on a stem that the dictionary has; a word whose stem is unknown is left to others. A contraction or an accent
(think'st, wand'ring, blessèd, singin', the king's) takes away or adds what its spelling says of the full word.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from workbench.prosody.words import dictionary_phones

Phones = tuple[str, ...]

_SIBILANTS = frozenset({"S", "Z", "SH", "ZH", "CH", "JH"})
_VOICELESS = frozenset({"P", "T", "K", "F", "TH", "S", "SH", "CH"})
_DENTALS = frozenset({"T", "D"})

#: mak-, hop-: a consonant that is single after a single vowel means that an e was dropped.
_ONE_VOWEL_ONE_CONSONANT = re.compile(r"(?:^|[^aeiou])[aeiou][^aeiouwxyrnl]$")

_SUFFIXES = {
    "ing": ("IH0", "NG"),
    "ous": ("AH0", "S"),
    "in'": ("IH0", "N"),
    "eth": ("IH0", "TH"),
    "est": ("AH0", "S", "T"),
    "er": ("ER0",),
    "ers": ("ER0", "Z"),
    "ings": ("IH0", "NG", "Z"),
    "ly": ("L", "IY0"),
    "less": ("L", "AH0", "S"),
    "ness": ("N", "AH0", "S"),
    "lessness": ("L", "AH0", "S", "N", "AH0", "S"),
    "lessly": ("L", "AH0", "S", "L", "IY0"),
    "ful": ("F", "AH0", "L"),
    "fully": ("F", "AH0", "L", "IY0"),
    "y": ("IY0",),
    "ish": ("IH0", "SH"),
    "like": ("L", "AY2", "K"),
    "ward": ("W", "ER0", "D"),
    "wards": ("W", "ER0", "D", "Z"),
    "wise": ("W", "AY2", "Z"),
    "ment": ("M", "AH0", "N", "T"),
    "some": ("S", "AH0", "M"),
    "hood": ("HH", "UH2", "D"),
    "ship": ("SH", "IH2", "P"),
    "able": ("AH0", "B", "AH0", "L"),
    "en": ("AH0", "N"),
    "ingly": ("IH0", "NG", "L", "IY0"),
    "edly": ("AH0", "D", "L", "IY0"),
    "most": ("M", "OW2", "S", "T"),
    "fold": ("F", "OW2", "L", "D"),
    "dom": ("D", "AH0", "M"),
    "ess": ("AH0", "S"),
    "ty": ("T", "IY0"),
}
_PREFIXES = {
    "un": ("AH0", "N"), "re": ("R", "IY0"), "out": ("AW2", "T"), "over": ("OW2", "V", "ER0"),
    "under": ("AH2", "N", "D", "ER0"),
    "fore": ("F", "AO2", "R"), "mis": ("M", "IH0", "S"), "be": ("B", "IH0"), "a": ("AH0",), "en": ("EH0", "N"),
    "dis": ("D", "IH0", "S"),
    "in": ("IH0", "N"), "im": ("IH0", "M"), "non": ("N", "AA2", "N"), "up": ("AH2", "P"),
    "o'er": ("AO2", "R"), "ever": ("EH2", "V", "ER0"),
}  # fmt: skip


def inflected(word: str) -> tuple[Phones, ...]:
    """A word as stem and ending, every way; () where no stem is known.

    >>> [" ".join(way) for way in inflected("wandereth")]
    ['W AA1 N D ER0 IH0 TH']
    """
    ways: list[Phones] = []
    if word.endswith(("ies", "nces", "nce")):
        return _from_sibling(word)
    for ending in sorted(("s", "ed", *_SUFFIXES), key=len, reverse=True):
        if len(word) > len(ending) + 1 and word.endswith(ending):
            for stem in stems(word[: -len(ending)], vowel_follows=ending[0] in "aeiouy"):
                ways += [_with_ending(phones, stem, ending) for phones in dictionary_phones(stem)]
                if ways:
                    return tuple(dict.fromkeys(ways))
    return ()


def _from_sibling(word: str) -> tuple[Phones, ...]:
    """Modesties from modesty, magnificence from magnificent."""
    if word.endswith("ies"):
        singular = word[:-3] + "y"
        return tuple(with_s(way) for way in dictionary_phones(singular) or inflected(singular))
    adjective = word.removesuffix("s")[:-2] + "t"
    ways = tuple((*way[:-1], "S") for way in dictionary_phones(adjective) if way[-1] == "T")
    return tuple(with_s(way) for way in ways) if word.endswith("s") else ways


def prefixed(word: str) -> tuple[Phones, ...]:
    """A word as prefix and known (or inflected) rest.

    >>> [" ".join(way) for way in prefixed("unremembered")]
    ['AH0 N R IH0 M EH1 M B ER0 D', 'AH0 N R IY0 M EH1 M B ER0 D']
    """
    for prefix in sorted(_PREFIXES, key=len, reverse=True):
        rest = word[len(prefix) :]
        if word.startswith(prefix) and len(rest) > 2 and not word.startswith("ae"):  # Aegypt is not a-egypt
            ways = dictionary_phones(rest) or inflected(rest)
            if ways:
                return tuple(_PREFIXES[prefix] + way for way in ways)
    return ()


def stems(stump: str, *, vowel_follows: bool) -> Iterator[str]:
    """Spellings that a stem may have had before its ending: mak → make, runn → run, happi → happy.

    >>> list(stems("runn", vowel_follows=True))
    ['runn', 'run', 'runne']
    """
    if stump.endswith("i"):
        yield stump[:-1] + "y"
    drops_e = vowel_follows and _ONE_VOWEL_ONE_CONSONANT.search(stump) is not None
    yield from (stump + "e", stump) if drops_e else (stump,)
    if vowel_follows and not drops_e:
        if len(stump) > 2 and stump[-1] == stump[-2] and stump[-1] not in "aeiou":
            yield stump[:-1]
        yield stump + "e"


def with_s(phones: Phones) -> Phones:
    """The plural or possessive: cats, dogs, horses."""
    last = phones[-1]
    return (*phones, *(("IH0", "Z") if last in _SIBILANTS else ("S",) if last in _VOICELESS else ("Z",)))


def with_ed(phones: Phones) -> Phones:
    """The past: kissed, loved, wanted."""
    last = phones[-1]
    return (*phones, *(("AH0", "D") if last in _DENTALS else ("T",) if last in _VOICELESS else ("D",)))


def with_st(phones: Phones) -> Phones:
    """Thou seest as one more consonant: see'st, think'st; kiss'st keeps its syllable."""
    return (*phones, *(("AH0", "S", "T") if phones[-1] in _SIBILANTS else ("S", "T")))


def _with_ending(phones: Phones, stem: str, ending: str) -> Phones:
    if ending == "s":
        return with_s(phones)
    if ending == "ed":
        return with_ed(phones)
    if stem.endswith("le") and phones[-2:] == ("AH0", "L") and ending in ("ly", "y", "er", "ing"):  # gently, sparkly
        phones = (*phones[:-2], "L")
    if phones[-1] == "L" == _SUFFIXES[ending][0]:  # gently, really: one l is heard
        phones = phones[:-1]
    if phones[-1] == "IY0" and _SUFFIXES[ending][0][-1] not in "012":  # happy, happily
        phones = (*phones[:-1], "AH0")
    return phones + _SUFFIXES[ending]


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
    """Take out the last unstressed vowel before the sound of a letter; ER0 becomes R.

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
