"""What a meter law of the registry is ("iambic 4 3 4 3"), whether a line can be heard in it, and what it costs a poem.

Meter and form are two views of one thing. Where the lengths that a poem seems to have differ from those that its form
asks for, the prices of both decide: about as cheap, and the form's are the poem's; clearly dearer, and it is not the
form.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import cycle

from workbench.prosody.agreement import agree_on, allowance, price_in
from workbench.prosody.reading import Reading
from workbench.prosody.templates import TEMPLATES, heard_as, prices_of
from workbench.prosody.types import LINE_NAMES, LineMeter, Parse, PoemMeter

_RARELY_HEADLESS, _AS_WELL, NEVER = 5, 0.4, 99.0
_A_PLACE = 0.02  # what a pattern costs for each place that it has more: it fits sooner by chance
_DEARER = 0.05  # a line, from which lengths are clearly dearer than those that a poem has
_REST = 0.1  # what it costs that a weak ending stands for a beat
_MOST_A_LINE = 1.2  # what a line costs at most that cannot be heard in a meter
_RUNNING_OVER = 1.0  # price of a line of three with two weak syllables more at its end


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A meter law: kind of foot and feet a line, going round."""

    meter: str  # iambic … or "any"
    n_feet: tuple[int, ...]

    @property
    def name(self) -> str:
        """`iambic pentameter`, or `lines of 4, 3, 4 and 3 beats`.

        >>> measure("iambic 5").name, measure("any 4 3 4 3").name
        ('iambic pentameter', 'lines of 4, 3, 4, 3 beats')
        """
        if len(set(self.n_feet)) == 1 and self.meter != "any":
            return f"{self.meter} {LINE_NAMES[self.n_feet[0] - 1]}"
        kind = "" if self.meter == "any" else f"{self.meter} "
        return f"{kind}lines of {', '.join(map(str, self.n_feet))} beats"

    def keeps(self, line: LineMeter, position: int) -> bool:
        """Whether a line can be heard in it at this position of the unit."""
        wanted = self.n_feet[position % len(self.n_feet)]
        found = [one for one in line.parses if one.n_feet == wanted and self.meter in ("any", one.meter)]
        if found:
            return not _is_rather_shorter(found[0], line.text)
        if self.meter == "any":  # a limerick bends its words
            parse = heard_as(line.text, "anapestic", wanted)
            return parse is not None and "triple ending" in parse.violations and parse.cost <= _RUNNING_OVER
        price = price_in(line.text, self.meter, wanted)
        return price is not None and price <= allowance(wanted)


def _is_rather_shorter(parse: Parse, line: str) -> bool:
    """Whether a headless line of five feet and more is as well a whole one of a foot less: then that is what it is."""
    if parse.meter != "iambic" or parse.n_feet < _RARELY_HEADLESS or "headless" not in parse.violations:
        return False
    return prices_of(line, "iambic").get(parse.n_feet - 1, NEVER) <= parse.cost + _AS_WELL


@cache
def measure(text: str) -> Measure:
    """The meter law written in the registry: "iambic 4 3 4 3"."""
    meter, *feet = text.split()
    return Measure(meter=meter, n_feet=tuple(map(int, feet)))


def is_kept(reading: Reading, law: Measure, line: int, position: int) -> bool:
    """Whether a line can be heard in a law; many forms ask the same of it."""
    key = (law.meter, law.n_feet[position % len(law.n_feet)], line)
    if key not in reading.kept:
        reading.kept[key] = law.keeps(reading.meter.lines[line], position)
    return reading.kept[key]


def goes_by_other_lengths(reading: Reading, law: Measure) -> bool:
    """Whether a poem has other lengths than a law, and would clearly cost more by those of the law."""
    found = reading.meter
    if not found.n_feet:
        return found.meter == "accentual" and law.meter == "iambic"  # its lines share their beats and no feet
    if _agrees(reading, law):
        return False
    own = _price(reading, found.meter, found.n_feet) + _A_PLACE * max(0, len(found.n_feet) - len(law.n_feet))
    may_rest = law.meter == "iambic"
    return min(_price(reading, meter, law.n_feet, may_rest=may_rest) for meter in _meters(law)) > own + _DEARER


def settled_meter(reading: Reading, law: Measure) -> PoemMeter:
    """The poem's meter once its form is known to be kept: the law's lengths, in the feet that cost least."""
    if _agrees(reading, law):
        return reading.meter
    meter = min(_meters(law), key=lambda one: _price(reading, one, law.n_feet))
    return agree_on(reading.meter.lines, meter, law.n_feet)


def _agrees(reading: Reading, law: Measure) -> bool:
    """Whether the poem's own meter is the law's, line by line."""
    found = reading.meter
    own, wanted = (cycle(feet) for feet in (found.n_feet or (0,), law.n_feet))
    return law.meter in ("any", found.meter) and all(next(own) == next(wanted) for _line in reading.lines)


def _meters(law: Measure) -> Sequence[str]:
    return tuple(TEMPLATES) if law.meter == "any" else (law.meter,)


def _price(reading: Reading, meter: str, n_feet: Sequence[int], *, may_rest: bool = False) -> float:
    """The mean price of the lines in a meter; a hymn's line may rest on a weak ending for its last beat."""
    may_rest = may_rest and set(n_feet) == {3, 4}
    total = 0.0
    for line, n in zip(reading.lines, cycle(n_feet), strict=False):
        cost = price_in(line, meter, n)
        cost = _MOST_A_LINE if cost is None else min(cost, _MOST_A_LINE)
        total += min(cost, _resting(line, meter)) if may_rest and n == 4 else cost
    return total / len(reading.lines)


def _resting(line: str, meter: str) -> float:
    """What a line of three feet with a weak ending costs that stands for one of four."""
    found = heard_as(line, meter, 3)
    return found.cost + _REST if found and "feminine ending" in found.violations else NEVER
