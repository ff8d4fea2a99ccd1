"""The commands, as typed."""

import json

import pytest
from typer.testing import CliRunner

from workbench.cli import app
from workbench.places import ROOT

CONFIG = """
folder: {folder}
revisions: [0, 1]
samples: 1
configurations:
  - {{name: pair, educator: built-in, poet: built-in}}
"""


@pytest.fixture
def config(tmp_path, monkeypatch):
    monkeypatch.setenv("BROWSER_PATH", "none")  # pictures are drawn in test_dashboard.py
    path = tmp_path / "study.yaml"
    path.write_text(CONFIG.format(folder=tmp_path / "studies"))
    return path


def revflux(*words: object):
    return CliRunner().invoke(app, ["revflux", *map(str, words)])


def test_recorded_sessions_become_a_measured_study(tmp_path, config):
    old = tmp_path / "old.json"
    old.write_text(json.dumps([{"prompt": "a poem", "drafts": ["The salt\nroad", "Top\nThe salt\nroad"]}]))
    done = revflux("import", old, "--config", config, "--name", "old")
    assert done.exit_code == 0, done.output
    folder = tmp_path / "studies" / "old"
    assert {"summary.json", "sessions.parquet", "rounds.parquet", "lines.parquet", "dashboard.html"} <= {
        path.name for path in folder.iterdir()
    }
    cells = json.loads((folder / "summary.json").read_text())["cells"]
    verbatim = next(c for c in cells if c["measure"] == "verbatim" and c["revisions"] == 1)
    assert verbatim["value"] == 100.0


def test_a_study_is_measured_again_from_its_folder(tmp_path, config):
    old = tmp_path / "old.json"
    old.write_text(json.dumps([{"prompt": "a poem", "drafts": ["a", "b"]}]))
    revflux("import", old, "--config", config, "--name", "old")
    page = tmp_path / "studies" / "old" / "dashboard.html"
    page.unlink()
    assert revflux("report", config, "--name", "old").exit_code == 0
    assert page.is_file()


def test_two_texts_are_measured_beside_the_bands(tmp_path):
    before, after = tmp_path / "a.txt", tmp_path / "b.txt"
    before.write_text("The salt\nroad")
    after.write_text("Top\nThe salt\nroad")
    assert json.loads(revflux("measure", before, after, "--json").output)["verbatim"] == 100.0
    assert "paraphrase" in revflux("measure", before, after).output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("run", "CONFIG", "--only", "nobody"), "no configuration 'nobody'; choose from pair"),
        (("run", "CONFIG", "--category", "odes"), "no prompt is of the category 'odes'; there are "),
        (("run", "CONFIG", "--name", "../out"), "is not a valid study name"),
        (("run", "CONFIG", "--set", "sampels=1"), "did you mean 'samples'"),
        (("run", "CONFIG", "--prompts", "nowhere.txt"), "no such file"),
        (("run", "CONFIG", "--set", "configurations=[]"), "at least one is needed"),
        (("report", "CONFIG", "--name", "empty"), "no study here"),
        (("measure", "nowhere.txt", "nowhere.txt"), "no such file"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(config, words, said):
    done = revflux(*(config if word == "CONFIG" else word for word in words))
    assert (done.exit_code, done.exception.__class__) == (2, SystemExit)
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_the_categories_are_listed_with_their_prompts(config, tmp_path):
    (tmp_path / "own.jsonl").write_text('{"prompt": "a rope", "category": "sea"}\n{"prompt": "a gate"}\n')
    listed = revflux("list-categories", config, "--prompts", tmp_path / "own.jsonl").output
    assert listed.split()[:3] == ["sea", "1", "prompts"]


def test_the_settings_of_the_repository_are_valid():
    from workbench.config import load_job
    from workbench.revflux.study import StudySettings, check_settings

    settings = load_job(StudySettings, ROOT / "config" / "revflux.yaml")
    check_settings(settings, where="config/revflux.yaml")
    assert settings.revisions == (0, 1, 3, 5)
