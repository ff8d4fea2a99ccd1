"""Work counted instead of timed, since a clock in a test fails on a busy machine; the jobs of a folder, waited for."""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import pytest

from workbench.jobs import Job, find_job


def n_calls(job: Callable[[], object]) -> int:
    """How many functions, Python's own and C's, one run of a job calls."""
    count = 0

    def tally(_frame: FrameType, event: str, _arg: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(tally)
    try:
        job()
    finally:
        sys.setprofile(before)
    return count


def until(holds: Callable[[], bool]) -> None:
    """Waits for what another process brings about; far longer than a busy machine takes."""
    for _ in range(6000):
        if holds():
            return
        time.sleep(0.1)
    pytest.fail("it did not come about in ten minutes")


def jobs_in(root: Path) -> list[Job]:
    """The newest job of every run that has one."""
    found = (find_job(root, path.parent.name) for path in sorted(root.glob("*/job.json")))
    return [job for job in found if job is not None]
