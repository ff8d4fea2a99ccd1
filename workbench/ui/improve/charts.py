"""Charts as SVG drawn here: no script, no library in the page; lines differ in dash and mark, not only in colour."""

from collections.abc import Mapping, Sequence
from html import escape

_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP = 460, 210, 52, 34, 12
_DASHES = ("", "6 4", "2 3", "10 3 2 3")
_MARKS = ("●", "▲", "■", "◆")

Points = Sequence[tuple[float, float]]


def line_chart(title: str, lines: Mapping[str, Points], *, x: str, y: str) -> str:
    """Lines over a common axis, with a legend and a sentence for those who do not see it."""
    drawn = {name: points for name, points in lines.items() if points}
    if not drawn:
        return ""
    xs = [px for points in drawn.values() for px, _ in points]
    ys = [py for points in drawn.values() for _, py in points]
    low_x, high_x = _room(min(xs), max(xs), pad=0.0)
    low_y, high_y = _room(min(ys), max(ys), pad=0.08)

    def place(point: tuple[float, float]) -> tuple[float, float]:
        px = _LEFT + (point[0] - low_x) / (high_x - low_x) * (_WIDTH - _LEFT - 12)
        py = _HEIGHT - _BOTTOM - (point[1] - low_y) / (high_y - low_y) * (_HEIGHT - _BOTTOM - _TOP)
        return px, py

    body = [_axes((low_x, high_x), (low_y, high_y), x=x, y=y)]
    for number, points in enumerate(drawn.values()):
        body.append(_line([place(point) for point in points], number))
    said = "; ".join(f"{name}: {points[0][1]:.3g} to {points[-1][1]:.3g}" for name, points in drawn.items())
    names = "".join(
        f'<span class="wb-series-{n % 4}">{_MARKS[n % 4]} {escape(name)}</span>' for n, name in enumerate(drawn)
    )
    return (
        f'<figure class="wb-chart"><figcaption>{escape(title)}<span class="wb-legend">{names}</span></figcaption>'
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(f"{title}. {said}.")}">'
        f"{''.join(body)}</svg></figure>"
    )


def _room(low: float, high: float, *, pad: float) -> tuple[float, float]:
    width = (high - low) or max(abs(high), 1.0) * 0.2
    if high == low:
        return low - width / 2, high + width / 2
    return low - pad * width, high + pad * width


def _axes(span_x: tuple[float, float], span_y: tuple[float, float], *, x: str, y: str) -> str:
    parts = []
    for share in (0.0, 0.5, 1.0):
        py = _HEIGHT - _BOTTOM - share * (_HEIGHT - _BOTTOM - _TOP)
        value = span_y[0] + share * (span_y[1] - span_y[0])
        parts.append(f'<line class="wb-grid" x1="{_LEFT}" x2="{_WIDTH - 12}" y1="{py:.1f}" y2="{py:.1f}"/>')
        parts.append(f'<text x="{_LEFT - 6}" y="{py + 4:.1f}" text-anchor="end">{value:.3g}</text>')
    for share, anchor in ((0.0, "start"), (1.0, "end")):
        px = _LEFT + share * (_WIDTH - _LEFT - 12)
        value = span_x[0] + share * (span_x[1] - span_x[0])
        parts.append(f'<text x="{px:.1f}" y="{_HEIGHT - _BOTTOM + 14}" text-anchor="{anchor}">{value:.4g}</text>')
    middle = (_LEFT + _WIDTH - 12) / 2
    parts.append(f'<text x="{middle}" y="{_HEIGHT - 6}" text-anchor="middle">{escape(x)}</text>')
    upright = (_HEIGHT - _BOTTOM + _TOP) / 2
    parts.append(
        f'<text x="12" y="{upright}" text-anchor="middle" transform="rotate(-90 12 {upright})">{escape(y)}</text>'
    )
    return "".join(parts)


def _line(points: Points, number: int) -> str:
    path = " ".join(f"{px:.1f},{py:.1f}" for px, py in points)
    marks = "".join(
        f'<text class="wb-mark" x="{px:.1f}" y="{py + 3:.1f}" text-anchor="middle">{_MARKS[number % 4]}</text>'
        for px, py in (points if len(points) <= 40 else points[-1:])
    )
    dash = f' stroke-dasharray="{_DASHES[number % 4]}"' if _DASHES[number % 4] else ""
    return f'<g class="wb-series-{number % 4}"><polyline points="{path}"{dash}/>{marks}</g>'
