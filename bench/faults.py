"""Faults of the machine, by the hundred: `python -m bench.faults damage 1000`, or `kills`, `full`, `writers`.

    damage    N damaged SQLite files of each kind of store: read as it was, refused in one line, changed, traceback
    kills     N writers of each kind killed at a random moment: everything acknowledged is there, and the store works on
    full      N stores of each kind that meet a full file: the same, and one line was said
    writers   N rounds of four processes that write into one store at once: everything acknowledged is there

"Changed" is what nobody can see: SQLite has no checksums, so other letters in a text are read as they are. Trials are
those of `tests/store_trials.py`; a lost record ends them with an error. Prints counts.
"""

import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests import store_trials

N_WRITERS, N_EACH = 4, 10
SHARED = ("records", "sessions")  # answers have one writer at a time


def damage(kind: str, n: int, folder: Path) -> str:
    """Counts of outcomes."""
    counts: Counter[str] = Counter()
    for seed in range(n):
        outcome, said = store_trials.damage(kind, seed, folder)
        counts[outcome] += 1
        if outcome == "traceback":
            print(f"{kind} {seed}: {said}")
    return ", ".join(f"{counts[name]} {name}" for name in ("whole", "refused", "changed", "traceback"))


def kills(kind: str, n: int, folder: Path) -> str:
    """How much was acknowledged before so many deaths."""
    kept = [store_trials.kill(kind, seed, folder / str(seed)) for seed in range(n)]
    return f"{n} killed, {sum(kept)} acknowledged, all there"


def full(kind: str, n: int, folder: Path) -> str:
    """How much was acknowledged before so many full files, and what was said."""
    kept = [store_trials.full(kind, seed, folder / str(seed)) for seed in range(n)]
    said = Counter(line.rpartition(": ")[2] for _, line in kept)
    return f"{n} full, {sum(number for number, _ in kept)} acknowledged, all there; said: {dict(said)}"


def writers(kind: str, n: int, folder: Path) -> str:
    """How much was acknowledged by writers at once."""
    if kind not in SHARED:
        return "one writer at a time: a second one is refused"
    kept = [store_trials.together(kind, N_WRITERS, N_EACH, folder / str(place)) for place in range(n)]
    return f"{n} rounds of {N_WRITERS} writers, {sum(kept)} acknowledged, all there"


def main() -> None:
    """Runs the trials that the command line asks for, on every kind of store."""
    what, n = sys.argv[1], int(sys.argv[2])
    for kind in store_trials.KINDS:
        with tempfile.TemporaryDirectory() as folder:
            told = {"damage": damage, "kills": kills, "full": full, "writers": writers}[what](kind, n, Path(folder))
        print(f"{what}, {kind}: {told}")


if __name__ == "__main__":
    main()
