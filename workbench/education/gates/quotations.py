"""What a piece of prose points at: its sentences, the words it quotes and the line numbers it names.

It knows marks and numbers, not meaning: an unmarked borrowing is not seen. A full stop inside a quotation ends no
sentence.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from workbench.prosody.cliches import words_of

_ONE_TO_TWELVE = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_FIRST_TO_TWELFTH = (
    *("first", "second", "third", "fourth", "fifth", "sixth"),
    *("seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth"),
)
_VALUES = {word: n for words in (_ONE_TO_TWELVE, _FIRST_TO_TWELFTH) for n, word in enumerate(words, 1)}
_NUMBER = rf"(?:\d{{1,6}}|{'|'.join(_ONE_TO_TWELVE)})\b"
#: "line 7", "lines 3-5", "lines two, four and six", "L12"
_NUMBERED = re.compile(
    rf"\b(?:lines?\s+|L(?=\d))({_NUMBER}(?:\s*(?:,\s*and|,|-|–|to|and|through)\s*{_NUMBER})*)", re.IGNORECASE
)
#: "the third line"; "the last line" counts too, and always exists
_ORDINAL = re.compile(
    rf"\b({'|'.join(_FIRST_TO_TWELFTH)}|\d{{1,6}}(?:st|nd|rd|th)|last|final|opening|closing|penultimate)\s+lines?\b",
    re.IGNORECASE,
)
_QUOTES = re.compile(
    r"“([^“”]{1,400})”"
    r"|\"([^\"]{1,400})\""
    r"|‘([^‘\n]{1,200}?)’(?!\w)"
    r"|(?<![\w'])'(?!\s)([^'\n]{0,200}(?:'\w[^'\n]{0,200}){0,8}?)'(?!\w)"
)
_ELLIPSIS = re.compile(r"\.\.\.|…|\[[^\]]{0,20}\]")
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")
_STOPS = re.compile(r"[.!?\n]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotation:
    """Words between quotation marks."""

    start: int  # characters [start, end) of the prose, marks included
    end: int
    text: str  # without the marks

    @property
    def parts(self) -> tuple[tuple[str, ...], ...]:
        """The words of each stretch between ellipses."""
        return tuple(words for piece in _ELLIPSIS.split(self.text) if (words := words_of(piece)))


def quotations(prose: str) -> tuple[Quotation, ...]:
    r"""Everything between quotation marks, in order; an apostrophe is not a mark.

    >>> [q.text for q in quotations("The 'bent nail' holds; the poet's \"rust\" doesn't.")]
    ['bent nail', 'rust']
    """
    found = (
        Quotation(start=match.start(), end=match.end(), text=next(text for text in match.groups() if text is not None))
        for match in _QUOTES.finditer(prose)
    )
    return tuple(quotation for quotation in found if quotation.parts)


def is_quoted_from(quotation: Quotation, poem: str) -> bool:
    r"""Whether each part of the quotation is in the poem, word for word, in one run; line breaks do not matter.

    >>> poem = "The kettle ticks\nlike a cooling car."
    >>> [is_quoted_from(q, poem) for q in quotations("“ticks / like a … car” beats “the kettle sings”")]
    [True, False]
    """
    return all(f" {' '.join(words)} " in _spoken(poem) for words in quotation.parts)


def cited_lines(prose: str) -> tuple[tuple[int, str], ...]:
    """Each line that the prose names by number, counted from 1, with the words that name it; 0 = first or last line.

    >>> cited_lines("Lines 3-5 drag, the second line is alive, and so is the last line.")
    ((3, 'Lines 3-5'), (4, 'Lines 3-5'), (5, 'Lines 3-5'), (2, 'second line'), (0, 'last line'))
    """
    found: list[tuple[int, int, str]] = []
    for match in _NUMBERED.finditer(prose):
        found += [(match.start(), number, match[0]) for number in _numbers(match[1])]
    for match in _ORDINAL.finditer(prose):
        word = match[1].lower()
        number = int(re.match(r"\d+", word)[0]) if word[0].isdigit() else _VALUES.get(word, 0)  # type: ignore[index]
        found.append((match.start(), number, match[0]))
    return tuple((number, text) for _, number, text in sorted(found, key=lambda item: item[0]))


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


@lru_cache(maxsize=16)
def _spoken(poem: str) -> str:
    """The poem's words in one run, so that line breaks and punctuation do not matter."""
    return f" {' '.join(words_of(poem))} "


def _numbers(text: str) -> Iterator[int]:
    """The numbers of "3-5", "two, four and six"; a range counts every line in it, up to fifty."""
    pieces = re.split(r"(\s*(?:-|–|to|through)\s*)", text, flags=re.IGNORECASE)
    last = 0
    for index, piece in enumerate(pieces):
        if index % 2:
            continue
        numbers = [_VALUES.get(word.lower()) or int(word) for word in re.findall(_NUMBER, piece, re.IGNORECASE)]
        if index and numbers:
            yield from range(last + 1, min(numbers[0], last + 50))
        yield from numbers
        last = numbers[-1] if numbers else last
