"""What a person does with runs that are there: a note, another name, away and back; what each takes on the disk."""

from collections.abc import Callable
from functools import partial
from html import escape
from typing import Any

from workbench.errors import InputError, WorkbenchError
from workbench.jobs import find_job
from workbench.storage.shelf import (
    MOST_NOTE_CHARACTERS,
    REMOVED,
    bring_back,
    delete_for_good,
    disk_bytes,
    keep_note,
    note_of,
    remove_run,
    removed_runs,
    rename_run,
)
from workbench.ui.events import in_turn
from workbench.ui.folders import AppFolders
from workbench.ui.html import html_area, note_html, size_text

_SURE = "(name) => confirm('Delete ' + name + ' for good? Nothing brings it back.') ? name : null"


def lay_out_shelf(gr: Any, folders: AppFolders, run: Any, then: Callable[[Any], Any]) -> None:
    """The part of the page under a run.

    Args:
        gr: Gradio.
        folders: of the app.
        run: the list of runs.
        then: what follows an event that changed it: the page shows the run that is chosen now.
    """
    shared = in_turn("improve")
    with gr.Accordion("Note, name, disk, delete", open=False) as opened:
        room = html_area(elem_id="run-room")
        with gr.Row(equal_height=True):
            note = gr.Textbox("", label="Note on this run", lines=2, max_length=MOST_NOTE_CHARACTERS,
                              elem_id="run-note", scale=3)  # fmt: skip
            keep = gr.Button("Keep the note", elem_id="run-note-keep", scale=0, min_width=180)
        with gr.Row(equal_height=True):
            name = gr.Textbox("", label="Another name: a–z, 0–9, . _ -", max_lines=1, elem_id="run-new-name", scale=3)
            rename = gr.Button("Rename it", elem_id="run-rename", scale=0, min_width=180)
        remove = gr.Button("Remove this run", elem_id="run-remove", scale=0, min_width=180)
        said = html_area(elem_id="run-shelf-said")
        with gr.Row(equal_height=True, visible=False) as bin_row:
            gone = gr.Dropdown([], label="Removed runs", elem_id="runs-removed", scale=3)
            back = gr.Button("Undo: bring it back", elem_id="run-back", scale=0, min_width=180)
            delete = gr.Button("Delete it for good", elem_id="run-delete", scale=0, min_width=180)

    look, noted = partial(shelf, folders), gr.State(None)
    asked, places = [run, noted], [room, note, gone, bin_row, noted]
    for event in (opened.expand, run.change):
        event(look, asked, places, **shared)
    for button, handler, inputs in (
        (keep, note_kept, [run, note]), (rename, renamed, [run, name]), (remove, removed, [run]),
        (back, brought_back, [gone]),
    ):  # fmt: skip
        done = button.click(_told(handler, folders), inputs, [said, run], **shared)
        then(done.then(look, asked, places, **shared))
    done = delete.click(_told(deleted, folders), gone, [said, run], js=_SURE, **shared)
    then(done.then(look, asked, places, **shared))


def shelf(folders: AppFolders, chosen: str | None, noted_run: str | None = None) -> tuple[Any, ...]:
    """What the part shows: the room that runs take, the note, the removed runs, whether there are any, and the run.

    `noted_run`, the run whose note is on the page, keeps what the page has: a person may be typing there.
    """
    import gradio as gr

    gone = removed_runs(folders.runs)
    note = note_of(folders.runs, chosen) if chosen else ""
    return (
        room_html(folders, chosen), gr.skip() if chosen and chosen == noted_run else note,
        gr.Dropdown(gone, value=gone[0] if gone else None), gr.Row(visible=bool(gone)), chosen,
    )  # fmt: skip


def room_html(folders: AppFolders, chosen: str | None) -> str:
    """What the chosen run and all of them take."""
    names = folders.names()
    taken = {name: disk_bytes(folders.runs / name) for name in names}
    away = disk_bytes(folders.runs / REMOVED)
    one = f"{escape(chosen)} takes {size_text(taken[chosen], places=1)}; " if chosen in taken and chosen else ""
    kept = f"; removed ones {size_text(away, places=1)}" if away else ""
    return f'<p class="wb-note">{one}{len(names)} runs take {size_text(sum(taken.values()), places=1)}{kept}.</p>'


def note_kept(folders: AppFolders, name: str, text: str) -> tuple[str, str]:
    """Keeps the note; what to say, and the run in sight."""
    keep_note(folders.runs, name, text or "")
    return "The note is kept." if (text or "").strip() else "There is no note any more.", name


def renamed(folders: AppFolders, name: str, new: str) -> tuple[str, str]:
    """Gives the run another name."""
    _check_rests(folders, name)
    rename_run(folders.runs, name, new or "")
    new = new.strip()
    return f"{name} is now {new}. Where a session of the studio uses a model of it, choose that model again.", new


def removed(folders: AppFolders, name: str) -> tuple[str, str]:
    """Puts the run away."""
    _check_rests(folders, name)
    remove_run(folders.runs, name)
    return f"{name} is removed; “Undo” below brings it back.", folders.newest()


def brought_back(folders: AppFolders, name: str) -> tuple[str, str]:
    """Brings a removed run back."""
    bring_back(folders.runs, name)
    return f"{name} is back.", name


def deleted(folders: AppFolders, name: str) -> tuple[str, str]:
    """Deletes a removed run."""
    delete_for_good(folders.runs, name)
    return f"{name} is deleted for good.", folders.newest()


def _check_rests(folders: AppFolders, name: str) -> None:
    job = find_job(folders.runs, name)
    if job and job.is_alive:
        raise InputError(f"{name} is at work; stop it first")


def _told(handler: Callable[..., tuple[str, str]], folders: AppFolders) -> Callable[..., tuple[str, Any]]:
    """A handler whose complaint is a line on the page, and which shows the run that it names."""

    def tell(name: str | None, *more: str) -> tuple[str, Any]:
        import gradio as gr

        try:
            if not name:
                return note_html("Nothing was done: you said no, or no run is chosen."), gr.skip()
            said, shown = handler(folders, name, *more)
        except WorkbenchError as exc:
            return note_html(str(exc), "bad"), gr.skip()
        return note_html(said, "good"), gr.Dropdown(folders.names(), value=shown or None)

    return tell
