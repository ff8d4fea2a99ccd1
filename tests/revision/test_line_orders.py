"""A draft changes where the critique asked, and nowhere else."""

import pytest

from tests.revision.scripts import APPROVE, BRIEF, FIRST, NOTE, session
from tests.writing.test_write import FAST, model, table
from workbench.errors import EngineError, Stopped
from workbench.revision.directions import lines_wished, wished_order
from workbench.revision.draft_checks import judge
from workbench.revision.line_orders import answer_order, line_order
from workbench.revision.settings import RevisionSettings
from workbench.revision.types import Ask, Draft, StopReason
from workbench.types import Reason, SampleRequest
from workbench.writing.rewriting import rewrite_lines
from workbench.writing.types import LineOrder, Rewritten

POEM = "He sweeps the yellow edge,\nthe dust goes where dust goes,\n\nthe clock unpicks a minute,\nthe hall is shut."
REVISE = 'STRONGEST line 1: "sweeps" works.\nLINE 4 (padding): "dust goes where dust" is said twice. TRY: what lies?'
CITED = RevisionSettings(changes="cited", report_chars=0)
LINES = [
    "He sweeps the yellow edge,",
    "a broom with three teeth left,",
    "the clock unpicks a minute,",
    "the hall is shut.",
]


def _draft(text=POEM):
    return Draft(id="d", number=0, title="Hall", text=text, parent_id="", critique_id="", author="poet", engine="e",
                 prompt_digest="", seed=0)  # fmt: skip


def _critique(said, draft=None):
    return judge(draft or _draft(), f"{said}\nVERDICT revise: not yet.", form="", engine="e", prompt_digest="", seed=0)


def test_an_order_names_the_lines_that_are_quoted_and_what_may_not_come_back():
    order = line_order(_draft(), _critique(REVISE), form="")
    assert order.numbers == (2,)
    assert order.barred == {2: (("dust", "goes", "where", "dust"),)}
    assert order.notes[2].endswith("what lies?")


def test_the_strongest_line_is_left_alone():
    said = "STRONGEST line 2: it holds.\nLINES 2-3 (unclear image): hazy. TRY: look again."
    assert line_order(_draft(), _critique(said), form="").numbers == (3,)


def test_a_line_that_is_praised_and_blamed_alone_is_what_was_asked_for():
    said = "STRONGEST line 2: it holds.\nLINE 2 (unclear image): hazy. TRY: look again."
    assert line_order(_draft(), _critique(said), form="").numbers == (2,)


def test_the_end_of_a_forced_rhyme_may_not_come_back():
    said = "LINE 2 (forced rhyme): it is there for the sound. TRY: say it plainly."
    assert line_order(_draft(), _critique(said), form="").barred == {2: (("goes",),)}


def test_where_a_verdict_that_tells_nothing_comes_with_no_remark_the_poem_rests():
    settings = RevisionSettings(changes="cited", verdict_counts=False, report_chars=0, retries=1)
    trace, _, poet = session([BRIEF, APPROVE, APPROVE, NOTE], [FIRST], settings=settings)
    assert (trace.stop, len(trace.rounds), len(poet.requests)) == (StopReason.NOTHING_ASKED, 1, 1)


@pytest.mark.parametrize("said", [
    "STRONGEST line 1: it holds.", "LINES 1-4 (broken form): all of it. TRY: begin anew.",
])  # fmt: skip
def test_where_no_line_or_every_line_is_meant_there_is_no_order(said):
    assert line_order(_draft(), _critique(said), form="") is None


def test_a_revision_changes_the_cited_line_and_keeps_the_rest_byte_for_byte():
    answers = [
        "the dust goes where dust goes",
        "see, dust goes where dust goes",
        *["a broom with three teeth left"] * 4,
    ]
    trace, _, poet = session([BRIEF, REVISE, APPROVE, NOTE], [FIRST, *answers], settings=CITED)
    assert trace.rounds[1].draft.lines == tuple(LINES)
    assert trace.rounds[1].draft.remarks == (
        "only line 2 was written anew, where the critique asked; all else is as it was",
    )
    assert [change.kind for change in trace.rounds[1].changes if change.kind != "kept"] == ["cut", "new"]
    assert "is said twice" in poet.requests[1].prompt[1].content
    assert trace.rounds[1].responses[0].outcome == "done"


def test_a_persons_own_wish_asks_for_the_whole_poem():
    settings = RevisionSettings(changes="cited", direction="darker", report_chars=0, max_revisions=1)
    trace, _, _ = session([BRIEF, REVISE, APPROVE, NOTE], [FIRST, "Title: Night\nPoem: a\nb\nc"], settings=settings)
    assert trace.rounds[1].draft.text == "a\nb\nc"


def test_a_wish_that_names_a_line_changes_that_line_alone():
    settings = RevisionSettings(changes="cited", direction="Keep it short. Change only line 3.", report_chars=0,
                                max_revisions=1)  # fmt: skip
    trace, _, _ = session([BRIEF, REVISE, APPROVE, NOTE], [FIRST, *["a radio goes quiet"] * 12], settings=settings)
    before, after = trace.rounds[0].draft.lines, trace.rounds[1].draft.lines
    assert after == (*before[:2], "a radio goes quiet,", *before[3:])
    assert trace.rounds[1].draft.remarks[0] == "only line 3 was written anew, where you asked; all else is as it was"
    assert trace.rounds[1].direction == settings.direction


@pytest.mark.parametrize(("direction", "numbers"), [
    ("Keep every line. Change only line 2, it is too long.", (2,)), ("lines 2 and 4 limp", (2, 4)),
    ("Line 3 doesn't scan; lines 1-2 do", (1, 2, 3)), ("the last line is weak", (4,)), ("lose “clock unpicks”", (3,)),
    ("Make it darker. Look at line 2.", ()), ("less weather", ()), ("Keep line 2.", ()), ("cut line 3", ()),
    ("add a stanza after line 2", ()), ("everything except line 2", ()), ("only line 9999999999", ()),
    ("say 'nowhere' somewhere", ()),
])  # fmt: skip
def test_the_lines_of_a_wish_are_those_it_names(direction, numbers):
    assert lines_wished(direction, _draft().lines) == numbers


def test_words_that_a_wish_quotes_may_not_come_back_in_its_line():
    order = wished_order(_draft(), "change only the word 'dust' in line 2", form="")
    assert order.numbers == (2,)
    assert order.barred == {2: (("dust",),)}
    assert order.notes == {2: "change only the word 'dust' in line 2"}


def test_where_nothing_fits_the_poem_stays_and_the_session_says_so():
    settings = RevisionSettings(changes="cited", retries=0, report_chars=0)
    trace, _, _ = session([BRIEF, REVISE, NOTE], [FIRST, *["the dust goes where dust goes"] * 12], settings=settings)
    assert trace.stop is StopReason.NO_CHANGE
    assert len(trace.rounds) == 1
    assert trace.rejected[-1].why == "no line was found that keeps what its place owes"


class _Searched:
    """The line search with a model of random preferences."""

    def rewrite(self, order, *, prompt, bare_prompt, cancelled):
        prompts = tuple(tuple(model().tokens(f"{word}\n")) for word in ("Rain", "Stone"))
        return rewrite_lines(model(), table(), order, FAST, prompts=prompts, cancelled=cancelled)


class _Failing:
    def __init__(self, error):
        self._error = error

    def rewrite(self, *_, **__):
        raise self._error


def _ask():
    order = LineOrder(title="Hall", text=POEM, numbers=(2,))
    return Ask(role="poet", kind="revise", request=SampleRequest(prompt=(), seed=1), round=1, order=order)


def test_the_line_search_answers_with_the_whole_poem():
    reply = answer_order(_ask(), _Searched(), lambda: False)
    old, new = POEM.split("\n"), reply.text.split("\n")
    assert [number for number, (a, b) in enumerate(zip(old, new, strict=True)) if a != b] == [1]
    assert reply.new_lines == (2,)


@pytest.mark.parametrize(("error", "reason"), [
    (Stopped("stopped"), Reason.CANCELLED), (EngineError("no memory"), Reason.ENGINE),
])  # fmt: skip
def test_a_failure_is_a_reply_too(error, reason):
    assert answer_order(_ask(), _Failing(error), lambda: False).failure.reason is reason


def test_what_could_not_be_changed_is_named():
    class Half:
        def rewrite(self, *_, **__):
            return Rewritten(text="x", lines={2: "x"}, runners_up={}, unchanged=(3, 4))

    reply = answer_order(_ask(), Half(), lambda: False)
    assert (reply.new_lines, reply.old_lines) == ((2,), (3, 4))
