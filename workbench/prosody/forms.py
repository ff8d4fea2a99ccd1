"""The form registry: every form the workbench knows, as a table to read and to extend.

How to read the `rhyme` column (a space parts the units of the form):

    ABAB        lines of the same letter rhyme, lines of different letters do not
    A1 b … A1   a letter with a number is a line that returns whole; small letters only rhyme
    x           rhymes with nothing in its unit
    |           parts the schemes of which any will do
    R           the rentrement: the opening words of the first line, standing alone
    .           no rhyme asked for

`kind` says how the units are laid on a poem: `whole` = exactly these lines, `stanzas` = this unit again and again, each
with rhymes of its own, and the forms with laws of their own by name. `meter` is "iambic 5": kind and feet, the feet
going round line by line; "any" leaves the kind of foot free. `form_checks` applies the table.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from functools import cache
from typing import Literal

from workbench.errors import InputError

Kind = Literal["whole", "stanzas", "couplets", "chain", "sestina", "pantoum", "ghazal", "ode", "blank", "free", "prose"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One row of the table."""

    name: str
    kind: Kind
    rhyme: str = ""
    meter: str = ""
    syllables: tuple[int, ...] = ()  # of each line of a unit
    loose_total: int = 0  # syllables up to which one unit may be freer than its count
    layouts: tuple[tuple[int, ...], ...] = ()  # for `whole`: the stanza lengths it is printed in; () = as its units
    min_units: int = 1
    near_rhymes: float = 0.12  # share of its rhymes that may be slant before it counts as a fault
    also: tuple[str, ...] = ()  # other names that a request may use
    about: str = ""  # one sentence

    @property
    def schemes(self) -> tuple[tuple[tuple[str, ...], ...], ...]:
        """Each accepted rhyme scheme, cut into units, cut into one symbol a line.

        >>> FORM_BY_NAME["petrarchan sonnet"].schemes[1][1]
        ('C', 'D', 'C', 'D', 'C', 'D')
        """
        return _schemes(self.rhyme)

    @property
    def n_lines(self) -> int:
        """Lines of one unit, or of the whole poem for `whole`; 0 where the form does not fix it."""
        return sum(len(unit) for unit in self.schemes[0])


_SONNET_LAYOUTS = ((14,), (8, 6), (4, 4, 4, 2), (12, 2), (4, 4, 3, 3), (8, 3, 3), (4, 4, 6), (4, 4, 4, 1, 1), (8, 4, 2))

#: From the strictest law to the loosest; where a poem keeps several, the first is its name.
FORMS: tuple[Form, ...] = (
    Form(name="sestina", kind="sestina",
         about="Six end words turn through six sixains (6 1 5 2 4 3) and meet again in a tercet."),
    Form(name="villanelle", kind="whole", rhyme="A1bA2 abA1 abA2 abA1 abA2 abA1A2",
         about="Nineteen lines on two rhymes; lines 1 and 3 return in turn and close together."),
    Form(name="rondeau", kind="whole", rhyme="AABBA AABR AABBAR",
         about="Fifteen lines on two rhymes; the opening words return alone as lines 9 and 15."),
    Form(name="triolet", kind="whole", rhyme="A1B1aA1abA1B1",
         about="Eight lines; the first comes back as the fourth and seventh, the second as the eighth."),
    Form(name="pantoum", kind="pantoum", min_units=3,
         about="Quatrains; lines 2 and 4 of each return as lines 1 and 3 of the next."),
    Form(name="ghazal", kind="ghazal", min_units=4,
         about="Couplets that end in one refrain (radif), a rhyme (qafia) just before it."),
    Form(name="spenserian sonnet", kind="whole", rhyme="ABAB BCBC CDCD EE", meter="iambic 5", layouts=_SONNET_LAYOUTS,
         also=("spenserian sonnets",), about="Three linked quatrains and a couplet."),
    Form(name="shakespearean sonnet", kind="whole", rhyme="ABAB CDCD EFEF GG", meter="iambic 5",
         layouts=_SONNET_LAYOUTS,
         also=("english sonnet", "elizabethan sonnet", "shakespearian sonnet", "shakespeare sonnet", "shakespearean",
               "shakespearian"),
         about="Three quatrains of crossed rhymes and a couplet that closes or overturns them."),
    Form(name="petrarchan sonnet", kind="whole", rhyme="ABBAABBA CDECDE|ABBAABBA CDCDCD", meter="iambic 5",
         layouts=_SONNET_LAYOUTS, also=("italian sonnet", "petrarchan", "petrarch sonnet"),
         about="An octave on two rhymes, a turn, a sestet CDECDE or CDCDCD."),
    Form(name="spenserian stanza", kind="stanzas", rhyme="ABABBCBCC", meter="iambic 5 5 5 5 5 5 5 5 6",
         also=("spenserian stanzas", "faerie queene stanza"),
         about="Nine lines, the last a foot longer than the rest."),
    Form(name="ottava rima", kind="stanzas", rhyme="ABABABCC", meter="iambic 5",
         about="Eight lines, three times crossed, then a couplet."),
    Form(name="rhyme royal", kind="stanzas", rhyme="ABABBCC", meter="iambic 5",
         also=("rime royal", "royal stanza", "chaucerian stanza"), about="Seven lines, the fourth the hinge."),
    Form(name="terza rima", kind="chain", rhyme="ABA", min_units=2,
         about="Tercets; the middle line of each gives the next its rhyme; a line or couplet closes."),
    Form(name="limerick", kind="stanzas", rhyme="AABBA", meter="any 3 3 2 2 3",
         about="Five bouncing lines, the third and fourth short."),
    Form(name="cinquain", kind="stanzas", rhyme=".....", syllables=(2, 4, 6, 8, 2),
         about="Five lines of 2, 4, 6, 8 and 2 syllables."),
    Form(name="tanka", kind="stanzas", rhyme=".....", syllables=(5, 7, 5, 7, 7),
         about="Five lines of 5, 7, 5, 7 and 7 syllables."),
    Form(name="haiku", kind="stanzas", rhyme="...", syllables=(5, 7, 5), loose_total=15, also=("haikus", "senryu"),
         about="Three lines of 5, 7 and 5 syllables, or clearly fewer."),
    Form(name="common meter", kind="stanzas", rhyme="ABAB|xAxA", meter="iambic 4 3 4 3",
         also=("common metre", "hymn meter", "hymn metre", "hymn stanza"),
         about="Iambic quatrains of eight and six syllables by turns."),
    Form(name="ballad", kind="stanzas", rhyme="xAxA", meter="any 4 3 4 3", min_units=2, near_rhymes=0.34,
         also=("ballad stanza", "ballad stanzas", "ballad meter", "ballad metre"),
         about="Quatrains of four and three beats; the short lines rhyme."),
    Form(name="ode", kind="ode", also=("odes",),
         about="An address to its subject, in stanzas that keep or answer one shape."),
    Form(name="heroic couplets", kind="couplets", rhyme="AA", meter="iambic 5", min_units=2,
         also=("heroic couplet",), about="Rhymed pairs of iambic pentameter."),
    Form(name="quatrains AABA", kind="stanzas", rhyme="AAxA", near_rhymes=0.25,
         also=("rubaiyat", "rubaiyat stanza", "rubai", "ruba'i"), about="Three lines rhyme round an open third."),
    Form(name="quatrains ABBA", kind="stanzas", rhyme="ABBA", near_rhymes=0.25,
         also=("enclosed rhyme", "enclosed rhymes", "envelope quatrains", "envelope rhyme", "in memoriam stanza"),
         about="One rhyme inside another."),
    Form(name="quatrains ABAB", kind="stanzas", rhyme="ABAB", near_rhymes=0.25,
         also=("alternating rhyme", "alternate rhyme", "alternate rhymes", "crossed rhyme", "cross rhyme"),
         about="Two rhymes by turns."),
    Form(name="quatrains AABB", kind="stanzas", rhyme="AABB", near_rhymes=0.25, about="Four lines, two pairs."),
    Form(name="couplets", kind="couplets", rhyme="AA", min_units=2, near_rhymes=0.25,
         also=("couplet", "rhyming couplets", "rhymed couplets", "rhyming couplet"), about="Rhymed pairs of lines."),
    Form(name="blank verse", kind="blank", meter="iambic 5", also=("unrhymed iambic pentameter",),
         about="Iambic pentameter without rhyme."),
    Form(name="prose poem", kind="prose", also=("prose poetry", "poem in prose"), about="Paragraphs, no line ends."),
    Form(name="free verse", kind="free", also=("vers libre",), about="Lines without a regular meter or rhyme."),
)  # fmt: skip

FORM_BY_NAME: dict[str, Form] = {form.name: form for form in FORMS}

#: Names that any of several forms satisfies.
FAMILIES: dict[str, tuple[str, ...]] = {
    "sonnet": ("shakespearean sonnet", "petrarchan sonnet", "spenserian sonnet"),
    "quatrains": ("quatrains ABAB", "quatrains AABB", "quatrains ABBA", "quatrains AABA", "ballad", "common meter"),
}


def forms_named(name: str) -> tuple[Form, ...]:
    """The forms that satisfy a name: one, or every variant of a family such as "sonnet".

    Raises:
        InputError: no form has this name; the message offers the nearest one.

    >>> [form.name for form in forms_named("Sonnet")]
    ['shakespearean sonnet', 'petrarchan sonnet', 'spenserian sonnet']
    """
    wanted, names = " ".join(name.lower().split()), _names()
    if wanted not in names:
        near = difflib.get_close_matches(wanted, names, n=1, cutoff=0.5)
        hint = f"did you mean '{near[0]}'?" if near else "list them with `python -m workbench prosody forms`"
        raise InputError(f"unknown form '{name[:60]}': {hint}")
    return tuple(FORM_BY_NAME[found] for found in names[wanted])


@cache
def _names() -> dict[str, tuple[str, ...]]:
    """Every name that a form or a family goes by, in small letters."""
    names = {form.name.lower(): (form.name,) for form in FORMS} | FAMILIES
    return names | {other: (form.name,) for form in FORMS for other in form.also}


@cache
def _schemes(rhyme: str) -> tuple[tuple[tuple[str, ...], ...], ...]:
    return tuple(tuple(_symbols(unit) for unit in scheme.split()) for scheme in rhyme.split("|"))


def _symbols(unit: str) -> tuple[str, ...]:
    symbols: list[str] = []
    for char in unit:
        if char.isdigit():
            symbols[-1] += char
        else:
            symbols.append(char)
    return tuple(symbols)
