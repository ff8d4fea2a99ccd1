"""What meter a line can be heard in, and what meter a poem's lines agree on.

A line is heard with its plain syllables first; where that fits no meter, elisions and the like are tried, each at its
cost.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from workbench.prosody.agreement import agree
from workbench.prosody.feet import MAX_SYLLABLES, Cut, cuts
from workbench.prosody.stress import Beat, beats, last_beats
from workbench.prosody.syllables import counts_of
from workbench.prosody.templates import heard_as, prices_of
from workbench.prosody.types import LineMeter, Parse, PoemMeter
from workbench.prosody.words import cut_line

#: The price up to which a line is verse: so much at once, and so much a foot.
_ALLOWANCE, _ALLOWANCE_PER_FOOT = 0.6, 0.22
#: Lines of more feet than poets often write fall into step by chance as soon as by design, so they are allowed less.
_ALLOWANCE_LONG, _USUAL_DUPLE, _USUAL_TRIPLE = 1.0, 5, 4
_MAX_VARIANTS, _MAX_FLEXIBLE = 12, 6
_MAX_COST = 2.5  # a way that costs more is not even doubtful
_GOOD_ENOUGH = 0.5
_PENTAMETER, _ALLOWANCE_LICENSED = 5, 1.1


def parse_line(line: str) -> tuple[Parse, ...]:
    """The meters a line can be heard in, best first; empty for prose.

    >>> for line in ("The tide returns and finds an open door", "Under the bridge a heron waits for noon",
    ...              "Barges carry sand and barley", "In the back of the barn there were bees",
    ...              "Carry the lanterns along to the ferry-boat", "The heav'n above the chimneys turned to slate"):
    ...     best = parse_line(line)[0]
    ...     print(best.name, best.marks, *best.violations)
    iambic pentameter x/|x/|x/|x/|x/
    iambic pentameter /x|x/|x/|x/|x/ inversion
    trochaic tetrameter /x|/x|/x|/x
    anapestic trimeter xx/|xx/|xx/
    dactylic tetrameter /xx|/xx|/xx|/xx
    iambic pentameter x/|x/|x/|x/|x/
    >>> parse_line("Both signatures are required before the funds can move")
    ()
    """
    plain = tuple(parse for parse in _heard(line) if parse.cost <= _allowance(parse))
    return plain or tuple(_with_licences(line))


def _with_licences(line: str) -> Iterator[Parse]:
    """The pentameter behind elisions and the like, where a line has no plain meter: many a, th'expense, Jul-yet."""
    cost = prices_of(line, "iambic").get(_PENTAMETER, _ALLOWANCE_LICENSED + 1)
    parse = heard_as(line, "iambic", _PENTAMETER) if cost <= _ALLOWANCE_LICENSED else None
    if parse is not None and not {"anapest", "missing syllable"}.intersection(parse.violations):
        yield parse


def line_meter(line: str) -> LineMeter:
    """A line with its parses, and its syllables as the best of them says it.

    >>> line_meter("The goalie spat and tied his boots").name
    'iambic tetrameter'
    """
    parses = parse_line(line)
    n_syllables = parses[0].n_syllables if parses else counts_of(cut_line(line)[0])[0]
    return LineMeter(text=line, n_syllables=n_syllables, parses=parses)


def poem_meter(lines: Sequence[str], *, are_rhymed: bool = False) -> PoemMeter:
    """The meter that most lines of a poem can be heard in; blank lines are skipped.

    Args:
        lines: the poem.
        are_rhymed: whether the lines rhyme in full, so that they have a measure even where no foot is theirs.

    >>> poem_meter(["The baker set his loaves to cool", "upon the window sill,", "the sparrows came as if from school",
    ...             "and ate and ate their fill."]).name
    'common meter'
    >>> poem_meter(["a crow on the wire", "counts the coins of this evening", "and keeps none of them"]).name
    'syllabic 5-7-5'
    """
    kept = [line for line in lines if line.strip()]
    return agree([line_meter(line) for line in kept], [_heard(line) for line in kept], are_rhymed=are_rhymed)


def without_meter(lines: Sequence[str]) -> PoemMeter:
    """Paragraphs of prose, which have no meter even where one of them has as many syllables as the next."""
    heard = tuple(LineMeter(text=line, n_syllables=counts_of(cut_line(line)[0])[0], parses=()) for line in lines)
    counts = tuple(line.n_syllables for line in heard)
    return PoemMeter(name="none", meter="none", n_feet=(), agreement=0.0, n_syllables=counts, lines=heard)


@lru_cache(maxsize=16384)
def _heard(line: str) -> tuple[Parse, ...]:
    """All parses of a line, one for each meter and number of feet, cheapest first."""
    words, pauses = cut_line(line)
    options = [beats(word) for word in words[:-1]] + [last_beats(word) for word in words[-1:]]
    if not all(options) or not options or sum(len(ways[0].levels) for ways in options) > MAX_SYLLABLES + 4:
        return ()
    best: dict[tuple[str, int], tuple[float, Cut, tuple[Beat, ...]]] = {}
    for line_cost, beats_of_words in _variants(options):
        if best and min(best.values(), key=_first)[0] <= max(_GOOD_ENOUGH, line_cost):
            break
        for cut in _cuts_of(beats_of_words, pauses):
            key, cost = (cut.meter, len(cut.feet)), cut.cost + line_cost
            if cost < _MAX_COST and (key not in best or cost < best[key][0]):
                best[key] = (cost, cut, beats_of_words)
    ranked = sorted(best.values(), key=_first)
    return tuple(_parse(cut, beats_of_words, cost=cost) for cost, cut, beats_of_words in ranked)


def _first(item: tuple[float, Cut, tuple[Beat, ...]]) -> float:
    return item[0]


def _variants(options: list[tuple[Beat, ...]]) -> Iterator[tuple[float, tuple[Beat, ...]]]:
    """The plain line, then one word said otherwise, then two, each line with its cost; the cheap first, never many."""
    plain = tuple(ways[0] for ways in options)
    yield 0.0, plain
    flexible = [place for place, ways in enumerate(options) if len(ways) > 1][:_MAX_FLEXIBLE]
    single = [(beat.cost, ((place, beat),)) for place in flexible for beat in options[place][1:4]]
    double = [
        (cost + other_cost, (*one, *other))
        for index, (cost, one) in enumerate(single)
        for other_cost, other in single[index + 1 :]
        if one[0][0] != other[0][0]
    ]
    for cost, changes in [*sorted(single, key=lambda item: item[0]), *sorted(double, key=lambda item: item[0])][
        :_MAX_VARIANTS
    ]:
        line = list(plain)
        for place, beat in changes:
            line[place] = beat
        yield cost, tuple(line)


def _cuts_of(beats_of_words: tuple[Beat, ...], pauses: tuple[bool, ...]) -> tuple[Cut, ...]:
    levels = "".join(beat.levels for beat in beats_of_words)
    if True not in pauses:
        return cuts(levels, frozenset())
    after_pause, place = [], 0
    for beat, pause in zip(beats_of_words, pauses, strict=True):
        if pause:
            after_pause.append(place)
        place += len(beat.levels)
    return cuts(levels, frozenset(after_pause))


def _parse(cut: Cut, beats_of_words: tuple[Beat, ...], *, cost: float) -> Parse:
    licences = tuple(beat.licence for beat in beats_of_words if beat.licence)
    return Parse(
        meter=cut.meter,
        n_feet=len(cut.feet),
        marks="|".join(cut.feet),
        violations=cut.licences + licences,
        cost=round(cost, 3),
    )


def _allowance(parse: Parse) -> float:
    usual = _USUAL_DUPLE if parse.meter in ("iambic", "trochaic") else _USUAL_TRIPLE
    return _ALLOWANCE + _ALLOWANCE_PER_FOOT * parse.n_feet if parse.n_feet <= usual else _ALLOWANCE_LONG
