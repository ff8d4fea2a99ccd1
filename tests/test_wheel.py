"""The package as other people install it: what the wheel holds, and that its command works in an empty folder."""

import os
import re
import subprocess
import sys
import tomllib
import venv
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

from workbench import __version__
from workbench.places import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
FIXED = {"jupyterlab", "gradio", "transformers", "peft", "llama-cpp-python", "pandas", "plotly", "pytest", "nbval"}


def _names(lines: list[str]) -> set[str]:
    """Names of packages in lines of requirements."""
    found = (re.match(r"[A-Za-z0-9._-]+", line) for line in lines if not line.startswith(("#", "-r")))
    return {re.sub(r"[-_.]+", "-", match.group()).lower() for match in found if match}


def _lines(name: str) -> list[str]:
    return (ROOT / name).read_text(encoding="utf-8").splitlines()


def _declared() -> set[str]:
    extras = [line for extra, lines in PROJECT["optional-dependencies"].items() for line in lines if extra != "vllm"]
    return _names([*PROJECT["dependencies"], *extras]) - {"poetry-workbench"}


def test_every_declared_package_has_a_tested_version():
    constraints = _names(_lines("constraints.txt"))
    assert len(constraints) > 100
    assert _declared() <= constraints


def test_every_pin_is_declared_and_is_the_tested_version():
    pins = [line for name in ("requirements.txt", "requirements-dev.txt", "requirements-cuda.txt")
            for line in _lines(name) if "==" in line and not line.startswith("#")]  # fmt: skip
    assert _names(pins) <= _declared()
    assert set(pins) <= set(_lines("constraints.txt"))
    assert _names(PROJECT["dependencies"]) <= _names(pins)


def test_what_the_user_fixed_is_pinned():
    assert _names(_lines("requirements.txt")) >= FIXED
    assert "unsloth" in _names(_lines("requirements-unsloth.txt"))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel of this checkout, made without a network."""
    folder = tmp_path_factory.mktemp("dist")
    pytest.importorskip("hatchling", reason="hatchling is not installed")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


@pytest.mark.slow
def test_a_wheel_holds_what_is_shipped_and_nothing_of_ones_own(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    tracked = subprocess.run(["git", "ls-files", "config", "data", "models"], cwd=ROOT, capture_output=True, text=True,
                             check=False).stdout.split("\n")  # fmt: skip
    if not any(tracked):
        pytest.skip("not a git checkout: there is no list of what belongs to it")
    expected = {f"workbench/shipped/{path}" for path in tracked if path and not path.startswith("data/pictures")}
    assert {name for name in names if name.startswith("workbench/shipped/")} == expected
    assert {"workbench/py.typed", "workbench/ui/style.css"} <= names
    assert not [name for name in names if name.startswith(("tests/", "bench/", "notebooks/"))]


@pytest.mark.slow
def test_its_metadata_says_version_roles_and_readme(wheel):
    with zipfile.ZipFile(wheel) as file:
        name = next(name for name in file.namelist() if name.endswith("/METADATA"))
        told = Parser().parsestr(file.read(name).decode("utf-8"))
    assert told["Version"] == __version__
    assert set(told.get_all("Provides-Extra", [])) >= {
        "local", "train", "app", "notebooks", "cuda", "scale", "espeak", "bench", "dev",
    }  # fmt: skip
    assert "# The poetry workbench" in told.get_payload()


@pytest.fixture(scope="module")
def command(wheel, tmp_path_factory) -> Path:
    """`workbench` in a fresh environment: the wheel alone, beside the light libraries of this one."""
    folder = tmp_path_factory.mktemp("fresh")
    venv.create(folder, with_pip=False, symlinks=True)
    site = next((folder / "lib").glob("python3*")) / "site-packages"
    with zipfile.ZipFile(wheel) as file:
        file.extractall(site)  # what an installer does with a wheel of Python files
        name = next(name for name in file.namelist() if name.endswith("/entry_points.txt"))
        module, function = re.search(r"workbench = ([\w.]+):(\w+)", file.read(name).decode("utf-8")).groups()
    _lend(site)
    script = folder / "bin" / "workbench"
    script.write_text(f"#!{folder / 'bin' / 'python'}\nfrom {module} import {function}\n{function}()\n")
    script.chmod(0o755)
    return script


def _lend(site: Path) -> None:
    """Links the packages that are installed without an extra, and what they need, and no other one."""
    from importlib import metadata

    pending, seen = _names(PROJECT["dependencies"]), set()
    while pending:
        name = pending.pop()
        seen.add(name)
        found = metadata.distribution(name)
        needed = [line for line in found.requires or [] if "extra ==" not in line]
        tops = {Path(str(file)).parts[0] for file in found.files or [] if not str(file).startswith("..")}
        for top in tops - {"__pycache__"}:
            target = Path(str(found.locate_file(top)))
            if target.exists() and not (site / top).exists():
                (site / top).symlink_to(target)
        pending |= {each for each in _names(needed) - seen if _is_installed(each)}


def _is_installed(name: str) -> bool:
    from importlib import metadata

    try:
        metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def _run(command: Path, *arguments: str, folder: Path, home: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "WORKBENCH_HOME": str(home), "COLUMNS": "120"}
    return subprocess.run([str(command), *arguments], cwd=folder, env=environment, capture_output=True, text=True,
                          check=False)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [
    ("--version",), ("improve", "--help"), ("revise", "--help"), ("app", "--help"), ("educate", "gates"),
    ("educate", "run", "--plan"), ("runs",),
], ids=" ".join)  # fmt: skip
def test_the_command_works_in_an_empty_folder(command, tmp_path, arguments):
    folder = tmp_path / "empty"
    folder.mkdir()
    done = _run(command, *arguments, folder=folder, home=tmp_path / "home")
    assert done.returncode == 0, done.stderr
    assert list(folder.iterdir()) == []


@pytest.mark.slow
def test_prosody_works_without_any_extra(command, tmp_path):
    (tmp_path / "poem.txt").write_text("A lantern swung above the gate,\nthe ferry came an hour late.\n")
    done = _run(command, "prosody", "poem.txt", folder=tmp_path, home=tmp_path / "home")
    assert done.returncode == 0, done.stderr
    assert "iambic tetrameter" in done.stdout


@pytest.mark.slow
def test_a_library_of_another_extra_is_one_line_with_its_extra(command, tmp_path):
    done = _run(command, "serve", "--set", "model.source=none", folder=tmp_path, home=tmp_path / "home")
    assert done.returncode == 2
    assert done.stderr == "uvicorn is not installed; run pip install 'poetry-workbench[app]'\n"


@pytest.mark.slow
def test_what_is_written_goes_below_the_home_and_not_into_the_package(command, tmp_path):
    package = next(command.parent.parent.glob("lib/python3*/site-packages/workbench"))
    before = sorted(path for path in package.rglob("*") if "__pycache__" not in path.parts)
    refused = "remote:http://127.0.0.1:9/v1#nobody"
    _run(command, "revise", "a poem about a ferry", "--educator", refused, "--poet", refused, folder=tmp_path,
         home=tmp_path / "home")  # fmt: skip
    assert (tmp_path / "home" / "data" / "sessions").is_dir()
    assert sorted(path for path in package.rglob("*") if "__pycache__" not in path.parts) == before
