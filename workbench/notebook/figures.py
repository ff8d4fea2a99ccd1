"""Figures of the notebooks: SVG drawn here, so that a repository page shows them too.

Nothing is told by colour alone: lines differ in dash and mark, bars in fill, and every figure carries its numbers in a
sentence (`Figure.caption`), which is what a terminal or a screen reader gets.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from workbench.intervals import Estimate, shown
from workbench.types import Span

WIDTH, LEFT, RIGHT, TOP, BOTTOM = 680, 64, 24, 40, 44
INK, PALE, HELPS, HURTS = "#1c2733", "#c9d1d9", "#2b6cb0", "#c2571a"
_SHADES = (HELPS, HURTS, "#2f7d4f", "#6b4fa0")
_DASHES = ("", "7 4", "2 3", "10 3 2 3")
_MARKS = ("●", "▲", "■", "◆")

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A drawing that a notebook shows as it is."""

    svg: str
    caption: str  # what it says, in words and numbers

    def _repr_svg_(self) -> str:
        return self.svg

    def __repr__(self) -> str:
        return self.caption


def line_chart(title: str, lines: Mapping[str, Points], *, x: str, y: str) -> Figure:
    """Lines over common axes; the first and last value of each stands at its name."""
    points = [point for line in lines.values() for point in line]
    (x0, x1), (y0, y1) = (_room([p[axis] for p in points], pad=0.04 + 0.06 * axis) for axis in (0, 1))
    height, wide, high = 300, WIDTH - LEFT - RIGHT, 300 - TOP - BOTTOM - 20
    parts = _y_axis((y0, y1), y, top=TOP + 20, high=high)
    parts += _x_axis((x0, x1), x, height=height)
    said = []
    for number, (name, line) in enumerate(lines.items()):
        at = [(LEFT + (a - x0) / (x1 - x0) * wide, TOP + 20 + (y1 - b) / (y1 - y0) * high) for a, b in line]
        parts.append(_polyline(at, number))
        said.append(f"{name}: {line[0][1]:.3f} to {line[-1][1]:.3f}")
        parts.append(_text(LEFT + number * 200, TOP + 8, f"{_MARKS[number % 4]} {name}", shade=_SHADES[number % 4]))
    return _figure(title, parts, height, "; ".join(said))


def dot_plot(title: str, groups: Mapping[str, Sequence[float]], *, x: str) -> Figure:
    """One dot a value, one row a group; the stroke is the mean, which stands in numbers at the row's name."""
    known = {name: values for name, values in groups.items() if values}
    low, high = _room([0.0, *(value for values in known.values() for value in values)], pad=0.05)
    left, step = 210, 46
    height = TOP + BOTTOM + step * len(known)
    wide = WIDTH - left - RIGHT
    parts = [*_x_axis((low, high), x, height=height, left=left), _zero(left + (0 - low) / (high - low) * wide, height)]
    said = []
    for row, (name, values) in enumerate(known.items()):
        middle, mean = TOP + step * (row + 0.5), sum(values) / len(values)
        at = [left + (value - low) / (high - low) * wide for value in values]
        parts += [_dot(px, middle + (n % 5 - 2) * 4, row) for n, px in enumerate(at)]
        mark = left + (mean - low) / (high - low) * wide
        parts.append(_stroke(mark, middle - 15, mark, middle + 15, width=2))
        parts.append(_text(left - 10, middle - 2, name, anchor="end"))
        parts.append(_text(left - 10, middle + 13, f"mean {mean:+.3f}, n = {len(values)}", anchor="end", size=11))
        said.append(f"{name}: mean {mean:+.3f} of {len(values)}")
    return _figure(title, parts, height, "; ".join(said))


def interval_plot(title: str, rows: Mapping[str, Estimate], *, x: str, of: float = 0.0) -> Figure:
    """Estimates with their 95 % intervals, one a row; the upright line stands at `of`."""
    low, high = _room([of, *(v for e in rows.values() for v in _ends(e))], pad=0.05)
    left, step = 250, 40
    height, wide = TOP + BOTTOM + step * len(rows), WIDTH - left - RIGHT
    parts = [*_x_axis((low, high), x, height=height, left=left), _zero(left + (of - low) / (high - low) * wide, height)]
    said = []
    for row, (name, estimate) in enumerate(rows.items()):
        middle = TOP + step * (row + 0.5)
        a, b, c = (left + (v - low) / (high - low) * wide for v in _ends(estimate))
        parts += [_stroke(a, middle, c, middle, width=2), _dot(b, middle, 0)]
        told = shown(estimate)
        parts.append(_text(left - 10, middle - 2, name, anchor="end"))
        parts.append(_text(left - 10, middle + 13, told, anchor="end", size=11))
        said.append(f"{name}: {told}")
    return _figure(title, parts, height, "; ".join(said))


def _ends(estimate: Estimate) -> tuple[float, float, float]:
    """Where the interval begins, the figure, where it ends; three times the figure where it has none."""
    below, above = estimate.reach
    return estimate.value - below, estimate.value, estimate.value + above


def grid(title: str, columns: Sequence[str], rows: Sequence[tuple[str, Sequence[float | None]]]) -> Figure:
    """Percentages in cells, darker = more, with the number in each; an empty cell has no value."""
    left, wide, high = 360, (WIDTH - 360 - RIGHT) / max(len(columns), 1), 24
    height = TOP + 24 + high * len(rows) + 12
    parts = [_text(left + wide * (n + 0.5), TOP + 10, name, anchor="middle", size=12) for n, name in enumerate(columns)]
    for row, (name, values) in enumerate(rows):
        top = TOP + 20 + row * high
        parts.append(_text(left - 10, top + 16, name if len(name) < 52 else f"{name[:50]}…", anchor="end", size=12))
        for column, value in enumerate(values):
            if value is not None:
                box = (left + column * wide + 1, top + 1, wide - 2, high - 2)
                parts.append(_box(box, HURTS, 0.08 + 0.6 * value / 100))
                parts.append(_text(box[0] + box[2] / 2, top + 16, f"{value:.0f}", anchor="middle", size=12))
    return _figure(title, parts, height, f"{len(rows)} lines over {len(columns)} columns, in percent")


def heat_map(
    title: str, text: str, help_T: Sequence[float], *,
    offsets_T: Sequence[Span], outlined: Sequence[Span] = (), full: float = 2.0,
) -> Figure:  # fmt: skip
    """A text with each token coloured by how much it was helped (in nats), a bar below it, copied words outlined.

    Args:
        title: of the figure.
        text: the target, as it was scored.
        help_T: gain of each of the T tokens; below 0 = harder to predict.
        offsets_T: the characters of each token.
        outlined: characters to put into a frame.
        full: nats at which colour and bar are at their fullest.
    """
    place, n_rows = _layout(text)
    parts = []
    for value, (start, end) in zip(help_T, offsets_T, strict=True):
        for column, row, length in _runs(place[start:end]):
            parts += _token_marks(column, row, length, value=max(-1.0, min(1.0, value / full)))
    for start, end in outlined:
        for column, row, length in _runs(place[start:end]):
            box = _at(column, row)
            parts.append(
                f'<rect x="{box[0] - 1:.1f}" y="{box[1] - 15}" width="{length * _EM + 2:.1f}" height="20" fill="none" '
                f'stroke="{INK}" stroke-width="1.6"/>'
            )
    parts += [_letters(text, place, row) for row in range(n_rows)]
    bottom = TOP + 14 + n_rows * _ROW
    legend = "solid bar: easier with the description · hollow bar: harder · frame: words that it holds"
    parts.append(_text(12, bottom + 6, f"{legend} · full bar: {full:g} nats", size=11))
    told = f"{sum(help_T):+.1f} nats over {len(help_T)} tokens, {sum(v > 0 for v in help_T)} of them helped"
    return _figure(title, parts, bottom + 18, told, is_shown=True)


# ---------------------------------------------------------------- the heat-map's letters

_EM, _ROW, _MOST = 8.4, 32, 76  # width of a letter, height of a row, letters a row
Place = tuple[int, int]  # column, row


def _layout(text: str) -> tuple[list[Place], int]:
    """Where every character stands; long lines are broken, a line feed stands behind its line."""
    place: list[Place] = []
    column = row = 0
    for char in text:
        place.append((column, row))
        column += 1
        if char == "\n" or (char == " " and column > _MOST - 8) or column >= _MOST:
            column, row = 0, row + 1
    return place, row + 1


def _runs(places: Sequence[Place]) -> list[tuple[int, int, int]]:
    """Neighbouring characters of one row as (column, row, length)."""
    runs: list[tuple[int, int, int]] = []
    for column, row in places:
        if runs and runs[-1][1] == row and runs[-1][0] + runs[-1][2] == column:
            runs[-1] = (runs[-1][0], row, runs[-1][2] + 1)
        else:
            runs.append((column, row, 1))
    return runs


def _at(column: int, row: int) -> tuple[float, int]:
    return 12 + column * _EM, TOP + 14 + row * _ROW


def _token_marks(column: int, row: int, length: int, *, value: float) -> list[str]:
    left, base = _at(column, row)
    wide, tall = length * _EM - 1, 7 * abs(value)
    back = _box((left, base - 14, wide, 18), HELPS if value > 0 else HURTS, 0.55 * abs(value))
    fill = INK if value > 0 else "none"
    bar = (
        f'<rect x="{left + 1:.1f}" y="{base + 6}" width="{max(wide - 2, 1):.1f}" height="{tall:.1f}" fill="{fill}" '
        f'stroke="{INK}" stroke-width="0.6"/>'
    )
    return [back, bar] if abs(value) > 0.04 else []


def _letters(text: str, place: Sequence[Place], row: int) -> str:
    """One row of text, held to the grid of its letters whatever font the reader has."""
    shown = "".join(char for char, (_, at) in zip(text, place, strict=True) if at == row).rstrip("\n")
    left, base = _at(0, row)
    kept = escape(shown).replace(" ", "\u00a0")  # spaces are part of a poem
    return (
        f'<text x="{left}" y="{base}" font-family="monospace" font-size="14" fill="{INK}" '
        f'textLength="{len(shown) * _EM:.1f}" lengthAdjust="spacingAndGlyphs">{kept}</text>'
        if shown
        else ""
    )


# ---------------------------------------------------------------- strokes


def _figure(title: str, parts: Sequence[str], height: float, caption: str, *, is_shown: bool = False) -> Figure:
    told = f"{title}. {caption}."
    head = f"{title}: {caption}" if is_shown else title
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" '
        f'height="{height:.0f}" role="img" font-family="Georgia, serif"><title>{escape(told)}</title>'
        f'<rect width="100%" height="100%" fill="#ffffff"/>{_text(12, 22, head, size=15)}{"".join(parts)}</svg>'
    )
    return Figure(svg=svg, caption=told)


def _room(values: Sequence[float], *, pad: float) -> tuple[float, float]:
    low, high = min(values), max(values)
    width = (high - low) or max(abs(high), 1.0)
    return low - pad * width, high + pad * width


def _x_axis(span: tuple[float, float], name: str, *, height: float, left: float = LEFT) -> list[str]:
    base, wide = height - BOTTOM, WIDTH - left - RIGHT
    ticks = [_text(left + (value - span[0]) / (span[1] - span[0]) * wide, base + 16, f"{value:g}", anchor="middle",
                   size=11) for value in _round_values(*span, n=5)]  # fmt: skip
    label = _text(left + wide / 2, height - 8, name, anchor="middle", size=12)
    return [_stroke(left, base, WIDTH - RIGHT, base), *ticks, label]


def _y_axis(span: tuple[float, float], name: str, *, top: float, high: float) -> list[str]:
    parts = []
    for value in _round_values(*span, n=4):
        at = top + (span[1] - value) / (span[1] - span[0]) * high
        parts.append(_stroke(LEFT, at, WIDTH - RIGHT, at, shade=PALE))
        parts.append(_text(LEFT - 6, at + 4, f"{value:g}", anchor="end", size=11))
    middle = top + high / 2
    turned = f'<g transform="rotate(-90 14 {middle:.0f})">{_text(14, middle, name, anchor="middle", size=12)}</g>'
    return [*parts, turned]


def _round_values(low: float, high: float, *, n: int) -> list[float]:
    """About n round numbers between two others."""
    rough = (high - low) / n
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)
    first, last = math.ceil(low / step), math.floor(high / step)
    return [round(k * step, 10) for k in range(first, last + 1)]


def _polyline(at: Points, number: int) -> str:
    path = " ".join(f"{px:.1f},{py:.1f}" for px, py in at)
    dash = f' stroke-dasharray="{_DASHES[number % 4]}"' if _DASHES[number % 4] else ""
    marks = "".join(_text(px, py + 4, _MARKS[number % 4], anchor="middle", size=11, shade=_SHADES[number % 4])
                    for px, py in at)  # fmt: skip
    return f'<polyline points="{path}" fill="none" stroke="{_SHADES[number % 4]}" stroke-width="1.5"{dash}/>{marks}'


def _zero(at: float, height: float) -> str:
    return _stroke(at, TOP, at, height - BOTTOM, shade=PALE)


def _dot(px: float, py: float, number: int) -> str:
    return f'<circle cx="{px:.1f}" cy="{py:.1f}" r="4" fill="{_SHADES[number % 4]}" fill-opacity="0.7"/>'


def _stroke(x1: float, y1: float, x2: float, y2: float, *, width: float = 1, shade: str = INK) -> str:
    return f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="{shade}" stroke-width="{width}"/>'


def _box(box: tuple[float, float, float, float], shade: str, opacity: float) -> str:
    left, top, wide, high = box
    return (
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{wide:.1f}" height="{high:.1f}" fill="{shade}" '
        f'fill-opacity="{opacity:.2f}"/>'
    )


def _text(x: float, y: float, text: str, *, anchor: str = "start", size: float = 13, shade: str = INK) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{shade}">{escape(text)}</text>'
    )
