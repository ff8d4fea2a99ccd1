"""Names of runs: what may be one, and new ones such as whimsical-whitman-0042. Knows no run."""

import re
import time
from pathlib import Path
from random import Random

from workbench.errors import InputError

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")

# fmt: off
MOODS = (
    "amber", "barefoot", "brazen", "candid", "crooked", "dappled", "earnest", "feral", "gilded", "hungry", "idle",
    "jagged", "lunar", "mossy", "nimble", "ochre", "patient", "quiet", "restless", "salted", "thrifty", "unhurried",
    "vagrant", "whimsical", "windward",
)
POETS = (
    "akhmatova", "basho", "bishop", "blake", "brooks", "browning", "byron", "clare", "dickinson", "donne", "dunbar",
    "hafez", "herbert", "hopkins", "hughes", "keats", "labe", "lorca", "marvell", "milton", "neruda", "rilke",
    "rossetti", "sappho", "shelley", "tagore", "whitman", "wordsworth",
)
# fmt: on


def new_name(seed: int) -> str:
    """A run name such as whimsical-whitman-0042."""
    random = Random(seed)  # noqa: S311 - a name, not a secret
    return f"{random.choice(MOODS)}-{random.choice(POETS)}-{random.randrange(10_000):04d}"


def checked_name(name: str) -> str:
    """The name itself when it can safely be a folder's name.

    Raises:
        InputError: it cannot.
    """
    if not NAME.fullmatch(name) or name.endswith("."):
        raise InputError(f"run name {name!r}: use 1–64 of a–z, 0–9, '.', '_' and '-', beginning with a letter or digit")
    return name


def free_name(root: Path) -> str:
    """A run name that nothing in the folder `root` has."""
    seed = time.time_ns()
    while (root / new_name(seed)).exists():
        seed += 1
    return new_name(seed)
