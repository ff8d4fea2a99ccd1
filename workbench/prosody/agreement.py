"""What meter the lines of a poem agree on: one length, a pattern of lengths, a syllable count, or nothing.

Each meter that some lines suggest is held against all of them; the one that costs the poem least is its meter, and
each line is then heard in its light. A line that is plain in another meter alone may be a licence in company.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import cycle
from statistics import median

from workbench.prosody.meter_candidates import PATTERNS, STANZAS, Pattern, candidates
from workbench.prosody.stress import accents_of
from workbench.prosody.syllables import counted_shape, syllable_counts
from workbench.prosody.templates import heard_as, prices_of
from workbench.prosody.types import LINE_NAMES, LineMeter, Parse, PoemMeter

_ENOUGH = 0.7  # share of lines that must be heard in a meter before the poem is named after it
_MOST_STRAIN = 0.62
_ENOUGH_OF_ANY_LENGTH = 0.8  # the same where lines may have any length: chance alone comes near 0.7
_ENOUGH_UNRHYMED = 0.9  # and where they do not rhyme: lines of a few words fall into feet by themselves
_STRICT, _PRICE_OF_OTHERS = 0.9, 1.2  # share of strict lines of common meter; what a line outside the meter costs
_PRICE_OF_LENGTH = 0.02  # a place of a pattern must bring this much a line
_WORTH_OF_SHARE = 0.01  # of two meters that cost about the same, the one that more lines keep
#: Share of lines heard in a meter without licences before these are looked for; meters then tried with all.
_LEAST_PLAIN, _N_REFINED = 0.3, 4
_CLEAR_SHARE, _CLEAR_LEAD = 0.95, 0.3  # share of lines and lead from which a meter is plain without licences
_DUPLE, _LICENCES = ("iambic", "trochaic"), frozenset({"anapest", "dactyl", "missing syllable", "headless"})
_LOOSE_STRAIN, _LOOSE = 0.48, 0.65  # from which lines share their beats and nothing else
_CLEARLY_OTHER = 1.0  # a line so much cheaper with more or fewer feet has that many
_MOST_TRIED = 240  # lines on which likely meters are compared; the best of them is then held against all
_TURNED, _SAMPLE, _LONG_LINE, _DOUBTFUL = 0.4, 24, 13, 0.9  # share of lines, lines, syllables, price of a line
#: What hearing a line alone charges a meter because it is rare; in company the lines decide.
_BIAS = {"iambic": 0.0, "trochaic": 0.3, "anapestic": 0.15, "dactylic": 0.2}
_PRIOR = {"iambic": 0.0, "trochaic": 0.05, "anapestic": 0.06, "dactylic": 0.1}
_ALLOWANCE, _ALLOWANCE_PER_FOOT = 0.8, 0.28


def allowance(n_feet: int) -> float:
    """The price up to which a line is heard in the meter of its poem."""
    return _ALLOWANCE + _ALLOWANCE_PER_FOOT * n_feet


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    """A meter held against the poem."""

    meter: str
    pattern: Pattern
    price: float  # mean over the lines, with what the pattern and the meter cost
    strain: float  # the mean price as a share of what the lines are allowed
    share: float  # of lines that can be heard so; of a pattern made for the poem only what it did not take to make it

    @property
    def key(self) -> tuple[str, Pattern]:
        return self.meter, self.pattern


def agree(lines: Sequence[LineMeter], heard: Sequence[Sequence[Parse]], *, are_rhymed: bool = False) -> PoemMeter:
    """The meter that most lines share.

    Args:
        lines: the poem's lines, blank ones left out.
        heard: every way to hear each line, the doubtful ones too: what is doubtful alone may be plain in company.
        are_rhymed: whether the lines rhyme in full, so that they have a measure where no foot is theirs.
    """
    shape = counted_shape([line.text for line in lines])
    if shape:
        return _poem(f"syllabic {shape}", "syllabic", (), 1.0, lines)
    best = _best(lines, heard) if len(lines) > 1 else None
    if best is None or best.share < _ENOUGH or best.strain > _MOST_STRAIN:
        return _of_mixed_length(lines, are_rhymed=are_rhymed)
    return _heard_throughout(best, lines, heard)


def agree_on(lines: Sequence[LineMeter], meter: str, pattern: Pattern) -> PoemMeter:
    """The lines in the light of a meter that is known otherwise, from the form say; each as it was heard before.

    Args:
        lines: the poem's lines, blank ones left out.
        meter: iambic, trochaic, anapestic or dactylic.
        pattern: feet a line, going round.
    """
    size = len(pattern)
    period = next(n for n in range(1, size + 1) if size % n == 0 and pattern[:n] * (size // n) == pattern)
    pattern = pattern[:period]  # 4-3 by turns however the form writes it
    costs = [price_in(line.text, meter, n_feet) for line, n_feet in zip(lines, cycle(pattern), strict=False)]
    return _heard_throughout(_held(meter, pattern, costs), lines, [line.parses for line in lines])


def _heard_throughout(best: _Candidate, lines: Sequence[LineMeter], heard: Sequence[Sequence[Parse]]) -> PoemMeter:
    wanted = zip(lines, heard, cycle(best.pattern), strict=False)
    ordered = [_agreeing_first(line, _in_meter(line, ways, best.meter, n), n) for line, ways, n in wanted]
    return _poem(_name(best, ordered), best.meter, best.pattern, best.share, ordered)


def _poem(name: str, meter: str, pattern: Pattern, share: float, lines: Sequence[LineMeter]) -> PoemMeter:
    counts = tuple(line.n_syllables for line in lines)
    return PoemMeter(name=name, meter=meter, n_feet=pattern, agreement=share, n_syllables=counts, lines=tuple(lines))


# ---------------------------------------------------------------- holding meters against the poem


def _best(lines: Sequence[LineMeter], heard: Sequence[Sequence[Parse]]) -> _Candidate | None:
    """The cheapest meter: first by the plain ways to hear each line, then the likely ones with every licence."""
    plain = [{(one.meter, one.n_feet): _in_company(one) for one in ways} for ways in heard]
    rough = [
        _held(meter, pattern, [ways.get((meter, n)) for ways, n in zip(plain, cycle(pattern), strict=False)])
        for meter, pattern in candidates(plain)
    ]
    hopeful = sorted((one for one in rough if one.share >= _LEAST_PLAIN), key=lambda one: one.price)[:_N_REFINED]
    if _is_clear(hopeful) and not _is_turned(heard):
        return hopeful[0]

    def licensed(meter: str, pattern: Pattern, n_lines: int) -> _Candidate:
        wanted = zip(lines[:n_lines], plain, cycle(pattern), strict=False)
        costs = [price_in(line.text, meter, n, plain=ways.get((meter, n))) for line, ways, n in wanted]
        return _held(meter, pattern, costs)

    likely = [one.key for one in hopeful] + list(_behind_inversions(lines, heard))
    n_tried = min(len(lines), _MOST_TRIED)
    refined = [licensed(*key, n_tried) for key in likely]
    best = min(
        refined, key=lambda one: (one.strain > _MOST_STRAIN, one.price - _WORTH_OF_SHARE * one.share), default=None
    )
    is_part = best is not None and n_tried < len(lines) and best.share >= _LEAST_PLAIN
    return licensed(*best.key, len(lines)) if is_part and best else best


def _is_clear(ranked: Sequence[_Candidate]) -> bool:
    """Whether the first is so much cheaper than any other kind of foot that licences cannot change it."""
    if not ranked or ranked[0].share < _CLEAR_SHARE:
        return False
    rivals = [one.price for one in ranked if one.meter != ranked[0].meter]
    return not rivals or min(rivals) - ranked[0].price >= _CLEAR_LEAD


def _is_turned(heard: Sequence[Sequence[Parse]]) -> bool:
    """Whether so many lines open with a turned foot that they may be dactyls."""
    n_turned = sum(1 for ways in heard if ways and ways[0].marks.startswith("/x|x"))
    return n_turned >= _TURNED * len(heard)


def _behind_inversions(lines: Sequence[LineMeter], heard: Sequence[Sequence[Parse]]) -> Iterator[tuple[str, Pattern]]:
    """Lines with the first foot turned, or of hexameter length, may be dactyls, of the lengths that cost least."""
    if _is_turned(heard) or median(line.n_syllables for line in lines) >= _LONG_LINE:
        prices = [prices_of(line.text, "dactylic") for line in lines[:_SAMPLE]]
        lengths = Counter(min(found, key=found.__getitem__) for found in prices if found)
        yield from (("dactylic", (n_feet,)) for n_feet, _ in lengths.most_common(2))


def _in_company(parse: Parse) -> float:
    return max(0.0, parse.cost - _BIAS.get(parse.meter, 0.0))


def _held(meter: str, pattern: Pattern, costs: Sequence[float | None]) -> _Candidate:
    """What a meter costs a poem, of which each line costs so much, or cannot be heard in it."""
    total, strain, n_kept, n_lines = 0.0, 0.0, 0, len(costs)
    for cost, allowed in zip(costs, cycle(map(allowance, pattern)), strict=False):
        if cost is None:
            total += _PRICE_OF_OTHERS
            strain += 1.0
        else:
            total += min(cost, _PRICE_OF_OTHERS)
            strain += min(cost / allowed, 1.0)
            n_kept += cost <= allowed
    n_free = 0 if len(pattern) == 1 or pattern in (*PATTERNS, *STANZAS) else len(pattern)
    return _Candidate(
        meter=meter,
        pattern=pattern,
        price=total / n_lines + _PRIOR[meter] + _PRICE_OF_LENGTH * _n_places(pattern),
        strain=strain / n_lines,
        share=max(0, n_kept - n_free) / (n_lines - n_free) if n_lines > n_free else 0.0,
    )


def _n_places(pattern: Pattern) -> int:
    """The places of a pattern; a stanza that has a name is known by its two lengths."""
    return 2 if pattern in STANZAS else len(pattern)


# ---------------------------------------------------------------- hearing the lines in its light


def price_in(line: str, meter: str, n_feet: int, *, plain: float | None = None) -> float | None:
    """What a line costs in a meter, licences included; None where it is clearly shorter or longer."""
    if plain is not None and plain <= _DOUBTFUL:
        return plain
    prices = prices_of(line, meter)
    cost = min((one for one in (plain, prices.get(n_feet)) if one is not None), default=None)
    is_other = cost is not None and min(prices.values(), default=cost) < cost - _CLEARLY_OTHER
    return None if is_other else cost


def _in_meter(line: LineMeter, ways: Sequence[Parse], meter: str, n_feet: int) -> Parse | None:
    """The cheapest way to hear a line in the poem's meter, if it is cheap enough."""
    plain = next((one for one in ways if (one.meter, one.n_feet) == (meter, n_feet)), None)
    plain_cost = _in_company(plain) if plain else None
    cost = price_in(line.text, meter, n_feet, plain=plain_cost)
    if cost is None or cost > allowance(n_feet):
        return None
    return plain if cost == plain_cost else heard_as(line.text, meter, n_feet)


def _agreeing_first(line: LineMeter, agreeing: Parse | None, n_feet: int) -> LineMeter:
    """The line with the parse that agrees with the poem in front, and counted as that parse says it."""
    if agreeing is None:
        return line
    others = tuple(one for one in line.parses if (one.meter, one.n_feet) != (agreeing.meter, n_feet))
    return replace(line, n_syllables=agreeing.n_syllables, parses=(agreeing, *others))


def _name(best: _Candidate, lines: Sequence[LineMeter]) -> str:
    if (
        len(best.pattern) == 1
        and best.meter in _DUPLE
        and best.strain >= _LOOSE_STRAIN
        and _loose_share(lines) >= _LOOSE
    ):
        return f"accentual, {best.pattern[0]} beats"
    if len(set(best.pattern)) == 1:
        return f"{best.meter} {LINE_NAMES[best.pattern[0] - 1]}"
    if best.pattern == (4, 3) and best.meter == "iambic":
        return "common meter" if _share_exact(lines, best) >= _STRICT else "ballad meter"
    return f"{best.meter} {'-'.join(map(str, best.pattern))}"


def _loose_share(lines: Sequence[LineMeter]) -> float:
    """Share of lines that keep their beats only with a syllable too many or too few between them."""
    return sum(line.best is not None and not _LICENCES.isdisjoint(line.best.violations) for line in lines) / len(lines)


def _share_exact(lines: Sequence[LineMeter], best: _Candidate) -> float:
    """Share of lines that are heard in exactly this meter and length, with no foot of another kind."""
    exact = [
        line.best is not None and (line.best.meter, line.best.n_feet) == (best.meter, n) and not _is_loose(line.best)
        for line, n in zip(lines, cycle(best.pattern), strict=False)
    ]
    return sum(exact) / len(exact)


def _is_loose(parse: Parse) -> bool:
    return not {"anapest", "missing syllable"}.isdisjoint(parse.violations)


# ---------------------------------------------------------------- lines without one length


def _of_mixed_length(lines: Sequence[LineMeter], *, are_rhymed: bool) -> PoemMeter:
    """Lines of many lengths in one meter, or lines of one syllable count, or none."""
    n_by_meter = Counter(meter for line in lines for meter in {parse.meter for parse in line.parses})
    n_by_meter.pop("mixed", None)
    meter, n_agree = n_by_meter.most_common(1)[0] if n_by_meter else ("none", 0)
    share = n_agree / len(lines) if lines else 0.0
    if len(lines) > 1 and share >= (_ENOUGH_OF_ANY_LENGTH if are_rhymed else _ENOUGH_UNRHYMED):
        ordered = [_kindred_first(line, meter) for line in lines]
        return _poem(f"mixed {meter}", meter, (), share, ordered)
    counts = {syllable_counts(line.text)[0] for line in lines}
    if len(lines) > 3 and len(counts) == 1:
        return _poem(f"syllabic {counts.pop()}", "syllabic", (), 1.0, lines)
    return _accentual(lines, are_rhymed=are_rhymed) or _poem("none", "none", (), 0.0, lines)


def _accentual(lines: Sequence[LineMeter], *, are_rhymed: bool) -> PoemMeter | None:
    """Lines that agree in their strong syllables alone, however many weak ones stand between."""
    found = accents_of([line.text for line in lines], are_rhymed=are_rhymed)
    if found is None:
        return None
    name = "sprung rhythm" if found.is_sprung else f"accentual, {found.n_beats} beats"
    return _poem(name, "accentual", (), found.share, lines)


def _kindred_first(line: LineMeter, meter: str) -> LineMeter:
    """The line with its cheapest parse in the poem's kind of feet in front."""
    agreeing = next((parse for parse in line.parses if parse.meter == meter), None)
    return _agreeing_first(line, agreeing, agreeing.n_feet) if agreeing else line
