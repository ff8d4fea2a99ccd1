"""Contenders in processes of their own, timed in turns, so that a busy machine is busy for all of them alike.

The wall clock is what counts on a quiet machine. On a busy one, `BENCH_THREADS=1` and the processor seconds of each
process are the figures to trust: they leave out the time in which somebody else had the processor.

A bench module has `CONTENDERS`: a name → a function that loads what it needs and returns the work to time. In each
round every contender works once while the others sleep; the fastest of its rounds counts. Peak memory is the process's.
"""

import importlib
import importlib.metadata
import json
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parent.parent
THREADS = int(os.environ.get("BENCH_THREADS", 0)) or os.cpu_count() or 1

Work = Callable[[], dict[str, Any]]  # runs once; may give figures of its own, `seconds` among them
Prepare = Callable[[], Work]


def contest(module: str, names: list[str], *, n_rounds: int) -> dict[str, dict[str, Any]]:
    """Figures of each contender: `seconds` of its best round, all rounds, what it reported, peak memory."""
    children = {name: _start(module, name) for name in names}
    rounds: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    try:
        for name, child in children.items():
            first = _ask(child, name)  # loads and warms up, one after another
            print(f"{name}: ready, first round {first['seconds']:.1f} s", file=sys.stderr, flush=True)
        for _ in range(n_rounds):
            for name, child in children.items():
                rounds[name].append(_ask(child, name))
    finally:
        for child in children.values():
            _pipe(child.stdin).close()
            child.wait(timeout=60)
    return {name: _summary(rounds[name]) for name in names}


def serve(module: str, name: str) -> None:
    """The child's side: one round for each line that comes in."""
    work: Work | None = None
    replies, sys.stdout = sys.stdout, sys.stderr  # libraries may print; only replies go to the parent
    for _ in sys.stdin:
        if work is None:
            work = importlib.import_module(module).CONTENDERS[name]()
        started, started_cpu = time.perf_counter(), time.process_time()
        figures = work()
        elapsed = {"seconds": time.perf_counter() - started, "cpu_seconds": time.process_time() - started_cpu}
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        replies.write(json.dumps(elapsed | {"peak_mb": round(peak_mb)} | figures) + "\n")
        replies.flush()


def report(task: str, results: dict[str, dict[str, Any]], *, path: Path, **more: Any) -> dict[str, Any]:
    """Writes and returns the results with the machine, the versions and the commit."""
    names = ("torch", "transformers", "peft", "trl", "llama-cpp-python")
    whole = {
        "task": task,
        "machine": machine(),
        "commit": commit(),
        "versions": {name: importlib.metadata.version(name) for name in names},
        "load_average": round(os.getloadavg()[0], 2),
        "results": results,
    } | more
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(whole, indent=1) + "\n", "utf-8")
    return whole


def machine() -> str:
    """The processor and how much of it a bench uses."""
    return f"{platform.machine()}, {_processor()}, {THREADS} threads"


def commit() -> str:
    """What is checked out."""
    done = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, cwd=ROOT, check=True)
    return done.stdout.strip()


def _start(module: str, name: str) -> subprocess.Popen[str]:
    environment = os.environ | {
        "OMP_NUM_THREADS": str(THREADS),
        "HF_HUB_OFFLINE": "1",
        "TOKENIZERS_PARALLELISM": "false",
    }
    code = "import sys; from bench.side_by_side import serve; serve(*sys.argv[1:])"
    return subprocess.Popen(
        [sys.executable, "-c", code, module, name],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL if not os.environ.get("BENCH_VERBOSE") else None,
        text=True,
        cwd=ROOT,
        env=environment,
    )


def _ask(child: subprocess.Popen[str], name: str) -> dict[str, Any]:
    _pipe(child.stdin).write("go\n")
    _pipe(child.stdin).flush()
    line = _pipe(child.stdout).readline()
    if not line:
        raise SystemExit(f"{name} ended with code {child.wait()}; set BENCH_VERBOSE=1 to see why")
    figures: dict[str, Any] = json.loads(line)
    return figures


def _pipe(pipe: IO[str] | None) -> IO[str]:
    if pipe is None:
        raise RuntimeError("the child was started without pipes")
    return pipe


def _summary(rounds: list[dict[str, Any]]) -> dict[str, Any]:
    best = min(rounds, key=lambda figures: figures["seconds"])
    return best | {
        "seconds": round(best["seconds"], 3),
        "rounds": [round(figures["seconds"], 2) for figures in rounds],
        "cpu_seconds": round(min(figures["cpu_seconds"] for figures in rounds), 3),
        "peak_mb": rounds[-1]["peak_mb"],
    }


def ratio(results: dict[str, dict[str, Any]], slow: str, quick: str) -> dict[str, float]:
    """How many times longer `slow` takes than `quick`, by the clock and by processor seconds."""
    return {name: round(results[slow][name] / results[quick][name], 2) for name in ("seconds", "cpu_seconds")}


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines() if Path("/proc/cpuinfo").is_file() else []
    return next((line.split(": ", 1)[1] for line in lines if line.startswith("model name")), "unknown processor")
