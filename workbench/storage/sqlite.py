"""One SQLite file under every store: what is committed survives `kill -9`, and a store of any earlier version opens.

Journal mode TRUNCATE and synchronous FULL: when a transaction ends, it survives a power cut too. Readers open the file
for reading and writing, but only query: after a kill the first one has to roll the journal back.

`PRAGMA user_version` counts the migrations that a file has seen. A store is a function that makes what is missing and a
list of migrations, each of which may find its work done already. A writer brings a file up to date when it opens it; a
reader changes nothing and works on an up-to-date copy in memory. A file of a newer version is refused. Knows no table.
"""

import contextlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from workbench.errors import DamagedError, StoreError

_DAMAGED = ("malformed", "not a database", "Could not decode", "corrupt")  # how SQLite says that a file is not a store
Change = Callable[[sqlite3.Connection], None]


class SqliteFile:
    """An open file: `run` asks and writes, `transaction` makes several writes one.

    Args:
        path: the file; made where it is not there, unless `read_only`.
        create: makes the tables that are missing, as they are today.
        migrations: what brings a file of version 0, 1, 2 … one version on.
        read_only: whether it only asks.

    Raises:
        StoreError: the disk, a file that is not a store, or a store of a newer version of the workbench.
    """

    def __init__(self, path: Path, create: Change, migrations: Sequence[Change] = (), *, read_only: bool = False):
        self.path, self._create, self._migrations = path, create, migrations
        with store_errors(path):
            mode = "?mode=rw" if read_only else ""
            address = f"{path.resolve().as_uri()}{mode}"
            self.connection = sqlite3.connect(address, uri=True, timeout=10, isolation_level=None)
            try:
                self._is_behind = False
                self._set_up(read_only=read_only)
            except BaseException:
                self.connection.close()
                raise

    def run(self, sql: str, values: Sequence[object] = ()) -> sqlite3.Cursor:
        """Carries out one statement."""
        return self.connection.execute(sql, values)

    def catch_up(self) -> None:
        """A reader of an older file continues with a copy in memory that is up to date; else nothing happens."""
        if self._is_behind:
            copy = sqlite3.connect(":memory:", isolation_level=None)
            self.connection.backup(copy)
            self._migrate(copy, self.version)
            copy.execute("PRAGMA query_only=ON")
            self.connection.close()
            self.connection, self._is_behind = copy, False

    @property
    def version(self) -> int:
        """How many migrations the file has seen."""
        return int(self.run("PRAGMA user_version").fetchone()[0])

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside is stored when it ends, or nothing of it."""
        with store_errors(self.path), self._transaction():
            yield

    def close(self) -> None:
        """Closes the file; it refuses further work."""
        self.connection.close()

    def _set_up(self, *, read_only: bool) -> None:
        version, newest = self.version, len(self._migrations)
        if version > newest:
            raise StoreError(
                f"{self.path}: made by a newer version of the workbench (format {version}, this one knows {newest}); "
                "update the workbench"
            )
        if read_only:
            self.connection.execute("PRAGMA query_only=ON")
            self.run("SELECT name FROM sqlite_master").fetchone()  # says now, not later, if this is not a database
            self._is_behind = version < newest
            return
        self.connection.execute("PRAGMA journal_mode=TRUNCATE")
        self.connection.execute("PRAGMA synchronous=FULL")
        with self._transaction():
            self._migrate(self.connection, self.version)  # asked again: another process may have been quicker

    def _migrate(self, connection: sqlite3.Connection, version: int) -> None:
        self._create(connection)
        for migration in self._migrations[version:]:
            migration(connection)
        if version < len(self._migrations):
            connection.execute(f"PRAGMA user_version={len(self._migrations)}")

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.connection.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):  # an I/O error has rolled it back already
                self.connection.execute("ROLLBACK")
            raise


def columns_of(connection: sqlite3.Connection, table: str) -> list[str]:
    """The columns of a table; empty where there is no such table."""
    return [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]


def add_columns(connection: sqlite3.Connection, table: str, columns: dict[str, str]) -> None:
    """Adds those columns that a table lacks: name → type and default, as SQL writes them."""
    for name in columns.keys() - {*columns_of(connection, table)}:
        connection.execute(f"ALTER TABLE {table} ADD COLUMN {name} {columns[name]}")


@contextlib.contextmanager
def store_errors(path: Path) -> Iterator[None]:
    """Turns what SQLite says into one line that says what to do.

    Raises:
        StoreError: instead of sqlite3.Error.
        DamagedError: the file is not as SQLite left it.
    """
    try:
        yield
    except UnicodeEncodeError as exc:
        raise StoreError(f"{path}: a text holds half a character (a lone surrogate); nothing of it was stored") from exc
    except UnicodeDecodeError as exc:  # in what SQLite itself wanted to say
        raise _damaged(path, exc) from exc
    except sqlite3.Error as exc:
        if any(word in str(exc) for word in _DAMAGED):
            raise _damaged(path, exc) from exc
        advice = "free some space and run the same command again" if "full" in str(exc) else "what was saved is intact"
        raise StoreError(f"{path}: {' '.join(str(exc).split())}; {advice}") from exc


@contextlib.contextmanager
def read_errors(path: Path) -> Iterator[None]:
    """The same where rows become records: what cannot be a record is damage.

    Raises:
        StoreError, DamagedError: as `store_errors`.
    """
    with store_errors(path):
        try:
            yield
        except (ValueError, KeyError, TypeError, OverflowError) as exc:
            raise _damaged(path, exc) from exc


def _damaged(path: Path, exc: Exception) -> DamagedError:
    reason = " ".join(str(exc).split())[:100]
    return DamagedError(f"{path}: the file is damaged ({reason}); put a copy of it in its place, or move it away")
