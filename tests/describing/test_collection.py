"""Many poems into one file: each row once, in order, whatever dies."""

import json

import pytest

from tests.describing.scripted_reader import JOB, ScriptedReader, poems
from tests.engines.inline_crew import Dies, InlineCrew
from workbench.describing.collection import BLOCK, Asked, blocks_of, by_fleet, by_one, describe_collection
from workbench.engines.fleet import Fleet
from workbench.errors import ConfigError, LockedError, Stopped
from workbench.scoring.likelihood import ScoringSettings
from workbench.types import Poem

ASKED = Asked(job=JOB)
MANY = poems(3 * BLOCK + 5)


def written(out):
    return [json.loads(line) for line in out.read_text("utf-8").splitlines()]


def described(some, out, work, **options):
    return describe_collection(some, ASKED, work, others=(), out=out, **options)


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    out = tmp_path_factory.mktemp("rows") / "found.jsonl"
    assert described(MANY, out, by_one(ScriptedReader())) == len(MANY)
    assert [path.name for path in out.parent.iterdir()] == ["found.jsonl"]
    return written(out)


def test_rows_come_in_the_order_of_the_poems(rows):
    assert [row["title"] for row in rows] == [poem.title for poem in MANY]
    assert all(row["description"] and len(row["candidates"]) == 2 for row in rows)


def test_a_fleet_writes_the_same_rows(rows, tmp_path):
    fleet = Fleet(InlineCrew(ScriptedReader, size=3))
    described(MANY, tmp_path / "found.jsonl", by_fleet(fleet))
    assert written(tmp_path / "found.jsonl") == rows


def test_a_program_that_died_describes_only_what_is_missing(rows, tmp_path):
    out, reader, seen = tmp_path / "found.jsonl", ScriptedReader(), []

    def dying(tasks, **_):
        if seen:
            raise KeyboardInterrupt
        seen.extend(task.poem for task in tasks)
        return reader(tasks)

    with pytest.raises(KeyboardInterrupt):
        described(MANY, out, by_one(dying))
    assert not out.exists()
    again = []
    described(MANY, out, by_one(lambda tasks, **_: again.extend(task.poem for task in tasks) or reader(tasks)))
    assert written(out) == rows
    assert [*seen, *again] == MANY


def test_rows_of_other_rivals_are_not_taken(tmp_path):
    out, reader = tmp_path / "found.jsonl", ScriptedReader()
    stops = iter([False, False, True, True])  # opened, one block, stopped
    with pytest.raises(Stopped, match="16 of 53"):
        described(MANY, out, by_fleet(Fleet(InlineCrew(lambda: reader, size=1))), cancelled=lambda: next(stops))
    again = []
    more = [*MANY, Poem(title="One more", text="a lamp and salt and rain and rope")]
    described(more, out, by_one(lambda tasks, **_: again.extend(tasks) or reader(tasks)))
    assert len(again) == len(more)


def test_a_poem_that_kills_its_worker_has_a_row_that_says_so(rows, tmp_path):
    class Fragile(ScriptedReader):
        def __call__(self, tasks, **options):
            if any(task.poem == MANY[3] for task in tasks):
                raise Dies
            return super().__call__(tasks)

    assert described(MANY, tmp_path / "found.jsonl", by_fleet(Fleet(InlineCrew(Fragile)))) == len(MANY) - 1
    found = written(tmp_path / "found.jsonl")
    assert found[3]["problem"] == "not described: its worker died: it is gone"
    assert found[:3] + found[4:] == rows[:3] + rows[4:]


def test_a_poem_that_is_there_twice_is_described_once_and_written_twice(tmp_path):
    twice, n_asked = [MANY[0], MANY[1], MANY[0]], []
    reader = ScriptedReader()
    described(twice, tmp_path / "f.jsonl", by_one(lambda tasks, **_: n_asked.extend(tasks) or reader(tasks)))
    assert [row["title"] for row in written(tmp_path / "f.jsonl")] == [poem.title for poem in twice]
    assert len(n_asked) == 2


def test_rivals_are_those_of_the_whole_collection(rows):
    (first, *_), *_ = blocks_of(MANY[:1], MANY, JOB)
    by_hand = sorted(MANY[1:], key=lambda other: (abs(len(other.text) - len(MANY[0].text)), other.id))[:2]
    assert list(first.rivals) == by_hand


def test_mixed_rivals_among_too_many_poems_are_refused():
    job = ASKED.job.__class__(scoring=ScoringSettings(rivals="mixed"))
    with pytest.raises(ConfigError, match="write length"):
        next(blocks_of(MANY, poems(1001), job))


def test_two_writers_of_one_file_are_refused(tmp_path):
    out = tmp_path / "found.jsonl"

    def second(tasks, **_):
        described(MANY, out, by_one(ScriptedReader()))

    with pytest.raises(LockedError, match="another process writes there"):
        described(MANY, out, by_one(second))
