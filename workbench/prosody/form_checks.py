"""Holds a poem against a form of the registry and says each place where it leaves it.

lay out the units → count lines → rhymes that must be and must not be → refrains → meter → syllables
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

from workbench.prosody.couplet_units import couplet_units, say_triplets
from workbench.prosody.deviations import Deviation, DeviationKind, FormCheck, Severity, fault, note
from workbench.prosody.forms import Form, Scheme, forms_named, links_of
from workbench.prosody.measure_laws import check_meter, check_syllables
from workbench.prosody.measures import measure
from workbench.prosody.odes import check_ode
from workbench.prosody.open_laws import (
    check_blank,
    check_free,
    check_metrical,
    check_partners,
    check_pattern,
    check_prose,
    check_rhymed,
    stanza_pattern,
)
from workbench.prosody.reading import Reading
from workbench.prosody.return_laws import check_ghazal, check_pantoum, check_refrains, check_sestina
from workbench.prosody.rhyme_laws import RhymePlan, check_rhymes, distance_from_scheme, letter_of

#: Forms whose printed breaks may fall anywhere; elsewhere a break inside a unit is a fault.
_FREE_BREAKS = frozenset(
    ["shakespearean sonnet", "petrarchan sonnet", "spenserian sonnet", "nonce sonnet", "curtal sonnet",
     "caudate sonnet", "triolet", "couplets"]
)  # fmt: skip
_MOST_SCHEMES = 3  # of the schemes of a form that are held against a poem; the nearest by a quick look
_SONNET, _TAIL = 14, 3
_PERSONS = ("shakespeare", "petrarch", "spenser")


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The units of a form laid on a poem: line indices, and what does not fit."""

    units: tuple[tuple[int, ...], ...]
    misfits: tuple[Deviation, ...] = ()


def check_form(text: str | Reading, form: str) -> FormCheck:
    r"""Hold a poem against a form, or against every form of a family and keep the one that fits best.

    Args:
        text: the poem, or a reading of it that other checks share.
        form: a name of the registry, one of its other names, or a family such as "sonnet".

    Raises:
        InputError: no form has this name.

    >>> check_form("a cat\na hat\na bat\na mat", "quatrains ABAB").faults[0].sentence
    "Line 2 rhymes with line 1 ('hat', 'cat'); ABAB keeps them apart."
    """
    reading = text if isinstance(text, Reading) else Reading(text)
    rows = forms_named(form)
    if len(rows) == 1 and rows[0].name in reading.checks:
        return replace(reading.checks[rows[0].name], form=form)
    checks = [_check(reading, row, asked=form) for row in rows]
    reading.checks.update((check.variant, check) for check in checks)
    return min(checks, key=lambda check: (not check.has_its_lines, check.n_places, len(check.deviations)))


def _check(reading: Reading, form: Form, *, asked: str) -> FormCheck:
    kept = form.schemes[0]
    if reading.unsupported is not None:
        found = [fault(DeviationKind.UNSUPPORTED, reading.unsupported.reason)]
    elif not reading.lines:
        found = [fault(DeviationKind.LINES, "There are no lines to judge.")]
    else:
        found, kept = _least_broken(reading, form)
    ordered = sorted(found, key=lambda one: (one.severity is Severity.NOTE, one.lines))
    shown = _own_scheme(reading, form) if form.kind in _OWN else " ".join("".join(unit) for unit in kept)
    return FormCheck(form=asked, variant=form.name, scheme=shown, deviations=tuple(ordered))


def _own_scheme(reading: Reading, form: Form) -> str:
    """The scheme of a poem that makes its own."""
    return stanza_pattern(reading) if form.kind == "pattern" else reading.slant_scheme.text


def _nearest(reading: Reading, form: Form) -> Sequence[Scheme]:
    """The schemes of a form that miss the fewest full rhymes of a poem."""
    if len(form.schemes) <= _MOST_SCHEMES or form.n_lines != len(reading.lines):
        return form.schemes[:_MOST_SCHEMES]

    def n_missing(scheme: Scheme) -> int:
        return sum(not reading.is_full_rhyme(first, second) for first, second in links_of(scheme))

    return sorted(form.schemes, key=n_missing)[:_MOST_SCHEMES]


def _least_broken(reading: Reading, form: Form) -> tuple[list[Deviation], Scheme]:
    """Every law of one row, with the rhyme scheme of the row that the poem is nearest to, and that scheme."""
    if form.kind in _OPEN:
        found = list(_OPEN[form.kind](reading))
        if form.meter:
            alone = [(line,) for line in range(len(reading.lines))]
            found += check_meter(reading, measure(form.meter), units=alone, may_break=form.kind == "blank")
        return found, form.schemes[0]
    layout = lay_out(reading, form)
    if not layout.units:
        return list(layout.misfits), form.schemes[0]
    returns = _RETURNS[form.kind](reading) if form.kind in _RETURNS else ()
    held = [(list(_rhyme_laws(reading, form, layout, scheme)), scheme) for scheme in _nearest(reading, form)]
    rhymes, kept = min(held, key=lambda pair: distance_from_scheme(reading, pair[0]))
    return [*layout.misfits, *returns, *rhymes, *_line_laws(reading, form, layout)], kept


def _rhyme_laws(reading: Reading, form: Form, layout: Layout, scheme: Scheme) -> Iterator[Deviation]:
    """The laws that one of the rhyme schemes of a row makes."""
    plan = rhyme_plan(form, layout, scheme)
    if plan.units:
        yield from check_rhymes(reading, plan)
    if form.kind == "whole":
        yield from check_refrains(reading, [symbol for unit in scheme for symbol in unit])


def _line_laws(reading: Reading, form: Form, layout: Layout) -> Iterator[Deviation]:
    """The laws of a row that are the same whatever its rhyme scheme."""
    if form.kind == "nonce":
        yield from check_partners(reading)
    if form.meter:
        yield from check_meter(reading, measure(form.meter), units=layout.units, is_loose=form.loose_meter)
    if form.syllables:
        yield from check_syllables(reading, form.syllables, units=layout.units, loose_total=form.loose_total)


_OPEN = {
    "ode": check_ode, "blank": check_blank, "free": check_free, "prose": check_prose,
    "pattern": check_pattern, "rhymed": check_rhymed, "metrical": check_metrical,
}  # fmt: skip
_OWN = frozenset({"pattern", "rhymed", "nonce"})
_RETURNS = {"sestina": check_sestina, "pantoum": check_pantoum, "ghazal": check_ghazal}


# ---------------------------------------------------------------- laying the units on the poem


def lay_out(reading: Reading, form: Form) -> Layout:
    """Where each unit of the form lies in the poem; no units where the line count makes it impossible."""
    n_lines = len(reading.lines)
    if form.kind == "whole":
        return _whole(reading, form, n_lines=form.n_lines)
    if form.kind == "sestina":
        return _whole(reading, form, n_lines=39, stanzas=(6, 6, 6, 6, 6, 6, 3))
    if form.kind == "nonce":
        return _whole(reading, form, n_lines=_SONNET)
    if form.kind == "caudate":
        return _caudate(reading, form)
    if form.kind == "chain":
        return _chain(reading, form)
    size = {"pantoum": 4, "ghazal": 2, "couplets": 2}.get(form.kind, form.n_lines)
    if form.kind == "couplets" and (units := couplet_units(reading)) and any(len(unit) > size for unit in units):
        return Layout(units=units, misfits=tuple(say_triplets(units)))
    misfits = list(_stanza_misfits(reading, form, size=size))
    if n_lines < size * form.min_units:
        least = f"at least {size * form.min_units} lines"
        misfits.append(fault(DeviationKind.LINES, f"The form wants {least}; this has {n_lines}."))
    if n_lines % size:
        return Layout(units=(), misfits=tuple(misfits))
    units = tuple(tuple(range(start, start + size)) for start in range(0, n_lines, size))
    return Layout(units=units, misfits=tuple(misfits))


def _whole(reading: Reading, form: Form, *, n_lines: int, stanzas: tuple[int, ...] = ()) -> Layout:
    have = len(reading.lines)
    if have != n_lines:
        text = f"A {_spoken(form.name)} has {n_lines} lines; this has {have}."
        return Layout(units=(), misfits=(fault(DeviationKind.LINES, text),))
    units = tuple(range(n_lines))
    layouts = form.layouts or (stanzas or tuple(len(unit) for unit in form.schemes[0]), (n_lines,))
    is_between_units = {*accumulate(reading.stanza_lengths)} <= {*accumulate(layouts[0])}
    if reading.stanza_lengths in layouts or is_between_units:
        return Layout(units=(units,))
    shown = " + ".join(map(str, reading.stanza_lengths))
    say = note if form.name in _FREE_BREAKS else fault
    text = f"The stanzas have {shown} lines; the form is printed {' + '.join(map(str, layouts[0]))}."
    return Layout(units=(units,), misfits=(say(DeviationKind.STANZAS, text),))


def _spoken(name: str) -> str:
    """A form's name in a sentence: what is named after a person has a capital."""
    return name[:1].upper() + name[1:] if name.startswith(_PERSONS) else name


def _caudate(reading: Reading, form: Form) -> Layout:
    """A sonnet, then tails of three lines."""
    n_lines = len(reading.lines)
    if n_lines <= _SONNET or (n_lines - _SONNET) % _TAIL:
        text = f"A {form.name} has 14 lines and tails of three, 17, 20 or 23 in all; this has {n_lines}."
        return Layout(units=(), misfits=(fault(DeviationKind.LINES, text),))
    return Layout(units=(tuple(range(n_lines)),))


def _stanza_misfits(reading: Reading, form: Form, *, size: int) -> Iterator[Deviation]:
    """Stanzas that cut a unit in two. One stanza may hold several whole units."""
    n_lines = len(reading.lines)
    if n_lines % size:
        text = f"The form wants stanzas of {size} lines; {n_lines} lines leave {n_lines % size} over."
        yield fault(DeviationKind.LINES, text)
    for number, (start, length) in enumerate(zip(reading.starts, reading.stanza_lengths, strict=True), 1):
        if length % size and len(reading.stanzas) > 1:
            text = f"Stanza {number} has {length} line{'s' * (length != 1)}; the form wants {size}."
            say = note if form.name in _FREE_BREAKS or form.kind == "couplets" else fault
            yield say(DeviationKind.STANZAS, text, lines=tuple(range(start + 1, start + length + 1)))


def _chain(reading: Reading, form: Form) -> Layout:
    """Tercets, then one line or two; each unit is a tercet, the last may be the tail."""
    n_lines = len(reading.lines)
    if n_lines < 7:
        text = f"Terza rima needs at least two tercets and a close, seven lines; this has {n_lines}."
        return Layout(units=(), misfits=(fault(DeviationKind.LINES, text),))
    *body, last = reading.stanza_lengths
    misfits: tuple[Deviation, ...] = ()
    if body and (any(length != 3 for length in body) or last > 5):
        shown = " + ".join(map(str, reading.stanza_lengths))
        misfits = (fault(DeviationKind.STANZAS, f"Terza rima goes by tercets; these stanzas have {shown} lines."),)
    if n_lines % 3 == 0:
        text = (
            f"Line {n_lines - 1} is left without a rhyme; terza rima closes with a line or a couplet that answers it."
        )
        misfits += (note(DeviationKind.RHYME, text, lines=(n_lines - 1,)),)
    units = tuple(tuple(range(start, min(start + 3, n_lines))) for start in range(0, n_lines, 3))
    return Layout(units=units, misfits=misfits)


# ---------------------------------------------------------------- which letter each line should carry


def rhyme_plan(form: Form, layout: Layout, scheme: Scheme) -> RhymePlan:
    """The letters that the form gives to the lines, unit by unit."""
    written = " ".join("".join(unit) for unit in scheme)
    if form.kind == "chain":
        return _chain_plan(layout, near_share=form.near_rhymes)
    if form.kind == "rubaiyat":
        return _rubaiyat_plan(layout, near_share=form.near_rhymes)
    if form.kind == "caudate":
        return _caudate_plan(layout, near_share=form.near_rhymes)
    if form.kind in ("sestina", "pantoum", "ghazal") or not form.rhyme:
        return RhymePlan(scheme="", units=(), near_share=0.0)
    if form.kind == "couplets":
        units = tuple(tuple((line, "A") for line in unit) for unit in layout.units)
        return RhymePlan(scheme=written, units=units, near_share=form.near_rhymes)
    symbols = [symbol for unit in scheme for symbol in unit]
    letters = [letter_of(symbol, place) for place, symbol in enumerate(symbols)]
    # A refrain rhymes with itself; its first appearance stands for all.
    spoken = [place for place, symbol in enumerate(symbols) if symbol not in symbols[:place] or len(symbol) == 1]
    units = tuple(tuple((unit[place], letters[place]) for place in spoken if letters[place]) for unit in layout.units)
    groups: tuple[tuple[int, ...], ...] = ()
    if form.kind == "whole":
        ends = [sum(map(len, scheme[:index])) for index in range(len(scheme) + 1)]
        groups = tuple(tuple(range(start, end)) for start, end in pairwise(ends))
    is_hymn = form.near_rhymes == 1.0 and form.meter.startswith("iambic") and len(form.meter.split()) > 2
    return RhymePlan(scheme=written, units=tuple(unit for unit in units if unit), near_share=form.near_rhymes,
                     is_hymn=is_hymn, is_tale=form.name == "ballad", keep_apart=groups)  # fmt: skip


def _chain_plan(layout: Layout, *, near_share: float) -> RhymePlan:
    """ABA BCB CDC …; a single last line or a couplet takes the rhyme of the last middle line."""
    lettered: list[tuple[int, str]] = []
    groups = []
    for number, unit in enumerate(layout.units):
        letters = (number, number + 1, number) if len(unit) == 3 else (number, number)
        lettered += [(line, f"L{letter}") for line, letter in zip(unit, letters, strict=False)]
        groups.append(unit)
    # The middle of a last full tercet has nothing to rhyme with, and that is how many poems end.
    return RhymePlan(scheme="terza rima", units=(tuple(lettered),), near_share=near_share, keep_apart=tuple(groups))


def _rubaiyat_plan(layout: Layout, *, near_share: float) -> RhymePlan:
    """AABA BBCB CCDC …; the open line of the last stanza closes the circle, joins its own rhyme, or stays open."""
    lettered = [
        (line, f"L{number + (place == 2)}")
        for number, unit in enumerate(layout.units)
        for place, line in enumerate(unit)
        if not (place == 2 and number == len(layout.units) - 1)
    ]
    return RhymePlan(scheme="AABA BBCB …", units=(tuple(lettered),), near_share=near_share, keep_apart=layout.units)


def _caudate_plan(layout: Layout, *, near_share: float) -> RhymePlan:
    """An octave ABBAABBA, a sestet that checks itself, and a couplet at the end of each tail."""
    (lines,) = layout.units
    lettered = list(zip(lines[:8], "ABBAABBA", strict=True))
    for number, start in enumerate(range(_SONNET, len(lines), _TAIL)):
        lettered += [(lines[start + 1], f"T{number}"), (lines[start + 2], f"T{number}")]
    return RhymePlan(scheme="ABBAABBA …", units=(tuple(lettered),), near_share=near_share, keep_apart=(lines[:8],))
