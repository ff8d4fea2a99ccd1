"""The heat-map of one description as HTML: tint, thickness of the underline and a number for each token."""

from collections.abc import Sequence
from html import escape

from workbench.scoring.heatmap import TokenHelp

_STEPS = (0.05, 0.25, 0.75, 1.5)  # nats from which a token is shown as helped, in four degrees


def heat_html(tokens: Sequence[TokenHelp], *, label: str) -> str:
    """The poem, each token marked by how much the description helped with it."""
    spans = "".join(_token_html(token) for token in tokens)
    return f'<div class="wb-heat" role="img" aria-label="{escape(label)}"><div class="wb-lines">{spans}</div></div>'


def most_html(tokens: Sequence[TokenHelp], *, n: int = 6) -> str:
    """The tokens that gained and lost most, in figures: the same without any colour."""
    spoken = [token for token in tokens if token.text.strip()]
    best = sorted(spoken, key=lambda token: -token.help_nats)[:n]
    worst = sorted(spoken, key=lambda token: token.help_nats)[:n]
    rows = (
        ("helped most", [t for t in best if t.help_nats > 0]),
        ("hindered most", [t for t in worst if t.help_nats < 0]),
    )
    return "".join(
        f'<p class="wb-most"><strong>{name}:</strong> '
        + ", ".join(f"<q>{escape(t.text.strip())}</q> {t.help_nats:+.2f}" for t in listed)
        + "</p>"
        for name, listed in rows
        if listed
    )


LEGEND = (
    '<p class="wb-note wb-legend-heat"><span class="wb-t wb-h2">helped</span> '
    '<span class="wb-t wb-h4">helped much</span> <span class="wb-t wb-x2">hindered</span> '
    '<span class="wb-t wb-x4">hindered much</span> <span class="wb-t wb-copied">copied from the poem</span> '
    "· more: thicker line and stronger tint; hindered: dotted line. Rest on a word for its nats.</p>"
)


def degree(help_nats: float) -> str:
    """The class of a token: h1 … h4 helped, x1 … x4 hindered, "" neither."""
    step = sum(abs(help_nats) >= limit for limit in _STEPS)
    return f"wb-{'h' if help_nats > 0 else 'x'}{step}" if step else ""


def _token_html(token: TokenHelp) -> str:
    text = token.text
    bare = text.strip()
    if not bare:
        return escape(text)
    before, after = text[: text.index(bare)], text[text.index(bare) + len(bare) :]
    names = " ".join(filter(None, ("wb-t", degree(token.help_nats), "wb-copied" if token.is_copied else "")))
    said = f"{token.help_nats:+.2f} nats{', copied' if token.is_copied else ''}"
    return f'{escape(before)}<span class="{names}" title="{said}">{escape(bare)}</span>{escape(after)}'
