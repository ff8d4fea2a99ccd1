"""Form → one slot a line. Pure: knows the registry of forms, no model.

A form of the registry gives letters, meter, refrains and stanza breaks; a person may give the first line, any other
line, end words, an acrostic or a refrain besides.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from workbench.errors import InputError
from workbench.prosody.forms import Form, forms_named
from workbench.prosody.return_laws import ROTATION
from workbench.prosody.rhyme_laws import letter_of
from workbench.writing.meter_automaton import templates_of
from workbench.writing.types import Slot

#: Meter of forms that ask for none: pentameter where the form is long of breath, tetrameter elsewhere.
_METERS = dict.fromkeys(("villanelle", "terza rima", "sestina", "caudate sonnet", "ode"), "iambic 5")
_METER = "iambic 4"
#: Stanzas of forms that repeat one; others stand alone.
_UNITS = {
    "couplets": 4,
    "heroic couplets": 4,
    "terza rima": 4,
    "pantoum": 4,
    "ghazal": 5,
    "ballad": 3,
    "blank verse": 10,
    "unrhymed meter": 10,
    "rhymed stanzas": 2,
    "ode": 2,
    "free verse": 8,
}
_FREE_LENGTHS = range(6, 13)  # syllables of a line of which nothing is asked
_RADIFS = ("in the rain", "at the door", "by the sea", "in the dark", "on the road")
#: Kinds of form that cannot be written line by line.
OPEN_KINDS = frozenset(["prose"])
#: Forms that leave the order of their rhymes to the poet: the one that is written here, one word per unit.
_ORDERS = {
    "nonce": "ABBA CDDC EFEF GG", "caudate": "ABBAABBA CDECDE EFF", "pattern": "ABAAB", "rhymed": "ABACBCDEED",
    "ode": "ABABCDECDE",
}  # fmt: skip
#: Kinds of form in which a poem's own lines say more than our plan does.
LOOSE_KINDS = OPEN_KINDS.union(_ORDERS, ("metrical", "free"))
_TAIL_LINE, _TAIL_LAW = 14, "iambic 3"  # of a caudate sonnet: the short line that begins its tail
_ADDRESS = "you"  # an ode speaks to its subject


def plan(form_name: str, *, meter: str = "", units: int = 0, seed: int = 0) -> list[Slot]:
    """The slots of a form, in line order.

    Args:
        form_name: a name of the registry; of a family such as "sonnet" the first.
        meter: for forms that have none of their own; "" = the form's usual one, "none" = syllables only.
        units: stanzas or couplets, where the form repeats them; 0 = its usual number.
        seed: chooses the radif of a ghazal.

    Raises:
        InputError: no such form, or one that cannot be written line by line.
    """
    form = forms_named(form_name)[0]
    if form.kind in OPEN_KINDS:
        raise InputError(f"a {form.name} has no lines, and poems are written here line by line; choose another form")
    own = form.meter or ("" if form.syllables else meter or _METERS.get(form.name, _METER))
    law = "" if own == "none" else own
    n_units = max(
        units or _UNITS.get(form.name, 2 if form.kind == "stanzas" and form.n_lines == 4 else 1), form.min_units
    )
    kinds: dict[str, Callable[[Form, str, int], list[Slot]]] = {
        "whole": _whole, "stanzas": _stanzas, "couplets": _stanzas, "chain": _chain, "sestina": _sestina,
        "pantoum": _pantoum, "blank": _unrhymed, "metrical": _unrhymed, "rubaiyat": _rubaiyat,
    }  # fmt: skip
    if form.kind == "ghazal":
        return _ghazal(n_units, radif=_RADIFS[seed % len(_RADIFS)])
    if form.kind == "free":
        return free_plan(n_units)
    return kinds.get(form.kind, _ordered)(form, law, n_units)


def free_plan(n_lines: int = 8) -> list[Slot]:
    """Lines of no form: neither rhyme nor meter, only that nothing is said twice."""
    return [replace(_slot("", 0, lengths=range(3, 12)), gap=number % 4 == 3) for number in range(n_lines)]


def with_wishes(
    slots: Sequence[Slot],
    *,
    lines: Mapping[int, str] | None = None,
    end_words: Sequence[str] = (),
    acrostic: str = "",
    refrain: str = "",
) -> list[Slot]:
    """The slots with what a person gave: whole lines by number from 0, end words in order, an acrostic, a refrain.

    Raises:
        InputError: a line that the form does not have, or more words or letters than lines.
    """
    wanted, lines = list(slots), dict(lines or {})
    if refrain:
        returning = [slot.copy_of for slot in slots if slot.copy_of is not None]
        if not returning:
            raise InputError("no line of this form comes back, so there is no refrain")
        lines.setdefault(min(returning), refrain)
    initials = [letter for letter in acrostic.upper() if letter.isalpha()]
    for given, what in ((end_words, "end words"), (initials, "letters of the acrostic")):
        if len(given) > len(slots):
            raise InputError(f"{len(given)} {what}, but the form has {len(slots)} lines")
    for number, word in enumerate(end_words):
        wanted[number] = replace(wanted[number], end_word=word.strip())
    for number, letter in enumerate(initials):
        wanted[number] = replace(wanted[number], initial=letter, copy_of=None, opening_of=None)
    for number, text in sorted(lines.items()):
        if not 0 <= number < len(slots):
            raise InputError(f"there is no line {number + 1}: the form has {len(slots)} lines")
        wanted[number] = replace(wanted[number], text=text, copy_of=None, opening_of=None)
    return wanted


# ---------------------------------------------------------------- the kinds of form


def _slot(law: str, position: int, *, letter: str = "", lengths: Sequence[int] = _FREE_LENGTHS) -> Slot:
    """A slot in a meter, or of so many syllables."""
    if law:
        return Slot(letter=letter, law=(law, position), templates=templates_of(law, position))
    return Slot(letter=letter, templates=tuple("." * length for length in lengths))


def _whole(form: Form, law: str, _: int) -> list[Slot]:
    symbols = [(symbol, place == len(unit) - 1) for unit in form.schemes[0] for place, symbol in enumerate(unit)]
    first: dict[str, int] = {}
    slots: list[Slot] = []
    for number, (symbol, is_last) in enumerate(symbols):
        slot = replace(_slot(law, number, letter=letter_of(symbol, number)), gap=is_last)
        if symbol == "R":
            slot = replace(slot, opening_of=0, law=None, templates=())
        elif symbol[-1].isdigit() and symbol in first:
            slot = replace(slot, copy_of=first[symbol])
        first.setdefault(symbol, number)
        slots.append(slot)
    return slots


def _stanzas(form: Form, law: str, n_units: int) -> list[Slot]:
    unit = [symbol for part in form.schemes[0] for symbol in part]
    slots = []
    for number in range(n_units):
        for place, symbol in enumerate(unit):
            letter = letter_of(symbol, place)
            lengths = form.syllables[place : place + 1] or _FREE_LENGTHS
            slot = _slot(law, place, letter=f"{number}{letter}" if letter else "", lengths=lengths)
            gap = place == len(unit) - 1 and (form.kind != "couplets" or form.meter == "")
            slots.append(replace(slot, gap=gap))
    return slots


def _chain(_: Form, law: str, n_units: int) -> list[Slot]:
    """Terza rima: ABA BCB … and a last line that answers the last middle one."""
    slots = []
    for number in range(n_units):
        letters = (number, number + 1, number)
        slots += [replace(_slot(law, 0, letter=f"L{letter}"), gap=place == 2) for place, letter in enumerate(letters)]
    return [*slots, _slot(law, 0, letter=f"L{n_units}")]


def _rubaiyat(_: Form, law: str, n_units: int) -> list[Slot]:
    """AABA BBCB …: the open line of each stanza gives the next its rhyme."""
    slots = []
    for number in range(n_units):
        letters = (number, number, number + 1, number)
        slots += [replace(_slot(law, 0, letter=f"L{letter}"), gap=place == 3) for place, letter in enumerate(letters)]
    return slots


def _sestina(_: Form, law: str, __: int) -> list[Slot]:
    slots = [replace(_slot(law, 0), gap=place == 5) for place in range(6)]
    order = list(range(6))
    for _stanza in range(5):
        order = [order[place] for place in ROTATION]
        slots += [replace(_slot(law, 0), end_of=word, gap=place == 5) for place, word in enumerate(order)]
    envoi = ((1, 4), (3, 2), (5, 0))  # within the line, at its end
    return [*slots, *(replace(_slot(law, 0), holds_end_of=held, end_of=end) for held, end in envoi)]


def _pantoum(_: Form, law: str, n_units: int) -> list[Slot]:
    """Lines 2 and 4 return as 1 and 3 of the next stanza; the last stanza closes on the first's lines 3 and 1."""
    slots: list[Slot] = []
    for number in range(n_units):
        letters = (f"L{number}", f"L{(number + 1) % n_units}")
        returning: tuple[int | None, ...] = (4 * number - 3, None, 4 * number - 1, None) if number else (None,) * 4
        if number == n_units - 1:
            returning = (returning[0], 2, returning[2], 0)
        slots += [
            replace(_slot(law, 0, letter=letters[place % 2]), copy_of=copy, gap=place == 3)
            for place, copy in enumerate(returning)
        ]
    return slots


def _ghazal(n_units: int, *, radif: str) -> list[Slot]:
    """Both lines of the first couplet and the second of each other rhyme before the radif, which ends them."""
    closing = Slot(letter="Q", templates=tuple("." * length for length in range(5, 10)), tail=radif)
    couplet = [_slot("", 0), replace(closing, gap=True)]
    return [closing, replace(closing, gap=True), *(couplet * (n_units - 1))]


def _unrhymed(_: Form, law: str, n_units: int) -> list[Slot]:
    return [_slot(law, 0) for _ in range(n_units)]


def _ordered(form: Form, law: str, n_units: int) -> list[Slot]:
    """Forms that make their own order of rhymes: ours, again and again where the form repeats it."""
    is_repeated = form.kind in ("pattern", "ode")
    units = _ORDERS[form.kind].split() * (n_units if is_repeated else 1)
    slots: list[Slot] = []
    for number, unit in enumerate(units):
        for place, letter in enumerate(unit):
            own = _TAIL_LAW if form.kind == "caudate" and len(slots) == _TAIL_LINE else law
            named = f"{number}{letter}" if is_repeated else letter
            slots.append(replace(_slot(own, 0, letter=named), gap=place == len(unit) - 1))
    if form.kind == "ode":
        slots[0] = replace(slots[0], holds=_ADDRESS)
    return slots
