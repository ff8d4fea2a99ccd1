"""What a person reads of a run: its report at the terminal, as Markdown and as one HTML file; figures; one poem.

Poem and model text is data: escaped in HTML, indented in Markdown. The HTML file holds plotly's script itself, so it
opens without a network. Figures are drawn from records alone, for report.html, the app and notebooks alike. The loss
while training says that the model learns these poems; only the held-out figures say whether it learned anything else.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.panel import Panel
from rich.table import Table as RichTable
from rich.text import Text

from workbench.errors import InputError
from workbench.evaluation.answers import mean_of_figure
from workbench.figures import canvas, captioned, colour, empty, error_bars, escaped, line_chart, marks
from workbench.improvement.report import Report, Table
from workbench.pages import drawings, markdown_table, render
from workbench.prompts.templates import poem_target
from workbench.storage.records import RecordStore
from workbench.types import Candidate, Choice, Measurement, Poem, Reason, ScoredCandidate, Span, StepRecord

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


def print_report(report: Report, console: Console) -> None:
    """Prints the report for a person at a terminal."""
    console.print()
    console.rule(f"[bold]{report.name}")
    console.print(Text(report.opening))
    for line in report.headline:
        console.print(Text("• " + line))
    for table in report.tables:
        print_table(table, console)
    for what, text in report.samples:
        console.print(Panel(Text(text), title=Text(what), title_align="left"))


def print_table(table: Table, console: Console) -> None:
    """Prints one table of a report."""
    shown = RichTable(*table.frame.columns, title=table.title, title_justify="left", caption=table.note or None)
    for row in table.frame.itertuples(index=False):
        shown.add_row(*(Text(cell) for cell in row))
    console.print()
    console.print(shown)


def to_markdown(report: Report) -> str:
    """The report as a Markdown file."""
    lines = [f"# {report.name}", "", report.opening, "", *(f"- {line}" for line in report.headline)]
    for table in report.tables:
        lines += ["", f"## {table.title}", "", markdown_table(table.frame)]
        lines += ["", table.note] if table.note else []
    for what, text in report.samples:
        lines += ["", f"## {' '.join(what.split())}", "", *(f"    {line}" for line in text.split("\n"))]
    return "\n".join(lines) + "\n"


def to_html(report: Report, records: RecordStore) -> str:
    """The report as one HTML page with figures."""
    return render("report.html.jinja", title=report.name, report=report, figures=drawings(figures(records)))


def find_poem(records: RecordStore, wanted: str) -> Poem:
    """The poem with this id, this title, or the only one whose title holds the words.

    Raises:
        InputError: none or several fit; the message names some.
    """
    poems = records.all(Poem)
    exact = [poem for poem in poems if wanted == poem.id or wanted.casefold() == poem.title.casefold()]
    found = exact or [poem for poem in poems if wanted.casefold() in poem.title.casefold()]
    if len(found) == 1:
        return found[0]
    near = ", ".join(repr(poem.title) for poem in (found or poems)[:6])
    raise InputError(f"{len(found) or 'no'} poems fit {wanted!r}; titles are, for example, {near}")


def print_poem(records: RecordStore, wanted: str, console: Console) -> None:
    """Prints the poem and everything the run knows about its descriptions.

    Raises:
        InputError: no such poem.
    """
    poem = find_poem(records, wanted)
    scores: dict[str, ScoredCandidate] = {}
    for score in records.all(ScoredCandidate, poem_id=poem.id):
        scores.setdefault(score.candidate_id, score)
    choices = {choice.candidate_id: choice for choice in records.all(Choice, poem_id=poem.id, arm="top")}
    spans = [span for score in scores.values() for span in score.copied_spans]
    console.print(Panel(_marked(poem_target(poem), spans), title=Text(poem.title), title_align="left",
                        subtitle="underlined: words in a row that some description copies"))  # fmt: skip
    for candidate in records.all(Candidate, poem_id=poem.id):
        _print_candidate(console, candidate, scores.get(candidate.id), choices.get(candidate.id))


def _print_candidate(
    console: Console, candidate: Candidate, score: ScoredCandidate | None, choice: Choice | None
) -> None:
    star = "★ " if choice and choice.is_winner else ""
    leak = f" · {f'SAYS THE {score.says.upper()}' if score.says else 'COPIES'}" if score and score.is_leak else ""
    title = f"{star}iteration {candidate.iteration}, candidate {candidate.slot + 1}{leak}"
    lines = [candidate.text or "(nothing)"]
    if candidate.failure:
        lines.append(f"→ {Reason(candidate.failure).sentence}")
    elif score and not score.unscored:
        lines.append(
            f"→ loss {score.nll_nats / score.n_tokens:.3f} (without: {score.baseline_nats / score.n_tokens:.3f}) · "
            f"gain {score.gain:+.3f} · guarded {score.guarded_gain:+.3f} · specificity {score.specificity:+.3f} · "
            f"longest copied run (words): {score.longest_run_words} · {score.ngram_share:.1%} of 4-grams"
        )
    if choice:
        lines.append(f"→ {'winner' if choice.is_winner else 'not chosen'}: {choice.why}")
    console.print(Panel(Text("\n".join(lines)), title=Text(title), title_align="left"))


def _marked(text: str, spans: list[Span]) -> Text:
    shown = Text(text)
    for start, end in spans:
        shown.stylize("underline", start, end)
    return shown


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
    for is_leak, name, number in ((False, "clean", 0), (True, "copies, or says the title: out", 1)):
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
                    showlegend=column == 1, row=1, col=column,
                    error_y=error_bars([mean_of_figure(metric, m.per_poem) for m in own]),
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
