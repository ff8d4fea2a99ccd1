"""Prose that a model was cut off in: only its whole sentences are shown."""

import re

_END = re.compile(r"[.!?][\"”’')]*(?=\s|$)")


def whole_sentences(text: str) -> str:
    """The text up to its last finished sentence; "" where none is finished.

    >>> whole_sentences("It holds. The rope is")
    'It holds.'
    """
    ends = [match.end() for match in _END.finditer(text)]
    return text[: ends[-1]].strip() if ends else ""
