"""Which lines of a poem rhyme: scheme letters, the pairs behind them, and how dense they are.

Full rhymes are found by their sound as a key, so a poem of ten thousand lines takes a thousand times as long as one
of ten. Other rhymes have no key: a line without a full one looks a few lines back and on for the best, and the best
pairs of the poem are bound first. So the same lines in another order fall into the same groups.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from pathlib import Path

from workbench.prosody.lexicon import pronounce
from workbench.prosody.nearness import is_mosaic, last_outline
from workbench.prosody.rhyme import rhyme_distance, verse_rhyme_class
from workbench.prosody.rimes import rhyme_parts
from workbench.prosody.stress import is_weak_word
from workbench.prosody.traditions import Tradition, tradition_between, verse_ends
from workbench.prosody.types import GUESSED, PERFECT_CLASSES, SLANT_CLASSES, RhymeClass, RhymePair, Scheme
from workbench.prosody.words import words_of

#: Lines that an ear remembers: a full rhyme, a repeated word (a sestina needs nine and more), a slant rhyme. Repeated
#: lines have no limit.
_REACH, _REACH_OF_WORDS, _REACH_OF_SLANT = 6, 11, 6
_MOSAIC_WORDS = 4  # of a line's end that a mosaic rhyme may span
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_NEAR_CLASSES = SLANT_CLASSES | {RhymeClass.EYE}


def scheme(lines_or_stanzas: Sequence[str] | Sequence[Sequence[str]], *, slant: bool = False) -> Scheme:
    """The rhyme scheme of a poem, given as lines (a blank line ends a stanza) or as stanzas of lines.

    A letter stands for a sound as long as the ear remembers it: one that returns after more than six lines of
    silence gets a letter of its own. Weak endings that the beat lifts count as full (*company*, *sea*), and so do
    repeated words and lines.

    >>> scheme(["The day", "is hot", "we stay", "or not"]).text
    'ABAB'
    >>> scheme(["A cup", "of tea", "", "for company", "to sup"]).stanzas
    ('AB', 'BA')
    >>> lines = ["the empty room", "a rising moon"]
    >>> scheme(lines).text, scheme(lines, slant=True).text
    ('AB', 'AA')
    """
    stanzas = stanzas_of(lines_or_stanzas)
    lines = [line for stanza in stanzas for line in stanza]
    ends, strict_pairs = _strict_pairs(tuple(lines))
    pairs = list(strict_pairs)
    if slant:
        pairs = sorted([*pairs, *_near_pairs(ends, pairs)], key=lambda pair: (pair.second, pair.first))
    letters = _letters(len(ends), pairs)
    cut = _cut(letters, [len(stanza) for stanza in stanzas])
    words = tuple(end.split(" ")[-1] for end in ends)
    strict = [pair for pair in pairs if pair.rhyme_class in PERFECT_CLASSES]
    return Scheme(
        letters=tuple(letters),
        stanzas=tuple("".join(part) for part in cut),
        stanza_schemes=tuple("".join(_relettered(part)) for part in cut),
        end_words=words,
        pairs=tuple(pairs),
        density=_share_in_pairs(pairs, len(ends)),
        strict_density=_share_in_pairs(strict, len(ends)),
        expected_by_chance=expected_by_chance(len(ends)),
        guesses=tuple(dict.fromkeys(word for word in words if word and _is_guessed(word))),
    )


def stanzas_of(lines_or_stanzas: Sequence[str] | Sequence[Sequence[str]]) -> list[list[str]]:
    """Stanzas of non-blank lines, however the poem was given."""
    stanzas: list[list[str]] = [[]]
    for item in lines_or_stanzas:
        if not isinstance(item, str):
            stanzas += [[line for line in item if line.strip()], []]
        elif item.strip():
            stanzas[-1].append(item)
        else:
            stanzas.append([])
    return [stanza for stanza in stanzas if stanza]


@lru_cache(maxsize=8192)
def rhyming_end(line: str) -> str:
    """What of a line can rhyme: its last word, or up to three where the last ones are weak (*to know it*).

    >>> rhyming_end("nobody seemed to know it"), rhyming_end("The gate stood open.")
    ('to know it', 'open')
    """
    words = words_of(line)[-3:]
    return " ".join(words if words and is_weak_word(words[-1]) else words[-1:])


@lru_cache(maxsize=1024)
def expected_by_chance(n_lines: int) -> float:
    """The share of lines that would rhyme if each end word were drawn at random from `end_words.txt`.

    With q(s) the share of the V words that have sound s, and m lines within reach, a line ends in s with probability
    q(s), and another line ends in another word of that sound with r(s) = q(s) - 1/V: the sum of
    q(s)(1 - (1 - r(s))^m), averaged over the lines; from 0 to 1.

    >>> expected_by_chance(1), expected_by_chance(4) < expected_by_chance(14) < 0.5
    (0.0, True)
    """
    if n_lines < 2:
        return 0.0
    n_edge = min(n_lines, 2 * _REACH)  # beyond this every further line has a full reach on both sides
    in_reach = [min(line, _REACH) + min(n_edge - 1 - line, _REACH) for line in range(n_edge)]
    total = sum(map(_chance_of_partner, in_reach)) + (n_lines - n_edge) * _chance_of_partner(2 * _REACH)
    return round(total / n_lines, 4)


@lru_cache(maxsize=64)
def _chance_of_partner(n_in_reach: int) -> float:
    n_words = sum(_n_words_by_sound())
    return sum(n / n_words * (1 - (1 - (n - 1) / n_words) ** n_in_reach) for n in _n_words_by_sound())


@cache
def _n_words_by_sound() -> tuple[int, ...]:
    text = Path(__file__).with_name("end_words.txt").read_text(encoding="utf-8")
    words = {word for line in text.split("\n") if not line.startswith("#") for word in line.split()}
    counts = Counter(rhyme_parts(word)[0].key for word in sorted(words) if rhyme_parts(word))
    return tuple(counts.values())


@lru_cache(maxsize=8)  # the strict and the slant scheme of a poem are asked for one after the other
def _strict_pairs(lines: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[RhymePair, ...]]:
    """What of each line can rhyme; the full rhymes, and those that verse alone makes between lines without one."""
    ends, pairs = _full_pairs(lines)
    rhymed = [pair for pair in pairs if pair.rhyme_class is not RhymeClass.IDENTICAL]  # a refrain binds no sound
    lifted = _bound_best_first(ends, rhymed, _verse_rank(lines))
    return ends, tuple(sorted([*pairs, *lifted], key=lambda pair: (pair.second, pair.first)))


def _full_pairs(lines: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[RhymePair, ...]]:
    """What of each line can rhyme; each line with the nearest earlier one that has its sound, last word or words."""
    ends, line_keys = tuple(map(rhyming_end, lines)), map(_same_line_key, lines)
    last_line_by_key: dict[str, int] = {}
    pairs: list[RhymePair] = []
    for line, (end, line_key) in enumerate(zip(ends, line_keys, strict=True)):
        keys = _keys(end)
        earlier = last_line_by_key.get(line_key) if end else None
        if earlier is None:
            earlier = max(
                (last_line_by_key[key] for key in keys if _reaches(key, line, last_line_by_key)), default=None
            )
        if earlier is not None:
            kind = verse_rhyme_class(ends[earlier], end)
            pairs.append(RhymePair(first=earlier, second=line, words=(ends[earlier], end), rhyme_class=kind))
            keys = tuple(key for key in keys if last_line_by_key.get(key) == earlier) or keys
        last_line_by_key.update(dict.fromkeys((*keys, line_key), line))
    return ends, tuple(pairs)


def _reaches(key: str, line: int, last_line_by_key: dict[str, int]) -> bool:
    reach = _REACH_OF_WORDS if key.startswith("word ") else _REACH
    return line - last_line_by_key.get(key, -reach - 1) <= reach


def _same_line_key(line: str) -> str:
    return "line " + " ".join(words_of(line)).lower()


@lru_cache(maxsize=65536)
def _keys(end: str) -> tuple[str, ...]:
    """The sounds and the word that a line end can share with another."""
    if not end:
        return ()
    sounds = (part.key for part in rhyme_parts(end))
    return tuple(dict.fromkeys((*sounds, "word " + end.split(" ")[-1].lower())))


#: How good a bond between two lines is, the smallest first, and what it is; None where there is none.
_Rank = Callable[[int, int, bool], tuple[float, RhymeClass] | None]


def _bound_best_first(ends: Sequence[str], pairs: Sequence[RhymePair], rank: _Rank) -> list[RhymePair]:
    """Bonds for the lines that no pair holds yet: the best of the poem first, each with one new line at least."""
    bound = {line for pair in pairs for line in (pair.first, pair.second)}
    bonds = []
    for second, end in enumerate(ends):
        for first in range(max(0, second - _REACH_OF_SLANT), second) if end else ():
            if ends[first] and not (first in bound and second in bound):
                found = rank(first, second, first not in bound and second not in bound)
                if found is not None:
                    bonds.append((found[0], second - first, first, second, found[1]))
    new: list[RhymePair] = []
    for _rank, _gap, first, second, kind in sorted(bonds):
        if first not in bound or second not in bound:
            bound |= {first, second}
            new.append(RhymePair(first=first, second=second, words=(ends[first], ends[second]), rhyme_class=kind))
    return new


def _near_pairs(ends: Sequence[str], pairs: Sequence[RhymePair]) -> list[RhymePair]:
    """Slant partners for lines that have no full one, the nearest sound within a few lines."""

    def rank(first: int, second: int, _is_alone: bool) -> tuple[float, RhymeClass] | None:
        kind = verse_rhyme_class(ends[first], ends[second])
        if kind not in _NEAR_CLASSES:
            return None
        is_old = kind in (RhymeClass.EYE, RhymeClass.TRADITIONAL)
        return (0.0 if is_old else rhyme_distance(ends[first], ends[second])), kind

    return _bound_best_first(ends, pairs, rank)


def _verse_rank(lines: Sequence[str]) -> _Rank:
    """Rhymes of verse that bind in full: a lifted ending, several words; the long y where neither line has another."""
    wide = [" ".join(words_of(line)[-_MOSAIC_WORDS:]) for line in lines]
    last = [verse_ends(text.rpartition(" ")[2].lower()) for text in wide]
    outlines = [last_outline(end.word) for end in last]

    def rank(first: int, second: int, is_alone: bool) -> tuple[float, RhymeClass] | None:
        one, two = last[first], last[second]
        if outlines[first] == outlines[second] and one.word != two.word and is_mosaic(wide[first], wide[second]):
            return 0.0, RhymeClass.MOSAIC
        if one.spoken.isdisjoint(two.in_verse) and two.spoken.isdisjoint(one.in_verse):
            return None
        why = tradition_between(one, two)
        if why is Tradition.LIFTED:
            return 1.0, RhymeClass.PERFECT
        return (2.0, RhymeClass.TRADITIONAL) if why is Tradition.LONG_Y and is_alone else None

    return rank


def _letters(n_lines: int, pairs: Sequence[RhymePair]) -> list[str]:
    """One letter per line, in order of first appearance; lines that pairs join, however far apart, share one."""
    group = list(range(n_lines))

    def first_of(line: int) -> int:
        while group[line] != line:
            group[line] = line = group[group[line]]
        return line

    for pair in pairs:
        one, two = sorted((first_of(pair.first), first_of(pair.second)))
        group[two] = one
    order: dict[int, str] = {}
    return [order.setdefault(first_of(line), _letter(len(order))) for line in range(n_lines)]


def _letter(number: int) -> str:
    """A … Z, a … z, then AA, AB … by number."""
    base = len(_ALPHABET)
    return _ALPHABET[number] if number < base else _letter(number // base - 1) + _ALPHABET[number % base]


def _relettered(letters: Sequence[str]) -> list[str]:
    order = {letter: _letter(number) for number, letter in enumerate(dict.fromkeys(letters))}
    return [order[letter] for letter in letters]


def _cut(letters: Sequence[str], lengths: Sequence[int]) -> list[Sequence[str]]:
    parts, start = [], 0
    for length in lengths:
        parts.append(letters[start : start + length])
        start += length
    return parts


def _share_in_pairs(pairs: Sequence[RhymePair], n_lines: int) -> float:
    lines = {line for pair in pairs for line in (pair.first, pair.second)}
    return len(lines) / n_lines if n_lines else 0.0


def _is_guessed(word: str) -> bool:
    ways = pronounce(word)
    return not ways or ways[0].source in GUESSED
