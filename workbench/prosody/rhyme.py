"""How two line ends sound together: the class of a rhyme, and the distance between its parts."""

from __future__ import annotations

import re
from functools import lru_cache

from workbench.prosody.nearness import is_mosaic, near_consonants, near_vowels, sequence_distance, vowel_distance
from workbench.prosody.rimes import Phones, RhymePart, last_syllable, rhyme_parts
from workbench.prosody.stress import is_weak_word
from workbench.prosody.traditions import Tradition, tradition
from workbench.prosody.types import PERFECT_CLASSES, SLANT_CLASSES, InternalRhyme, RhymeClass
from workbench.prosody.words import words_of

#: Which class wins where several pairs of pronunciations give several.
_STRONGEST_FIRST = (RhymeClass.SLANT, RhymeClass.CONSONANCE, RhymeClass.ASSONANCE)
_BY_SYLLABLES = (RhymeClass.PERFECT, RhymeClass.FEMININE, RhymeClass.TRIPLE)
_FULL_CLASSES = PERFECT_CLASSES | {RhymeClass.RICH, RhymeClass.IDENTICAL}
_LAST_EXTRAS = frozenset({"T", "D", "S", "Z"})
_VOWEL_GROUP = re.compile(r"[aeiouy]+")
_DOUBLED = re.compile(r"([b-df-hj-np-tv-z])\1")
_SILENT_END = re.compile(r"(?<=[^aeiouy])e(?=s?$)|(?<=[^aeiouytd])e(?=d$)")


@lru_cache(maxsize=65536)
def rhyme_class(a: str, b: str) -> RhymeClass:
    """The class of two words, or of phrases with spaces; the strongest that any two of their pronunciations allow.

    >>> for pair in ("day stay", "stone stone", "sea see", "home foam", "cough bough", "lake fate",
    ...              "taking making", "singing being", "moan mine", "storm horse"):
    ...     print(pair, rhyme_class(*pair.split()).value)
    day stay perfect
    stone stone identical
    sea see rich
    home foam perfect
    cough bough eye
    lake fate slant
    taking making feminine
    singing being unstressed
    moan mine consonance
    storm horse assonance
    >>> rhyme_class("poet", "know it").value
    'mosaic'
    """
    (words_a, parts_a), (words_b, parts_b) = _words_and_parts(a), _words_and_parts(b)
    if not words_a or not words_b:
        return RhymeClass.NONE
    if words_a == words_b:
        return RhymeClass.IDENTICAL
    full = [kind for one in parts_a for two in parts_b if (kind := full_rhyme(one, two)) is not None]
    if full:
        return next((kind for kind in full if kind is not RhymeClass.RICH), RhymeClass.RICH)
    if words_a[-1] == words_b[-1]:
        return RhymeClass.IDENTICAL
    return _partial((words_a[-1], words_b[-1]), parts_a, parts_b)


@lru_cache(maxsize=65536)
def _words_and_parts(text: str) -> tuple[tuple[str, ...], tuple[RhymePart, ...]]:
    words = words_of(text.lower())
    return words, rhyme_parts(" ".join(words))


@lru_cache(maxsize=65536)
def verse_rhyme_class(a: str, b: str) -> RhymeClass:
    """The class at the ends of metrical lines, where the beat may lift a weak last syllable and old rhymes live on.

    >>> rhyme_class("company", "sea").value, verse_rhyme_class("company", "sea").value
    ('unstressed', 'perfect')
    >>> verse_rhyme_class("happy", "sea").value, verse_rhyme_class("temperate", "date").value
    ('unstressed', 'perfect')
    >>> verse_rhyme_class("symmetry", "eye").value, verse_rhyme_class("sat a gee", "strategy").value
    ('traditional', 'mosaic')
    """
    kind = rhyme_class(a, b)
    if kind in _FULL_CLASSES:
        return kind
    (promoted_a, keys_a), (promoted_b, keys_b) = _promoted_and_all(a), _promoted_and_all(b)
    if not promoted_a.isdisjoint(keys_b) or not promoted_b.isdisjoint(keys_a):
        return RhymeClass.PERFECT
    if " " in a + b and is_mosaic(a, b):
        return RhymeClass.MOSAIC
    why = _tradition_of(a, b)
    if why in (Tradition.LIFTED, Tradition.BOTH_LIFTED):
        return RhymeClass.PERFECT
    return RhymeClass.TRADITIONAL if why is not None and kind is not RhymeClass.EYE else kind


@lru_cache(maxsize=65536)
def _promoted_and_all(text: str) -> tuple[frozenset[str], frozenset[str]]:
    parts = rhyme_parts(text)
    return frozenset(part.key for part in parts if part.is_promoted), frozenset(part.key for part in parts)


def _tradition_of(a: str, b: str) -> Tradition | None:
    (words_a, _), (words_b, _) = _words_and_parts(a), _words_and_parts(b)
    return tradition(words_a[-1], words_b[-1]) if words_a and words_b else None


def rhymes(a: str, b: str, *, slant: bool = False) -> bool:
    """Whether two different words rhyme: fully, or with `slant` nearly.

    >>> rhymes("day", "stay"), rhymes("day", "night"), rhymes("moon", "tomb"), rhymes("moon", "tomb", slant=True)
    (True, False, False, True)
    """
    return rhyme_class(a, b) in (SLANT_CLASSES if slant else PERFECT_CLASSES | {RhymeClass.RICH})


def rhyme_distance(a: str, b: str) -> float:
    """How far two rhyming parts lie apart: 0 the same, 1 nothing in common; the least over all pronunciations.

    Half of it is the stressed vowel, half what follows. Onsets do not count; a word that cannot be said is at 1.

    >>> rhyme_distance("day", "stay"), rhyme_distance("moon", "tomb") < rhyme_distance("moon", "salt")
    (0.0, True)
    """
    pairs = [(one, two) for one in rhyme_parts(a) for two in rhyme_parts(b)]
    return min((_distance(one, two) for one, two in pairs if one.is_promoted == two.is_promoted), default=1.0)


def internal_rhymes(line: str) -> tuple[InternalRhyme, ...]:
    """The pairs of words inside one line that rhyme fully, each word with the nearest earlier one.

    >>> [rhyme.words for rhyme in internal_rhymes("The tide had lied to the weary sea")]
    [('tide', 'lied')]
    """
    words = words_of(line)
    found: list[InternalRhyme] = []
    last_place_by_key: dict[str, int] = {}
    for place, word in enumerate(words):
        keys = [part.key for part in rhyme_parts(word) if not part.is_promoted] if not is_weak_word(word) else []
        for earlier in sorted({last_place_by_key[key] for key in keys if key in last_place_by_key}, reverse=True):
            kind = rhyme_class(words[earlier], word)
            if kind in PERFECT_CLASSES:
                pair = (words[earlier], word)
                found.append(InternalRhyme(first=earlier, second=place, words=pair, rhyme_class=kind))
                break
        last_place_by_key.update(dict.fromkeys(keys, place))
    return tuple(found)


def full_rhyme(one: RhymePart, two: RhymePart) -> RhymeClass | None:
    """The class of two parts that sound the same from the vowel on; None if they do not, or one is promoted."""
    if one.vowel != two.vowel or one.tail != two.tail or one.is_promoted or two.is_promoted:
        return None
    if max(one.n_words, two.n_words) > 1:
        return RhymeClass.MOSAIC
    if one.onset == two.onset:
        return RhymeClass.RICH
    return _BY_SYLLABLES[min(one.n_syllables, 3) - 1]


def _partial(words: tuple[str, str], parts_a: tuple[RhymePart, ...], parts_b: tuple[RhymePart, ...]) -> RhymeClass:
    """What is left when no pronunciation rhymes fully. Spelling alike outranks sounding nearly alike."""
    if _looks_alike(words, rhyme_parts(words[0]), rhyme_parts(words[1])):
        return RhymeClass.EYE
    near = {_near_rhyme(one, two) for one in parts_a for two in parts_b if not one.is_promoted and not two.is_promoted}
    for kind in _STRONGEST_FIRST:
        if kind in near:
            return kind
    return RhymeClass.UNSTRESSED if _ends_weakly_alike(*words) else RhymeClass.NONE


def _near_rhyme(one: RhymePart, two: RhymePart) -> RhymeClass:
    """Slant, consonance or assonance of two parts; they must be as long as each other."""
    if one.n_syllables != two.n_syllables:
        return RhymeClass.NONE
    coda_one, coda_two = _full_coda(one, two), _full_coda(two, one)
    is_same_coda = coda_one == coda_two
    is_near_coda = is_same_coda or _is_near_coda(coda_one, coda_two)
    before_r = coda_one[:1] == coda_two[:1] == ("R",)
    if _without_r(one.weak_syllables) == _without_r(two.weak_syllables):
        if is_near_coda and near_vowels(one.vowel, two.vowel, before_r=before_r):
            return RhymeClass.SLANT
        if is_same_coda and coda_one:
            return RhymeClass.CONSONANCE
    return RhymeClass.ASSONANCE if one.vowel == two.vowel and not is_same_coda else RhymeClass.NONE


def _without_r(weak: Phones) -> Phones:
    """Weak syllables, where er is as near to uh as neighbours are, and ies to es: iron, lion; posies, roses."""
    last = len(weak) - 1
    return tuple(
        "@" if phone == "ER" or (phone == "IY" and place < last) else phone for place, phone in enumerate(weak)
    )


def _full_coda(part: RhymePart, other: RhymePart) -> Phones:
    """The consonants after the vowel; the R that is hidden in ER counts against a vowel without it."""
    return ("R", *part.coda) if part.vowel == "ER" and other.vowel != "ER" else part.coda


def _is_near_coda(one: Phones, two: Phones) -> bool:
    """Each consonant equal to its partner or of its family; or one side has a last t, d, s or z more: hand, man."""
    if len(one) == len(two):
        return all(a == b or near_consonants(a, b) for a, b in zip(one, two, strict=True))
    short, long = sorted((one, two), key=len)
    return bool(short) and long[:-1] == short and long[-1] in _LAST_EXTRAS


def _ends_weakly_alike(a: str, b: str) -> bool:
    (is_weak_a, rime_a), (is_weak_b, rime_b) = last_syllable(a), last_syllable(b)
    if not rime_a or not rime_b or not (is_weak_a or is_weak_b):
        return False
    return tuple("@" if phone == "IH" else phone for phone in rime_a) == tuple(
        "@" if phone == "IH" else phone for phone in rime_b
    )


def _looks_alike(words: tuple[str, str], parts_a: tuple[RhymePart, ...], parts_b: tuple[RhymePart, ...]) -> bool:
    """Whether the letters are the same from the stressed vowel's letters on."""
    a, b = (word.strip("'") for word in words)
    if a[-1:] != b[-1:] or not parts_a or not parts_b:
        return False
    end_a, end_b = (_letters_of(word, part.n_syllables) for word, part in ((a, parts_a[0]), (b, parts_b[0])))
    if parts_a[0].n_syllables > 1:  # moment, comment: a doubled consonant is one
        end_a, end_b = _DOUBLED.sub(r"\1", end_a), _DOUBLED.sub(r"\1", end_b)
    return len(end_a) > 1 and end_a == end_b


def _letters_of(word: str, n_syllables: int) -> str:
    """The end of a word from the n-th vowel letters from behind on, a silent e not counted."""
    spoken = _SILENT_END.sub("_", word)
    groups = [match.start() for match in _VOWEL_GROUP.finditer(spoken)]
    return word[groups[-n_syllables] :] if len(groups) >= n_syllables else ""


def _distance(one: RhymePart, two: RhymePart) -> float:
    vowel = vowel_distance(one.vowel, two.vowel)
    return round(0.5 * vowel + 0.5 * sequence_distance(one.tail, two.tail), 3)
