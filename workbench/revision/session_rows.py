"""A session as rows of tables, one record a row, and back again: what `store` writes and reads.

    briefs · drafts (controls too) · critiques · items · changes · responses · rejected · rounds, which names them by id

Tuples are stored as JSON. Knows no database.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, TypeVar, cast, get_type_hints

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
        elif hints[name] == bool | None and value is not None:
            value = bool(value)
        values[name] = value
    return kind(**values)


def _stored(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, tuple) else value
