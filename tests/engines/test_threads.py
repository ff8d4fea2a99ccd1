"""How many threads are used."""

import os
import subprocess
import sys

import pytest

from workbench.engines.threads import ThreadShare, free_processors, n_processors

binds_processes = pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="this system does not bind processes")


@binds_processes
def test_all_processors_that_the_process_may_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    assert n_processors() == len(os.sched_getaffinity(0))


@binds_processes
@pytest.mark.parametrize("said", ["", "0", "many", "-3", "²"])
def test_a_number_that_is_none_limits_nothing(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", said)
    assert n_processors() == len(os.sched_getaffinity(0))


@binds_processes
def test_the_usual_variable_is_a_limit_and_no_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert n_processors() == free_processors() == 1
    monkeypatch.setenv("OMP_NUM_THREADS", "100000")
    assert n_processors() == len(os.sched_getaffinity(0))


@binds_processes
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


def passes(share: ThreadShare, n: int, *, seconds: float, busy: float) -> list[int]:
    """n passes in which each thread got the part `busy` of its time."""
    return [share.spent(32, seconds=seconds, processor_seconds=seconds * busy * share.threads) for _ in range(n)]


def test_alone_on_the_machine_all_threads_stay() -> None:
    assert set(passes(ThreadShare(4), 1000, seconds=0.05, busy=0.99)) == {4}


def test_one_slow_pass_beside_other_programs_lowers_the_threads() -> None:
    assert passes(ThreadShare(2), 1, seconds=1.5, busy=0.5) == [1]


def test_fewer_threads_that_are_faster_stay() -> None:
    share = ThreadShare(2)
    passes(share, 1, seconds=1.5, busy=0.5)
    assert set(passes(share, 20, seconds=0.1, busy=0.9)) == {1}


def test_fewer_threads_that_are_slower_are_given_up() -> None:
    share = ThreadShare(2)
    passes(share, 1, seconds=0.05, busy=0.8)
    assert passes(share, 1, seconds=0.09, busy=1.0) == [2]
    assert set(passes(share, 10, seconds=0.05, busy=0.8)) == {2}


def test_all_threads_come_back_when_the_others_are_gone() -> None:
    share = ThreadShare(2)
    passes(share, 1, seconds=1.5, busy=0.5)
    assert passes(share, 700, seconds=0.1, busy=0.99)[-1] == 2


def test_a_share_of_many_cores_is_kept() -> None:
    assert passes(ThreadShare(16), 1, seconds=1.0, busy=0.75) == [12]


def test_one_thread_is_never_lowered() -> None:
    assert set(passes(ThreadShare(1), 50, seconds=1.0, busy=0.1)) == {1}


def test_failed_tries_cost_little() -> None:
    share = ThreadShare(2)
    seconds = 0.0
    slow = 0.0
    while seconds < 600:
        took = 2.0 if share.threads == 2 else 0.1
        slow += took if share.threads == 2 else 0.0
        seconds += took
        share.spent(32, seconds=took, processor_seconds=took * 0.5 * share.threads)
    assert slow / seconds < 0.1
