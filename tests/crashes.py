"""Crashes: `python -m tests.crashes SCENARIO FOLDER …` forks workers, lets them die and looks at what is left.

The worker acknowledges every commit over a pipe. Whatever was acknowledged has to be there afterwards, once and whole.
"""

import contextlib
import ctypes
import errno
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from workbench.errors import StoreError
from workbench.places import ROOT
from workbench.storage.execution import latest_checkpoint, save_checkpoint
from workbench.storage.records import RecordStore
from workbench.storage.sqlite import SqliteFile
from workbench.types import Example, Message, Verdict

N_SAME = 3  # records of one commit


def run_crashes(scenario: str, folder: Path, *args: object, faulty: bool = True) -> str:
    """Runs a scenario in a process of its own and returns what it printed; skips where no compiler is there."""
    environment = dict(os.environ)
    if faulty:
        environment["LD_PRELOAD"] = str(_library(folder))
    command = [sys.executable, "-m", "tests.crashes", scenario, str(folder / "trials"), *map(str, args)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def _library(folder: Path) -> Path:
    if sys.platform != "linux" or not (compiler := shutil.which("cc") or shutil.which("c++")):
        pytest.skip("the failing disk needs Linux and a C compiler")
    library = folder / "faulty_disk.so"
    source = Path(__file__).with_name("faulty_disk.c")
    subprocess.run([compiler, "-x", "c", "-shared", "-fPIC", "-O1", "-w", source, "-o", library, "-ldl"], check=True)
    return library


# ---------------------------------------------------------------- what a worker does


def commit(path: Path, first: int, n: int, acknowledge: Callable[[int], None]) -> None:
    """Stores n commits of N_SAME records each, of two kinds, and acknowledges each one."""
    store = RecordStore(path)
    for number in range(first, first + n):
        store.put(*records_of(number))
        acknowledge(number)
    store.close()


def records_of(number: int) -> tuple[list[Verdict], list[Example]]:
    note = f"{number} " + "x" * 3000  # several pages a commit
    verdicts = [
        Verdict(id=f"v{number}.{i}", candidate_id=f"{number}", poem_id="p", verdict="approve", note=note)
        for i in range(N_SAME)
    ]
    prompt = (Message(role="user", content=note),)
    example = Example(
        id=f"e{number}", poem_id="p", candidate_id=f"{number}", task="follower", prompt=prompt, target=note
    )
    return verdicts, [example]


def check_store(path: Path, acknowledged: set[int], unsure: int) -> None:
    """Everything acknowledged is there, whole and once; of what was not, at most the commit under way."""
    store = RecordStore(path)
    found = [verdict.candidate_id for verdict in store.all(Verdict)]
    numbers = {int(number) for number in found}
    assert acknowledged <= numbers, f"lost {sorted(acknowledged - numbers)}"
    assert numbers - acknowledged <= {unsure}, (
        f"never acknowledged {sorted(numbers - acknowledged)}, {unsure} under way"
    )
    assert len(found) == N_SAME * len(numbers), "a commit is there by half"
    assert {int(example.candidate_id) for example in store.all(Example)} == numbers, "a commit is there by half"
    store.close()


# ---------------------------------------------------------------- scenarios


def kill_at_random(folder: Path, n_kills: str, seed: str) -> None:
    """Kills a worker n times at random moments; each next one works on in the same store."""
    chance = random.Random(int(seed))  # noqa: S311 - moments, not secrets
    total, acknowledged, first = 0, set[int](), 0
    for kill in range(int(n_kills)):
        if kill % 25 == 0:  # a fresh store, or the checks would take longer and longer
            total, acknowledged, first = total + len(acknowledged), set(), 0
        path = folder / f"{kill // 25}.sqlite"
        worker, pipe = _fork(lambda say, path=path, first=first: commit(path, first, 10**9, say))
        time.sleep(chance.uniform(0.0, 0.03))
        os.kill(worker, signal.SIGKILL)
        os.waitpid(worker, 0)
        said = _said(pipe)
        assert said == list(range(first, first + len(said)))
        acknowledged |= set(said)
        unsure = first + len(said)
        check_store(path, acknowledged, unsure)
        _read_as_stranger(path)
        store = RecordStore(path)
        store.put(*records_of(unsure))  # done again, as a resumed run does
        store.close()
        acknowledged.add(unsure)
        first = unsure + 1
    total += len(acknowledged)
    assert total > int(n_kills), "the workers were killed before they could commit anything"
    print(total)  # noqa: T201 - the scenario's answer


def kill_at_each_call(folder: Path, guard: str = "guarded") -> None:
    """Kills a worker at its first write, fsync or truncation, then at its second, … until it ends alive."""
    for nth in _counting():
        path = folder / str(nth) / "records.sqlite"
        path.parent.mkdir(parents=True)
        if guard == "unguarded":
            RecordStore(path).close()
            SqliteFile.transaction = lambda _: contextlib.nullcontext()
        worker, pipe = _fork(lambda say, nth=nth, path=path: (_arm(nth, 0, path.parent), commit(path, 0, 2, say)))
        _, status = os.waitpid(worker, 0)
        said = _said(pipe)
        if path.exists():
            _read_as_stranger(path)
        check_store(path, set(said), len(said))
        if os.waitstatus_to_exitcode(status) == 0:
            assert said == [0, 1]
            print(nth - 1)  # noqa: T201 - the scenario's answer
            return


def fail_at_each_call(folder: Path, code: str) -> None:
    """Lets the worker's Nth call fail; it has to say so, and to work on in the same store afterwards."""
    for nth in _counting():
        path, said = folder / str(nth) / "records.sqlite", list[int]()
        path.parent.mkdir(parents=True)
        RecordStore(path).close()
        store = RecordStore(path)
        _arm(nth, int(code), path.parent)
        failed = None
        try:
            for number in range(2):
                store.put(*records_of(number))
                said.append(number)
        except StoreError as exc:
            failed = exc
        is_struck = _library_here().faulty_disk_count() >= nth
        _arm(0, 0, path.parent)
        check_store(path, set(said), len(said))
        store.put(*records_of(len(said)), *records_of(7))
        check_store(path, {*said, len(said), 7}, -1)
        store.close()
        if not is_struck:
            assert failed is None
            print(nth - 1)  # noqa: T201 - the scenario's answer
            return
        assert failed is not None or said == [0, 1]  # a flush that SQLite may do without
        assert "\n" not in str(failed)


def kill_saves(folder: Path) -> None:
    """Kills a worker at each call of a save that keeps one checkpoint; there has to be a whole one at all times."""
    for nth in _counting():
        root = folder / str(nth)
        _save(root, 1)
        worker, pipe = _fork(
            lambda say, nth=nth, root=root: (_arm(nth, 0, root), _save(root, 1), _save(root, 2), say(2))
        )
        _, status = os.waitpid(worker, 0)
        said = _said(pipe)
        found, _ = latest_checkpoint(root)
        assert found is not None, f"no checkpoint is left after a kill at call {nth}"
        assert not said or found.position == 2
        _save(root, 3)
        found, complaints = latest_checkpoint(root)
        assert found is not None
        assert (found.position, complaints) == (3, [])
        assert sorted(os.listdir(root)) == ["LATEST", "position-000003"], os.listdir(root)
        if os.waitstatus_to_exitcode(status) == 0:
            print(nth - 1)  # noqa: T201 - the scenario's answer
            return


def _save(root: Path, position: int) -> None:
    def write(folder: Path) -> None:
        (folder / "adapter.safetensors").write_bytes(b"%d" % position * 5000)

    save_checkpoint(root, position, write, state={"at": position}, keep=1)


def _read_as_stranger(path: Path) -> None:
    """A reader comes first after the crash, as the list of runs does."""
    try:
        store = RecordStore(path, read_only=True)
        store.events()
        store.close()
    except StoreError as exc:
        if "no such table" not in str(exc):  # killed before there were tables
            raise


def _fork(work: Callable[[Callable[[int], None]], object]) -> tuple[int, int]:
    reading, writing = os.pipe()
    worker = os.fork()
    if worker:
        os.close(writing)
        return worker, reading
    os.close(reading)
    try:
        work(lambda number: os.write(writing, number.to_bytes(8, "big")) and None)
        os._exit(0)
    except BaseException:
        os._exit(9)


def _said(pipe: int) -> list[int]:
    with os.fdopen(pipe, "rb") as file:
        data = file.read()
    return [int.from_bytes(data[i : i + 8], "big") for i in range(0, len(data) - 7, 8)]


def _counting() -> Iterator[int]:
    yield from range(1, 1000)
    raise AssertionError("it never ended")


def _library_here() -> ctypes.CDLL:
    return ctypes.CDLL(os.environ["LD_PRELOAD"])


def _arm(nth: int, code: int, folder: Path) -> None:
    _library_here().faulty_disk_arm(nth, code, str(folder.resolve()).encode())


_SCENARIOS: dict[str, Callable[..., None]] = {
    each.__name__: each for each in (kill_at_random, kill_at_each_call, fail_at_each_call, kill_saves)
}
ERRORS = (errno.ENOSPC, errno.EIO)

if __name__ == "__main__":
    name, where, *rest = sys.argv[1:]
    Path(where).mkdir(parents=True, exist_ok=True)
    _SCENARIOS[name](Path(where), *rest)
