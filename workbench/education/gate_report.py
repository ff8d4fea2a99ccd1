"""Rows through their gates, and the gate report: how many rows of each task passed each gate, and why others did not.

    pass rate of a task at a gate = rows of the task without a finding of that gate / rows of the task

Rows are checked one by one, then all together for near-duplicates. A row may fail at several gates, so the rates of one
task do not multiply to its overall rate. The report does not say how good the rows are that passed.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.corpus.duplicates import near_duplicate_groups, similarity
from workbench.education.gates.cases import case_of
from workbench.education.tasks import TASK_FIELDS, TASKS, Task, gates_of
from workbench.education.types import Finding, Gate, GateReason, Judged, Library, Row
from workbench.storage.atomic import write_file

_NEAR_DUPLICATE = 0.8  # word similarity from which two answers count as one
_POEM_FIELDS = ("poem", "poem_a", "poem_b")


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskPasses:
    """What became of the rows of one task."""

    task: str
    n_rows: int
    n_passed: int
    n_failed: dict[Gate, int]  # rows with a finding of the gate; gates without one are left out
    reasons: dict[GateReason, int]  # rows with the reason, the commonest first


@dataclass(frozen=True, slots=True, kw_only=True)
class GateReport:
    """Pass rates by task and gate."""

    tasks: tuple[TaskPasses, ...]

    @property
    def n_rows(self) -> int:
        """All rows that were judged."""
        return sum(task.n_rows for task in self.tasks)

    @property
    def n_passed(self) -> int:
        """Rows that passed every gate."""
        return sum(task.n_passed for task in self.tasks)

    def to_data(self) -> dict[str, Any]:
        """Plain data; keys are in a fixed order."""
        return {
            "n_rows": self.n_rows,
            "n_passed": self.n_passed,
            "tasks": {task.task: {
                "n_rows": task.n_rows, "n_passed": task.n_passed,
                "failed_at": {gate.value: n for gate, n in task.n_failed.items()},
                "reasons": {reason.value: n for reason, n in task.reasons.items()},
            } for task in self.tasks},
        }  # fmt: skip

    def to_text(self) -> str:
        """A table, one task per line: rows, passed, then each gate at which a row failed."""
        failing = [gate for gate in Gate if any(gate in task.n_failed for task in self.tasks)]
        heads = ["task", "rows", "passed", *(gate.value for gate in failing)]
        table = [heads]
        for task in self.tasks:
            rates = [_rate(task.n_rows - task.n_failed.get(gate, 0), task.n_rows) for gate in failing]
            table.append([task.task, str(task.n_rows), _rate(task.n_passed, task.n_rows), *rates])
        table.append(["all", str(self.n_rows), _rate(self.n_passed, self.n_rows), *("" for _ in failing)])
        widths = [max(len(line[column]) for line in table) for column in range(len(heads))]
        shown = [_padded(line, widths) for line in table]
        return "\n".join([*shown, *self._reasons()])

    def _reasons(self) -> list[str]:
        total: Counter[GateReason] = Counter()
        for task in self.tasks:
            total.update(task.reasons)
        return [f"{n:>5}  {reason.sentence}" for reason, n in total.most_common()]


def gate_report(judged: Sequence[Judged]) -> GateReport:
    """Counts what the gates found, tasks in the order of their table."""
    tasks = []
    for name in TASKS:
        own = [one for one in judged if one.row.task == name]
        if own:
            tasks.append(_passes(name, own))
    return GateReport(tasks=tuple(tasks))


def write_gate_report(folder: Path, judged: Sequence[Judged]) -> GateReport:
    """Writes gate_report.json and .txt, and the rejected rows apart with their reasons.

    Raises:
        StoreError: the disk.
    """
    report = gate_report(judged)
    folder.mkdir(parents=True, exist_ok=True)
    data = json.dumps(report.to_data(), indent=1, ensure_ascii=False) + "\n"
    write_file(folder / "gate_report.json", data.encode())
    write_file(folder / "gate_report.txt", f"{report.to_text()}\n".encode())
    rejected = [json.dumps(_rejected(one), ensure_ascii=False) + "\n" for one in judged if not one.passed]
    write_file(folder / "rejected.jsonl", "".join(rejected).encode())
    return report


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


def _passes(name: str, judged: Sequence[Judged]) -> TaskPasses:
    gates = Counter(gate for one in judged for gate in {finding.gate for finding in one.findings})
    reasons = Counter(reason for one in judged for reason in {finding.reason for finding in one.findings})
    return TaskPasses(
        task=name,
        n_rows=len(judged),
        n_passed=sum(one.passed for one in judged),
        n_failed={gate: gates[gate] for gate in Gate if gates[gate]},
        reasons={reason: reasons[reason] for reason in sorted(reasons, key=lambda r: (-reasons[r], r.value))},
    )


def _rejected(one: Judged) -> dict[str, Any]:
    said = {"task": one.row.task, **one.row.data(TASK_FIELDS[one.row.task]), "place": one.row.place}
    return said | {"reasons": [_reason(finding) for finding in one.findings]}


def _reason(finding: Finding) -> dict[str, str]:
    return {"gate": finding.gate.value, "reason": finding.reason.value, "sentence": finding.sentence}


def _padded(line: Sequence[str], widths: Sequence[int]) -> str:
    """Names to the left, figures to the right."""
    cells = [cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)]
    return "  ".join([line[0].ljust(widths[0]), *cells]).rstrip()


def _rate(n: int, total: int) -> str:
    return f"{n / total:.0%}" if total else ""


def _missing(row: Row, task: Task, library: Library) -> tuple[Finding, ...]:
    findings = []
    for name in task.fields:
        value = getattr(row, name)
        is_empty = not value if isinstance(value, tuple) else not value.strip()
        if is_empty and name not in task.optional:
            findings.append(Finding(gate=Gate.FORMAT, reason=GateReason.EMPTY, detail=name))
        elif name in _POEM_FIELDS and value not in library.by_title:
            findings.append(Finding(gate=Gate.POEM, reason=GateReason.UNKNOWN_POEM, detail=f"'{value}'"))
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
                    gate=Gate.DUPLICATE, reason=GateReason.NEAR_DUPLICATE, detail=f"{alike:.2f} like {where}"
                )
    return found


def _answer(row: Row) -> str:
    """What was written for the row, as against what was given."""
    parts = (row.text, row.brief) if row.task != "dialogue" else (row.critique, row.revised_poem, row.follow_up)
    return "\n".join(part for part in parts if part.strip())
