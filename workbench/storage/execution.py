"""Carrying out a plan that can be stopped and resumed: the loop, a fine-tuning and the education workflow alike.

    plan        every action in order, known before the first one; it may become shorter while it is carried out
    action      one thing to do; done again after a crash it finds or writes the same records
    position    how many actions are done: the place in the plan
    checkpoint  the whole state before an action, on disk: complete or absent, verified before it is used
    resume      takes back the newest whole checkpoint and continues at its position
    progress    what a run says of itself: where it is

What the actions are, only the phase knows. On one machine a resumed run ends with the same bytes as one never stopped.

A checkpoint is a folder with a `manifest.json` that holds the sha256 of every other file, of the position it is
for and of itself. It is written under a hidden name, the manifest last, synced, renamed; only then does the file LATEST
move, and only then are older ones removed. A position that is saved again gets a folder beside the first one.
Safetensors and JSON only: opening one runs no code. What goes into it is the caller's matter.
"""

import hashlib
import json
import platform
import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Protocol, TypeVar

from workbench.errors import DamagedError, Stopped
from workbench.storage.atomic import disk_errors, new_folder, sha256_file, sync_folder, write_file
from workbench.storage.runs import Run

MANIFEST = "manifest.json"
LATEST = "LATEST"
_FOLDER = re.compile(r"position-(\d{6,})(?:-(\d+))?")  # the second number where a position was saved again
_ALLOWED = {".safetensors", ".json", ".md", ".gguf"}  # .gguf: an adapter as the sampler reads it; .md: PEFT's card


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A verified checkpoint."""

    folder: Path
    position: int  # actions of the plan that are done
    state: dict[str, str | int | float]  # the run's own small facts


def save_checkpoint(
    root: Path, position: int, write: Callable[[Path], None], *, state: dict[str, str | int | float], keep: int = 2
) -> Checkpoint:
    """Writes a checkpoint for `position` and makes it the latest one.

    Args:
        root: the folder of a run's checkpoints.
        position: how many actions of the plan are done.
        write: fills an empty folder with safetensors and JSON.
        state: small facts to get back on resume.
        keep: how many checkpoints to keep, the newest; at least 1.

    Raises:
        StoreError: it could not be written; the checkpoints before it are intact.
    """
    with disk_errors(root):
        root.mkdir(parents=True, exist_ok=True)
        for left_by_a_crash in root.glob(".position-*.partial"):
            shutil.rmtree(left_by_a_crash)
    folder = _free_folder(root, position)
    with new_folder(folder) as partial:
        write(partial)
        files = {str(file.relative_to(partial)): sha256_file(file) for file in _files(partial)}
        manifest = {"position": position, "state": state, "files": files}
        text = json.dumps(manifest | {"sha256": _digest(manifest)}, indent=1, sort_keys=True)
        (partial / MANIFEST).write_text(text, encoding="utf-8")
    write_file(root / LATEST, folder.name.encode())
    with disk_errors(root):
        _prune(root, folder, keep)
    return Checkpoint(folder=folder, position=position, state=state)


def latest_checkpoint(root: Path) -> tuple[Checkpoint | None, list[str]]:
    """The newest checkpoint that is whole, and a line about each damaged one that was passed over."""
    complaints: list[str] = []
    for folder in reversed(_folders(root)):
        try:
            return verify_checkpoint(folder), complaints
        except DamagedError as exc:
            complaints.append(str(exc))
    return None, complaints


def verify_checkpoint(folder: Path) -> Checkpoint:
    """Reads a checkpoint's manifest and compares every file with it.

    Raises:
        DamagedError: a file is missing, added, of another kind, or differs from its digest.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        sha256 = manifest.pop("sha256")
        position, state, files = int(manifest["position"]), dict(manifest["state"]), dict(manifest["files"])
    except (OSError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError, RecursionError) as exc:
        raise DamagedError(f"{folder}: the manifest cannot be read; an older checkpoint is used") from exc
    if sha256 != _digest(manifest) or _order(folder)[0] != position:
        raise DamagedError(f"{folder / MANIFEST}: differs from its digest; an older checkpoint is used")
    found = {str(file.relative_to(folder)): file for file in _files(folder)}
    if found.keys() != files.keys():
        odd = sorted(found.keys() ^ files.keys())
        raise DamagedError(f"{folder}: {odd[0]} is missing or does not belong; an older checkpoint is used")
    for name, file in found.items():
        if file.suffix not in _ALLOWED or not _has_digest(file, files[name]):
            raise DamagedError(f"{folder / name}: differs from its digest; an older checkpoint is used")
    return Checkpoint(folder=folder, position=position, state=state)


def _folders(root: Path) -> list[Path]:
    """All checkpoints, the newest last."""
    return sorted((path for path in root.glob("position-*") if _FOLDER.fullmatch(path.name)), key=_order)


def _order(folder: Path) -> tuple[int, int]:
    """Its position, and how often that had been saved before."""
    match = _FOLDER.fullmatch(folder.name)
    return (int(match[1]), int(match[2] or 0)) if match else (-1, 0)


def _free_folder(root: Path, position: int) -> Path:
    """A new folder behind all others of this position: what is there stays until the new one is whole."""
    again = max((times + 1 for place, times in map(_order, _folders(root)) if place == position), default=0)
    return root / f"position-{position:06d}{f'-{again}' if again else ''}"


def _digest(manifest: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()


def _has_digest(file: Path, sha256: str) -> bool:
    try:
        return file.is_file() and sha256_file(file) == sha256
    except OSError:
        return False


def _files(folder: Path) -> list[Path]:
    """Everything but folders and the checkpoint's own manifest."""
    paths = (path for path in folder.rglob("*") if path != folder / MANIFEST)
    return sorted(path for path in paths if path.is_symlink() or not path.is_dir())


def _prune(root: Path, newest: Path, keep: int) -> None:
    """Keeps the newest; those ahead of the one just written were passed over as damaged and are of no more use."""
    folders = _folders(root)
    up_to_newest = [folder for folder in folders if _order(folder) <= _order(newest)]
    for old in {*folders} - {*up_to_newest[-max(keep, 1) :]}:
        shutil.rmtree(old, ignore_errors=True)
    sync_folder(root)


_VERSIONS = ("torch", "transformers", "peft", "llama-cpp-python", "numpy")


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Where a run is."""

    position: int  # actions done
    n_actions: int
    text: str  # what it does now, for people


Watch = Callable[[Progress], None]


def versions() -> dict[str, str]:
    """What the run was made with."""
    found = {name: metadata.version(name) for name in _VERSIONS}
    return {"python": platform.python_version(), "machine": platform.machine(), **found}


A = TypeVar("A")


class Actions(Protocol[A]):
    """What a phase says of its plan, and how it carries out one action."""

    def plan(self) -> Sequence[A]:
        """All actions as far as they are known now."""
        ...

    def sentence(self, action: A) -> str:
        """What an action does, for a person who watches."""
        ...

    def resume(self) -> int:
        """Takes back the newest checkpoint, or prepares a fresh start; returns the position."""
        ...

    def do(self, position: int, action: A) -> None:
        """Carries out one action."""
        ...

    def save(self, position: int) -> None:
        """Writes a checkpoint before the action at `position`."""
        ...

    def stop_asked(self) -> bool:
        """Whether somebody has asked to stop."""
        ...

    def note(self, kind: str, **data: Any) -> None:
        """Writes an event: progress, stopped, finished."""
        ...


class RunActions:
    """What the actions of every run share: they know when a stop is asked for, and say where they are."""

    run: Run

    def stop_asked(self) -> bool:
        """Whether somebody has asked the run to stop."""
        return self.run.stop_asked()

    def note(self, kind: str, **data: Any) -> None:
        """Writes an event into the run's records, which is also its heartbeat."""
        self.run.records.note(kind, **data)


def carry_out(actions: Actions[A], *, watch: Watch = lambda _: None, resume_with: str) -> None:
    """Carries out what is left of a plan.

    Args:
        actions: the plan and what its actions do.
        watch: told where it is before each action.
        resume_with: the command that continues, for the message.

    Raises:
        Stopped: somebody asked; a checkpoint was written first.
        WorkbenchError: an action failed; the last checkpoint is intact.
    """
    position = actions.resume()
    while position < len(plan := actions.plan()):
        text = actions.sentence(plan[position])
        actions.note("progress", position=position, of=len(plan), text=text)
        watch(Progress(position=position, n_actions=len(plan), text=text))
        try:
            if actions.stop_asked():
                raise Stopped("stopped")
            actions.do(position, plan[position])
        except Stopped:
            actions.save(position)
            text = f"stopped at {position} of {len(plan)}; continue with: {resume_with}"
            actions.note("stopped", text=text)
            raise Stopped(text) from None
        position += 1
    actions.note("finished", text="finished")


def newest_checkpoint(run: Run) -> Checkpoint | None:
    """The newest whole checkpoint of a run; damaged ones are passed over with a warning in its records."""
    checkpoint, complaints = latest_checkpoint(run.checkpoints)
    for complaint in complaints:
        run.records.note("warning", text=complaint)
    return checkpoint
