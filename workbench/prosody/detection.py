"""Which form a poem is in, with reasons: every form that its lines leave possible is checked.

Of the forms whose laws are all kept the strictest wins, which is the first in the registry.

A confidence is the share of the form's laws that the poem keeps, so that a villanelle with one broken refrain is still
found as a villanelle, and said to be broken. It does not know titles or intentions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from itertools import cycle

from workbench.prosody.couplet_units import couplet_units
from workbench.prosody.deviations import Deviation, DeviationKind, FormCheck, FormGuess
from workbench.prosody.form_checks import check_form
from workbench.prosody.form_names import half_rhymes_by_fours, has_a_better_name
from workbench.prosody.forms import FORM_BY_NAME, FORMS, Form
from workbench.prosody.odes import is_addressed_throughout, is_marked_ode
from workbench.prosody.open_laws import check_blank, goes_by_one_order, has_meter_by_chance
from workbench.prosody.reading import Reading
from workbench.prosody.syllables import syllable_counts

#: A form whose laws are kept less than this is not worth a guess.
LEAST_CONFIDENCE = 0.55
#: What one law broken for the whole poem costs (stanzas, meter); broken lines cost their share.
WHOLE_POEM_COST, OTHER_METER_COST, LINE_COST = 0.25, 0.05, 1.25
#: Units tried first, and the share of their rhymes that must be there.
_UNITS_TRIED, _LEAST_RHYMES, _LEAST_HALF_RHYMES = 6, 0.3, 0.2
_FEW_SCHEMES, _SONNET, _LONGEST_TAIL, _NEARLY_WHOLE, _ONE_SLIP = 4, 14, 12, 0.6, 0.85
#: What an open form is worth that is kept; the first four are a poem's own, named by what they are.
_WEIGHTS = {"pattern": 0.76, "rhymed": 0.72, "metrical": 0.8, "ode": 1.0, "blank": 0.9, "free": 0.7, "prose": 1.0}
#: The same where it is not kept, or where meter and marks speak against it.
_WEIGHTS_IN_DOUBT = {
    "pattern": 0.6,
    "rhymed": 0.5,
    "metrical": 0.5,
    "ode": 0.5,
    "blank": 0.7,
    "free": 0.5,
    "prose": 1.0,
}
#: Lines from which the opening alone says which forms are tried, its length, and how much less sure it may be.
_LONG_POEM, _OPENING, _DOUBT, _FEW_FORMS = 360, 240, 0.15, 3
_LESS_TELLING = 0.05  # what a form that asks less is behind one that asks more
_ONE_ORDER = 0.86  # long stanzas that all rhyme in one order
_ADDRESSED = 0.78  # an ode that shows itself by its address alone
_OPEN = frozenset(_WEIGHTS)
_REGULAR = 0.85  # share of lines in one meter from which verse is hardly free


def detect_form(text: str | Reading, *, n_guesses: int = 5) -> tuple[FormGuess, ...]:
    r"""The forms a poem may be in, best first; empty for a text that is not judged.

    Args:
        text: the poem, or a reading of it that other checks share.
        n_guesses: how many guesses to keep.

    >>> poem = "The cat has gone to bed.\nThe dog is on the mat.\nThe bird is on my head.\nAnd that, my dear, is that."
    >>> detect_form(poem)[0].form
    'quatrains ABAB'
    """
    reading = text if isinstance(text, Reading) else Reading(text)
    if reading.unsupported is not None or not reading.lines:
        return ()
    possible = [form for form in FORMS if is_possible(reading, form) and _could_rhyme(reading, form)]
    checks = [(form, check_form(reading, form.name)) for form in _likely(reading, possible)]
    guesses = [_guess(reading, form, check) for form, check in checks if not has_a_better_name(reading, check)]
    worthy = [guess for guess in _without_less(guesses) if guess.confidence >= LEAST_CONFIDENCE]
    kept = sorted(worthy, key=_rank)[:n_guesses]
    return tuple(replace(guess, reasons=_reasons(reading, guess.form)) for guess in kept)


def _likely(reading: Reading, possible: Sequence[Form]) -> Sequence[Form]:
    """The forms worth a check: of a long poem those that its opening does not rule out."""
    closed = [form for form in possible if form.kind not in _OPEN]
    if len(reading.lines) <= _LONG_POEM or len(closed) <= _FEW_FORMS:
        return possible
    n_stanzas = sum(
        start + length <= _OPENING for start, length in zip(reading.starts, reading.stanza_lengths, strict=True)
    )
    opening = Reading("\n\n".join(map("\n".join, reading.stanzas[:n_stanzas] or (reading.lines[:_OPENING],))))
    tried = {
        form: _guess(opening, form, check_form(opening, form.name)) for form in closed if is_possible(opening, form)
    }
    return [form for form in possible if form not in tried or tried[form].confidence >= LEAST_CONFIDENCE - _DOUBT]


def _without_less(guesses: Sequence[FormGuess]) -> Sequence[FormGuess]:
    """A poem that is nearly a form of so many lines is that: no ode, and a sonnet with one slip no nonce sonnet."""
    nearest = max((one.confidence for one in guesses if FORM_BY_NAME[one.form].kind == "whole"), default=0.0)
    less = {"ode"} if nearest >= _NEARLY_WHOLE else set()
    less |= {"nonce sonnet"} if nearest >= _ONE_SLIP else set()
    sure = {guess.form: guess.confidence for guess in guesses}
    less |= {"couplets"} if sure.get("heroic couplets", 0.0) > sure.get("couplets", 0.0) - _LESS_TELLING else set()
    return [guess for guess in guesses if guess.form not in less]


_HARDLY_NAMED = "venus and adonis stanza"  # from here on in the registry
_ORDER = {form.name: place for place, form in enumerate(FORMS)}


def _rank(guess: FormGuess) -> tuple[bool, float, float]:
    """Patterns kept come first, the strictest before the rest; near misses and open forms follow by confidence.

    An ode that shows itself by its address alone comes before the stanzas that have hardly a name.
    """
    if guess.form == "ode" and guess.confidence == _ADDRESSED:
        return (False, 0.0, _ORDER[_HARDLY_NAMED] - 0.5)
    is_kept = guess.passed and (FORM_BY_NAME[guess.form].kind not in _OPEN or guess.confidence == 1.0)
    return (not is_kept, 0.0 if is_kept else -guess.confidence, _ORDER[guess.form])


def is_possible(reading: Reading, form: Form) -> bool:
    """Whether the count and grouping of the lines leave the form open: the cheap question before the dear one."""
    n_lines, lengths = len(reading.lines), reading.stanza_lengths
    if reading.is_prose or form.kind == "prose":
        return reading.is_prose and form.kind == "prose"
    if form.kind in _LEAST_LINES:
        return n_lines >= _LEAST_LINES[form.kind]
    if form.kind in ("nonce", "caudate"):
        return _is_as_long_as_a_sonnet(reading, form)
    if form.kind == "pattern":
        return len(lengths) > 1 and any(lengths.count(length) > 1 and length > 2 for length in lengths)
    if form.kind == "rubaiyat":
        return n_lines >= 8 and n_lines % 4 == 0 and (len(lengths) == 1 or set(lengths) == {4})
    if form.kind in ("whole", "sestina"):
        return n_lines == (form.n_lines if form.kind == "whole" else 39)
    if form.kind == "chain":
        return n_lines >= 7 and (len(lengths) == 1 or lengths[0] == 3)
    if form.kind == "couplets":
        is_laid = n_lines % 2 == 0 or (bool(reading.scheme.pairs) and bool(couplet_units(reading)))
        return n_lines >= 2 and is_laid and not _are_odd_stanzas(lengths)
    if form.kind in ("ghazal", "pantoum"):
        size = 2 if form.kind == "ghazal" else 4
        return n_lines >= size * form.min_units and n_lines % size == 0 and (size == 4 or _one_ending(reading))
    return all(length % form.n_lines == 0 for length in lengths)


def _is_as_long_as_a_sonnet(reading: Reading, form: Form) -> bool:
    """Fourteen lines, or with tails of three; stanzas of one length are not a sonnet with tails."""
    n_over, lengths = len(reading.lines) - _SONNET, reading.stanza_lengths
    if form.kind == "nonce":
        return n_over == 0
    return 0 < n_over <= _LONGEST_TAIL and n_over % 3 == 0 and (len(lengths) == 1 or len(set(lengths)) > 1)


def _could_rhyme(reading: Reading, form: Form) -> bool:
    """Whether the first units rhyme where the form wants it often enough to be worth a full check."""
    if form.kind == "blank":  # its first law, before its lines are scanned
        return not next(check_blank(reading), None)
    if form.syllables:
        return _could_count(reading, form)
    if form.kind in _LINKED:
        return _share_kept(reading.slant_scheme.letters, _LINKED[form.kind]) >= _LEAST_LINKED
    if form.kind not in ("whole", "stanzas", "couplets", "caudate") or not form.rhyme.strip("."):
        return True
    if form.near_rhymes == 1.0 and len(set(reading.meter.n_feet)) > 1:  # a hymn's lengths tell more than its rhymes
        return True
    letters = reading.slant_scheme.letters[: form.n_lines * _UNITS_TRIED]
    least = _LEAST_RHYMES if form.near_rhymes < 1.0 else _LEAST_HALF_RHYMES
    schemes = form.schemes if len(form.schemes) <= _FEW_SCHEMES else [(form.schemes[0][0],), (form.schemes[-1][0],)]
    return any(_share_kept(letters, scheme) >= least for scheme in schemes)


#: The rhymes inside one unit of terza rima, whose units are linked; with fewer of them nothing else can save the form.
_LINKED = {"chain": (("A", "x", "A"),)}
_LEAST_LINKED = 0.25


def _could_count(reading: Reading, form: Form) -> bool:
    """Whether not so many lines miss their count that the form is out of the question."""
    n_lines, n_off = len(reading.lines), 0
    if n_lines == form.n_lines:  # one unit may be freer than its count
        return True
    for line, wanted in zip(reading.lines, cycle(form.syllables), strict=False):
        n_off += wanted not in syllable_counts(line)
        if LINE_COST * n_off > (1 - LEAST_CONFIDENCE) * n_lines + LINE_COST * n_lines * _DOUBT:
            return False
    return True


def _share_kept(letters: Sequence[str], scheme: tuple[tuple[str, ...], ...]) -> float:
    """Share of the rhymes of a scheme that are there; the next line of a letter should carry the same letter."""
    links = _links("".join(symbol[0].upper() if symbol[0] not in "xR" else "." for unit in scheme for symbol in unit))
    size = sum(map(len, scheme))
    kept = [
        letters[start + one] == letters[start + two]
        for start in range(0, len(letters) - size + 1, size)
        for one, two in links
    ]
    return sum(kept) / len(kept) if kept else 0.0


@cache
def _links(letters: str) -> tuple[tuple[int, int], ...]:
    """Each place of a scheme with the next place of the same letter."""
    nexts = ((place, letters.find(letter, place + 1)) for place, letter in enumerate(letters) if letter != ".")
    return tuple((place, after) for place, after in nexts if after > 0)


def _are_odd_stanzas(lengths: Sequence[int]) -> bool:
    """Whether every stanza has the same odd number of lines, in which couplets cannot be laid."""
    return len(set(lengths)) == 1 and len(lengths) > 1 and lengths[0] % 2 == 1 and lengths[0] > 1


_LEAST_LINES = {"free": 2, "blank": 2, "ode": 8, "rhymed": 3, "metrical": 2}


def _one_ending(reading: Reading) -> bool:
    return reading.ends[0].lower() == reading.ends[1].lower()


def _guess(reading: Reading, form: Form, check: FormCheck) -> FormGuess:
    faults = check.faults
    confidence = max(0.0, 1.0 - _cost(reading, form, faults)) if faults else 1.0
    confidence -= min(0.1, 0.01 * (len(check.deviations) - len(faults)))
    confidence -= _LESS_TELLING if form.kind == "nonce" and faults else 0.0
    confidence -= _DOUBT if form.kind == "chain" and faults and len(reading.stanzas) == 1 else 0.0
    confidence -= (
        _DOUBT
        if form.kind in ("stanzas", "couplets", "rubaiyat") and _rhymes_in_another_order(reading, faults)
        else 0.0
    )
    if form.kind in _OPEN:
        confidence *= _open_weight(reading, form, passed=not faults)
    return FormGuess(form=form.name, confidence=round(max(confidence, 0.0), 3), passed=not faults, reasons=())


def _rhymes_in_another_order(reading: Reading, faults: Sequence[Deviation]) -> bool:
    """Whether rhymes of a form are missing though every line rhymes: then another order is meant."""
    n_missing = sum(one.kind is DeviationKind.RHYME for one in faults)
    return n_missing >= min(2, len(reading.stanzas)) and reading.slant_scheme.density == 1.0


def _cost(reading: Reading, form: Form, faults: Sequence[Deviation]) -> float:
    """Lines at fault as a share of all lines, and a fixed price for each law that the whole poem breaks."""
    of_lines = [fault for fault in faults if fault.kind not in _WHOLE and 0 < len(fault.lines) <= _most_lines(fault)]
    whole = len(faults) - len(of_lines)
    lines = {fault.lines[0] for fault in of_lines}
    is_other_meter = any(fault.kind is DeviationKind.METER and fault not in of_lines for fault in faults)
    if is_other_meter and form.loose_meter:  # a sonnet is known by its rhymes
        whole -= 1
    whole += is_other_meter and len(set(form.meter.split()[1:])) > 1  # hymns and ballads are known by their lengths
    return WHOLE_POEM_COST * whole + OTHER_METER_COST * is_other_meter + LINE_COST * len(lines) / len(reading.lines)


def _most_lines(fault: Deviation) -> int:
    """Lines that a fault of single lines names: one that leaves its meter, two that do not rhyme."""
    return 1 if fault.kind is DeviationKind.METER else 2


_WHOLE = frozenset({DeviationKind.LINES, DeviationKind.STANZAS, DeviationKind.SHAPE})


def _open_weight(reading: Reading, form: Form, *, passed: bool) -> float:
    """Open forms ask for little, so keeping them proves little."""
    is_sure = passed or form.kind == "free"
    if form.kind == "ode":
        is_sure = is_marked_ode(reading)
        if not is_sure and is_addressed_throughout(reading):
            return _ADDRESSED
    elif form.kind == "pattern" and passed and goes_by_one_order(reading):
        return _ONE_ORDER
    elif form.kind == "metrical":
        is_sure = passed and not half_rhymes_by_fours(reading)
    elif form.kind == "free":
        is_sure = not reading.meter.n_feet or reading.meter.agreement < _REGULAR or has_meter_by_chance(reading)
    return (_WEIGHTS if is_sure else _WEIGHTS_IN_DOUBT)[form.kind]


_OWN_ORDER = frozenset({"pattern", "rhymed", "metrical"})


def _reasons(reading: Reading, name: str) -> tuple[str, ...]:
    """What speaks for the form, said from the poem, then the first faults that speak against it."""
    form, check = FORM_BY_NAME[name], check_form(reading, name)
    broken = {fault.kind for fault in check.faults}
    n_lines, lengths = len(reading.lines), reading.stanza_lengths
    stanzas = f" in stanzas of {' + '.join(map(str, lengths[:8]))}{' …' * (len(lengths) > 8)}" * (len(lengths) > 1)
    reasons = [f"{n_lines} line{'s' * (n_lines != 1)}{stanzas}"]
    if form.kind == "pattern":
        reasons.append(f"no form that I know by name, but one order of rhymes: {check.scheme}")
    elif form.rhyme.strip("."):
        if not broken & {DeviationKind.RHYME, DeviationKind.CLASH}:
            reasons.append(f"the rhymes keep {check.scheme}")
    elif form.kind in _OPEN and form.kind != "prose":
        reasons.append(f"{reading.scheme.strict_density:.0%} of the lines rhyme")
    if (form.meter or form.kind in _OWN_ORDER) and DeviationKind.METER not in broken and reading.meter.name != "none":
        reasons.append(f"I hear {reading.meter.name}")
    if form.syllables and DeviationKind.SYLLABLES not in broken:
        is_free = any(one.kind is DeviationKind.SYLLABLES for one in check.deviations)
        counts = [have[0] for have in reading.syllables] if is_free else list(form.syllables)
        reasons.append(f"its lines have {', '.join(map(str, counts))} syllables")
    if form.kind in ("sestina", "pantoum", "ghazal") and not broken:
        reasons.append("what must return returns")
    return (*reasons, *(fault.sentence for fault in check.faults[:4]))
