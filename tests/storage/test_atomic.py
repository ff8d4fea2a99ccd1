"""Files and folders that are whole or not there, whatever fails on the way."""

import contextlib
import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults import Faults
from workbench.errors import LockedError, StoreError
from workbench.storage.atomic import append_json, json_lines, locked, new_folder, sha256_file, write_file
from workbench.types import Message


@pytest.fixture
def tmp_path(memory_disk):
    return memory_disk


OLD, NEW = b"the old poem\n", b"the new poem, which is longer\n" * 50


def test_a_file_is_replaced_by_exactly_the_bytes_given(tmp_path):
    path = tmp_path / "poem.txt"
    for data in (OLD, NEW, b"", b"\r\n\x00\xff\xe2\x80\xa8"):
        write_file(path, data)
        assert path.read_bytes() == data


def test_the_digest_of_a_file_is_that_of_its_bytes(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")
    assert sha256_file(tmp_path / "a") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EROFS])
def test_a_file_is_the_old_or_the_new_one_whichever_call_fails(tmp_path, code):
    path = tmp_path / "poem.txt"

    def work() -> None:
        write_file(path, OLD)
        write_file(path, NEW)

    n_faults = 0
    for faults in Faults.each(code):
        path.unlink(missing_ok=True)
        with faults:
            failed = _error_of(work)
        if faults.has_struck:
            n_faults += 1
            assert isinstance(failed, StoreError)
            assert "\n" not in str(failed)
        assert not path.exists() or path.read_bytes() in (OLD, NEW)
        write_file(path, NEW)  # saving over what the failure left
        assert os.listdir(tmp_path) == ["poem.txt"]
    assert n_faults >= 8  # open, write, fsync, rename, sync of the folder: twice


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_a_folder_is_whole_or_absent_whichever_call_fails(tmp_path, code):
    path = tmp_path / "adapter"
    n_faults = 0
    for faults in Faults.each(code):
        shutil.rmtree(path, ignore_errors=True)
        with faults:
            failed = _error_of(lambda: _fill(path))
        n_faults += faults.has_struck
        assert isinstance(failed, StoreError) == faults.has_struck
        if path.exists():
            assert _contents(path) == {"weights": NEW, "deep/config": OLD}
        shutil.rmtree(path, ignore_errors=True)
        _fill(path)
        assert _contents(path) == {"weights": NEW, "deep/config": OLD}
        assert os.listdir(tmp_path) == ["adapter"]
    assert n_faults >= 9


def test_an_error_inside_the_block_leaves_no_folder(tmp_path):
    with contextlib.suppress(KeyboardInterrupt), new_folder(tmp_path / "adapter") as partial:
        (partial / "weights").write_bytes(NEW)
        raise KeyboardInterrupt
    assert os.listdir(tmp_path) == []


def test_a_full_disk_says_what_to_do(tmp_path):
    with Faults(nth=1, code=errno.ENOSPC), pytest.raises(StoreError, match="the disk is full; free some"):
        write_file(tmp_path / "poem.txt", NEW)


def test_every_file_is_flushed_before_the_rename_and_the_folder_after_it(tmp_path, monkeypatch):
    calls = _watch_calls(monkeypatch)
    _fill(tmp_path / "adapter")
    place = calls.index("rename adapter")
    assert {"fsync weights", "fsync config", "fsync deep", "fsync .adapter.partial"} <= set(calls[:place])
    assert calls[place + 1 :] == [f"fsync {tmp_path.name}"]
    calls.clear()
    write_file(tmp_path / "poem.txt", NEW)
    assert calls == ["fsync .poem.txt.partial", "rename poem.txt", f"fsync {tmp_path.name}"]


def test_a_tiny_disk_that_fills_up_keeps_the_old_file(tiny_disk):
    path = tiny_disk / "poem.txt"
    write_file(path, OLD)
    with pytest.raises(StoreError, match="the disk is full"):
        write_file(path, b"x" * 1_000_000)
    assert path.read_bytes() == OLD
    assert os.listdir(tiny_disk) == ["poem.txt"]
    write_file(path, NEW)
    assert path.read_bytes() == NEW


def test_a_read_only_disk_is_one_line(tiny_disk):
    subprocess.run(["mount", "-o", "remount,ro", tiny_disk], check=True)
    with pytest.raises(StoreError, match="read-only; choose another folder"):
        write_file(tiny_disk / "poem.txt", NEW)
    with pytest.raises(StoreError, match="read-only"):
        _fill(tiny_disk / "adapter")


def test_a_writer_that_renames_in_place_would_be_caught(tmp_path):
    """The check bites: a writer without a partial leaves half a file at some fault."""
    path = tmp_path / "poem.txt"
    seen = set()
    for faults in Faults.each(errno.ENOSPC):
        path.write_bytes(OLD)
        with faults:
            _error_of(lambda: _write_in_place(path))
        seen.add(path.read_bytes())
    assert seen - {OLD, NEW}


def _write_in_place(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        file.write(NEW[:10])
        file.write(NEW[10:])


def _fill(path: Path) -> None:
    with new_folder(path) as partial:
        (partial / "weights").write_bytes(NEW)
        (partial / "deep").mkdir()
        (partial / "deep" / "config").write_bytes(OLD)


def _contents(path: Path) -> dict[str, bytes]:
    return {str(file.relative_to(path)): file.read_bytes() for file in path.rglob("*") if file.is_file()}


def _error_of(work: Callable[[], object]) -> Exception | None:
    try:
        work()
    except (StoreError, OSError) as exc:
        return exc
    return None


def _watch_calls(monkeypatch) -> list[str]:
    calls: list[str] = []
    fsync, rename = os.fsync, Path.rename
    monkeypatch.setattr(os, "fsync", lambda fd: calls.append(f"fsync {_name_of(fd)}") or fsync(fd))
    monkeypatch.setattr(Path, "rename", lambda path, to: calls.append(f"rename {to.name}") or rename(path, to))
    return calls


def _name_of(descriptor: int) -> str:
    return Path(os.readlink(f"/proc/self/fd/{descriptor}")).name


HOLD = """
import sys
from pathlib import Path
from workbench.storage.atomic import locked
with locked(Path(sys.argv[1])):
    print("on", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    child = subprocess.Popen([sys.executable, "-c", HOLD, tmp_path / "lock"], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE)  # fmt: skip
    assert child.stdout.readline() == b"on\n"
    yield child
    child.kill()
    child.communicate()


def test_who_comes_second_is_told_so(tmp_path, holder):
    said = "the shed is in use; wait"
    with pytest.raises(LockedError, match=said), locked(tmp_path / "lock", busy=said):
        pytest.fail("it was let in")


def test_a_killed_holder_frees_the_lock(tmp_path, holder):
    holder.kill()
    holder.wait()
    with locked(tmp_path / "lock", busy="in use"):
        assert holder.returncode


def test_who_waits_comes_in_after_the_first(tmp_path, holder):
    second = subprocess.Popen([sys.executable, "-c", HOLD, tmp_path / "lock"], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE)  # fmt: skip
    holder.communicate()  # its input ends, and it leaves
    assert second.stdout.readline() == b"on\n"
    second.communicate()


def test_two_holders_in_one_process_exclude_one_another(tmp_path):
    path = tmp_path / "deep" / "lock"
    with locked(path), pytest.raises(LockedError), locked(path, busy="in use"):
        pytest.fail("it was let in")
    with locked(tmp_path / "deep" / "lock", busy="in use"):
        assert (tmp_path / "deep").is_dir()


def test_json_lines_are_read_again_and_one_that_a_crash_tore_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "new" / "lines.jsonl"
    said = [Message(role="user", content="one\u2028two\nthree"), Message(role="user", content="four")]
    append_json(path, said[0])
    path.write_bytes(path.read_bytes() + b'{"role": "us')
    append_json(path, said[1])
    assert [Message(**row) for row in json_lines(path)] == said


def test_no_file_has_no_json_lines(tmp_path: Path) -> None:
    assert json_lines(tmp_path / "none.jsonl") == []
