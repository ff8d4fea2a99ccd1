"""The command of the phase."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet
from typer.testing import CliRunner

from workbench.corpus.load import load_poems
from workbench.prosody.command import app
from workbench.prosody.sayings import say_for_good

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
    assert "limerick, not kept" in result.output


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


COUPLET = "The kettle hums beside the sill,\nthe window holds the frosted hill."
ROW = {"title": "Kettle", "content": COUPLET}


def written(path: Path) -> Path:
    """The same two poems in the kind of file that the name asks for."""
    if path.suffix == ".parquet":
        parquet.write_table(pa.Table.from_pylist([ROW, ROW]), path)
    elif path.suffix == ".csv":
        path.write_text("title,poem\n" + 2 * f'Kettle,"{COUPLET}"\n', encoding="utf-8")
    elif path.suffix == ".jsonl":
        path.write_text(2 * (json.dumps(ROW) + "\n"), encoding="utf-8")
    elif path.suffix == ".json":
        path.write_text(json.dumps([ROW, ROW]), encoding="utf-8")
    elif path.suffix == ".txt":
        path.write_text(f"{COUPLET}\n***\n{COUPLET}\n", encoding="utf-8")
    else:
        path.mkdir()
        (path / "a.txt").write_text(COUPLET, encoding="utf-8")
        (path / "b.txt").write_text(COUPLET, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["poems.csv", "poems.jsonl", "poems.json", "poems.parquet", "poems.txt", "poems"])
def test_every_file_that_the_corpus_takes_is_read_poem_by_poem(tmp_path: Path, name: str) -> None:
    result = run(app, [str(written(tmp_path / name)), "--json", "--separator", "***"])
    found = [json.loads(line) for line in result.output.strip().split("\n")]
    assert [one["scheme"] for one in found] == ["AA", "AA"]
    assert [len(one["lines"]) for one in found] == [2, 2]


def test_strong_rhymes_are_written_as_poems_that_can_be_read_again(tmp_path: Path) -> None:
    strong = "The cat\nlay flat\nin the sun\nand the day\nwent away\nas begun"
    rows = [{"title": "Cat", "poem": strong, "author": "A."}, {"title": "Loose", "poem": "a lamp\na door"}]
    (tmp_path / "poems.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    out = tmp_path / "strong.jsonl"
    run(app, ["strong-rhymes", str(tmp_path / "poems.jsonl"), "--out", str(out)])
    assert [(poem.title, poem.author, poem.text) for poem in load_poems(out)] == [("Cat", "A.", strong)]


def test_strong_rhymes_reads_the_same_files_and_the_folders_in_a_folder(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    written(tmp_path / "inner" / "poems.csv")
    written(tmp_path / "poems.jsonl")
    assert "0 of 4 poems rhyme strongly" in run(app, ["strong-rhymes", str(tmp_path)]).output


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff\xfe", "save it as UTF-8"),
        (b"{", "not"),
        (b'{"title": "x"}', "no poem, add a field 'poem'"),
        (b'{"poem": "\\ud800"}', "lone surrogate"),
        (b"[" * 100_000, "bad.jsonl:1"),
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
        [sys.executable, "-m", "workbench", "prosody", "forms"], capture_output=True, text=True, check=True
    )
    assert "terza rima" in shown.stdout


CLERK = "A clerk from the banks of the Niger\ngrew tired of the tea and the tiger;"


@pytest.fixture
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of its own for what is written, and no correction left behind."""
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    yield tmp_path
    say_for_good({})


def test_a_word_can_be_corrected_for_one_run(own_home: Path) -> None:
    assert json.loads(run(app, ["-", "--json"], input=CLERK).output)["scheme"] == "AB"
    corrected = json.loads(run(app, ["-", "--json", "--say", "Niger=~tiger"], input=CLERK).output)
    assert (corrected["scheme"], corrected["said"]) == ("AA", ["Niger"])
    assert json.loads(run(app, ["-", "--json"], input=CLERK).output)["scheme"] == "AB"


def test_a_word_can_be_corrected_for_good_and_taken_back(own_home: Path) -> None:
    assert run(app, ["say", "Niger=~tiger"]).exit_code == 0
    assert "niger = ~tiger" in (own_home / "data" / "said.txt").read_text(encoding="utf-8")
    assert "N AY1 G ER0" in run(app, ["said"]).output
    assert "as you said: Niger" in run(app, ["-"], input=CLERK).output
    assert run(app, ["say", "niger", "--forget"]).exit_code == 0
    assert run(app, ["said"]).output == ""


@pytest.mark.parametrize(
    "correction", ["Niger", "Niger=", "=x", "Niger=N AY JH", "Niger=xyz//", "Niger=~blorf", "Niger=x"]
)
def test_a_wrong_correction_gets_one_line(own_home: Path, correction: str) -> None:
    result = run(app, ["-", "--say", correction], input=CLERK)
    assert (result.exit_code, result.output.count("\n")) == (2, 1)
    assert repr(correction) in result.output


def test_a_wrong_line_of_the_file_is_named(own_home: Path) -> None:
    (own_home / "data").mkdir()
    (own_home / "data" / "said.txt").write_text("# mine\nNiger = ~tiger\nJuly is hot\n", encoding="utf-8")
    result = run(app, ["-"], input=CLERK)
    assert (result.exit_code, result.output.count("\n")) == (2, 1)
    assert "said.txt:3:" in result.output
