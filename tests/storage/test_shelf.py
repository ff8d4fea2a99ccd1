"""The shelf of runs: notes, names, room, away and back; nothing happens to a run at work."""

import pytest

from workbench.errors import InputError
from workbench.storage import shelf
from workbench.storage.runs import Run, list_runs


@pytest.fixture
def runs(tmp_path):
    for name in ("tide", "ebb"):
        with Run.create(tmp_path, name, {"settings": {}}) as run:
            run.records.note("finished", text="done")
    return tmp_path


def _names(runs):
    return sorted(run.name for run in list_runs(runs))


def test_a_note_is_kept_changed_and_taken_away(runs):
    shelf.keep_note(runs, "tide", "  the one with the sonnets  ")
    assert shelf.note_of(runs, "tide") == "the one with the sonnets\n"
    shelf.keep_note(runs, "tide", "")
    assert shelf.note_of(runs, "tide") == ""
    with pytest.raises(InputError, match="shorten it"):
        shelf.keep_note(runs, "tide", "x" * 2001)


def test_a_run_gets_another_name_and_keeps_what_it_has(runs):
    shelf.rename_run(runs, "tide", "flood")
    assert _names(runs) == ["ebb", "flood"]
    with Run.open(runs, "flood", read_only=True) as run:
        assert [kind for _, kind, _ in run.records.events()] == ["created", "finished"]
    for wrong in ("ebb", "../x", "", ".removed"):
        with pytest.raises(InputError):
            shelf.rename_run(runs, "flood", wrong)


def test_a_removed_run_is_brought_back_or_deleted_for_good(runs):
    before = shelf.disk_bytes(runs)
    shelf.remove_run(runs, "tide")
    assert (_names(runs), shelf.removed_runs(runs)) == (["ebb"], ["tide"])
    shelf.bring_back(runs, "tide")
    assert (_names(runs), shelf.disk_bytes(runs)) == (["ebb", "tide"], before)
    shelf.remove_run(runs, "tide")
    shelf.delete_for_good(runs, "tide")
    assert shelf.removed_runs(runs) == []
    assert shelf.disk_bytes(runs) < before
    with pytest.raises(InputError, match="not among the removed"):
        shelf.delete_for_good(runs, "ebb")


def test_a_run_at_work_keeps_its_name_and_place(runs):
    with Run.open(runs, "tide"):
        for do in (lambda: shelf.rename_run(runs, "tide", "x"), lambda: shelf.remove_run(runs, "tide")):
            with pytest.raises(InputError, match="at work"):
                do()
    assert _names(runs) == ["ebb", "tide"]
