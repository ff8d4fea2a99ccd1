"""The record store after kills, on failing, full and read-only disks: what was acknowledged survives."""

import os
import subprocess

import pytest

from tests.crashes import ERRORS, run_crashes
from tests.storage.verdicts import verdict
from workbench.errors import StoreError
from workbench.storage.records import RecordStore
from workbench.types import Verdict

N_KILLS = int(os.environ.get("WORKBENCH_KILLS", "30"))


@pytest.fixture
def tmp_path(memory_disk):
    return memory_disk


def test_nothing_acknowledged_is_lost_by_kills_at_random_moments(tmp_path):
    """WORKBENCH_KILLS=1000 for more."""
    assert int(run_crashes("kill_at_random", tmp_path, N_KILLS, N_KILLS, faulty=False)) > N_KILLS


def test_nothing_acknowledged_is_lost_by_a_kill_at_any_write_or_flush(tmp_path):
    assert int(run_crashes("kill_at_each_call", tmp_path)) > 50


def test_the_check_for_lost_commits_bites(tmp_path):
    with pytest.raises(AssertionError, match="there by half"):
        run_crashes("kill_at_each_call", tmp_path, "unguarded")


@pytest.mark.parametrize("code", ERRORS, ids=os.strerror)
def test_a_failing_disk_loses_nothing_and_work_goes_on(tmp_path, code):
    assert int(run_crashes("fail_at_each_call", tmp_path, code)) > 30


def test_a_full_disk_says_what_to_do_and_works_on_after_space_is_freed(tiny_disk):
    store = RecordStore(tiny_disk / "records.sqlite")
    ballast = tiny_disk / "ballast"
    ballast.write_bytes(b"x" * 90_000)
    with pytest.raises(StoreError, match="full; free some space"):
        [store.put([verdict(number, "x" * 5000)]) for number in range(1000)]
    stored = len(store.all(Verdict))
    assert 0 < stored < 20
    ballast.unlink()
    store.put([verdict(stored)])
    assert len(store.all(Verdict)) == stored + 1
    store.close()


def test_a_store_on_a_read_only_disk_can_be_read(tiny_disk):
    path = tiny_disk / "records.sqlite"
    store = RecordStore(path)
    store.put([verdict(1)])
    store.close()
    subprocess.run(["mount", "-o", "remount,ro", tiny_disk], check=True)
    reader = RecordStore(path, read_only=True)
    assert reader.all(Verdict) == [verdict(1)]
    reader.close()
    writer = RecordStore(path)
    with pytest.raises(StoreError, match="readonly"):
        writer.put([verdict(2)])
    writer.close()
