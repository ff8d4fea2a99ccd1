"""A report as text: for the terminal, as Markdown, and as one HTML file with its figures inside.

Poem and model text is data: escaped in HTML, indented in Markdown. The HTML file holds plotly's script itself, so it
opens without a network.
"""

import html
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.panel import Panel
from rich.table import Table as RichTable
from rich.text import Text

from workbench.improvement.report import Report, Table
from workbench.storage.records import RecordStore
from workbench.types import Measurement, ScoredCandidate, StepRecord

_COLOURS = ("#1f5a8a", "#c2571a", "#4b7f3a", "#7a4a94", "#8a6d1f")  # told apart without green against red
_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 Georgia, 'Times New Roman', serif; max-width: 68rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; font-size: .85rem; display: block; overflow-x: auto; }
th, td { border-bottom: 1px solid #8886; padding: .3rem .7rem; text-align: left; vertical-align: top; }
blockquote { white-space: pre-wrap; border-left: 3px solid #8888; margin: .5rem 0; padding: .2rem 1rem; }
.note { opacity: .75; font-size: .85rem; }
"""


def print_report(report: Report, console: Console) -> None:
    """Prints the report for a person at a terminal."""
    console.print()
    console.rule(f"[bold]{report.name}")
    for line in report.headline:
        console.print(Text("• " + line))
    for table in report.tables:
        shown = RichTable(*table.columns, title=table.title, title_justify="left", caption=table.note or None)
        for row in table.rows:
            shown.add_row(*(Text(cell) for cell in row))
        console.print()
        console.print(shown)
    for what, text in report.samples:
        console.print(Panel(Text(text), title=Text(what), title_align="left"))


def to_markdown(report: Report) -> str:
    """The report as a Markdown file."""
    lines = [f"# {report.name}", ""]
    lines += [f"- {line}" for line in report.headline]
    for table in report.tables:
        lines += [
            "",
            f"## {table.title}",
            "",
            _markdown_row(table.columns),
            _markdown_row(["---"] * len(table.columns)),
        ]
        lines += [_markdown_row(row) for row in table.rows]
        lines += ["", table.note] if table.note else []
    for what, text in report.samples:
        lines += ["", f"## {_escape_markdown(what)}", "", *(f"    {line}" for line in text.split("\n"))]
    return "\n".join(lines) + "\n"


def to_html(report: Report, records: RecordStore) -> str:
    """The report as one HTML page with figures."""
    parts = [f"<h1>{html.escape(report.name)}</h1><ul>"]
    parts += [f"<li>{html.escape(line)}</li>" for line in report.headline]
    parts.append("</ul>")
    for number, figure in enumerate(figures(records)):
        parts.append(figure.to_html(full_html=False, include_plotlyjs=number == 0))
    parts += [_html_table(table) for table in report.tables]
    parts += [
        f"<h2>{html.escape(what)}</h2><blockquote>{html.escape(text)}</blockquote>" for what, text in report.samples
    ]
    head = f'<meta charset="utf-8"><title>{html.escape(report.name)}</title><style>{_STYLE}</style>'
    return f'<!doctype html><html lang="en"><head>{head}</head><body><main>{"".join(parts)}</main></body></html>'


def figures(records: RecordStore) -> list[Any]:
    """Plotly figures of a run: gain against copying, the training loss, held-out figures with intervals."""
    makers = (_gain_against_copying, _training_loss, _held_out_figures)
    return [figure for figure in (make(records) for make in makers) if figure]


def _gain_against_copying(records: RecordStore) -> Any:
    import plotly.graph_objects as go

    scores = [s for s in records.all(ScoredCandidate) if not s.unscored]
    if not scores:
        return None
    figure = go.Figure()
    for is_leak, name, symbol in ((False, "clean", "circle"), (True, "copies the poem: out", "x")):
        own = [s for s in scores if s.is_leak == is_leak]
        figure.add_scatter(
            x=[s.ngram_share for s in own], y=[s.gain for s in own], mode="markers", name=name, marker_symbol=symbol
        )
    return _titled(figure, "Plain gain rewards copying", "share of the poem's 4-grams in the description",
                   "gain, nats per token")  # fmt: skip


def _training_loss(records: RecordStore) -> Any:
    import plotly.graph_objects as go

    steps = [s for s in records.all(StepRecord) if s.n_tokens]
    if not steps:
        return None
    figure = go.Figure()
    for arm in dict.fromkeys(step.arm for step in steps):
        own = [s for s in steps if s.arm == arm]
        figure.add_scatter(
            x=list(range(1, len(own) + 1)), y=[s.loss_nats / s.n_tokens for s in own], mode="lines+markers", name=arm
        )
    return _titled(figure, "Loss on the winners while training", "optimizer step", "nats per token")


def _held_out_figures(records: RecordStore) -> Any:
    from plotly.subplots import make_subplots

    wanted = (("loss_fixed", "current"), ("specificity", "base"))
    measured = [m for m in records.all(Measurement) if (m.metric, m.weights) in wanted and m.n_poems]
    if not measured:
        return None
    titles = ("loss with the base model's descriptions ↓", "specificity of leak-free descriptions ↑")
    figure = make_subplots(rows=1, cols=2, subplot_titles=titles)
    for place, arm in enumerate(dict.fromkeys(m.arm for m in measured)):
        for column, (metric, _) in enumerate(wanted, start=1):
            own = [m for m in measured if (m.metric, m.arm) == (metric, arm)]
            figure.add_scatter(
                x=[m.iteration + 0.03 * place for m in own],  # beside one another, so that no interval hides another
                y=[m.value for m in own], mode="lines+markers", name=arm, legendgroup=arm, showlegend=column == 1,
                marker_color=_COLOURS[place % len(_COLOURS)], row=1, col=column,
                error_y={"type": "data", "symmetric": False, "array": [m.high - m.value for m in own],
                         "arrayminus": [m.value - m.low for m in own]},
            )  # fmt: skip
    figure.update_xaxes(dtick=1)
    return _titled(figure, "Held-out poems, with 95 % intervals over poems", "iteration", "nats per token")


def _titled(figure: Any, title: str, x: str, y: str) -> Any:
    figure.update_layout(title=title, xaxis_title=x, yaxis_title=y, template="plotly_white", height=420)
    return figure


def _html_table(table: Table) -> str:
    head = "".join(f"<th>{html.escape(column)}</th>" for column in table.columns)
    body = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in table.rows)
    note = f'<p class="note">{html.escape(table.note)}</p>' if table.note else ""
    title = html.escape(table.title)
    return f"<h2>{title}</h2><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{note}"


def _markdown_row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(_escape_markdown(cell) for cell in cells) + " |"


def _escape_markdown(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
