"""Runs: one process at a time, names that stay inside their folder, a stop that is heard."""

import errno
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults import Faults
from workbench.errors import InputError, LockedError, StoreError
from workbench.improvement.run import open_run
from workbench.places import ROOT
from workbench.storage.run_names import checked_name
from workbench.storage.runs import FINE_TUNING, SITTING, Run, is_locked, list_runs

FACTS = {"seed": 42, "text": "a\u2028b ü"}
HOLD = """
import sys
from pathlib import Path
from workbench.errors import WorkbenchError
from workbench.storage.runs import Run
try:
    run = Run.{how}(Path(sys.argv[1]), "a-run"{facts})
except WorkbenchError as exc:
    print(type(exc).__name__, exc, flush=True)
else:
    print("open", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def tmp_path(memory_disk):
    return memory_disk


def _child(root: Path, how: str) -> subprocess.Popen:
    code = HOLD.format(how=how, facts=", {}" if how == "create" else "")
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    return subprocess.Popen([sys.executable, "-c", code, str(root)], cwd=ROOT, **pipes)


def _end(*children: subprocess.Popen) -> None:
    for child in children:
        child.kill()
        child.communicate()


def test_a_run_keeps_its_facts(tmp_path):
    with Run.create(tmp_path, "a-run", FACTS) as run:
        assert run.facts == FACTS
    with Run.open(tmp_path, "a-run") as run:
        assert run.facts == FACTS
        assert run.name == "a-run"


@pytest.mark.parametrize("how", ["open", "create"])
def test_of_many_processes_one_gets_the_run_and_the_others_name_it(tmp_path, how):
    if how == "open":
        Run.create(tmp_path, "a-run", {}).close()
    children = [_child(tmp_path, how) for _ in range(6)]
    try:
        answers = [child.stdout.readline().strip() for child in children]
        (winner,) = [child for child, answer in zip(children, answers, strict=True) if answer == "open"]
        losers = [answer for answer in answers if answer != "open"]
        exists = r"InputError run 'a-run' exists already.*" if how == "create" else "-"
        for answer in losers:
            assert re.fullmatch(rf"LockedError run 'a-run' is in use by process {winner.pid}; .*|{exists}", answer)
    finally:
        _end(*children)


def test_the_lock_of_a_killed_process_is_free(tmp_path):
    Run.create(tmp_path, "a-run", {}).close()
    child = _child(tmp_path, "open")
    assert child.stdout.readline() == "open\n"
    assert is_locked(tmp_path / "a-run")
    with pytest.raises(LockedError, match=f"process {child.pid}"):
        Run.open(tmp_path, "a-run")
    _end(child)
    assert not is_locked(tmp_path / "a-run")
    Run.open(tmp_path, "a-run").close()


def test_a_reader_needs_no_lock(tmp_path):
    with Run.create(tmp_path, "a-run", FACTS), Run.open(tmp_path, "a-run", read_only=True) as reader:
        assert reader.facts == FACTS
        with pytest.raises(StoreError):
            reader.records.note("progress")


def test_looking_at_the_lock_does_not_keep_anybody_out(tmp_path):
    Run.create(tmp_path, "a-run", {}).close()
    code = (
        "import sys; from pathlib import Path; from workbench.storage.runs import is_locked\nprint('on', flush=True)\n"
    )
    code += "while True: is_locked(Path(sys.argv[1]))"
    command = [sys.executable, "-c", code, str(tmp_path / "a-run")]
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
    child.stdout.readline()
    try:
        for _ in range(200):
            Run.open(tmp_path, "a-run").close()
    finally:
        _end(child)


_BAD_NAMES = ["..", ".", "../x", "/etc", "a/b", "a\\b", "", " ", "A", "a b", "-a", "_a", ".a", "a\n", "a\x00", "é",
              "a" * 65, "a.", "~", "a:b", "%2e%2e", "con\u202e", "a*"]  # fmt: skip


@pytest.mark.parametrize("name", _BAD_NAMES, ids=ascii)
def test_a_name_that_is_a_path_or_odd_is_refused(tmp_path, name):
    root = tmp_path / "runs"
    with pytest.raises(InputError, match="run name"):
        checked_name(name)
    with pytest.raises(InputError) as caught:
        Run.open(root, name)
    assert "\n" not in str(caught.value)
    with Run.create(root, "a-run", {}) as run, pytest.raises(InputError):
        run.adapter_folder(name)
    if name:
        with pytest.raises(InputError):
            Run.create(root, name, {})
    assert os.listdir(tmp_path) == ["runs"]
    assert os.listdir(root) == ["a-run"]


def test_a_run_without_a_name_gets_a_free_one(tmp_path):
    runs = [Run.create(tmp_path, "", {}) for _ in range(3)]
    assert len({run.name for run in runs}) == 3
    for run in runs:
        run.close()


def test_a_taken_name_says_how_to_go_on(tmp_path):
    Run.create(tmp_path, "a-run", {}).close()
    with pytest.raises(InputError, match="--resume a-run"):
        Run.create(tmp_path, "a-run", {})


def test_a_folder_of_something_else_is_not_taken_over(tmp_path):
    (tmp_path / "a-run").mkdir()
    (tmp_path / "a-run" / "poems.txt").write_text("mine")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "a-link").symlink_to(tmp_path / "elsewhere")
    for name in ("a-run", "a-link"):
        with pytest.raises(InputError, match="exists already"):
            Run.create(tmp_path, name, {})
    assert os.listdir(tmp_path / "a-run") == ["poems.txt"]
    assert os.listdir(tmp_path / "elsewhere") == []


def test_an_unknown_run_names_the_known_ones(tmp_path):
    Run.create(tmp_path, "a-run", {}).close()
    with pytest.raises(InputError, match=r"no run 'b-run' in .*: a-run"):
        Run.open(tmp_path, "b-run")


def test_a_name_is_free_again_after_a_full_disk(tmp_path):
    for faults in Faults.each(errno.ENOSPC):
        name, failed = f"run-{faults.nth}", None
        with faults:
            try:
                Run.create(tmp_path, name, FACTS).close()
            except StoreError as exc:
                failed = exc
        if not faults.has_struck:
            break
        assert failed is None or "the disk is full" in str(failed)
        if not (tmp_path / name / "run.json").exists():
            Run.create(tmp_path, name, FACTS).close()
        assert Run.open(tmp_path, name, read_only=True).facts == FACTS
    assert faults.nth > 8
    assert len(list_runs(tmp_path)) == faults.nth


def test_a_run_whose_records_are_damaged_can_be_listed_and_leaves_no_lock(tmp_path):
    Run.create(tmp_path, "a-run", {}).close()
    (tmp_path / "a-run" / "records.sqlite").write_bytes(b"no database\n" * 500)
    for _ in range(2):
        with pytest.raises(StoreError, match="not a database"):
            Run.open(tmp_path, "a-run")
    assert not is_locked(tmp_path / "a-run")
    (summary,) = list_runs(tmp_path)
    assert (summary.state, "not a database" in summary.note) == ("failed", True)


def test_a_damaged_run_file_is_one_line(tmp_path):
    with Run.create(tmp_path, "a-run", {}) as run:
        for data in (b"", b"{", b"\xff", b"[1]", b"3"):
            (run.folder / "run.json").write_bytes(data)
            with pytest.raises(StoreError, match="cannot be read"):
                _ = run.facts


def test_odd_folders_are_no_runs(tmp_path):
    Run.create(tmp_path, "a-run", {}).close()
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder-as-file" / "run.json").mkdir(parents=True)
    for name in ("Odd Name", ".hidden", "no-records", "dangling"):
        (tmp_path / name).mkdir()
    for name in ("Odd Name", ".hidden", "no-records"):
        (tmp_path / name / "run.json").write_text("{}")
    (tmp_path / "dangling" / "run.json").symlink_to(tmp_path / "nowhere")
    found = {summary.name: summary.state for summary in list_runs(tmp_path)}
    assert found == {"a-run": "new", "no-records": "new"}
    assert list_runs(tmp_path / "nothing") == []


def test_runs_are_listed_newest_first_with_their_state(tmp_path):
    for age, (name, kind) in enumerate({"new": "", "done": "finished", "broken": "failed", "left": "progress"}.items()):
        with Run.create(tmp_path, name, {}) as run:
            if kind:
                run.records.note(kind, text=f"it said {kind}")
        os.utime(tmp_path / name / "run.json", (10_000 - age, 10_000 - age))
    with Run.open(tmp_path, "left"):
        found = [(summary.name, summary.state, summary.note) for summary in list_runs(tmp_path)]
    assert found == [("new", "new", "created"), ("done", "finished", "it said finished"),
                     ("broken", "failed", "it said failed"), ("left", "running", "it said progress")]  # fmt: skip
    assert {s.name: s.state for s in list_runs(tmp_path)}["left"] == "stopped"


def test_a_review_says_nothing_of_where_the_runs_own_work_stands(tmp_path):
    with Run.create(tmp_path, "done", {}) as run:
        run.records.note("finished", text="4 of 4 actions")
        run.records.note(SITTING, reviewer="ann", mode="one at a time", n=5, n_chosen=9)
    (summary,) = list_runs(tmp_path)
    assert (summary.state, summary.note) == ("finished", "4 of 4 actions")


def test_a_stop_reaches_the_process_that_works_and_not_the_next_one(tmp_path):
    with Run.create(tmp_path, "a-run", {}) as run:
        assert not run.stop_asked()
        Run.open(tmp_path, "a-run", read_only=True).ask_to_stop()
        assert run.stop_asked()
    with Run.open(tmp_path, "a-run") as run:
        assert not run.stop_asked()


def test_a_start_that_fails_leaves_nothing(tmp_path):
    with pytest.raises(InputError), Run.create(tmp_path, "a-run", {}):
        raise InputError("no example fits")
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_has_begun_stays_when_it_fails(tmp_path):
    def fail_later(run):
        run.records.note("progress", position=0, of=1, text="describing")
        raise InputError("a later fault")

    with pytest.raises(InputError), Run.create(tmp_path, "a-run", {}) as run:
        fail_later(run)
    assert (tmp_path / "a-run" / "run.json").is_file()


def test_a_start_that_fails_keeps_what_the_app_wrote_of_it(tmp_path):
    (tmp_path / "a-run").mkdir()
    (tmp_path / "a-run" / "job.log").write_text("why")
    with pytest.raises(InputError), Run.create(tmp_path, "a-run", {}):
        raise InputError("no example fits")
    assert [path.name for path in (tmp_path / "a-run").iterdir()] == ["job.log"]


def test_a_report_is_written_whole(tmp_path):
    with Run.create(tmp_path, "a-run", {}) as run:
        path = run.write_text("report.md", "a\r\nb\u2028")
        assert path.read_bytes() == "a\r\nb\u2028".encode()


def test_a_fine_tuning_is_no_run_of_the_loop_and_says_how_it_goes_on(tmp_path):
    Run.create(tmp_path, "tuned", {"kind": FINE_TUNING, "settings": {}}).close()
    with pytest.raises(InputError, match="train --resume tuned"), open_run(tmp_path, "tuned"):
        pass
