from dataclasses import replace

from tests.fakes import ScriptedSampler
from tests.revision.scripts import APPROVE, BRIEF, FIRST, NOTE, REVISE, SECOND, poem, session
from workbench.errors import EngineError
from workbench.revision.drivers import run_session, run_sessions
from workbench.revision.settings import RevisionSettings
from workbench.revision.types import StopReason
from workbench.types import Completion, Failed, Reason

ONE = RevisionSettings(max_revisions=1)


def _educator(_, request):
    asked = request.prompt[-1].content
    return BRIEF if "Write the brief" in asked else NOTE if "is over" in asked else REVISE


def _poet(_, request):
    return poem("He sweeps the yellow edge,", f"a broom with {request.seed} teeth left,", "the clock unpicks a minute.")


def _bare(trace):
    return replace(trace, elapsed_seconds=0.0)


def test_many_sessions_are_asked_in_batches_and_say_what_each_would_say_alone():
    many = [(f"request {n}", replace(ONE, seed=n)) for n in range(5)]
    educator, poet = ScriptedSampler(_educator), ScriptedSampler(_poet)
    together = run_sessions(many, educator=educator, poet=poet)
    assert educator.batches == [5, 5, 5, 5]
    assert poet.batches == [5, 5]
    alone = [run_session(request, settings, educator=ScriptedSampler(_educator), poet=ScriptedSampler(_poet))
             for request, settings in many]  # fmt: skip
    assert [_bare(trace) for trace in together] == [_bare(trace) for trace in alone]


def test_a_streamed_session_is_the_session():
    pieces = []
    streamed, _, _ = session(
        [BRIEF, REVISE, APPROVE, NOTE], [FIRST, SECOND], on_piece=lambda ask, p: pieces.append(ask.kind)
    )
    whole, _, _ = session([BRIEF, REVISE, APPROVE, NOTE], [FIRST, SECOND])
    assert _bare(streamed) == _bare(whole)
    assert set(pieces) == {"brief", "draft", "critique", "revise", "final_note"}


def test_cancelling_keeps_what_was_done():
    is_asked = []

    def cancelled():
        return bool(is_asked)

    trace, _, _ = session(
        [BRIEF, REVISE], [FIRST, SECOND], cancelled=cancelled, on_piece=lambda *_: None,
        on_event=lambda event: is_asked.append(1) if event.kind == "verdict" else None,
    )  # fmt: skip
    assert trace.stop is StopReason.CANCELLED
    assert trace.rounds[0].critique is not None


def test_an_engine_that_breaks_ends_its_sessions_with_the_reason():
    class Broken(ScriptedSampler):
        def sample(self, requests, **_):
            raise EngineError("the server at 127.0.0.1 is gone")

        def stream(self, request, **_):
            yield "Title: X"
            raise EngineError("the server at 127.0.0.1 is gone")

    (trace,) = run_sessions([("r", ONE)], educator=ScriptedSampler(_educator), poet=Broken([]))
    assert (trace.stop, trace.brief is not None) == (StopReason.ENGINE, True)
    streamed = run_session("r", ONE, educator=ScriptedSampler(_educator), poet=Broken([]), on_piece=lambda *_: None)
    assert "is gone" in streamed.stop_detail


class Torn(ScriptedSampler):
    """Its connection breaks in the middle of the first so many streams."""

    def __init__(self, answers, *, times):
        super().__init__(answers)
        self._times = times

    def stream(self, request, **_):
        self._times -= 1
        if self._times < 0:
            yield from super().stream(request)
            return
        self.last = None
        yield "Title: Scales\nPoem: The pan came"
        self.last = Failed(reason=Reason.CUT, detail="poet at 127.0.0.1: the connection was cut")
        raise EngineError(self.last.detail)


def test_an_answer_that_broke_off_is_asked_again_and_kept_as_far_as_it_came():
    trace = _streamed(Torn(_poet, times=1), retries=1)
    assert trace.rounds[0].draft.lines[0] == "He sweeps the yellow edge,"
    (torn,) = trace.rejected
    assert torn.text == "Title: Scales\nPoem: The pan came"
    assert torn.why == "the answer broke off in the middle: poet at 127.0.0.1: the connection was cut"


def test_a_connection_that_breaks_every_time_ends_the_session_as_a_failed_engine():
    trace = _streamed(Torn(_poet, times=2), retries=1)
    assert (trace.stop, len(trace.rejected)) == (StopReason.ENGINE, 2)
    assert "the connection was cut" in trace.stop_detail


class Endless(ScriptedSampler):
    """Streams line after line and says, at the end, that the limit cut it; counts what was taken of it."""

    def __init__(self, lines, *, ended):
        super().__init__([])
        self._lines, self._ended = lines, ended
        self.n_taken = 0

    def stream(self, request, **_):
        self.last = None
        for line in self._lines:
            self.n_taken += 1
            yield line
        self.last = Completion(text="".join(self._lines), n_tokens=1, ended=self._ended)


def _streamed(poet, *, retries=0):
    settings = replace(ONE, max_revisions=0, final_note=False, retries=retries)
    return run_session("r", settings, educator=ScriptedSampler(_educator), poet=poet, on_piece=lambda *_: None)


LINES = [
    "Title: Scales\nPoem: The pan — came back — un",
    "even —\n",
    "the brass — still warm — at one end,\nno one — a",
]


def test_a_stream_was_cut_where_its_engine_says_so():
    trace = _streamed(Endless(LINES, ended=False))
    assert trace.rounds[0].draft.lines == ("The pan — came back — uneven —", "the brass — still warm — at one end,")


def test_a_stream_that_ended_loses_nothing_whatever_its_pieces_were():
    many = ["Title: Scales\nPoem: ", *"The pan — came back — uneven —\n", *"and no one — ‘weighed’ — a thing —"]
    trace = _streamed(Endless(many, ended=True))
    assert trace.rounds[0].draft.lines[-1] == "and no one — ‘weighed’ — a thing —"


def test_a_draft_that_goes_in_circles_is_left_and_asked_again():
    poet = Endless(["Title: Scales\nPoem: The pan came back,\n", *["it leans a little.\n"] * 500], ended=True)
    trace = _streamed(poet)
    assert poet.n_taken < 10
    assert "goes in circles" in trace.stop_detail
    assert trace.rejected[0].text.count("it leans") == 6


def test_an_answer_that_is_all_thought_is_said_to_be_one():
    trace = _streamed(Endless(["<think>\nPlan: a shop,\n", "short lines"], ended=False))
    assert "spent its tokens thinking" in trace.stop_detail
    assert "allow more tokens (revision.sampling." in trace.stop_detail


def test_a_thought_before_the_poem_is_not_a_part_of_it():
    trace = _streamed(Endless(["<think>\nPlan: a shop.\n</think>\n\n", "The pan came back.\nIt leans.\n"], ended=True))
    assert (trace.rounds[0].draft.title, trace.rounds[0].draft.lines[0]) == ("The pan came back", "The pan came back.")
