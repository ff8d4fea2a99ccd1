"""Sessions as files: one JSON file each, whole or not there, so that a study can be interrupted at any moment."""

import json
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from workbench.errors import DamagedError
from workbench.revision.types import Trace
from workbench.storage.atomic import write_file
from workbench.storage.input_files import read_text


def write_trace(path: Path, trace: Trace, **about: str | int) -> None:
    """Stores a session with what a study knows about it.

    Raises:
        StoreError: the disk is full or read-only; nothing of it was stored.
    """
    write_file(path, json.dumps({"about": about, "trace": asdict(trace)}, indent=1).encode("ascii"))


def read_trace(path: Path) -> tuple[Trace, dict[str, Any]]:
    """A stored session and what is known about it.

    Raises:
        InputError: the file cannot be read.
        DamagedError: it is not what `write_trace` wrote.
    """
    text = read_text(path)
    try:
        data = json.loads(text)
        return _adapter().validate_python(data["trace"]), dict(data["about"])
    except (ValueError, KeyError, TypeError, RecursionError) as exc:
        raise DamagedError(f"{path}: not a session of a study; remove the file and run the study again") from exc


@cache
def _adapter() -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(Trace)
