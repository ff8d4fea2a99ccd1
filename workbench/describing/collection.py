"""Many poems described: in blocks, here or by a fleet, each row kept as it comes, so that nothing is done twice.

    poems ─ blocks of 16 with their rivals ─▶ worker ─▶ rows ─▶ FILE.jsonl.partial (SQLite) ─ at the end ─▶ FILE.jsonl

A block is worked on alone, whoever works on it, so a poem has the same row here and on a fleet. Only this process
writes. A row's key is its poem, the job and all poems that may be rivals: a killed program continues where it was, and
rows of another job do not concern this one. A poem that kills its worker has a row that says so.
"""

import glob
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.config import as_data
from workbench.describing.describe import pool_of
from workbench.describing.run import DescribeJob, as_record, open_reader
from workbench.engines.fleet import Fleet, Lost
from workbench.engines.protocols import Cancelled, never
from workbench.errors import ConfigError, Stopped
from workbench.scoring.rivals import Lengths
from workbench.storage.atomic import locked, write_pieces
from workbench.storage.execution import Progress, Watch
from workbench.storage.sqlite import SqliteFile, read_errors
from workbench.types import Poem, content_id

BLOCK = 16  # poems
_MOST_MIXED = 1000  # `mixed` rivals compare each poem with each, word by word
Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A poem with the only other poems that its descriptions are tried on."""

    poem: Poem
    rivals: tuple[Poem, ...]


Blocks = Iterable[Sequence[Task]]
Done = Iterator[tuple[Sequence[Task], Sequence[Any]]]  # rows, or `Lost`


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Who describes, as a worker opens it: the job, and a run with its adapter."""

    job: DescribeJob
    run: str = ""
    adapter: str = ""
    runs: Path = Path("data/runs")


class ReaderWorker:
    """What describes one block after the other: a reader, opened now and freed by `close`."""

    def __init__(self, asked: Asked) -> None:
        self._open = ExitStack()
        reader = open_reader(asked.job, run=asked.run, adapter=asked.adapter, runs=asked.runs)
        self._reader = self._open.enter_context(reader)

    def __call__(self, tasks: Sequence[Task], *, cancelled: Cancelled = never) -> list[Row]:
        """One row per poem, in order."""
        poems = [task.poem for task in tasks]
        among = pool_of(poems, [rival for task in tasks for rival in task.rivals])
        return [as_record(one) for one in self._reader.describe(poems, among=among, cancelled=cancelled)]

    def close(self) -> None:
        """Frees the models."""
        self._open.close()


def by_fleet(fleet: Fleet) -> Callable[[Blocks, Cancelled], Done]:
    """Describes blocks on a fleet of `ReaderWorker`s."""
    return lambda blocks, cancelled: fleet.work(blocks, list, cancelled=cancelled)


def by_one(worker: Callable[..., Sequence[Row]]) -> Callable[[Blocks, Cancelled], Done]:
    """Describes blocks here, one after the other."""

    def work(blocks: Blocks, cancelled: Cancelled) -> Done:
        for tasks in blocks:
            yield tasks, worker(tasks, cancelled=cancelled)

    return work


def blocks_of(poems: Sequence[Poem], pool: Sequence[Poem], job: DescribeJob) -> Iterator[list[Task]]:
    """Poems with their rivals, made as they are wanted.

    Args:
        poems: P poems that are to be described.
        pool: all poems of which rivals are taken, these among them.
        job: how many, and of which kind.

    Raises:
        ConfigError: rivals of this kind cannot be found among so many.
    """
    scoring = job.scoring
    if scoring.rivals != "length" and len(pool) > _MOST_MIXED:
        raise ConfigError(f"scoring.rivals: {scoring.rivals} is for {_MOST_MIXED} poems at most; write length")
    lengths, m = Lengths(pool), scoring.others + scoring.judges
    for start in range(0, len(poems), BLOCK):
        yield [
            Task(poem=poem, rivals=tuple(lengths.nearest(poem, m) if scoring.rivals == "length" else pool))
            for poem in poems[start : start + BLOCK]
        ]


class RowStore:
    """Rows by key; what `put` has returned from survives a kill and a power cut. One writer."""

    def __init__(self, path: Path) -> None:
        self.path, self._file = path, SqliteFile(path, _create)

    def put(self, rows: Sequence[tuple[str, Row]]) -> None:
        """Adds rows in one transaction; a key that is there stays as it is."""
        with self._file.transaction():
            for key, row in rows:
                self._file.run("INSERT OR IGNORE INTO rows VALUES (?, ?)", (key, json.dumps(row, ensure_ascii=False)))

    def keys(self) -> set[str]:
        """Of all rows."""
        with read_errors(self.path):
            return {key for (key,) in self._file.run("SELECT key FROM rows")}

    def get(self, key: str) -> Row:
        """The row of a key that is there."""
        with read_errors(self.path):
            found: Row = json.loads(self._file.run("SELECT row FROM rows WHERE key = ?", (key,)).fetchone()[0])
        return found

    def drop(self, keys: Iterable[str]) -> None:
        """Forgets rows that are kept elsewhere; their room is used again."""
        with self._file.transaction():
            for key in keys:
                self._file.run("DELETE FROM rows WHERE key = ?", (key,))

    def close(self) -> None:
        """Closes the file."""
        self._file.close()


@contextmanager
def open_rows(out: Path) -> Iterator[RowStore]:
    """The rows on their way to a file; another process that writes there is refused.

    Raises:
        LockedError: another process does.
        StoreError: the folder cannot be written.
    """
    partial = out.with_name(f"{out.name}.partial")
    with locked(out.with_name(f"{out.name}.lock.partial"), busy=f"{out}: another process writes there; wait for it"):
        store = RowStore(partial)
        try:
            yield store
        finally:
            store.close()


def describe_collection(
    poems: Sequence[Poem], asked: Asked, work: Callable[[Blocks, Cancelled], Done], *, others: Sequence[Poem],
    out: Path, watch: Watch = lambda _: None, cancelled: Cancelled = never,
) -> int:  # fmt: skip
    """Describes what is not yet described, then writes all rows as JSON lines, in the order of the poems.

    Args:
        poems: P poems; one that is there twice has its row twice.
        asked: who describes.
        work: `by_fleet` or `by_one`.
        others: further poems that rivals are taken from.
        out: the .jsonl file.
        watch: told after each block.
        cancelled: asked between blocks.

    Returns:
        How many of the rows have a description.

    Raises:
        Stopped: `cancelled` said so; the same call continues.
    """
    pool = pool_of(poems, others)
    job = job_id(asked, pool)
    keys = {poem.id: content_id(job, poem.id) for poem in poems}
    with open_rows(out) as store:
        there = store.keys()
        missing = [poem for poem in pool if poem.id in keys and keys[poem.id] not in there]
        n_done = len(keys) - len(missing)
        for tasks, rows in work(blocks_of(missing, pool, asked.job), cancelled):
            store.put(
                [(keys[task.poem.id], row_of(task, row, asked.job)) for task, row in zip(tasks, rows, strict=True)]
            )
            n_done += len(tasks)
            watch(Progress(position=n_done - 1, n_actions=len(keys), text=tasks[-1].poem.title))
        if cancelled():
            raise Stopped(f"stopped with {n_done} of {len(keys)} poems; the same command continues")
        n_described = _write(out, store, [(poem, keys[poem.id]) for poem in poems])
    clear(out)
    return n_described


def job_id(asked: Asked, pool: Sequence[Poem]) -> str:
    """Of who describes, and of all poems that may be rivals: rows of another one do not concern this one."""
    whose = (json.dumps(as_data(asked.job)), asked.run, asked.adapter)
    return content_id("described", *whose, *sorted(poem.id for poem in pool))


def clear(out: Path) -> None:
    """Removes what lies beside a file while it is made: the rows, their journal, the lock."""
    for left in out.parent.glob(f"{glob.escape(out.name)}.*partial*"):
        left.unlink(missing_ok=True)


def _write(out: Path, store: RowStore, wanted: Sequence[tuple[Poem, str]]) -> int:
    n_described = 0

    def lines() -> Iterator[bytes]:
        nonlocal n_described
        for poem, key in wanted:
            row = store.get(key) | {"source": poem.source}
            n_described += bool(row["description"])
            yield json.dumps(row, ensure_ascii=False).encode() + b"\n"

    write_pieces(out, lines())
    return n_described


def row_of(task: Task, row: Row | Lost, job: DescribeJob) -> Row:
    """What is kept of a poem: its row, or one that says why there is none."""
    if not isinstance(row, Lost):
        return row
    poem = task.poem
    return {
        "title": poem.title, "source": poem.source, "poem_id": poem.id, "model": job.model, "seed": job.seed,
        "description": "", "is_specific": False, "problem": f"not described: {row.why}", "identified": None,
        "candidates": [],
    }  # fmt: skip


def _create(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE IF NOT EXISTS rows (key TEXT PRIMARY KEY, row TEXT NOT NULL)")
