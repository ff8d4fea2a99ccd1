"""How much of a line, in characters and in words. The reference's definitions; both sets of measures use them.

change % = 100 × Levenshtein distance / length of the longer side, 0 for two empty sides. A word keeps its inner
apostrophes; each punctuation mark is a word of its own; case counts.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from rapidfuzz.distance import Levenshtein

CHANGED_PERCENT = 0.5  # above: the line changed
STABLE_PERCENT = 5.0  # below: the line stayed stable

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[^\w\s]|_")


@lru_cache(maxsize=4096)  # a line stands in many pairs and, as a rule, in many drafts
def words_and_marks(line: str) -> tuple[str, ...]:
    """The words and punctuation marks of a line.

    >>> words_and_marks("Don't go, gulls.")
    ("Don't", 'go', ',', 'gulls', '.')
    """
    return tuple(_WORD.findall(line))


def edits(before: Sequence[str], after: Sequence[str]) -> tuple[int, int]:
    """Levenshtein distance of two lines (or two lists of words), and the length of the longer one.

    >>> edits("salt", "malted")
    (3, 6)
    """
    return Levenshtein.distance(before, after), max(len(before), len(after))


def percent(edits_and_length: tuple[int, int]) -> float:
    """Change in percent, 0 to 100."""
    distance, length = edits_and_length
    return 100.0 * distance / length if length else 0.0


def character_change(before: str, after: str) -> float:
    """Percent of characters that changed; 0 = the same, 100 = nothing stayed in its place.

    >>> character_change("salt", "malt")
    25.0
    """
    return percent(edits(before.strip(), after.strip()))


def word_change(before: str, after: str) -> float:
    """Percent of words and punctuation marks that changed.

    >>> word_change("the salt road", "the old salt road")
    25.0
    """
    return percent(edits(words_and_marks(before), words_and_marks(after)))
