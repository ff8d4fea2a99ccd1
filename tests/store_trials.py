"""Trials of the three stores (records of a run, sessions, paid answers): damaged files, kills, full files, two writers.

Each trial is decided by its seed and says what became of it. `python -m bench.faults` runs many.
"""

import contextlib
import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from tests.crashes import records_of
from tests.revision.scripts import BRIEF, FIRST, NOTE, REVISE, SECOND, session
from workbench.education.generation.answers import Answer, AnswerStore
from workbench.errors import StoreError, WorkbenchError
from workbench.places import ROOT
from workbench.revision.settings import RevisionSettings
from workbench.revision.store import FILE, SessionStore
from workbench.storage.records import TABLES, RecordStore

N_KEPT = 12  # what a store holds before it is damaged
_SETTINGS = RevisionSettings(max_revisions=1)
Seen = dict[str, Any]  # what a store holds, by name


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of store: its file, how number n is kept in it, how all of it is read."""

    file: str
    open: Callable[[Path], Any]  # a folder → the store
    keep: Callable[[Any, int], None]
    read: Callable[[Any], Seen]


def _keep_session(store: SessionStore, number: int) -> None:
    start = replace(store.begin(f"a railway station {number}", _SETTINGS), seed=number)
    trace, _, _ = session([BRIEF, REVISE, REVISE, NOTE], [FIRST, SECOND], settings=_SETTINGS, start=start)
    store.save(replace(trace, elapsed_seconds=0.0))


def _read_sessions(store: SessionStore) -> Seen:
    found = {one.name: store.open(one.name) for one in store.sessions()}
    return {name: trace for name, (trace, _) in found.items() if trace.stop}  # one that only began says nothing yet


def _answer(number: int) -> Answer:
    return Answer(id=f"a{number}", task="brief", step=0, text=f"{number} " + "rain " * 400, failure="", detail="",
                  n_prompt_tokens=3, n_tokens=number, cost=0.25, model="m", seed=number)  # fmt: skip


KINDS = {
    "records": Kind(
        file="records.sqlite", open=lambda folder: RecordStore(folder / "records.sqlite"),
        keep=lambda store, number: store.put(*records_of(number)),
        read=lambda store: {one.id: one for kind in TABLES for one in store.all(kind)},
    ),
    "sessions": Kind(file=FILE, open=SessionStore, keep=_keep_session, read=_read_sessions),
    "answers": Kind(
        file="answers.sqlite", open=lambda folder: AnswerStore(folder / "answers.sqlite"),
        keep=lambda store, number: store.keep(_answer(number)),
        read=lambda store: {one.id: one for one in store.all()},
    ),
}  # fmt: skip
#: How many names number n adds, for a check of what was acknowledged.
_NAMES = {
    "records": lambda n: [f"v{n}.0", f"v{n}.2", f"e{n}"],
    "sessions": lambda n: [f"railway-station-{n}"],
    "answers": lambda n: [f"a{n}"],
}


# ---------------------------------------------------------------- damage


def damage(kind: str, seed: int, folder: Path) -> tuple[str, str]:
    """Damages a store and reads it.

    Returns:
        What became of it: "whole" (everything is read as it was), "refused" (one line says so), "changed" (what is read
        differs from what was kept: SQLite has no checksums), or "traceback"; and what was said.
    """
    made, drawn = KINDS[kind], random.Random(f"{kind} {seed}")  # noqa: S311 - no secret
    path = folder / made.file
    data, kept = _whole(kind, folder / "whole")
    path.write_bytes(_damaged(data, drawn))
    path.with_name(f"{made.file}-journal").unlink(missing_ok=True)
    try:
        with contextlib.closing(made.open(folder)) as store:
            found = made.read(store)
    except WorkbenchError as exc:
        is_clear = "\n" not in str(exc) and (made.file in str(exc) or str(folder) in str(exc))
        return ("refused" if is_clear else "traceback"), str(exc)
    except Exception as exc:
        return "traceback", f"{type(exc).__name__}: {exc}"
    return ("whole" if found == kept else "changed"), ""


@cache
def _whole(kind: str, folder: Path) -> tuple[bytes, Seen]:
    """The bytes of a store and what it holds, made once for a folder."""
    made = KINDS[kind]
    folder.mkdir()
    with contextlib.closing(made.open(folder)) as store:
        for number in range(N_KEPT):
            made.keep(store, number)
        return (folder / made.file).read_bytes(), made.read(store)


def _damaged(data: bytes, drawn: random.Random) -> bytes:
    how, at = drawn.randrange(6), drawn.randrange(len(data))
    page = 4096 * (at // 4096)
    if how == 0:
        return data[:at]
    if how == 1:
        return data[:page] + bytes(4096) + data[page + 4096 :]
    if how == 2:
        other = 4096 * drawn.randrange(max(1, len(data) // 4096))
        return data[:page] + data[other : other + 4096] + data[page + 4096 :]
    if how == 3:
        return data[:at] + drawn.randbytes(drawn.randint(1, 400)) + data[at:]
    changed = bytearray(data)
    limit = 100 if how == 4 else len(data)
    for _ in range(drawn.randint(1, 20)):
        changed[drawn.randrange(limit)] = drawn.randrange(256)
    return bytes(changed)


# ---------------------------------------------------------------- kills, full files, two writers


def kill(kind: str, seed: int, folder: Path) -> int:
    """Kills a writer at a random moment; everything acknowledged has to be there. How many there were.

    Raises:
        AssertionError: something acknowledged is gone, or the store does not work on.
    """
    made = KINDS[kind]
    folder.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "tests.store_trials", kind, str(folder), str(10**6)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout
        said = [worker.stdout.readline().strip()]  # it works: now the moment counts
        time.sleep(random.Random(seed).uniform(0, 0.15))  # noqa: S311 - no secret
        worker.send_signal(signal.SIGKILL)
        said += worker.stdout.read().split()
    acknowledged = [int(number) for number in said if number.isdigit()]
    assert acknowledged, said
    with contextlib.closing(made.open(folder)) as store:
        found = made.read(store)
        for number in acknowledged:
            missing = [name for name in _NAMES[kind](number) if name not in found]
            assert not missing, f"{kind}: {missing} was acknowledged and is gone"
        made.keep(store, acknowledged[-1] + 2)
    return len(acknowledged)


def full(kind: str, seed: int, folder: Path) -> tuple[int, str]:
    """Fills a store up to a limit of file size: how many were kept before, and what was said.

    Raises:
        AssertionError: something acknowledged is gone, nothing was said, or the store does not work on.
    """
    folder.mkdir(exist_ok=True)
    limit = random.Random(seed).randint(60_000, 400_000)  # noqa: S311 - no secret
    command = [sys.executable, "-m", "tests.store_trials", kind, str(folder), str(10**4), str(limit)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    acknowledged = [int(number) for number in done.stdout.split()]
    assert done.returncode == StoreError.exit_code, done.stderr[-500:]
    made = KINDS[kind]
    with contextlib.closing(made.open(folder)) as store:
        found = made.read(store)
        assert all(name in found for number in acknowledged for name in _NAMES[kind](number))
        made.keep(store, 10**5)
    return len(acknowledged), done.stderr.strip()


def together(kind: str, n_writers: int, n_each: int, folder: Path) -> int:
    """So many processes write at once: everything that any of them acknowledged is there. How many there were."""
    folder.mkdir(exist_ok=True)
    KINDS[kind].open(folder).close()
    command = [sys.executable, "-m", "tests.store_trials", kind, str(folder), str(n_each)]
    workers = [subprocess.Popen([*command, "0", str(1000 * n)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
               for n in range(n_writers)]  # fmt: skip
    said = [worker.communicate()[0].split() for worker in workers]
    assert all(worker.returncode == 0 for worker in workers)
    with contextlib.closing(KINDS[kind].open(folder)) as store:
        found = KINDS[kind].read(store)
    n_said = sum(map(len, said))
    assert n_said == n_writers * n_each
    assert len(found) == n_said * (4 if kind == "records" else 1)
    return n_said


def _work(kind: str, folder: Path, n: int, limit: int = 0, first: int = 1) -> None:
    """Keeps one after the other and says so after each; with a limit, no file may become larger."""
    made = KINDS[kind]
    store = made.open(folder)
    if limit:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    try:
        for number in range(first, first + n):
            made.keep(store, number)
            os.write(1, f"{number}\n".encode())
    except WorkbenchError as exc:
        os.write(2, f"{exc}\n".encode())
        raise SystemExit(exc.exit_code) from None


def main(arguments: Sequence[str]) -> None:
    """What a worker does."""
    kind, folder, *numbers = arguments
    _work(kind, Path(folder), *map(int, numbers))


if __name__ == "__main__":
    main(sys.argv[1:])
