"""`educate gates` and `educate generate` on the command line: what is printed and the exit code."""

import json

import pytest
from typer.testing import CliRunner

from tests.education.rows import APPROVAL, CRITIQUE, FERRY, LIBRARY, MOONS, SOUND, broken
from workbench.cli import app
from workbench.education.rows import write_rows
from workbench.education.tasks import TASK_FIELDS


@pytest.fixture
def folder(tmp_path):
    """The poems of the tests as files."""
    for kind in ("good", "bad"):
        (tmp_path / kind).mkdir()
        poems = [{"title": p.title, "poem": p.text, "failure": p.failure} for p in LIBRARY.by_title.values()
                 if bool(p.failure) is (kind == "bad")]  # fmt: skip
        (tmp_path / kind / "p.jsonl").write_text("".join(json.dumps(poem) + "\n" for poem in poems))
    return tmp_path


def _gates(folder, rows, *options):
    path = folder / "approval.jsonl"
    write_rows(path, rows, TASK_FIELDS["approval"])
    return CliRunner().invoke(app, ["educate", "gates", str(path), "--poems", str(folder), *options])


def test_sound_rows_end_well(folder):
    done = _gates(folder, [SOUND["approval"]])
    assert done.exit_code == 0
    assert done.stdout.startswith("1 of 1 rows passed")


def test_a_rejected_row_is_one_line_a_reason_with_its_place(folder):
    bad = broken("approval", text=APPROVAL.replace("It has", "Ten out of ten. It rhymes ABBA and has"))
    done = _gates(folder, [bad])
    lines = done.stdout.split("\n")
    assert done.exit_code == 1
    assert [line.partition(": ")[0] for line in lines[:2]] == [f"{folder}/approval.jsonl:1"] * 2
    assert lines[2] == "0 of 1 rows passed"


def test_a_poem_file_with_a_bad_row_is_named_beside_the_result(folder):
    (folder / "good" / "more.csv").write_text("title,poem\nQuay,the quay is dry\nLost,\n")
    done = _gates(folder, [SOUND["approval"]])
    assert done.exit_code == 0
    assert "more.csv:3: the poem is empty, write it or remove the entry: left out" in done.stderr


def test_the_report_as_json_is_one_value(folder):
    done = _gates(folder, [SOUND["approval"]], "--json")
    assert json.loads(done.stdout)["tasks"]["approval"]["n_passed"] == 1


def test_the_report_and_the_rejected_rows_are_written_where_asked(folder):
    _gates(folder, [broken("approval", poem=MOONS.title, text="")], "--report", str(folder / "report"))
    names = sorted(path.name for path in (folder / "report").iterdir())
    assert names == ["gate_report.json", "gate_report.txt", "rejected.jsonl"]


def test_a_file_that_is_no_rows_is_one_line(folder):
    (folder / "critique.jsonl").write_text("{broken")
    done = CliRunner().invoke(app, ["educate", "gates", str(folder / "critique.jsonl"), "--poems", str(folder)])
    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
    assert done.stderr.startswith(f"{folder}/critique.jsonl:1: ")


def test_generate_from_the_seed_set_says_what_lies_where(folder):
    _gates(folder, [SOUND["approval"]])
    done = CliRunner().invoke(app, [
        "educate", "generate", "--from", "seed", "--task", "approval", "--set", f"generate.out={folder}/out",
        "--set", f"generate.rows=[{folder}/approval.jsonl]", "--set", f"generate.poems={folder}"])  # fmt: skip
    assert (done.exit_code, done.stderr) == (0, "")
    assert "1 rows passed, 0 answers failed, 0 questions were not asked" in done.stdout
    assert (folder / "out" / "seed" / "approval.jsonl").is_file()


def test_an_endpoint_that_fails_is_named_with_its_reason(folder, monkeypatch):
    monkeypatch.setattr("workbench.engines.remote._BACK_OFF_SECONDS", 0.001)
    _gates(folder, [SOUND["approval"]])
    done = CliRunner().invoke(app, [
        "educate", "generate", "--from", "http://127.0.0.1:9/v1#m", "--task", "approval", "--limit", "1", "--set",
        f"generate.out={folder}/out", "--set", f"generate.rows=[{folder}/approval.jsonl]", "--set",
        f"generate.poems={folder}"])  # fmt: skip
    assert "(m at http://127.0.0.1:9/v1: nobody answers there" in done.stdout


def test_an_engine_that_is_none_is_one_line():
    done = CliRunner().invoke(app, ["educate", "generate", "--from", "oracle"])
    assert (done.exit_code, done.stderr.count("\n")) == (3, 1)
    assert "no such engine" in done.stderr


@pytest.mark.parametrize("name", ["output", "response", "content"])
def test_any_programs_answers_are_held_against_the_mentors_voice(tmp_path, name):
    rows = [
        {name: "The strongest moment is line 2, 'the wet rope': it carries the wait."},
        {name: "Great job! Let's delve in."},
    ]
    (tmp_path / "answers.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = CliRunner().invoke(app, ["educate", "check-voice", str(tmp_path / "answers.jsonl")])
    assert done.exit_code == 1
    assert f"{tmp_path / 'answers.jsonl'}:2: banned phrase" in done.stdout
    assert ":1:" not in done.stdout


def test_our_own_critiques_are_heard_as_sentences_about_the_poem_that_they_name():
    done = CliRunner().invoke(app, ["educate", "check-voice", "data/education/critique.jsonl"])
    assert done.exit_code == 0, done.stdout
    assert done.stdout == "46 of 46 rows sound like the mentor\n"


def test_a_title_is_not_taken_for_the_poem_and_a_part_must_cite_a_line_that_is_there(tmp_path):
    rows = [{"poem": "Nowhere To Be Found", "text": CRITIQUE}, {"poem": FERRY.text, "text": CRITIQUE},
            {"poem": FERRY.text, "text": CRITIQUE.replace("LINE 4", "LINE 40")}]  # fmt: skip
    (tmp_path / "critique.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = CliRunner().invoke(app, ["educate", "check-voice", str(tmp_path / "critique.jsonl")])
    assert done.stdout.splitlines() == [
        f"{tmp_path / 'critique.jsonl'}:3: cites a line that is not there: 'line 40': the poem has 4 lines.",
        "2 of 3 rows sound like the mentor",
    ]


def test_a_field_without_prose_is_refused_with_those_that_are_there(tmp_path):
    (tmp_path / "answers.jsonl").write_text('{"say": "The rope is wet."}\n')
    done = CliRunner().invoke(app, ["educate", "check-voice", str(tmp_path / "answers.jsonl")])
    assert done.exit_code == 2
    assert "answers.jsonl:1: no prose under a known field; its fields are say" in done.stderr
