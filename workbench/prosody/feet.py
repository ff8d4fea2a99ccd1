"""Cutting a line's syllables into feet, each way with its cost.

A syllable comes as a level from 0 to 4 (`stress.beats`). A foot asks some syllables to carry the beat and others not
to; what a syllable does against its level costs. Licences (a foot turned round, a missing or extra syllable) have
their own price.
All prices are in this file's tables: change them here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

MAX_FEET = 8
MAX_SYLLABLES = 3 * MAX_FEET + 1

#: Price of a level off the beat and on the beat: between two beats (duple) and in runs of two weak ones (triple).
_OFF_DUPLE = (0.0, 0.0, 0.1, 0.4, 2.2)
_ON_DUPLE = (2.2, 0.45, 0.1, 0.0, 0.0)
_OFF_TRIPLE = (0.0, 0.0, 0.05, 0.35, 1.8)
_OFF_TRIPLE_AFTER_BEAT = (0.0, 0.0, 0.05, 0.35, 0.8)  # "the snow coming down": the beat before it is stronger
_ON_TRIPLE = (2.4, 1.0, 0.2, 0.0, 0.0)

_INVERSION_FIRST, _INVERSION_AFTER_PAUSE, _INVERSION_INSIDE, _INVERSION_LAST = 0.35, 0.5, 1.1, 2.0
_FEMININE, _HEADLESS_DUPLE, _CATALECTIC = 0.2, 0.45, 0.05
_DOUBLE_IAMB = 0.55  # two weak, then two strong: "in a green shade"
_TROCHAIC, _TRIPLE, _MIXED = 0.3, 0.15, 0.95
_FEWEST_TRIPLE = 5  # syllables
_HOPELESS = 2.5  # a way that costs more is dropped before its end
_CLEAN = 0.5  # a line of twos as cheap as this is not tried in threes
_FALLING, _TOO_MUCH, _MAX_FEET_MIXED = 0.05, 9.0, 4
_ONE_ANAPEST, _ONE_IAMB, _FIRST_IAMB = 0.9, 0.6, 0.15


Run = tuple[float, tuple[int, ...]]  # price, sizes of the feet


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A line cut into feet."""

    meter: str
    feet: tuple[str, ...]  # marks of each foot; a feminine syllable belongs to the last
    licences: tuple[str, ...]
    cost: float


@lru_cache(maxsize=32768)
def cuts(levels: str, pauses: frozenset[int]) -> tuple[Cut, ...]:
    """Every worthwhile way to cut a line, cheapest first; `pauses` are the syllables that follow punctuation.

    >>> best = cuts("0304030403", frozenset())[0]
    >>> best.meter, "|".join(best.feet)
    ('iambic', 'x/|x/|x/|x/|x/')
    """
    n_syllables = len(levels)
    if not 2 <= n_syllables <= MAX_SYLLABLES:
        return ()
    numbers = tuple(map(int, levels))
    found = [cut for cut in _duple_cuts(numbers, levels, pauses) if cut is not None]
    if min((cut.cost for cut in found), default=_TOO_MUCH) > _CLEAN:
        found += _triple_cuts(numbers)
    return tuple(sorted(found, key=lambda cut: cut.cost))


def _duple_cuts(levels: tuple[int, ...], text: str, pauses: frozenset[int]) -> Iterator[Cut | None]:
    """Iambic and trochaic ways; `text` is the levels as they came, one digit each."""
    n_feet, odd = divmod(len(levels), 2)
    if not odd and n_feet <= MAX_FEET:
        yield _iambic(levels, pauses, 0, licence="")
        yield _trochaic(text, "")
    elif odd:
        if n_feet <= MAX_FEET and n_feet:
            yield _iambic(
                levels[:-1], pauses, 0, licence="feminine ending", extra=_FEMININE + _OFF_DUPLE[levels[-1]] * 2
            )
        if n_feet < MAX_FEET:
            yield _iambic(levels, pauses, 1, licence="headless", extra=_HEADLESS_DUPLE + _ON_DUPLE[levels[0]] * 2)
            yield _trochaic(text, "catalectic")


def _iambic(
    levels: tuple[int, ...], pauses: frozenset[int], start: int, *, licence: str, extra: float = 0.0
) -> Cut | None:
    """Weak, strong; from `start` on (1 where the first weak syllable is missing). None where it is hopeless."""
    feet, licences, cost = ["/"] if start else [], [licence] if start else [], extra
    last = len(levels) - 2
    was_lifted = False  # whether the beat before fell on a weak syllable
    for place in range(start, len(levels), 2):
        weak, strong = levels[place], levels[place + 1]
        straight = _OFF_DUPLE[weak] + _ON_DUPLE[strong]
        mark, names = _performed(
            weak, strong, opens=place == 0 or was_lifted, next_levels=levels[place + 2 : place + 4]
        )
        if mark == "xx":
            straight = min(straight, _DOUBLE_IAMB)
        turned = _OFF_DUPLE[strong] + _ON_DUPLE[weak] + _inversion_price(place, pauses, last=last, first=start)
        if turned < straight:
            feet.append("/x")
            licences.append("inversion")
            cost += turned
        else:
            feet.append(mark)
            licences += names
            cost += straight
        if cost >= _HOPELESS:
            return None
        was_lifted = feet[-1] == "xx"
    if licence and not start:
        feet[-1] += "x"
        licences.append(licence)
    return Cut(meter="iambic", feet=tuple(feet), licences=tuple(licences), cost=cost)


def _inversion_price(place: int, pauses: frozenset[int], *, last: int, first: int) -> float:
    if place == last and place != first:
        return _INVERSION_LAST
    if place == 0:
        return _INVERSION_FIRST
    return _INVERSION_AFTER_PAUSE if place in pauses else _INVERSION_INSIDE


def _performed(weak: int, strong: int, *, opens: bool, next_levels: tuple[int, ...]) -> tuple[str, list[str]]:
    """The marks of an unturned iamb: two strong ones opening the line sound both, two weak ones before them none."""
    if weak >= 3 and strong >= 3 and opens:
        return "//", ["spondee"]
    if strong <= 1 and next_levels and min(next_levels) >= 3:
        return "xx", ["pyrrhic"]
    return "x/", []


def _trochaic(levels: str, licence: str) -> Cut | None:
    """Strong, weak; the last foot may lack its weak syllable."""
    on, off = levels[::2], levels[1::2]
    cost = _TROCHAIC + _priced(on, _ON_DUPLE) + _priced(off, _OFF_DUPLE)
    cost += _ON_DUPLE[int(levels[0])]  # a falling line needs its first beat
    if cost >= _HOPELESS:
        return None
    feet = ["/x"] * len(off)
    if licence:
        feet.append("/")
        cost += _CATALECTIC
    return Cut(meter="trochaic", feet=tuple(feet), licences=(licence,) if licence else (), cost=cost)


def _priced(levels: str, prices: tuple[float, ...]) -> float:
    """The price of all syllables of a kind; there are only five levels to count."""
    return sum(levels.count(level) * price for level, price in zip("01234", prices, strict=True) if price)


def _triple_cuts(levels: tuple[int, ...]) -> Iterator[Cut]:
    """Lines with feet of three syllables, rising (xx/) or falling (/xx), with what is missing or over at the end."""
    first, last = levels[0], levels[-1]
    if len(levels) < _FEWEST_TRIPLE:
        return
    short, whole = _runs(levels, beat_first=False)
    for cost, sizes in whole if last >= 1 else ():
        yield from _named_rising(sizes, cost, "")
    for cost, sizes in short if last <= 2 and len(levels) > _FEWEST_TRIPLE else ():
        yield from _named_rising(sizes, cost + _OFF_TRIPLE[last] * 3 + _FEMININE, "feminine ending")
    if first >= 2:
        short, whole = _runs(levels, beat_first=True)
        for cost, sizes in whole if last <= 3 else ():
            yield from _named_falling(sizes, cost + _OFF_TRIPLE[last] * 2, "catalectic" if sizes[-1] == 2 else "")
        for cost, sizes in short if last >= 2 else ():
            yield from _named_falling((*sizes, 1), cost + _ON_TRIPLE[last] + _CATALECTIC, "catalectic")


def _runs(levels: tuple[int, ...], *, beat_first: bool) -> list[list[Run]]:
    """Feet of two and three that fill the first syllables, for every count of them that may end a line.

    For each number of threes the cheapest order is kept; orders without any three are not triple meter.
    """
    off = [_OFF_TRIPLE[level] for level in levels]
    after_beat = [_OFF_TRIPLE_AFTER_BEAT[level] for level in levels]
    extra = [_ON_TRIPLE[level] - _OFF_TRIPLE[level] for level in levels]
    best: list[dict[int, Run]] = [{} for _ in range(len(levels) + 1)]
    best[0][0] = (0.0, ())
    for end in range(2, len(levels) + 1):
        for size in (2, 3):
            start = end - size
            if start < 0 or not best[start]:
                continue
            beat = start if beat_first else end - 1
            price = off[start] + off[end - 1] + extra[beat] + (off[start + 1] if size == 3 else 0.0)
            if size == 3:  # the first weak syllable after a beat
                first_weak = start + beat_first
                price += after_beat[first_weak] - off[first_weak] if first_weak else 0.0
            for n_threes, (cost, sizes) in best[start].items():
                key, total = n_threes + (size == 3), cost + price
                if total < _HOPELESS and len(sizes) < MAX_FEET and (key not in best[end] or total < best[end][key][0]):
                    best[end][key] = (total, (*sizes, size))
    return [[run for n_threes, run in found.items() if n_threes] for found in best[-2:]]


def _named_rising(sizes: tuple[int, ...], cost: float, licence: str) -> Iterator[Cut]:
    feet = ["x/" if size == 2 else "xx/" for size in sizes]
    if licence:
        feet[-1] += "x"
    kind = _kind(sizes, n_inner_twos=sizes[1:].count(2))
    opening = ("headless",) if sizes[0] == 2 and kind == "anapestic" else ()
    price = _price(kind, sizes, n_inner_twos=sizes[1:].count(2)) + _FIRST_IAMB * len(opening)
    if price < _TOO_MUCH:
        licences = (*opening, *_substitutions(kind, sizes, "anapest"), *((licence,) if licence else ()))
        yield Cut(meter=kind, feet=tuple(feet), licences=licences, cost=cost + price)


def _named_falling(sizes: tuple[int, ...], cost: float, licence: str) -> Iterator[Cut]:
    feet = tuple("/" + "x" * (size - 1) for size in sizes)
    n_inner_twos = sizes[:-1].count(2)
    kind = _kind(sizes, n_inner_twos=n_inner_twos)
    price = _price(kind, sizes, n_inner_twos=n_inner_twos) + _FALLING
    if price < _TOO_MUCH and len(sizes) <= MAX_FEET:
        licences = (*_substitutions(kind, sizes, "dactyl"), *((licence,) if licence and kind != "trochaic" else ()))
        name = {"anapestic": "dactylic", "iambic": "trochaic"}.get(kind, kind)
        yield Cut(meter=name, feet=feet, licences=licences, cost=cost + price)


def _kind(sizes: tuple[int, ...], *, n_inner_twos: int) -> str:
    """Which name a mixture deserves: threes (nearly) alone, twos nearly alone, or neither; the open end apart."""
    share = sizes.count(3) / len(sizes)
    if n_inner_twos == 0 or share >= 2 / 3:
        return "anapestic"
    return "iambic" if share <= 1 / 3 else "mixed"


def _price(kind: str, sizes: tuple[int, ...], *, n_inner_twos: int) -> float:
    if kind == "anapestic":
        return _TRIPLE + _ONE_IAMB * n_inner_twos
    if kind == "iambic":
        return _ONE_ANAPEST * sizes.count(3)
    return _MIXED if len(sizes) <= _MAX_FEET_MIXED else _TOO_MUCH


def _substitutions(kind: str, sizes: tuple[int, ...], name: str) -> tuple[str, ...]:
    return (name,) * sizes.count(3) if kind == "iambic" else ()
