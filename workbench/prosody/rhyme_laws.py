"""Which lines of a form must rhyme, and which must not: AAAA is not ABAB."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise

from workbench.prosody.deviations import Deviation, DeviationKind, Severity, fault, note
from workbench.prosody.reading import FULL, NEAR, NONE, TRADITION, Reading, numbers
from workbench.prosody.rhyme import rhymes

#: Lines of a poem with the letter each should carry; lines without a rhyme law are left out.
Lettered = Sequence[tuple[int, str]]


#: Half rhymes from which they are a poet's habit, and the last sound alone may do: in forms that are used to them.
_HABIT, _HYMN = 2, 0.5
#: Rhymes of a poem from which its last consonants alone may do by habit in any form: pool / fall, bones / runs.
_LONG = 8
#: Letters of a unit, or units of a poem, from which two letters may once be one sound by chance.
_MANY_LETTERS, _MANY_UNITS = 4, 4
_TOO_MANY, _UNHEARD = 0.5, 0.6  # what a note weighs against a fault where two schemes of a form are compared
#: Rhymes of three that may be missing where the others are half rhymes by habit, in a hymn or a ballad.
_MISSING_OF = 3


@dataclass(frozen=True, slots=True)
class _Weak:
    """A line that does not fully rhyme where it should."""

    line: int
    partner: int
    level: int
    repeats: bool  # the same word again
    is_faint: bool = False  # the last sound alone agrees, which counts only where a poet half rhymes by habit


@dataclass(frozen=True, slots=True)
class _Clash:
    """Two letters that rhyme with one another."""

    deviation: Deviation
    is_open: bool = False  # they only half rhyme, or one of them is a line that should rhyme with nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class RhymePlan:
    """What a form asks of the rhymes of a poem."""

    scheme: str  # as people write it, for the sentences
    units: tuple[Lettered, ...]  # each with letters of its own
    near_share: float  # slant rhymes allowed, as a share of all rhymes; one is always allowed
    is_hymn: bool = False  # half rhymes need no habit: hymns are used to them
    keep_apart: tuple[tuple[int, ...], ...] = ()  # groups of lines inside which letters must differ; () = the units
    is_tale: bool = False  # a ballad, which tells its story in full rhymes


def check_rhymes(reading: Reading, plan: RhymePlan) -> Iterator[Deviation]:
    """Every rhyme that is missing and every rhyme too many."""
    weak: list[_Weak] = []
    n_rhymes = 0
    for unit in plan.units:
        for lines in _by_letter(unit).values():
            weak += _missing(reading, lines, is_hymn=plan.near_share >= _HYMN)
            n_rhymes += len(lines) - 1
    if plan.near_share < _HYMN and n_rhymes < _LONG:
        weak = [replace(one, is_faint=False) for one in weak]
    allowed = max(1, int(plan.near_share * n_rhymes))
    is_habit = _is_habit(weak) or (plan.is_hymn and n_rhymes > 1)
    if plan.near_share >= _HYMN and not plan.is_tale and n_rhymes > 1 and not is_habit:
        is_habit, weak = True, [replace(one, is_faint=one.is_faint and _is_alike(reading, one)) for one in weak]
    found = list(_weak_sentences(reading, weak, allowed=allowed, is_habit=is_habit))
    n_missing = sum(one.severity is Severity.FAULT for one in found)
    is_free = plan.near_share >= _HYMN and _is_habit(weak) and n_missing * _MISSING_OF <= n_rhymes
    is_free = is_free and n_missing < _n_half(weak)
    yield from (replace(one, severity=Severity.NOTE) if is_free else one for one in found)
    yield from _judged_clashes([list(_clashes(reading, unit, plan)) for unit in plan.units], plan)


def _judged_clashes(clashes: Sequence[Sequence[_Clash]], plan: RhymePlan) -> Iterator[Deviation]:
    """Rhymes too many: by chance, or half rhymes and open lines of the fewer stanzas, they are notes."""
    n_open = sum(any(one.is_open for one in unit) for unit in clashes)
    may_open = 2 * n_open <= len(plan.units)
    kept = [[one for one in unit if not (one.is_open and may_open)] for unit in clashes]
    is_stray = _is_stray([sum(one.deviation.severity is Severity.FAULT for one in unit) for unit in kept], plan)
    for one in (clash for unit in clashes for clash in unit):
        is_note = is_stray or (one.is_open and may_open)
        yield replace(one.deviation, severity=Severity.NOTE) if is_note else one.deviation


def distance_from_scheme(reading: Reading, deviations: Sequence[Deviation]) -> float:
    """How far a poem is from one of the schemes of its form.

    A rhyme too many counts half where it is only a note, and a rhyme that nobody hears a little more. So a poem that
    crosses its rhymes in three stanzas of four is held against ABAB, one that does so in one of three against xAxA.
    """
    prices = {DeviationKind.CLASH: _TOO_MANY, DeviationKind.RHYME: _UNHEARD}
    notes = [one for one in deviations if one.severity is Severity.NOTE and one.kind in prices]
    priced = (one for one in notes if one.kind is DeviationKind.CLASH or _is_unheard(reading, one))
    return sum(prices[one.kind] for one in priced) + sum(one.severity is Severity.FAULT for one in deviations)


def _is_unheard(reading: Reading, one: Deviation) -> bool:
    return reading.rhyme_level(one.lines[0] - 1, one.lines[1] - 1) == NONE


def _is_alike(reading: Reading, weak: _Weak) -> bool:
    pair = (weak.line, weak.partner)
    return reading.shares_last_consonants(*pair) or reading.meets_a_lifted_y(*pair)


def _is_stray(n_faults: Sequence[int], plan: RhymePlan) -> bool:
    """Whether letters rhyme with one another only once, in a poem of so many letters or stanzas that it is chance."""
    n_letters = max((len(_by_letter(unit)) for unit in plan.units), default=0)
    return sum(n_faults) == 1 and (n_letters >= _MANY_LETTERS or len(plan.units) >= _MANY_UNITS)


def letter_of(symbol: str, position: int) -> str:
    """The letter of a symbol of the registry: "A1" and "a" are A, an x is a letter of its own.

    >>> letter_of("A1", 0), letter_of("b", 1), letter_of("x", 2), letter_of(".", 3)
    ('A', 'B', 'x2', '')
    """
    if symbol in (".", "R"):
        return ""
    return f"x{position}" if symbol == "x" else symbol[0].upper()


# ---------------------------------------------------------------- rhymes that must be


def _by_letter(unit: Lettered) -> dict[str, list[int]]:
    groups: dict[str, list[int]] = {}
    for line, letter in unit:
        groups.setdefault(letter, []).append(line)
    return groups


def _missing(reading: Reading, lines: Sequence[int], *, is_hymn: bool) -> Iterator[_Weak]:
    """The lines outside the largest circle of lines that rhyme, each with the nearest line it should rhyme with."""
    if len(lines) < 2:
        return
    circles = [[other for other in lines if other == line or reading.is_full_rhyme(line, other)] for line in lines]
    circle = max(circles, key=len)
    if len(circle) == 1 and len(lines) > 2:  # none in full: the line that most others rhyme with in some way
        circle = [
            max(lines, key=lambda line: sum(reading.rhyme_level(line, other) for other in lines if other != line))
        ]
    for line in lines:
        others = [other for other in (circle if len(circle) > 1 else lines) if other != line]
        if line in circle and len(circle) > 1:
            earlier = [other for other in others if other < line]
            if earlier and all(_only_repeats(reading, line, other) for other in earlier):
                yield _Weak(line, earlier[-1], FULL, repeats=True)
        elif line != circle[0]:
            best = max(others, key=lambda other: (reading.rhyme_level(line, other), -abs(line - other)))
            level = reading.rhyme_level(line, best)
            alike = reading.shares_last_sound if is_hymn else reading.shares_last_consonants
            is_faint = level == NONE and any(alike(line, other) for other in others)
            yield _Weak(line, best, level, repeats=False, is_faint=is_faint)


def _only_repeats(reading: Reading, line: int, other: int) -> bool:
    """Whether two lines share their last word and no more: "a new one" and "the true one" rhyme before it."""
    if not reading.repeats_word(line, other):
        return False
    before, other_before = reading.words_before_what_returns(line, other)
    if before and other_before and before != reading.ends[line] and rhymes(before, other_before):
        return False  # call to me / all to me
    return reading.words[line][-2:-1] == reading.words[other][-2:-1] or not reading.is_mosaic_rhyme(line, other)


def _weak_sentences(reading: Reading, weak: Sequence[_Weak], *, allowed: int, is_habit: bool) -> Iterator[Deviation]:
    """Half rhymes, repeated words and guessed sounds are notes while they are few; what verse allows always is."""
    for one in weak:
        if one.level == TRADITION:
            yield _traditional(reading, one)
    weak = [one for one in weak if one.level != TRADITION]
    guessed = {one.line for one in weak if reading.is_guess(one.line) or reading.is_guess(one.partner)}
    licensed = [one for one in weak if one.level != NONE or one.line in guessed or (one.is_faint and is_habit)]
    n_licences = len({(_bare(reading, one.line), _bare(reading, one.partner)) for one in licensed})
    for one in weak:
        (line, partner), words = numbers((one.line, one.partner)), (reading.ends[one.line], reading.ends[one.partner])
        say = note if n_licences <= allowed else fault
        if one.repeats:
            text = f"Line {line} rhymes with line {partner} only by repeating '{words[0]}'."
        elif one.level == NEAR or (one.is_faint and is_habit):
            text = f"Line {line} only half rhymes with line {partner}: '{words[0]}' and '{words[1]}'."
        else:
            text = f"Line {line} should rhyme with line {partner}: '{words[0]}' against '{words[1]}'."
            if one.line in guessed:
                text = f"{text[:-1]}, but the sound of a word is only guessed."
            else:
                say = fault
        yield say(DeviationKind.RHYME, text, lines=(line, partner), words=words)


def _bare(reading: Reading, line: int) -> tuple[str, ...]:
    """The words of a line alone: a line that returns takes its licence once."""
    return tuple(word.lower() for word in reading.words[line])


def _n_half(weak: Sequence[_Weak]) -> int:
    return sum(1 for one in weak if one.level == NEAR or one.is_faint)


def _is_habit(weak: Sequence[_Weak]) -> bool:
    """Whether a poet half rhymes by habit: more than once, and more often than not where a full rhyme is missing."""
    n_half = _n_half(weak)
    return n_half >= _HABIT and 2 * n_half >= sum(one.level <= NEAR for one in weak)


def _traditional(reading: Reading, weak: _Weak) -> Deviation:
    (line, partner), words = numbers((weak.line, weak.partner)), (reading.ends[weak.line], reading.ends[weak.partner])
    how = reading.rhyme_licence(weak.line, weak.partner)
    text = f"Line {line} rhymes with line {partner} {how}: '{words[0]}' and '{words[1]}'."
    return note(DeviationKind.RHYME, text, lines=(line, partner), words=words)


# ---------------------------------------------------------------- rhymes that must not be


def _clashes(reading: Reading, unit: Lettered, plan: RhymePlan) -> Iterator[_Clash]:
    groups = _by_letter(unit)
    levels = {letter: _own_level(reading, lines) for letter, lines in groups.items()}
    together = _letters_together(unit, plan.keep_apart)
    apart: list[Deviation] = []
    sounds: list[set[str]] = []  # letters in distant parts that turn out to be one sound
    for one, two in _letter_pairs(groups, together):
        pair = _rhyming_pair(reading, groups[one], groups[two], needed=min(levels[one], levels[two]))
        if pair is None or _is_said_otherwise(reading, pair, groups[one], groups[two]):
            continue
        lines, words = numbers(pair), (reading.ends[pair[0]], reading.ends[pair[1]])
        text = (
            f"Line {lines[1]} rhymes with line {lines[0]} ('{words[1]}', '{words[0]}'); {plan.scheme} keeps them apart."
        )
        is_near = reading.rhyme_level(*pair) == NEAR
        if (one[0] == "x" and two[0] == "x") or reading.drops_r(*pair):
            yield _Clash(note(DeviationKind.CLASH, text, lines=lines, words=words))
        elif frozenset((one, two)) in together:
            is_open = is_near or (plan.near_share >= _HYMN and "x" in (one[0], two[0]))
            yield _Clash(fault(DeviationKind.CLASH, text, lines=lines, words=words), is_open=is_open)
        else:
            apart.append(note(DeviationKind.CLASH, text, lines=lines, words=words))
            sounds = _joined(sounds, {one, two})
    # One sound that comes back in distant parts is chance; two are another scheme.
    severity = Severity.NOTE if len(sounds) < 2 else Severity.FAULT
    yield from (_Clash(replace(one, severity=severity)) for one in apart)


def _is_said_otherwise(reading: Reading, pair: tuple[int, int], ones: Sequence[int], twos: Sequence[int]) -> bool:
    """Whether two letters meet only in an unusual way to say a word, which neither letter needs for itself."""
    own = [links for group in (ones, twos) for links in pairwise(group)]
    return reading.rhymes_otherwise_said(*pair) and not any(reading.rhymes_otherwise_said(*links) for links in own)


def _joined(sounds: list[set[str]], letters: set[str]) -> list[set[str]]:
    """The sounds, with all those in one that share a letter with these."""
    touched = [sound for sound in sounds if sound & letters]
    return [sound for sound in sounds if sound not in touched] + [letters.union(*touched)]


def _letters_together(unit: Lettered, keep_apart: Iterable[tuple[int, ...]]) -> set[frozenset[str]]:
    """The pairs of letters that are in one group of lines."""
    letter = dict(unit)
    groups = list(keep_apart) or [tuple(letter)]
    pairs = (combinations(sorted({letter[line] for line in group if line in letter}), 2) for group in groups)
    return {frozenset(pair) for group_pairs in pairs for pair in group_pairs}


def _letter_pairs(groups: dict[str, list[int]], together: set[frozenset[str]]) -> Iterable[tuple[str, str]]:
    """Pairs of letters to compare, in order; in a long chain only those that stand together."""
    if len(groups) <= 14:
        return combinations(groups, 2)
    order = {letter: index for index, letter in enumerate(groups)}
    placed = (sorted(pair, key=order.__getitem__) for pair in together)
    return sorted(((one, two) for one, two in placed), key=lambda pair: order[pair[0]])


def _rhyming_pair(reading: Reading, ones: Sequence[int], twos: Sequence[int], *, needed: int) -> tuple[int, int] | None:
    """The first line of each letter that rhyme as well with one another as each letter does within itself."""
    key = (tuple(ones), tuple(twos), needed)
    if key not in reading.meeting:
        pairs = ((one, two) for one in ones for two in twos)
        alike = reading.is_full_rhyme if needed == FULL else lambda *pair: reading.rhyme_level(*pair) >= needed
        found = next((pair for pair in pairs if alike(*pair)), None)
        reading.meeting[key] = (min(found), max(found)) if found else None
    return reading.meeting[key]


def _own_level(reading: Reading, lines: Sequence[int]) -> int:
    """How well a letter rhymes within itself; a letter that hardly rhymes is confused with another sooner."""
    if len(lines) == 1:
        return FULL
    key = tuple(lines)
    if key not in reading.own_levels:
        reading.own_levels[key] = max(reading.rhyme_level(*pair) for pair in combinations(lines, 2)) or FULL
    return reading.own_levels[key]
