"""Records as pandas DataFrames: one row a record, its axes (arm, iteration, poem, metric …) as plain columns.

    store.frame("scores").query("not is_leak").groupby("iteration")["specificity"].mean()

A frame has the fields of its record in their order, then what is derived from them (gain, specificity, mean loss), then
`title`, the poem's, where a record is of a poem. What was not measured is NaN, never zero: the figures of a candidate
that could not be scored, and a mean over no poem. Figures that come a token or a poem at a time stay one tuple a row.

pandas is imported when a frame is made, not before. Knows no phase.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any, cast, get_type_hints

from workbench.errors import InputError
from workbench.types import (
    Candidate,
    Choice,
    Example,
    Measurement,
    PairVerdict,
    Poem,
    ScoredCandidate,
    StepRecord,
    Verdict,
)

if TYPE_CHECKING:
    import pandas as pd

#: The kinds of frames by name.
KINDS: dict[str, type] = {
    "poems": Poem,
    "candidates": Candidate,
    "scores": ScoredCandidate,
    "choices": Choice,
    "verdicts": Verdict,
    "pair_verdicts": PairVerdict,
    "examples": Example,
    "steps": StepRecord,
    "measurements": Measurement,
}
EVENTS = "events"  # the one that holds no records: what a run said, with the time of day

_DERIVED: dict[type, tuple[str, ...]] = {
    Poem: ("id",),
    ScoredCandidate: ("gain", "guarded_gain", "specificity", "contrast", "judged_specificity", "picks_its_poem"),
    StepRecord: ("mean_loss",),
}
_DTYPES = {int: "int64", bool: "bool", float: "float64", str: "str", float | None: "float64"}


def kind_of(name: str) -> type:
    """The record whose frame has this name.

    Raises:
        InputError: there is no such frame.
    """
    if name not in KINDS:
        raise InputError(f"no frame {name!r}; choose one from: {', '.join([*KINDS, EVENTS])}")
    return KINDS[name]


def frame_of(kind: type, records: Sequence[Any], titles: Mapping[str, str]) -> "pd.DataFrame":
    """A frame of records of one kind, in their order.

    Args:
        kind: the record; it gives the columns where there are no records.
        records: N of them.
        titles: of the poems, by their ids.

    Returns:
        N rows; see the head of this module for the columns.
    """
    import pandas as pd

    dtypes = _columns(kind)
    rows = [_row(record, dtypes, titles) for record in records]
    frame = pd.DataFrame(rows, columns=list(dtypes))
    return frame.astype({name: dtype for name, dtype in dtypes.items() if dtype})


def events_frame(events: Sequence[tuple[float, str, dict[str, Any]]]) -> "pd.DataFrame":
    """A frame of a run's events: `at` (UTC), `kind`, `text` for people, `data` as it was noted."""
    import pandas as pd

    rows = [(at, kind, str(data.get("text", "")), data) for at, kind, data in events]
    frame = pd.DataFrame(rows, columns=["at", "kind", "text", "data"])
    return frame.assign(at=pd.to_datetime(frame["at"].astype("float64"), unit="s", utc=True))


def _columns(kind: type) -> dict[str, str]:
    """Names of the columns with their dtypes; "" = any object."""
    hints = get_type_hints(kind)
    names = [field.name for field in fields(cast(Any, kind))]
    derived = _DERIVED.get(kind, ())
    columns = {name: _dtype(hints[name]) for name in names}
    columns |= {name: "str" if name == "id" else "float64" for name in derived}
    return columns | ({"title": "str"} if "poem_id" in names else {})


def _dtype(hint: Any) -> str:
    if getattr(hint, "__origin__", None) is not None and all(isinstance(a, str) for a in hint.__args__):
        return "str"  # a Literal of words
    return _DTYPES.get(hint, "")


def _row(record: Any, dtypes: Mapping[str, str], titles: Mapping[str, str]) -> list[Any]:
    values = {name: _value(record, name, titles) for name in dtypes}
    if _is_unmeasured(record):
        values |= {name: math.nan for name, dtype in dtypes.items() if dtype == "float64"}
    return [values[name] for name in dtypes]


def _value(record: Any, name: str, titles: Mapping[str, str]) -> Any:
    if name == "title" and not isinstance(record, Poem):
        return titles.get(record.poem_id, "")
    if name == "mean_loss":
        return record.loss_nats / record.n_tokens if record.n_tokens else math.nan
    return getattr(record, name)


def _is_unmeasured(record: Any) -> bool:
    """Whether its figures stand for nothing that was measured."""
    if isinstance(record, ScoredCandidate):
        return bool(record.unscored)
    return isinstance(record, Measurement) and not record.n_poems
