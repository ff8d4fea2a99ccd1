"""ThreadShare told of made-up passes."""

from workbench.engines.llama.thread_share import ThreadShare


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
