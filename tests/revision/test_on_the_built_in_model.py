"""One real session of a draft and a revision with short limits, and every grammar read by llama.cpp."""

import re
from contextlib import closing

import pytest

from workbench.engines.pair import open_pair
from workbench.prosody import check_form
from workbench.revision.drivers import run_session
from workbench.revision.grammars import brief_grammar, critique_grammar, note_grammar, poem_grammar
from workbench.revision.line_orders import LinePoet
from workbench.revision.replies import parse_poem_reply
from workbench.revision.settings import RevisionSettings, SamplingByKind
from workbench.revision.types import StopReason
from workbench.types import Completion, Message, SampleRequest, Sampling
from workbench.words import words_of

pytestmark = pytest.mark.model

SHORT = Sampling(temperature=0.7, max_new_tokens=80)
LINES = ["The rope is wet.", "Nobody waves."]


@pytest.fixture(scope="module")
def pair():
    with open_pair("built-in", "built-in", weights="shipped") as opened:
        yield opened


def test_a_session_cites_only_lines_that_exist_and_ends_for_a_reason(pair):
    sampling = SamplingByKind(brief=SHORT, draft=SHORT, critique=SHORT, revise=SHORT, final_note=SHORT)
    settings = RevisionSettings(max_revisions=1, retries=1, final_note=False, sampling=sampling)
    events = []
    trace = run_session("a poem about winter light", settings, educator=pair.educator, poet=pair.poet,
                        on_event=lambda event: events.append(event.kind))  # fmt: skip
    assert trace.stop not in (None, StopReason.ENGINE, StopReason.CANCELLED)
    assert events[0] == "brief"
    assert trace.brief.angle
    for one in trace.rounds:
        assert parse_poem_reply(f"Title: {one.draft.title}\nPoem: {one.draft.text}").problem == ""
        assert one.critique.strongest
        assert all(1 <= item.first_line <= item.last_line <= len(one.draft.lines) for item in one.critique.items)


@pytest.mark.parametrize("grammar", [
    brief_grammar(), brief_grammar(close=True), critique_grammar(LINES), critique_grammar(LINES, close=True),
    poem_grammar(), poem_grammar("villanelle"), poem_grammar("ballad", close=True), note_grammar(),
    note_grammar(LINES, close=True),
])  # fmt: skip
def test_llama_cpp_reads_the_grammar(pair, grammar):
    prompt = (Message(role="user", content="Hello."),)
    short = Sampling(temperature=0.0, max_new_tokens=4)
    (result,) = pair.poet.sample([SampleRequest(prompt=prompt, seed=1, sampling=short, grammar=grammar)])
    assert isinstance(result, Completion)


def test_a_form_that_is_asked_for_is_kept_by_the_first_draft_of_a_poet_with_logits(pair):
    """Untaught, the model writes no haiku; the search does, where drafts change where it is asked."""
    sampling = SamplingByKind(brief=SHORT, draft=SHORT, critique=SHORT, revise=SHORT, final_note=SHORT)
    settings = RevisionSettings(max_revisions=0, retries=1, final_note=False, sampling=sampling, changes="cited")
    lines = []

    def told(ask, piece):
        if ask.kind == "draft":
            again = re.match(r"\(line (\d+) again\)\n", piece)
            lines[:] = [*(lines[: int(again[1]) - 1] if again else lines), piece[again.end() if again else 0 :]]

    with closing(LinePoet("built-in", pair.poet)) as poet:
        trace = run_session("a haiku about a ferry in fog", settings, educator=pair.educator, poet=poet, on_piece=told)
    draft = trace.rounds[0].draft
    assert check_form(draft.text, "haiku").passed
    assert draft.remarks == ("every line was searched for, so that it keeps its form: haiku",)
    assert [words_of(line) for line in lines] == [words_of(line) for line in draft.lines], "they are shown as they come"
