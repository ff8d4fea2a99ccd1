"""Prose cut into sentences; a full stop inside a quotation ends none."""

import re

from workbench.education.gates.quotations import Quotation, quotations

_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")
_STOPS = re.compile(r"[.!?\n]")


def sentences_of(prose: str) -> list[str]:
    """The sentences in order; stops inside quotations are spaces.

    >>> sentences_of('"Rust. Rain." holds. Keep it!')
    ['"Rust  Rain " holds.', ' Keep it!']
    """
    hidden = prose
    for quote in quotations(prose):
        inner = _STOPS.sub(" ", prose[quote.start : quote.end])
        hidden = hidden[: quote.start] + inner + hidden[quote.end :]
    return [match[0] for match in _SENTENCE.finditer(hidden) if match[0].strip()]


def without_quotations(sentence: str, quotes: tuple[Quotation, ...]) -> str:
    """The sentence with as many ellipsis signs as each quotation has characters."""
    for quote in quotes:
        sentence = sentence[: quote.start] + "…" * (quote.end - quote.start) + sentence[quote.end :]
    return sentence
