"""Tables of the notebooks: plain HTML in which every cell is escaped, and plain text where there is no page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of text; in a notebook an HTML table in which every cell is escaped and line breaks are kept."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    is_number: tuple[bool, ...]  # one a column: set to the right

    def _repr_html_(self) -> str:
        head = "".join(f'<th style="text-align:left">{escape(name)}</th>' for name in self.columns)
        body = "".join(
            f"<tr>{''.join(_cell(cell, right) for cell, right in zip(row, self.is_number, strict=True))}</tr>"
            for row in self.rows
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

    def __repr__(self) -> str:
        return "\n".join(" | ".join(cell.replace("\n", " / ") for cell in row) for row in (self.columns, *self.rows))


def table(rows: Sequence[Mapping[str, object]], *, digits: int = 3) -> Table:
    """A table of mappings with the same keys; a float is shown with so many digits.

    >>> table([{"poem": "Rust", "gain": 0.12345}])
    poem | gain
    Rust | 0.123
    """
    columns = tuple(rows[0]) if rows else ()
    shown = tuple(tuple(_shown(row[name], digits) for name in columns) for row in rows)
    numbers = tuple(all(isinstance(row[name], int | float) for row in rows) for name in columns)
    return Table(columns=columns, rows=shown, is_number=numbers)


def _cell(text: str, is_number: bool) -> str:
    side = "right" if is_number else "left"
    return f'<td style="text-align:{side};vertical-align:top">{escape(text).replace(chr(10), "<br>")}</td>'


def _shown(value: object, digits: int) -> str:
    return f"{value:.{digits}f}" if isinstance(value, float) else str(value)
