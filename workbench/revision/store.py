"""The sessions of a folder in one SQLite file: every brief, draft, critique item, line change is a record.

`save` writes a whole session in one transaction: when it returns, the session survives `kill -9` and a power cut, and a
session that is opened again continues as if it had never stopped. Names are made from the request: `winter-light`, then
`winter-light-2`.

    briefs · drafts (controls too) · critiques · items · changes · responses · rejected · rounds, which names them by id

A session is rows of these tables, one record a row, and back again. Tuples are stored as JSON.
"""

import json
import re
import sqlite3
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, TypeVar, cast, get_type_hints

from pydantic import TypeAdapter, ValidationError

from workbench.errors import DamagedError, InputError, StoreError
from workbench.places import written
from workbench.revision.session import new_trace
from workbench.revision.settings import RevisionSettings
from workbench.revision.types import (
    Brief,
    Critique,
    CritiqueItem,
    Draft,
    LineChange,
    Rejected,
    Response,
    Round,
    StopReason,
    Trace,
)
from workbench.storage.sqlite import Change, SqliteFile, add_columns, read_errors
from workbench.words import words_of

Row = dict[str, Any]
Kind = TypeVar("Kind")

#: The records of each table, and the columns that say where a record belongs.
TABLES: dict[str, tuple[type, tuple[str, ...]]] = {
    "briefs": (Brief, ()),
    "drafts": (Draft, ()),
    "critiques": (Critique, ()),
    "items": (CritiqueItem, ("critique_id",)),
    "changes": (LineChange, ("round",)),
    "responses": (Response, ("round",)),
    "rejected": (Rejected, ()),
    "rounds": (Round, ("draft_id", "critique_id", "control_id")),
}
SESSION = ("request", "seed", "educator", "poet", "best", "final_note", "stop", "stop_detail", "elapsed_seconds")


def columns(table: str) -> list[str]:
    """The columns of a table: where a record belongs, then its plain fields."""
    kind, places = TABLES[table]
    nested = {"strongest", "items", "draft", "changes", "responses", "critique", "control"}
    return [*places, *(field.name for field in fields(cast(Any, kind)) if field.name not in nested)]


def rows_of(trace: Trace) -> dict[str, list[Row]]:
    """All records of a session by table, in order."""
    found: dict[str, list[Row]] = {table: [] for table in TABLES}

    def add(table: str, record: Any, **places: Any) -> None:
        told = {name: getattr(record, name) for name in columns(table) if name not in places}
        found[table].append({name: _stored(value) for name, value in (told | places).items()})

    if trace.brief:
        add("briefs", trace.brief)
    for rejected in trace.rejected:
        add("rejected", rejected)
    for one in trace.rounds:
        critique, control = one.critique, one.control
        add("drafts", one.draft)
        if control:
            add("drafts", control)
        if critique:
            add("critiques", critique)
            for item in (*((critique.strongest,) if critique.strongest else ()), *critique.items):
                add("items", item, critique_id=critique.id)
        for change in one.changes:
            add("changes", change, round=one.number)
        for response in one.responses:
            add("responses", response, round=one.number)
        ids = {"critique_id": critique.id if critique else "", "control_id": control.id if control else ""}
        add("rounds", one, draft_id=one.draft.id, **ids)
    return found


def trace_of(session_id: str, session: Row, tables: Mapping[str, Sequence[Row]]) -> Trace:
    """The session out of its rows."""
    drafts = {row["id"]: _record(Draft, row) for row in tables["drafts"]}
    critiques = {row["id"]: _critique(row, tables["items"]) for row in tables["critiques"]}
    rounds = tuple(
        Round(
            number=row["number"], draft=drafts[row["draft_id"]], critique=critiques.get(row["critique_id"]),
            control=drafts.get(row["control_id"]), direction=row["direction"],
            changes=_of_round(LineChange, tables["changes"], row["number"]),
            responses=_of_round(Response, tables["responses"], row["number"]),
        )
        for row in tables["rounds"]
    )  # fmt: skip
    told = {name: session[name] for name in SESSION if name != "stop"}
    return Trace(
        id=session_id, **told, stop=StopReason(session["stop"]) if session["stop"] else None, rounds=rounds,
        brief=next((_record(Brief, row) for row in tables["briefs"]), None),
        rejected=tuple(_record(Rejected, row) for row in tables["rejected"]),
    )  # fmt: skip


def _critique(row: Row, items: Sequence[Row]) -> Critique:
    told = [_record(CritiqueItem, item) for item in items if item["critique_id"] == row["id"]]
    strongest = next((item for item in told if item.failure == "strongest"), None)
    return _record(Critique, row, strongest=strongest, items=tuple(item for item in told if item is not strongest))


def _of_round(kind: type[Kind], rows: Sequence[Row], number: int) -> tuple[Kind, ...]:
    return tuple(_record(kind, row) for row in rows if row["round"] == number)


def _record(kind: type[Kind], row: Row, **nested: Any) -> Kind:
    hints = get_type_hints(kind)
    values = dict(nested)
    for name in hints.keys() - nested.keys():
        value = row[name]
        if "tuple" in str(hints[name]):
            value = tuple(json.loads(value))
        elif hints[name] in (bool, bool | None) and value is not None:
            value = bool(value)
        values[name] = value
    return kind(**values)


def _stored(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, tuple) else value


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
        with read_errors(self.path):
            session = self._file.run("SELECT * FROM sessions WHERE id = ?", (name,)).fetchone()
            if session is None:
                known = ", ".join(one.name for one in self.sessions()[:6]) or "none yet"
                raise InputError(f"no session {name!r} in {self.path.parent}; choose from {known}")
            tables = {table: self._rows(table, name) for table in TABLES}
        try:
            settings = TypeAdapter(RevisionSettings).validate_json(session["settings"])
            return trace_of(name, dict(session), tables), settings
        except (ValidationError, ValueError, KeyError, TypeError) as exc:
            reason = " ".join(str(exc).split())[:100]
            raise DamagedError(f"{self.path}: session {name!r} is inconsistent ({reason})") from exc

    def sessions(self) -> list[SessionSummary]:
        """All sessions, the newest first."""
        counted = "SELECT s.*, (SELECT count(*) FROM rounds r WHERE r.session = s.id) n_drafts FROM sessions s"
        with read_errors(self.path):
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


def _with_refused(connection: sqlite3.Connection) -> None:
    add_columns(connection, "items", {"refused": "DEFAULT 0"})


#: What brings a store from version 0, 1, … to the next. A new field: `add_columns(connection, table, {name: ""})`.
MIGRATIONS: tuple[Change, ...] = (_with_remarks, _with_refused)


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
