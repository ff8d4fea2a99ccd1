"""Where the app reads and writes, and what several tabs ask of a run. Knows no page."""

import contextlib
import re
import time
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from workbench.corpus.load import write_poems
from workbench.errors import InputError, WorkbenchError
from workbench.jobs import WAITS, ahead_of, find_job, is_waiting, last_words
from workbench.places import ROOT, home
from workbench.storage.records import RecordStore
from workbench.storage.run_names import checked_name
from workbench.storage.runs import Run, RunSummary, list_runs, summarise
from workbench.studio.own_poems import OwnPoems
from workbench.types import Poem


@dataclass(frozen=True, slots=True, kw_only=True)
class AppFolders:
    """The folders of one app."""

    runs: Path = field(default_factory=lambda: home() / "data" / "runs")
    poems: Path = ROOT / "data" / "poems"
    config: Path = ROOT / "config"

    @property
    def models(self) -> Path:
        """The folder of models, those that are made here among them."""
        return home() / "models" if self.config == ROOT / "config" else self.config.parent / "models"

    @property
    def own_poems(self) -> Path:
        """The file of poems that people added here: beside the collections, never among those that were installed."""
        is_shipped = self.poems == ROOT / "data" / "poems" and home() != ROOT
        return (home() / "data" if is_shipped else self.poems) / "mine" / "poems.jsonl"

    @property
    def my_poems(self) -> OwnPoems:
        """The store of My poems, where people write."""
        return OwnPoems(self.runs.parent / "own_poems.sqlite")

    def collections(self) -> dict[str, Path]:
        """Folders of poems by name."""
        folders = {path.name: path for path in sorted(self.poems.glob("*")) if path.is_dir() and any(path.glob("*.*"))}
        own = self.own_poems
        folders |= {own.parent.name: own.parent} if own.is_file() else {}
        home = self._home_poems()
        return folders | ({home.name: home} if home else {})

    def _home_poems(self) -> Path | None:
        """The folder with a copy of My poems, as they are now; None where there is none, or it cannot be written."""
        kept = self.my_poems
        file = self.runs.parent / "my_poems" / "poems.jsonl"
        if not kept.path.is_file():
            return None
        with contextlib.suppress(WorkbenchError, OSError):
            # the clock of a file system ticks some hundred times a second: the same tick may have been before
            if not file.is_file() or file.stat().st_mtime_ns <= kept.path.stat().st_mtime_ns:
                own = [Poem(title=one.title, text=one.text.strip("\n")) for one in kept.all() if one.text.strip()]
                file.parent.mkdir(parents=True, exist_ok=True)
                write_poems(file, list({poem.id: poem for poem in own}.values()))
            return file.parent if file.stat().st_size else None
        return None

    def names(self) -> list[str]:
        """All runs, the newest first; also one whose job has only just started."""
        return [*self._early(), *(run.name for run in list_runs(self.runs))]

    def loops(self) -> list[str]:
        """The same without fine-tunings, which have no candidates."""
        return [*self._early(), *(run.name for run in list_runs(self.runs) if run.is_loop)]

    def _early(self) -> list[str]:
        early = [path.parent.name for path in self.runs.glob("*/job.json") if not (path.parent / "run.json").is_file()]
        return sorted(early)

    def newest(self, wanted: str = "", *, names: Sequence[str] | None = None) -> str:
        """The run named, or else the one at work, or else the newest, of all or of these; "" where there is none."""
        names = self.names() if names is None else names
        if wanted in names:
            return wanted
        return next((name for name in names if self.summary(name).state in ("starting", "running")), "") or (
            names[0] if names else ""
        )

    def summary(self, name: str) -> RunSummary:
        """The state of a run, with what only its job knows: that it waits or is starting, or why it never started."""
        folder = self.runs / checked_name(name)
        job = find_job(self.runs, name)
        if job and job.is_alive and is_waiting(self.runs, name):
            note = _waits_for(ahead_of(self.runs, name))
            return RunSummary(name=name, created=job.started, state="waiting", note=note, heartbeat=job.started)
        if not (folder / "run.json").is_file():
            if job is None:
                raise InputError(f"no run {name!r} in {self.runs}; choose one from the list")
            words = last_words(self.runs, name)
            state, note = ("starting", "starting") if job.is_alive else ("failed", words)
            if not job.is_alive and words.startswith(WAITS):
                state, note = "stopped", "it left the queue before it began"
            return RunSummary(name=name, created=job.started, state=state, note=note, heartbeat=job.started)
        found = summarise(folder)
        if job and job.is_alive and found.state != "running":
            return replace(found, state="ending" if found.heartbeat >= job.started else "starting")
        return found

    @contextlib.contextmanager
    def records(self, name: str) -> Iterator[RecordStore]:
        """The records of a run, to look at.

        Raises:
            InputError: there is no such run.
            StoreError: its records cannot be read.
        """
        with contextlib.closing(Run.open(self.runs, name, read_only=True)) as run:
            yield run.records

    @contextlib.contextmanager
    def judging(self, name: str) -> Iterator[RecordStore]:
        """The records of a run, to add verdicts to, also while a process works on it: SQLite lets the two take turns.

        Raises:
            InputError: there is no such run.
            StoreError: they cannot be written.
        """
        with self.records(name) as records:
            path = records.path
        with contextlib.closing(RecordStore(path)) as store:
            yield store


def lost_in(folders: AppFolders, query: Mapping[str, str], tabs: Container[str]) -> str:
    """What an address names and is not here, in a sentence; "" where all of it is."""
    if (tab := query.get("tab", "")) and tab not in tabs:
        return f"There is no page ‘{tab[:60]}’ here; this is Home."
    if (name := query.get("run", "")) and name not in folders.names():
        here = folders.newest()
        return f"There is no run ‘{name[:60]}’ here" + (f"; you see {here}." if here else ", and no other.")
    return ""


def plain_note(note: str) -> str:
    """What a run said last, without the command for a terminal: here there is a button.

    >>> plain_note("stopped at 2 of 59; continue with: improve --resume tide")
    'stopped at 2 of 59'
    """
    return re.split(r"; (?:go on|continue) with:", note)[0]


def _waits_for(names: Sequence[str]) -> str:
    """Whom a job waits for.

    >>> _waits_for(["tide"]), _waits_for(["tide", "quay", "fog"])
    ('in the queue: it starts when tide has ended', 'in the queue: it starts when tide and 2 more have ended')
    """
    more = f" and {len(names) - 1} more have" if len(names) > 1 else " has"
    return f"in the queue: it starts when {''.join(names[:1]) or 'the one before'}{more} ended"


def said_by(run: RunSummary) -> str:
    """What a run said last, as far as it is true of what it does now."""
    if run.state == "running" and run.note == "created":
        return (
            "reading the poems and opening the model; the first time, its files are made, which takes a minute or two"
        )
    if run.state == "running" and run.note.startswith("stopped"):
        return "continuing; the model is being opened"
    return plain_note(run.note)


def ago(seconds_since_epoch: float, *, now: float | None = None) -> str:
    """How long since, in words.

    >>> ago(0.0, now=1.0), ago(40.0, now=100.0), ago(100.0, now=7400.0)
    ('never', '60 s ago', '2 h ago')
    """
    if not seconds_since_epoch:
        return "never"
    seconds = max(0.0, (time.time() if now is None else now) - seconds_since_epoch)
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit} ago"
    return f"{seconds:.0f} s ago"
