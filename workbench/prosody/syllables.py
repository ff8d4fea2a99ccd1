"""Lines as words and syllables, with the counts a poet may choose between."""

from __future__ import annotations

from workbench.prosody.lexicon import pronounce
from workbench.prosody.tokens import words_of
from workbench.prosody.types import Line, Word


def scan_words(line: str) -> Line:
    """A line cut into words, each with every way to say it.

    >>> [word.text for word in scan_words("The tide, asleep").words]
    ['The', 'tide', 'asleep']
    """
    return Line(text=line, words=tuple(Word(text=word, pronunciations=pronounce(word)) for word in words_of(line)))


def syllable_counts(line: str) -> tuple[int, ...]:
    """How many syllables a line has: the preferred count, then the others that a poet may mean.

    >>> syllable_counts("The tide, asleep")
    (4,)
    """
    totals = {0: 0}
    for word in scan_words(line).words:
        ways = list(dict.fromkeys(way.n_syllables for way in word.pronunciations)) or [0]
        merged: dict[int, int] = {}
        for total, rank in totals.items():
            for position, way in enumerate(ways):
                merged[total + way] = min(merged.get(total + way, 99999), rank + position)
        totals = dict(sorted(merged.items(), key=lambda item: item[1])[:8])
    return tuple(totals)
