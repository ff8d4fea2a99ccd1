"""Trials of death on whole runs of the loop: real engines, real SIGKILL, and the bytes of a run that was never killed.

`tests/improvement/test_resume.py` has few of them, `python -m bench.faults jobs 100` as many as are asked for.
"""

import multiprocessing
import random
import re
import signal
from dataclasses import dataclass
from pathlib import Path

from tests.loop_child import main
from workbench.storage.records import RecordStore
from workbench.types import Candidate, StepRecord

# Every trial is a process of its own, forked from one that has imported the libraries and opened nothing: importing
# them anew took most of the time of a trial.
_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload([
    "tests.loop_child", "workbench.improvement.run", "torch", "llama_cpp", "peft",
    "transformers.models.auto.modeling_auto", "transformers.models.llama.modeling_llama",
])  # fmt: skip


@dataclass(frozen=True, slots=True)
class Worked:
    """How a process ended, and what it said: nothing where it was killed."""

    returncode: int
    said: str


def work(model: str, root: Path, name: str, *when: str, train: str = "follower") -> Worked:
    """A process that begins or continues a run, see `tests/loop_child.py`; its tracebacks go to this one's stderr."""
    here, there = _PROCESSES.Pipe(duplex=False)
    process = _PROCESSES.Process(target=main, args=(there, model, root, name, train, *when))
    process.start()
    there.close()
    try:
        said = here.recv()
    except EOFError:
        said = ""
    process.join()
    assert process.exitcode is not None
    return Worked(process.exitcode, said)


def finished(model: str, root: Path, name: str, train: str = "follower") -> str:
    """Works until the run is at its end; its digests."""
    done = work(model, root, name, train=train)
    assert done.returncode == 0
    assert re.fullmatch(r"[0-9a-f]{64} [0-9a-f]{64} 2", done.said), done.said
    return done.said


def kill_at_random(model: str, root: Path, n_kills: int, *, seconds: float) -> int:
    """Runs that learn by pairs die at random moments, lose nothing and end as one that was never killed.

    A run takes a few deaths to end; the next one takes the deaths that are left.

    Args:
        model: what the runs work with.
        root: an empty folder.
        n_kills: deaths.
        seconds: how long a run works, about, once its models are loaded.

    Returns:
        How many runs it took.
    """
    whole = finished(model, root, "whole", "preference")
    assert any(n_tokens_learned(root / "whole"))
    moments, n_killed, n_runs = random.Random(1), 0, 0  # noqa: S311 - moments of death, not secrets
    while n_killed < n_kills:
        n_runs += 1
        name, seen = f"run{n_runs}", set[str]()
        while n_killed < n_kills:
            done = work(model, root, name, "seconds", f"{moments.uniform(0, seconds):.2f}", train="preference")
            if done.returncode == 0:
                break
            assert done.returncode == -signal.SIGKILL
            n_killed += 1
            now = acknowledged(root / name)
            assert seen <= now
            seen = now
        assert finished(model, root, name, "preference") == whole
    return n_runs


def n_tokens_learned(folder: Path) -> list[int]:
    """Tokens of each training step: a run whose steps had nothing to learn from would show nothing."""
    store = RecordStore(folder / "records.sqlite", read_only=True)
    try:
        return [step.n_tokens for step in store.all(StepRecord)]
    finally:
        store.close()


def acknowledged(folder: Path) -> set[str]:
    """The candidates on record."""
    store = RecordStore(folder / "records.sqlite", read_only=True)
    try:
        return set(store.ids(Candidate))
    finally:
        store.close()
