"""What meter a line can be heard in, and what meter a poem's lines agree on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from workbench.prosody.syllables import scan_words, syllable_counts
from workbench.prosody.types import LineMeter, Parse, PoemMeter

_FEET = {"iambic": "x/", "trochaic": "/x", "anapestic": "xx/", "dactylic": "/xx"}


def parse_line(line: str) -> tuple[Parse, ...]:
    """The meters a line can be heard in, best first; empty for prose.

    >>> parse_line("The tide returns and finds an open door")[0].name
    'iambic pentameter'
    """
    stresses = "".join(
        "?" if len(way.stresses) == 1 else way.stresses
        for word in scan_words(line).words
        for way in word.pronunciations[:1]
    )
    found = []
    for meter, foot in _FEET.items():
        n_feet, rest = divmod(len(stresses), len(foot))
        if rest or not 1 <= n_feet <= 8:
            continue
        cost = sum((mark == "/") != (stress in "12") for mark, stress in zip(foot * n_feet, stresses, strict=True) if stress != "?")
        if cost <= 1:
            found.append(Parse(meter=meter, n_feet=n_feet, marks="|".join([foot] * n_feet), violations=(), cost=float(cost)))
    return tuple(sorted(found, key=lambda parse: parse.cost))


def line_meter(line: str) -> LineMeter:
    """A line with its parses and its preferred syllable count."""
    return LineMeter(text=line, n_syllables=syllable_counts(line)[0], parses=parse_line(line))


def poem_meter(lines: Sequence[str]) -> PoemMeter:
    """The meter that most lines of a poem can be heard in; blank lines are skipped."""
    heard = tuple(line_meter(line) for line in lines if line.strip())
    votes = Counter((parse.meter, parse.n_feet) for one in heard for parse in one.parses[:1])
    counts = tuple(one.n_syllables for one in heard)
    for (meter, n_feet), n_votes in votes.most_common(1):
        if n_votes * 2 > len(heard):
            name = next(parse.name for one in heard for parse in one.parses if (parse.meter, parse.n_feet) == (meter, n_feet))
            return PoemMeter(name=name, meter=meter, n_feet=(n_feet,), agreement=n_votes / len(heard), n_syllables=counts, lines=heard)
    return PoemMeter(name="none", meter="none", n_feet=(), agreement=0.0, n_syllables=counts, lines=heard)
