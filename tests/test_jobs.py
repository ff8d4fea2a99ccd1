"""Jobs: alive while they live and not a moment longer, whoever started them."""

import os
import signal
import subprocess
import sys

import pytest

from tests.work import jobs_in, until
from workbench.errors import InputError, LockedError
from workbench.jobs import (
    ahead_of,
    end_job,
    find_job,
    is_waiting,
    last_words,
    log_tail,
    shown_command,
    start_job,
    stop_job,
)
from workbench.places import ROOT
from workbench.storage.runs import Run


@pytest.fixture
def waiting(tmp_path):
    """Arguments of a job that waits for work; whatever still runs at the end is ended."""
    root = tmp_path / "runs"
    yield root, ["studio-models", str(tmp_path / "sessions"), "--models", str(tmp_path / "models")]
    for job in jobs_in(root):
        if job.is_alive:
            end_job(root, job.name)
            until(lambda job=job: not find_job(root, job.name).is_alive)


def test_a_job_that_ended_is_not_alive_and_its_last_words_say_why(tmp_path):
    root, settings = tmp_path / "runs", tmp_path / "settings.yaml"
    settings.write_text("improvment:\n  iterations: 1\n")
    start_job(root, "one", ["improve", str(settings), "--runs", str(root)])
    until(lambda: not find_job(root, "one").is_alive)
    assert "did you mean 'improvement'?" in last_words(root, "one")
    assert log_tail(root, "one").startswith("$ workbench improve")


def test_a_job_that_waits_is_alive(waiting):
    root, arguments = waiting
    assert start_job(root, "one", arguments).is_alive
    assert find_job(root, "one").is_alive


def test_a_job_is_of_a_session_of_its_own(waiting):
    root, arguments = waiting
    job = start_job(root, "one", arguments)
    assert os.getsid(job.process) == job.process != os.getsid(0)


def test_a_job_outlives_the_app_and_is_found_again(waiting):
    root, arguments = waiting
    app = f"from pathlib import Path; from workbench.jobs import start_job; import os\n" \
          f"start_job(Path({str(root)!r}), 'one', {arguments!r}); os.kill(os.getpid(), 9)"  # fmt: skip
    done = subprocess.run([sys.executable, "-c", app], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    assert [(job.name, job.is_alive) for job in jobs_in(root)] == [("one", True)]


def test_a_run_has_one_job_at_a_time(waiting):
    root, arguments = waiting
    start_job(root, "one", arguments)
    with pytest.raises(LockedError, match="at work"):
        start_job(root, "one", arguments)


def test_a_job_that_has_not_begun_its_run_is_ended_by_stop(waiting):
    root, arguments = waiting
    start_job(root, "one", arguments)
    stop_job(root, "one")
    until(lambda: not find_job(root, "one").is_alive)


def test_a_job_that_was_killed_is_not_alive_though_its_number_is_another_process(tmp_path):
    folder = tmp_path / "one"
    folder.mkdir()
    (folder / "job.log").write_text("$ …\n")
    (folder / "job.json").write_text(f'{{"command": ["runs"], "process": {os.getpid()}, "started": 1.0}}')
    assert not find_job(tmp_path, "one").is_alive
    with pytest.raises(InputError, match="no job"):
        end_job(tmp_path, "one")


def test_stop_asks_a_run_that_has_begun(tmp_path):
    with Run.create(tmp_path, "one", {}) as run:
        stop_job(tmp_path, "one")
        assert run.stop_asked()


def test_a_run_may_begin_in_the_folder_that_its_job_made(tmp_path):
    (tmp_path / "one").mkdir()
    for name in ("job.json", "job.log"):
        (tmp_path / "one" / name).write_text("")
    with Run.create(tmp_path, "one", {}) as run:
        assert run.name == "one"


@pytest.mark.parametrize("name", ["../up", "", "a/b", ".hidden", "x" * 65, "a\nb"])
def test_a_name_that_leads_elsewhere_is_refused_and_makes_nothing(tmp_path, name):
    root = tmp_path / "runs"
    with pytest.raises(InputError, match="run name"):
        start_job(root, name, ["runs"])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["", "[]", '{"command": 1}', "{" * 5000])
def test_damaged_facts_are_no_job(tmp_path, text):
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "job.json").write_text(text)
    assert find_job(tmp_path, "one") is None
    assert jobs_in(tmp_path) == []


def test_what_is_shown_can_be_typed():
    assert shown_command(["improve", "my poems.yaml"]) == "workbench improve 'my poems.yaml'"


# ---------------------------------------------------------------- in turn


def test_a_job_asked_for_in_turn_begins_when_the_one_before_it_has_ended(waiting):
    root, arguments = waiting
    start_job(root, "one", arguments, in_turn=True)
    assert ahead_of(root, "one") == []
    start_job(root, "two", ["runs", "--runs", str(root)], in_turn=True)
    start_job(root, "three", ["runs", "--runs", str(root)], in_turn=True)
    assert [ahead_of(root, name) for name in ("two", "three")] == [["one"], ["one", "two"]]
    until(lambda: is_waiting(root, "two") and is_waiting(root, "three"))
    assert last_words(root, "two") == "waiting for one to end"
    end_job(root, "one")
    until(lambda: not find_job(root, "two").is_alive and not find_job(root, "three").is_alive)
    told = log_tail(root, "two")
    assert told.index("waiting for one") < told.index("its turn has come")
    assert not told.endswith("its turn has come"), "then the command itself speaks"


def test_a_job_in_the_queue_is_taken_out_of_it_by_stop(waiting):
    root, arguments = waiting
    start_job(root, "one", arguments, in_turn=True)
    with Run.create(root, "begun", {}):
        pass  # a run that has begun and is continued in turn: nothing is asked of it while it waits
    start_job(root, "begun", ["improve", "--resume", "begun"], in_turn=True)
    until(lambda: is_waiting(root, "begun"))
    stop_job(root, "begun")
    until(lambda: not find_job(root, "begun").is_alive)
    assert not (root / "begun" / "stop").exists()
    assert find_job(root, "one").is_alive


def test_a_job_that_is_not_in_turn_waits_for_nobody(waiting):
    root, arguments = waiting
    start_job(root, "one", arguments)
    start_job(root, "two", ["runs", "--runs", str(root)])
    until(lambda: not find_job(root, "two").is_alive)
    assert find_job(root, "one").is_alive
    assert "waiting" not in log_tail(root, "two")
