"""How strongly a syllable of a word asks for the beat, from 0 (never) to 4 (always).

Words of one syllable go by word class: the table below is the whole of it. Change a word's level here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from workbench.prosody.syllables import shapes

#: 0: leans on the next word. 1: weak, though the beat can lift it. 2: as weak or strong as the line likes. All others: 3.
_LEVELS_OF_WEAK_WORDS = {
    0: "a an the th' t' o'",
    1: "of to and in on at by for from as or but nor than that if is was are were be am been has had have do his her its my"
    " your our their he she it we they them him me us thy with it's he's she's i'm 'tis 'twas 'em an' wi' is't i' ye's n"
    " till 'til ere i'd i've i'll we're we've we'll you're you've you'll they're they've they'll he'd she'd who's that's",
    2: "i you thou thee ye this these those not no all some when where while who whom what how why which whose shall will would"
    " could should may might must can did does doth hath hast dost art though through o'er down up out off then there here"
    " now yet still just such each both one more most own too so like let once since upon past near ere can't don't won't"
    " thine mine yours ours hers theirs oh o ah lo else e'en e'er ne'er round 'round 'neath 'gainst half much few yes nay let's",
}  # fmt: skip
#: Longer words of the same kind: their stressed syllable gives way to the line, as a content word of one syllable does.
_LIGHT_LONG_WORDS = frozenset(
    "never ever over under after into onto upon about above across against along among amongst around before behind below beneath"
    " beside between betwixt beyond during except until unless within without toward towards throughout only very every any many"
    " other another because whether either neither also even almost always maybe perhaps himself herself itself myself yourself"
    " themselves ourselves thyself somehow someone something".split()
)
#: At the end of a line these stand alone and can take the beat: *I saw her go by*.
_PREPOSITIONS = frozenset("of to in on at by for from with is was are were be been am do".split())
_LEVEL = {word: level for level, words in _LEVELS_OF_WEAK_WORDS.items() for word in words.split()}
_LEANS = frozenset("you i not thee thou am are is was be all".split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """One way a word can take part in the beat of a line."""

    levels: str  # one digit a syllable: 0 never takes the beat … 4 always does
    cost: float  # of the shape, see syllables.Shape
    licence: str  # of the shape


@lru_cache(maxsize=65536)
def beats(word: str) -> tuple[Beat, ...]:
    """The ways a word can take part in the beat, the plain one first; () if it cannot be said.

    >>> beats("eternity")[0].levels, beats("stone")[0].levels, beats("of")[0].levels
    ('0401', '3', '1')
    """
    low = word.lower()
    level = _LEVEL.get(low, 3)
    primary = "3" if low in _LIGHT_LONG_WORDS else "4"
    found: dict[str, Beat] = {}
    for shape in shapes(word):
        levels = str(level) if len(shape.stresses) == 1 else _levels_within(shape.stresses, primary)
        found.setdefault(levels, Beat(levels=levels, cost=shape.cost, licence=shape.licence))
    return tuple(found.values())


def is_weak_word(word: str) -> bool:
    """Whether a word may lean on the word before it, as in a mosaic rhyme: *know it*."""
    low = word.lower()
    return _LEVEL.get(low, 3) <= 1 or low in _LEANS


@lru_cache(maxsize=65536)
def last_beats(word: str) -> tuple[Beat, ...]:
    """The same for the last word of a line, where a preposition stands alone.

    >>> beats("by")[0].levels, last_beats("by")[0].levels
    ('1', '2')
    """
    if word.lower() in _PREPOSITIONS:
        return (Beat(levels="2", cost=0.0, licence=""),)
    return beats(word)


def _levels_within(stresses: str, primary: str) -> str:
    """Primary stress 4, secondary 2; a weak syllable beside a primary stress 0, further off 1 (eterni-TY can be lifted).

    Two primary stresses (seventeen, well-worn) give way to the line like words of their own.
    """
    primary = primary if stresses.count("1") == 1 else "3"
    levels = []
    for place, digit in enumerate(stresses):
        beside = "1" in stresses[max(0, place - 1) : place + 2]
        levels.append(primary if digit == "1" else "2" if digit == "2" else "0" if beside else "1")
    return "".join(levels)
