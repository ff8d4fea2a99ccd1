"""Checkpoints: complete or absent, verified by digest before they are used.

A checkpoint is a folder with a `manifest.json` that holds the sha256 of every other file and of the position it stands
for. It is written under a hidden name, the manifest last, synced, renamed; only then does the file LATEST move.
Safetensors and JSON only: opening one runs no code. What goes into it is the caller's matter.
"""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from workbench.atomic import new_folder, sha256_file, sync_folder, write_file
from workbench.errors import DamagedError

MANIFEST = "manifest.json"
LATEST = "LATEST"
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
    root.mkdir(parents=True, exist_ok=True)
    folder = root / f"position-{position:06d}"
    if folder.exists():
        shutil.rmtree(folder)
    with new_folder(folder) as partial:
        write(partial)
        files = {str(file.relative_to(partial)): sha256_file(file) for file in _files(partial)}
        manifest = {"position": position, "state": state, "files": files}
        (partial / MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True), encoding="utf-8")
    write_file(root / LATEST, folder.name.encode())
    _prune(root, keep)
    return Checkpoint(folder=folder, position=position, state=state)


def latest_checkpoint(root: Path) -> tuple[Checkpoint | None, list[str]]:
    """The newest checkpoint that is whole, and a line about each damaged one that was passed over."""
    complaints: list[str] = []
    for folder in sorted(root.glob("position-*"), reverse=True):
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
        position, state, files = int(manifest["position"]), dict(manifest["state"]), dict(manifest["files"])
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise DamagedError(f"{folder}: the manifest cannot be read; an older checkpoint is used") from exc
    found = {str(file.relative_to(folder)): file for file in _files(folder)}
    if found.keys() != files.keys():
        odd = sorted(found.keys() ^ files.keys())
        raise DamagedError(f"{folder}: {odd[0]} is missing or does not belong; an older checkpoint is used")
    for name, file in found.items():
        if file.suffix not in _ALLOWED or sha256_file(file) != files[name]:
            raise DamagedError(f"{folder / name}: differs from its digest; an older checkpoint is used")
    return Checkpoint(folder=folder, position=position, state=state)


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file() and file.name != MANIFEST)


def _prune(root: Path, keep: int) -> None:
    for old in sorted(root.glob("position-*"), reverse=True)[max(keep, 1) :]:
        shutil.rmtree(old, ignore_errors=True)
    sync_folder(root)
