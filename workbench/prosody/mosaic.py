"""Mosaic rhymes: one word against several, loosely as comic verse takes them (Juan / new one, strategy / sat a gee).

The part runs from a stressed vowel over all words after it. Weak vowels may differ, an h may be dropped, a glide
between two vowels is not heard, two equal consonants are one, and t-y and d-y are ch and j.
"""

from __future__ import annotations

from functools import lru_cache

from workbench.prosody.rimes import Phones, RhymePart, last_syllable, rhyme_parts

_SHORT = frozenset({"@", "AH", "IH", "EH", "AE", "AA", "AO", "UH"})
_GLIDE_AFTER = {"W": frozenset({"UW", "OW", "AW"}), "Y": frozenset({"IY", "EY", "AY", "OY"})}
_MERGED = {("T", "Y"): "CH", ("D", "Y"): "JH"}

#: Sounds of a part after its first vowel by their outline, in which every short vowel is weak.
_Outlines = dict[str, list[Phones]]


@lru_cache(maxsize=65536)
def is_mosaic(a: str, b: str) -> bool:
    """Whether two line ends rhyme over two syllables or more, at least one of them over several words.

    >>> is_mosaic("juan", "a new one"), is_mosaic("strategy", "sat a gee"), is_mosaic("a ring", "the king")
    (True, True, False)
    """
    if last_outline(a.rpartition(" ")[2]) != last_outline(b.rpartition(" ")[2]):  # cheap, and nearly always so
        return False
    (several_a, all_a), (several_b, all_b) = _outlines(a), _outlines(b)
    return _meet(several_a, all_b) or _meet(several_b, all_a)


def _meet(ones: _Outlines, others: _Outlines) -> bool:
    shared = ones.keys() & others.keys()
    return any(all(map(_are_near, one, two)) for key in shared for one in ones[key] for two in others[key])


@lru_cache(maxsize=65536)
def last_outline(word: str) -> str:
    """What the last syllables of two ends must share before they can rhyme over several words."""
    _is_weak, rime = last_syllable(word)
    return _outline(rime)


def _outline(sounds: Phones) -> str:
    return " ".join("@" if sound in _SHORT else "S" if sound == "Z" else sound for sound in sounds)


@lru_cache(maxsize=8192)
def _outlines(text: str) -> tuple[_Outlines, _Outlines]:
    """Of the parts that span several words, and of all parts; only parts of two syllables and more."""
    several: _Outlines = {}
    every: _Outlines = {}
    for part in rhyme_parts(text):
        if part.n_syllables > 1 and not part.is_promoted:
            sounds = _loosened(part)
            outline = f"{part.vowel} {_outline(sounds)}"
            every.setdefault(outline, []).append(sounds)
            if part.n_words > 1:
                several.setdefault(outline, []).append(sounds)
    return several, every


def _loosened(part: RhymePart) -> Phones:
    """The sounds of a part after its first vowel, without what a mosaic rhyme passes over."""
    kept: list[str] = [part.vowel]
    for phone in part.tail:
        if phone == "HH" or phone == kept[-1] or kept[-1] in _GLIDE_AFTER.get(phone, ()):
            continue
        if (kept[-1], phone) in _MERGED:
            kept[-1] = _MERGED[kept[-1], phone]
        elif not (phone == "Y" and kept[-1] in ("CH", "JH")):
            kept.append(phone)
    return tuple("S" if phone == "Z" else phone for phone in kept[1:])


def _are_near(one: str, two: str) -> bool:
    """The same sound, or two short vowels of which one is weak."""
    return one == two or "@" in (one, two)
