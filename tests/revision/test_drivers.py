from dataclasses import replace

from tests.fakes import ScriptedSampler
from tests.revision.scripts import APPROVE, BRIEF, FIRST, NOTE, REVISE, SECOND, poem, session
from workbench.errors import EngineError
from workbench.revision.drivers import run_session, run_sessions
from workbench.revision.settings import RevisionSettings
from workbench.revision.types import StopReason

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
