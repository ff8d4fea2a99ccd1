"""Many poems into a folder of Parquet files: each row once, whatever dies, and no byte that was not written here."""

import json
import os
import signal
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from tests.describing.scripted_reader import JOB, ScriptedReader, poems
from tests.engines.inline_crew import Dies, InlineCrew
from tests.forked_modules import PROCESSES, start
from workbench.cli import app
from workbench.describing import shards
from workbench.describing.collection import BLOCK, Asked, by_fleet, by_one, describe_collection
from workbench.describing.shards import INDEX, RowStore, describe_into_shards
from workbench.engines.fleet import Fleet
from workbench.errors import InputError, Stopped
from workbench.places import ROOT

ASKED, SIZE = Asked(job=JOB), 2 * BLOCK
MANY = poems(2 * SIZE + 21)
NAMES = [f"part-{number:06d}.parquet" for number in range(3)]


def described(out, work=None, some=MANY, **options):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shards, "SHARD", SIZE)
        return describe_into_shards(some, ASKED, work or by_one(ScriptedReader()), others=(), out=out, **options)


def counted(asked):
    """Describes, and notes which poems it was asked for."""
    reader = ScriptedReader()
    return by_one(lambda tasks, **_: asked.extend(task.poem for task in tasks) or reader(tasks))


def files(out):
    return [(out / name).read_bytes() for name in NAMES]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    out = tmp_path_factory.mktemp("shards") / "found.parquet"
    assert described(out) == len(MANY)
    assert sorted(path.name for path in out.parent.iterdir()) == ["found.parquet"]
    assert sorted(path.name for path in out.iterdir()) == [INDEX, *NAMES]
    return out


def plain(value):
    """As JSON has it: pandas reads lists as arrays, and what is not there as NaN."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    return None if pd.isna(value) else value


def test_one_line_reads_the_rows_that_a_file_of_lines_has(whole, tmp_path):
    describe_collection(MANY, ASKED, by_one(ScriptedReader()), others=(), out=tmp_path / "found.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "found.jsonl").read_text("utf-8").splitlines()]
    frame = pd.read_parquet(whole)
    assert [plain(row) for row in frame.to_dict("records")] == lines
    assert frame["candidates"].map(len).tolist() == [2] * len(MANY)


def test_a_fleet_writes_the_same_bytes(whole, tmp_path):
    described(tmp_path / "found.parquet", by_fleet(Fleet(InlineCrew(ScriptedReader, size=3))))
    assert files(tmp_path / "found.parquet") == files(whole)


def dies(name, moment, out):
    """Describes, and kills itself at a call of this name."""
    owner = {"rename": Path, "put": shards.RowStore, "drop": shards.RowStore}.get(name, shards)
    whole, calls = getattr(owner, name), []

    def dying(*args, **named):
        calls.append(name)
        if len(calls) == moment:
            os.kill(os.getpid(), signal.SIGKILL)
        return whole(*args, **named)

    setattr(owner, name, dying)
    described(out)


@pytest.mark.parametrize(
    ("name", "moment", "n_left"),
    [("put", 4, len(MANY) - 3 * BLOCK), ("rename", 2, 21), ("append_json", 2, 21), ("drop", 2, 21)],
)
def test_a_program_that_was_killed_describes_only_what_is_missing(whole, tmp_path, name, moment, n_left):
    """In the middle of a shard; of its file; between file, index and the rows that it leaves."""
    out, again = tmp_path / "found.parquet", []
    start()
    process = PROCESSES.Process(target=dies, args=(name, moment, out))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    assert described(out, counted(again)) == len(MANY)
    assert again == MANY[-n_left:]
    assert files(out) == files(whole)
    assert len(pd.read_parquet(out)) == len(MANY)
    assert [path.name for path in tmp_path.iterdir()] == ["found.parquet"]


@pytest.mark.parametrize(("damage", "said"), [("turned", "not as it was written"), ("gone", "is gone")])
def test_a_shard_without_its_hash_is_made_again_and_that_is_said(whole, tmp_path, damage, said):
    out, again, told = tmp_path / "found.parquet", [], []
    described(out)
    file = out / NAMES[1]
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.unlink() if damage == "gone" else file.write_bytes(data)
    assert described(out, counted(again), tell=told.append) == len(MANY)
    assert told == [f"{file}: {said}; it is made again"]
    assert again == MANY[SIZE : 2 * SIZE]
    assert files(out) == files(whole)
    again.clear()
    assert described(out, counted(again), tell=told.append) == len(MANY)
    assert (again, len(told)) == ([], 1)


def test_rows_leave_their_store_with_their_shard(tmp_path, monkeypatch):
    held, put = [], RowStore.put
    monkeypatch.setattr(RowStore, "put", lambda self, rows: held.append(len(self.keys())) or put(self, rows))
    described(tmp_path / "found.parquet")
    assert max(held) < SIZE


def test_a_stop_says_how_far_it_came(tmp_path):
    stops = iter([False, False, False, False, True, True])
    work = by_fleet(Fleet(InlineCrew(ScriptedReader, size=1)))
    with pytest.raises(Stopped, match=f"of {len(MANY)} poems; the same command continues"):
        described(tmp_path / "found.parquet", work, cancelled=lambda: next(stops))


def test_a_poem_that_kills_its_worker_has_a_row_that_says_so(tmp_path):
    class Fragile(ScriptedReader):
        def __call__(self, tasks, **options):
            if any(task.poem == MANY[3] for task in tasks):
                raise Dies
            return super().__call__(tasks)

    out = tmp_path / "found.parquet"
    assert described(out, by_fleet(Fleet(InlineCrew(Fragile)))) == len(MANY) - 1
    row = pd.read_parquet(out).loc[3]
    assert (row["description"], row["problem"]) == ("", "not described: its worker died: it is gone")
    assert row["identified"] is None


def test_a_poem_that_is_there_twice_has_one_row(tmp_path):
    out = tmp_path / "found.parquet"
    assert described(out, some=[MANY[0], *MANY[:SIZE], MANY[1]]) == SIZE
    assert pd.read_parquet(out)["title"].tolist() == [poem.title for poem in MANY[:SIZE]]


def test_a_folder_of_other_rows_is_refused_and_stays_as_it_is(whole):
    before = files(whole)
    with pytest.raises(InputError, match="other poems or settings; name another folder"):
        described(whole, some=MANY[:-1])
    assert files(whole) == before


def test_a_folder_that_holds_something_else_is_refused(tmp_path):
    (tmp_path / "found.parquet").mkdir()
    (tmp_path / "found.parquet" / "mine.parquet").write_bytes(b"mine")
    with pytest.raises(InputError, match=r"mine\.parquet: not a shard"):
        described(tmp_path / "found.parquet")
    (tmp_path / "file.parquet").write_bytes(b"mine")
    with pytest.raises(InputError, match="a file; name a folder"):
        described(tmp_path / "file.parquet")


def test_the_command_writes_a_folder_and_counts_its_rows(tmp_path, monkeypatch):
    class Opened(ScriptedReader):
        def __init__(self, asked):
            super().__init__()

        def close(self):
            pass

    monkeypatch.setattr("workbench.describing.command.ReaderWorker", Opened)
    own = tmp_path / "own.jsonl"
    own.write_text(
        "".join(json.dumps({"title": each.title, "text": each.text}) + "\n" for each in [*MANY[:3], MANY[0]])
    )
    out = tmp_path / "found.parquet"
    done = CliRunner().invoke(
        app, ["describe", str(own), "--out", str(out), "--config", str(ROOT / "config/describe.yaml")]
    )
    assert f"3 of 3 poems have a description, in {out}" in done.output.replace("\n", "")
    assert pd.read_parquet(out)["title"].tolist() == [each.title for each in MANY[:3]]


def test_the_command_gives_no_json_of_a_folder(tmp_path):
    done = CliRunner().invoke(app, ["describe", "poems.jsonl", "--json", "--out", str(tmp_path / "found.parquet")])
    assert done.exit_code == 2
    assert "a .parquet folder is not JSON; leave it out, or write --out FILE.jsonl" in done.output
