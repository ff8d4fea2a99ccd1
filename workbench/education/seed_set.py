"""Rows in and out: `data/education/TASK.jsonl`, one JSON object per line, read as strictly as poems are.

What a row says is judged by the gates. Here only a line that is not a row at all is refused: not JSON, an unknown key,
a value of the wrong kind. A file is named after its task.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from workbench.corpus.load import load_poems
from workbench.education.types import CONTENT_FIELDS, Library, Provenance, Row
from workbench.errors import InputError
from workbench.places import located
from workbench.storage.atomic import write_file
from workbench.storage.input_files import files_in, quoted, read_text, refusal
from workbench.storage.strict_json import JsonRefusedError, json_value

SEED_SET = Path("data/education")
POEMS = Path("data/poems")

_PROVENANCE_FIELDS = tuple(item.name for item in fields(Provenance))


def load_library(folder: Path = POEMS) -> Library:
    """The good and bad poems that rows may name.

    Raises:
        InputError: a file cannot be used, or two poems share a title.
    """
    read = [load_poems(folder / kind) for kind in ("good", "bad")]
    poems = [poem for one in read for poem in one]
    library = Library(poems, remarks=[remark for one in read for remark in one.told])
    if len(library) < len(poems):
        titles = [poem.title for poem in poems]
        double = next(title for title in titles if titles.count(title) > 1)
        raise InputError(f"{folder}: two poems are called {quoted(double)}, rows name poems by title: rename one")
    return library


def load_rows(path: Path, task_fields: Mapping[str, Sequence[str]]) -> list[Row]:
    """The rows of one file, or of all .jsonl files of a folder by name.

    Args:
        path: a file TASK.jsonl (or TASK.ANYTHING.jsonl), or a folder of such files.
        task_fields: the fields of each task by its name.

    Raises:
        InputError: one line, `file:line: reason, what to do`.
    """
    path = located(path)
    files = [file for file in files_in(path) if file.suffix == ".jsonl"] if path.is_dir() else [path]
    return [row for file in files for row in _rows_of(file, task_fields)]


def write_rows(path: Path, rows: Iterable[Row], names: Sequence[str]) -> None:
    """Writes rows of one task as .jsonl, all or nothing; `load_rows` gives them back, with a new `place`.

    Raises:
        StoreError: the disk.
    """
    lines = [json.dumps(row.data(names), ensure_ascii=False) + "\n" for row in rows]
    write_file(path, "".join(lines).encode("utf-8"))


def row_from(data: Mapping[str, Any], *, task: str, names: Sequence[str]) -> Row:
    """A row of a task from plain data; fields that are missing stay empty, for the gates to see.

    Raises:
        ValueError: an unknown key or a value of the wrong kind; the message is `reason, what to do`.
    """
    if unknown := sorted(data.keys() - {*names, "provenance"}):
        raise ValueError(f"unknown key {quoted(unknown[0])}, a {task} row has {', '.join(names)}")
    values: dict[str, Any] = {name: _value(name, data[name]) for name in names if name in data}
    return replace(Row(task=task, provenance=_provenance(data.get("provenance", {}))), **values)


def _rows_of(path: Path, task_fields: Mapping[str, Sequence[str]]) -> list[Row]:
    task = path.name.split(".")[0]
    if task not in task_fields or path.suffix != ".jsonl":
        raise refusal(path, f"not named after a task, call it TASK.jsonl; tasks are {', '.join(task_fields)}")
    rows = []
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            data = json_value(line, line=number)
            if not isinstance(data, dict):
                raise ValueError("not an object, write one {…} per line")
            row = row_from(data, task=task, names=task_fields[task])
        except JsonRefusedError as exc:
            raise refusal(path, str(exc), exc.line) from exc
        except ValueError as exc:
            raise refusal(path, str(exc), number) from exc
        rows.append(replace(row, place=f"{path}:{number}"))
    return rows


def _value(name: str, value: object) -> str | tuple[str, ...]:
    if name not in CONTENT_FIELDS:
        raise ValueError(f"{name!r} is not a field of a row")
    is_list = name == "end_words"
    if is_list and isinstance(value, list) and all(isinstance(word, str) for word in value):
        return tuple(_whole(word) for word in value)
    if not is_list and isinstance(value, str):
        return _whole(value)
    raise ValueError(f"the value of {name!r} is not {'a list of words' if is_list else 'text'}: fix this line")


def _whole(text: str) -> str:
    if any("\ud800" <= char <= "\udfff" for char in text):
        raise ValueError("half of a character pair (a lone surrogate), write the whole character")
    return text


def _provenance(data: object) -> Provenance:
    """Numbers come out of the JSON guard as floats; a seed is below 2^31, so none is lost."""
    kinds: dict[str, type] = {"seed": float, "parents": list}
    is_known = isinstance(data, dict) and not data.keys() - set(_PROVENANCE_FIELDS)
    if not is_known or not all(isinstance(value, kinds.get(key, str)) for key, value in _items(data)):
        raise ValueError(f"`provenance` is not an object of {', '.join(_PROVENANCE_FIELDS)}, leave it out or fix it")
    values: dict[str, Any] = dict(_items(data))
    if "seed" in values:
        values["seed"] = int(values["seed"])
    if "parents" in values:
        values["parents"] = tuple(str(parent) for parent in values["parents"])
    return Provenance(**values)


def _items(data: object) -> list[tuple[str, object]]:
    return list(data.items()) if isinstance(data, dict) else []
