"""The words that a person has corrected for good: `data/said.txt`, one `word = how` a line, `#` before a remark.

A plain file, to be edited by hand; what may stand after the `=` is said in `sayings`. It alone reads and writes it.
"""

from __future__ import annotations

from pathlib import Path

from workbench.errors import InputError
from workbench.places import located, written
from workbench.prosody.sayings import Saying, say_for_good, saying
from workbench.storage.atomic import disk_errors, write_file
from workbench.storage.input_files import read_text, refusal

SAID_FILE = Path("data/said.txt")
_HEAD = "# How words are said here, before what the dictionary has: word = N AY1 JH ER0, NYE-jer, ~tiger or /x"


def use_said() -> None:
    """From now on this process says the words as the file has them; without a file nothing changes.

    Raises:
        InputError: `file:line: reason` for a line that is not a correction.
    """
    path = located(SAID_FILE)
    if path.is_file():
        say_for_good({one.word: (one.phones,) for one in read_said(path)})


def read_said(path: Path) -> list[Saying]:
    """The corrections of a file, in its order; of two for one word the later holds.

    Raises:
        InputError: `file:line: reason` for a line that is not a correction.
    """
    found: dict[str, Saying] = {}
    for number, line in enumerate(read_text(path).split("\n"), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            try:
                one = saying(line)
            except InputError as exc:
                raise refusal(path, str(exc), number) from exc
            found[one.word] = one
    return list(found.values())


def keep_said(one: Saying) -> Path:
    """Write a correction into the file, in the place of an older one of the same word; every other line stays.

    Returns:
        The file.

    Raises:
        StoreError: the disk.
    """
    return _rewrite(one.word, [f"{one.word} = {one.how}"])


def forget_said(word: str) -> Path:
    """Take the correction of a word out of the file.

    Raises:
        InputError: the file does not correct this word.
    """
    path = located(SAID_FILE)
    if not path.is_file() or word.lower() not in [one.word for one in read_said(path)]:
        raise InputError(f"{path}: no correction of {word[:40]!r} in it; `prosody said` lists those that hold")
    return _rewrite(word.lower(), [])


def _rewrite(word: str, new: list[str]) -> Path:
    old = located(SAID_FILE)
    lines = read_text(old).rstrip("\n").split("\n") if old.is_file() else [_HEAD]
    kept = [line for line in lines if line.startswith("#") or line.partition("=")[0].strip().lower() != word]
    path = written(SAID_FILE)
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    write_file(path, ("\n".join([*kept, *new]) + "\n").encode())
    return path
