from dataclasses import replace

import pytest

from tests.revision.scripts import APPROVE, BRIEF, FIRST, NOTE, REVISE, SECOND, START_OVER, THIRD, kinds, poem, session
from workbench.revision.settings import RevisionSettings
from workbench.revision.types import Direction, StopReason
from workbench.types import Completion, Failed, Reason


def test_an_approved_first_draft_ends_the_session_with_a_note():
    said = []
    trace, _, _ = session([BRIEF, APPROVE, NOTE], [FIRST], on_event=kinds(said))
    assert (trace.stop, trace.best, trace.final_note) == (StopReason.APPROVED, 0, NOTE)
    assert said == ["brief", "draft", "critique", "verdict", "final_note", "done"]


def test_the_last_draft_is_judged_too():
    trace, _, _ = session([BRIEF, REVISE, REVISE, NOTE], [FIRST, SECOND], settings=RevisionSettings(max_revisions=1))
    assert trace.stop is StopReason.LIMIT
    assert trace.rounds[-1].critique is not None


def test_no_revisions_is_a_draft_and_its_critique():
    trace, _, _ = session([BRIEF, REVISE, NOTE], [FIRST], settings=RevisionSettings(max_revisions=0))
    assert (len(trace.rounds), trace.stop) == (1, StopReason.LIMIT)


def test_an_approval_before_min_revisions_does_not_stop():
    trace, _, _ = session([BRIEF, APPROVE, APPROVE, NOTE], [FIRST, SECOND], settings=RevisionSettings(min_revisions=1))
    assert (len(trace.rounds), trace.stop) == (2, StopReason.APPROVED)


def test_an_approval_is_refused_while_the_form_asked_for_is_broken():
    trace, _, _ = session(
        [BRIEF, APPROVE, NOTE], [FIRST], request="a haiku about a station", settings=RevisionSettings(max_revisions=0)
    )
    critique = trace.rounds[0].critique
    assert (critique.said, critique.verdict, critique.form_passed) == ("approve", "revise", False)
    assert "haiku" in critique.reason
    assert trace.stop is StopReason.LIMIT


def test_without_the_gate_the_educator_has_the_last_word():
    trace, _, _ = session(
        [BRIEF, APPROVE, NOTE], [FIRST], request="a haiku about a station", settings=RevisionSettings(form_gate=False)
    )
    assert trace.stop is StopReason.APPROVED


def test_starting_over_has_no_parent_and_names_the_critique():
    trace, _, poet = session([BRIEF, START_OVER, APPROVE, NOTE], [FIRST, SECOND])
    again = trace.rounds[1]
    assert (again.draft.parent_id, again.draft.critique_id) == ("", trace.rounds[0].critique.id)
    assert again.changes == ()
    assert poet.requests[0].prompt == poet.requests[1].prompt
    assert poet.requests[0].seed != poet.requests[1].seed


def test_the_same_poem_again_is_asked_for_with_another_seed_and_then_ends_the_session():
    trace, _, poet = session([BRIEF, REVISE, NOTE], [FIRST] * 3, settings=RevisionSettings(retries=1))
    assert trace.stop is StopReason.NO_CHANGE
    assert [one.kind for one in trace.rejected] == ["revise", "revise"]
    assert len({request.seed for request in poet.requests}) == 3
    assert trace.final_note == NOTE


def test_going_back_to_an_earlier_draft_is_a_cycle():
    trace, _, _ = session([BRIEF, REVISE, REVISE, NOTE], [FIRST, SECOND, FIRST], settings=RevisionSettings(retries=0))
    assert trace.stop is StopReason.CYCLE
    assert len(trace.rounds) == 2


def test_an_answer_that_is_no_poem_is_asked_for_again():
    trace, _, _ = session([BRIEF, APPROVE, NOTE], ["Sure, I can do that for you.", FIRST])
    assert (trace.stop, len(trace.rejected)) == (StopReason.APPROVED, 1)
    assert trace.rejected[0].text == "Sure, I can do that for you."


def test_no_poem_at_all_ends_without_a_draft_or_note():
    trace, _, _ = session([BRIEF], ["no", "no"], settings=RevisionSettings(retries=1))
    assert (trace.stop, trace.rounds, trace.best, trace.final_note) == (StopReason.NOT_A_POEM, (), -1, "")


def test_an_engine_that_fails_keeps_what_was_done():
    failed = Failed(reason=Reason.ENGINE, detail="no memory")
    trace, _, _ = session([BRIEF, failed], [FIRST])
    assert (trace.stop, len(trace.rounds)) == (StopReason.ENGINE, 1)
    assert "no memory" in trace.stop_detail


def test_an_empty_critique_is_asked_for_again():
    trace, _, _ = session([BRIEF, "What a lovely poem!", APPROVE, NOTE], [FIRST])
    assert trace.stop is StopReason.APPROVED
    assert trace.rejected[0].kind == "critique"


def test_an_approval_that_only_repeats_itself_is_asked_for_again():
    same = " ".join(["The two are two different things."] * 3)
    nothing = f"STRONGEST line 1: {same}\nLINE 2 (padding): {same} TRY: {same}\nVERDICT approve: {same}"
    trace, _, _ = session([BRIEF, nothing, REVISE, NOTE], [FIRST], settings=RevisionSettings(max_revisions=0))
    assert trace.rejected[0].why == "it says the same again and again"
    assert trace.rounds[0].critique.verdict == "revise"


def test_a_brief_that_goes_in_circles_is_asked_for_again():
    circle = "ANGLE: a way in\nAVOID: " + "; ".join(["a trade foreign to the subject"] * 12)
    trace, _, _ = session([circle, BRIEF, APPROVE, NOTE], [FIRST])
    assert trace.rejected[0].kind == "brief"
    assert trace.brief.text == BRIEF


def test_a_critique_cut_by_the_limit_ends_with_its_last_whole_sentence():
    cut = Completion(text=REVISE + " The hall is still too", n_tokens=99, ended=False)
    trace, _, _ = session([BRIEF, cut, NOTE], [FIRST], settings=RevisionSettings(max_revisions=0))
    assert trace.rounds[0].critique.reason == "not yet."


def test_a_verse_cut_by_the_limit_is_left_out():
    cut = Completion(text=FIRST + "\nand the", n_tokens=99, ended=False)
    trace, _, _ = session([BRIEF, APPROVE, NOTE], [cut])
    assert trace.rounds[0].draft.lines[-1] == "the hall is shut."


def test_the_poet_is_given_critique_and_direction_and_the_control_neither():
    settings = RevisionSettings(max_revisions=1, control=True, direction="make it rain")
    trace, educator, poet = session([BRIEF, REVISE, REVISE, NOTE], [FIRST, SECOND, THIRD], settings=settings)
    revised, control = (request.prompt[-1].content for request in poet.requests[1:])
    assert "LINE 2 (padding)" in revised
    assert "make it rain" in revised
    assert "padding" not in control
    assert "make it rain" not in control
    assert "make it rain" in educator.requests[1].prompt[-1].content
    assert (trace.rounds[1].control.author, trace.rounds[1].control.lines[1]) == (
        "control",
        "a broom that lost its voice,",
    )


def test_a_persons_word_is_for_the_next_draft_only():
    def on_event(event):
        return Direction(text="name the broom") if event.kind == "verdict" and event.round == 0 else None

    trace, _, poet = session(
        [BRIEF, REVISE, REVISE, REVISE, NOTE], [FIRST, SECOND, THIRD], on_event=on_event,
        settings=RevisionSettings(max_revisions=2),
    )  # fmt: skip
    assert ["name the broom" in request.prompt[-1].content for request in poet.requests] == [False, True, False]
    assert [one.direction for one in trace.rounds] == ["", "name the broom", ""]


def test_a_persons_word_keeps_an_approved_poem_open():
    def on_event(event):
        return Direction(text="once more") if event.kind == "verdict" and event.round == 0 else None

    trace, _, _ = session([BRIEF, APPROVE, APPROVE, NOTE], [FIRST, SECOND], on_event=on_event)
    assert len(trace.rounds) == 2


def test_a_persons_decisions_make_a_draft_of_their_own_and_the_poets_stays():
    def on_event(event):
        if event.kind != "changes":
            return None
        edited = [replace(one, decision="edited", after="a broom with one tooth,") if one.kind == "new" else one
                  for one in event.data.changes]  # fmt: skip
        return Direction(lines=tuple(edited))

    trace, _, _ = session([BRIEF, REVISE, APPROVE, NOTE], [FIRST, SECOND], on_event=on_event)
    poets, persons = trace.rounds[1:]
    assert (poets.draft.author, poets.critique) == ("poet", None)
    assert poets.draft.lines[1] == "a broom with three teeth left,"
    assert [one.decision for one in poets.changes if one.kind == "new"] == ["edited"]
    assert (persons.draft.author, persons.draft.lines[1]) == ("person", "a broom with one tooth,")
    assert persons.draft.parent_id == poets.draft.id
    assert persons.critique.verdict == "approve"


def test_the_ledger_says_what_the_next_draft_did():
    trace, _, _ = session([BRIEF, REVISE, REVISE, NOTE], [FIRST, SECOND], settings=RevisionSettings(max_revisions=1))
    (response,) = trace.rounds[1].responses
    assert response.item_id == trace.rounds[0].critique.items[0].id
    assert response.outcome == "done"
    assert "three teeth" in response.evidence


def test_a_draft_without_the_avoided_cliches_goes_before_a_later_one_with_them():
    worse = poem(
        "All aboard, all aboard,", "a broom with three teeth left,", "the clock unpicks a minute,", "it is shut."
    )
    trace, _, _ = session([BRIEF, REVISE, REVISE, NOTE], [FIRST, worse], settings=RevisionSettings(max_revisions=1))
    assert trace.best == 0


def test_a_request_for_a_reply_is_not_answered_with_silence():
    from workbench.revision.session import revise

    loop = revise("r", RevisionSettings())
    next(loop)
    with pytest.raises(TypeError, match="Reply"):
        loop.send(None)


@pytest.mark.parametrize("stop_at", range(12))
def test_stopped_anywhere_and_resumed_is_never_stopped(stop_at):
    educator, poet = [BRIEF, REVISE, REVISE, APPROVE, NOTE], [FIRST, SECOND, THIRD]
    whole, _, _ = session(educator, poet)
    traces = []
    session(educator, poet, on_event=lambda event: traces.append(event.trace))
    start = traces[stop_at]
    n_critiques = sum(one.critique is not None for one in start.rounds)
    told = (start.brief is not None) + n_critiques
    rest, _, _ = session(educator[told:], poet[len(start.rounds) :], start=start)
    assert replace(rest, elapsed_seconds=0.0) == replace(whole, elapsed_seconds=0.0)
