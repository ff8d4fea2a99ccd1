"""How many threads are used."""

import os
import subprocess
import sys

import pytest

from workbench.engines.threads import free_processors, n_processors

pytestmark = pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="this system does not bind processes")


def test_all_processors_that_the_process_may_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    assert n_processors() == len(os.sched_getaffinity(0))


@pytest.mark.parametrize("said", ["", "0", "many", "-3", "²"])
def test_a_number_that_is_none_limits_nothing(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", said)
    assert n_processors() == len(os.sched_getaffinity(0))


def test_the_usual_variable_is_a_limit_and_no_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert n_processors() == free_processors() == 1
    monkeypatch.setenv("OMP_NUM_THREADS", "100000")
    assert n_processors() == len(os.sched_getaffinity(0))


def test_a_process_bound_to_one_processor_uses_one() -> None:
    bound = "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))}); "
    code = bound + "from workbench.engines.threads import n_processors; print(n_processors())"
    env = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env)
    assert done.stdout.strip() == "1"


@pytest.mark.skipif(sys.platform != "linux", reason="torch brings GNU's OpenMP on Linux only")
@pytest.mark.parametrize(("said", "counted"), [({}, "10000"), ({"GOMP_SPINCOUNT": "77"}, "77")])
def test_threads_that_wait_give_way_soon_unless_the_person_said_otherwise(said: dict[str, str], counted: str) -> None:
    env = {name: value for name, value in os.environ.items() if name not in ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY")}
    env |= {"OMP_DISPLAY_ENV": "verbose", **said}
    code = "import workbench, torch"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env)
    assert f"GOMP_SPINCOUNT = '{counted}'" in done.stderr, "as the library itself read it"
