r"""A text that goes in circles: the same line, the same few lines or the same few words again and again, to no end.

A refrain is none of these: between two of its times there is something else. Pure; what is done about it is not known
here.
"""

import re
from collections.abc import Sequence

from workbench.revision.alignment import likeness
from workbench.words import words_of

#: The same line so often without another between them, or the same few lines: no form of verse asks for so many.
_TIMES_OF_ONE, _TIMES_OF_MANY = 6, 4
_MOST_LINES = 8
#: Words in a row that are the same few words again and again.
_RUN_WORDS, _MOST_WORDS = 48, 12
#: A line that is so like an earlier one is that line again.
_SAME_LINE = 0.9
_SHORT_WORDS = 6


def circles_from(text: str, *, since: int = 0) -> int:
    r"""The character up to which it is plain that a text goes in circles; -1 where it does not.

    Only the text up to there counts, so a stream is left at the place where the whole text would be cut.

    Args:
        text: as it came.
        since: what is known to be sound; nothing is looked at until a line or many words have come since then.

    >>> circles_from("the rope\n" * 9), circles_from("the rope\nthe wet rope\n" * 2)
    (54, -1)
    """
    tail = text.rfind("\n") + 1
    if since and "\n" not in text[since:] and len(text) - tail < _RUN_WORDS:
        return -1
    folded: list[str] = []
    end = 0
    for line in text.splitlines(keepends=True):
        within = _circle_of_words(line)
        if within >= 0:
            return end + within
        end += len(line)
        plain = " ".join(re.findall(r"[^\W\d_]+", line.casefold()))
        if plain and line.endswith("\n"):
            folded.append(plain)
            if _is_circle(folded):
                return end
    return -1


def n_distinct(lines: Sequence[str]) -> int:
    r"""Lines that are not, or nearly, an earlier one. A short line that ends in another word is another line.

    >>> n_distinct(["bells for the milk", "bells for the mail", "bells for the silk"]), n_distinct(["a wet rope"] * 3)
    (3, 1)
    """
    folded = [[word.folded for word in words_of(line)] for line in lines]
    like_L_L = likeness([" ".join(words) for words in folded], [" ".join(words) for words in folded])

    def is_again(later: int, earlier: int) -> bool:
        may_be = folded[later][-1:] == folded[earlier][-1:] or len(folded[later]) > _SHORT_WORDS
        return may_be and like_L_L[later][earlier] >= _SAME_LINE

    return sum(not any(is_again(later, earlier) for earlier in range(later)) for later in range(len(lines)))


def _is_circle(lines: Sequence[str]) -> bool:
    """Whether the last lines are the same few again and again."""
    for n_lines in range(1, _MOST_LINES + 1):
        n_told = n_lines * (_TIMES_OF_MANY if n_lines > 1 else _TIMES_OF_ONE)
        last = lines[-n_told:]
        if len(last) == n_told and all(one == last[place % n_lines] for place, one in enumerate(last)):
            return True
    return False


def _circle_of_words(line: str) -> int:
    """The character of a line up to which its last words are the same few; -1 where they are not."""
    words = list(re.finditer(r"\S+", line))
    run = [0] * (_MOST_WORDS + 1)  # by distance: how many words in a row are the word so far before them
    for place, word in enumerate(words):
        for distance in range(1, min(_MOST_WORDS, place) + 1):
            is_same = word[0].casefold() == words[place - distance][0].casefold()
            run[distance] = run[distance] + 1 if is_same else 0
            if run[distance] >= _RUN_WORDS - distance:
                return word.end()
    return -1
