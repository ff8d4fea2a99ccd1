"""Frames: one row a record, plain columns, and nothing measured is never a zero."""

import dataclasses
import math
import subprocess
import sys

import pytest

from tests.fakes import candidate, scored
from workbench.errors import InputError
from workbench.storage.frames import KINDS
from workbench.storage.records import TABLES, RecordStore
from workbench.storage.runs import Run
from workbench.types import Measurement, Poem, StepRecord, Verdict

POEM = Poem(title="Ladder <b>", text="one rung\ntwo rungs")


@pytest.fixture
def store(memory_disk):
    store = RecordStore(memory_disk / "records.sqlite")
    yield store
    store.close()


def _measurement(n_poems: int, metric: str = "gain") -> Measurement:
    return Measurement(id=f"{metric}{n_poems}", arm="top", iteration=1, weights="base", metric=metric, value=0.0,
                       low=0.0, high=0.0, n_poems=n_poems, per_poem=(None, 0.5))  # fmt: skip


def _step(n_tokens: int) -> StepRecord:
    return StepRecord(id=f"s{n_tokens}", arm="top", iteration=1, step=1, learning_rate=1e-4, loss_nats=6.0,
                      n_tokens=n_tokens, gradient_norm=1.0, examples=("a", "b"))  # fmt: skip


def test_every_kind_of_record_has_a_frame():
    assert {*KINDS.values()} == {*TABLES}


@pytest.mark.parametrize("name", KINDS)
def test_an_empty_frame_has_its_columns(store, name):
    frame = store.frame(name)
    names = [field.name for field in dataclasses.fields(KINDS[name])]
    assert len(frame) == 0
    assert list(frame.columns)[: len(names)] == names


def test_a_row_is_a_record_in_order(store):
    candidates = [candidate(POEM, f"words {n}", slot=n) for n in range(5)]
    store.put([POEM], candidates)
    frame = store.frame("candidates")
    assert list(frame["id"]) == [each.id for each in candidates]
    assert list(frame["slot"]) == [0, 1, 2, 3, 4]
    assert (frame["slot"].dtype, set(frame["title"])) == ("int64", {"Ladder <b>"})


def test_a_frame_holds_what_is_derived(store):
    own = candidate(POEM, "words")
    score = scored(own, guarded_gain_nats=20.0)
    store.put([POEM], [own], [score], [_step(3)])
    row = store.frame("scores").iloc[0]
    assert (row["gain"], row["guarded_gain"], row["specificity"]) == (score.gain, score.guarded_gain, score.specificity)
    assert store.frame("steps")["mean_loss"].tolist() == [2.0]
    assert store.frame("poems")["id"].tolist() == [POEM.id]


def test_what_was_not_measured_is_no_zero(store):
    own = candidate(POEM, "words")
    failed = dataclasses.replace(scored(own), unscored="engine")
    store.put([POEM], [own], [failed], [_measurement(0), _measurement(8)], [_step(0)])
    assert math.isnan(store.frame("scores")["specificity"][0])
    assert store.frame("measurements")["value"].isna().tolist() == [True, False]
    assert math.isnan(store.frame("steps")["mean_loss"][0])


def test_rows_can_be_chosen_by_their_columns(store):
    store.put([_measurement(3), _measurement(3, "leak_rate")])
    assert store.frame("measurements", metric="leak_rate")["n_poems"].tolist() == [3]
    with pytest.raises(KeyError, match="weather"):
        store.frame("measurements", weather="rain")


def test_a_figure_a_poem_stays_in_one_cell(store):
    store.put([_measurement(8)])
    assert store.frame("measurements")["per_poem"][0] == (None, 0.5)


def test_a_foreign_text_is_escaped_where_a_notebook_shows_it(store):
    store.put([POEM])
    assert "&lt;b&gt;" in store.frame("poems")._repr_html_()


def test_events_have_the_time_of_day(store):
    store.note("progress", text="scoring", n=3)
    store.note("created")
    frame = store.frame("events")
    assert list(frame["kind"]) == ["progress", "created"]
    assert (frame["text"][0], frame["data"][0]["n"]) == ("scoring", 3)
    assert str(frame["at"].dt.tz) == "UTC"
    assert len(store.frame("events", kind="created")) == 1


def test_a_frame_that_is_unknown_names_the_others(store):
    with pytest.raises(InputError, match=r"no frame 'score'; choose one from: poems, candidates, scores"):
        store.frame("score")


def test_a_run_gives_the_frames_of_its_records(memory_disk):
    verdict = Verdict(id="v", candidate_id="c", poem_id="p", verdict="approve")
    with Run.create(memory_disk, "frames", {}, begin_with=[verdict]) as run:
        assert run.frame("verdicts")["verdict"].tolist() == ["approve"]


def test_records_are_read_without_pandas():
    code = "import sys, workbench.storage.runs; assert 'pandas' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
