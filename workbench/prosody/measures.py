"""What a meter law of the registry is ("iambic 4 3 4 3"), and whether a line of a poem can be heard in it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from workbench.prosody.agreement import allowance, price_in
from workbench.prosody.reading import Reading
from workbench.prosody.templates import heard_as, prices_of
from workbench.prosody.types import LINE_NAMES, LineMeter, Parse

_RARELY_HEADLESS, _AS_WELL, NEVER = 5, 0.4, 99.0
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
