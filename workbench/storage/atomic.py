"""Files and folders that are either whole or not there, and locks: one process at a time.

Everything is written under a hidden `.NAME.partial`, flushed to the disk, and then renamed, which is atomic within one
folder on POSIX. What a crash leaves behind is a partial that the next writer of that name removes. Knows nothing of
what it writes.

A lock is a file beside what it guards. The system frees it when its holder ends, however it ends. Files of locks stay
behind and mean nothing by themselves. Runs and jobs lock a file that they hold open (`take`), and can be looked at
(`is_held`) without anybody being kept out or taken for a holder; filelock's locks know no such look.
"""

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from workbench.errors import LockedError, StoreError

_ADVICE = {
    errno.ENOSPC: "the disk is full; free some space and run the same command again",
    errno.EDQUOT: "the disk quota is used up; free some space and run the same command again",
    errno.EROFS: "the file system is read-only; choose another folder",
    errno.EACCES: "permission denied; choose another folder or change its permissions",
    errno.EIO: "the disk reported an error; what was saved before is intact",
}


def sha256_file(path: Path) -> str:
    """Hex sha256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextlib.contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turns the operating system's errors into one line that says what to do.

    Raises:
        StoreError: instead of OSError.
    """
    try:
        yield
    except OSError as exc:
        advice = _ADVICE.get(exc.errno or 0, exc.strerror or "it cannot be written")
        raise StoreError(f"{path}: {advice}") from exc


def write_file(path: Path, data: bytes) -> None:
    """Replaces `path` by `data`, wholly or not at all; raises as `write_pieces`."""
    write_pieces(path, [data])


def write_pieces(path: Path, pieces: Iterable[bytes]) -> None:
    """Replaces `path` by pieces, one after another, wholly or not at all; no two need fit into memory together.

    Raises:
        StoreError: the disk is full, read-only or broken; the old file is untouched (or, where only the last sync
            failed, wholly replaced).
    """
    partial = path.with_name(f".{path.name}.partial")
    with disk_errors(path):
        try:
            with partial.open("wb") as file:
                for piece in pieces:
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            partial.rename(path)
        except OSError:
            with contextlib.suppress(OSError):  # the first error is the one to tell
                partial.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)


def append_json(path: Path, record: Any) -> None:
    """Adds a dataclass as a JSON line; when this returns it is on the disk. What a crash tore stays a line of its own.

    Raises:
        StoreError: the disk is full, read-only or broken; the lines before it are untouched.
    """
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a+b") as file:
            if file.tell() and (file.seek(-1, os.SEEK_END), file.read(1))[1] != b"\n":
                file.write(b"\n")
            file.write((json.dumps(asdict(record), ensure_ascii=False) + "\n").encode())
            file.flush()
            os.fsync(file.fileno())


def json_lines(path: Path) -> list[Any]:
    """What `append_json` wrote, as plain data; none where there is no file. A line torn by a crash is left out."""
    if not path.is_file():
        return []
    with disk_errors(path):
        lines = path.read_bytes().split(b"\n")
    found = []
    for line in lines:
        with contextlib.suppress(ValueError):
            found.append(json.loads(line))
    return found


def write_json(path: Path, record: Any) -> Path:
    """Writes a dataclass as a JSON file, whole or not at all; the folder is made where it is not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_file(path, (json.dumps(asdict(record), ensure_ascii=False, indent=1) + "\n").encode())
    return path


@contextlib.contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """A folder to fill; when the block ends without an error it appears as `path`, synced to the disk.

    Raises:
        StoreError: the disk is full, read-only or broken; `path` is not there then (or, where only the last sync
            failed, wholly there).
    """
    partial = path.with_name(f".{path.name}.partial")
    with disk_errors(path):
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
    try:
        with disk_errors(path):
            yield partial
            for file in sorted(partial.rglob("*")):
                sync(file)
            sync(partial)
            partial.rename(path)
            sync_folder(path.parent)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise


def sync(path: Path) -> None:
    """Flushes a file or folder to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(path: Path) -> None:
    """Makes renames inside a folder lasting."""
    sync(path)


@contextlib.contextmanager
def locked(path: Path, *, busy: str = "") -> Iterator[None]:
    """Holds the lock `path` inside the block.

    Args:
        path: the file of the lock; made where it is not there.
        busy: what to say where another holds it; "" waits for the other.

    Raises:
        LockedError: another holds it, and `busy` says so.
        StoreError: the folder cannot be written.
    """
    from filelock import FileLock, Timeout  # here: few commands need it

    lock = FileLock(path, thread_local=False)
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire(timeout=0 if busy else -1)
        except Timeout as exc:
            raise LockedError(busy) from exc
    try:
        yield
    finally:
        lock.release()


def take(descriptor: int) -> bool:
    """Locks an open file until it is closed here and in every child that has it; False: another process holds it.

    Tries for a moment: `is_held` holds the lock while it looks, and a new holder needs time to write its name.
    """
    for _ in range(20):
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        time.sleep(0.01)
    return False


def is_held(path: Path) -> bool:
    """Whether a living process holds the lock of this file; all may look at once, also where nothing can be written."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False
