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
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Literal

from workbench.errors import InputError

Kind = Literal[
    "whole", "stanzas", "couplets", "chain", "rubaiyat", "caudate", "nonce", "sestina", "pantoum", "ghazal", "pattern",
    "rhymed", "metrical", "ode", "blank", "free", "prose",
]  # fmt: skip


Scheme = tuple[tuple[str, ...], ...]  # units, each with one symbol per line


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One row of the table."""

    name: str
    kind: Kind
    rhyme: str = ""
    meter: str = ""
    syllables: tuple[int, ...] = ()  # of each line of a unit
    loose_meter: bool = False  # another regular meter than its own is a note
    loose_total: int = 0  # syllables up to which one unit may be freer than its count
    layouts: tuple[tuple[int, ...], ...] = ()  # for `whole`: the stanza lengths it is printed in; () = as its units
    min_units: int = 1
    near_rhymes: float = 0.25  # share of its rhymes that may be slant before it counts as a fault
    also: tuple[str, ...] = ()  # other names that a request may use
    about: str = ""  # one sentence

    @property
    def schemes(self) -> tuple[Scheme, ...]:
        """Each accepted rhyme scheme, cut into units, cut into one symbol a line.

        >>> FORM_BY_NAME["petrarchan sonnet"].schemes[1][1]
        ('C', 'D', 'C', 'D', 'C', 'D')
        """
        return _schemes(self.rhyme)

    @property
    def usual_rhyme(self) -> str:
        """The first scheme that it accepts, as the table spells it; "" where the form has none."""
        return self.rhyme.split("|")[0]

    @property
    def n_lines(self) -> int:
        """Lines of one unit, or of the whole poem for `whole`; 0 where the form does not fix it."""
        return _n_lines(self.rhyme)


def _sestets(first: str) -> Iterator[str]:
    """Every order of six lines in which each rhymes with another: CDECDE, CDCDCD, CDDECE, … from a letter on.

    >>> len(list(_sestets("C"))), next(_sestets("C"))
    (40, 'CCCCDD')
    """
    letters = [chr(ord(first) + number) for number in range(3)]
    for picked in product(letters, repeat=6):
        order = list(dict.fromkeys(picked))
        if order == letters[: len(order)] and len(order) > 1 and all(picked.count(letter) > 1 for letter in order):
            yield "".join(picked)


#: The two octaves that a Petrarchan sonnet may have; its sestet may go in any order in which every line rhymes.
_PETRARCHAN = "|".join(
    [
        *(f"ABBAABBA {sestet}" for sestet in ("CDECDE", "CDCDCD")),
        *(f"ABBAABBA {sestet}" for sestet in _sestets("C") if sestet not in ("CDECDE", "CDCDCD")),
        *(f"ABBAACCA {sestet}" for sestet in _sestets("D")),
    ]
)
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
    Form(name="spenserian sonnet", kind="whole", rhyme="ABAB BCBC CDCD EE", meter="iambic 5",
         loose_meter=True, layouts=_SONNET_LAYOUTS,
         also=("spenserian sonnets",), about="Three linked quatrains and a couplet."),
    Form(name="shakespearean sonnet", kind="whole", rhyme="ABAB CDCD EFEF GG", meter="iambic 5",
         loose_meter=True, layouts=_SONNET_LAYOUTS,
         also=("english sonnet", "elizabethan sonnet", "shakespearian sonnet", "shakespeare sonnet", "shakespearean",
               "shakespearian"),
         about="Three quatrains of crossed rhymes and a couplet that closes or overturns them."),
    Form(name="petrarchan sonnet", kind="whole", rhyme=_PETRARCHAN, meter="iambic 5", loose_meter=True,
         layouts=_SONNET_LAYOUTS, also=("italian sonnet", "petrarchan", "petrarch sonnet", "miltonic sonnet"),
         about="An octave on two rhymes (or ABBAACCA), a turn, a sestet in any order in which every line rhymes."),
    Form(name="onegin stanza", kind="stanzas", rhyme="ABABCCDDEFFEGG", meter="iambic 4",
         also=("onegin stanzas", "onegin sonnet", "pushkin sonnet", "pushkin stanza"),
         about="Fourteen lines of four feet: crossed, paired and enclosed quatrains, then a couplet."),
    Form(name="curtal sonnet", kind="whole", rhyme="ABCABC DBCDC|ABCABC DCBDC", layouts=((6, 5), (11,)),
         about="A sonnet at three quarters: six lines and four and a half, the last one short."),
    Form(name="caudate sonnet", kind="caudate", rhyme="ABBAABBA", also=("tailed sonnet",),
         about="A Petrarchan sonnet with tails of three lines: a short one, then a couplet."),
    Form(name="spenserian stanza", kind="stanzas", rhyme="ABABBCBCC", meter="iambic 5 5 5 5 5 5 5 5 6",
         also=("spenserian stanzas", "faerie queene stanza"),
         about="Nine lines, the last a foot longer than the rest."),
    Form(name="ottava rima", kind="stanzas", rhyme="ABABABCC", meter="iambic 5",
         about="Eight lines, three times crossed, then a couplet."),
    Form(name="rhyme royal", kind="stanzas", rhyme="ABABBCC", meter="iambic 5",
         also=("rime royal", "royal stanza", "chaucerian stanza"), about="Seven lines, the fourth the hinge."),
    Form(name="burns stanza", kind="stanzas", rhyme="AAABAB", meter="any 4 4 4 2 4 2",
         also=("standard habbie", "habbie stanza", "burns meter"), near_rhymes=0.34,
         about="Six lines of four and two beats, the short ones rhyming."),
    Form(name="terza rima", kind="chain", rhyme="ABA", min_units=2,
         about="Tercets; the middle line of each gives the next its rhyme; a line or couplet closes."),
    Form(name="limerick", kind="stanzas", rhyme="AABBA", meter="any 3 3 2 2 3",
         about="Five bouncing lines, the third and fourth short."),
    Form(name="cinquain", kind="stanzas", rhyme=".....", syllables=(2, 4, 6, 8, 2),
         about="Five lines of 2, 4, 6, 8 and 2 syllables."),
    Form(name="sapphics", kind="stanzas", rhyme="....", syllables=(11, 11, 11, 5),
         also=("sapphic stanza", "sapphic ode"),
         about="Three lines of eleven syllables and one of five, without rhyme."),
    Form(name="alcaics", kind="stanzas", rhyme="....", syllables=(11, 11, 9, 10),
         also=("alcaic stanza", "alcaic ode"),
         about="Four lines of eleven, eleven, nine and ten syllables, without rhyme."),
    Form(name="tanka", kind="stanzas", rhyme=".....", syllables=(5, 7, 5, 7, 7),
         about="Five lines of 5, 7, 5, 7 and 7 syllables."),
    Form(name="haiku", kind="stanzas", rhyme="...", syllables=(5, 7, 5), loose_total=15, also=("haikus", "senryu"),
         about="Three lines of 5, 7 and 5 syllables, or clearly fewer."),
    Form(name="common meter", kind="stanzas", rhyme="ABAB|xAxA", meter="iambic 4 3 4 3", near_rhymes=1.0,
         also=("common metre", "hymn meter", "hymn metre", "hymn stanza"),
         about="Iambic quatrains of eight and six syllables by turns."),
    Form(name="short meter", kind="stanzas", rhyme="ABAB|xAxA", meter="iambic 3 3 4 3", near_rhymes=1.0,
         also=("short metre",), about="Iambic quatrains of six, six, eight and six syllables."),
    Form(name="ballad", kind="stanzas", rhyme="xAxA", meter="any 4 3 4 3", near_rhymes=1.0,
         also=("ballad stanza", "ballad stanzas", "ballad meter", "ballad metre"),
         about="Quatrains of four and three beats; the short lines rhyme."),
    Form(name="nonce sonnet", kind="nonce", rhyme="", meter="iambic 5", loose_meter=True, layouts=_SONNET_LAYOUTS,
         also=("irregular sonnet",), about="Fourteen lines that all rhyme, in an order of their own."),
    Form(name="chained rubaiyat", kind="rubaiyat", rhyme="AABA", min_units=2, near_rhymes=0.34,
         also=("interlocking rubaiyat", "linked rubaiyat"),
         about="Quatrains AABA BBCB CCDC: the open line of each gives the next its rhyme."),
    Form(name="heroic couplets", kind="couplets", rhyme="AA", meter="iambic 5",
         also=("heroic couplet",), about="Rhymed pairs of iambic pentameter."),
    Form(name="quatrains AABA", kind="stanzas", rhyme="AAxA", near_rhymes=0.34,
         also=("rubaiyat", "rubaiyat stanza", "rubai", "ruba'i"), about="Three lines rhyme round an open third."),
    Form(name="quatrains ABBA", kind="stanzas", rhyme="ABBA", near_rhymes=0.34,
         also=("enclosed rhyme", "enclosed rhymes", "envelope quatrains", "envelope rhyme", "in memoriam stanza"),
         about="One rhyme inside another."),
    Form(name="ode", kind="ode", also=("odes",),
         about="An address to its subject, in stanzas that keep or answer one shape."),
    Form(name="quatrains ABAB", kind="stanzas", rhyme="ABAB", near_rhymes=0.34,
         also=("alternating rhyme", "alternate rhyme", "alternate rhymes", "crossed rhyme", "cross rhyme"),
         about="Two rhymes by turns."),
    Form(name="quatrains AABB", kind="stanzas", rhyme="AABB", near_rhymes=0.34, about="Four lines, two pairs."),
    Form(name="venus and adonis stanza", kind="stanzas", rhyme="ABABCC", meter="any 5", near_rhymes=0.34,
         also=("sixain", "heroic sestet"), about="Six lines of five feet: a crossed quatrain and a couplet."),
    Form(name="long meter", kind="stanzas", rhyme="ABAB|xAxA", meter="iambic 4", near_rhymes=1.0,
         also=("long metre",), about="Iambic quatrains of eight syllables a line."),
    Form(name="triplets", kind="stanzas", rhyme="AAA", near_rhymes=0.34, also=("rhymed triplets", "monorhymed tercets"),
         about="Three lines on one rhyme."),
    Form(name="tail rhyme", kind="stanzas", rhyme="AABCCB", near_rhymes=0.34,
         also=("tail rhyme stanza", "romance stanza"),
         about="Two couplets, each with a line that answers the other's."),
    Form(name="quatrains ABCB", kind="stanzas", rhyme="xAxA", near_rhymes=1.0, also=("quatrains xAxA",),
         about="The second line and the fourth rhyme, in any meter."),
    Form(name="couplets", kind="couplets", rhyme="AA", near_rhymes=0.34,
         also=("couplet", "rhyming couplets", "rhymed couplets", "rhyming couplet"), about="Rhymed pairs of lines."),
    Form(name="blank verse", kind="blank", meter="iambic 5", also=("unrhymed iambic pentameter",),
         about="Iambic pentameter without rhyme."),
    Form(name="rhymed stanzas", kind="pattern",
         about="Stanzas that repeat one order of rhymes, a pattern without a name of its own."),
    Form(name="irregular rhyme", kind="rhymed", also=("rhymed verse",),
         about="Lines that rhyme, in no order that returns."),
    Form(name="unrhymed meter", kind="metrical", also=("unrhymed verse",),
         about="A regular meter other than blank verse, without rhyme."),
    Form(name="prose poem", kind="prose", also=("prose poetry", "poem in prose"), about="Paragraphs, no line ends."),
    Form(name="free verse", kind="free", also=("vers libre",), about="Lines without a regular meter or rhyme."),
)  # fmt: skip

FORM_BY_NAME: dict[str, Form] = {form.name: form for form in FORMS}

#: Names that any of several forms satisfies.
FAMILIES: dict[str, tuple[str, ...]] = {
    "sonnet": (
        "shakespearean sonnet", "petrarchan sonnet", "spenserian sonnet", "curtal sonnet", "caudate sonnet",
        "nonce sonnet",
    ),
    "quatrains": (
        "quatrains ABAB", "quatrains AABB", "quatrains ABBA", "quatrains AABA", "ballad", "common meter", "short meter",
        "long meter", "chained rubaiyat", "quatrains ABCB",
    ),
}  # fmt: skip


@cache
def links_of(scheme: Scheme) -> tuple[tuple[int, int], ...]:
    """Each line of a scheme that has an earlier one of its letter, with the nearest of them.

    >>> links_of((("A", "B", "A", "A"),))
    ((0, 2), (2, 3))
    """
    last: dict[str, int] = {}
    links = []
    for line, letter in enumerate(symbol for unit in scheme for symbol in unit):
        links += [(last[letter], line)] if letter in last else []
        last[letter] = line
    return tuple(links)


def forms_named(name: str) -> tuple[Form, ...]:
    """The forms that satisfy a name: one, or every variant of a family such as "sonnet".

    Raises:
        InputError: no form has this name; the message offers the nearest one.

    >>> [form.name for form in forms_named("Sonnet")][:3]
    ['shakespearean sonnet', 'petrarchan sonnet', 'spenserian sonnet']
    """
    if name in FORM_BY_NAME:
        return (FORM_BY_NAME[name],)
    wanted, names = " ".join(name.lower().split()), _names()
    if wanted not in names:
        near = difflib.get_close_matches(wanted, names, n=1, cutoff=0.5)
        hint = f"did you mean '{near[0]}'?" if near else "list them with `workbench prosody forms`"
        raise InputError(f"unknown form '{name[:60]}': {hint}")
    return tuple(FORM_BY_NAME[found] for found in names[wanted])


@cache
def _names() -> dict[str, tuple[str, ...]]:
    """Every name that a form or a family goes by, in small letters."""
    names = {form.name.lower(): (form.name,) for form in FORMS} | FAMILIES
    return names | {other: (form.name,) for form in FORMS for other in form.also}


@cache
def _n_lines(rhyme: str) -> int:
    return sum(map(len, _schemes(rhyme)[0]))


@cache
def _schemes(rhyme: str) -> tuple[Scheme, ...]:
    return tuple(tuple(_symbols(unit) for unit in scheme.split()) for scheme in rhyme.split("|"))


def _symbols(unit: str) -> tuple[str, ...]:
    symbols: list[str] = []
    for char in unit:
        if char.isdigit():
            symbols[-1] += char
        else:
            symbols.append(char)
    return tuple(symbols)
