"""Describing a great many poems: `python -m bench.cluster speed`, `kills 20`, `node`, `rows 10000`, `shards 100000`.

All but `shards` on a Ray cluster of this machine.

    speed    the built-in model describes 32 poems: one process on all processors, two workers on half of them each;
             the rows are compared byte for byte
    kills    N deaths by SIGKILL at random moments, of the program and of workers by turns, while scripted workers
             describe 600 poems; each program continues where the last one died; rows are compared with those of a
             program that nobody killed
    node     a cluster of two nodes on this machine loses one of them, by SIGKILL of its raylet, while scripted workers
             describe 600 poems; rows are compared with those of one process
    rows     N poems, five of which kill whoever reads them, through scripted workers: rows, deaths, and the memory of
             the program and of a worker as the rows come
    shards   N poems into a folder of Parquet files, each with a copied row and so in no time: seconds of the one
             writer, rows as pandas reads them, and the memory of the program

Writes bench/results/cluster-WHAT.json and prints it.
"""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from bench.side_by_side import ROOT, commit, machine
from tests.describing.scripted_reader import JOB, ScriptedReader, poems
from workbench.backtranslation import BacktranslationSettings
from workbench.corpus.load import load_poems
from workbench.describing.collection import Asked, ReaderWorker, Task, by_fleet, by_one, describe_collection
from workbench.describing.run import DescribeJob
from workbench.describing.shards import describe_into_shards
from workbench.engines.fleet import Fleet
from workbench.engines.ray_crew import hire_on
from workbench.storage.execution import Progress
from workbench.types import Poem

RESULTS = ROOT / "bench" / "results"
N_WORKERS, N_SPEED, N_KILLED = 2, 32, 600
_PAUSE = 0.02  # seconds a poem, so that deaths come in the middle
_EVERY = 500  # rows between two looks at the memory


class SlowReader(ScriptedReader):
    """Takes its time, so that there is something to kill."""

    def __call__(self, tasks: Sequence[Task], **options: Any) -> Any:
        """One row per poem."""
        time.sleep(_PAUSE * len(tasks))
        return super().__call__(tasks, **options)


def speed() -> dict[str, Any]:
    """Seconds of one process and of two workers on the same poems, once their models are loaded."""
    drawn = BacktranslationSettings(n_candidates=1, words=40, max_new_tokens=48, keep_endless=True, retries=0)
    asked = Asked(job=DescribeJob(backtranslation=drawn))
    short = [poem for poem in load_poems(Path("data/poems/good")) if poem.text.count("\n") < 14]
    warm, some = short[:N_WORKERS], short[N_WORKERS : N_WORKERS + N_SPEED]
    with tempfile.TemporaryDirectory() as folder:
        one, two = Path(folder) / "one.jsonl", Path(folder) / "two.jsonl"
        with closing(ReaderWorker(asked)) as worker:
            alone = _timed(by_one(worker), asked, warm, some, one)
        with closing(_hired("ray", partial(ReaderWorker, asked))) as fleet:
            together = _timed(by_fleet(fleet), asked, warm, some, two)
        is_same = one.read_bytes() == two.read_bytes()
    return {"poems": len(some), "one_process_seconds": round(alone, 1), "two_workers_seconds": round(together, 1),
            "times_as_fast": round(alone / together, 2), "same_rows": is_same,
            "processors": os.cpu_count()}  # fmt: skip


def _timed(work: Any, asked: Asked, warm: Sequence[Poem], some: Sequence[Poem], out: Path) -> float:
    for poem in warm:
        describe_collection([poem], asked, work, others=[], out=out)
    begun = time.perf_counter()
    describe_collection(some, asked, work, others=[], out=out)
    return time.perf_counter() - begun


def kills(n: int) -> dict[str, Any]:
    """Deaths of programs and workers, and what became of the rows."""
    some, moments = poems(N_KILLED), random.Random(1)  # noqa: S311 - moments of death, not secrets
    n_programs = n_workers = n_runs = 0
    with tempfile.TemporaryDirectory() as folder, _cluster() as address:
        whole, out = Path(folder) / "whole.jsonl", Path(folder) / "killed.jsonl"
        describe_collection(some, Asked(job=JOB), by_one(ScriptedReader()), others=[], out=whole)
        while n_programs + n_workers < n or not out.exists():
            if out.exists():
                out.unlink()  # it ended before its death: once more from the beginning
            n_runs += 1
            child = _program(address, out, N_KILLED)
            while child.poll() is None and n_programs + n_workers < n:
                if not _workers():
                    time.sleep(0.2)  # it has not begun
                    continue
                time.sleep(moments.uniform(0.0, 3.0))
                victims = _workers()
                if (n_programs + n_workers) % 2 and victims:
                    os.kill(moments.choice(victims), signal.SIGKILL)
                    n_workers += 1
                elif child.poll() is None:
                    child.kill()
                    n_programs += 1
                    break
            child.wait()
            while _workers():
                time.sleep(0.2)  # Ray ends those of a dead program
        rows, kept = _lines(whole), _lines(out)
    ids = [row["poem_id"] for row in kept]
    return {"killed_programs": n_programs, "killed_workers": n_workers, "programs": n_runs,
            "lost": len({row["poem_id"] for row in rows} - set(ids)), "doubled": len(ids) - len(set(ids)),
            "same_rows": rows == kept}  # fmt: skip


def node() -> dict[str, Any]:
    """A node lost in the middle, and what became of the rows."""
    from ray.cluster_utils import Cluster

    some, told = poems(N_KILLED), list[int]()
    with tempfile.TemporaryDirectory() as folder:
        whole, out = Path(folder) / "whole.jsonl", Path(folder) / "out.jsonl"
        describe_collection(some, Asked(job=JOB), by_one(ScriptedReader()), others=[], out=whole)
        cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
        other = cluster.add_node(num_cpus=1)
        try:
            with closing(_hired(f"ray:{cluster.address}", SlowReader)) as fleet:

                def watch(progress: Progress) -> None:
                    if progress.position > N_KILLED // 3 and not told:
                        told.append(progress.position + 1)
                        cluster.remove_node(other, allow_graceful=False)

                n = describe_collection(some, Asked(job=JOB), by_fleet(fleet), others=[], out=out, watch=watch)
                n_deaths = fleet.n_deaths
        finally:
            cluster.shutdown()
        ids = [row["poem_id"] for row in _lines(out)]
        is_same = _lines(out) == _lines(whole)
    return {"rows": len(ids), "distinct": len(set(ids)), "described": n, "rows_when_the_node_went": told,
            "deaths": n_deaths, "same_rows": is_same}  # fmt: skip


def rows(n: int) -> dict[str, Any]:
    """Memory as so many rows come."""
    poisoned = range(n // 10, n, n // 5)
    some = poems(n, poisoned=poisoned)
    told: list[dict[str, int]] = []

    def watch(progress: Progress) -> None:
        if progress.position // _EVERY > len(told):
            told.append({"rows": progress.position + 1, "program_mb": _mb(os.getpid()),
                         "worker_mb": max(map(_mb, _workers()), default=0)})  # fmt: skip

    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "rows.jsonl"
        with closing(_hired("ray", ScriptedReader)) as fleet:
            n_described = describe_collection(some, Asked(job=JOB), by_fleet(fleet), others=[], out=out, watch=watch)
            seconds = time.perf_counter() - begun
        ids = [row["poem_id"] for row in _lines(out)]
    return {"rows": len(ids), "distinct": len(set(ids)), "described": n_described, "poisoned": len(poisoned),
            "deaths": fleet.n_deaths, "seconds": round(seconds), "memory": told}  # fmt: skip


def shards(n: int) -> dict[str, Any]:
    """The writer alone."""
    import pandas as pd

    (row,) = ScriptedReader()([Task(poem=poems(1)[0], rivals=())])
    told: list[dict[str, int]] = []

    def copied(tasks: Sequence[Task], **_: Any) -> list[dict[str, Any]]:
        return [row | {"title": task.poem.title, "poem_id": task.poem.id} for task in tasks]

    def watch(progress: Progress) -> None:
        if progress.position // (n // 10) > len(told):
            told.append({"rows": progress.position + 1, "program_mb": _mb(os.getpid())})

    with tempfile.TemporaryDirectory() as folder:
        out, some = Path(folder) / "rows.parquet", poems(n)
        begun, worked = time.perf_counter(), time.process_time()
        n_described = describe_into_shards(some, Asked(job=JOB), by_one(copied), others=[], out=out, watch=watch)
        seconds, worked = time.perf_counter() - begun, time.process_time() - worked
        ids = pd.read_parquet(out, columns=["poem_id"])["poem_id"]
        n_files = len(list(out.glob("*.parquet")))
    return {"rows": len(ids), "distinct": int(ids.nunique()), "in_order": list(ids) == [poem.id for poem in some],
            "described": n_described, "files": n_files, "seconds": round(seconds),
            "processor_seconds": round(worked), "load": round(os.getloadavg()[0]), "memory": told}  # fmt: skip


def _hired(on: str, make: Callable[[], Any]) -> Fleet:
    hire = hire_on(on, N_WORKERS)
    assert hire  # noqa: S101 - a place is named
    return hire(make)


def _program(address: str, out: Path, n: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "bench.cluster", "program", address, str(out), str(n)], cwd=ROOT)


def program(address: str, out: str, n: str) -> None:
    """One program of `kills`."""
    with closing(_hired(f"ray:{address}", SlowReader)) as fleet:
        describe_collection(poems(int(n)), Asked(job=JOB), by_fleet(fleet), others=[], out=Path(out))


@contextmanager
def _cluster() -> Iterator[str]:
    """A cluster of this machine that outlives the programs that use it."""
    with closing(_hired("ray", ScriptedReader)):
        import ray

        context: Any = ray.get_runtime_context()
        yield context.gcs_address


def _workers() -> list[int]:
    """Processes of actors that this program's cluster has started."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes()
                if words.startswith(b"ray::_Worker") and _is_below(int(entry.name), os.getpid()):
                    found.append(int(entry.name))
            except OSError:  # it has just ended
                continue
    return found


def _is_below(process: int, ancestor: int) -> bool:
    while process > 1:
        process = int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])
        if process == ancestor:
            return True
    return False


def _mb(process: int) -> int:
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * 4096 // 2**20
    except OSError:
        return 0


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def main() -> None:
    """Measures what the command line asks for."""
    what, *rest = sys.argv[1:]
    if what == "program":
        program(*rest)
        return
    measures: dict[str, Callable[[], dict[str, Any]]] = {
        "speed": speed, "node": node, "kills": lambda: kills(int(rest[0])), "rows": lambda: rows(int(rest[0])),
        "shards": lambda: shards(int(float(rest[0]))),
    }  # fmt: skip
    found = measures[what]()
    text = json.dumps({"machine": machine(), "commit": commit()} | found, indent=1)
    (RESULTS / f"cluster-{what}.json").write_text(text + "\n")
    print(text)


if __name__ == "__main__":
    main()
