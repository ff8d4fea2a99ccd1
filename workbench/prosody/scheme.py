"""Which lines of a poem rhyme: scheme letters and densities."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.prosody.rhyme import rhyme_class
from workbench.prosody.tokens import words_of
from workbench.prosody.types import PERFECT_CLASSES, SLANT_CLASSES, STRICT_CLASSES, RhymePair, Scheme


def scheme(lines_or_stanzas: Sequence[str] | Sequence[Sequence[str]], *, slant: bool = False) -> Scheme:
    """The rhyme scheme of a poem, given as lines (a blank line ends a stanza) or as stanzas of lines.

    >>> scheme(["The day", "is hot", "we stay", "or not"]).text
    'ABAB'
    """
    stanzas = stanzas_of(lines_or_stanzas)
    ends = [(words_of(line) or ("",))[-1] for stanza in stanzas for line in stanza]
    letters, pairs = _letters(ends, slant=slant)
    cuts, start = [], 0
    for stanza in stanzas:
        cuts.append("".join(letters[start : start + len(stanza)]))
        start += len(stanza)
    loose = {i for pair in pairs for i in (pair.first, pair.second)}
    strict = {i for pair in pairs if pair.rhyme_class in PERFECT_CLASSES for i in (pair.first, pair.second)}
    n_lines = len(ends) or 1
    return Scheme(
        letters=tuple(letters), stanzas=tuple(cuts), end_words=tuple(ends), pairs=tuple(pairs), guesses=(),
        stanza_schemes=tuple("".join(_letters([(words_of(x) or ("",))[-1] for x in s], slant=slant)[0]) for s in stanzas),
        density=len(loose) / n_lines, strict_density=len(strict) / n_lines, expected_by_chance=0.0,
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


def _letters(ends: list[str], *, slant: bool) -> tuple[list[str], list[RhymePair]]:
    letters: list[str] = []
    pairs: list[RhymePair] = []
    for i, word in enumerate(ends):
        for j in range(i - 1, -1, -1):
            kind = rhyme_class(ends[j], word)
            if word and kind in (SLANT_CLASSES if slant else STRICT_CLASSES):
                letters.append(letters[j])
                pairs.append(RhymePair(first=j, second=i, words=(ends[j], word), rhyme_class=kind))
                break
        else:
            letters.append(_letter(len(set(letters))))
    return letters, pairs


def _letter(number: int) -> str:
    return chr(65 + number) if number < 26 else _letter(number // 26 - 1) + chr(65 + number % 26)
