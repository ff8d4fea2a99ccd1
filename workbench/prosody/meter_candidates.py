"""Which meters are worth holding against a poem: those that its single lines suggest.

One length, a pattern of lengths that has a name (4-3 by turns, Burns' stanza), or one that this poem repeats. Lines are
asked alone here, and only for what is plain in them: a licence proves nothing about a meter that is not known yet. What
each candidate costs the poem, licences included, is the business of `agreement`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from workbench.prosody.templates import TEMPLATES

Pattern = tuple[int, ...]  # feet a line, going round
STANZAS = ((5, 5, 5, 5, 5, 5, 5, 5, 6), (4, 4, 4, 2, 4, 2))  # Spenser's and Burns'
#: Patterns of feet a line that have a name; (a,) stands for lines of one length.
PATTERNS = (
    (4, 3), (3, 4), (5, 4), (5, 3), (4, 2), (3, 2), (6, 5), (3, 3, 4, 3), (3, 3, 2, 2, 3), (4, 4, 3, 4, 4, 3),
    (4, 4, 4, 3),
)  # fmt: skip
_KIN = {meter: kin for kin in (("iambic", "trochaic"), ("anapestic", "dactylic")) for meter in kin}
_N_LIKELY, _LONGEST_PERIOD = 6, 12  # meters tried on the poem; lines of the longest stanza whose lengths are compared


def candidates(plain: Sequence[dict[tuple[str, int], float]]) -> Iterator[tuple[str, Pattern]]:
    """The meters that single lines suggest, in one length, in named patterns and in patterns that repeat.

    Args:
        plain: what each line costs by meter and feet, heard without licences, the cheapest first.

    Yields:
        kind of foot and feet a line, each once; a meter that few lines suggest is among them if any line does.
    """
    seen = Counter(key for ways in plain for key in list(ways)[:3] if key[0] in TEMPLATES)
    likely = [key for key, _ in seen.most_common(_N_LIKELY)]
    meters = sorted({meter for meter, _ in likely})
    lengths = {n_feet for _, n_feet in likely}
    patterns: list[Pattern] = [(n,) for n in sorted(lengths)]
    patterns += [p for p in PATTERNS if len(plain) >= len(p) and lengths.issuperset(p)]
    patterns += [p for p in STANZAS if len(plain) % len(p) == 0 and p[0] in lengths]  # the other length may be rare
    for meter in meters:
        found = dict.fromkeys([*patterns, *_repeating_patterns(plain, meter)])
        yield from ((meter, pattern) for pattern in found)


def _repeating_patterns(plain: Sequence[dict[tuple[str, int], float]], meter: str) -> Iterator[Pattern]:
    """The commonest length at each place of a stanza, for every stanza length that the poem repeats."""
    kin = _KIN[meter]
    periods = [n for n in range(2, min(_LONGEST_PERIOD, len(plain) // 2) + 1) if len(plain) % n == 0]
    lengths = [_cheapest_length(ways, kin) for ways in plain] if periods else []
    for period in periods:
        places = [Counter(filter(None, lengths[place::period])) for place in range(period)]
        pattern = tuple(place.most_common(1)[0][0] for place in places if place)
        if len(pattern) == period and len(set(pattern)) > 1:  # lines of one length are a candidate anyway
            yield pattern


def _cheapest_length(ways: dict[tuple[str, int], float], kin: Sequence[str]) -> int:
    """The feet of the cheapest way to hear a line in kindred meters; 0 where there is none."""
    return min(((cost, n_feet) for (meter, n_feet), cost in ways.items() if meter in kin), default=(0.0, 0))[1]
