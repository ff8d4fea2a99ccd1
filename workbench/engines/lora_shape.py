"""The shape of a LoRA adapter: numbers alone."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LoraShape:
    """What the adapter looks like."""

    rank: int
    alpha: float
    dropout: float
    target_modules: tuple[str, ...]
