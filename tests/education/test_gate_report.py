"""Figures that can be counted by hand, and rejected rows kept apart."""

import json

from tests.education.rows import APPROVAL, CRITIQUE, LIBRARY, SOUND, broken
from workbench.education.gate_report import gate_report, judge_rows, write_gate_report

BAD_RHYME = broken("critique", text=CRITIQUE.replace("The trouble", '"Comes" rhymes with "tyres". The trouble'))
TWO_FAULTS = broken("approval", text=APPROVAL.replace("It has", "Ten out of ten. It rhymes ABBA and has"))
JUDGED = judge_rows([SOUND["critique"], BAD_RHYME, broken("critique", text=""), SOUND["approval"], TWO_FAULTS], LIBRARY)


def test_rates_are_counted_by_task_and_gate():
    data = gate_report(JUDGED).to_data()
    critique = data["tasks"]["critique"]
    assert (critique["n_rows"], critique["n_passed"]) == (3, 1)
    # the second critique is also nearly the first one again
    assert critique["failed_at"] == {"format": 1, "rhyme claims": 1, "duplicates": 1}
    assert data["tasks"]["approval"]["reasons"] == {"false_scheme": 1, "near_duplicate": 1, "score": 1}


def test_the_table_shows_the_gates_that_bit():
    lines = gate_report(JUDGED).to_text().split("\n")
    assert lines[0].split("  ")[0] == "task"
    assert "rhyme claims" in lines[0]
    assert "strength first" not in lines[0]
    assert lines[1].split()[:3] == ["critique", "3", "33%"]


def test_rejected_rows_are_written_apart_with_reasons(tmp_path):
    write_gate_report(tmp_path, JUDGED)
    rejected = [json.loads(line) for line in (tmp_path / "rejected.jsonl").read_text().split("\n") if line]
    assert [row["task"] for row in rejected] == ["critique", "critique", "approval"]
    assert {reason["reason"] for reason in rejected[2]["reasons"]} == {"score", "false_scheme", "near_duplicate"}
    assert rejected[2]["text"] == TWO_FAULTS.text


def test_the_report_is_written_as_text_and_data(tmp_path):
    report = write_gate_report(tmp_path, JUDGED)
    assert json.loads((tmp_path / "gate_report.json").read_text()) == report.to_data()
    assert (tmp_path / "gate_report.txt").read_text() == report.to_text() + "\n"
