"""Where things are found and written: in a checkout, below a home of one's own, and from any working directory."""

import subprocess
import sys
from pathlib import Path

import pytest

from workbench import places
from workbench.config import load_job
from workbench.corpus.load import load_poems
from workbench.errors import ConfigError
from workbench.improvement.settings import Settings
from workbench.places import HOME_VARIABLE, ROOT, as_typed, config_file, home, located, made_of, written


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory, and beside it a home that is not there yet."""
    folder = tmp_path / "empty"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    return folder


def test_the_home_of_a_checkout_is_the_checkout(monkeypatch):
    monkeypatch.delenv(HOME_VARIABLE, raising=False)
    assert home() == ROOT


def test_an_installed_package_writes_into_the_users_data_folder(monkeypatch):
    monkeypatch.delenv(HOME_VARIABLE, raising=False)
    monkeypatch.setattr(places, "IS_CHECKOUT", False)
    monkeypatch.setenv("XDG_DATA_HOME", "/somewhere/data")
    assert home().name == "workbench"
    assert not home().is_relative_to(places.PACKAGE)


def test_what_is_written_goes_below_the_home(elsewhere):
    assert written("data/runs") == elsewhere.parent / "home" / "data" / "runs"


def test_in_the_home_itself_a_name_stays_short(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    assert written("data/runs") == Path("data/runs")


def test_a_name_outside_our_folders_is_a_plain_path(elsewhere):
    assert written("my_runs") == Path("my_runs")
    assert located("my_poems") == Path("my_poems")


def test_shipped_files_are_found_from_any_folder(elsewhere):
    assert located("data/poems/good") == ROOT / "data" / "poems" / "good"
    assert len(load_poems(Path("data/poems/good"))) > 20


def test_ones_own_file_wins_over_the_home_and_the_home_over_what_is_shipped(elsewhere):
    name = "config/demo.yaml"
    assert located(name) == ROOT / name
    for folder, expected in ((home(), home() / name), (elsewhere, Path(name))):
        (folder / "config").mkdir(parents=True)
        (folder / name).write_text("seed: 1\n")
        assert located(name) == expected


def test_a_shipped_config_goes_by_its_bare_name(elsewhere):
    assert config_file("demo") == ROOT / "config" / "demo.yaml"
    assert load_job(Settings, Path("demo")) == load_job(Settings, ROOT / "config" / "demo.yaml")


def test_a_config_that_is_nowhere_is_named_as_it_was_typed(elsewhere):
    with pytest.raises(ConfigError, match=r"^nowhere: cannot be read"):
        load_job(Settings, Path("nowhere"))


def test_a_path_below_the_home_is_shown_short(elsewhere):
    assert as_typed(home() / "data" / "runs") == "data/runs"
    assert as_typed(Path("/tmp/runs")) == "/tmp/runs"  # noqa: S108 - only a name


def test_nothing_is_made_among_shipped_files(elsewhere):
    assert made_of(ROOT / "models" / "poet").is_relative_to(home())
    assert made_of(elsewhere) == elsewhere


def test_a_command_works_from_an_empty_folder_and_leaves_it_empty(elsewhere):
    done = subprocess.run(
        [sys.executable, "-m", "workbench", "educate", "run", "--plan", "--quick"],
        env=places.child_environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert list(elsewhere.iterdir()) == []
