"""Some lines of a poem written anew, all others left byte for byte as they are.

    poem + numbers ─ slots_around ─▶ slots ─ PoemSearch ─▶ new lines ─ put back ─▶ poem

A new line keeps what its place owes: the form that is named, else the meter, the syllables and the rhymes that the poem
has of its own. It has other words than the old one, and none of those that were found wrong.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations

from workbench.engines.protocols import Cancelled, TokenModel, never
from workbench.errors import InputError
from workbench.prosody import check_form, poem_meter, syllable_counts
from workbench.prosody.forms import forms_named
from workbench.prosody.measures import measure
from workbench.prosody.rhyme import rhyme_class
from workbench.prosody.types import PERFECT_CLASSES, PoemMeter
from workbench.types import seed_for
from workbench.writing.meter_automaton import templates_of
from workbench.writing.plan import LOOSE_KINDS, plan
from workbench.writing.poem_search import CannotWriteError, PoemSearch, WritingTask, line_of, trunks_of
from workbench.writing.rhyme_table import RhymeTable
from workbench.writing.settings import WritingSettings
from workbench.writing.trunks import Trunks
from workbench.writing.types import Line, LineOrder, Rewritten, Slot

_NEAR = 5  # lines within which a rhyme of the poem's own is one
_REGULAR = 0.75  # share of lines from which on a meter of the poem's own is kept
_UNITS_HEARD = 4  # times that a pattern of lines comes back before it is one
_FEET = ("iambic", "trochaic", "anapestic", "dactylic")
_MOST_UNITS = 40
_LOOSE_STRESS, _LOOSE_END = 1.2, -6.0  # of a last try: what the stresses may cost, how unlikely a line's end may be
_STOPS = ",.;:!?—–-"


def rewrite_lines(
    model: TokenModel, table: RhymeTable, order: LineOrder, settings: WritingSettings, *,
    prompts: tuple[Sequence[int], Sequence[int]], cancelled: Cancelled = never,
) -> Rewritten:  # fmt: skip
    """The poem with the lines asked for written anew.

    Args:
        model: gives logits.
        table: of its vocabulary.
        order: poem, lines, what is barred.
        settings: of the line search.
        prompts: token ids up to where the poem begins: with what was said of it, and without.
        cancelled: asked before every token.

    Raises:
        InputError: a line that the poem does not have.
        Stopped: `cancelled` said so.
    """
    text, new, others = order.text, dict[int, str](), dict[int, tuple[str, ...]]()
    slots = slots_around(order)
    wanted = {number for number, slot in enumerate(slots, 1) if not slot.text}
    task = WritingTask(
        subject="", title=order.title, form=order.form, slots=tuple(slots), prompt=tuple(prompts[0]),
        bare_prompt=tuple(prompts[1]), model="", seed=order.seed,
    )  # fmt: skip
    trunks = trunks_of(model, task, settings)
    for asked, how in _attempts(order, settings):
        asked = replace(asked, text=text, numbers=tuple(n for n in asked.numbers if n not in new))
        if not asked.numbers:
            continue
        try:
            found = _found(model, table, asked, how, task, trunks, cancelled)
        except CannotWriteError:
            continue
        text = put_in(text, {number: line for number, (line, _) in found.items()})
        new |= {number: line for number, (line, _) in found.items()}
        others |= {number: rest for number, (_, rest) in found.items()}
    return Rewritten(text=text, lines=new, runners_up=others, unchanged=tuple(sorted(wanted - new.keys())))


def _attempts(order: LineOrder, settings: WritingSettings) -> Iterator[tuple[LineOrder, WritingSettings]]:
    """All lines together; then those that are left one by one, beside what was found; then with a looser ear."""
    yield order, settings
    looser = replace(
        settings, n_steps=2 * settings.n_steps, n_finalists=2 * settings.n_finalists,
        n_likeliest=2 * settings.n_likeliest, stress_price=max(settings.stress_price, _LOOSE_STRESS),
        least_end_nats=_LOOSE_END,
    )  # fmt: skip
    for try_, how in enumerate((settings, looser, looser)):
        for number in order.numbers:
            yield replace(order, numbers=(number,), seed=seed_for(order.seed, "again", str(try_))), how


def slots_around(order: LineOrder) -> list[Slot]:
    """One slot per line: what is not asked for is given, what is asked for owes what its place owes.

    Raises:
        InputError: a line that the poem does not have.
    """
    lines = order.lines
    if wrong := [number for number in order.numbers if not 1 <= number <= len(lines)]:
        raise InputError(f"there is no line {wrong[0]}: the poem has {len(lines)} lines")
    owed = _planned(order) or _own(lines, set(order.numbers))
    asked = _with_refrains(set(order.numbers), owed, lines)
    breaks, letters = _breaks(order.text), _united([slot.letter for slot in owed], lines, asked)
    slots = []
    for number, (slot, letter, text) in enumerate(zip(owed, letters, lines, strict=True), 1):
        gap = number in breaks
        if number in asked:
            wanted = replace(slot, letter=letter, gap=gap, instead_of=text, barred=tuple(order.barred.get(number, ())))
        else:
            wanted = replace(slot, letter=letter, gap=gap, text=text, copy_of=None, opening_of=None)
        slots.append(wanted)
    return slots


def as_in(old: str, line: Line) -> str:
    """A new line with the indentation, the first capital and the closing mark of the one whose place it takes."""
    bare, own = old.strip(), line.text.rstrip(f" {_STOPS}")
    text = own if not bare[:1].islower() or line.said[0].startswith("i'") or line.said[0] == "i" else (
        own[:1].lower() + own[1:]
    )  # fmt: skip
    mark = bare[len(bare.rstrip(f" {_STOPS}")) :]
    return old[: len(old) - len(old.lstrip())] + text + mark


def own_meter(lines: Sequence[str]) -> str:
    """The meter that a poem plainly has of its own, in the registry's words; "" = none.

    >>> own_meter(["The lamp is out, the door is wide,", "the rain has come to stay inside,"] * 2)
    'iambic 4'
    """
    return _law_of(poem_meter(lines))


def _law_of(heard: PoemMeter) -> str:
    is_long_enough = len(heard.lines) >= _UNITS_HEARD * len(heard.n_feet)
    is_regular = heard.agreement >= _REGULAR and is_long_enough and heard.meter in _FEET and heard.n_feet
    return f"{heard.meter} {' '.join(map(str, heard.n_feet))}" if is_regular else ""


def put_in(text: str, new: Mapping[int, str]) -> str:
    """The text with some of its non-empty lines exchanged, everything else byte for byte."""
    number, shown = 0, []
    for line in text.split("\n"):
        number += bool(line.strip())
        shown.append(new[number] if line.strip() and number in new else line)
    return "\n".join(shown)


# ---------------------------------------------------------------- private


def _found(
    model: TokenModel, table: RhymeTable, order: LineOrder, settings: WritingSettings,
    task: WritingTask, trunks: Trunks, cancelled: Cancelled,
) -> dict[int, tuple[str, tuple[str, ...]]]:  # fmt: skip
    """New lines with their runners-up, by number.

    Raises:
        CannotWriteError: one of them was not found.
    """
    slots = slots_around(order)
    task = replace(task, slots=tuple(slots), seed=order.seed)
    search = PoemSearch(model, table, task, settings, trunks=trunks)
    search.write(lambda _, __: None, cancelled)
    return {
        number: (as_in(old, line), tuple(as_in(old, _bare(other)) for other in rest))
        for number, (slot, old, line, rest) in enumerate(
            zip(slots, order.lines, search.lines, search.runners_up, strict=True), 1
        )
        if not slot.text
    }


def _planned(order: LineOrder) -> list[Slot] | None:
    """The plan of the named form, where the poem has as many lines and its other lines rhyme as planned."""
    if not order.form:
        return None
    variant, n_lines = check_form(order.text, order.form).variant or order.form, len(order.lines)
    if forms_named(variant)[0].kind in LOOSE_KINDS:
        return None
    for units in range(_MOST_UNITS):
        try:
            slots = plan(variant, units=units)
        except InputError:
            return None
        if len(slots) == n_lines:
            return slots if _is_rhymed(order, slots) else None
        if len(slots) > n_lines and units:
            return None
    return None


def _is_rhymed(order: LineOrder, slots: Sequence[Slot]) -> bool:
    """Whether the lines that stay rhyme where the plan has one letter."""
    ends: dict[str, list[str]] = {}
    for number, (slot, line) in enumerate(zip(slots, order.lines, strict=True), 1):
        if slot.letter and number not in order.numbers:
            ends.setdefault(slot.letter, []).append(line_of(line).end)
    return all(
        one == two or rhyme_class(one, two) in PERFECT_CLASSES for words in ends.values() for one in words[:1]
        for two in words[1:]
    )  # fmt: skip


def _united(letters: Sequence[str], lines: Sequence[str], asked: set[int]) -> list[str]:
    """The letters, one where lines that stay rhyme across two of them; else a new line could rhyme with neither."""
    found = list(letters)
    staying = [place for place, letter in enumerate(letters) if letter and place + 1 not in asked]
    for one, two in combinations(staying, 2):
        ends = line_of(lines[one]).end, line_of(lines[two]).end
        if found[one] != found[two] and (ends[0] == ends[1] or rhyme_class(*ends) in PERFECT_CLASSES):
            found = [found[one] if letter == found[two] else letter for letter in found]
    return found


def _own(lines: Sequence[str], asked: set[int]) -> list[Slot]:
    """What each line owes to the poem's own meter, its syllables and its rhymes; what is asked for owes the meter."""
    heard = poem_meter(lines)
    law = _law_of(heard)
    letters = _letters([line_of(line).end for line in lines])
    slots = []
    for place, line in enumerate(lines):
        at = place % max(1, len(heard.n_feet))
        if law and (place + 1 in asked or measure(law).keeps(heard.lines[place], at)):
            slots.append(Slot(letter=letters[place], law=(law, at), templates=templates_of(law, at)))
            continue
        n = next(iter(syllable_counts(line)), 8)
        lengths = range(max(2, n - 1), n + 2)
        slots.append(Slot(letter=letters[place], templates=tuple("." * length for length in lengths)))
    return slots


def _letters(ends: Sequence[str]) -> list[str]:
    """A letter for lines that rhyme with one near them; "" for the others."""
    letters = [""] * len(ends)
    for place, end in enumerate(ends):
        for other in range(max(0, place - _NEAR), place):
            if end and end != ends[other] and rhyme_class(end, ends[other]) in PERFECT_CLASSES:
                letters[other] = letters[other] or f"own {other}"
                letters[place] = letters[other]
                break
    return letters


def _with_refrains(numbers: set[int], slots: Sequence[Slot], lines: Sequence[str]) -> set[int]:
    """The numbers, and those of lines that are to say the same wherever one of them does."""
    roots = [slot.copy_of if slot.copy_of is not None else place for place, slot in enumerate(slots)]
    wanted = {(roots[number - 1], lines[number - 1].strip().casefold().rstrip(_STOPS)) for number in numbers}
    return {
        number for number, line in enumerate(lines, 1)
        if number in numbers or (roots[number - 1], line.strip().casefold().rstrip(_STOPS)) in wanted
    }  # fmt: skip


def _breaks(text: str) -> set[int]:
    """Numbers of the lines after which a stanza ends."""
    number, found = 0, set()
    for line in text.rstrip().split("\n"):
        if line.strip():
            number += 1
        elif number:
            found.add(number)
    return found


def _bare(text: str) -> Line:
    return line_of(text.rstrip(_STOPS))
