"""Steps of a session with a person between them: what is asked, what is stored, what is refused."""

from contextlib import closing

import pytest

from tests.fakes import ScriptedSampler
from tests.revision.scripts import APPROVE, BRIEF, FIRST, NOTE, REVISE, SECOND, START_OVER, THIRD, sampler
from workbench.errors import InputError
from workbench.revision.ledger import without_refused
from workbench.revision.settings import RevisionSettings
from workbench.revision.store import SessionStore
from workbench.revision.types import StopReason
from workbench.studio.steps import (
    StepModels,
    as_markdown,
    as_text,
    begin,
    brought_back,
    decide,
    is_open_to_decisions,
    next_step,
    own_draft,
    settled,
    take_step,
)

HAIKU = "The rope is still wet.\nNobody waves from the gate.\nThe gulls keep the time."
OWN = "Ferry\n\nThe rope is wet.\nNobody waves."


@pytest.fixture
def store(memory_disk):
    with closing(SessionStore(memory_disk)) as store:
        yield store


def models(*, educator=(), poet=()) -> StepModels:
    return StepModels(educator=sampler(*educator), poet=sampler(*poet))


def stepped(trace, step="critique", *, educator=(), poet=(), **options):
    return take_step(trace, RevisionSettings(), step, models=models(educator=educator, poet=poet), **options)


@pytest.fixture
def judged(store):
    """A session with a first draft and its critique."""
    return stepped(begin(store, "a railway station", RevisionSettings()), educator=[BRIEF, REVISE], poet=[FIRST])


@pytest.fixture
def undecided(judged):
    """With a second draft that waits for decisions: one line cut, one new."""
    return stepped(judged, "draft", poet=[SECOND])


def changed(trace):
    return {change.kind: change for change in trace.rounds[-1].changes if change.kind != "kept"}


def test_the_first_step_ends_with_the_critique_and_leaves_the_session_open(judged):
    assert (len(judged.rounds), judged.stop, next_step(judged)) == (1, None, "draft")
    assert judged.rounds[0].critique.verdict == "revise"


def test_a_draft_step_ends_before_the_critique(undecided):
    assert (len(undecided.rounds), undecided.stop, next_step(undecided)) == (2, None, "critique")
    assert is_open_to_decisions(undecided)


def test_an_approved_first_draft_gets_its_last_word(store):
    trace = begin(store, "a railway station", RevisionSettings())
    done = stepped(trace, educator=[BRIEF, APPROVE, NOTE], poet=[FIRST])
    assert (done.stop, done.final_note) == (StopReason.APPROVED, NOTE)


def test_an_approved_poem_is_revised_all_the_same_when_asked(store):
    trace = begin(store, "a railway station", RevisionSettings())
    done = stepped(trace, educator=[BRIEF, APPROVE, NOTE], poet=[FIRST])
    again = stepped(done, "draft", poet=[SECOND])
    assert (len(again.rounds), again.stop) == (2, None)


def test_a_run_goes_on_by_itself_up_to_its_rounds(judged):
    done = stepped(judged, "run", educator=[REVISE, REVISE, NOTE], poet=[SECOND, THIRD], n_rounds=2)
    assert (len(done.rounds), done.stop) == (3, StopReason.LIMIT)


def test_a_direction_is_heard_by_the_poet(judged):
    poet = sampler(SECOND)
    take_step(judged, RevisionSettings(), "draft", direction="let it rain",
              models=StepModels(educator=sampler(), poet=poet))  # fmt: skip
    assert "let it rain" in poet.requests[0].prompt[-1].content


def test_a_verdict_to_start_over_begins_again_without_decisions(store):
    trace = begin(store, "a railway station", RevisionSettings())
    over = stepped(trace, educator=[BRIEF, START_OVER], poet=[FIRST])
    fresh = stepped(over, "draft", poet=[SECOND])
    assert (len(fresh.rounds), fresh.rounds[-1].changes, is_open_to_decisions(fresh)) == (2, (), False)


def test_a_step_that_came_to_nothing_is_tried_with_another_seed(judged):
    settings, first, second = RevisionSettings(retries=0), sampler(FIRST), sampler(SECOND)
    stuck = take_step(judged, settings, "draft", models=StepModels(educator=sampler(NOTE), poet=first))
    assert stuck.stop is StopReason.NO_CHANGE
    freed = take_step(stuck, settings, "draft", models=StepModels(educator=sampler(), poet=second))
    assert len(freed.rounds) == 2
    assert first.requests[0].seed != second.requests[0].seed


def test_a_stopped_step_keeps_what_was_done_and_goes_on(store):
    trace = begin(store, "a railway station", RevisionSettings())
    poet = ScriptedSampler([FIRST])
    stop = StepModels(educator=sampler(BRIEF), poet=poet, cancelled=lambda: bool(poet.requests))
    stopped = take_step(trace, RevisionSettings(), "critique", models=stop)
    assert (stopped.stop, stopped.brief is not None) == (StopReason.CANCELLED, True)
    on = stepped(stopped, educator=[REVISE], poet=[FIRST])
    assert (len(on.rounds), on.rounds[0].critique.verdict) == (1, "revise")


# ---------------------------------------------------------------- decisions


def test_one_line_taken_and_one_refused_make_a_draft_of_the_persons(undecided):
    cut = changed(undecided)["cut"]
    made = settled(decide(undecided, {cut.id: ("rejected", "")}), form="")
    lines = made.rounds[-1].draft.lines
    assert (made.rounds[-1].draft.author, lines[1:3]) == (
        "person", ("the dust goes where dust goes,", "a broom with three teeth left,"),
    )  # fmt: skip


def test_an_edited_line_is_the_persons_words(undecided):
    new = changed(undecided)["new"]
    made = settled(decide(undecided, {new.id: ("edited", "a broom, three teeth\nleft")}), form="")
    assert "a broom, three teeth left" in made.rounds[-1].draft.lines


def test_a_decision_can_be_taken_back(undecided):
    new = changed(undecided)["new"]
    edited = decide(undecided, {new.id: ("edited", "mine")})
    back = decide(edited, {new.id: ("accepted", "mine")})
    assert changed(back)["new"].after == "a broom with three teeth left,"
    assert settled(back, form="") == back


def test_nothing_decided_takes_the_poets_draft_as_it_is(undecided):
    assert settled(undecided, form="") == undecided


def test_decisions_survive_the_store_and_are_heard_in_the_next_step(store, undecided):
    store.save(decide(undecided, {changed(undecided)["cut"].id: ("rejected", "")}))
    trace, _ = store.open(undecided.id)
    on = stepped(trace, educator=[REVISE])
    assert [one.draft.author for one in on.rounds] == ["poet", "poet", "person"]
    assert on.rounds[-1].critique is not None


@pytest.mark.parametrize("told", [{"nobody": ("accepted", "")}, {"": ("accepted", "")}])
def test_a_change_that_is_not_there_is_refused(undecided, told):
    with pytest.raises(InputError, match="load the page again"):
        decide(undecided, told)


def test_an_unknown_decision_is_refused(undecided):
    with pytest.raises(InputError, match="is not a decision"):
        decide(undecided, {changed(undecided)["cut"].id: ("perhaps", "")})


def test_a_settled_draft_takes_no_decisions(judged):
    with pytest.raises(InputError, match="settled already"):
        decide(judged, {})


# ---------------------------------------------------------------- poems and drafts of one's own


def test_a_poem_of_ones_own_is_the_first_draft_and_is_judged(store):
    trace = begin(store, "", RevisionSettings(), poem=OWN)
    assert (trace.rounds[0].draft.title, trace.rounds[0].draft.author) == ("Ferry", "person")
    done = stepped(trace, educator=[REVISE])  # and nothing else is asked: there is a poem, so it needs no brief
    assert (len(done.rounds), done.rounds[0].critique.verdict) == (1, "revise")
    assert "Ferry" in done.request


def test_an_approved_poem_of_ones_own_is_left_as_it_is(store):
    done = stepped(begin(store, "", RevisionSettings(), poem=OWN), educator=[APPROVE, NOTE], poet=[FIRST])
    assert (len(done.rounds), done.stop, done.rounds[0].draft.author) == (1, StopReason.APPROVED, "person")
    asked = stepped(done, "draft", poet=[SECOND], educator=[NOTE])
    assert (len(asked.rounds), asked.stop) == (1, StopReason.NOTHING_ASKED), "neither educator nor person says what for"
    wished = stepped(done, "draft", poet=[SECOND], direction="more rope")
    assert len(wished.rounds) == 2


def test_what_a_person_refused_of_a_critique_asks_for_nothing(store):
    judged = stepped(begin(store, "", RevisionSettings(), poem=OWN), educator=[REVISE])
    (item,) = judged.rounds[0].critique.items
    refused = without_refused(judged, [item.id])
    store.save(refused)
    kept, _ = store.open(refused.id)
    assert kept.rounds[0].critique.items[0].refused is True
    asked = stepped(kept, "draft", poet=[SECOND], educator=[NOTE])
    assert (len(asked.rounds), asked.stop) == (1, StopReason.NOTHING_ASKED)
    assert without_refused(kept, []) == judged


def test_the_title_of_ones_own_poem_stays(store):
    judged = stepped(begin(store, "", RevisionSettings(), poem=OWN), educator=[REVISE])
    drafted = stepped(judged, "draft", poet=[SECOND])
    decided = decide(drafted, {change.id: ("accepted", "") for change in list(drafted.rounds[-1].changes)[:1]})
    assert drafted.rounds[-1].draft.title == "Ferry"
    assert settled(decided, form="").rounds[-1].draft.title == "Ferry"


@pytest.mark.parametrize("verdict", [REVISE, START_OVER])
def test_lines_of_ones_own_are_kept_unless_a_person_takes_others(store, verdict):
    judged = stepped(begin(store, "", RevisionSettings(), poem=OWN), educator=[verdict])
    drafted = stepped(judged, "draft", poet=[SECOND])
    last = drafted.rounds[-1]
    assert is_open_to_decisions(drafted)
    assert {change.decision for change in last.changes if change.kind != "kept"} == {"rejected"}
    assert settled(drafted, form="").rounds[-1].draft.text == judged.rounds[0].draft.text


def test_an_earlier_draft_comes_back_as_the_newest_with_its_critique(store, undecided):
    back = brought_back(undecided, 0, form="")
    store.save(back)
    kept, _ = store.open(back.id)
    assert kept.rounds[-1].draft.text == kept.rounds[0].draft.text
    assert (len(kept.rounds), kept.rounds[-1].critique.items[0].note, next_step(kept)) == (3, "thin.", "draft")


@pytest.mark.parametrize("number", [1, 7, -1])
def test_only_an_earlier_draft_can_come_back(undecided, number):
    with pytest.raises(InputError, match="earlier"):
        brought_back(undecided, number, form="")


def test_a_version_of_ones_own_is_added_and_the_same_one_refused(judged):
    mine = own_draft(judged, OWN, form="")
    assert mine.rounds[-1].draft.lines == ("The rope is wet.", "Nobody waves.")
    with pytest.raises(InputError, match="newest draft"):
        own_draft(mine, OWN, form="")


@pytest.mark.parametrize(("poem", "request_", "form"), [
    (HAIKU, "", "haiku"), (OWN, "", ""), (HAIKU, "make it a limerick", ""),
])  # fmt: skip
def test_a_poem_of_ones_own_is_held_to_a_form_only_where_it_has_one_and_no_other_is_asked_for(
    store, poem, request_, form
):
    trace = begin(store, request_, RevisionSettings(), poem=poem)
    assert store.open(trace.id)[1].form == form


HELD = RevisionSettings(form="haiku")


def held_to_a_haiku(store, critique):
    """The request names a limerick, the settings a haiku; the first draft is a haiku, and it was judged."""
    trace = begin(store, "a limerick about the ferry", HELD, poem=HAIKU)
    trace = take_step(trace, HELD, "critique", models=models(educator=[critique]))
    assert (trace.brief.form_name, HELD.form_for(trace.brief)) == ("limerick", "haiku")
    return trace


def test_the_best_draft_is_judged_by_the_form_of_the_settings_before_that_of_the_brief(store):
    trace = held_to_a_haiku(store, START_OVER)
    assert own_draft(trace, OWN, form="haiku").best == 0, "the later draft is no haiku"
    assert own_draft(trace, OWN, form="").best == 1, "without a form the later draft is the best"


def test_a_draft_that_decisions_make_is_held_to_the_form_of_the_settings(store):
    trace = held_to_a_haiku(store, REVISE)
    longer = HAIKU.replace("Nobody waves", "And nobody waves back")
    revised = take_step(trace, HELD, "draft", models=models(poet=[f"Title: Ferry\nPoem: {longer}"]))
    edit = next(change for change in revised.rounds[-1].changes if change.kind == "edited")
    decided = decide(revised, {edit.id: ("edited", "And nobody at all waves from the gate.")})
    assert (settled(decided, form="haiku").best, len(settled(decided, form="haiku").rounds)) == (0, 3)
    assert take_step(decided, HELD, "critique", models=models(educator=[REVISE])).best == 0


@pytest.mark.parametrize("request_", ["", "   ", "x" * 5000, "half \ud83d"])
def test_a_request_that_is_none_is_one_line(store, request_):
    with pytest.raises(InputError) as caught:
        begin(store, request_, RevisionSettings())
    assert "\n" not in str(caught.value)


def test_a_session_is_read_as_text_and_as_markdown(judged):
    assert as_text(judged.rounds[0].draft).startswith("Hall\n\nHe sweeps")
    told = as_markdown(judged)
    assert "Draft 1 (poet, the best)" in told
    assert "Try this: cut it." in told
