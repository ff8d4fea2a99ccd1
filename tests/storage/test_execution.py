"""There is always one whole checkpoint, a damaged one is refused, and what a crash left behind is in nobody's way."""

import errno
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.crashes import run_crashes
from tests.faults import Faults
from workbench.errors import DamagedError, StoreError
from workbench.storage.execution import (
    LATEST,
    MANIFEST,
    Checkpoint,
    latest_checkpoint,
    save_checkpoint,
    verify_checkpoint,
)


@pytest.fixture
def tmp_path(memory_disk):
    return memory_disk


STATE = {"describer": "describer-1-4", "loss": 0.1, "step": 3}


def _write(text: str) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        (folder / "learner").mkdir()
        (folder / "learner" / "adapter.safetensors").write_bytes(text.encode() * 100)
        (folder / "learner" / "state.json").write_text(json.dumps(text))

    return write


def _save(root: Path, position: int, **options: int) -> Checkpoint:
    return save_checkpoint(root, position, _write(f"weights {position}"), state=STATE | {"step": position}, **options)


def _text(checkpoint: Checkpoint) -> str:
    return json.loads((checkpoint.folder / "learner" / "state.json").read_text())


def test_a_checkpoint_comes_back_as_it_was_saved(tmp_path):
    saved = _save(tmp_path / "checkpoints", 7)
    found, complaints = latest_checkpoint(tmp_path / "checkpoints")
    assert found == saved
    assert found.position == 7
    assert found.state == STATE | {"step": 7}
    assert complaints == []
    assert (tmp_path / "checkpoints" / LATEST).read_text() == found.folder.name


def test_no_folder_is_no_checkpoint(tmp_path):
    assert latest_checkpoint(tmp_path / "nothing") == (None, [])


@pytest.mark.parametrize("keep", [0, 1, 2, 3])
def test_the_newest_are_kept_and_never_fewer_than_one(tmp_path, keep):
    for position in (1, 2, 9, 10, 100):
        _save(tmp_path, position, keep=keep)
    kept = sorted(folder.name for folder in tmp_path.glob("position-*"))
    assert kept == ["position-000002", "position-000009", "position-000010", "position-000100"][-max(keep, 1) :]


def test_a_position_saved_again_replaces_the_first_one_only_when_it_is_whole(tmp_path):
    _save(tmp_path, 4)
    with pytest.raises(StoreError), Faults(nth=6, code=errno.ENOSPC):
        save_checkpoint(tmp_path, 4, _write("again"), state=STATE)
    assert _text(latest_checkpoint(tmp_path)[0]) == "weights 4"
    for n in range(12):
        save_checkpoint(tmp_path, 4, _write(f"again {n}"), state=STATE)
        assert _text(latest_checkpoint(tmp_path)[0]) == f"again {n}"
    assert len(list(tmp_path.glob("position-*"))) == 2


def _swap(a: Path, b: Path) -> None:
    data = a.read_bytes()
    a.write_bytes(b.read_bytes())
    b.write_bytes(data)


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[17] ^= 1
    path.write_bytes(data)


def _put_older(newest: Path, _: Path) -> None:
    shutil.rmtree(newest)
    shutil.copytree(newest.with_name("position-000001"), newest)


def _make_file(newest: Path, _: Path) -> None:
    shutil.rmtree(newest)
    newest.write_text("checkpoint")


_DAMAGES: dict[str, Callable[[Path, Path], object]] = {
    "truncated": lambda _, weights: os.truncate(weights, weights.stat().st_size - 1),
    "emptied": lambda _, weights: weights.write_bytes(b""),
    "flipped": lambda _, weights: _flip(weights),
    "deleted": lambda _, weights: weights.unlink(),
    "added": lambda _, weights: weights.with_name("more.safetensors").write_bytes(b"more"),
    "added as another manifest": lambda _, weights: weights.with_name(MANIFEST).write_text("{}"),
    "added as a link": lambda newest, _: (newest / "link.json").symlink_to("/etc/hostname"),
    "added as a linked folder": lambda newest, _: (newest / "link").symlink_to("/etc"),
    "a pipe": lambda _, weights: (weights.unlink(), os.mkfifo(weights)),
    "a folder": lambda _, weights: (weights.unlink(), weights.mkdir()),
    "swapped": lambda _, weights: _swap(weights, weights.with_name("state.json")),
    "swapped with the older one": lambda newest, weights: _swap(
        weights, newest.with_name("position-000001") / "learner" / "adapter.safetensors"
    ),
    "the older one under its name": _put_older,
    "no folder": _make_file,
}


def _damage(how: str, root: Path) -> None:
    newest = root / "position-000002"
    _DAMAGES[how](newest, newest / "learner" / "adapter.safetensors")


@pytest.mark.parametrize("how", _DAMAGES)
def test_a_damaged_checkpoint_is_refused_and_the_older_one_used(tmp_path, how):
    _save(tmp_path, 0)
    _save(tmp_path, 1, keep=3)
    _save(tmp_path, 2, keep=3)
    _damage(how, tmp_path)
    found, complaints = latest_checkpoint(tmp_path)
    is_older_hurt_too = how == "swapped with the older one"
    assert found.position == (0 if is_older_hurt_too else 1)
    assert len(complaints) == 1 + is_older_hurt_too
    assert "position-000002" in complaints[0]
    assert "an older checkpoint is used" in complaints[0]
    assert "\n" not in complaints[0]


@pytest.mark.parametrize("how", _DAMAGES)
def test_saving_goes_on_over_a_damaged_checkpoint(tmp_path, how):
    _save(tmp_path, 1)
    _save(tmp_path, 2)
    _damage(how, tmp_path)
    _save(tmp_path, 2, keep=1)
    found, complaints = latest_checkpoint(tmp_path)
    assert (found.position, _text(found), complaints) == (2, "weights 2", [])


def test_a_checkpoint_saved_behind_a_damaged_one_is_not_pruned_in_its_favour(tmp_path):
    _save(tmp_path, 5)
    _save(tmp_path, 8)
    (tmp_path / "position-000008" / "learner" / "state.json").unlink()
    for position in (6, 7):
        _save(tmp_path, position, keep=2)
    kept = sorted(folder.name for folder in tmp_path.glob("position-*"))
    assert kept == ["position-000006", "position-000007"]
    assert latest_checkpoint(tmp_path)[0].position == 7


_MANIFESTS = [
    "",
    "null",
    "[]",
    "{}",
    "{",
    '{"position": 1e999}',
    "\x00",
    "[" * 100_000,
    '{"sha256": 1, "position": "x"}',
]


@pytest.mark.parametrize("text", _MANIFESTS, ids=range(len(_MANIFESTS)))
def test_a_manifest_of_garbage_is_one_line(tmp_path, text):
    _save(tmp_path, 1)
    (tmp_path / "position-000001" / MANIFEST).write_text(text)
    with pytest.raises(DamagedError, match="manifest"):
        verify_checkpoint(tmp_path / "position-000001")


@pytest.fixture(scope="module")
def two_checkpoints(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("two")
    _save(root, 1)
    _save(root, 2)
    return root


@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_one_flipped_bit_of_the_manifest_changes_nothing_or_is_refused(two_checkpoints, place, bit):
    manifest = two_checkpoints / "position-000002" / MANIFEST
    good = manifest.read_bytes()
    bad = bytearray(good)
    bad[int(place * len(bad))] ^= 1 << bit
    manifest.write_bytes(bad)
    try:
        found, _ = latest_checkpoint(two_checkpoints)
    finally:
        manifest.write_bytes(good)
    assert found.position == 1 or found.state == STATE | {"step": 2}


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_there_is_always_a_whole_checkpoint_whichever_call_fails(tmp_path, code):
    n_faults = 0
    for faults in Faults.each(code):
        root = tmp_path / str(faults.nth)
        _save(root, 1, keep=1)
        failed = None
        with faults:
            try:
                _save(root, 2, keep=1)
            except StoreError as exc:
                failed = exc
        n_faults += faults.has_struck
        found, _ = latest_checkpoint(root)
        assert _text(found) == f"weights {found.position}"
        assert failed or found.position == 2  # it may go unsaid only that an old one could not be removed
        _save(root, 3, keep=1)  # over the leftovers
        assert sorted(os.listdir(root)) == [LATEST, "position-000003"]
    assert n_faults >= 15


def test_there_is_always_a_whole_checkpoint_whenever_the_process_is_killed(tmp_path):
    assert int(run_crashes("kill_saves", tmp_path)) > 15


def test_what_crashes_left_behind_is_cleared_before_the_disk_is_asked_for_more(tmp_path):
    for position in (3, 4):
        partial = tmp_path / f".position-{position:06d}.partial"
        partial.mkdir()
        (partial / "half.safetensors").write_bytes(b"x" * 1000)
    _save(tmp_path, 9)
    assert sorted(os.listdir(tmp_path)) == [LATEST, "position-000009"]


def test_folders_that_only_look_like_checkpoints_are_left_alone(tmp_path):
    _save(tmp_path, 1)
    shutil.copytree(tmp_path / "position-000001", tmp_path / "position-000001.bak")
    _save(tmp_path, 1)
    _save(tmp_path, 2)
    assert latest_checkpoint(tmp_path)[0].position == 2
    assert (tmp_path / "position-000001.bak").is_dir()


def test_a_root_that_cannot_be_made_is_one_line(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(StoreError, match="file"):
        _save(tmp_path / "file" / "checkpoints", 1)


def test_a_tiny_disk_that_fills_up_keeps_the_last_checkpoint(tiny_disk):
    _save(tiny_disk, 1)
    (tiny_disk / "ballast").write_bytes(b"x" * 100_000)
    with pytest.raises(StoreError, match="the disk is full"):
        save_checkpoint(tiny_disk, 2, _write("x" * 5_000), state=STATE)
    found, complaints = latest_checkpoint(tiny_disk)
    assert (found.position, complaints) == (1, [])
    (tiny_disk / "ballast").unlink()
    save_checkpoint(tiny_disk, 2, _write("y"), state=STATE)
    assert latest_checkpoint(tiny_disk)[0].position == 2
