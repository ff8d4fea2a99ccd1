"""The record store: what went in comes out, and what was acknowledged survives."""

import dataclasses
import os
import random
import sqlite3
import types
import typing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.storage.verdicts import verdict
from workbench.errors import StoreError
from workbench.storage.records import TABLES, RecordStore
from workbench.types import Candidate, Message, PairVerdict, Poem, ScoredCandidate, StepRecord, Verdict

NAUGHTY = ["", " ", "a\u2028b\u2029c\u0085d", "שלום \u202eעולם", "👩\u200d🚀", "\r\n\r", "NULL", "'; DROP TABLE x; --",
           "\x00after", "[1, 2]", "null", "e\u0301 é", "\ufeff", "1e5", "007", "x \n  "]  # fmt: skip


@pytest.fixture
def tmp_path(memory_disk):
    return memory_disk


@pytest.fixture
def store(tmp_path):
    store = RecordStore(tmp_path / "records.sqlite")
    yield store
    store.close()


_text = st.one_of(st.sampled_from(NAUGHTY), st.text(st.characters(exclude_categories=["Cs"]), max_size=30))


def _values(hint: Any) -> st.SearchStrategy[Any]:
    """Anything that a field's type allows."""
    simple = {
        str: _text,
        int: st.integers(-(2**62), 2**62),
        bool: st.booleans(),
        float: st.floats(allow_nan=False).map(lambda value: value + 0.0),  # SQLite knows no -0.0
        type(None): st.none(),
        Message: st.builds(Message, role=st.sampled_from(["system", "user", "assistant"]), content=_text),
    }
    if hint in simple:
        return simple[hint]
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Literal:
        return st.sampled_from(arguments)
    if origin in (types.UnionType, typing.Union):
        return st.one_of([_values(argument) for argument in arguments])
    assert origin is tuple
    if arguments[-1] is Ellipsis:
        return st.lists(_values(arguments[0]), max_size=4).map(tuple)
    return st.tuples(*[_values(argument) for argument in arguments])


def _records(kind: type) -> st.SearchStrategy[Any]:
    hints = typing.get_type_hints(kind)
    return st.builds(kind, **{field.name: _values(hints[field.name]) for field in dataclasses.fields(kind)})


@pytest.mark.parametrize("kind", TABLES, ids=lambda kind: kind.__name__)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(data=st.data())
def test_every_record_comes_back_exactly(tmp_path, kind, data):
    records = data.draw(st.lists(_records(kind), max_size=4, unique_by=lambda record: record.id))
    path = tmp_path / f"{kind.__name__}.sqlite"
    path.unlink(missing_ok=True)
    writer = RecordStore(path)
    writer.put(records)
    writer.close()
    reader = RecordStore(path, read_only=True)
    found, ids = reader.all(kind), reader.ids(kind)
    reader.close()
    assert repr(found) == repr(records)  # repr tells 1 from True and from 1.0
    assert ids == {record.id for record in records}


@pytest.mark.parametrize("text", NAUGHTY, ids=ascii)
def test_a_poem_comes_out_byte_for_byte(store, text):
    poem = Poem(title=text, text=text, author=text)
    store.put([poem])
    assert store.all(Poem) == [poem]


@pytest.mark.parametrize("text", [" ", "\u00a0", "\t", "\n", "\u200b"])
def test_a_poem_of_one_blank_keeps_its_id(store, text):
    poem = Poem(title="t", text=text)
    store.put([poem])
    (found,) = store.all(Poem)
    assert (found.id, found.text) == (poem.id, text)
    assert store.ids(Poem) == {poem.id}


def test_tables_hold_every_kind_once():
    assert len(set(TABLES.values())) == len(TABLES) == 9


def test_a_run_that_is_older_than_a_table_reads_as_having_nothing_in_it(tmp_path):
    path = tmp_path / "records.sqlite"
    RecordStore(path).close()
    database = sqlite3.connect(path)
    database.execute("DROP TABLE pair_verdicts")
    database.execute("PRAGMA user_version=0")
    database.close()
    reader = RecordStore(path, read_only=True)
    assert (reader.all(PairVerdict), reader.ids(PairVerdict)) == ([], set())
    assert len(reader.digest()) == 64
    reader.close()


def test_writing_the_same_record_twice_changes_nothing(store):
    store.put([verdict(1, "first"), verdict(2)])
    before = store.digest()
    store.put([verdict(1, "second")], [verdict(2)])
    assert [verdict.note for verdict in store.all(Verdict)] == ["first", ""]
    assert store.digest() == before


def test_replace_replaces(store):
    store.put([verdict(1, "first"), verdict(2)])
    store.replace([verdict(1, "second"), verdict(3)])
    assert {verdict.id: verdict.note for verdict in store.all(Verdict)} == {"v1": "second", "v2": "", "v3": ""}


def test_records_come_in_the_order_in_which_they_were_added(store):
    store.put([verdict(n) for n in (5, 1, 9)])
    store.put([verdict(3)])
    assert [verdict.id for verdict in store.all(Verdict)] == ["v5", "v1", "v9", "v3"]


def test_filters_take_every_column_and_refuse_others(store):
    store.put([verdict(n) for n in range(9)])
    assert [v.id for v in store.all(Verdict, poem_id="p1", candidate_id="c4")] == ["v4"]
    assert [v.id for v in store.of_poems(Verdict, ["p2", "p0"])] == ["v2", "v5", "v8", "v0", "v3", "v6"]
    with pytest.raises(KeyError, match="weather"):
        store.all(Verdict, weather="rain")


def test_the_digest_does_not_depend_on_order_or_clock(tmp_path):
    verdicts = [verdict(n) for n in range(20)]
    digests = set()
    for seed in range(3):
        random.Random(seed).shuffle(verdicts)  # noqa: S311 - an order, not a secret
        store = RecordStore(tmp_path / f"{seed}.sqlite")
        store.note("progress", text="before", at=seed)
        store.put(*[[verdict] for verdict in verdicts])
        store.note("progress", text="after")
        digests.add(store.digest())
        store.close()
    assert len(digests) == 1


def test_the_digest_sees_every_kind_and_every_change(store):
    digests = {store.digest()}
    store.put([Poem(title="a", text="b")])
    digests.add(store.digest())
    store.put([verdict(1)])
    digests.add(store.digest())
    store.replace([verdict(1, "note")])
    digests.add(store.digest())
    assert len(digests) == 4


def test_one_bad_record_keeps_the_whole_batch_out(store):
    with pytest.raises(StoreError, match="half a character"):
        store.put([verdict(1)], [verdict(2, "\ud800")])
    with pytest.raises(StoreError, match="not a number"):
        store.put([verdict(3)], [_step(float("nan"))])
    assert store.all(Verdict) == []
    store.put([verdict(1)], [_step(float("inf"))])
    assert store.all(StepRecord)[0].loss_nats == float("inf")


def _step(loss: float) -> StepRecord:
    return StepRecord(id="s", arm="top", iteration=1, step=1, learning_rate=1e-4, loss_nats=loss, n_tokens=3,
                      gradient_norm=1.0, examples=("a", "b"))  # fmt: skip


def test_events_come_back_in_order_whatever_they_say(store):
    for number, text in enumerate([*NAUGHTY, "\ud800"]):
        store.note("progress", number=number, text=text, nothing=None)
    store.note("other")
    events = store.events("progress")
    assert [data["text"] for _, _, data in events] == [*NAUGHTY, "\ud800"]
    assert [data["number"] for _, _, data in events] == list(range(len(events)))
    assert [at for at, _, _ in events] == sorted(at for at, _, _ in events)
    assert store.events()[-1][1:] == ("other", {})


def test_readers_see_what_is_committed_while_the_writer_works(tmp_path):
    writer = RecordStore(tmp_path / "records.sqlite")
    readers = [RecordStore(tmp_path / "records.sqlite", read_only=True) for _ in range(3)]
    for number in range(20):
        writer.put([verdict(number)])
        assert {len(reader.all(Verdict)) for reader in readers} == {number + 1}
    for each in (writer, *readers):
        each.close()


def test_a_reader_writes_nothing(tmp_path):
    path = tmp_path / "records.sqlite"
    RecordStore(path).close()
    before = path.read_bytes()
    reader = RecordStore(path, read_only=True)
    with pytest.raises(StoreError, match="readonly"):
        reader.put([verdict(1)])
    reader.close()
    assert path.read_bytes() == before


def test_a_reader_makes_no_file(tmp_path):
    with pytest.raises(StoreError, match="unable to open"):
        RecordStore(tmp_path / "records.sqlite", read_only=True)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("read_only", [True, False])
def test_a_file_that_is_no_store_is_one_line(tmp_path, read_only):
    (tmp_path / "records.sqlite").write_bytes(b"a poem, not a database\n" * 100)
    with pytest.raises(StoreError, match="not a database") as caught:
        RecordStore(tmp_path / "records.sqlite", read_only=read_only)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["a?mode=ro", "a#b", "a%20b", "ü n"])
def test_odd_folders_are_no_address_tricks(tmp_path, name):
    folder = tmp_path / name
    folder.mkdir()
    store = RecordStore(folder / "records.sqlite")
    store.put([verdict(1)])
    store.close()
    assert (folder / "records.sqlite").is_file()


def test_a_closed_store_refuses_work(store):
    store.close()
    with pytest.raises(StoreError, match="closed"):
        store.put([verdict(1)])
    with pytest.raises(StoreError, match="closed"):
        store.digest()


def test_every_commit_is_flushed(store):
    pragma = {name: store._file.run(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")}
    assert pragma == {"journal_mode": "truncate", "synchronous": 2}


def test_another_writer_is_named_as_the_trouble(tmp_path, monkeypatch):
    first = RecordStore(tmp_path / "records.sqlite")
    second = RecordStore(tmp_path / "records.sqlite")
    second._file.run("PRAGMA busy_timeout=50")
    first._file.run("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="locked"):
        second.put([verdict(1)])
    first._file.run("ROLLBACK")
    second.put([verdict(1)])
    first.close()
    second.close()


def test_rows_are_plain_sql(tmp_path):
    """Anybody can look into a run with sqlite3."""
    store = RecordStore(tmp_path / "records.sqlite")
    store.put([verdict(1, "why")])
    store.close()
    plain = sqlite3.connect(tmp_path / "records.sqlite")
    assert plain.execute("SELECT verdict, note FROM verdicts").fetchall() == [("reject", "why")]
    plain.close()


def test_the_fields_that_are_asked_for_most_have_an_index(store):
    for kind in (Candidate, ScoredCandidate):
        plan = store._file.run(f"EXPLAIN QUERY PLAN SELECT * FROM {TABLES[kind]} WHERE poem_id = 'p'").fetchall()  # noqa: S608 - names from TABLES
        assert "USING INDEX" in plan[0][-1]


def test_a_path_that_is_a_folder_is_one_line(tmp_path):
    with pytest.raises(StoreError, match="unable to open"):
        RecordStore(Path(tmp_path))
