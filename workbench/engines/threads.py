"""How many threads to use: the processors of this process, or fewer where a variable or a container says so.

Short because it is a question of its own that everything which computes asks.
"""

import os
from pathlib import Path

_CGROUP = Path("/sys/fs/cgroup")


def n_processors() -> int:
    """Processors that this process may use; `OMP_NUM_THREADS` sets a lower limit to it, as for other number crunchers.

    Torch and llama.cpp are told this number, because threads beyond it wait for one another in circles.
    """
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    allowed = max(1, min(allowed, int(processor_quota() or allowed)))
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    return min(allowed, int(wanted)) if wanted.isascii() and wanted.isdigit() and int(wanted) else allowed


def processor_quota(cgroup: Path = _CGROUP) -> float:
    """Processors' worth of time that a container gives this process; 0.0 = without a limit.

    The kernel shows every processor inside a container (`docker run --cpus 2`), but stops those that use more.
    """
    try:
        words = (cgroup / "cpu.max").read_text("ascii").split()
    except (OSError, ValueError):
        words = []
        for name in ("cpu.cfs_quota_us", "cpu.cfs_period_us"):  # the first version of control groups
            try:
                words.append((cgroup / "cpu" / name).read_text("ascii").strip())
            except (OSError, ValueError):
                return 0.0
    if len(words) != 2 or not all(word.isdigit() for word in words) or int(words[1]) == 0:
        return 0.0  # "max 100000", or -1
    return int(words[0]) / int(words[1])


def free_processors() -> int:
    """Of those, the ones that the last minute left idle, at least one.

    Threads that wait for one another spin: on two busy cores, reading 305 tokens twice took 42 processor-seconds with
    two threads and 13 with one.
    """
    return max(1, n_processors() - int(os.getloadavg()[0]))
