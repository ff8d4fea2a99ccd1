"""What a run says of itself: where it is, and what it was made with. Short: every executor shares it."""

import platform
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata

_VERSIONS = ("torch", "transformers", "peft", "llama-cpp-python", "numpy")


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Where a run is."""

    position: int  # actions done
    n_actions: int
    text: str  # what it does now, for people


Watch = Callable[[Progress], None]


def versions() -> dict[str, str]:
    """What the run was made with."""
    found = {name: metadata.version(name) for name in _VERSIONS}
    return {"python": platform.python_version(), "machine": platform.machine(), **found}
