"""A line heard in a given meter: the cheapest way through the licensed readings of its words.

A meter is a rule for the weak syllables before each beat: one in iambs and trochees, two in anapests and dactyls. What
departs from it has a price, and some pairs of departures have a name: no weak syllable and then two is an inversion,
two and then none a double iamb. The search goes over words, their shapes, beats and weak syllables at once, so one
pass finds the best reading for every number of feet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from workbench.prosody.feet import MAX_FEET
from workbench.prosody.stress import Beat, ways_of
from workbench.prosody.types import Parse
from workbench.prosody.words import cut_line

#: A way that costs more is dropped before its end.
HOPELESS = 2.6
_ON_DUPLE, _OFF_DUPLE = (2.2, 0.45, 0.1, 0.0, 0.0), (0.0, 0.0, 0.1, 0.4, 2.2)
_ON_TRIPLE, _OFF_TRIPLE = (2.4, 1.0, 0.2, 0.0, 0.0), (0.0, 0.0, 0.05, 0.35, 1.8)
_OFF_LAST = (0.0, 0.0, 0.3, 1.3, 2.6)
_OFF_FIRST = (0.0, 0.0, 0.05, 0.3, 0.8)  # "better stay in the barn": the first anapest may open on a strong syllable
_OFF_AFTER_BEAT = (0.0, 0.0, 0.05, 0.35, 0.8)  # "the snow coming down": the beat before it is stronger

#: What comes before a beat: (it is the first beat, weak syllables before it, what is owed) → (price, owed then).
#: Owed: 0 nothing · 1 two weak syllables, after none · 2 perhaps none, after two · 3 as 1, at the head of the line.
Prices = Mapping[tuple[bool, int, int], tuple[float, int]]
_INVERSION, _INVERSION_AFTER_PAUSE, _MISSING, _EXTRA, _DOUBLE = 1.1, 0.5, 0.6, 0.6, 0.55
_IAMBIC: Prices = {
    (True, 0, 0): (0.45, 3), (True, 1, 0): (0.0, 0), (True, 2, 0): (0.5, 2),
    (False, 1, 0): (0.0, 0), (False, 1, 1): (_MISSING, 0), (False, 1, 2): (0.0, 0), (False, 1, 3): (0.0, 0),
    (False, 0, 0): (_INVERSION, 1), (False, 0, 2): (_DOUBLE - _EXTRA, 0), (False, 0, 3): (_INVERSION, 1),
    (False, 2, 0): (_EXTRA, 2), (False, 2, 1): (0.0, 0), (False, 2, 2): (_EXTRA + 0.1, 2), (False, 2, 3): (-0.1, 0),
}  # fmt: skip
_TROCHAIC: Prices = {
    **_IAMBIC, (True, 0, 0): (0.0, 0), (True, 1, 0): (0.5, 0), (True, 2, 0): (0.9, 0),
}  # fmt: skip
_ANAPESTIC: Prices = {
    (True, 0, 0): (0.4, 0), (True, 1, 0): (0.1, 0), (True, 2, 0): (0.0, 0),
    (False, 0, 0): (0.9, 0), (False, 1, 0): (0.35, 0), (False, 2, 0): (0.0, 0),
}  # fmt: skip
_DACTYLIC: Prices = {
    (True, 0, 0): (0.0, 0), (True, 1, 0): (0.35, 0), (True, 2, 0): (0.6, 0),
    (False, 0, 0): (0.9, 0), (False, 1, 0): (0.25, 0), (False, 2, 0): (0.0, 0),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Template:
    """The prices of one meter."""

    meter: str
    prices: Prices
    on: tuple[float, ...]  # price of a level on the beat
    off: tuple[float, ...]  # … and off it
    off_after_beat: tuple[float, ...]
    off_last: tuple[float, ...]  # … and off it at the end of the line, where strength is heard most
    ends: tuple[float, ...]  # price of none, one or two weak syllables after the last beat


_DUPLE, _TRIPLE = (_ON_DUPLE, _OFF_DUPLE, _OFF_DUPLE), (_ON_TRIPLE, _OFF_TRIPLE, _OFF_AFTER_BEAT)
TEMPLATES = {
    "iambic": Template("iambic", _IAMBIC, *_DUPLE, off_last=_OFF_LAST, ends=(0.0, 0.2, 0.45)),
    "trochaic": Template("trochaic", _TROCHAIC, *_DUPLE, off_last=_OFF_LAST, ends=(0.05, 0.0, 0.3)),
    "anapestic": Template("anapestic", _ANAPESTIC, *_TRIPLE, off_last=_OFF_LAST, ends=(0.0, 0.2, 0.35)),
    "dactylic": Template("dactylic", _DACTYLIC, *_TRIPLE, off_last=_OFF_TRIPLE, ends=(0.05, 0.05, 0.0)),
}

#: Where a way is: beats so far · weak syllables since the last one (0–2) · what is owed (0–3), in one number.
State = int
_BEAT, _RUN = 16, 4
Path = tuple["Path", str, str] | None  # the way before, a mark or "", a licence or ""
States = dict[State, tuple[float, Path]]


def prices_of(line: str, meter: str) -> dict[int, float]:
    """What it costs to hear a line in a meter, for each number of feet that it can have.

    >>> sorted(prices_of("Under a lintel they patiently waited", "dactylic"))
    [3, 4, 5]
    """
    return {n_feet: cost for n_feet, (cost, _path) in _ways_through(line, meter).items()}


def heard_as(line: str, meter: str, n_feet: int) -> Parse | None:
    """The cheapest way to hear a line in a meter with so many feet; None if there is none.

    >>> parse = heard_as("The tedious clerk had many a plan to offer", "iambic", 5)
    >>> parse.marks, parse.violations
    ('x/|x/|x/|x/|x/x', ('feminine ending', 'elision', 'elision'))
    """
    found = _ways_through(line, meter).get(n_feet)
    return _parse(meter, n_feet, *found) if found else None


@lru_cache(maxsize=16384)
def _ways_through(line: str, meter: str) -> dict[int, tuple[float, Path]]:
    words, pauses = cut_line(line)
    template = TEMPLATES[meter]
    states: States = {0: (0.0, None)}
    for place, (ways, pause) in enumerate(zip(ways_of(words), pauses, strict=True), 1):
        is_last = place == len(words)
        after = dict(_through(states, ways[0], template, pause=pause, is_last=is_last))
        for way in ways[1:]:
            for state, found in _through(states, way, template, pause=pause, is_last=is_last).items():
                if state not in after or found[0] < after[state][0]:
                    after[state] = found
        states = after
    return _ended(states, template)


def _through(states: States, way: Beat, template: Template, *, pause: bool, is_last: bool) -> States:
    """Every state after one way to say the next word."""
    found = states
    if way.cost or way.licence:
        found = {
            state: (cost + way.cost, (path, "", way.licence))
            for state, (cost, path) in states.items()
            if cost + way.cost < HOPELESS
        }
    for place, level in enumerate(map(int, way.levels), 1):
        off = template.off_last[level] if is_last and place == len(way.levels) else template.off[level]
        found = _step(found, level, template, pause=pause, off=off)
        pause = False
    return found


def _step(states: States, level: int, template: Template, *, pause: bool, off: float) -> States:
    """Every state after one more syllable, which is weak or takes the beat."""
    after: States = {}
    off_at_first = min(off, _OFF_FIRST[level]) if template.meter == "anapestic" else off
    on, off_after_beat = template.on[level], min(off, template.off_after_beat[level])
    on_iamb = min(on, _ON_DUPLE[level])  # after one weak syllable the beat lifts as in twos: in a kingdom by the sea
    to_beat = _beats_after_pause(template.meter) if pause else _beats_from(template.meter)
    for state, (cost, path) in states.items():
        run = state & 12
        if run < 8:
            weak = cost + (off_at_first if not state else off if run or state < _BEAT else off_after_beat)
            reached = state + _RUN
            if weak < HOPELESS and (reached not in after or weak < after[reached][0]):
                after[reached] = (weak, (path, "x", ""))
        move = to_beat[state]
        if move is not None:
            strong, reached = cost + (on_iamb if run == _RUN else on) + move[0], move[1]
            if strong < HOPELESS and (reached not in after or strong < after[reached][0]):
                after[reached] = (strong, (path, "/", ""))
    return after


@cache
def _beats_from(meter: str) -> list[tuple[float, State] | None]:
    """What a beat costs from each state, and where it leads; None where there can be none."""
    prices, moves = TEMPLATES[meter].prices, []
    for state in range((MAX_FEET + 1) * _BEAT):
        n_beats, run, owed = state // _BEAT, state % _BEAT // _RUN, state % _RUN
        price = prices.get((n_beats == 0, run, owed)) if n_beats < MAX_FEET else None
        moves.append((price[0], (n_beats + 1) * _BEAT + price[1]) if price else None)
    return moves


@cache
def _beats_after_pause(meter: str) -> list[tuple[float, State] | None]:
    """The same where a pause comes before the beat: a turned foot is cheaper there."""
    return [
        (min(move[0], _INVERSION_AFTER_PAUSE), move[1]) if move and state >= _BEAT and not state & 12 else move
        for state, move in enumerate(_beats_from(meter))
    ]


def _ended(states: States, template: Template) -> dict[int, tuple[float, Path]]:
    best: dict[int, tuple[float, Path]] = {}
    for state, (cost, path) in states.items():
        n_beats, run, owed = state // _BEAT, state % _BEAT // _RUN, state % _RUN
        total = cost + template.ends[run] + (_owing(run) if owed == 1 else 0.0)
        if n_beats and total < HOPELESS and (n_beats not in best or total < best[n_beats][0]):
            best[n_beats] = (total, path)
    return best


def _owing(run: int) -> float:
    """The price of a beat without its weak syllable at the very end: the last foot is turned, or one is missing."""
    return 0.9 if run == 1 else _MISSING


def _parse(meter: str, n_feet: int, cost: float, path: Path) -> Parse:
    marks, licences = [], []
    while path is not None:
        path, mark, licence = path
        marks.append(mark)
        licences += [licence] if licence else []
    cut = _rising if meter in ("iambic", "anapestic") else _falling
    feet, names = cut("".join(reversed(marks)), meter)
    return Parse(
        meter=meter,
        n_feet=n_feet,
        marks="|".join(feet),
        violations=(*names, *reversed(licences)),
        cost=round(cost, 3),
    )


# ---------------------------------------------------------------- marks cut into feet, and what departs by name


def _rising(marks: str, meter: str) -> tuple[list[str], list[str]]:
    """Feet that end with their beat; a turned foot and a double iamb keep two syllables each."""
    *runs, tail = marks.split("/")
    feet, names = [], []
    sizes = [len(run) for run in runs]
    place = 0
    while place < len(sizes):
        pair = tuple(sizes[place : place + 2])
        if meter == "iambic" and pair in ((0, 2), (2, 0)):
            feet += ["/x", "x/"] if pair == (0, 2) else ["xx", "//"]
            names.append("inversion" if pair == (0, 2) else "double iamb")
            place += 2
            continue
        feet.append("x" * sizes[place] + "/")
        names += _departure(sizes[place], meter, is_first=place == 0)
        place += 1
    if tail:
        feet[-1] += tail
        turned = meter == "iambic" and sizes[-1:] == [0] and len(sizes) > 1
        names.append("inversion" if turned else "feminine ending" if len(tail) == 1 else "triple ending")
    return feet, names


def _departure(size: int, meter: str, *, is_first: bool) -> list[str]:
    usual = 1 if meter == "iambic" else 2
    if size == usual:
        return []
    if is_first and size < usual:
        return ["headless"]
    return ["anapest" if size > usual else "iamb"] if size else ["missing syllable"]


def _falling(marks: str, meter: str) -> tuple[list[str], list[str]]:
    """Feet that begin with their beat; weak syllables before the first one are an anacrusis."""
    head, *runs = marks.split("/")
    usual = 1 if meter == "trochaic" else 2
    feet = ["/" + run for run in runs]
    feet[0] = head + feet[0]
    names = ["anacrusis"] if head else []
    for run in runs[:-1]:
        if len(run) != usual:
            names.append({0: "missing syllable", 1: "trochee", 2: "dactyl"}[len(run)])
    return feet, names + (["catalectic"] if len(runs[-1]) < usual else [])
