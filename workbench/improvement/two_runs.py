"""Two runs side by side: where their settings differ, and what each figure of the held-out poems says.

Poem by poem, over the held-out poems that both have measured after their last iteration; the reading is `outcome`'s.
"""

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.errors import InputError
from workbench.evaluation.answers import mean_of_figure
from workbench.improvement.comparison import COMPARED, reading
from workbench.improvement.report import SHOWN, Table
from workbench.intervals import Estimate, difference_of, shown
from workbench.pages import text_frame
from workbench.storage.runs import FINE_TUNING, Run
from workbench.types import Measurement


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFigures:
    """What a run measured at its end."""

    name: str
    settings: Mapping[str, Any]
    held_out: Sequence[str]  # ids of its held-out poems, in the order of `Measurement.per_poem`
    measurements: Sequence[Measurement]

    def at_end(self, metric: str, weights: str) -> dict[str, float | None]:
        """Values of `top` after its last iteration, by poem."""
        last = max((m.iteration for m in self.measurements), default=0)
        key = ("top", last, metric, weights)
        found = [m for m in self.measurements if (m.arm, m.iteration, m.metric, m.weights) == key]
        return dict(zip(self.held_out, found[0].per_poem, strict=False)) if found else {}


def compare_runs(one: RunFigures, other: RunFigures) -> list[tuple[str, str, Estimate | None, Estimate | None, str]]:
    """Figures of two runs on the held-out poems that both measured.

    Returns:
        A row a figure: its name, whose weights, the one's mean, the other minus the one, and what that says.
    """
    rows = []
    for metric, weights, better in COMPARED:
        ours, theirs = one.at_end(metric, weights), other.at_end(metric, weights)
        shared = [poem for poem in ours if poem in theirs]
        if shared:
            difference = difference_of([theirs[poem] for poem in shared], [ours[poem] for poem in shared])
            said = reading(difference, better, one.name).replace("top is", f"{other.name} is")
            rows.append((metric, weights, mean_of_figure(metric, [ours[poem] for poem in shared]), difference, said))
    return rows


def different_settings(one: Mapping[str, Any], other: Mapping[str, Any], place: str = "") -> list[str]:
    """Settings in which two runs differ: `training.objective: imitation → preference`.

    >>> different_settings({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}})
    ['a.c: 2 → 3']
    """
    found = []
    for key in dict.fromkeys([*one, *other]):
        ours, theirs = one.get(key), other.get(key)
        if isinstance(ours, Mapping) and isinstance(theirs, Mapping):
            found += different_settings(ours, theirs, f"{place}{key}.")
        elif ours != theirs:
            found.append(f"{place}{key}: {ours} → {theirs}")
    return found


def side_by_side(root: Path, one: str, other: str) -> tuple[list[str], Table]:
    """Two runs by name: their different settings, and the table of their figures.

    Raises:
        InputError: one of them is missing or a fine-tuning, or they share no held-out poem.
        StoreError: one of them cannot be read.
    """
    ours, theirs = (_figures(root, name) for name in (one, other))
    rows = compare_runs(ours, theirs)
    if not rows:
        raise InputError(f"{one!r} and {other!r} have measured nothing on the same held-out poems; compare runs that "
                         "began with the same poems and seed")  # fmt: skip
    arrows = {"lower": " ↓", "higher": " ↑"}
    names = {(metric, weights): label + arrows.get(better, "") for metric, weights, label, better in SHOWN}
    cells = [
        (names.get((metric, weights), f"{metric} ({weights} weights)"), shown(mean), shown(difference, sign=True), said)
        for metric, weights, mean, difference, said in rows
    ]
    frame = text_frame(cells, ("figure", one, f"{other} minus {one}", "reading"))
    note = (
        "↓ lower is better, ↑ higher. After the last iteration of each; the interval is over the held-out poems that "
        "both have measured."
    )
    return different_settings(ours.settings, theirs.settings), Table(
        title=f"{other} beside {one}", frame=frame, note=note
    )


def _figures(root: Path, name: str) -> RunFigures:
    with closing(Run.open(root, name, read_only=True)) as run:
        facts = run.facts
        if facts.get("kind") == FINE_TUNING:
            raise InputError(
                f"run {name!r} is a fine-tuning, which measures no held-out poems; compare runs of the loop"
            )
        settings = {key: value for key, value in facts["settings"].items() if key != "runs"}
        return RunFigures(name=name, settings=settings, held_out=facts["held_out"],
                          measurements=run.records.all(Measurement))  # fmt: skip
