"""One process at a time: a lock beside what it guards. The system frees it when its holder ends, however it ends.

A run's own lock is in `runs`, since it tells who holds it. Files of locks stay behind and mean nothing by themselves.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from workbench.errors import LockedError
from workbench.storage.atomic import disk_errors


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
