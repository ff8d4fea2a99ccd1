"""The README is true: its blocks run, its commands and files exist, its tree is the tree on the disk."""

import re
import shlex
import subprocess
import sys
from functools import cache

import pytest
from click.testing import Result
from typer.testing import CliRunner

from workbench.cli import app
from workbench.places import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w*)\n(.*?)```", README, flags=re.DOTALL)
COMMANDS = [
    line.split("#")[0].strip()
    for kind, text in BLOCKS
    if kind == "sh"
    for line in text.splitlines()
    if line.split("#")[0].strip()
]
WORKBENCH = sorted({" ".join(shlex.split(c)[1:]) for c in COMMANDS if c.startswith("workbench ")})


def _sub_command(arguments: str) -> list[str]:
    """The words that name the command: `educate run --quick` → educate, run."""
    words = shlex.split(arguments)
    groups = {"educate", "revflux", "prosody"}
    return words[:2] if words[0] in groups and len(words) > 1 and words[1].isalpha() else words[:1]


@cache
def _help(*words: str) -> Result:
    """What a command says of itself, asked once."""
    return CliRunner().invoke(app, [*words, "--help"], env={"COLUMNS": "200"})


def test_there_are_blocks_to_test():
    assert len(WORKBENCH) > 5
    assert any(kind == "python" for kind, _ in BLOCKS)


@pytest.mark.parametrize("code", [text for kind, text in BLOCKS if kind == "python"])
def test_python_blocks_run(code: str):
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_every_make_target_exists():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    asked = {word for command in COMMANDS if command.startswith("make ") for word in command.split()[1:]}
    assert asked
    assert asked <= targets


@pytest.mark.parametrize("command", sorted({" ".join(_sub_command(c)) for c in WORKBENCH}))
def test_every_command_exists(command: str):
    words = command.split() if not command.startswith("prosody") else ["prosody"]
    done = _help(*words)
    assert done.exit_code == 0, done.output


def test_every_option_named_exists():
    for arguments in WORKBENCH:
        options = [word.split("=")[0] for word in shlex.split(arguments) if word.startswith("--")]
        if options:
            done = _help(*_sub_command(arguments))
            missing = [option for option in options if option not in done.stdout]
            assert not missing, arguments


def test_every_file_named_exists():
    named = set(re.findall(r"(?<![\w/])(?:config|data/gold|data/education|bench|tests|docs)/[\w./-]+\w", README))
    assert named
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_the_tree_is_the_tree_on_the_disk():
    tree = next(text for kind, text in BLOCKS if "workbench/    the package" in text)
    told = {line.split()[0] for line in tree.splitlines() if line and not line.startswith(" ")}
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split(
        "\n"
    )
    if not any(tracked):
        pytest.skip("not a git checkout: there is no list of what belongs to it")
    folders = {path.split("/")[0] + "/" for path in tracked if "/" in path and not path.startswith(".")}
    assert folders <= told
    assert all((ROOT / name).exists() for name in told)
