"""Disks that fail on purpose: the Nth call that changes the disk raises, for N = 1, 2, 3, … until none is left."""

import io
import os
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch

_CALLS = ("open", "fsync", "rename", "replace", "mkdir", "ftruncate", "pwrite")


class Faults:
    """Inside, the Nth of os.open, fsync, rename, mkdir, …, or of a file's own open and write, fails."""

    def __init__(self, *, nth: int, code: int) -> None:
        self.nth, self.code, self.n_calls = nth, code, 0
        self._patches = [patch.object(os, name, self._counted(getattr(os, name))) for name in _CALLS]
        self._patches.append(patch.object(io, "open", self._open))
        self._real_open = io.open

    @classmethod
    def each(cls, code: int) -> Iterator["Faults"]:
        """One after the other, the last of which meets no fault."""
        nth = 1
        while True:
            faults = cls(nth=nth, code=code)
            yield faults
            if not faults.has_struck:
                return
            nth += 1

    @property
    def has_struck(self) -> bool:
        return self.n_calls >= self.nth

    def strike(self) -> None:
        """Counts a call and fails when it is the one."""
        self.n_calls += 1
        if self.n_calls == self.nth:
            raise OSError(self.code, os.strerror(self.code))

    def __enter__(self) -> "Faults":
        for each in self._patches:
            each.start()
        return self

    def __exit__(self, *_: object) -> None:
        for each in self._patches:
            each.stop()

    def _counted(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **kwargs: Any) -> Any:
            self.strike()
            return call(*args, **kwargs)

        return counted

    def _open(self, file: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        if not set(mode) & set("wax+"):
            return self._real_open(file, mode, *args, **kwargs)
        self.strike()
        return _File(self._real_open(file, mode, *args, **kwargs), self)


class _File:
    """A file whose failing write has already put half of the data on the disk."""

    def __init__(self, file: Any, faults: Faults) -> None:
        self._file, self._faults = file, faults

    def write(self, data: Any) -> Any:
        try:
            self._faults.strike()
        except OSError:
            self._file.write(data[: len(data) // 2])
            self._file.flush()
            raise
        return self._file.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __enter__(self) -> "_File":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
