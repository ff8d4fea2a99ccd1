"""Faults of the machine, by the hundred: `python -m bench.faults damage 1000`, or `kills`, `full`, `writers`.

    damage    N damaged SQLite files of each kind of store: read as it was, refused in one line, changed, traceback
    kills     N writers of each kind killed at a random moment: everything acknowledged is there, and the store works on
    full      N stores of each kind that meet a full file: the same, and one line was said
    writers   N rounds of four processes that write into one store at once: everything acknowledged is there
    jobs      whole runs of the loop, on a tiny model, that die N times at random moments and are resumed: nothing that
              was acknowledged is lost, and they end with the bytes of a run that was never killed
    clients   N clients of one server at once, a third of whom leave: each gets its own text, no place stays taken
    cuts      N clients whose connection breaks, in five ways: the model is free, and the next request is answered
    deaths    a served model is killed N times in mid-stream: one line says so, and the next request is answered

"Changed" is what nobody can see: SQLite has no checksums, so other letters in a text are read as they are. Trials are
those of `store_trials.py`, `loop_trials.py` and `server_trials.py` in `tests/`; a lost record ends them with an error.
Prints counts.
"""

import sys
import tempfile
from collections import Counter
from contextlib import AbstractContextManager
from pathlib import Path

from tests import loop_trials, server_trials, store_trials

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


def jobs(n: int, folder: Path) -> str:
    """How many runs took so many deaths."""
    from tests.engines.families import family_checkpoint

    model = family_checkpoint(folder / "model", "llama", repeats=True)
    n_runs = loop_trials.kill_at_random(str(model), folder / "runs", n, seconds=3)
    return f"{n} deaths in {n_runs} runs, nothing acknowledged lost, all with the bytes of one never killed"


def clients(n: int, folder: Path) -> str:
    """How many stayed and how many left."""
    with _served(folder) as server:
        n_stayed = server_trials.crowd(server, _alone(server), n)
    return f"{n} at once, {n_stayed} stayed and got their own text, {n - n_stayed} left; no place stayed taken"


def cuts(n: int, folder: Path) -> str:
    """So many broken connections, by kind."""
    with _served(folder) as server:
        alone = _alone(server)
        kinds = Counter(server_trials.cut(server, alone, number) for number in range(n))
    told = ", ".join(f"{number} {kind}" for kind, number in kinds.items())
    return f"{n} connections broke ({told}); the model was free after each, {n} next requests answered as ever"


def deaths(n: int, folder: Path) -> str:
    """So many deaths of a model in mid-stream."""
    with _served(folder) as server:
        alone = _alone(server)
        for number in range(n):
            server_trials.death(server, alone, number)
    return f"{n} killed in mid-stream, {n} lines that said so, {n} next requests answered as ever"


def _served(folder: Path) -> AbstractContextManager[server_trials.Served]:
    config = folder / "serve.yaml"
    config.write_text("models: {base: {}}\nlimits: {waiting: 1000, new_tokens: 4000}\n")
    return server_trials.serving(config)


def _alone(server: server_trials.Served) -> dict[str, str]:
    """What the model says when nobody else asks."""
    return {prompt: server_trials.ask(server.url, prompt) for prompt in server_trials.PROMPTS}


def main() -> None:
    """Runs the trials that the command line asks for; those on stores on every kind of store."""
    what, n = sys.argv[1], int(sys.argv[2])
    with tempfile.TemporaryDirectory() as folder:
        if whole := {"jobs": jobs, "clients": clients, "cuts": cuts, "deaths": deaths}.get(what):
            print(f"{what}: {whole(n, Path(folder))}")
            return
        for kind in store_trials.KINDS:
            trial = {"damage": damage, "kills": kills, "full": full, "writers": writers}[what]
            (place := Path(folder) / kind).mkdir()
            print(f"{what}, {kind}: {trial(kind, n, place)}")


if __name__ == "__main__":
    main()
