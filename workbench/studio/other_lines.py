"""Other lines for one place of a person's poem, one by one as they are found; they differ from each other.

A model that is asked again with another seed mostly finds its line again with one word exchanged. So the words of what
was found are barred from the next search, and what still shares more than half of its content words is passed over.
They are lines for this place, not paraphrases: nothing here knows what the old one meant.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from workbench.engines.protocols import Cancelled, never
from workbench.prosody.stress import is_weak_word
from workbench.prosody.words import words_of
from workbench.revision.line_orders import LineWriter, other_ways
from workbench.writing.types import LineOrder

_MORE_TRIES = 2  # than lines that are wanted


def other_lines(writer: LineWriter, order: LineOrder, *, n: int, cancelled: Cancelled = never) -> Iterator[str]:
    """Up to so many lines for the one place of an order; none leaves the form with more faults than it has.

    Args:
        writer: finds them.
        order: the poem and its one line.
        n: how many are wanted.
        cancelled: asked before every token.

    Raises:
        InputError: a line that the poem does not have.
        EngineError: the model failed.
        Stopped: `cancelled` said so.
    """
    (number,) = order.numbers
    found: list[str] = []
    for seed in range(n + _MORE_TRIES):
        asked = replace(order, seed=order.seed + seed, barred={**order.barred, number: _barred(found)})
        for line in other_ways(writer, asked, n=1, cancelled=cancelled):
            if not any(is_alike(line, other) for other in found):
                found.append(line)
                yield line
        if len(found) >= n:
            return


def is_alike(one: str, other: str) -> bool:
    """Whether two lines share more than half of the content words of the shorter one.

    >>> is_alike("the moths go round the lamp", "the moths go round the light"), is_alike("a gate", "a shed")
    (True, False)
    """
    ours, theirs = _content(one), _content(other)
    return 2 * len(ours & theirs) > min(len(ours), len(theirs))


def _content(line: str) -> set[str]:
    words = [word.lower() for word in words_of(line)]
    return {word for word in words if not is_weak_word(word)} or set(words)


def _barred(lines: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """The content words of these lines short of the last word of each, which the rhyme may need again."""
    words = {word for line in lines for word in _content(line) - {words_of(line)[-1].lower()}}
    return tuple((word,) for word in sorted(words))
