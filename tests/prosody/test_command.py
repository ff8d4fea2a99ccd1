"""The command of the phase."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from workbench.prosody.command import app

HAIKU = "The kettle is warm.\nSomebody has been up late\nwith the same bad news."
run = CliRunner().invoke


def test_a_file_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "kettle.txt"
    path.write_text(HAIKU, encoding="utf-8")
    result = run(app, [str(path)])
    assert result.exit_code == 0
    assert "haiku, kept" in result.output


def test_standard_input_is_read_and_json_is_one_value_a_line() -> None:
    result = run(app, ["-", "--json"], input=HAIKU)
    assert json.loads(result.output)["form"] == "haiku"


def test_the_form_can_be_asked_for() -> None:
    result = run(app, ["-", "--form", "limerick"], input=HAIKU)
    assert "limerick, broken" in result.output


def test_html_and_prompt_are_two_more_renderings() -> None:
    assert run(app, ["-", "--html"], input=HAIKU).output.startswith("<section")
    assert run(app, ["-", "--prompt"], input=HAIKU).output.startswith("Form: haiku")


def test_every_poem_of_a_jsonl_file_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "two.jsonl"
    path.write_text(2 * (json.dumps({"title": "Kettle", "poem": HAIKU}) + "\n"), encoding="utf-8")
    lines = run(app, [str(path), "--json"]).output.strip().split("\n")
    assert [json.loads(line)["source"] for line in lines] == [f"{path}:1", f"{path}:2"]


def test_the_forms_are_listed() -> None:
    assert "villanelle" in run(app, ["forms"]).output
    assert {json.loads(line)["name"] for line in run(app, ["forms", "--json"]).output.strip().split("\n")} >= {"ghazal"}


def test_strong_rhymes_are_selected_with_reasons(tmp_path: Path) -> None:
    (tmp_path / "kettle.txt").write_text(HAIKU, encoding="utf-8")
    result = run(app, ["strong-rhymes", str(tmp_path)])
    assert "0 of 1 poems rhyme strongly" in result.output
    assert "3 lines; at least 6 are needed" in result.output
    assert json.loads(run(app, ["strong-rhymes", str(tmp_path), "--json"]).output)["is_strong"] is False


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff\xfe", "not UTF-8"),
        (b"{", "not one JSON object"),
        (b'{"title": "x"}', 'no text under the key "poem"'),
        (b'{"poem": "\\ud800"}', "lone surrogate"),
        (b"[" * 100_000, "not one JSON object"),
    ],
)
def test_bad_files_get_one_line_and_exit_code_two(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_bytes(content)
    result = run(app, [str(path)])
    assert result.exit_code == 2
    assert message in result.output
    assert result.output.count("\n") == 1


@pytest.mark.parametrize("arguments", [["/nowhere/poem.txt"], ["strong-rhymes", "/nowhere"], ["-", "--form", "sonet"]])
def test_wrong_names_get_one_line(arguments: list[str]) -> None:
    result = run(app, arguments, input=HAIKU)
    assert result.exit_code == 2
    assert result.output.count("\n") == 1


def test_it_runs_as_a_module_and_importing_the_package_stays_light() -> None:
    code = "import sys, workbench.prosody.report; sys.exit(any(m in sys.modules for m in ('typer', 'torch', 'rich')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    shown = subprocess.run(
        [sys.executable, "-m", "workbench.prosody", "forms"], capture_output=True, text=True, check=True
    )
    assert "terza rima" in shown.stdout
