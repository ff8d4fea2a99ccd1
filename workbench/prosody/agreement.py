"""What meter the lines of a poem agree on: one length, a pattern of lengths (common meter), a count of syllables, or nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from workbench.prosody.syllables import syllable_counts
from workbench.prosody.types import LINE_NAMES, LineMeter, Parse, PoemMeter

_ENOUGH = 0.6  # share of lines that must be heard in a meter before the poem is named after it
_RISING = frozenset({"iambic", "anapestic", "mixed"})
_FALLING = frozenset({"trochaic", "dactylic", "mixed"})
_KIN = 0.5  # what a line counts that has the right beats in a kindred meter
#: Patterns of feet a line that have a name; (a,) stands for lines of one length.
_PATTERNS = ((4, 3), (3, 4), (5, 4), (5, 3), (4, 2), (3, 2), (6, 5), (3, 3, 4, 3), (3, 3, 2, 2, 3), (4, 4, 3, 4, 4, 3), (4, 4, 4, 3))
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
    meter, pattern = _best_pattern(heard)
    share = _support(heard, meter, pattern)
    if shape:
        return PoemMeter(name=f"syllabic {shape}", meter="syllabic", n_feet=(), agreement=1.0, n_syllables=counts, lines=tuple(lines))
    if len(lines) > 1 and share >= _ENOUGH:
        wanted = [pattern[place % len(pattern)] for place in range(len(lines))]
        ordered = tuple(map(_agreeing_first, lines, heard, [meter] * len(lines), wanted))
        name = _name(meter, pattern, heard)
        return PoemMeter(name=name, meter=meter, n_feet=pattern, agreement=share, n_syllables=counts, lines=ordered)
    return _of_mixed_length(lines, heard, counts)


def _best_pattern(heard: Sequence[Sequence[Parse]]) -> tuple[str, tuple[int, ...]]:
    """The meter and pattern of feet with most support; at equal support the cheaper, then the shorter pattern."""
    seen = {(parse.meter, parse.n_feet) for ways in heard for parse in ways[:3]}
    meters = {meter for meter, _ in seen if meter != "mixed"}
    lengths = {n_feet for _, n_feet in seen}
    patterns = [(n,) for n in sorted(lengths)] + [p for p in _PATTERNS if len(heard) >= len(p) and lengths.issuperset(p)]
    scored = [
        (_support(heard, meter, pattern) - 0.02 * len(pattern) - 0.01 * _mean_cost(heard, meter, pattern), meter, pattern)
        for meter in sorted(meters)
        for pattern in patterns
    ]
    _score, meter, pattern = max(scored, default=(0.0, "none", ()))
    return meter, pattern


def _support(heard: Sequence[Sequence[Parse]], meter: str, pattern: tuple[int, ...]) -> float:
    """Share of lines with a parse in this meter and length; the right length in a kindred meter counts half."""
    if not pattern or not heard:
        return 0.0
    kin = _RISING if meter in _RISING else _FALLING
    total = 0.0
    for place, ways in enumerate(heard):
        n_feet = pattern[place % len(pattern)]
        meters = {parse.meter for parse in ways if parse.n_feet == n_feet}
        total += 1.0 if meter in meters else _KIN if meters & kin else 0.0
    return total / len(heard)


def _mean_cost(heard: Sequence[Sequence[Parse]], meter: str, pattern: tuple[int, ...]) -> float:
    costs = [
        min((parse.cost for parse in ways if (parse.meter, parse.n_feet) == (meter, pattern[i % len(pattern)])), default=3.0)
        for i, ways in enumerate(heard)
    ]
    return sum(costs) / len(costs)


def _name(meter: str, pattern: tuple[int, ...], heard: Sequence[Sequence[Parse]]) -> str:
    if len(pattern) == 1:
        return f"{meter} {LINE_NAMES[pattern[0] - 1]}"
    if pattern == (4, 3):
        is_strict = meter == "iambic" and _share_exact(heard, meter, pattern) >= 0.9
        return "common meter" if is_strict else "ballad meter"
    return f"{meter} {'-'.join(map(str, pattern))}"


def _share_exact(heard: Sequence[Sequence[Parse]], meter: str, pattern: tuple[int, ...]) -> float:
    """Share of lines that are heard best in exactly this meter and length, with no foot of another kind."""
    n_exact = 0
    for place, ways in enumerate(heard):
        best = ways[0] if ways else None
        fits = best and (best.meter, best.n_feet) == (meter, pattern[place % len(pattern)])
        n_exact += bool(fits and best and "anapest" not in best.violations)
    return n_exact / len(heard)


def _agreeing_first(line: LineMeter, ways: Sequence[Parse], meter: str, n_feet: int) -> LineMeter:
    """The line with the parse that agrees with the poem in front."""
    agreeing = [parse for parse in ways if (parse.meter, parse.n_feet) == (meter, n_feet)]
    others = [parse for parse in line.parses if parse not in agreeing]
    return LineMeter(text=line.text, n_syllables=line.n_syllables, parses=(*agreeing, *others))


def _of_mixed_length(lines: Sequence[LineMeter], heard: Sequence[Sequence[Parse]], counts: tuple[int, ...]) -> PoemMeter:
    """Lines of many lengths in one meter, or lines of one syllable count, or none."""
    by_meter: dict[str, int] = defaultdict(int)
    for line in lines:
        for meter in {parse.meter for parse in line.parses}:
            by_meter[meter] += 1
    n_agree, meter = max(((n, meter) for meter, n in by_meter.items() if meter != "mixed"), default=(0, "none"))
    share = n_agree / len(lines) if lines else 0.0
    if len(lines) > 1 and share >= _ENOUGH:
        return PoemMeter(name=f"mixed {meter}", meter=meter, n_feet=(), agreement=share, n_syllables=counts, lines=tuple(lines))
    if len(lines) > 3 and len(set(counts)) == 1:
        name = f"syllabic {counts[0]}"
        return PoemMeter(name=name, meter="syllabic", n_feet=(), agreement=1.0, n_syllables=counts, lines=tuple(lines))
    return PoemMeter(name="none", meter="none", n_feet=(), agreement=0.0, n_syllables=counts, lines=tuple(lines))


def _syllabic_shape(lines: Sequence[LineMeter]) -> str:
    """5-7-5 and the like, if every line can be counted so."""
    for shape in _SYLLABICS:
        if len(shape) == len(lines) and all(n in syllable_counts(line.text) for n, line in zip(shape, lines, strict=True)):
            return "-".join(map(str, shape))
    return ""
