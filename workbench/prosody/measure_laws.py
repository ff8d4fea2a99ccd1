"""Meter and syllable counts that a form asks for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from workbench.prosody.deviations import Deviation, DeviationKind, Severity, fault, note
from workbench.prosody.measures import NEVER, Measure, goes_by_other_lengths, is_kept
from workbench.prosody.reading import Reading, is_guessed
from workbench.prosody.stress import accents_of
from workbench.prosody.templates import prices_of

#: Share of lines that must be heard in the meter of the form. Poets loosen a line in four without leaving it.
MIN_AGREEMENT = 0.7
#: Syllables that a line of a meter may have more or fewer than two a foot: feminine ending, elision, headless line.
SLACK = 1
#: Syllables off a count in all from which it is not a slip but another idea of the form.
MEANT_OFF = 3


#: Feet and agreement from which another meter than that of the form is meant.
_FEWEST_FEET, _REGULAR = 4, 0.85
_EASILY, _CLEANLY = 0.95, 0.55  # what a line may cost that is heard with fewer feet
_LONG_STRETCH = 40  # lines in which one may leave the meter of a long poem
_BEATEN = 1.5  # meetings of strong syllables a line
_SHOWN = 6
_FEWEST_WITH_LONG, _PENTAMETER = 6, 5  # lines of five feet among which one may be an alexandrine
_HALF_LINE = 3  # syllables that a half line lacks at least
_PLAIN_FROM, _EVEN_FROM = 4, 8  # lines from which other feet are meant, and one length
_MANY_OTHERS = 0.25  # share of a law's lines that have another length than the poem
_PLAINLY, _TRIPLE = 0.95, ("anapestic", "dactylic")
#: What is said of a licence that lines take.
_LICENCES = {
    "feminine ending": "a weak syllable more at the end (feminine ending)",
    "triple ending": "two weak syllables more at the end (triple ending)",
    "elision": "a syllable is slurred (elision)",
    "syllabic -ed": "-ed is a syllable of its own",
    "expansion": "an ending is said in two syllables",
    "moved stress": "a word is stressed as the older poets did",
    "headless": "the first weak syllable is missing (headless)",
}


def check_meter(
    reading: Reading, law: Measure, *, units: Sequence[Sequence[int]], is_loose: bool = False, may_break: bool = False
) -> Iterator[Deviation]:
    """Lines outside the meter: notes while most lines keep it, one fault when they do not.

    Where `is_loose`, a poem that keeps another regular meter, or goes by its accents, only bends the form. Where it
    `may_break`, half lines are notes: such as open or close a paragraph, and such as two speakers share.
    """
    placed = [(line, position) for unit in units for position, line in enumerate(unit)]
    if not is_loose and _is_another(reading, law, n_placed=len(placed)):
        yield fault(DeviationKind.METER, f"All lines are in {reading.meter.name}; the form wants {law.name}.")
        return
    loose = [line for line, position in placed if not is_kept(reading, law, line, position)]
    if len(loose) > (1 - MIN_AGREEMENT) * len(placed):
        yield _other_meter(reading, law, loose, n_placed=len(placed), is_loose=is_loose)
        return
    is_other = not is_loose and not may_break and goes_by_other_lengths(reading, law)
    if is_other or _is_lost(reading, law, placed, loose):
        yield fault(DeviationKind.METER, f"Its lines do not go by {law.name}; I hear {reading.meter.name}.")
        return
    off = set(loose)
    may_be_long = len(loose) == 1 and len(placed) >= _FEWEST_WITH_LONG and law.n_feet == (_PENTAMETER,)
    long_at = set(loose) if may_break else {placed[-1][0]}  # a last alexandrine closes any poem in five feet
    found = [
        _half_line(line)
        if may_break and _is_half_line(reading, law, line)
        else _long_line(line)
        if may_be_long and line in long_at and _is_a_foot_longer(reading, law, line)
        else _loose_line(reading, law, line, position=position)
        for line, position in placed
        if line in off
    ]
    n_faults = sum(one.severity is Severity.FAULT for one in found)
    is_beaten = is_loose and _is_beaten(reading)
    is_few = n_faults * _LONG_STRETCH <= len(placed)
    for one in found:
        is_free = (is_beaten or is_few) and not _is_cut(reading, law, one.lines[0] - 1)
        yield replace(one, severity=Severity.NOTE) if is_free else one
    yield from _licences(reading, [line for line, _ in placed if line not in off])


def _is_another(reading: Reading, law: Measure, *, n_placed: int) -> bool:
    """Whether a poem keeps one length where the law wants two by turns, or feet of three where it wants two."""
    found = reading.meter
    if law.meter == "iambic" and found.meter == "trochaic" and found.agreement >= _REGULAR and n_placed >= _EVEN_FROM:
        return True
    if len(found.n_feet) != 1 or n_placed < _PLAIN_FROM:
        return False
    n_others = sum(n != found.n_feet[0] for n in law.n_feet)
    if 0 < n_others < _MANY_OTHERS * len(law.n_feet):  # the one long line of a Spenserian stanza proves nothing
        return False
    if n_others and len(set(law.n_feet)) > 1:
        return law.meter in ("any", found.meter) and found.agreement >= _REGULAR and n_placed >= _EVEN_FROM
    return law.meter == "iambic" and found.meter in _TRIPLE and found.agreement >= _PLAINLY


def _is_lost(reading: Reading, law: Measure, placed: Sequence[tuple[int, int]], loose: Sequence[int]) -> bool:
    """Whether most lines of one place of a ballad's or hymn's stanza have another number of feet."""
    place_of = {line: position % len(law.n_feet) for line, position in placed}
    off = [place_of[line] for line in loose if not _rests_on_a_beat(reading, law, line, law.n_feet[place_of[line]])]
    n_stanzas = len(placed) // len(law.n_feet)
    return _is_of_ballads(law) and any(2 * off.count(place) > n_stanzas > 1 for place in set(off))


def _is_of_ballads(law: Measure) -> bool:
    """Whether a law has lines of four beats and of three: ballad, common and short meter."""
    return set(law.n_feet) == {3, 4}


def _rests_on_a_beat(reading: Reading, law: Measure, line: int, n_feet: int) -> bool:
    """Whether a line of a hymn or ballad has a weak ending for its last beat: "and when they all are counted"."""
    best = reading.meter.lines[line].best
    if best is None or n_feet != 4 or not _is_of_ballads(law):
        return False
    return (best.meter, best.n_feet) == ("iambic", 3) and "feminine ending" in best.violations


def _is_cut(reading: Reading, law: Measure, line: int) -> bool:
    """Whether a line is a clean one with feet less: a slip even in a long poem."""
    return _heard_shorter(reading.lines[line], law, law.n_feet[0], at_most=_CLEANLY) > 0


def _is_beaten(reading: Reading) -> bool:
    """Whether so many strong syllables meet that a line of the poem may have any number of weak ones."""
    found = accents_of(reading.lines)
    return found is not None and found.meetings >= _BEATEN


def _other_meter(reading: Reading, law: Measure, loose: Sequence[int], *, n_placed: int, is_loose: bool) -> Deviation:
    """A poem whose lines mostly leave the meter of the form: what they keep instead."""
    found, lines = reading.meter, tuple(line + 1 for line in loose)
    other = f"; I hear {found.name}" if found.name not in ("none", law.name) else ""
    is_long_enough = len(found.n_feet) == 1 and found.n_feet[0] >= _FEWEST_FEET and found.agreement >= _REGULAR
    if is_loose and (is_long_enough or found.meter == "accentual"):
        return note(DeviationKind.METER, f"It is in {found.name}, not in {law.name}.", lines=lines)
    text = f"Only {n_placed - len(loose)} of {n_placed} lines can be heard as {law.name}{other}."
    return fault(DeviationKind.METER, text, lines=lines)


def _licences(reading: Reading, kept: Sequence[int]) -> Iterator[Deviation]:
    """What the lines that keep the meter take from it: true of them, and no fault."""
    for licence, text in _LICENCES.items():
        found = [line + 1 for line in kept if (best := reading.meter.lines[line].best) and licence in best.violations]
        if found:
            shown = ", ".join(map(str, found[:_SHOWN])) + " …" * (len(found) > _SHOWN)
            where = f"Line{'s' * (len(found) != 1)} {shown}"
            yield note(DeviationKind.METER, f"{where}: {text}.", lines=tuple(found))


def _is_half_line(reading: Reading, law: Measure, line: int) -> bool:
    """Whether a line is much too short, and opens or closes a paragraph, or makes a whole one with its neighbour."""
    counts, whole = [have[0] for have in reading.syllables], 2 * law.n_feet[0]
    if counts[line] > whole - _HALF_LINE:
        return False
    is_edge = line in reading.starts or line + 1 in (*reading.starts, len(counts))
    beside = [counts[other] for other in (line - 1, line + 1) if 0 <= other < len(counts)]
    return is_edge or any(whole - 1 <= counts[line] + count <= whole + 2 for count in beside)


def _half_line(line: int) -> Deviation:
    return note(DeviationKind.METER, f"Line {line + 1} is a half line.", lines=(line + 1,))


def _is_a_foot_longer(reading: Reading, law: Measure, line: int) -> bool:
    """Whether a line is heard with one foot more than the law has."""
    return prices_of(reading.lines[line], law.meter).get(law.n_feet[0] + 1, NEVER) < NEVER


def _long_line(line: int) -> Deviation:
    return note(DeviationKind.METER, f"Line {line + 1} is a foot longer than the rest.", lines=(line + 1,))


def _loose_line(reading: Reading, law: Measure, line: int, *, position: int) -> Deviation:
    """A line that leaves the meter; where a word is only guessed and a syllable is at stake, the guess may leave it."""
    found = _off_line(reading, law, line, position=position)
    guesses = tuple(word for word in reading.words[line] if is_guessed(word))
    n_off = reading.syllables[line][0] - 2 * law.n_feet[position % len(law.n_feet)]
    if not guesses or found.severity is Severity.NOTE or not -1 <= n_off <= 2:
        return found
    doubt = f"{found.sentence[:-1]}, if I say '{guesses[0]}' right."
    return replace(found, sentence=doubt, words=guesses, severity=Severity.NOTE)


def _off_line(reading: Reading, law: Measure, line: int, *, position: int) -> Deviation:
    """A fault when even the length of the line is wrong, or when it keeps step with other feet; else a note."""
    n_feet = law.n_feet[position % len(law.n_feet)]
    best = reading.meter.lines[line].best
    if _rests_on_a_beat(reading, law, line, n_feet):
        return note(
            DeviationKind.METER, f"Line {line + 1} ends weakly where its last beat would be.", lines=(line + 1,)
        )
    if best is not None and best.meter == law.meter and best.n_feet != n_feet:
        text = f"Line {line + 1} has {best.n_feet} feet, not {n_feet}: I hear {best.name}."
        return fault(DeviationKind.METER, text, lines=(line + 1,))
    shorter = _heard_shorter(reading.lines[line], law, n_feet, at_most=_EASILY)
    if shorter:
        text = f"Line {line + 1} has {shorter} feet rather than {n_feet}."
        return fault(DeviationKind.METER, text, lines=(line + 1,))
    counts = reading.syllables[line]
    longest = 3 * n_feet + 2 if law.meter == "any" else 2 * n_feet + SLACK
    shortest = 2 * n_feet - SLACK
    if not any(shortest <= count <= longest for count in counts):
        length = "long" if counts[0] > longest else "short"
        text = f"Line {line + 1} is too {length} for {n_feet} feet: it has {counts[0]} syllables."
        return fault(DeviationKind.METER, text, lines=(line + 1,))
    heard = f"I hear {best.name}" if best else "no meter that I hear"
    return note(DeviationKind.METER, f"Line {line + 1} is loose: {heard}.", lines=(line + 1,))


def _heard_shorter(line: str, law: Measure, n_feet: int, *, at_most: float) -> int:
    """The feet of a line that is heard easily with one or two less than it should have; 0 where it is not."""
    prices = prices_of(line, law.meter) if law.meter != "any" else {}
    found = [(price, n) for n, price in prices.items() if n in (n_feet - 1, n_feet - 2)]
    price, n_heard = min(found, default=(NEVER, 0))
    return n_heard if price <= at_most else 0


def check_syllables(
    reading: Reading, counts: Sequence[int], *, units: Sequence[Sequence[int]], loose_total: int = 0
) -> Iterator[Deviation]:
    """Lines whose syllables do not add up, whichever way the poet says the words.

    A poem of one unit within `loose_total` syllables and far from the count does not try for it: that is a note.
    """
    if len(units) == 1 and _is_freer(reading, counts, loose_total):
        shown, wanted = ("-".join(map(str, each)) for each in ([have[0] for have in reading.syllables], counts))
        yield note(DeviationKind.SYLLABLES, f"Its lines have {shown} syllables, freer than {wanted}.")
        return
    for unit in units:
        for line, wanted_count in zip(unit, counts, strict=False):
            if wanted_count not in reading.syllables[line]:
                yield _off_count(reading, line, wanted_count)


def _is_freer(reading: Reading, counts: Sequence[int], loose_total: int) -> bool:
    """Whether a short poem goes its own way: few syllables, too far from the count to be a slip, and no little song.

    Lines that rhyme, or that are all of one length, are a stanza and not a freer count.
    """
    n_off = sum(
        min(abs(have - wanted) for have in line) for line, wanted in zip(reading.syllables, counts, strict=True)
    )
    is_song = bool(reading.scheme.pairs) or len({have[0] for have in reading.syllables}) == 1
    return sum(map(min, reading.syllables)) <= loose_total and n_off >= MEANT_OFF and not is_song


def _off_count(reading: Reading, line: int, wanted: int) -> Deviation:
    have = min(reading.syllables[line], key=lambda count: abs(count - wanted))
    text = f"Line {line + 1} has {have} syllable{'s' * (have != 1)}, not {wanted}."
    guesses = tuple(word for word in reading.words[line] if is_guessed(word))
    if guesses and abs(have - wanted) == 1:
        text = f"{text[:-1]}, if I say '{guesses[0]}' right."
        return note(DeviationKind.SYLLABLES, text, lines=(line + 1,), words=guesses)
    return fault(DeviationKind.SYLLABLES, text, lines=(line + 1,), words=reading.words[line])
