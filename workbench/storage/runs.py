"""A run: a named folder that holds everything it did.

    data/runs/whimsical-whitman-0042/
        run.json          settings, seed and versions it was started with; never changed afterwards
        records.sqlite    every candidate, score, choice, step and measurement (records.py)
        checkpoints/      the newest complete states (execution.py)
        adapters/         describers and followers by the step at which they were saved
        report.md, report.html
        lock, stop        one process works on a run at a time; `stop` asks it to save and leave

Knows nothing of models or phases.
"""

import contextlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.errors import InputError, LockedError, StoreError, WorkbenchError
from workbench.places import written
from workbench.storage.atomic import disk_errors, is_held, take, write_file
from workbench.storage.records import RecordStore
from workbench.storage.run_names import NAME, checked_name, free_name

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """One line of the list of runs."""

    name: str
    created: float  # seconds since the epoch
    state: str  # new, running, stopped, failed, finished
    note: str  # last thing it said
    heartbeat: float  # seconds since the epoch of its last event; 0 = none
    is_loop: bool = True  # else a fine-tuning on examples or a practice: it has no candidates


class Run:
    """An open run. Use `create` or `open`; close it, or use it in a `with` block."""

    def __init__(self, folder: Path, lock: int | None) -> None:
        self.folder = folder
        self.name = folder.name
        self._lock = lock
        self._is_stopping = False
        self._is_new = False  # made by this process
        try:
            self.records = RecordStore(folder / "records.sqlite", read_only=lock is None)
        except StoreError:
            self._release()
            raise

    @classmethod
    def create(cls, root: Path, name: str, facts: dict[str, Any], *, begin_with: Sequence[Any] = ()) -> "Run":
        """Makes the folder of a new run and locks it.

        Args:
            root: the folder of all runs.
            name: its name; "" chooses a free one.
            facts: settings, seed, versions; stored as run.json.
            begin_with: records that it has from the start.

        Raises:
            InputError: the name is taken or cannot be a name.
            StoreError: the folder cannot be written.
        """
        root = written(root)
        folder = root / (checked_name(name) if name else free_name(root))
        _check_free(folder)
        with disk_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
        run = cls(folder, _acquire(folder))
        try:
            _check_free(folder)  # another process may have been quicker
            run.records.put(begin_with)
            run.records.note("created")
            write_file(folder / "run.json", json.dumps(facts, indent=1, ensure_ascii=False).encode())  # now it is a run
        except WorkbenchError:
            run.discard()
            raise
        run._is_new = True
        return run

    @classmethod
    def open(cls, root: Path, name: str, *, read_only: bool = False) -> "Run":
        """Opens a run that exists; for writing it is locked.

        Raises:
            InputError: there is no such run; the message names the newest ones.
            LockedError: another process works on it.
        """
        root = written(root)
        folder = root / checked_name(name)
        if not (folder / "run.json").is_file():
            known = ", ".join(summary.name for summary in list_runs(root)[:5]) or "none yet"
            raise InputError(f"no run {name!r} in {root}; the newest are: {known}")
        return cls(folder, None if read_only else _acquire(folder))

    @property
    def facts(self) -> dict[str, Any]:
        """What run.json holds."""
        return _facts(self.folder)

    @property
    def checkpoints(self) -> Path:
        """The folder of its checkpoints."""
        return self.folder / "checkpoints"

    def frame(self, name: str, **where: str | int) -> "pd.DataFrame":
        """Records of the run as a DataFrame: `run.frame("scores", iteration=1)`; see `RecordStore.frame`."""
        return self.records.frame(name, **where)

    def adapter_folder(self, name: str) -> Path:
        """Where an adapter of this run lies."""
        return self.folder / "adapters" / checked_name(name)

    def write_text(self, name: str, text: str) -> Path:
        """Writes a report or plot into the run's folder, wholly or not at all."""
        path = self.folder / name
        write_file(path, text.encode())
        return path

    def ask_to_stop(self) -> None:
        """Asks the process that works on this run to save and leave."""
        self._is_stopping = True  # obeyed even where the disk is full
        write_file(self.folder / "stop", b"")

    def stop_asked(self) -> bool:
        """Whether somebody has asked."""
        return self._is_stopping or (self.folder / "stop").exists()

    def close(self) -> None:
        """Closes the records and releases the lock."""
        self.records.close()
        self._release()

    def _release(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> "Run":
        if self._lock is not None:
            (self.folder / "stop").unlink(missing_ok=True)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None and self._is_new and [event for _, event, _ in self.records.events()] == ["created"]:
            self.discard()  # a start that failed leaves nothing
        self.close()

    def discard(self) -> None:
        """Closes a run that did nothing and removes what it wrote; what the app wrote beside it (jobs.py) stays."""
        self.records.close()
        with contextlib.suppress(OSError):
            for name in ("run.json", "records.sqlite", "records.sqlite-journal", "stop", "lock"):
                (self.folder / name).unlink(missing_ok=True)
            self.folder.rmdir()
        self._release()


def list_runs(root: Path) -> list[RunSummary]:
    """All runs, the newest first; a folder that is not a run is passed over."""
    folders = [
        path.parent for path in written(root).glob("*/run.json") if path.is_file() and NAME.fullmatch(path.parent.name)
    ]
    return sorted((summarise(folder) for folder in folders), key=lambda run: run.created, reverse=True)


FINE_TUNING, PRACTICE = "training", "practice"  # kinds in run.json; a run of the loop names none
_STATES = {"created": "new", "finished": "finished", "failed": "failed"}  # by its last event; else it was stopped

SITTING = "sitting"  # the event of a person's review: it says nothing of where the run's own work is


def summarise(folder: Path) -> RunSummary:
    """Reads a run's state without disturbing it."""
    created = (folder / "run.json").stat().st_mtime
    run = RunSummary(name=folder.name, created=created, state="new", note="no records yet", heartbeat=0,
                     is_loop=_is_of_the_loop(folder))  # fmt: skip
    records = folder / "records.sqlite"
    if not records.exists():
        return run
    try:
        with contextlib.closing(RecordStore(records, read_only=True)) as store:
            events = [event for event in store.events() if event[1] != SITTING]
    except StoreError as exc:
        return replace(run, state="failed", note=str(exc))
    at, kind, data = events[-1] if events else (0.0, "created", {})
    state = "running" if is_locked(folder) else _STATES.get(kind, "stopped")
    return replace(run, state=state, note=str(data.get("text", kind)), heartbeat=at)


def _is_of_the_loop(folder: Path) -> bool:
    try:
        return _facts(folder).get("kind") not in (FINE_TUNING, PRACTICE)
    except StoreError:
        return True


def is_locked(folder: Path) -> bool:
    """Whether a living process works on the run."""
    return is_held(folder / "lock")


def _acquire(folder: Path) -> int:
    """Takes the lock and writes into it who holds it."""
    path = folder / "lock"
    with disk_errors(path):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            if not take(descriptor):
                holder = os.pread(descriptor, 100, 0).decode(errors="replace").strip() or "another process"
                raise LockedError(f"run {folder.name!r} is in use by {holder}; wait for it, or stop it first")
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"process {os.getpid()}".encode(), 0)
        except BaseException:
            os.close(descriptor)
            raise
    return descriptor


def _check_free(folder: Path) -> None:
    """There is nothing, or only what a process leaves that was killed, or met a full disk, before its run began."""
    begun = {"lock", "records.sqlite", "records.sqlite-journal", ".run.json.partial"}
    begun |= {"job.log", "job.json", ".job.json.partial"}  # the app writes these before the run begins (jobs.py)
    is_folder = folder.is_dir() and not folder.is_symlink()
    if os.path.lexists(folder) and not (is_folder and {path.name for path in folder.iterdir()} <= begun):
        advice = f"give another --name, or continue with --resume {folder.name}"
        raise InputError(f"run {folder.name!r} exists already; {advice}")


def _facts(folder: Path) -> dict[str, Any]:
    try:
        return dict(json.loads((folder / "run.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, RecursionError) as exc:
        raise StoreError(f"{folder / 'run.json'}: cannot be read; the run cannot continue") from exc
