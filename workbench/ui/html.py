"""Small pieces of HTML. Everything that comes from a poem, a model, a file or a person goes through `escape` here."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any
from urllib.parse import urlencode

from workbench.improvement.report import Table
from workbench.ui.folders import ago

_SIGNS = {"running": "▶", "waiting": "…", "starting": "…", "ending": "…", "finished": "✓", "stopped": "■",
          "failed": "✕", "new": "○"}  # fmt: skip


def html_area(value: str = "", *, elem_id: str | None = None) -> Any:
    """A place in the page for HTML made here, without Gradio's own styles."""
    import gradio as gr

    return gr.HTML(value, elem_id=elem_id, apply_default_css=False, padding=False)


def poem_html(title: str, text: str, *, by: str = "") -> str:
    """A poem in its own lines and spaces."""
    author = f'<p class="wb-by">{escape(by)}</p>' if by else ""
    heading = f'<h2 class="wb-title">{escape(title)}</h2>' if title else ""
    return f'<article class="wb-poem" dir="auto">{heading}{author}<div class="wb-lines">{escape(text)}</div></article>'


def prose_html(text: str) -> str:
    """A model's or a person's prose, as it is."""
    return f'<div class="wb-prose" dir="auto">{escape(text)}</div>'


def note_html(text: str, kind: str = "note") -> str:
    """One line to the person; kinds: note, good, bad."""
    sign = {"good": "✓ ", "bad": "✕ "}.get(kind, "")
    return f'<p class="wb-{kind}" role="status">{sign}{escape(text)}</p>' if text else ""


def since_html(at: float, *, now: float | None = None) -> str:
    """How long since a moment; the page's script lets it age while it is looked at.

    >>> since_html(100.0, now=110.0)
    '<time data-at="100">just now</time>'
    """
    shown = ago(at, now=now)
    return f'<time data-at="{at:.0f}">{"just now" if shown.endswith(" s ago") else shown}</time>'


def not_counted_html(lines: Sequence[str]) -> str:
    """What is printed with a poem and was not heard as a line of it."""
    return "".join(note_html(f"“{line}” is not counted as a line.") for line in lines)


def state_html(state: str) -> str:
    """The state of a run: a sign and a word, never a colour alone."""
    return f'<span class="wb-state wb-state-{escape(state)}">{_SIGNS.get(state, "")} {escape(state)}</span>'


def size_text(n_bytes: int, *, places: int = 0) -> str:
    """What something takes on the disk, for people; megabytes with so many decimal places.

    >>> size_text(1_260_000_000), size_text(145_400_000), size_text(145_400, places=1)
    ('1.3 GB', '145 MB', '0.1 MB')
    """
    return f"{n_bytes / 1e9:.1f} GB" if n_bytes >= 1e9 else f"{n_bytes / 1e6:.{places}f} MB"


def link(text: str, **query: str) -> str:
    """A link into the app itself; every page of it has such an address."""
    return f'<a href="?{escape(urlencode(query))}">{escape(text)}</a>'


def table_html(columns: Sequence[str], rows: Iterable[Sequence[str]], *, caption: str = "") -> str:
    """A table whose cells are HTML already; on a narrow screen each row is a card of named cells."""
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in columns)
    body = "".join(f"<tr>{_cells(columns, row)}</tr>" for row in rows)
    named = f"<caption>{escape(caption)}</caption>" if caption else ""
    return (
        f'<div class="wb-scroll" tabindex="0" role="region" aria-label="{escape(caption or "table")}">'
        f'<table class="wb-table">{named}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def _cells(columns: Sequence[str], row: Sequence[str]) -> str:
    named = zip(columns, row, strict=True)
    return "".join(f'<td data-of="{escape(column)}">{cell}</td>' for column, cell in named)


def report_table(table: Table) -> str:
    """A table of a report."""
    rows = [[escape(cell) for cell in row] for row in table.frame.itertuples(index=False)]
    return table_html(list(table.frame.columns), rows, caption=table.title) + note_html(table.note)


def facts_html(facts: Iterable[tuple[str, str]]) -> str:
    """Names and values; the values are text."""
    items = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in facts)
    return f'<dl class="wb-facts">{items}</dl>'
