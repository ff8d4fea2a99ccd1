import sqlite3
from dataclasses import replace

import pytest

from tests.revision.scripts import BRIEF, FIRST, NOTE, REVISE, SECOND, THIRD, session
from workbench.errors import InputError, StoreError
from workbench.revision.settings import RevisionSettings
from workbench.revision.store import SessionStore
from workbench.revision.types import StopReason

SETTINGS = RevisionSettings(max_revisions=1, control=True)


@pytest.fixture
def store(tmp_path):
    opened = SessionStore(tmp_path / "sessions")
    yield opened
    opened.close()


def _whole(store, **options):
    start = store.begin("a poem about a railway station", SETTINGS)
    trace, _, _ = session([BRIEF, "no critique", REVISE, REVISE, NOTE], [FIRST, SECOND, THIRD], settings=SETTINGS,
                          start=start, **options)  # fmt: skip
    return trace


def test_what_was_saved_is_what_is_opened(store):
    trace = _whole(store)
    store.save(trace)
    opened, settings = store.open(trace.id)
    assert (opened, settings) == (trace, SETTINGS)
    assert trace.rounds[1].control
    assert trace.rejected


def test_every_state_on_the_way_is_opened_as_it_was(store):
    def check(event):
        store.save(event.trace)
        assert store.open(event.trace.id)[0] == event.trace

    assert _whole(store, on_event=check).stop is StopReason.LIMIT


def test_a_decision_that_is_taken_later_is_kept(store):
    trace = _whole(store)
    store.save(trace)
    last = trace.rounds[-1]
    decided = replace(last, changes=tuple(replace(one, decision="accepted") for one in last.changes))
    trace = replace(trace, rounds=(*trace.rounds[:-1], decided))
    store.save(trace)
    assert store.open(trace.id)[0] == trace


def test_what_was_left_out_of_an_answer_is_kept_with_its_draft(store):
    start = store.begin("a railway station", SETTINGS)
    chatty = f"{FIRST}\n\nLet me know if you'd like any changes!"
    session([BRIEF, REVISE, REVISE, NOTE], [chatty, SECOND, THIRD], settings=SETTINGS, start=start,
            on_event=lambda event: store.save(event.trace))  # fmt: skip
    first, second = store.open(start.id)[0].rounds
    assert (len(first.draft.remarks), second.draft.remarks) == (1, ())
    assert "Let me know if you'd like" in first.draft.remarks[0]


def test_names_come_from_the_request_and_are_never_taken_twice(store):
    names = [store.begin("a poem about winter light", SETTINGS).id for _ in range(3)]
    assert names == ["winter-light", "winter-light-2", "winter-light-3"]
    assert store.begin("???", SETTINGS).id == "poem"


def test_the_list_has_the_newest_first_with_what_became_of_it(store):
    store.save(_whole(store))
    store.begin("the tide", SETTINGS)
    assert [(one.name, one.n_drafts, one.stop) for one in store.sessions()] == [
        ("tide", 0, None), ("railway-station", 2, StopReason.LIMIT)]  # fmt: skip


def test_every_critique_item_and_line_change_is_a_row(store):
    trace = _whole(store)
    store.save(trace)
    with sqlite3.connect(store.path) as db:
        counts = {table: db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 - names of ours
                  for table in ("items", "changes", "responses", "drafts", "rejected")}  # fmt: skip
    db.close()
    assert counts == {"items": 4, "changes": len(trace.rounds[1].changes), "responses": 1, "drafts": 3, "rejected": 1}


def test_an_unknown_session_names_the_known_ones(store):
    store.begin("the tide", SETTINGS)
    with pytest.raises(InputError, match="tide"):
        store.open("winter")


def test_half_a_character_is_refused_and_the_session_before_is_kept(store):
    trace = _whole(store)
    store.save(trace)
    with pytest.raises(StoreError, match="surrogate"):
        store.save(replace(trace, final_note="\ud800"))
    assert store.open(trace.id)[0] == trace


def test_a_file_that_is_no_store_is_one_line(tmp_path):
    (tmp_path / "sessions.db").write_text("not a database, but long enough to be taken for one " * 40)
    with pytest.raises(StoreError, match="not a database"):
        SessionStore(tmp_path)
