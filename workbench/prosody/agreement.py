"""What meter the lines of a poem agree on: one length, a pattern of lengths, a syllable count, or nothing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import cycle

from workbench.prosody.syllables import syllable_counts
from workbench.prosody.types import LINE_NAMES, LineMeter, Parse, PoemMeter

_ENOUGH = 0.7  # share of lines that must be heard in a meter before the poem is named after it
_ENOUGH_OF_ANY_LENGTH = 0.8  # the same where lines may have any length: chance alone comes near 0.7
_STRICT = 0.9  # share of strict lines from which a ballad is in common meter
_KIN = 0.5  # what a line counts that has the right beats in a kindred meter
_COST_OF_OTHERS = 3.0
_N_LIKELY = 6  # meters of single lines that are tried on the whole poem
_KIN_OF = {
    "iambic": ("anapestic", "mixed"), "anapestic": ("iambic", "mixed"), "trochaic": ("dactylic", "mixed"),
    "dactylic": ("trochaic", "mixed"),
}  # fmt: skip
_PRICE_OF_LENGTH = 0.02  # a place of a pattern must bring this share of lines
_NO_NEED_TO_LOOK_FURTHER, _LONGEST_PERIOD = 0.9, 9

Costs = dict[tuple[str, int], float]
Pattern = tuple[int, ...]
LineSupport = dict[int, tuple[float, float]]  # feet → share of the line that counts, cost
_NO_SUPPORT = (0.0, _COST_OF_OTHERS)
#: Patterns of feet a line that have a name; (a,) stands for lines of one length.
_PATTERNS = (
    (4, 3),
    (3, 4),
    (5, 4),
    (5, 3),
    (4, 2),
    (3, 2),
    (6, 5),
    (3, 3, 4, 3),
    (3, 3, 2, 2, 3),
    (4, 4, 3, 4, 4, 3),
    (4, 4, 4, 3),
)
#: Syllables a line of the forms that count them.
_SYLLABICS = ((5, 7, 5), (5, 7, 5, 7, 7), (2, 4, 6, 8, 2))


def agree(lines: Sequence[LineMeter], heard: Sequence[Sequence[Parse]]) -> PoemMeter:
    """The meter that most lines share.

    Args:
        lines: the poem's lines, blank ones left out.
        heard: every way to hear each line, the doubtful ones too: what is doubtful alone may be plain in company.
    """
    counts = tuple(line.n_syllables for line in lines)
    shape = _syllabic_shape(lines)
    if shape:
        return PoemMeter(
            name=f"syllabic {shape}", meter="syllabic", n_feet=(), agreement=1.0, n_syllables=counts, lines=tuple(lines)
        )
    costs = [{(parse.meter, parse.n_feet): parse.cost for parse in ways} for ways in heard]
    meter, pattern, share = _best_pattern(costs)
    if len(lines) > 1 and share >= _ENOUGH:
        wanted = [(meter, pattern[place % len(pattern)]) for place in range(len(lines))]
        ordered = tuple(map(_agreeing_first, lines, heard, wanted))
        name = _name(meter, pattern, heard)
        return PoemMeter(name=name, meter=meter, n_feet=pattern, agreement=share, n_syllables=counts, lines=ordered)
    return _of_mixed_length(lines, counts)


def _best_pattern(costs: Sequence[Costs]) -> tuple[str, Pattern, float]:
    """The meter and pattern of feet with most support, and that support; among equals the cheaper and shorter."""
    seen = Counter(key for ways in costs for key in list(ways)[:2])
    likely = [key for key, _ in seen.most_common(_N_LIKELY)]
    meters = sorted({meter for meter, _ in likely if meter != "mixed"})
    lengths = {n_feet for _, n_feet in likely}
    patterns: list[Pattern] = [(n,) for n in sorted(lengths)]
    patterns += [p for p in _PATTERNS if len(costs) >= len(p) and lengths.issuperset(p)]
    best = _best_of(costs, [(meter, pattern) for meter in meters for pattern in patterns])
    if best[2] >= _NO_NEED_TO_LOOK_FURTHER:
        return best
    repeating = [(meter, pattern) for meter in meters for pattern in _repeating_patterns(costs, meter)]
    return _best_of(costs, [best[:2], *repeating]) if repeating else best


def _best_of(costs: Sequence[Costs], candidates: Sequence[tuple[str, Pattern]]) -> tuple[str, Pattern, float]:
    best: tuple[str, Pattern, float] = ("none", (), 0.0)
    highest = -9.0
    meters = {meter for meter, pattern in candidates if pattern}
    support_by_meter = {meter: _line_support(costs, meter) for meter in meters}
    for meter, pattern in candidates:
        share, mean_cost = _support(support_by_meter[meter], pattern) if pattern else (0.0, 0.0)
        rank = share - _PRICE_OF_LENGTH * len(pattern) - 0.01 * mean_cost
        if rank > highest:
            best, highest = (meter, pattern, share), rank
    return best


def _repeating_patterns(costs: Sequence[Costs], meter: str) -> Iterator[Pattern]:
    """The commonest length at each place of a stanza, for every stanza length that the poem repeats."""
    cheapest = [sorted((cost, n) for (other, n), cost in ways.items() if other == meter)[:1] for ways in costs]
    for period in range(2, min(_LONGEST_PERIOD, len(costs) // 2) + 1):
        places = [Counter(n for found in cheapest[place::period] for _, n in found) for place in range(period)]
        if all(places) and len(costs) % period == 0:
            yield tuple(place.most_common(1)[0][0] for place in places)


def _line_support(costs: Sequence[Costs], meter: str) -> list[LineSupport]:
    """What each line counts for each number of feet, and at what cost: whole in this meter, half in a kindred one."""
    kin = _KIN_OF[meter]
    lines: list[LineSupport] = []
    for ways in costs:
        support = {n_feet: (_KIN, _COST_OF_OTHERS) for other, n_feet in ways if other in kin}
        support.update((n_feet, (1.0, cost)) for (other, n_feet), cost in ways.items() if other == meter)
        lines.append(support)
    return lines


def _support(lines: Sequence[LineSupport], pattern: Pattern) -> tuple[float, float]:
    """Share of lines that support a pattern, and their mean cost."""
    found = [line.get(n_feet, _NO_SUPPORT) for line, n_feet in zip(lines, cycle(pattern), strict=False)]
    return sum(share for share, _ in found) / len(lines), sum(cost for _, cost in found) / len(lines)


def _name(meter: str, pattern: tuple[int, ...], heard: Sequence[Sequence[Parse]]) -> str:
    if len(pattern) == 1:
        return f"{meter} {LINE_NAMES[pattern[0] - 1]}"
    if pattern == (4, 3):
        is_strict = meter == "iambic" and _share_exact(heard, meter, pattern) >= _STRICT
        return "common meter" if is_strict else "ballad meter"
    return f"{meter} {'-'.join(map(str, pattern))}"


def _share_exact(heard: Sequence[Sequence[Parse]], meter: str, pattern: tuple[int, ...]) -> float:
    """Share of lines that are heard best in exactly this meter and length, with no foot of another kind."""
    n_exact = 0
    for ways, n_feet in zip(heard, cycle(pattern), strict=False):
        best = ways[0] if ways else None
        n_exact += (
            best is not None and (best.meter, best.n_feet) == (meter, n_feet) and "anapest" not in best.violations
        )
    return n_exact / len(heard)


def _agreeing_first(line: LineMeter, ways: Sequence[Parse], wanted: tuple[str, int]) -> LineMeter:
    """The line with the parse that agrees with the poem in front."""
    agreeing = [parse for parse in ways if (parse.meter, parse.n_feet) == wanted]
    others = [parse for parse in line.parses if parse not in agreeing]
    return LineMeter(text=line.text, n_syllables=line.n_syllables, parses=(*agreeing, *others))


def _of_mixed_length(lines: Sequence[LineMeter], counts: tuple[int, ...]) -> PoemMeter:
    """Lines of many lengths in one meter, or lines of one syllable count, or none."""
    by_meter: dict[str, int] = defaultdict(int)
    for line in lines:
        for meter in {parse.meter for parse in line.parses}:
            by_meter[meter] += 1
    n_agree, meter = max(((n, meter) for meter, n in by_meter.items() if meter != "mixed"), default=(0, "none"))
    share = n_agree / len(lines) if lines else 0.0
    if len(lines) > 1 and share >= _ENOUGH_OF_ANY_LENGTH:
        return PoemMeter(
            name=f"mixed {meter}", meter=meter, n_feet=(), agreement=share, n_syllables=counts, lines=tuple(lines)
        )
    if len(lines) > 3 and len(set(counts)) == 1:
        name = f"syllabic {counts[0]}"
        return PoemMeter(name=name, meter="syllabic", n_feet=(), agreement=1.0, n_syllables=counts, lines=tuple(lines))
    return PoemMeter(name="none", meter="none", n_feet=(), agreement=0.0, n_syllables=counts, lines=tuple(lines))


def _syllabic_shape(lines: Sequence[LineMeter]) -> str:
    """5-7-5 and the like, if every line can be counted so."""
    for shape in _SYLLABICS:
        if len(shape) == len(lines) and all(
            n in syllable_counts(line.text) for n, line in zip(shape, lines, strict=True)
        ):
            return "-".join(map(str, shape))
    return ""
