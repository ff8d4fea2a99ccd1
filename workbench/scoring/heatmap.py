"""Heat-map: how much a description helped the model with each token of its poem, in numbers and as a drawing.

    help_t = baseline_t - nll_t        nats; positive = foreseen better with the description than without

The sum over all tokens is the plain gain. Losses are on record token by token; where a token is in the text is
asked of the model's tokenizer alone, so no model is loaded. It says where a description helps the model, not whether it
is a good one: copied words help most of all, and are marked.

The drawing is SVG made here, so that a repository page shows it too. Why not plotly: letters have to be in the lines
and spaces of the poem. Nothing is told by colour alone: bars differ in fill, and the numbers are in a sentence
(`HeatMap.caption`), which is what a terminal or a screen reader gets.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from pathlib import Path

from workbench.errors import InputError
from workbench.prompts.templates import poem_target
from workbench.prompts.tokenizer import TextTokenizer
from workbench.types import Poem, ScoredCandidate, Span

_MOST_CONTROL = 4  # tokens after the text: end of turn


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenHelp:
    """One token of the poem, or several where they share a character."""

    text: str
    help_nats: float
    is_copied: bool  # it lies in a run of words that the description copies
    is_label: bool = False  # of “Title:” or “Poem:”, which no poet wrote


def token_helps(poem: Poem, score: ScoredCandidate, spans: Sequence[Span]) -> list[TokenHelp]:
    """The poem as title and text, token by token.

    Args:
        poem: that was scored.
        score: of one description, with its losses per token.
        spans: of the target's tokens (`token_spans`).

    Raises:
        InputError: the losses are those of other tokens than these.
    """
    surplus = len(score.nll_T) - len(spans)
    if len(score.nll_T) != len(score.baseline_T) or not 0 <= surplus <= _MOST_CONTROL:
        raise InputError(
            f"{len(score.nll_T)} losses do not fit the {len(spans)} tokens of {poem.title!r}; "
            "the model in models/base is another than the one that scored"
        )
    target = poem_target(poem)
    helps = [b - n for b, n in zip(score.baseline_T, score.nll_T, strict=True)]
    second = target.index("\n", len("Title: ") + len(poem.title)) + 1
    labels = ((0, len("Title:")), (second, second + len("Poem:")))
    pieces: list[TokenHelp] = []
    place = 0
    for (start, end), help_nats in _merged(spans, helps):
        if start > place:
            pieces.append(TokenHelp(text=target[place:start], help_nats=0.0, is_copied=False))
        copied = any(a < end and start < b for a, b in score.copied_spans)
        is_label = any(a < end and start < b for a, b in labels)
        pieces.append(TokenHelp(text=target[start:end], help_nats=help_nats, is_copied=copied, is_label=is_label))
        place = end
    return pieces


def token_spans(checkpoint: Path, poem: Poem) -> tuple[Span, ...]:
    """Where each token of title and poem is, end-of-turn tokens left out.

    Raises:
        InputError: the tokenizer is not there.
        EngineError: it cannot be read.
    """
    if not (checkpoint / "tokenizer.json").is_file():
        raise InputError(f"no tokenizer in {checkpoint}; `make demo` makes it, then the heat-map can be drawn")
    return _tokenizer(checkpoint).contents(poem_target(poem))[1]


@lru_cache(maxsize=4)
def _tokenizer(checkpoint: Path) -> TextTokenizer:
    return TextTokenizer(checkpoint)


def _merged(spans: Sequence[Span], helps: Sequence[float]) -> list[tuple[Span, float]]:
    """Tokens that share a character (an emoji in bytes) as one, their help summed."""
    merged: list[tuple[Span, float]] = []
    for (start, end), help_nats in zip(spans, helps, strict=False):  # control tokens at the end have no place
        if merged and start < merged[-1][0][1]:
            (first, last), sum_nats = merged[-1]
            merged[-1] = (first, max(last, end)), sum_nats + help_nats
        else:
            merged.append(((start, end), help_nats))
    return merged


WIDTH, TOP = 680, 40
INK, HELPS, HURTS = "#1c2733", "#2b6cb0", "#c2571a"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatMap:
    """A drawing that a notebook shows as it is."""

    svg: str
    caption: str  # what it says, in words and numbers

    def _repr_svg_(self) -> str:
        return self.svg

    def __repr__(self) -> str:
        return self.caption


def heat_map(
    title: str, text: str, help_T: Sequence[float], *,
    offsets_T: Sequence[Span], outlined: Sequence[Span] = (), full: float = 2.0,
) -> HeatMap:  # fmt: skip
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
    return _figure(title, parts, bottom + 18, told)


# ---------------------------------------------------------------- the heat-map's letters

_EM, _ROW, _MOST = 8.4, 32, 76  # width of a letter, height of a row, letters a row
Place = tuple[int, int]  # column, row


def _layout(text: str) -> tuple[list[Place], int]:
    """Where every character is; long lines are broken, a line feed is behind its line."""
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


def _figure(title: str, parts: Sequence[str], height: float, caption: str) -> HeatMap:
    told = f"{title}. {caption}."
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" '
        f'height="{height:.0f}" role="img" font-family="Georgia, serif"><title>{escape(told)}</title>'
        f'<rect width="100%" height="100%" fill="#ffffff"/>{_text(12, 22, f"{title}: {caption}", size=15)}'
        f"{''.join(parts)}</svg>"
    )
    return HeatMap(svg=svg, caption=told)


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
