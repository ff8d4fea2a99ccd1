"""Words made of words: hyphens, numbers, closed compounds, and spellings that only look strange."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import islice, product

from workbench.prosody.endings import Phones, contracted, inflected, prefixed
from workbench.prosody.words import dictionary_phones, is_headword

_ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SCALES = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"), (1000, "thousand"), (100, "hundred"))
_ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
#: Endings that are words of the dictionary too (as names), but never the second half of a compound.
_NO_HALF = frozenset({"ious", "ian", "ians", "ial", "ium", "ity", "ous", "red"})
#: Words of three letters that often are half of a compound.
_SHORT_PARTS = frozenset(
    re.findall(
        r"\w+",
        "sea sun sky day dew ice fog mud oak ash elm eye ear arm lip toe air war way men man bed bow box cup hat pot"
        " pan pit top tip lid jar gun hen pig cow bee fox owl ink out off all mid new old one red two",
    )
)
#: whereto, thereof, hereupon
_PLACE_ADVERB = re.compile(r"(where|there|here)(to|at|of|by|in|on|upon|unto|with|from|after|fore|under|abouts?)")
_WORDS_OF_ONE_LETTER = frozenset("aio")
_LEAST_OLD = 4  # letters from which an odd spelling is telling
_NUMBER = re.compile(r"(\d[\d,]*)(?:\.(\d+))?(st|nd|rd|th|s)?$")
_RESPELLINGS = (
    (r"our", "or"),
    (r"is(e[ds]?|ing)$", r"iz\1"),
    (r"(?<=[bcdghptv])re(s?)$", r"er\1"),
    (r"ae$", "ay"),  # Scots: frae, nae
    (r"ae|oe", "e"),
    (r"lle([dr])", r"le\1"),
)
#: How English was spelled until about 1700, and as it is spelled now; two may meet in a word (joyne).
_OLD_SPELLINGS = tuple(
    (re.compile(old), new)
    for old, new in (
        (r"(?<=[aeiou])u(?=[aeiou])", "v"), (r"^v(?=[^aeiouy])", "u"),  # loue, vpon
        (r"(?<=[bdgptv])red$", "ered"), (r"(?<=[a-z])y(?=[^aeiouy'])", "i"),  # wandred, myrth
        (r"(?<=[bcdfghklmnprstvwz])d$", "ed"), (r"(?<=[ckpsxfh])'?t$", "ed"),  # ordaind, finisht, plac't
        (r"ie$", "y"), (r"(?<=[^aeiou][^aeioucg])e$|(?<=om)e$", ""),  # glorie, kinde
        (r"(?<=[aeiouy]{2}[^aeiou])e$", ""),  # returne, deare
        (r"(?<=i)ck|(?<=o)ck$", "c"), (r"el$", "le"), (r"(?<=o)wr", "wer"), (r"oy", "oi"),  # publick, battel, voyd
        (r"ea(?=[mr])", "ee"), (r"ee(?=[rv])", "ea"), (r"ear$", "ere"), (r"ea(?=m$)", "e"), (r"ei(?=ld)", "ie"),
        (r"([bdfglmnprt])\1e?$", r"\1"), (r"(?<=[aeiou])l$", "ll"), (r"^i(?=[mn])", "e"),  # starr, shal, imbellish
        (r"(?<=[^aeiou]{2})$|(?<=[aeiou][bdgklmnrstv])$", "e"),  # univers, loathsom
    )
)  # fmt: skip
_LOST_VOWEL = re.compile(r"(?<=[a-z]{2}[bdfgkpstv])(?=(?:ning|ring|rous)$)")  # threatning, glistring


def number_words(text: str) -> tuple[str, ...]:
    """Digits as they are read aloud; () if the text is not a number.

    >>> number_words("1849"), number_words("21st"), number_words("3,000")
    (('eighteen', 'forty', 'nine'), ('twenty', 'first'), ('three', 'thousand'))
    """
    match = _NUMBER.match(text)
    if match is None or not text.isascii() or len(match[1]) > 15:
        return ()
    whole, decimals, suffix = match.groups()
    value = int(whole.replace(",", ""))
    words = _year(value) if 1100 <= value < 2000 and "," not in whole else _cardinal(value)
    if decimals:
        words += ["point", *(_ONES[int(digit)] for digit in decimals[:15])]
    if suffix and suffix != "s":
        words[-1] = _ordinal(words[-1])
    elif suffix:
        words[-1] = words[-1][:-1] + "ies" if words[-1].endswith("y") else words[-1] + "s"
    return tuple(words)


def compounded(word: str) -> tuple[Phones, ...]:
    """A lower-case word as parts that the dictionary has; () if it does not come apart.

    >>> " ".join(compounded("sea-foam")[0]), " ".join(compounded("starfall")[0])
    ('S IY1 F OW1 M', 'S T AA1 R F AO2 L')
    """
    parts = number_words(word) or tuple(part for part in word.split("-") if part)
    if len(parts) > 1 or (parts and parts[0] != word):
        return _divided(parts) or _joined(parts)
    return _closed_compound(word)


def respelled(word: str) -> tuple[Phones, ...]:
    """British spellings, accents, letters drawn out: colour, café, nooo.

    >>> " ".join(respelled("cafè")[0])
    'K AH0 F EY1'
    """
    plain = "".join(char for char in unicodedata.normalize("NFD", word) if not unicodedata.combining(char))
    short = re.sub(r"(.)\1{2,}", r"\1", plain)
    candidates = [plain, short, re.sub(r"(.)\1{2,}", r"\1\1", plain)]
    candidates += [re.sub(old, new, short) for old, new in _RESPELLINGS]
    for candidate in candidates:
        ways = known(candidate) if candidate != word else ()
        if ways:
            return _with_sounded_end(word, ways)
    return _spelled_of_old(word)


@lru_cache(maxsize=4096)
def _spelled_of_old(word: str) -> tuple[Phones, ...]:
    """A spelling of the 17th century: what the dictionary has after one change or two; () if nothing.

    >>> [" ".join(_spelled_of_old(word)[0]) for word in ("finisht", "glorie", "joyne", "threatning")]
    ['F IH1 N IH0 SH T', 'G L AO1 R IY0', 'JH OY1 N', 'TH R EH1 T N IH0 NG']
    """
    if len(word) < _LEAST_OLD or not word.replace("'", "").isalpha():
        return ()
    once = list(dict.fromkeys(new for old, by in _OLD_SPELLINGS if (new := old.sub(by, word)) != word))
    twice = (new for one in once for old, by in _OLD_SPELLINGS if (new := old.sub(by, one)) not in (one, word))
    found = (dictionary_phones(spelled) for spelled in (*once, *twice) if len(spelled) >= _LEAST_OLD)
    return next(filter(None, found), ()) or (contracted(_LOST_VOWEL.sub("'", word)) if _LOST_VOWEL.search(word) else ())


def _with_sounded_end(word: str, ways: tuple[Phones, ...]) -> tuple[Phones, ...]:
    """An accent on the last e says that it sounds: résumé is not resume."""
    sounded = tuple(way for way in ways if way[-1][:2] == "EY") if word.endswith("é") else ()
    return sounded or ways


def known(word: str) -> tuple[Phones, ...]:
    """From the dictionary, or by prefix and ending from it."""
    return dictionary_phones(word) or inflected(word) or prefixed(word)


def _divided(parts: tuple[str, ...]) -> tuple[Phones, ...]:
    """A word that a hyphen cuts inside, as editions mark a stress or a sounded -ed: d-eep, azur-ed; () for others."""
    whole = "".join(parts)
    if parts[-1] == "ed":
        return contracted(f"{whole[:-2]}èd")
    is_cut = any(len(part) == 1 and part.isalpha() and part not in _WORDS_OF_ONE_LETTER for part in parts)
    return known(whole) if (is_cut or parts[-1] == "es") and is_headword(whole) else ()


def _joined(parts: tuple[str, ...]) -> tuple[Phones, ...]:
    ways = [known(part) or _closed_compound(part) for part in parts]
    if not all(ways):
        return ()
    return tuple(sum(choice, ()) for choice in islice(product(*ways), 6))


def _closed_compound(word: str) -> tuple[Phones, ...]:
    """Two words written as one; the longest first part wins, the second part's stress steps back.

    Both must be words of the language and not names: a carpet is not a car's pet, and the dictionary is full of names.
    """
    adverb = _PLACE_ADVERB.fullmatch(word)
    for cut in [len(adverb[1])] if adverb else range(len(word) - 3, 2, -1):
        one, two = word[:cut], word[cut:]
        if adverb or (_are_parts(one, two) and two not in _NO_HALF):
            first, second = dictionary_phones(one), known(two)
            if first and second:
                return tuple(
                    head + tuple(phone.replace("1", "2") for phone in tail)
                    for head, tail in islice(product(first, second), 6)
                )
    return ()


def _are_parts(one: str, two: str) -> bool:
    """Whether two words may be the halves of a compound: each has forms of its own (moons, glowing), as names have not.

    Source: of 6,130 dictionary words that come apart, halves without forms gave the right rhyming part in 17 of 100,
    fewer than the letters alone; words of three letters hardly ever are a half, but for those of the list.
    """
    counts = [4 if part in _SHORT_PARTS else _n_forms(part) if len(part) > 3 else 0 for part in (one, two)]
    return min(counts) > 0 and sum(counts) > 3


@lru_cache(maxsize=65536)
def _n_forms(word: str) -> int:
    if word.endswith("s") and is_headword(word[:-1]):
        return _n_forms(word[:-1])
    stump = word.removesuffix("e")
    forms = (f"{word}s", f"{word}es", f"{stump}ed", f"{stump}ing", f"{stump}er", f"{word}ly", f"{stump}y")
    return sum(map(is_headword, forms))


def _year(value: int) -> list[str]:
    rest = value % 100
    return _cardinal(value // 100) + (
        ["hundred"] if rest == 0 else ["oh", _ONES[rest]] if rest < 10 else _cardinal(rest)
    )


def _cardinal(value: int) -> list[str]:
    if value < 20:
        return [_ONES[value]]
    if value < 100:
        return [_TENS[value // 10], *([_ONES[value % 10]] if value % 10 else [])]
    size, name = next((size, name) for size, name in _SCALES if value >= size)
    return [*_cardinal(value // size), name, *(_cardinal(value % size) if value % size else [])]


def _ordinal(word: str) -> str:
    return _ORDINALS.get(word) or (word[:-1] + "ieth" if word.endswith("y") else word + "th")
