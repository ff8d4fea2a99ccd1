"""Accentual verse: lines that agree in their strong syllables, however many weak ones stand between them.

Where strong syllables often meet without a weak one between, it is sprung rhythm. It counts what the words ask for and
hears no tune: a line that is beaten against its words is not understood.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from workbench.prosody.stress import beats
from workbench.prosody.tokens import words_of

_STRONG = "34"  # levels
_FEWEST_LINES = 6
_EXACT, _NEARLY = 0.7, 0.9  # shares of lines with just as many beats, and with one more or fewer
#: Meetings of two strong syllables, a line and a beat, from which rhythm is sprung. Free verse of our gold set and of
#: Whitman and Crane stays below; so does pentameter, but for lists of single words.
_SPRUNG, _SPRUNG_PER_BEAT = 1.0, 0.2
#: The same where the lines rhyme in full, for then they have a measure, and no foot is theirs.
_SPRUNG_RHYMED, _PER_BEAT_RHYMED = 0.6, 0.14
_FEWEST_BEATS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Accents:
    """What the lines of a poem agree on by their strong syllables."""

    n_beats: int  # strong syllables of most lines
    share: float  # of lines that have so many, or one more or fewer
    meetings: float  # of two strong syllables, a line
    is_sprung: bool


def accents_of(lines: Sequence[str], *, are_rhymed: bool = False) -> Accents | None:
    """The beats that the lines share; None where they share none, or are too few to tell.

    Args:
        lines: the poem, without blank lines.
        are_rhymed: whether they rhyme in full though no foot is theirs.

    >>> accents_of(["Wind wakes the cold stones"] * 6)
    Accents(n_beats=4, share=1.0, meetings=2.0, is_sprung=True)
    >>> accents_of(["Wind wakes the cold stones", "and the", "unanswerable question of the afternoon"] * 2) is None
    True
    """
    if len(lines) < _FEWEST_LINES:
        return None
    levels = [_levels(line) for line in lines]
    counts = [sum(level in _STRONG for level in line) for line in levels]
    n_beats, n_exact = Counter(counts).most_common(1)[0]
    nearly = sum(abs(count - n_beats) <= 1 for count in counts) / len(lines)
    n_meetings = sum(a in _STRONG and b in _STRONG for line in levels for a, b in pairwise(line))
    a_line, a_beat = (_SPRUNG_RHYMED, _PER_BEAT_RHYMED) if are_rhymed else (_SPRUNG, _SPRUNG_PER_BEAT)
    is_sprung = n_meetings >= a_line * len(lines) and n_meetings >= a_beat * sum(counts)
    is_shared = n_exact >= _EXACT * len(lines) and nearly >= _NEARLY
    if n_beats < _FEWEST_BEATS or not (is_shared or is_sprung):
        return None
    meetings = round(n_meetings / len(lines), 2)
    return Accents(n_beats=n_beats, share=round(nearly, 4), meetings=meetings, is_sprung=is_sprung)


def _levels(line: str) -> str:
    return "".join(ways[0].levels for ways in map(beats, words_of(line)) if ways)
