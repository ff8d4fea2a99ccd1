"""The record store of a run: one SQLite file, one table a phase, one row a record.

Every record is a frozen dataclass of `types.py`; its fields are the columns, tuples are stored as JSON. Ids are made
from content, so writing the same record twice changes nothing. Rows are only ever added; what a phase decides later is
a row of another table. `events` holds what depends on the clock and is not part of the records' digest.

When `put` returns, its records survive `kill -9` and a power cut (sqlite.py). A field that is added to a record needs
a migration in `MIGRATIONS`; a test compares the tables with those that each version had.
"""

import hashlib
import json
import math
import sqlite3
import time
from collections.abc import Collection, Sequence
from dataclasses import asdict, fields, is_dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast, get_type_hints

from workbench.errors import StoreError
from workbench.intervals import mean_of
from workbench.storage.frames import EVENTS, events_frame, frame_of, kind_of
from workbench.storage.sqlite import Change, SqliteFile, add_columns, read_errors, store_errors
from workbench.types import (
    Candidate,
    Choice,
    Example,
    Measurement,
    Message,
    PairVerdict,
    Poem,
    ScoredCandidate,
    StepRecord,
    Verdict,
)

if TYPE_CHECKING:
    import pandas as pd

TABLES: dict[type, str] = {
    Poem: "poems",
    Candidate: "backtranslation",
    ScoredCandidate: "scoring",
    Choice: "selection",
    Verdict: "verdicts",
    PairVerdict: "pair_verdicts",
    Example: "examples",
    StepRecord: "training",
    Measurement: "evaluation",
}
_SQL_TYPES: dict[Any, str] = {int: "INTEGER", bool: "INTEGER", float: "REAL", float | None: "REAL"}

Record = TypeVar("Record")


class RecordStore:
    """The records of one run. One writer; any number of readers."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path
        self._file = SqliteFile(path, _create, MIGRATIONS, read_only=read_only)

    def put(self, *batches: Sequence[Any]) -> None:
        """Adds records of any kinds in one transaction; a record that is there already stays as it is.

        Raises:
            StoreError: nothing of it was stored (disk full, I/O error, another writer).
        """
        self._write("OR IGNORE", batches)

    def replace(self, *batches: Sequence[Any]) -> None:
        """Like `put`, but a record with the same id is replaced: for a step that was done again after a crash."""
        self._write("OR REPLACE", batches)

    def renew(self, records: Sequence[Any], **where: str | int) -> None:
        """Decisions taken again: in one transaction the rows with these equal columns go and the records come."""
        table = TABLES[type(records[0])]
        condition = " AND ".join(f"{name} = ?" for name in where)
        with self._file.transaction():
            self._file.run(f"DELETE FROM {table} WHERE {condition}", tuple(where.values()))  # noqa: S608 - names from TABLES
            self._insert("", records)

    def all(self, kind: type[Record], **where: str | int) -> list[Record]:
        """Records of a kind in the order in which they were added, filtered by equal columns."""
        names = {field.name for field in fields(cast(Any, kind))} | {"id"}
        if unknown := where.keys() - names:
            raise KeyError(f"{kind.__name__} has no {sorted(unknown)}")
        condition = " AND ".join(f"{name} = ?" for name in where) or "1"
        columns = ", ".join(_columns(cast(Any, kind)))
        sql = f"SELECT {columns} FROM {TABLES[kind]} WHERE {condition} ORDER BY rowid"  # noqa: S608 - names from TABLES
        with read_errors(self.path):
            self._file.catch_up()
            return [_record(kind, row) for row in self._file.run(sql, tuple(where.values())).fetchall()]

    def of_poems(self, kind: type[Record], poem_ids: Collection[str], **where: str | int) -> list[Record]:
        """Like `all`, for the poems named; asks by index, so a large run stays quick."""
        return [record for poem_id in poem_ids for record in self.all(kind, poem_id=poem_id, **where)]

    def ids(self, kind: type) -> set[str]:
        """The ids of all records of a kind."""
        with read_errors(self.path):
            self._file.catch_up()
            rows = self._file.run(f"SELECT id FROM {TABLES[kind]}").fetchall()  # noqa: S608 - names from TABLES
        return {row[0] for row in rows}

    def note(self, kind: str, **data: str | int | float | None) -> None:
        """Adds an event with the time of day: progress, heartbeats, refreshes, complaints."""
        with store_errors(self.path):
            row = (time.time(), kind, json.dumps(data))
            self._file.run("INSERT INTO events VALUES (?, ?, ?)", row)

    def events(self, kind: str = "") -> list[tuple[float, str, dict[str, Any]]]:
        """Events in order: seconds since the epoch, kind, data."""
        sql = "SELECT at, kind, data FROM events WHERE ? IN ('', kind) ORDER BY rowid"
        with read_errors(self.path):
            return [(at, name, json.loads(data)) for at, name, data in self._file.run(sql, (kind,))]

    def frame(self, name: str, **where: str | int) -> "pd.DataFrame":
        """Records as a pandas DataFrame, one row a record, in the order in which they were added (frames.py).

        Args:
            name: poems, candidates, scores, choices, verdicts, pair_verdicts, examples, steps, measurements or events.
            where: only rows with these values, as in `all`.

        Raises:
            InputError: there is no such frame.
        """
        if name == EVENTS:
            return events_frame(self.events(**where))  # type: ignore[arg-type]  # only `kind` fits
        kind = kind_of(name)
        return frame_of(kind, self.all(kind, **where), {poem.id: poem.title for poem in self.all(Poem)})

    def digest(self) -> str:
        """Sha256 over all records ordered by id: equal runs have equal digests, whatever the clock said."""
        sha = hashlib.sha256()
        with read_errors(self.path):
            self._file.catch_up()
            for kind, table in TABLES.items():
                columns = ", ".join(_columns(kind))
                for row in self._file.run(f"SELECT {columns} FROM {table} ORDER BY id"):  # noqa: S608 - from TABLES
                    sha.update(repr((table, row)).encode())
        return sha.hexdigest()

    def close(self) -> None:
        """Closes the file; the store refuses further work."""
        self._file.close()

    def _write(self, conflict: str, batches: Sequence[Sequence[Any]]) -> None:
        with self._file.transaction():
            for batch in batches:
                self._insert(conflict, batch)

    def _insert(self, conflict: str, batch: Sequence[Any]) -> None:
        for record in batch:
            row, names = _row(record), ", ".join(_columns(cast(Any, type(record))))
            into = f"{TABLES[type(record)]} ({names}) VALUES ({', '.join('?' * len(row))})"
            self._file.run(f"INSERT {conflict} INTO {into}", row)  # names from TABLES and fields


def _create(connection: sqlite3.Connection) -> None:
    for kind, table in TABLES.items():
        connection.execute(_schema(kind))
        if "poem_id" in _columns(kind):
            connection.execute(f"CREATE INDEX IF NOT EXISTS {table}_by_poem ON {table} (poem_id)")
    connection.execute("CREATE TABLE IF NOT EXISTS events (at REAL, kind TEXT, data TEXT)")


def _unmeasured_is_no_zero(connection: sqlite3.Connection) -> None:
    """Version 1: a mean over no poem was 0.0 and is nothing; intervals are made anew by the rule of `intervals`."""
    rows = connection.execute("SELECT id, per_poem FROM evaluation WHERE per_poem != '[]' OR n_poems = 0").fetchall()
    for id_, per_poem in rows:
        found = mean_of(json.loads(per_poem))
        ends = (found.value, found.low, found.high) if found else (None, None, None)
        connection.execute("UPDATE evaluation SET value = ?, low = ?, high = ? WHERE id = ?", (*ends, id_))


def _rejected_names_its_chosen(connection: sqlite3.Connection) -> None:
    """Version 2: the task `avoided` marked a pair's rejected answer; now that names the example chosen before it."""
    add_columns(connection, "examples", {"rejected_for": "TEXT NOT NULL DEFAULT ''"})
    rejected = {id_ for (id_,) in connection.execute("SELECT id FROM examples WHERE task = 'avoided'")}
    for (text,) in connection.execute("SELECT examples FROM training").fetchall():
        for chosen, other in pairwise(json.loads(text)):
            if other in rejected:
                connection.execute("UPDATE examples SET rejected_for = ? WHERE id = ?", (chosen, other))
    connection.execute("UPDATE examples SET task = 'describer' WHERE task = 'avoided'")


def _gains_of_each_other(connection: sqlite3.Connection) -> None:
    """Version 3: of the other poems only the mean gain was kept."""
    lists = dict.fromkeys(("gains_M", "gains_J"), "TEXT NOT NULL DEFAULT '[]'")
    add_columns(connection, "scoring", lists | {"says": "TEXT NOT NULL DEFAULT ''"})


#: What brings a store from version 0, 1, … to the next. A new field: `add_columns(connection, table, {name: type})`.
MIGRATIONS: tuple[Change, ...] = (_unmeasured_is_no_zero, _rejected_names_its_chosen, _gains_of_each_other)


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


@cache
def _columns(kind: type) -> list[str]:
    names = [field.name for field in fields(cast(Any, kind))]
    return names if "id" in names else ["id", *names]


def _schema(kind: type) -> str:
    hints = get_type_hints(kind)
    columns = [f"{name} {_SQL_TYPES.get(hints.get(name, str), 'TEXT')}" for name in _columns(kind)]
    return f"CREATE TABLE IF NOT EXISTS {TABLES[kind]} ({', '.join(columns)}, PRIMARY KEY (id))"


def _row(record: Any) -> tuple[Any, ...]:
    names = [field.name for field in fields(record)]
    values = [_stored(getattr(record, name)) for name in names]
    return tuple(values) if "id" in names else (record.id, *values)


def _stored(value: Any) -> Any:
    if isinstance(value, tuple):
        return json.dumps([asdict(v) if is_dataclass(v) and not isinstance(v, type) else v for v in value])
    if isinstance(value, float) and math.isnan(value):  # SQLite would keep it as nothing at all
        raise StoreError("a figure that is not a number cannot be stored; nothing of it was")
    return value


def _record(kind: type[Record], row: tuple[Any, ...]) -> Record:
    hints = _hints(cast(Any, kind))
    values = dict(zip(_columns(cast(Any, kind)), row, strict=True))
    if "id" not in hints:
        del values["id"]
    for name, value in values.items():
        if hints[name] is bool:
            values[name] = bool(value)
        elif name == "prompt":
            values[name] = tuple(Message(**turn) for turn in json.loads(value))
        elif isinstance(value, str) and hints[name] not in (str,) and "tuple" in str(hints[name]).lower():
            values[name] = _tuples(json.loads(value))
    return kind(**values)


def _tuples(value: Any) -> Any:
    """Lists as tuples, at every depth; the items of one list are all lists, or none of them is."""
    if not isinstance(value, list):
        return value
    return tuple(map(_tuples, value)) if value and isinstance(value[0], list) else tuple(value)
