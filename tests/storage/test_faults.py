"""Every store meets damage, kills, full files and other writers; `python -m bench.faults` runs many more trials."""

import pytest

from tests import store_trials
from tests.store_trials import KINDS
from workbench.storage import sqlite

N_DAMAGED, N_KILLS = 40, 3


@pytest.fixture
def tmp_path(memory_disk):
    return memory_disk


@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_store_is_read_or_refused_in_one_line(tmp_path, kind):
    found = [store_trials.damage(kind, seed, tmp_path) for seed in range(N_DAMAGED)]
    assert [said for outcome, said in found if outcome == "traceback"] == []
    assert sum(outcome == "refused" for outcome, _ in found) > N_DAMAGED // 2


def test_the_check_of_damage_bites(tmp_path, monkeypatch):
    monkeypatch.setattr(sqlite, "_damaged", lambda _, exc: exc)
    found = [store_trials.damage("records", seed, tmp_path)[0] for seed in range(N_DAMAGED)]
    assert "traceback" in found


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_killed_writer_acknowledged_is_there_and_the_store_works_on(tmp_path, kind):
    assert sum(store_trials.kill(kind, seed, tmp_path / str(seed)) for seed in range(N_KILLS)) >= N_KILLS


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_may_not_grow_is_one_line_and_loses_nothing(tmp_path, kind):
    n_kept, said = store_trials.full(kind, 1, tmp_path / "full")
    assert n_kept > 0
    assert KINDS[kind].file in said
    assert "\n" not in said


@pytest.mark.parametrize("kind", ["records", "sessions"])
def test_writers_at_once_lose_nothing(tmp_path, kind):
    assert store_trials.together(kind, 3, 4, tmp_path / "shared") == 12
