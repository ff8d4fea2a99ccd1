"""The poems that a person writes here: one SQLite file, every poem with its versions, nothing lost by accident.

    poems      title, text, form, folder as they are now; `revision` counts the saves; a deleted poem can come back
    versions   what a poem was: named by the person, or kept by itself when work on it begins again
    remarks    what a person said of a remark on a poem: useful, wrong or later

Two windows on one poem cannot overwrite each other: a save says which revision it began from, and where that is not the
newest, the words become a poem of their own. Knows no page and no model.
"""

import json
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import InputError
from workbench.storage.atomic import disk_errors
from workbench.storage.sqlite import SqliteFile, add_columns, read_errors

MOST_CHARACTERS = 100_000
MOST_FOLDER = 80  # characters of its name
VERDICTS = ("useful", "wrong", "later")
_NEW_SITTING_SECONDS = 1800.0  # without a key, until what is there is kept as a version


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPoem:
    """A poem as it is now."""

    id: int
    title: str
    text: str
    form: str
    revision: int  # counts the saves; a save says from which it began
    changed: float  # seconds since the epoch
    deleted: bool = False
    folder: str = ""  # in which the person keeps it; "" = in none


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A poem as it was."""

    id: int
    name: str  # "" = kept by itself
    title: str
    text: str
    made: float  # seconds since the epoch


class OwnPoems:
    """The file of own poems; one short connection each time it is asked, so that windows and processes take turns.

    Args:
        path: of the file, made where it is not there.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def all(self, words: str = "", *, deleted: bool = False) -> list[OwnPoem]:
        """Poems that have all these words, in title, text or folder, the last changed first; there, or deleted ones."""
        wanted = words.casefold().split()
        with self._open() as file:
            sql = "SELECT * FROM poems WHERE deleted=? ORDER BY changed DESC, id DESC"
            rows = file.run(sql, (int(deleted),)).fetchall()
        poems = map(_poem, rows)
        texts = ((one, f"{one.title}\n{one.folder}\n{one.text}".casefold()) for one in poems)
        return [one for one, text in texts if all(word in text for word in wanted)]

    def get(self, id_: int) -> OwnPoem:
        """One poem.

        Raises:
            InputError: there is none of this number.
        """
        with self._open() as file:
            return _found(file, id_)

    def save(self, title: str, text: str, *, form: str = "", id_: int = 0, base: int = 0, now: float = 0) -> OwnPoem:
        """Stores a poem as it is; without a number, or from a revision that is not the newest, as a new one.

        Args:
            title: of the poem.
            text: of the poem.
            form: that it is held to, "" = none.
            id_: its number, 0 = new.
            base: the revision that was read before it was changed.
            now: seconds since the epoch, 0 = by the clock.

        Raises:
            InputError: it is too long, or holds what cannot be stored.
        """
        _check(title, text)
        now = now or time.time()
        with self._open() as file, file.transaction():
            known = _found(file, id_) if id_ else None
            if known and base == known.revision:
                if (known.title, known.text, known.form) == (title, text, form):
                    return known
                if known.text.strip() and now - known.changed > _NEW_SITTING_SECONDS:
                    _keep(file, known, "", known.changed)
                sql = "UPDATE poems SET title=?, text=?, form=?, changed=?, deleted=0, revision=revision+1 WHERE id=?"
                file.run(sql, (title, text, form, now, id_))
                return _found(file, id_)
            shown = f"{title} (another window)" if known else title
            sql = "INSERT INTO poems (title, text, form, changed, revision) VALUES (?, ?, ?, ?, 1)"
            return _found(file, int(file.run(sql, (shown, text, form, now)).lastrowid or 0))

    def rename(self, id_: int, title: str) -> OwnPoem:
        """Another title; the text is as it was."""
        known = self.get(id_)
        return self.save(title.strip(), known.text, form=known.form, id_=id_, base=known.revision)

    def move(self, id_: int, folder: str) -> OwnPoem:
        """Puts a poem into a folder, "" = into none; its words are as they were."""
        with self._open() as file, file.transaction():
            _found(file, id_)
            file.run("UPDATE poems SET folder=? WHERE id=?", (" ".join(folder.split())[:MOST_FOLDER], id_))
            return _found(file, id_)

    def take_in(self, title: str, text: str) -> OwnPoem:
        """Stores a poem that comes from elsewhere; one of the same title takes its words, keeping its own as a version.

        Raises:
            InputError: it is too long, or holds what cannot be stored.
        """
        known = next((one for one in self.all() if title and one.title == title), None)
        if known is None:
            return self.save(title, text)
        if known.text != text:
            self.keep(known.id, "before another text came in")
        return self.save(title, text, form=known.form, id_=known.id, base=known.revision)

    def delete(self, id_: int, *, undo: bool = False) -> OwnPoem:
        """Takes a poem out of sight, or brings it back; its words and versions stay in the file."""
        with self._open() as file, file.transaction():
            _found(file, id_)
            file.run("UPDATE poems SET deleted=? WHERE id=?", (int(not undo), id_))
            return _found(file, id_)

    # ------------------------------------------------------------ versions

    def keep(self, id_: int, name: str, *, now: float = 0) -> Version:
        """Keeps the poem as it is now under a name of the person's."""
        with self._open() as file, file.transaction():
            return _keep(file, _found(file, id_), name.strip()[:120], now or time.time())

    def versions(self, id_: int) -> list[Version]:
        """What a poem was, the newest first."""
        with self._open() as file:
            sql = "SELECT id, name, title, text, made FROM versions WHERE poem=? ORDER BY id DESC"
            return [_version(row) for row in file.run(sql, (id_,)).fetchall()]

    # ------------------------------------------------------------ remarks

    def judge_remark(self, verdict: str, remark: dict[str, str]) -> None:
        """Keeps what a person says of a remark; a later word on the same one replaces the earlier.

        Raises:
            InputError: there is no such verdict.
        """
        if verdict not in VERDICTS:
            raise InputError(f"{verdict[:40]!r} is not a verdict; choose one of {', '.join(VERDICTS)}")
        key, told = f"{remark['session']} {remark['item']}", json.dumps(remark)
        with self._open() as file, file.transaction():
            file.run("INSERT OR REPLACE INTO remarks VALUES (?, ?, ?, ?)", (key, verdict, told, time.time()))

    def remarks(self, session: str = "") -> list[tuple[str, dict[str, str]]]:
        """Verdicts with their remarks, the oldest first; of one session or of all."""
        with self._open() as file:
            rows = file.run("SELECT verdict, told FROM remarks ORDER BY made").fetchall()
        found = [(str(verdict), dict(json.loads(told))) for verdict, told in rows]
        return [one for one in found if not session or one[1]["session"] == session]

    def pairs(self) -> Iterator[dict[str, str]]:
        """Training pairs: of one draft, each useful remark (chosen) with each wrong one (rejected)."""
        told = self.remarks()
        for verdict, useful in told:
            for other, wrong in told:
                if (verdict, other) == ("useful", "wrong") and useful["poem"] == wrong["poem"]:
                    yield {"prompt": useful["poem"], "chosen": useful["text"], "rejected": wrong["text"]}

    def _open(self) -> "_Opened":
        return _Opened(self.path)


class _Opened:
    """The file for as long as a `with` block lasts."""

    def __init__(self, path: Path) -> None:
        with disk_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        self._file = SqliteFile(path, _create, (_with_folders,))
        self._errors = read_errors(path)

    def __enter__(self) -> SqliteFile:
        self._errors.__enter__()
        return self._file

    def __exit__(self, *exc: object) -> None:
        self._file.close()
        self._errors.__exit__(*exc)  # type: ignore[arg-type]  # what `with` hands over


def _create(connection: sqlite3.Connection) -> None:
    connection.execute(
        "CREATE TABLE IF NOT EXISTS poems (id INTEGER PRIMARY KEY, title TEXT NOT NULL, text TEXT NOT NULL, "
        "form TEXT NOT NULL, revision INTEGER NOT NULL, changed REAL NOT NULL, deleted INTEGER NOT NULL DEFAULT 0, "
        "folder TEXT NOT NULL DEFAULT '')"
    )
    connection.execute(
        "CREATE TABLE IF NOT EXISTS versions (id INTEGER PRIMARY KEY, poem INTEGER NOT NULL, name TEXT NOT NULL, "
        "title TEXT NOT NULL, text TEXT NOT NULL, made REAL NOT NULL)"
    )
    connection.execute(
        "CREATE TABLE IF NOT EXISTS remarks (key TEXT PRIMARY KEY, verdict TEXT NOT NULL, told TEXT NOT NULL, "
        "made REAL NOT NULL)"
    )


def _with_folders(connection: sqlite3.Connection) -> None:
    add_columns(connection, "poems", {"folder": "TEXT NOT NULL DEFAULT ''"})


def _poem(row: tuple[object, ...]) -> OwnPoem:
    id_, title, text, form, revision, changed, deleted, folder = row
    return OwnPoem(id=int(str(id_)), title=str(title), text=str(text), form=str(form), revision=int(str(revision)),
                   changed=float(str(changed)), deleted=bool(deleted), folder=str(folder))  # fmt: skip


def _version(row: tuple[object, ...]) -> Version:
    id_, name, title, text, made = row
    return Version(id=int(str(id_)), name=str(name), title=str(title), text=str(text), made=float(str(made)))


def _found(file: SqliteFile, id_: int) -> OwnPoem:
    row = file.run("SELECT * FROM poems WHERE id=?", (id_,)).fetchone()
    if row is None:
        raise InputError(f"there is no poem number {id_} here; choose one from the list")
    return _poem(row)


def _keep(file: SqliteFile, poem: OwnPoem, name: str, now: float) -> Version:
    sql = "INSERT INTO versions (poem, name, title, text, made) VALUES (?, ?, ?, ?, ?)"
    id_ = file.run(sql, (poem.id, name, poem.title, poem.text, now)).lastrowid
    return Version(id=int(id_ or 0), name=name, title=poem.title, text=poem.text, made=now)


def _check(title: str, text: str) -> None:
    if len(text) > MOST_CHARACTERS or len(title) > MOST_CHARACTERS // 100:
        raise InputError(f"a poem has at most {MOST_CHARACTERS} characters and a title {MOST_CHARACTERS // 100}")
    if any("\ud800" <= char <= "\udfff" or char == "\0" for char in title + text):
        raise InputError("the poem holds an invalid character (half a character or NUL); type it again")
