"""The studio's models in a process of their own, and what a page sees of it.

    SESSIONS/studio/todo/NUMBER.json   what waits: one task a file
    SESSIONS/studio/live/ABOUT.json    what is being done about a session, a talk or a test, and how it ended
    SESSIONS/studio/stop/ABOUT         somebody asked to stop
    SESSIONS/studio/job.json, job.log  the process, started and locked by `jobs`

The page writes a task and looks at the live file; whether it is reloaded, closed or opened twice changes nothing. The
process works on one task at a time, keeps its models between tasks, and leaves when nothing has come for a while.
Knows no page and, but for the names of tasks, no models (`studio_tasks`).
"""

import contextlib
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from workbench.errors import InputError, LockedError, WorkbenchError
from workbench.jobs import end_job, find_job, last_words, start_job
from workbench.places import home
from workbench.storage.atomic import disk_errors, write_file
from workbench.storage.run_names import checked_name

State = Literal["waiting", "loading", "writing", "done", "stopped", "failed"]
AT_WORK = ("waiting", "loading", "writing")
JOB = "studio"
IDLE_SECONDS = 300.0
_SHOW_SECONDS = 0.12  # between two looks that a page can have at a text in writing
_START_SECONDS = 60.0  # a task that has no process for longer than this gets a new one


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """What is being done about one thing."""

    state: State
    kind: str = ""  # revise, talk or test; while a session is written: brief, draft, critique …
    text: str = ""  # so far
    place: int = 0  # of a session: number of the draft; of a talk: which of its voices
    attempt: int = 0  # 0 = first try
    note: str = ""  # to the person: why it failed, which model took another's place
    n_events: int = 0  # how often something was stored
    began: float = 0.0  # seconds since the epoch

    @property
    def is_at_work(self) -> bool:
        """Whether it continues."""
        return self.state in AT_WORK


class WorkQueue:
    """The folder of the studio, from either side."""

    def __init__(self, sessions: Path, *, models: Path | None = None) -> None:
        self.sessions, self.models = sessions, models or home() / "models"
        self.folder = sessions / JOB

    # ------------------------------------------------------------ the page's side

    def ask(self, about: str, task: Mapping[str, Any]) -> None:
        """Puts a task in the line, and starts the process where there is none.

        Raises:
            InputError: this very thing is being worked on.
            StoreError: the disk.
        """
        if self.live(about).is_at_work:
            raise InputError("it is being worked on; wait for it, or stop it first")
        with disk_errors(self.folder):
            for name in ("todo", "live", "stop"):
                (self.folder / name).mkdir(parents=True, exist_ok=True)
            self._stop_flag(about).unlink(missing_ok=True)
        self._show(about, Live(state="waiting", kind=str(task["kind"]), began=time.time()))
        path = self.folder / "todo" / f"{time.time_ns()}.json"
        write_file(path, json.dumps({**task, "about": checked_name(about)}).encode("ascii"))
        self._begin()

    def live(self, about: str) -> Live:
        """What is being done about a thing; what a process that is gone left unfinished has failed."""
        try:
            found = Live(**json.loads(self._live_file(about).read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return Live(state="done")
        if not found.is_at_work or self.is_alive():
            return found
        if any(self.folder.glob("todo/*.json")) and time.time() - found.began < _START_SECONDS:
            self._begin()  # it left, idle, in the moment in which the task came
            return found
        why = f"the model's process ended ({last_words(self.sessions, JOB)[-200:]}); what was stored before is kept"
        return replace(found, state="failed", note=f"{why}. Try again.")

    def stamp(self, about: str) -> float:
        """Changes whenever there is something new to see."""
        with contextlib.suppress(OSError):
            return self._live_file(about).stat().st_mtime
        return 0.0

    def stop(self, about: str) -> None:
        """Asks to stop with the next word; what is stored stays."""
        if self.live(about).is_at_work:
            self._stop_flag(about).touch()

    def is_alive(self) -> bool:
        """Whether the process is there."""
        job = find_job(self.sessions, JOB)
        return bool(job and job.is_alive)

    def is_at_work(self) -> bool:
        """Whether anything waits or is being written."""
        return any(self.live(path.stem).is_at_work for path in self.folder.glob("live/*.json"))

    def end(self) -> None:
        """Ends the process at once."""
        if self.is_alive():
            end_job(self.sessions, JOB)

    # ------------------------------------------------------------ the process's side

    def tasks(self, *, idle_seconds: float = IDLE_SECONDS) -> Iterator[dict[str, Any]]:
        """Tasks as they come, until none has come for a while."""
        last = time.monotonic()
        while time.monotonic() - last < idle_seconds:
            for path in sorted(self.folder.glob("todo/*.json"), key=lambda path: path.stem):
                task = json.loads(path.read_text("utf-8"))
                path.unlink()  # before the work: a task that kills the process must not kill the next one
                yield task
                last = time.monotonic()
                break
            else:
                time.sleep(0.05)

    def is_stopped(self, about: str) -> bool:
        """Whether somebody asked to stop."""
        return self._stop_flag(about).exists()

    # ------------------------------------------------------------ private

    def _begin(self) -> None:
        if not self.is_alive():
            with contextlib.suppress(LockedError):  # started by another page in this moment
                places = [str(self.sessions.resolve()), "--models", str(self.models.resolve())]
                start_job(self.sessions, JOB, ["studio-models", *places])

    def _show(self, about: str, live: Live) -> None:
        """Replaces the live file; it may be lost with the power, so it is not flushed to the disk."""
        path = self._live_file(about)
        partial = path.with_suffix(".partial")
        with disk_errors(path):
            partial.write_text(json.dumps(asdict(live)), "utf-8")
            os.replace(partial, path)

    def _live_file(self, about: str) -> Path:
        return self.folder / "live" / f"{checked_name(about)}.json"

    def _stop_flag(self, about: str) -> Path:
        return self.folder / "stop" / checked_name(about)


class Showing:
    """What the process shows of one task while it works."""

    def __init__(self, queue: WorkQueue, about: str, kind: str) -> None:
        self._queue, self._about = queue, about
        self._live = Live(state="loading", kind=kind, began=time.time())
        self._shown = 0.0
        queue._show(about, self._live)

    def note(self, text: str) -> None:
        """One line to the person."""
        self._put(replace(self._live, note=text))

    def piece(self, piece: str, *, kind: str, place: int, attempt: int = 0) -> None:
        """More of a text in writing; another kind, place or attempt begins another text."""
        live = self._live
        is_same = (live.state, live.kind, live.place, live.attempt) == ("writing", kind, place, attempt)
        text = (live.text if is_same else "") + piece
        self._live = replace(live, state="writing", kind=kind, place=place, attempt=attempt, text=text)
        if time.monotonic() - self._shown > _SHOW_SECONDS or not is_same:
            self._put(self._live)

    def stored(self) -> None:
        """Something is in the store now; the text in writing has become it."""
        self._put(replace(self._live, state="loading", text="", n_events=self._live.n_events + 1))

    def end(self, state: State, *, note: str = "", text: str = "") -> None:
        """How it ended."""
        last = replace(self._live, state=state, text=text, n_events=self._live.n_events + 1)
        self._put(replace(last, note=note or last.note))

    def _put(self, live: Live) -> None:
        self._live, self._shown = live, time.monotonic()
        self._queue._show(self._about, live)


def work(queue: WorkQueue, do: Mapping[str, Callable[[dict[str, Any], Showing, Callable[[], bool]], None]], *,
         idle_seconds: float = IDLE_SECONDS) -> None:  # fmt: skip
    """Does what comes until nothing comes; a task that fails is told, and the next one is done.

    Args:
        queue: where tasks come from.
        do: by kind of task; each is given the task, where to show it, and whether to stop.
        idle_seconds: how long to wait for more.
    """
    for task in queue.tasks(idle_seconds=idle_seconds):
        about = checked_name(str(task["about"]))
        showing = Showing(queue, about, str(task["kind"]))
        try:
            do[task["kind"]](task, showing, lambda about=about: queue.is_stopped(about))  # type: ignore[misc]  # bound now
        except WorkbenchError as exc:
            showing.end("failed", note=str(exc))
        except Exception as exc:
            showing.end("failed", note=f"an error in the workbench itself ({type(exc).__name__}: {exc!s:.200})")
            raise
