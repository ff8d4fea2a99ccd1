"""A report as text: for the terminal, as Markdown, and as one HTML file with its figures inside.

Poem and model text is data: escaped in HTML, indented in Markdown. The HTML file holds plotly's script itself, so it
opens without a network.
"""

from rich.console import Console
from rich.panel import Panel
from rich.table import Table as RichTable
from rich.text import Text

from workbench.improvement.report import Report
from workbench.improvement.report_figures import figures
from workbench.pages import drawings, markdown_table, render
from workbench.storage.records import RecordStore


def print_report(report: Report, console: Console) -> None:
    """Prints the report for a person at a terminal."""
    console.print()
    console.rule(f"[bold]{report.name}")
    console.print(Text(report.opening))
    for line in report.headline:
        console.print(Text("• " + line))
    for table in report.tables:
        shown = RichTable(*table.frame.columns, title=table.title, title_justify="left", caption=table.note or None)
        for row in table.frame.itertuples(index=False):
            shown.add_row(*(Text(cell) for cell in row))
        console.print()
        console.print(shown)
    for what, text in report.samples:
        console.print(Panel(Text(text), title=Text(what), title_align="left"))


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
