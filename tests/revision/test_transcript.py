import io

from rich.console import Console

from tests.revision.scripts import BRIEF, FIRST, NOTE, REVISE, SECOND, session
from workbench.revision.alignment import align
from workbench.revision.settings import RevisionSettings
from workbench.revision.transcript import Transcript, decide, decide_lines

CHANGES = align(["one rope is wet", "two bells ring"], ["one rope is dry", "a gull decides", "two bells ring"])


def _decided(*answers):
    left = list(answers)
    decided = decide_lines(CHANGES, ask=lambda _: left.pop(0), say=lambda _: None)
    assert left == []
    return [(one.kind, one.decision, one.after) for one in decided]


def test_every_changed_line_is_asked_for_and_kept_ones_are_not():
    assert _decided("r", "x", "", "e", "two gulls") == [
        ("edited", "rejected", "one rope is dry"),
        ("new", "edited", "two gulls"),
        ("kept", "undecided", "two bells ring"),
    ]


def test_one_key_takes_all_that_is_left():
    assert [decision for _, decision, _ in _decided("!")] == ["accepted", "accepted", "undecided"]


def test_the_loop_hears_what_was_decided_at_the_terminal():
    answers = iter(["name the broom", "r", "r", "", ""])
    trace, _, poet = session(
        [BRIEF, REVISE, REVISE, NOTE], [FIRST, SECOND], settings=RevisionSettings(max_revisions=1),
        on_event=lambda event: decide(event, ask=lambda _: next(answers), say=lambda _: None),
    )  # fmt: skip
    assert "name the broom" in poet.requests[1].prompt[-1].content
    assert trace.rounds[-1].draft.author == "person"
    assert trace.rounds[-1].draft.text == trace.rounds[0].draft.text


def test_what_was_left_out_of_an_answer_is_printed_below_its_draft():
    said = io.StringIO()
    offer = "\n\nLet me know if you'd like any changes!"
    session([BRIEF, REVISE, REVISE, NOTE], [FIRST + offer, SECOND + offer], settings=RevisionSettings(max_revisions=1),
            on_event=Transcript(Console(file=said, width=200)).event)  # fmt: skip
    assert said.getvalue().count("left out as talk: “Let me know if you'd like any changes!”") == 2
