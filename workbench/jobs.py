"""Jobs: long work of the app in a process of its own, which outlives the page, the tab and the app itself.

    RUN/job.json    the command, who runs it, since when
    RUN/job.log     everything it said; while it lives, it holds a lock on this file

The child is the very command that a person would type, in a session of its own. The lock belongs to the open log, which
the child has as its standard output: it cannot be left behind by a crash, cannot be mistaken for another process with
the same number, and is found again by an app that was started later. What the work itself has to say (progress,
heartbeat, records) is in the run. Knows no page.

Two trainings at once on one machine take longer than one after the other, and may not fit into its memory. So a job may
be asked for in turn: its process is there at once, and holds its place by the time at which it was asked for. When no
job of the same folder that was asked for earlier is alive, it becomes the command. No app is needed for that.
"""

import contextlib
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import InputError, LockedError
from workbench.places import child_environment, home
from workbench.storage.atomic import disk_errors, is_held, take, write_file
from workbench.storage.run_names import checked_name
from workbench.storage.runs import Run

_QUIET = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "PYTHONUNBUFFERED": "1",
    "NO_COLOR": "1",
}
WAITS = "waiting for "  # a waiting job's log ends on a line that begins so
_LOOK_SECONDS = 1.0  # between two looks of a waiting job at those before it
_children: list[subprocess.Popen[bytes]] = []  # of this app, so that those that have ended leave no zombie


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """The newest work that the app started on a run."""

    name: str  # of the run
    command: tuple[str, ...]  # as typed: workbench …
    process: int
    started: float  # seconds since the epoch
    is_alive: bool


def shown_command(arguments: Sequence[str]) -> str:
    """What a person would type for the same work.

    >>> shown_command(["improve", "config/demo.yaml", "--set", "corpus.poems=my poems"])
    "workbench improve config/demo.yaml --set 'corpus.poems=my poems'"
    """
    return shlex.join(["workbench", *arguments])


def start_job(root: Path, name: str, arguments: Sequence[str], *, in_turn: bool = False) -> Job:
    """Starts `workbench ARGUMENTS` for a run, which the arguments themselves name.

    Args:
        root: the folder of all runs.
        name: of the run.
        arguments: of the command.
        in_turn: it waits for the jobs of this folder that were asked for before it.

    Raises:
        InputError: no such name can be.
        LockedError: a job of this run is at work.
        StoreError: the run's folder cannot be written.
    """
    folder = root / checked_name(name)
    _reap()
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        working = home()
        working.mkdir(parents=True, exist_ok=True)
        with open(folder / "job.log", "ab") as log:
            if not take(log.fileno()):
                raise LockedError(f"a job of run {name!r} is at work; stop it first, or wait for it")
            log.write(f"$ {shown_command(arguments)}\n".encode())
            log.flush()
            program = ("workbench.jobs", str(root.resolve()), name) if in_turn else ("workbench",)
            child = subprocess.Popen(  # noqa: S603 - our own command line, as a list
                [sys.executable, "-m", *program, *arguments],
                cwd=working, env=child_environment() | _QUIET, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
    _children.append(child)
    facts = {"command": list(arguments), "process": child.pid, "started": time.time()}
    write_file(folder / "job.json", json.dumps(facts).encode())
    return _job(folder)


def ahead_of(root: Path, name: str) -> list[str]:
    """The jobs at work that were asked for before this one, the first one first; one in turn waits for them."""
    mine = find_job(root, name)
    if mine is None or not mine.is_alive:
        return []
    found = (find_job(root, path.parent.name) for path in root.glob("*/job.json") if path.parent.name != name)
    before = [(job.started, job.name) for job in found if job and job.is_alive]
    return [other for started, other in sorted(before) if (started, other) < (mine.started, mine.name)]


def is_waiting(root: Path, name: str) -> bool:
    """Whether a job holds its place in the line and has not begun."""
    return last_words(root, name).startswith(WAITS) and bool(ahead_of(root, name))


def find_job(root: Path, name: str) -> Job | None:
    """The newest job of a run; None where the app never started one."""
    _reap()
    try:
        return _job(root / checked_name(name))
    except (InputError, OSError, ValueError, KeyError, TypeError):
        return None


def stop_job(root: Path, name: str) -> None:
    """Asks the work on a run to save and leave, whoever started it.

    Raises:
        InputError: there is no such run and no job of this name at work.
    """
    folder = root / checked_name(name)
    if is_waiting(root, name) or not (folder / "run.json").is_file():  # it has not come so far: nothing to save
        end_job(root, name)
        return
    with contextlib.closing(Run.open(root, name, read_only=True)) as run:
        run.ask_to_stop()


def end_job(root: Path, name: str) -> None:
    """Ends the job at once; the run continues from its last checkpoint.

    Raises:
        InputError: no job of this run is at work.
    """
    job = find_job(root, name)
    if job is None or not job.is_alive:
        raise InputError(f"no job of the app is at work on {name!r}; it has ended, or was started at a terminal")
    with contextlib.suppress(ProcessLookupError):
        os.killpg(job.process, signal.SIGKILL)


def log_tail(root: Path, name: str, *, n_characters: int = 4000) -> str:
    """The last lines that a job of this run said."""
    path = root / checked_name(name) / "job.log"
    try:
        with open(path, "rb") as log:
            log.seek(max(0, path.stat().st_size - n_characters))
            return log.read().decode("utf-8", "replace").strip()
    except OSError:
        return ""


def last_words(root: Path, name: str) -> str:
    """The last line of the log: where a job failed, this is why."""
    return log_tail(root, name).rpartition("\n")[2]


def _job(folder: Path) -> Job:
    facts = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    return Job(
        name=folder.name,
        command=tuple(map(str, facts["command"])),
        process=int(facts["process"]),
        started=float(facts["started"]),
        is_alive=is_held(folder / "job.log"),
    )


def _reap() -> None:
    _children[:] = [child for child in _children if child.poll() is None]


def _wait_for_turn(root: Path, name: str) -> None:
    """Comes back when no job asked for earlier is alive; says in the log whom it waits for."""
    said = ""
    for _ in range(100):  # the app writes who runs the job just after it has started it
        if (job := find_job(root, name)) and job.process == os.getpid():
            break
        time.sleep(0.1)
    while before := ahead_of(root, name):
        line = f"{WAITS}{before[0]} to end"
        if line != said:
            print(line, flush=True)  # noqa: T201 - into the job's log
            said = line
        time.sleep(_LOOK_SECONDS)
    if said:
        print("its turn has come", flush=True)  # noqa: T201 - into the job's log


if __name__ == "__main__":
    _wait_for_turn(Path(sys.argv[1]), sys.argv[2])
    os.execv(sys.executable, [sys.executable, "-m", "workbench", *sys.argv[3:]])  # noqa: S606 - our own, as above
