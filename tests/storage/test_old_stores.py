"""Stores of every earlier version open, are read whole, and go on.

`old_stores/NAME_VERSION.sql` is a dump of a small store, written by the code of that version; 0 is commit 6790c0c.
A record with a new field: raise the version by a migration, and add the tables of the version before to `SHAPES`.
"""

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from workbench.education.generation import answers
from workbench.education.generation.answers import AnswerStore
from workbench.errors import StoreError
from workbench.revision import store as sessions
from workbench.revision.store import TABLES as SESSION_TABLES
from workbench.revision.store import SessionStore
from workbench.storage import records
from workbench.storage.records import TABLES, RecordStore
from workbench.storage.sqlite import columns_of
from workbench.types import Candidate, Example, Measurement, PairVerdict, Poem, ScoredCandidate, Verdict

OLD = Path(__file__).parent / "old_stores"
VERSIONS = {"records": range(3), "sessions": range(2), "answers": range(1)}


def _restored(name: str, version: int, path: Path) -> Path:
    database = sqlite3.connect(path)
    database.executescript((OLD / f"{name}_{version}.sql").read_text(encoding="utf-8"))
    database.execute(f"PRAGMA user_version={version}")
    database.close()
    return path


def _columns(path: Path, tables) -> dict[str, set[str]]:
    database = sqlite3.connect(path)
    found = {table: {*columns_of(database, table)} for table in tables}
    database.close()
    return found


def test_every_earlier_version_is_tried():
    named = {(name, version) for name, versions in VERSIONS.items() for version in versions}
    assert named == {(path.stem.rpartition("_")[0], int(path.stem.rpartition("_")[2])) for path in OLD.glob("*.sql")}
    assert len(records.MIGRATIONS) == VERSIONS["records"].stop
    assert len(sessions.MIGRATIONS) <= VERSIONS["sessions"].stop
    assert len(answers.MIGRATIONS) <= VERSIONS["answers"].stop


@pytest.mark.parametrize("version", VERSIONS["records"])
@pytest.mark.parametrize("read_only", [True, False])
def test_an_old_run_is_read_whole(memory_disk, version, read_only):
    path = _restored("records", version, memory_disk / "records.sqlite")
    store = RecordStore(path, read_only=read_only)
    (poem,), (score,), (example,) = store.all(Poem), store.all(ScoredCandidate), store.all(Example)
    assert (poem.title, score.copied_spans, score.poem_id) == ("Gutter", ((0, 2),), poem.id)
    assert (example.prompt[0].content, store.all(PairVerdict)[0].verdict) == ("Write a poem.", "tie")
    assert [kind for _, kind, _ in store.events()] == ["created", "finished"]
    assert {kind.__name__: len(store.all(kind)) for kind in TABLES} == {
        "Poem": 1, "Candidate": 1, "ScoredCandidate": 1, "Choice": 1, "Verdict": 1, "PairVerdict": 1, "Example": 1,
        "StepRecord": 1, "Measurement": 3,
    }  # fmt: skip
    assert len(store.digest()) == 64
    store.close()


@pytest.mark.parametrize("read_only", [True, False])
def test_what_an_old_run_did_not_measure_is_no_zero(memory_disk, read_only):
    path = _restored("records", 0, memory_disk / "records.sqlite")
    store = RecordStore(path, read_only=read_only)
    found = {m.metric: (m.value, m.low is None, m.n_poems) for m in store.all(Measurement)}
    assert found == {
        "gain": (pytest.approx(0.35), False, 6),
        "specificity": (None, True, 0),
        "leak_rate": (0.25, True, 2),
    }
    store.close()


@pytest.mark.parametrize("version", VERSIONS["records"])
def test_an_old_run_goes_on(memory_disk, version):
    path = _restored("records", version, memory_disk / "records.sqlite")
    store = RecordStore(path)
    old = store.all(Candidate)[0]
    new = replace(old, id="c2", slot=1, text="Another one.")
    store.put([old, new], [Verdict(id="v2", candidate_id="c2", poem_id=old.poem_id, verdict="reject", reviewer="ann")])
    assert store.all(Candidate) == [old, new]
    store.close()
    again = RecordStore(path, read_only=True)
    assert [verdict.verdict for verdict in again.all(Verdict)] == ["approve", "reject"]
    again.close()


@pytest.mark.parametrize("version", VERSIONS["sessions"])
def test_an_old_session_is_read_and_goes_on(tmp_path, version):
    _restored("sessions", version, tmp_path / sessions.FILE)
    store = SessionStore(tmp_path)
    (summary,) = store.sessions()
    trace, settings = store.open(summary.name)
    assert (trace.request, settings.max_revisions, len(trace.rounds)) == ("a poem about a railway station", 1, 2)
    assert trace.rounds[1].control
    store.save(replace(trace, final_note="kept"))
    assert store.open(summary.name)[0].final_note == "kept"
    assert store.begin("a poem about a railway station", settings).id == f"{summary.name}-2"
    store.close()


@pytest.mark.parametrize("version", VERSIONS["answers"])
def test_old_answers_are_read_and_paid_ones_are_not_asked_again(tmp_path, version):
    store = AnswerStore(_restored("answers", version, tmp_path / "answers.sqlite"))
    paid, failed = store.all()
    assert (paid.text, paid.is_final, failed.is_final) == ("The gutter counts well.", True, False)
    store.keep(replace(failed, text="It rains.", failure=""))
    assert store.get(["a2"])["a2"].text == "It rains."
    assert store.spent() == (15, pytest.approx(0.001))
    store.close()


def test_a_store_of_a_newer_version_is_refused_in_one_line(tmp_path):
    openers = {"records.sqlite": RecordStore, "answers.sqlite": AnswerStore,
               sessions.FILE: lambda path: SessionStore(path.parent)}  # fmt: skip
    for name, opened in openers.items():
        path = _restored(name.partition(".")[0], 0, tmp_path / name)
        database = sqlite3.connect(path)
        database.execute("PRAGMA user_version=99")
        database.close()
        with pytest.raises(StoreError, match="made by a newer version of the workbench") as caught:
            opened(path)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("name", "tables", "opened"), [
    ("records", TABLES.values(), RecordStore),
    ("sessions", SESSION_TABLES, lambda path: SessionStore(path.parent)),
    ("answers", ["answers"], AnswerStore),
], ids=["records", "sessions", "answers"])  # fmt: skip
def test_a_migrated_store_has_the_columns_of_a_new_one(tmp_path, name, tables, opened):
    """Fails when a field was added without a migration."""
    file = {"records": "records.sqlite", "sessions": sessions.FILE, "answers": "answers.sqlite"}[name]
    for folder in ("old", "new"):
        (tmp_path / folder).mkdir()
    old = _restored(name, 0, tmp_path / "old" / file)
    for path in (old, tmp_path / "new" / file):
        opened(path).close()
    assert _columns(old, tables) == _columns(tmp_path / "new" / file, tables)
