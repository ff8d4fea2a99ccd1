"""Whether the beginning of a line can still become a line of a template, and whether a whole one is.

A template has one mark a syllable (x weak, / strong, . either); a line is given as levels, one digit a syllable
(`prosody.stress`: 0 never takes the beat … 4 always does). What a level costs under a mark is the price of hearing
the line so. Pure, and tested against `prosody.meter`.
"""

from collections.abc import Sequence
from functools import lru_cache

#: Price of each level under a mark; a strong syllable in a weak place costs as much as a weak one in a strong place.
_PRICE = {"/": (2.2, 0.45, 0.1, 0.0, 0.0), "x": (0.0, 0.0, 0.1, 0.4, 2.2), ".": (0.0, 0.0, 0.0, 0.0, 0.0)}
_TURNED_FOOT, _SOFT_END = 0.35, 0.2  # licences of a template are not free


def templates_of(law: str, position: int) -> tuple[str, ...]:
    """The stress patterns that a line of a meter may have; the first is the plain one.

    >>> templates_of("iambic 2", 0)
    ('x/x/', '/xx/', 'x/x/x')
    >>> templates_of("any 3 3 2 2 3", 2)
    ('x/xx/', 'xx/xx/')
    """
    kind, *feet = law.split()
    n_feet = int(feet[position % len(feet)])
    if kind == "any" and feet[0] == "3":  # a limerick bounces
        return ("x/" + "xx/" * (n_feet - 1), "xx/" * n_feet)
    if kind == "trochaic":
        return ("/x" * (n_feet - 1) + "/", "/x" * n_feet)
    if kind == "anapestic":
        return ("xx/" * n_feet, "x/" + "xx/" * (n_feet - 1))
    if kind == "dactylic":
        return ("/xx" * (n_feet - 1) + "/", "/xx" * (n_feet - 1) + "/x")
    return ("x/" * n_feet, "/x" + "x/" * (n_feet - 1), "x/" * n_feet + "x")


class MeterAutomaton:
    """The templates of one slot, with the price that a line may cost."""

    def __init__(self, templates: Sequence[str], *, most: float) -> None:
        self._templates, self._most = tuple(templates), most

    def may_go_on(self, levels: str) -> bool:
        """Whether more syllables can follow.

        >>> MeterAutomaton(("x/x/",), most=0.6).may_go_on("13"), MeterAutomaton(("x/x/",), most=0.6).may_go_on("40")
        (True, False)
        """
        return any(len(levels) < len(each) and price(levels, each) <= self._most for each in self._templates)

    def may_end(self, levels: str) -> bool:
        """Whether these are all syllables of a line.

        >>> MeterAutomaton(("x/x/",), most=0.6).may_end("1313"), MeterAutomaton(("x/x/",), most=0.6).may_end("131")
        (True, False)
        """
        return any(len(levels) == len(each) and price(levels, each) <= self._most for each in self._templates)


@lru_cache(maxsize=200_000)
def price(levels: str, template: str) -> float:
    """What the syllables so far cost under a template, which may be longer.

    >>> price("1313", "x/x/"), round(price("3113", "/xx/"), 2)
    (0.0, 0.35)
    """
    own = sum(_PRICE[mark][int(level)] for level, mark in zip(levels, template, strict=False))
    return own + _TURNED_FOOT * template.startswith("/xx/") + _SOFT_END * template.endswith("x")
