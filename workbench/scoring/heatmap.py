"""Heat-map: how much a description helped the model with each token of its poem.

    help_t = baseline_t - nll_t        nats; positive = foreseen better with the description than without

The sum over all tokens is the plain gain. Losses are on record token by token; where a token stands in the text is
asked of the model's tokenizer alone, so no model is loaded. It says where a description helps the model, not whether it
is a good one: copied words help most of all, and are marked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
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
    pieces: list[TokenHelp] = []
    place = 0
    for (start, end), help_nats in _merged(spans, helps):
        if start > place:
            pieces.append(TokenHelp(text=target[place:start], help_nats=0.0, is_copied=False))
        copied = any(a < end and start < b for a, b in score.copied_spans)
        pieces.append(TokenHelp(text=target[start:end], help_nats=help_nats, is_copied=copied))
        place = end
    return pieces


def token_spans(checkpoint: Path, poem: Poem) -> tuple[Span, ...]:
    """Where each token of title and poem stands, end-of-turn tokens left out.

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
