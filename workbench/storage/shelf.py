"""The shelf of runs, as a person keeps it: how much room each takes, a note on it, another name, and what was put away.

    RUNS/NAME/note.txt      a person's own words about a run
    RUNS/.removed/NAME      a run that was removed: brought back, or deleted for good

A run at work keeps its place and its name.
"""

import os
import shutil
from pathlib import Path

from workbench.errors import InputError
from workbench.places import written
from workbench.storage.atomic import disk_errors, write_file
from workbench.storage.run_names import checked_name
from workbench.storage.runs import is_locked

REMOVED = ".removed"
MOST_NOTE_CHARACTERS = 2000
_NOTE = "note.txt"


def disk_bytes(folder: Path) -> int:
    """What a folder takes on the disk, in bytes; what goes away meanwhile does not count."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(Path(place) / name).st_size
            except OSError:
                continue
    return total


def note_of(root: Path, name: str) -> str:
    """A person's words about a run; "" = none."""
    try:
        return (root / checked_name(name) / _NOTE).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def keep_note(root: Path, name: str, text: str) -> None:
    """Writes them down; an empty text takes the note away.

    Raises:
        InputError: there is no such run, or the note is too long.
        StoreError: the disk.
    """
    folder, text = _run_folder(root, name), text.strip()
    if len(text) > MOST_NOTE_CHARACTERS:
        raise InputError(f"the note has {len(text)} characters; {MOST_NOTE_CHARACTERS} are kept, shorten it")
    if text:
        write_file(folder / _NOTE, f"{text}\n".encode())
    else:
        with disk_errors(folder):
            (folder / _NOTE).unlink(missing_ok=True)


def rename_run(root: Path, name: str, new: str) -> None:
    """Gives a run another name.

    Raises:
        InputError: there is no such run, it is at work, or the name cannot be or is taken.
        StoreError: the disk.
    """
    _move(_resting(root, name), written(root) / checked_name(new.strip()))


def remove_run(root: Path, name: str) -> None:
    """Puts a run away; `bring_back` undoes it.

    Raises:
        InputError: there is no such run, it is at work, or one of its name was put away before.
        StoreError: the disk.
    """
    _move(_resting(root, name), written(root) / REMOVED / name)


def removed_runs(root: Path) -> list[str]:
    """Names of those that were put away."""
    return sorted(path.name for path in (written(root) / REMOVED).glob("*") if path.is_dir())


def bring_back(root: Path, name: str) -> None:
    """Puts a removed run back in its place.

    Raises:
        InputError: it was not removed, or there is a run of its name again.
        StoreError: the disk.
    """
    _move(_removed(root, name), written(root) / name)


def delete_for_good(root: Path, name: str) -> None:
    """Deletes a run that was removed before; nothing brings it back.

    Raises:
        InputError: it was not removed.
        StoreError: the disk.
    """
    folder = _removed(root, name)
    with disk_errors(folder):
        shutil.rmtree(folder)


def _run_folder(root: Path, name: str) -> Path:
    folder = written(root) / checked_name(name)
    if not (folder / "run.json").is_file():
        raise InputError(f"there is no run {name!r} here; choose one from the list")
    return folder


def _resting(root: Path, name: str) -> Path:
    """The folder of a run that nobody works on."""
    folder = _run_folder(root, name)
    if is_locked(folder):
        raise InputError(f"{name} is at work; stop it first")
    return folder


def _removed(root: Path, name: str) -> Path:
    folder = written(root) / REMOVED / checked_name(name)
    if not folder.is_dir():
        raise InputError(f"{name} is not among the removed runs")
    return folder


def _move(folder: Path, to: Path) -> None:
    if os.path.lexists(to):
        raise InputError(f"there is a run {to.name!r} already; choose another name")
    with disk_errors(to):
        to.parent.mkdir(parents=True, exist_ok=True)
        os.rename(folder, to)
