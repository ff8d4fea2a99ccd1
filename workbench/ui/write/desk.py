"""What the page of Write asks for and what of it is new: sheets, steps of the poet, changes by the person."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.corpus.load import add_poems
from workbench.engines.names import display_name
from workbench.errors import InputError, WorkbenchError
from workbench.prosody import check_form
from workbench.studio.models import ModelCatalog
from workbench.studio.queue import WorkQueue
from workbench.studio.sheets import Sheet, SheetLine, Sheets
from workbench.types import Poem
from workbench.ui.folders import AppFolders
from workbench.ui.html import link, note_html
from workbench.ui.studio.trust import usable
from workbench.ui.write.view import live_html, sheet_html
from workbench.writing.settings import WritingSettings
from workbench.writing.wishes import WriteJob

PARTS = ("live", "fresh", "desk", "page", "locked", "line", "others", "given", "seek", "again", "stop", "keep",
         "undo", "seen")  # fmt: skip
ASKED = ("subject", "form", "title", "first", "ends", "refrain", "acrostic", "poet", "seed")

Places = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The sheets of one app, and who writes them."""

    folders: AppFolders
    sheets: Sheets
    queue: WorkQueue
    catalog: ModelCatalog

    def begin(self, sheet: Sheet) -> None:
        """Stores a new sheet and has it written.

        Raises:
            InputError: what is wished for cannot be met, which is said before a model is loaded.
        """
        if not sheet.subject.strip():
            raise InputError("say what the poem is about")
        sheet.wishes().slots(WritingSettings())
        self.sheets.save(sheet)
        self.queue.ask(sheet.name, {"kind": "write"})

    def again(self, name: str) -> None:
        """Has the unlocked lines written anew."""
        self.change(name, Sheet.asked_again)
        self.queue.ask(name, {"kind": "write"})

    def seek(self, name: str, number: int | None) -> None:
        """Has others found for one line."""
        self.change(name, lambda sheet: sheet.seeking(number or 0))
        self.queue.ask(name, {"kind": "write"})

    def change(self, name: str, how: Callable[[Sheet], Sheet]) -> Sheet:
        """One change by the person.

        Raises:
            InputError: the poet is writing, or the change cannot be made.
        """
        if self.queue.live(name).is_at_work:
            raise InputError("the poet is writing; stop it first, or wait")
        sheet = how(self.sheets.open(name))
        self.sheets.save(sheet)
        return sheet

    def keep(self, name: str) -> str:
        """Stores the poem in My poems, and with who wrote it in the collection of one's own; what to say."""
        sheet = self.sheets.open(name)
        is_kept = bool(sheet.form) and not check_form(sheet.text, sheet.form).faults
        has_own = any(line.is_locked for line in sheet.lines)
        poem = Poem(
            title=sheet.heading, text=sheet.text, form=sheet.form if is_kept else "", source="the tab Write",
            author=display_name(sheet.poet) + " and a person" * has_own,
        )  # fmt: skip
        added = add_poems(self.folders.own_poems, [poem])
        own = self.folders.my_poems.take_in(poem.title, poem.text)
        said = "It is among your poems now." if added.n_added else "It is among your poems already."
        ways = f"{link('Write on it', tab='write', own=str(own.id))} · {link('My poems', tab='home')}"
        return f'<p class="wb-good" role="status">✓ {said} {ways}</p>'

    def stamp(self, name: str) -> list[float]:
        """Changes whenever there may be something new to see."""
        path = self.sheets.path(name)
        return [self.queue.stamp(name), path.stat().st_mtime if path.is_file() else 0.0]


def open_tab(desk: Desk, name: str, poet: str | None) -> list[Any]:
    """The lists as they are now; what was chosen stays, else the newest poem."""
    import gradio as gr

    known = desk.sheets.titles()
    names, poets = [key for _, key in known], usable(desk.catalog, desk.queue)
    usual = WriteJob().poet
    wanted = [engine for _, engine in poets if engine == poet or engine.endswith(usual.removeprefix("built-in+"))]
    chosen = name if name in names else (names[0] if names else None)
    return [gr.Dropdown(known, value=chosen), gr.Dropdown(poets, value=wanted[0] if wanted else poets[0][1])]


def look(desk: Desk, name: str | None, number: int | None, seen: dict[str, Any]) -> list[Any]:
    """Everything of a sheet that is new since `seen`; one update for each of PARTS."""
    import gradio as gr

    if not name:
        if seen.get("name") == "":
            return [gr.skip()] * len(PARTS)
        return _parts(live="", fresh=gr.Column(visible=True), desk=gr.Column(visible=False), seen={"name": ""})
    stamp, live = desk.stamp(name), desk.queue.live(name)
    if seen.get("stamp") == stamp and seen.get("name") == name and not live.is_at_work and not seen.get("busy"):
        return [gr.skip()] * len(PARTS)
    try:
        sheet = desk.sheets.open(name)
    except WorkbenchError as exc:
        return _parts(live=note_html(str(exc), "bad"), seen={"name": name, "stamp": stamp})
    busy = live.is_at_work
    mark = {"name": name, "stamp": stamp, "busy": busy, "lines": [[line.text, *line.others] for line in sheet.lines]}
    if seen == mark:
        return _parts(live=live_html(live, sheet))
    parts = _sheet_parts(gr, sheet, busy=busy) | {"live": live_html(live, sheet), "seen": mark}
    if seen.get("name") != name or seen.get("lines") != mark["lines"]:
        is_new = seen.get("name") != name or not seen.get("lines")
        parts |= line_parts(gr, sheet, 1 if is_new else number)
    return _parts(**parts)


def _sheet_parts(gr: Any, sheet: Sheet, *, busy: bool) -> Places:
    lines = sheet.lines
    locked = [n for n, line in enumerate(lines, 1) if line.is_locked]
    return {
        "fresh": gr.Column(visible=False), "desk": gr.Column(visible=True), "page": sheet_html(sheet, is_busy=busy),
        "locked": gr.CheckboxGroup(_numbered(lines), value=locked, interactive=not busy and bool(lines)),
        "seek": gr.Button(interactive=not busy and bool(lines)),
        "again": gr.Button(interactive=not busy), "stop": gr.Button(interactive=busy),
        "keep": gr.Button(interactive=not busy and bool(lines)),
        "undo": gr.Button(interactive=not busy and bool(sheet.earlier)),
    }  # fmt: skip


def line_parts(gr: Any, sheet: Sheet, number: int | None) -> Places:
    """The desk of one line: which it is, what else would fit there, its words to change.

    They are given to the page, which puts them into the field where no words of the person's own are in it.
    """
    lines = sheet.lines
    if not lines:
        return {"line": gr.Dropdown([], value=None), "others": gr.Radio([], value=None), "given": ""}
    at = min(max(number or 1, 1), len(lines))
    one = lines[at - 1]
    return {
        "line": gr.Dropdown(_numbered(lines), value=at), "others": gr.Radio(fitting(sheet, at), value=None),
        "given": one.text,
    }  # fmt: skip


def fitting(sheet: Sheet, number: int) -> list[str]:
    """The others of a line that leave the form no less kept than it is: rhymes may have been settled after them."""
    others = list(sheet.lines[number - 1].others)
    if not sheet.form:
        return others
    now = check_form(sheet.text, sheet.form).n_places
    changed = {other: sheet.with_line(number, other) for other in others}
    return [other for other, new in changed.items() if check_form(new.text, sheet.form).n_places <= now]


def _parts(**parts: Any) -> list[Any]:
    import gradio as gr

    return [parts.get(name, gr.skip()) for name in PARTS]


def _numbered(lines: Sequence[SheetLine]) -> list[tuple[str, int]]:
    return [(f"{n} · {line.text}", n) for n, line in enumerate(lines, 1)]


def begun(desk: Desk, *given: Any) -> tuple[str, Any]:
    """A new poem, started with what the fields of ASKED say."""
    import gradio as gr

    fields = dict(zip(ASKED, given, strict=True))
    words: Places = {name: (fields[name] or "").strip() for name in ASKED if name != "seed"}
    first, ends = words.pop("first").split("\n"), words.pop("ends").split(",")
    sheet = Sheet(
        **words | {"poet": words["poet"] or WriteJob().poet}, name=desk.sheets.new_name(),
        seed=int(fields["seed"] or 0), first_lines=tuple(line for line in first if line.strip()),
        end_words=tuple(word.strip() for word in ends if word.strip()),
    )  # fmt: skip
    if said := told(lambda: desk.begin(sheet)):
        return said, gr.skip()
    return "", gr.Dropdown(desk.sheets.titles(), value=sheet.name)


def locked(desk: Desk, name: str | None, numbers: Sequence[int]) -> tuple[str, Any]:
    """Exactly these lines are locked; nothing else of the page changes."""
    import gradio as gr

    try:
        sheet = desk.change(name or "", lambda old: old.with_locked(numbers))
    except WorkbenchError as exc:
        return note_html(str(exc), "bad"), gr.skip()
    return "", sheet_html(sheet, is_busy=False)


def changed(desk: Desk, name: str | None, number: int | None, how: Callable[[Sheet], Sheet]) -> list[Any]:
    """A change of the lines; what is said of it, and the page with it."""
    import gradio as gr

    try:
        sheet = desk.change(name or "", how)
    except WorkbenchError as exc:
        return [note_html(str(exc), "bad"), *_parts()]
    return ["", *_parts(**_sheet_parts(gr, sheet, busy=False), **line_parts(gr, sheet, number))]


def told(act: Callable[[], str | None]) -> str:
    """Does something; what there is to say, "" where nothing is."""
    try:
        return act() or ""
    except WorkbenchError as exc:
        return note_html(str(exc), "bad")
