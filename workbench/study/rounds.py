"""Which round of a way is to be shipped: every other held-out poem chooses it, the rest say what it is worth.

A round is a candidate where its descriptions are at most 1.25 times as long and copy at most 1.5 times as often as
before training. Chosen and reported by the same poems the best of several rounds would look better than it is.
"""

from collections.abc import Sequence

from workbench.intervals import Estimate, difference_of, mean_of, outcome, shown
from workbench.study.study import Measured, figures
from workbench.study.table import COPIES, LONGER, METRICS, rounds_of


def ship_sentences(measured: Sequence[Measured], endpoint: str) -> list[str]:
    """A sentence for each way of several rounds."""
    ways = list(dict.fromkeys(row.way for row in measured))
    return [_sentence(measured, way, endpoint) for way in ways if len(rounds_of(measured, way)) > 1]


def round_to_ship(measured: Sequence[Measured], way: str, endpoint: str) -> int:
    """The round that the choosing half of the poems ranks first of those within the limits.

    Args:
        measured: the record, of one study or of several that differ in their seeds.
        way: of several rounds.
        endpoint: the figure that decides; more is better.

    Returns:
        Its number; 0 where no round stays within the limits, the earlier one of equals.
    """
    fit = [number for number in rounds_of(measured, way) if _is_fit(measured, way, number)]
    values = {number: mean_of(_half(measured, way, number, endpoint, 0)) for number in fit}
    return max((number for number in fit if values[number]), key=lambda n: (_value(values[n]), -n), default=0)


def _sentence(measured: Sequence[Measured], way: str, endpoint: str) -> str:
    number = round_to_ship(measured, way, endpoint)
    if not number:
        return f"{way}: no round stays within {LONGER} × the length and {COPIES} × the copies of before; ship none."
    told = mean_of(_half(measured, way, number, endpoint, 1))
    said = (
        f"{way}: round {number} is the one to ship, {METRICS[endpoint]} {shown(told)} on the poems that did not choose"
    )
    if number == 1:
        return f"{said}; later rounds add nothing."
    more = difference_of(_half(measured, way, number, endpoint, 1), _half(measured, way, 1, endpoint, 1))
    return f"{said}, minus round 1 {shown(more, sign=True)}" + (f": {outcome(more).value}." if more else ".")


def _half(measured: Sequence[Measured], way: str, number: int, metric: str, which: int) -> list[float | None]:
    """Every other poem, from the first (0) or the second (1) on."""
    return figures(measured, metric, way=way, arm="top", iteration=number)[which::2]


def _is_fit(measured: Sequence[Measured], way: str, number: int) -> bool:
    for metric, most in (("n_words", LONGER), ("leak_rate", COPIES)):
        before, after = (mean_of(figures(measured, metric, way=way, arm="top", iteration=at)) for at in (0, number))
        if before and after and before.value and after.value > most * before.value:
            return False
    return True


def _value(estimate: Estimate | None) -> float:
    return estimate.value if estimate else 0.0
