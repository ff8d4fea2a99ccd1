"""Rows through their gates: one by one, then all together for near-duplicates."""

from collections.abc import Sequence

from workbench.corpus.duplicates import near_duplicate_groups, similarity
from workbench.education.gates.cases import case_of
from workbench.education.tasks import TASKS, Task, gates_of
from workbench.education.types import Finding, Gate, Judged, Library, Reason, Row

_NEAR_DUPLICATE = 0.8  # word similarity from which two answers count as one
_POEM_FIELDS = ("poem", "poem_a", "poem_b")


def judge_rows(rows: Sequence[Row], library: Library, *, near_duplicate: float = _NEAR_DUPLICATE) -> list[Judged]:
    """Every row with what its gates found, in order.

    Args:
        rows: of any tasks.
        library: the poems that rows name.
        near_duplicate: likeness in words from which of two answers to one task the later one is rejected.
    """
    judged = [Judged(row=row, findings=judge_row(row, library)) for row in rows]
    doubles = _doubles(rows, near_duplicate)
    return [
        Judged(row=one.row, findings=(*one.findings, doubles[place])) if place in doubles else one
        for place, one in enumerate(judged)
    ]


def judge_row(row: Row, library: Library) -> tuple[Finding, ...]:
    """What the gates hold against one row; with an empty field or an unknown poem it is not read further."""
    task = TASKS[row.task]
    missing = _missing(row, task, library)
    if missing:
        return missing
    case = case_of(row, library, task.spoken, task.words)
    found = (finding for gate in gates_of(task) for finding in gate(case))
    return tuple(dict.fromkeys(found))


def _missing(row: Row, task: Task, library: Library) -> tuple[Finding, ...]:
    findings = []
    for name in task.fields:
        value = getattr(row, name)
        is_empty = not value if isinstance(value, tuple) else not value.strip()
        if is_empty and name not in task.optional:
            findings.append(Finding(gate=Gate.FORMAT, reason=Reason.EMPTY, detail=name))
        elif name in _POEM_FIELDS and value not in library.by_title:
            findings.append(Finding(gate=Gate.POEM, reason=Reason.UNKNOWN_POEM, detail=f"'{value}'"))
    return tuple(findings)


def _doubles(rows: Sequence[Row], threshold: float) -> dict[int, Finding]:
    """Of each group of near-duplicates of one task everything but the first, by its place."""
    found: dict[int, Finding] = {}
    for name in TASKS:
        places = [place for place, row in enumerate(rows) if row.task == name and _answer(row)]
        for group in near_duplicate_groups([_answer(rows[place]) for place in places], threshold):
            first, *others = (places[member] for member in group)
            for place in others:
                alike = similarity(_answer(rows[first]), _answer(rows[place]))
                where = rows[first].place or rows[first].id
                found[place] = Finding(
                    gate=Gate.DUPLICATE, reason=Reason.NEAR_DUPLICATE, detail=f"{alike:.2f} like {where}"
                )
    return found


def _answer(row: Row) -> str:
    """What was written for the row, as against what was given."""
    parts = (row.text, row.brief) if row.task != "dialogue" else (row.critique, row.revised_poem, row.follow_up)
    return "\n".join(part for part in parts if part.strip())
