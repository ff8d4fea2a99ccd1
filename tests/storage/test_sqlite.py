"""One SQLite file: versions, migrations, refusals."""

import sqlite3

import pytest

from workbench.errors import StoreError
from workbench.storage.sqlite import SqliteFile, add_columns, columns_of


def _create(connection):
    connection.execute("CREATE TABLE IF NOT EXISTS lines (id TEXT PRIMARY KEY, text TEXT)")


def _with_a_stress(connection):
    add_columns(connection, "lines", {"stress": "TEXT DEFAULT ''"})


def _with_a_rhyme(connection):
    add_columns(connection, "lines", {"rhyme": "TEXT DEFAULT '-'"})


@pytest.fixture
def path(memory_disk):
    file = SqliteFile(memory_disk / "a.sqlite", _create)
    with file.transaction():
        file.run("INSERT INTO lines VALUES ('1', 'a wet gate')")
    file.close()
    return memory_disk / "a.sqlite"


def _rows(file):
    return file.run("SELECT * FROM lines").fetchall()


def test_a_new_file_has_the_newest_version(memory_disk):
    file = SqliteFile(memory_disk / "new.sqlite", _create, [_with_a_stress, _with_a_rhyme])
    assert (file.version, columns_of(file.connection, "lines")) == (2, ["id", "text", "stress", "rhyme"])
    file.close()


@pytest.mark.parametrize("steps", [[_with_a_stress], [_with_a_stress, _with_a_rhyme]])
def test_a_writer_brings_an_older_file_up_to_date_once(path, steps):
    for _ in range(2):
        file = SqliteFile(path, _create, steps)
        assert (file.version, _rows(file)) == (len(steps), [("1", "a wet gate", "", "-")[: 2 + len(steps)]])
        file.close()


def test_a_file_between_two_versions_goes_the_rest_of_the_way(path):
    SqliteFile(path, _create, [_with_a_stress]).close()
    file = SqliteFile(path, _create, [lambda _: pytest.fail("done before"), _with_a_rhyme])
    assert _rows(file) == [("1", "a wet gate", "", "-")]
    file.close()


def test_a_reader_of_an_older_file_sees_it_up_to_date_and_changes_nothing(path):
    before = path.read_bytes()
    file = SqliteFile(path, _create, [_with_a_stress], read_only=True)
    file.catch_up()
    assert _rows(file) == [("1", "a wet gate", "")]
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        file.run("DELETE FROM lines")
    file.close()
    assert path.read_bytes() == before


@pytest.mark.parametrize("read_only", [True, False])
def test_a_file_of_a_newer_version_is_refused_in_one_line(path, read_only):
    SqliteFile(path, _create, [_with_a_stress, _with_a_rhyme]).close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"newer version .*format 2, this one knows 1.*update the workbench") as caught:
        SqliteFile(path, _create, [_with_a_stress], read_only=read_only)
    assert "\n" not in str(caught.value)
    assert path.read_bytes() == before


def test_a_migration_that_fails_leaves_the_file_as_it_was(path):
    def fails(connection):
        connection.execute("DELETE FROM lines")
        raise sqlite3.OperationalError("no")

    with pytest.raises(StoreError, match="no; what was saved is intact"):
        SqliteFile(path, _create, [_with_a_stress, fails])
    file = SqliteFile(path, _create)
    assert (file.version, _rows(file)) == (0, [("1", "a wet gate")])
    file.close()


def test_a_transaction_is_all_or_nothing(path):
    file = SqliteFile(path, _create)
    with pytest.raises(StoreError, match="UNIQUE"), file.transaction():
        file.connection.executemany("INSERT INTO lines VALUES (?, ?)", [("2", "a dry gate"), ("1", "again")])
    assert _rows(file) == [("1", "a wet gate")]
    file.close()
