"""What several tests need: a disk in memory, where a flush costs nothing, and a tiny one that can be filled."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests import forked_modules
from workbench.engines import child_module
from workbench.engines.threads import n_processors

# No example has a clock: on a busy machine any may be slow. In CI the examples are the same in every run.
settings.register_profile(
    "steady",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("steady")

# Files that take longest, longest first: started last, one would leave a worker alone with it. The first makes the base
# files, for which most others would wait; the second needs none.
LONG_FILES = ("export/test_export.py", "improvement/test_resume.py", "ui/test_journeys.py",
              "test_families_whole_way.py", "ui/test_studio_journey.py", "engines/llama/test_sampler.py",
              "engines/test_learner_on_the_built_in_model.py", "engines/test_base_model.py",
              "composing/test_on_the_built_in_model.py", "revision/test_on_the_built_in_model.py",
              "practice/test_practice.py", "writing/test_write.py", "server/test_open_api.py")  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first, all else in its order."""
    place = {f"tests/{name}": number for number, name in enumerate(LONG_FILES)}
    items.sort(key=lambda item: place.get(item.nodeid.partition("::")[0], len(place)))


# Workers of pytest-xdist share the processors, before torch or llama.cpp count them.
if n_workers := int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "0")):
    os.environ["OMP_NUM_THREADS"] = str(max(1, n_processors() // n_workers))


@pytest.fixture(scope="session", autouse=True)
def forked_children() -> Iterator[None]:
    """Child processes that need torch are forked from one that has imported it."""
    forked_modules.ENVIRONMENT.update(os.environ)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(child_module, "subprocess", forked_modules.SUBPROCESS)
        yield


@pytest.fixture
def memory_disk() -> Iterator[Path]:
    """A folder in memory where there is one: thousands of flushes in a second."""
    shm = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - mkdtemp makes the name
    folder = Path(tempfile.mkdtemp(prefix="workbench-", dir=shm))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 256 KiB."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as exc:
        pytest.skip(f"no tiny file system: {exc}")
    if done.returncode:
        pytest.skip(f"no tiny file system: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)
