"""Couplets laid on a poem, with the triplets that heroic verse has always allowed between them.

Pairs come first. Where lines of one length do not come out even, or rhymes are missing, three lines on one rhyme may
stand for a pair if nothing is missing then: now and then, as in Dryden and Pope, never across a break.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from workbench.prosody.deviations import Deviation, DeviationKind, note
from workbench.prosody.reading import NEAR, NONE, Reading, numbers

Unit = tuple[int, ...]
_MISSING, _TRIPLET, _NEVER = 1.0, 0.4, 1e9  # what a pair without a rhyme costs, and three lines for two
_WORTH = 0.5  # by so much triplets must be better than pairs alone
_FEWEST_LINES, _LINES_A_TRIPLET = 7, 4  # two couplets and a triplet; lines of the poem for each triplet


def couplet_units(reading: Reading) -> tuple[Unit, ...]:
    """The pairs of lines, with a triplet here and there; () where neither comes out even."""
    n_lines = len(reading.lines)
    pairs = tuple((line, line + 1) for line in range(0, n_lines - 1, 2)) if n_lines % 2 == 0 else ()
    of_pairs = sum(_price(reading, pair) for pair in pairs) if pairs else _NEVER
    if of_pairs <= _WORTH or n_lines < _FEWEST_LINES or len(set(reading.meter.n_feet)) != 1:
        return pairs
    mixed = _cheapest(reading)
    price = sum(_price(reading, unit) for unit in mixed) if mixed else _NEVER
    n_triplets = sum(len(unit) > 2 for unit in mixed)
    is_rare = n_triplets * _LINES_A_TRIPLET <= n_lines
    is_whole = all(_price(reading, unit) < _MISSING for unit in mixed)
    return mixed if is_rare and is_whole and price + _WORTH < of_pairs else pairs


def say_triplets(units: Sequence[Unit]) -> Iterator[Deviation]:
    """A note for each triplet among the couplets."""
    for unit in units:
        if len(unit) > 2:
            first, second, third = numbers(unit)
            text = f"Lines {first}, {second} and {third} are a triplet."
            yield note(DeviationKind.STANZAS, text, lines=(first, second, third))


def _cheapest(reading: Reading) -> tuple[Unit, ...]:
    """The cheapest way to cut all lines into pairs and triplets; () where there is none."""
    n_lines, breaks = len(reading.lines), set(reading.starts)
    best = [0.0] + [_NEVER] * n_lines  # the price of the first so many lines, and the size of the unit that ends there
    sizes = [0] * (n_lines + 1)
    for end in range(2, n_lines + 1):
        for size in (2, 3):
            unit = tuple(range(end - size, end))
            if size > end or best[end - size] >= _NEVER or (size == 3 and not _is_triplet(reading, unit, breaks)):
                continue
            price = best[end - size] + _price(reading, unit)
            if price < best[end]:
                best[end], sizes[end] = price, size
    units: list[Unit] = []
    end = n_lines if best[n_lines] < _NEVER else 0
    while end:
        units.append(tuple(range(end - sizes[end], end)))
        end -= sizes[end]
    return tuple(reversed(units))


def _price(reading: Reading, unit: Unit) -> float:
    return _TRIPLET if len(unit) > 2 else _MISSING * (reading.rhyme_level(*unit) == NONE)


def _is_triplet(reading: Reading, unit: Unit, breaks: set[int]) -> bool:
    """Whether three lines of one paragraph rhyme in full or by tradition, each with its own word."""
    is_whole = not breaks.intersection(unit[1:])
    return is_whole and all(
        reading.rhyme_level(one, two) > NEAR and not reading.repeats_word(one, two) for one, two in pairwise(unit)
    )
