"""Every answer that a model gave, kept as it arrived: nothing is asked twice, so nothing is paid twice.

One SQLite file, one transaction an answer, synced to the disk before the next question may depend on it. The id of an
answer is what was asked: task, input, prompt, model and seed. Failures are answers too; those that cost nothing (the
endpoint could not be reached) are asked again, those that were paid are not.
"""

import contextlib
import fcntl
import sqlite3
from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import IO

from workbench.errors import LockedError, StoreError
from workbench.storage.atomic import disk_errors
from workbench.types import Reason

#: Failures that were not paid: asked again on resume.
FREE = frozenset({Reason.ENGINE.value, Reason.CANCELLED.value})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer, or the failure that came instead."""

    id: str  # of the question: task, input, prompt, model, adapter, seed
    task: str
    step: int  # of the task; most have one
    text: str
    failure: str  # a Reason value or ""
    detail: str
    n_prompt_tokens: int
    n_tokens: int
    cost: float  # money, at the prices of that day
    model: str
    seed: int

    @property
    def is_final(self) -> bool:
        """Whether it need not be asked for again."""
        return self.failure not in FREE


class AnswerStore:
    """The answers of one folder; one process writes at a time.

    Args:
        path: the SQLite file; made when it is not there.

    Raises:
        LockedError: another process works with it.
        StoreError: the disk, or a file that is no store.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with disk_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._lock: IO[str] = path.with_suffix(".lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as exc:
            self._lock.close()
            raise LockedError(
                f"{path}: another process is generating there; wait for it or choose another name"
            ) from exc
        columns = ", ".join(item.name for item in fields(Answer))
        with self._errors():
            self._db = sqlite3.connect(path, isolation_level=None)
            self._db.execute("PRAGMA journal_mode=TRUNCATE")
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.execute(f"CREATE TABLE IF NOT EXISTS answers ({columns}, PRIMARY KEY (id))")

    def get(self, ids: list[str]) -> dict[str, Answer]:
        """What came of these questions, by id."""
        found = {}
        with self._errors():
            for id_ in ids:
                row = self._db.execute("SELECT * FROM answers WHERE id = ?", (id_,)).fetchone()
                if row:
                    found[id_] = _answer(row)
        return found

    def all(self) -> list[Answer]:
        """Every answer, in the order in which they arrived."""
        with self._errors():
            return [_answer(row) for row in self._db.execute("SELECT * FROM answers ORDER BY rowid")]

    def keep(self, answer: Answer) -> None:
        """Writes one answer; when this returns it is on the disk. A free failure gives way to what came later."""
        marks = ", ".join("?" * len(fields(Answer)))
        free = ", ".join(f"'{reason}'" for reason in sorted(FREE))
        with self._errors():
            self._db.execute("BEGIN IMMEDIATE")
            self._db.execute(f"DELETE FROM answers WHERE id = ? AND failure IN ({free})", (answer.id,))  # noqa: S608 - constants
            self._db.execute(f"INSERT OR IGNORE INTO answers VALUES ({marks})", astuple(answer))  # noqa: S608 - marks only
            self._db.execute("COMMIT")

    def spent(self) -> tuple[int, float]:
        """Tokens and money of all answers, failures included."""
        with self._errors():
            row = self._db.execute("SELECT TOTAL(n_prompt_tokens + n_tokens), TOTAL(cost) FROM answers").fetchone()
        return int(row[0]), float(row[1])

    def close(self) -> None:
        """Closes the file and lets others work."""
        self._db.close()
        self._lock.close()

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, UnicodeEncodeError) as exc:
            raise StoreError(f"{self.path}: {exc}; what was saved is intact") from exc


def _answer(row: tuple[object, ...]) -> Answer:
    values = dict(zip((item.name for item in fields(Answer)), row, strict=True))
    return Answer(**values)  # type: ignore[arg-type]  # columns are the fields
