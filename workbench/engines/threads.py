"""How many threads to use: the processors of this process, or fewer where the usual variable says so."""

import os


def n_processors() -> int:
    """Processors that this process may use; `OMP_NUM_THREADS` sets a lower limit to it, as for other number crunchers.

    Torch and llama.cpp are told this number, because threads beyond it wait for one another in circles.
    """
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    return min(allowed, int(wanted)) if wanted.isascii() and wanted.isdigit() and int(wanted) else allowed


def free_processors() -> int:
    """Of those, the ones that the last minute left idle, at least one.

    Threads that wait for one another spin: on two busy cores, reading 305 tokens twice took 42 processor-seconds with
    two threads and 13 with one.
    """
    return max(1, n_processors() - int(os.getloadavg()[0]))
