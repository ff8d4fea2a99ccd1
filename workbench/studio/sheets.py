"""Poems that are written in a form with a person, one file each: what was asked for, the lines, what else would fit.

    SESSIONS/sheets/sheet.N.json

A line that a person wrote, took or locked is kept byte for byte; only the others are written anew. What a step takes
away stays in `earlier`, so that everything can be undone. Knows no model and no page.
"""

import contextlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from workbench.errors import DamagedError, InputError
from workbench.storage.atomic import disk_errors, write_file
from workbench.storage.run_names import checked_name
from workbench.writing.wishes import Wishes

_MOST_EARLIER = 30
_MOST_LINE_CHARACTERS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetLine:
    """One line of a sheet."""

    text: str
    others: tuple[str, ...] = ()  # the next best that fitted its place
    is_locked: bool = False
    gap: bool = False  # a stanza ends after it


Lines = tuple[SheetLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A poem under way. Lines are counted from 1."""

    name: str
    subject: str
    poet: str  # name of an engine
    form: str = ""
    title: str = ""
    first_lines: tuple[str, ...] = ()
    end_words: tuple[str, ...] = ()
    refrain: str = ""
    acrostic: str = ""
    seed: int = 42
    sought: int = 0  # the one line for which others are looked for; 0 = every unlocked line is written anew
    lines: Lines = ()
    coming: Lines = ()  # while it is written
    earlier: tuple[Lines, ...] = field(default=())

    @property
    def shown(self) -> Lines:
        """The lines to look at: those that are coming, else those that are there."""
        return self.lines if self.sought else self.coming or self.lines

    @property
    def heading(self) -> str:
        """The title, or the subject."""
        return self.title or self.subject[:1].upper() + self.subject[1:]

    @property
    def text(self) -> str:
        """The poem."""
        return "".join(line.text + ("\n\n" if line.gap else "\n") for line in self.shown).rstrip("\n")

    def wishes(self) -> Wishes:
        """What the poet is asked for: locked lines stay, all others are free."""
        own = {
            place: line.text for place, line in enumerate(self.lines)
            if (place + 1 != self.sought if self.sought else line.is_locked)
        }  # fmt: skip
        own = own if self.lines else dict(enumerate(self.first_lines))
        return Wishes(
            subject=self.subject, form=self.form, title=self.title, lines=own, end_words=self.end_words,
            acrostic=self.acrostic, refrain=self.refrain, seed=self.seed,
        )  # fmt: skip

    # ------------------------------------------------------------ what a person does

    def with_locked(self, numbers: Sequence[int]) -> "Sheet":
        """Exactly these lines are locked."""
        lines = tuple(replace(line, is_locked=n in numbers) for n, line in enumerate(self.lines, 1))
        return replace(self, lines=lines)

    def with_line(self, number: int, text: str) -> "Sheet":
        """One line exchanged, and locked, since a person chose it; the old one joins the others.

        Raises:
            InputError: there is no such line, or the new one is empty or more than a line.
        """
        old = self._at(number)
        if not text.strip() or "\n" in text or len(text) > _MOST_LINE_CHARACTERS:
            raise InputError(f"write one line, in at most {_MOST_LINE_CHARACTERS} characters")
        if text == old.text:
            return self
        others = (old.text, *(other for other in old.others if other != text))
        new = replace(old, text=text, others=others, is_locked=True)
        return self._with((*self.lines[: number - 1], new, *self.lines[number:]))

    def asked_again(self) -> "Sheet":
        """Ready to have its unlocked lines written anew, with another seed.

        Raises:
            InputError: every line is locked.
        """
        if self.lines and all(line.is_locked for line in self.lines):
            raise InputError("every line is locked; unlock those that are to be written anew")
        return replace(self, seed=self.seed + bool(self.lines), sought=0, coming=())

    def seeking(self, number: int) -> "Sheet":
        """Ready to have others found for one line, which stays as it is.

        Raises:
            InputError: there is no such line.
        """
        self._at(number)
        return replace(self, seed=self.seed + 1, sought=number, coming=())

    def undone(self) -> "Sheet":
        """As it was before the last change.

        Raises:
            InputError: nothing was changed.
        """
        if not self.earlier:
            raise InputError("there is nothing to undo")
        return replace(self, lines=self.earlier[-1], earlier=self.earlier[:-1], coming=())

    # ------------------------------------------------------------ what the poet does

    def finished(self, lines: Lines) -> "Sheet":
        """With what came: a poem, or others for the one line that was sought. Locked lines are as they were."""
        if self.sought:
            old, new = self.lines[self.sought - 1], lines[self.sought - 1]
            others = tuple(dict.fromkeys((new.text, *new.others, *old.others)))
            found = replace(old, others=tuple(other for other in others if other != old.text))
            kept = (*self.lines[: self.sought - 1], found, *self.lines[self.sought :])
            return replace(self, lines=kept, sought=0, coming=())
        staying = {n: line for n, line in enumerate(self.lines) if line.is_locked}
        own = range(0 if self.lines else len(self.first_lines))
        poem = tuple(staying.get(n, replace(line, is_locked=n in own)) for n, line in enumerate(lines))
        return replace(self._with(poem), coming=())

    def stopped(self) -> "Sheet":
        """After a stop: the poem that was there stays; where there was none, the lines that came do."""
        return replace(self, sought=0, coming=()) if self.lines else self.finished(self.coming)

    def _at(self, number: int) -> SheetLine:
        if not 1 <= number <= len(self.lines):
            raise InputError(f"there is no line {number}: the poem has {len(self.lines)} lines")
        return self.lines[number - 1]

    def _with(self, lines: Lines) -> "Sheet":
        earlier = (*self.earlier, self.lines)[-_MOST_EARLIER:] if self.lines else self.earlier
        return replace(self, lines=lines, earlier=earlier)


class Sheets:
    """The sheets of a folder."""

    def __init__(self, sessions: Path) -> None:
        self.folder = sessions / "sheets"

    def path(self, name: str) -> Path:
        """The file of a sheet."""
        return self.folder / f"{checked_name(name)}.json"

    def names(self) -> list[str]:
        """All sheets, the newest first."""
        return sorted((path.stem for path in self.folder.glob("sheet.*.json")), key=_number, reverse=True)

    def titles(self) -> list[tuple[str, str]]:
        """All sheets as a list shows them, and their names; the newest first."""
        found = []
        for name in self.names():
            with contextlib.suppress(InputError, DamagedError):
                sheet = self.open(name)
                found.append((f"{sheet.heading[:60]} · {sheet.form or 'no form'} · {_number(name)}", name))
        return found

    def new_name(self) -> str:
        """Of the next sheet."""
        return f"sheet.{max(map(_number, self.names()), default=0) + 1}"

    def open(self, name: str) -> Sheet:
        """A sheet by name.

        Raises:
            InputError: there is none of this name.
            DamagedError: its file is not what was written.
        """
        path = self.path(name)
        try:
            data = json.loads(path.read_text("utf-8"))
            first_lines, end_words = tuple(data.pop("first_lines")), tuple(data.pop("end_words"))
            versions = [data.pop("lines"), data.pop("coming"), *data.pop("earlier")]
            lines, coming, *earlier = [tuple(map(_line, version)) for version in versions]
            return Sheet(
                **data, first_lines=first_lines, end_words=end_words, lines=lines, coming=coming, earlier=tuple(earlier)
            )
        except FileNotFoundError as exc:
            raise InputError(f"no poem {name!r} is being written here; choose one from the list") from exc
        except (OSError, ValueError, KeyError, TypeError) as exc:
            raise DamagedError(f"{path}: not a poem under way; remove the file") from exc

    def save(self, sheet: Sheet) -> None:
        """Stores a sheet.

        Raises:
            StoreError: the disk; what was stored before is intact.
        """
        with disk_errors(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
        write_file(self.path(sheet.name), json.dumps(asdict(sheet), indent=1).encode("ascii"))


def _number(name: str) -> int:
    tail = name.rpartition(".")[2]
    return int(tail) if tail.isdecimal() else 0


def _line(data: dict[str, Any]) -> SheetLine:
    return SheetLine(**{**data, "others": tuple(data["others"])})
