"""Is this text English verse at all? Everything else in the package judges English only."""

from __future__ import annotations

import unicodedata

from workbench.prosody.lexicon import dictionary_phones
from workbench.prosody.tokens import words_of
from workbench.prosody.types import Unsupported


def unsupported(text: str) -> Unsupported | None:
    """Why a text is not judged; None where it is English enough.

    >>> unsupported("The rain has gone to bed.") is None
    True
    >>> unsupported("Дождь уснул.").reason
    'not supported: the text is mostly CYRILLIC script; English verse only'
    """
    letters = [char for char in text if char.isalpha()]
    if not letters:
        return Unsupported(reason="not supported: the text holds no letters")
    foreign = [char for char in letters if "LATIN" not in unicodedata.name(char, "")]
    if len(foreign) > len(letters) / 2:
        script = unicodedata.name(foreign[0], "UNKNOWN").split()[0]
        return Unsupported(reason=f"not supported: the text is mostly {script} script; English verse only")
    words = [word.lower().strip("'") for word in words_of(text)]
    known = sum(1 for word in words if dictionary_phones(word))
    if known * 2 < len(words):
        return Unsupported(reason=f"not supported: only {known} of {len(words)} words are English; English verse only")
    return None
