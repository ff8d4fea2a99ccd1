"""The command line as a person meets it: exit codes, one line for a mistake, real processes where the start counts."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.engines.families import family_checkpoint
from workbench.cli import app
from workbench.places import ROOT


def workbench(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "workbench", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture(autouse=True)
def in_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def refuses(*words: str, code: int) -> str:
    done = CliRunner().invoke(app, words)
    assert done.exit_code == code, done.output
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    return done.stderr.strip()


def test_every_phase_has_a_command_with_help():
    shown = workbench("--help").stdout
    for command in ("backtranslate", "score", "select", "train", "improve", "evaluate", "runs", "show", "doctor"):
        assert command in shown


def test_a_mistake_is_one_line_and_no_traceback():
    done = workbench("improve", "nowhere.yaml")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "nowhere.yaml: cannot be read (no such file)\n"


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("improve", "--resume", "tide", "--set", "seed=1"), "--set"),
        (("improve", "--resume", "tide", "--name", "ebb"), "--name"),
        (("improve", "config/improve.yaml", "--resume", "tide"), "a YAML file"),
        (("train", "--resume", "tide", "--set", "seed=1"), "--set"),
        (("train", "tide", "--set", "learner.lora_rank=4"), "--set"),
        (("train", "config/poet.yaml", "--arm", "random"), "--arm"),
    ],
)
def test_what_a_run_that_is_there_would_ignore_is_refused_by_name(words: tuple[str, ...], named: str):
    message = refuses(*words, code=2)
    assert f"leave out {named}" in message


@pytest.mark.parametrize("words", [("compose", "fog"), ("describe", "Marking")])
def test_an_option_that_was_renamed_is_answered_with_todays_name(words: tuple[str, str]):
    done = CliRunner().invoke(app, [*words, "--judge", "built-in"])
    assert (done.exit_code, done.stderr) == (2, "--judge is now --scorer\n")


def test_an_unknown_setting_names_the_nearest_known_one():
    message = refuses("improve", "config/demo.yaml", "--set", "backtranslation.n_candidate=8", code=2)
    assert "did you mean 'n_candidates'?" in message


def test_a_value_out_of_range_names_the_setting():
    message = refuses("improve", "config/demo.yaml", "--set", "backtranslation.n_candidates=0", code=2)
    assert "backtranslation.n_candidates" in message
    assert "greater than or equal to 1" in message


def test_a_missing_configuration_is_one_line():
    assert "nowhere.yaml" in refuses("improve", "nowhere.yaml", code=2)


def test_a_duplicate_key_is_refused_with_its_line(tmp_path: Path):
    (tmp_path / "twice.yaml").write_text("seed: 1\nseed: 2\n")
    assert "twice.yaml:2: key 'seed' is given twice" in refuses("improve", str(tmp_path / "twice.yaml"), code=2)


def test_a_yaml_tag_runs_nothing(tmp_path: Path):
    (tmp_path / "tag.yaml").write_text(f"seed: !!python/object/apply:pathlib.Path.touch ['{tmp_path}/ran']\n")
    refuses("improve", str(tmp_path / "tag.yaml"), code=2)
    assert not (tmp_path / "ran").exists()


def test_a_run_that_is_not_there_names_those_that_are(tmp_path: Path):
    assert "no run 'missing'" in refuses("show", "missing", "--runs", str(tmp_path), code=2)


@pytest.mark.parametrize("name", ["../../etc", "/etc", "a/b", ".hidden", "x" * 65])
def test_a_run_name_is_never_a_path(tmp_path: Path, name: str):
    assert "run name" in refuses("show", name, "--runs", str(tmp_path), code=2)


def test_runs_of_an_empty_folder_says_how_to_begin(tmp_path: Path):
    done = CliRunner().invoke(app, ["runs", "--runs", str(tmp_path)])
    assert done.exit_code == 0
    assert "workbench improve" in done.stdout


@pytest.mark.model
@pytest.mark.slow
def test_the_phases_one_at_a_time_end_in_a_report(tmp_path: Path):
    model = family_checkpoint(tmp_path / "model", "llama", repeats=True)
    tiny = (f"model.source={model}", f"model.cache={tmp_path / 'cache'}", "model.weights=bf16",
            "corpus.poems=data/poems/good/short.jsonl", "corpus.limit=6", "corpus.held_out=0.3",
            "backtranslation.n_candidates=4", "backtranslation.max_new_tokens=40", "backtranslation.min_words=1",
            "scoring.others=1", "selection.min_gain=-9", "learner.lora_rank=4", "improvement.poems_per_batch=2",
            "improvement.iterations=1", "evaluation.n_candidates=1")  # fmt: skip
    changes = [word for setting in tiny for word in ("--set", setting)]
    begun = workbench("backtranslate", "config/demo.yaml", "--name", "steps", "--runs", str(tmp_path), *changes)
    assert begun.returncode == 0, begun.stderr
    for command in ("score", "select", "train", "evaluate"):  # one start of Python is enough to see that a start works
        done = CliRunner().invoke(app, [command, "steps", "--runs", str(tmp_path)])
        assert done.exit_code == 0, done.output
    assert "held-out poems" in done.stdout
    assert (tmp_path / "steps" / "report.html").stat().st_size > 100_000
    assert "# steps" in (tmp_path / "steps" / "report.md").read_text()
    title = json.loads((ROOT / "data/poems/good/short.jsonl").read_text().splitlines()[0])["title"]
    shown = CliRunner().invoke(app, ["show", "steps", title, "--runs", str(tmp_path)])
    assert shown.exit_code in (0, 2)  # 2: that poem is not among the six


@pytest.mark.parametrize("command", ["score", "select", "train", "evaluate"])
def test_a_phase_of_a_run_that_is_not_there_says_so(tmp_path: Path, command: str):
    message = refuses(command, "nothing-yet", "--runs", str(tmp_path), code=2)
    assert "no run 'nothing-yet'" in message
