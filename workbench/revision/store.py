"""The sessions of a folder in one SQLite file: every brief, draft, critique item, line change is a record.

`save` writes a whole session in one transaction: when it returns, the session survives `kill -9` and a power cut, and a
session that is opened again continues as if it had never stopped. Names are
made from the request: `winter-light`, then `winter-light-2`.
"""

import json
import re
import sqlite3
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from workbench.errors import DamagedError, InputError, StoreError
from workbench.places import written
from workbench.revision.session import new_trace
from workbench.revision.session_rows import SESSION, TABLES, columns, rows_of, trace_of
from workbench.revision.settings import RevisionSettings
from workbench.revision.types import StopReason, Trace
from workbench.storage.sqlite import Change, SqliteFile, add_columns, store_errors
from workbench.words import words_of

FILE = "sessions.db"
_STOP_WORDS = frozenset(
    ["a", "an", "the", "poem", "about", "on", "of", "for", "my", "in", "write", "me", "please", "to"]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSummary:
    """One line of the list."""

    name: str
    request: str
    began: float  # seconds since the epoch
    n_drafts: int
    stop: StopReason | None  # None = still open


class SessionStore:
    """The sessions of one folder. Several processes may use it; each write is one short transaction.

    Args:
        folder: made where it is not there.
    """

    def __init__(self, folder: Path) -> None:
        folder = written(folder)
        self.path = folder / FILE
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as exc:
            raise StoreError(f"{folder}: cannot be made ({exc.strerror}); name another folder") from exc
        self._file = SqliteFile(self.path, _create, MIGRATIONS)
        self._file.connection.row_factory = sqlite3.Row

    def begin(self, request: str, settings: RevisionSettings) -> Trace:
        """A new session under a name of its own; hand it to the loop as `start`."""
        with self._file.transaction():
            taken = {row["id"] for row in self._file.run("SELECT id FROM sessions")}
            trace = new_trace(request, settings, id_=_free_name(request, taken))
            self._write(trace)
            facts = (time.time(), json.dumps(asdict(settings)), trace.id)
            self._file.run("UPDATE sessions SET began = ?, settings = ? WHERE id = ?", facts)
        return trace

    def save(self, trace: Trace) -> None:
        """Stores the session as it is now.

        Raises:
            StoreError: nothing of it was stored (disk full, I/O error); what was stored before is intact.
        """
        with self._file.transaction():
            self._write(trace)

    def open(self, name: str) -> tuple[Trace, RevisionSettings]:
        """A session with the settings it was started with.

        Raises:
            InputError: no session has this name.
            DamagedError: its records do not fit together.
        """
        with store_errors(self.path):
            session = self._file.run("SELECT * FROM sessions WHERE id = ?", (name,)).fetchone()
            if session is None:
                known = ", ".join(one.name for one in self.sessions()[:6]) or "none yet"
                raise InputError(f"no session {name!r} in {self.path.parent}; choose from {known}")
            tables = {table: self._rows(table, name) for table in TABLES}
        try:
            settings = TypeAdapter(RevisionSettings).validate_json(session["settings"])
            return trace_of(name, dict(session), tables), settings
        except (ValidationError, ValueError, KeyError, TypeError) as exc:
            raise DamagedError(f"{self.path}: session {name!r} is inconsistent ({exc!s:.100})") from exc

    def sessions(self) -> list[SessionSummary]:
        """All sessions, the newest first."""
        counted = "SELECT s.*, (SELECT count(*) FROM rounds r WHERE r.session = s.id) n_drafts FROM sessions s"
        with store_errors(self.path):
            rows = self._file.run(f"{counted} ORDER BY began DESC, rowid DESC").fetchall()
        return [SessionSummary(name=row["id"], request=row["request"], began=row["began"], n_drafts=row["n_drafts"],
                               stop=StopReason(row["stop"]) if row["stop"] else None) for row in rows]  # fmt: skip

    def close(self) -> None:
        """Closes the file; the store refuses further work."""
        self._file.close()

    # ------------------------------------------------------------ private

    def _write(self, trace: Trace) -> None:
        values = [getattr(trace, name) for name in SESSION]
        told = ", ".join(f"{name} = excluded.{name}" for name in SESSION)
        self._file.run(
            f"INSERT INTO sessions (id, {', '.join(SESSION)}) VALUES ({_places(len(SESSION) + 1)}) "  # noqa: S608 - names from SESSION
            f"ON CONFLICT (id) DO UPDATE SET {told}",
            (trace.id, *values),
        )
        for table, rows in rows_of(trace).items():
            names = columns(table)
            told, places = ", ".join(names), _places(len(names) + 2)
            insert = f"INSERT OR REPLACE INTO {table} (session, place, {told}) VALUES ({places})"  # noqa: S608 - TABLES
            for place, row in enumerate(rows):
                self._file.run(insert, (trace.id, place, *(row[name] for name in names)))

    def _rows(self, table: str, session: str) -> list[dict[str, Any]]:
        rows = self._file.run(f"SELECT * FROM {table} WHERE session = ? ORDER BY place", (session,))  # noqa: S608 - from TABLES
        return [dict(row) for row in rows]


def _create(connection: sqlite3.Connection) -> None:
    told = ", ".join(SESSION)
    connection.execute(f"CREATE TABLE IF NOT EXISTS sessions (id TEXT PRIMARY KEY, began, settings, {told})")
    for table in TABLES:
        told = ", ".join(columns(table))
        connection.execute(f"CREATE TABLE IF NOT EXISTS {table} (session, place, {told}, PRIMARY KEY (session, place))")


def _with_remarks(connection: sqlite3.Connection) -> None:
    add_columns(connection, "drafts", {"remarks": "DEFAULT '[]'"})


#: What brings a store from version 0, 1, … to the next. A new field: `add_columns(connection, table, {name: ""})`.
MIGRATIONS: tuple[Change, ...] = (_with_remarks,)


def _places(n: int) -> str:
    return ", ".join("?" * n)


def _free_name(request: str, taken: set[str]) -> str:
    told = [re.sub(r"[^a-z0-9]", "", word.folded) for word in words_of(request) if word.folded not in _STOP_WORDS]
    name = "-".join([word for word in told if word][:4])[:48] or "poem"
    return (
        name
        if name not in taken
        else next(one for n in range(2, len(taken) + 3) if (one := f"{name}-{n}") not in taken)
    )
