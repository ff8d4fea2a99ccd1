"""The forms without a fixed pattern: blank verse, free verse, prose poem, and when each stops being itself.

Beside them stand poems that keep an order of their own: stanzas of one pattern, rhyme without a pattern, meter without
rhyme. These have no name in the tradition. What they are is said by their pattern, and what leaves it is a fault only
where the pattern is plain.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from statistics import median

from workbench.prosody.deviations import Deviation, DeviationKind, fault, note
from workbench.prosody.measures import is_kept, measure
from workbench.prosody.reading import NONE, Reading, numbers

#: Strict rhyme density from which a poem rhymes on purpose, and up to which rhyme is an accident.
RHYMED, UNRHYMED = 0.5, 0.34
#: Share of lines in one meter from which the meter is meant.
METRICAL = 0.75
REGULAR_FREE = 0.9  # share of lines in one meter from which free verse has it by more than chance
_QUATRAIN = 4  # lines


def is_rhymed(reading: Reading) -> bool:
    """Whether lines rhyme beyond what as many words would by accident."""
    found = reading.scheme
    return found.strict_density >= max(RHYMED, 2 * found.expected_by_chance)


def metrical_share(reading: Reading, law: str) -> float:
    """Share of lines that can be heard in a meter written as in the registry."""
    n_lines = len(reading.lines)
    return sum(is_kept(reading, measure(law), line, 0) for line in range(n_lines)) / n_lines if n_lines else 0.0


def check_blank(reading: Reading) -> Iterator[Deviation]:
    """No rhyme; the meter is checked by the registry's law."""
    found = reading.scheme
    if reading.is_prose:
        yield fault(DeviationKind.SHAPE, "Blank verse is in lines; this is prose.")
    if found.strict_density > max(UNRHYMED, 2 * found.expected_by_chance) and len(reading.lines) >= 4:
        share = f"{found.strict_density:.0%}"
        yield fault(
            DeviationKind.CLASH, f"Blank verse does not rhyme; {share} of these lines do.", words=_rhymed(reading)
        )


def check_free(reading: Reading) -> Iterator[Deviation]:
    """Neither regular rhyme nor regular meter."""
    if reading.is_prose:
        yield fault(DeviationKind.SHAPE, "Free verse is in lines; this is prose.")
    if len(reading.lines) >= 4 and is_rhymed(reading):
        share = f"{reading.scheme.strict_density:.0%}"
        yield fault(DeviationKind.CLASH, f"Free verse does not rhyme regularly; {share} of these lines do.",
                    words=_rhymed(reading))  # fmt: skip
    if len(reading.lines) >= 5 and metrical_share(reading, "iambic 5") >= METRICAL:
        yield fault(DeviationKind.METER, "Free verse has no regular meter; this is iambic pentameter.")
    elif len(reading.lines) >= 5 and reading.meter.n_feet and reading.meter.agreement >= REGULAR_FREE:
        yield note(DeviationKind.METER, f"For free verse it is very regular: I hear {reading.meter.name}.")


def check_prose(reading: Reading) -> Iterator[Deviation]:
    """Paragraphs that run to the margin."""
    if reading.lines and not reading.is_prose:
        n_words = round(median(len(words) for words in reading.words))
        yield fault(
            DeviationKind.SHAPE, f"A prose poem runs to the margin; these lines break after about {n_words} words."
        )


def _rhymed(reading: Reading) -> tuple[str, ...]:
    return tuple(word for pair in reading.scheme.pairs[:4] for word in pair.words)


_LEAST_STANZA, _LONGEST_STANZA = 3, 20
_SURELY = 3  # stanzas that agree on an order of rhymes
#: Orders of stanzas that have names: a slip in one of them is a slip.
_NAMED = frozenset(
    ["AAA", "ABA", "AABA", "AABB", "ABAB", "ABBA", "ABCB", "AABBA", "AABCCB", "ABABCC", "ABABBCC", "AAABAB"]
)
_FEWEST_UNRHYMED = 6  # lines from which half rhymes show that rhyme is meant
_RHYMED_NEARLY, _RHYMED_IN_METER = 0.8, 0.7  # share of lines in a rhyme, half rhymes counted, from which it is meant
_FEWEST_IN_LENGTHS = 8  # lines of unrhymed verse in which several lengths by turns are meant
_LEAST_FEET, _LONGEST_LINE = 3, 1.5  # of unrhymed verse in a meter; the longest line against the usual one
_MOST_OTHERS = 0.4  # share of stanzas that may go another way before there is no pattern
REGULAR = 0.75  # share of lines in one meter from which the meter is meant


def stanza_pattern(reading: Reading) -> str:
    """The order of rhymes that most stanzas of a poem repeat, "" where there is none: "ABCBBB"."""
    found = _usual(reading)
    return found[0] if found else ""


def goes_by_one_order(reading: Reading) -> bool:
    """Whether all stanzas rhyme in one order, longer than quatrains or so many that it is not chance.

    Of many stanzas one may miss a rhyme, if the order has no name: where it has one, that is a slip of the named form.
    """
    found, n_stanzas = _usual(reading), len(reading.stanzas)
    if found is None or (len(found[0]) <= _QUATRAIN and n_stanzas < _SURELY):
        return False
    if found[1] == n_stanzas:
        return True
    order = found[0]
    is_of_one_length = set(reading.stanza_lengths) == {len(order)}
    return n_stanzas >= _SURELY and is_of_one_length and order not in _NAMED and _n_missing(reading, order) <= 1


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
        nearly = [(order, _n_nearly(reading, order)) for order in _orders(reading, size)]
        return max(nearly, key=lambda one: (one[1], -_n_missing(reading, one[0])))
    return best


def _orders(reading: Reading, size: int) -> list[str]:
    """The orders of rhymes of the stanzas of a length, with two rhymes at least."""
    found = [order for scheme in (reading.scheme, reading.slant_scheme) for order in scheme.stanza_schemes]
    return [order for order in dict.fromkeys(found) if len(order) == size and len(set(order)) <= size - 2] or [""]


def _n_nearly(reading: Reading, order: str) -> int:
    """How many stanzas go by an order, or miss one rhyme of it."""
    return sum(len(list(_missing(reading, start, order))) <= 1 for start in _starts_of(reading, len(order)))


def _n_missing(reading: Reading, order: str) -> int:
    """How many rhymes of an order are missing in all."""
    return sum(len(list(_missing(reading, start, order))) for start in _starts_of(reading, len(order)))


def _starts_of(reading: Reading, size: int) -> list[int]:
    """The first lines of the stanzas of a length."""
    return [start for start, length in zip(reading.starts, reading.stanza_lengths, strict=True) if length == size]


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
    is_measured = bool(reading.meter.n_feet) and reading.meter.agreement >= REGULAR
    if not is_rhymed(reading) and found.density < (_RHYMED_IN_METER if is_measured else _RHYMED_NEARLY):
        yield fault(DeviationKind.RHYME, f"Only {found.density:.0%} of the lines rhyme.")


def is_hardly_metrical(reading: Reading) -> bool:
    """Whether the feet of free verse are chance: a line in ten has none of them, or they are too few to a line."""
    found = reading.meter
    return found.agreement < REGULAR_FREE or max(found.n_feet, default=0) < _LEAST_FEET


def has_meter_by_chance(reading: Reading) -> bool:
    """Whether lines share feet only because they are short or few, or though one is much longer than the rest."""
    found = reading.meter
    is_short = bool(found.n_feet) and max(found.n_feet) < _LEAST_FEET
    is_short |= len(set(found.n_feet)) > 1 and len(reading.lines) < _FEWEST_IN_LENGTHS
    return is_short or max(found.n_syllables) > _LONGEST_LINE * median(found.n_syllables)


def check_metrical(reading: Reading) -> Iterator[Deviation]:
    """A regular meter without rhyme."""
    meter = reading.meter
    least = REGULAR if len(set(meter.n_feet)) == 1 else REGULAR_FREE  # lengths that change fit sooner by chance
    if not meter.n_feet or meter.agreement < least:
        yield fault(DeviationKind.METER, "No meter holds through the poem.")
    elif has_meter_by_chance(reading):
        yield fault(DeviationKind.METER, "Its lines fall into feet by chance: they are short, or one is much longer.")
    found = reading.scheme
    if len(reading.lines) >= 4 and found.strict_density > max(UNRHYMED, 2 * found.expected_by_chance):
        yield fault(DeviationKind.CLASH, f"It does rhyme: {found.strict_density:.0%} of the lines.")
    elif len(reading.lines) >= _QUATRAIN and found.density >= _RHYMED_NEARLY:
        yield fault(DeviationKind.CLASH, f"{found.density:.0%} of its lines end on the same words or rhyme.")
    elif len(reading.lines) >= _FEWEST_UNRHYMED and reading.slant_scheme.density >= _RHYMED_NEARLY:
        yield fault(DeviationKind.CLASH, f"It does rhyme, by half: {reading.slant_scheme.density:.0%} of the lines.")
    if meter.meter == "iambic" and meter.n_feet == (5,):
        yield fault(DeviationKind.METER, "Unrhymed iambic pentameter has a name: blank verse.")


def check_partners(reading: Reading) -> Iterator[Deviation]:
    """Each line rhymes with another one, wherever it is."""
    n_lines = len(reading.lines)
    alone = [
        line
        for line in range(n_lines)
        if all(other == line or reading.rhyme_level(line, other) == NONE for other in range(n_lines))
    ]
    if len(alone) == 2 and reading.shares_last_consonants(*alone):
        words = (reading.ends[alone[0]], reading.ends[alone[1]])
        text = f"Line {alone[1] + 1} only half rhymes with line {alone[0] + 1}: '{words[1]}' and '{words[0]}'."
        yield note(DeviationKind.RHYME, text, lines=numbers(alone), words=words)
        alone = []
    for line in alone:
        end = reading.ends[line]
        yield fault(DeviationKind.RHYME, f"Line {line + 1} rhymes with no other line: '{end}'.",
                    lines=(line + 1,), words=(end,))  # fmt: skip
    if median(reading.stanza_lengths) < 2:
        yield note(DeviationKind.STANZAS, "Each line is printed as a stanza of its own.")
