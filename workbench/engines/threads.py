"""How many threads to use: the processors of this process, or fewer: a variable, a container, other programs.

llama.cpp's threads wait for each other about a thousand times a pass, spinning. Where one of two is not running because
another program has its core, both stand still: measured with three busy programs on 2 cores, two threads decode 24
tokens/s and one 175. The texts are the same with any number (tests/engines/llama/test_sampler.py). `ThreadShare` knows
no clock: it is told what each pass took.
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


_ENOUGH = 0.85  # of the processor time that the threads could have had
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.5, 60.0  # seconds between two tries of something else
_PAUSE_A_COST = 20.0  # so that tries that fail cost a twentieth of the time at most


class ThreadShare:
    """Lowers the number of threads when they wait for the processors, and tries all of them again from time to time.

    Attributes:
        threads: for the next pass.
    """

    def __init__(self, most: int) -> None:
        self.threads = self._most = most
        self._pause = _SHORTEST_PAUSE
        self._until_try = 0.0  # seconds of computing before something else may be tried
        self._slow_pass: tuple[int, float] | None = None  # rows and seconds of the pass that made us try fewer

    def spent(self, n_rows: int, *, seconds: float, processor_seconds: float) -> int:
        """Takes in one pass; the number of threads for the next.

        Args:
            n_rows: passes are compared with passes of as many rows.
            seconds: by the clock.
            processor_seconds: of all threads together.
        """
        self._until_try -= seconds
        if self._slow_pass:
            slow_rows, slow_seconds = self._slow_pass
            self._slow_pass = None
            if n_rows == slow_rows and seconds >= slow_seconds:  # fewer are no better: leave it for a while
                self.threads, self._until_try = self._most, self._pause
        elif self.threads < self._most:
            if self._until_try <= 0:  # perhaps the others are gone
                self.threads = self._most
        elif processor_seconds >= _ENOUGH * seconds * self.threads:
            self._pause = _SHORTEST_PAUSE
        elif self._most > 1 and self._until_try <= 0:
            self._slow_pass = (n_rows, seconds)
            self._pause = min(_LONGEST_PAUSE, max(2 * self._pause, _PAUSE_A_COST * seconds))
            self.threads, self._until_try = max(1, min(self._most - 1, int(processor_seconds / seconds))), self._pause
        return self.threads
