"""Poems that keep an order of their own: stanzas of one pattern, rhyme without a pattern, meter without rhyme.

These forms have no name in the tradition. What they are is said by their pattern, and what leaves it is a fault only
where the pattern is plain.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from statistics import median

from workbench.prosody.deviations import Deviation, DeviationKind, fault, note
from workbench.prosody.open_laws import UNRHYMED, is_rhymed
from workbench.prosody.reading import NONE, Reading, numbers

_LEAST_STANZA, _LONGEST_STANZA = 3, 20
_RHYMED_NEARLY = 0.8  # share of lines in a rhyme, half rhymes counted, from which it is meant
_MOST_OTHERS = 0.4  # share of stanzas that may go another way before there is no pattern
REGULAR = 0.75  # share of lines in one meter from which the meter is meant


def stanza_pattern(reading: Reading) -> str:
    """The order of rhymes that most stanzas of a poem repeat, "" where there is none: "ABCBBB"."""
    found = _usual(reading)
    return found[0] if found else ""


def _usual(reading: Reading) -> tuple[str, int] | None:
    """The commonest stanza scheme and its number of stanzas, from the strict scheme or the one with slant rhymes."""
    lengths = Counter(reading.stanza_lengths)
    size, n_of_size = lengths.most_common(1)[0] if lengths else (0, 0)
    if len(reading.stanzas) < 2 or not _LEAST_STANZA <= size <= _LONGEST_STANZA or n_of_size < 2:
        return None
    best: tuple[str, int] | None = None
    for scheme in (reading.scheme, reading.slant_scheme):
        orders = Counter(order for order in scheme.stanza_schemes if len(order) == size and len(set(order)) < size)
        for order, n_stanzas in orders.most_common(1):
            if best is None or n_stanzas > best[1]:
                best = (order, n_stanzas)
    if best is not None and best[1] < 2:
        return max(((order, _n_nearly(reading, order)) for order in _orders(reading, size)), key=lambda one: one[1])
    return best


def _orders(reading: Reading, size: int) -> list[str]:
    """The orders of rhymes of the stanzas of a length, with two rhymes at least."""
    found = [order for scheme in (reading.scheme, reading.slant_scheme) for order in scheme.stanza_schemes]
    return [order for order in dict.fromkeys(found) if len(order) == size and len(set(order)) <= size - 2] or [""]


def _n_nearly(reading: Reading, order: str) -> int:
    """How many stanzas go by an order, or miss one rhyme of it."""
    starts = [
        start for start, length in zip(reading.starts, reading.stanza_lengths, strict=True) if length == len(order)
    ]
    return sum(len(list(_missing(reading, start, order))) <= 1 for start in starts)


def check_pattern(reading: Reading) -> Iterator[Deviation]:
    """Stanzas that repeat one order of rhymes."""
    found = _usual(reading)
    if found is None or found[1] < 2:
        yield fault(DeviationKind.STANZAS, "No order of rhymes returns from stanza to stanza.")
        return
    order, _ = found
    others = [number for number, length in enumerate(reading.stanza_lengths) if length != len(order)]
    missing = [pair for start, length in zip(reading.starts, reading.stanza_lengths, strict=True)
               if length == len(order) for pair in _missing(reading, start, order)]  # fmt: skip
    if len(others) > _MOST_OTHERS * len(reading.stanzas):
        yield fault(DeviationKind.STANZAS, "Most stanzas have a length of their own.")
    for number in others:
        text = f"Stanza {number + 1} has {reading.stanza_lengths[number]} lines; most have {len(order)}."
        yield note(DeviationKind.STANZAS, text)
    say = fault if len(missing) > _MOST_OTHERS * len(reading.stanzas) else note
    for line, partner in missing:
        text = f"Line {line + 1} leaves the pattern {order}: '{reading.ends[line]}' against '{reading.ends[partner]}'."
        yield say(DeviationKind.RHYME, text, lines=numbers((line, partner)), words=(reading.ends[line], reading.ends[partner]))  # fmt: skip  # noqa: E501 - one call


def _missing(reading: Reading, start: int, order: str) -> Iterator[tuple[int, int]]:
    """Lines of a stanza that do not rhyme with any earlier line of their letter."""
    for place, letter in enumerate(order):
        earlier = [other for other in range(place) if order[other] == letter]
        if earlier and all(reading.rhyme_level(start + place, start + other) == NONE for other in earlier):
            yield start + place, start + earlier[-1]


def check_rhymed(reading: Reading) -> Iterator[Deviation]:
    """Lines that rhyme, in whatever order."""
    if reading.is_prose:
        yield fault(DeviationKind.SHAPE, "Verse is in lines; this is prose.")
    found = reading.slant_scheme
    if not is_rhymed(reading) and found.density < _RHYMED_NEARLY:
        yield fault(DeviationKind.RHYME, f"Only {found.density:.0%} of the lines rhyme.")


def check_metrical(reading: Reading) -> Iterator[Deviation]:
    """A regular meter without rhyme."""
    meter = reading.meter
    if not meter.n_feet or meter.agreement < REGULAR:
        yield fault(DeviationKind.METER, "No meter holds through the poem.")
    found = reading.scheme
    if len(reading.lines) >= 4 and found.strict_density > max(UNRHYMED, 2 * found.expected_by_chance):
        yield fault(DeviationKind.CLASH, f"It does rhyme: {found.strict_density:.0%} of the lines.")
    if meter.meter == "iambic" and meter.n_feet == (5,):
        yield fault(DeviationKind.METER, "Unrhymed iambic pentameter has a name: blank verse.")


def check_partners(reading: Reading) -> Iterator[Deviation]:
    """Each line rhymes with another one, wherever it is."""
    for line, end in enumerate(reading.ends):
        if all(other == line or reading.rhyme_level(line, other) == NONE for other in range(len(reading.lines))):
            text = f"Line {line + 1} rhymes with no other line: '{end}'."
            yield fault(DeviationKind.RHYME, text, lines=(line + 1,), words=(end,))
    if median(reading.stanza_lengths) < 2:
        yield note(DeviationKind.STANZAS, "Each line is printed as a stanza of its own.")
