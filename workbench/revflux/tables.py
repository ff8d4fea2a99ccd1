"""A study as tables, for pandas, DuckDB and R: one row per session and limit, per round, per line. Parquet.

sessions.parquet   figures of `measures` by session and number of revisions
rounds.parquet     aligned measures of each revision (`rounds.RoundFlux`)
lines.parquet      every line of every revision, paired by alignment and, for comparison, by index
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from workbench.revflux.flux import SessionFlux, new_starts
from workbench.revflux.lines import word_change
from workbench.revflux.measures import MEASURES
from workbench.revflux.rounds import RoundFlux, measure_round, placed_changes, reference_lines, reference_rounds
from workbench.revflux.study import StudySession
from workbench.revision.types import Trace
from workbench.storage.atomic import write_file

Row = dict[str, Any]
_ROUND_FIGURES = tuple(field.name for field in fields(RoundFlux) if field.name not in ("number", "changes"))


def session_rows(fluxes: Sequence[SessionFlux]) -> list[Row]:
    """One row per session and number of revisions."""
    return [
        {
            "session": flux.session,
            "configuration": flux.configuration,
            "category": flux.category,
            "prompt": flux.prompt,
            "sample": flux.sample,
            "revisions": flux.revisions,
            "stop": flux.stop,
            "approved_at": flux.approved_at,
            **{name: flux.figures.get(name) for name in MEASURES},
        }
        for flux in fluxes
    ]


def round_rows(held: Sequence[StudySession]) -> list[Row]:
    """One row per revision."""
    rows = []
    for one in held:
        starts = new_starts(one.trace)
        for flux in trace_rounds(one.trace):
            figures = {name: getattr(flux, name) for name in _ROUND_FIGURES}
            rows.append({**_about(one), "round": flux.number, "is_new_start": flux.number in starts, **figures})
    return rows


def line_rows(held: Sequence[StudySession]) -> list[Row]:
    """One row per line and revision, for each way of pairing; new starts are left out, they revise nothing."""
    return [row for one in held for pairing in (_aligned_lines, _index_lines) for row in pairing(one)]


def trace_rounds(trace: Trace) -> list[RoundFlux]:
    """The aligned measures of each revision of a session."""
    lines_D = [reference_lines(one.draft.text) for one in trace.rounds]
    return [measure_round(*lines_D[i - 1 : i + 1], number=trace.rounds[i].number) for i in range(1, len(lines_D))]


def stanzas(text: str) -> list[int]:
    r"""The stanza of each non-empty line, both counted from 1.

    >>> stanzas("a\nb\n\nc")
    [1, 1, 2]
    """
    numbers, stanza, is_open = [], 0, False
    for line in text.split("\n"):
        if line.strip():
            stanza += not is_open
            numbers.append(stanza)
        is_open = bool(line.strip())
    return numbers


def write_table(path: Path, rows: Sequence[Row]) -> None:
    """Writes rows as one Parquet file, wholly or not at all; an empty table has no columns."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(list(rows)), buffer)
    write_file(path, buffer.getvalue())


def _aligned_lines(one: StudySession) -> Iterator[Row]:
    starts = new_starts(one.trace)
    texts = {each.number: each.draft.text for each in one.trace.rounds}
    for flux in trace_rounds(one.trace):
        if flux.number in starts:
            continue
        before, after = stanzas(texts[flux.number - 1]), stanzas(texts[flux.number])
        for change, placed in zip(flux.changes, placed_changes(flux.changes), strict=True):
            stanza = after[change.after_line - 1] if change.after_line else before[change.before_line - 1]
            yield {
                **_about(one), "round": flux.number, "pairing": "aligned", "kind": change.kind,
                "before_line": change.before_line, "after_line": change.after_line, "stanza": stanza,
                "place": placed.place, "characters": placed.change,
                "words": word_change(change.before, change.after), "before": change.before, "after": change.after,
            }  # fmt: skip


def _index_lines(one: StudySession) -> Iterator[Row]:
    starts = new_starts(one.trace)
    for flux in reference_rounds([each.draft.text for each in one.trace.rounds]):
        if flux.number in starts:
            continue
        for pair, placed in zip(flux.pairs, flux.placed, strict=True):
            yield {
                **_about(one), "round": flux.number, "pairing": "index", "kind": "", "before_line": pair.number,
                "after_line": pair.number, "stanza": 0, "place": placed.place, "characters": pair.characters,
                "words": pair.words, "before": pair.before, "after": pair.after,
            }  # fmt: skip


def _about(one: StudySession) -> Row:
    return {
        "session": one.id, "configuration": one.configuration, "category": one.category,
        "prompt": one.trace.request, "sample": one.sample,
    }  # fmt: skip
