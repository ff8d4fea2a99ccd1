"""Figures of a run, for report.html, the app and notebooks alike: what it learned, tried and measured.

Drawn from records alone. The loss while training says that the model learns these poems; only the held-out figures say
whether it learned anything else.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from workbench.figures.charts import error_bars, line_chart
from workbench.figures.style import canvas, captioned, colour, empty, escaped, marks
from workbench.intervals import mean_of
from workbench.storage.records import RecordStore
from workbench.types import Measurement, ScoredCandidate, StepRecord

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_MEASURED = (
    ("loss_fixed", "current", "loss, fixed descriptions ↓"),
    ("specificity", "base", "specificity, no copies ↑"),
)
_PARTS = 12  # of the scores, in the order in which they were made


def figures(records: RecordStore) -> list["Figure"]:
    """Every figure of a run for which there are data."""
    scores = [score for score in records.all(ScoredCandidate) if not score.unscored]
    measured, steps = records.all(Measurement), [step for step in records.all(StepRecord) if step.n_tokens]
    drawn = []
    if scores:
        drawn += [gain_against_copying(scores), description_gains(scores), copy_rate(scores)]
    if steps:
        drawn.append(training_loss(steps))
    if _shown(measured):
        drawn.append(held_out(measured))
    return drawn


def training_loss(steps: Sequence[StepRecord]) -> "Figure":
    """Loss of each batch, one line an arm."""
    lines: dict[str, list[tuple[float, float]]] = {}
    for step in steps:
        if step.n_tokens:
            points = lines.setdefault(step.arm, [])
            points.append((len(points) + 1.0, step.loss_nats / step.n_tokens))
    return line_chart("Loss on the winners while training", lines, x="optimizer step", y="nats per token")


def description_gains(scores: Sequence[ScoredCandidate]) -> "Figure":
    """Mean gain of all descriptions, and mean specificity of those that copy nothing, in the order of writing."""
    parts = _parts(scores)
    gains = [(n, _mean([score.gain for score in part])) for n, part in parts]
    clean = [(n, [score.specificity for score in part if not score.is_leak]) for n, part in parts]
    specificity = [(n, _mean(values)) for n, values in clean if values]
    lines = {"gain": gains, "specificity without copies": specificity}
    return line_chart("What descriptions bring", lines, x="descriptions scored", y="nats per token")


def copy_rate(scores: Sequence[ScoredCandidate]) -> "Figure":
    """Share of the descriptions that copy their poem, in the order of writing."""
    rates = [(n, 100 * _mean([float(score.is_leak) for score in part])) for n, part in _parts(scores)]
    figure = line_chart("Descriptions that copy the poem", {"copies": rates}, x="descriptions scored", y="percent")
    return figure.update_yaxes(rangemode="tozero") if rates else figure


def gain_against_copying(scores: Sequence[ScoredCandidate]) -> "Figure":
    """Plain gain of each description against how much of the poem it copies."""
    title = "Plain gain rewards copying"
    if not scores:
        return empty(title, "No description has been scored yet.")
    figure, told = canvas(title), []
    for is_leak, name, number in ((False, "clean", 0), (True, "copies the poem: out", 1)):
        own = [score for score in scores if score.is_leak == is_leak]
        if own:
            figure.add_scatter(
                x=[score.ngram_share for score in own], y=[score.gain for score in own], mode="markers", name=name,
                marker=marks(number)["marker"] | {"opacity": 0.7},
            )  # fmt: skip
            told.append(f"{name}: {len(own)}, mean gain {_mean([score.gain for score in own]):+.3f}")
    figure.update_xaxes(title="share of the poem's four-word runs that the description holds")
    figure.update_yaxes(title="gain, nats per token")
    figure.update_layout(showlegend=True)
    return captioned(figure, "; ".join(told))


def held_out(measurements: Sequence[Measurement]) -> "Figure":
    """What was measured on poems that nothing was trained on, with intervals over poems, one line an arm."""
    title = "Held-out poems, with 95 % intervals over poems"
    measured = _shown(measurements)
    if not measured:
        return empty(title, "Nothing has been measured on held-out poems yet.")
    panels = [one for one in _MEASURED if any((m.metric, m.weights) == one[:2] for m in measured)]
    figure = canvas(title, columns=len(panels), panels=[said for _, _, said in panels])
    arms, told = list(dict.fromkeys(m.arm for m in measured)), []
    for column, (metric, weights, said) in enumerate(panels, start=1):
        for place, arm in enumerate(arms):
            own = [m for m in measured if (m.metric, m.weights, m.arm) == (metric, weights, arm)]
            if own:
                figure.add_scatter(
                    x=[m.iteration + 0.03 * place for m in own],  # side by side, so that no interval hides another
                    y=[m.value for m in own], mode="lines+markers", name=escaped(arm), legendgroup=arm,
                    showlegend=column == 1, row=1, col=column, error_y=error_bars([mean_of(m.per_poem) for m in own]),
                    marker_color=colour(arms, arm), marker_symbol=marks(place)["marker"]["symbol"],
                )  # fmt: skip
                ends = [m.value for m in (own[0], own[-1]) if m.value is not None]
                told.append(f"{said[:-2]}, {arm}: {' to '.join(f'{value:.3f}' for value in ends)}")
    figure.update_xaxes(dtick=1, title="iteration")
    figure.update_yaxes(title="nats per token", col=1)
    figure.update_layout(legend={"orientation": "h", "x": 0, "y": -0.25}, showlegend=len(arms) > 1)
    return captioned(figure, "; ".join(told))


def _shown(measurements: Sequence[Measurement]) -> list[Measurement]:
    wanted = {(metric, weights) for metric, weights, _ in _MEASURED}
    return [m for m in measurements if (m.metric, m.weights) in wanted and m.n_poems]


def _parts(scores: Sequence[ScoredCandidate]) -> list[tuple[float, Sequence[ScoredCandidate]]]:
    """The training poems' scores in order in up to a dozen parts, each with the number at which it ends."""
    made = [score for score in scores if score.iteration and not score.unscored]
    size = max(8, -(-len(made) // _PARTS))
    return [(float(min(i + size, len(made))), made[i : i + size]) for i in range(0, len(made), size)]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
