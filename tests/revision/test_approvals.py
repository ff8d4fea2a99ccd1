"""Planted drafts: an educator with known taste is found out, and one whose approvals tell nothing gives no verdict."""

import sys
from pathlib import Path

import pytest

from tests.fakes import ScriptedSampler
from tests.revision.scripts import APPROVE, BRIEF, FIRST, NOTE, REVISE, SECOND, session
from workbench.corpus.load import load_poems
from workbench.places import ROOT
from workbench.revision.approvals import as_measured, measure, poems_to_show, record_of, spoiled
from workbench.revision.critique_text import critique_prose, write_critique
from workbench.revision.settings import RevisionSettings
from workbench.revision.types import StopReason
from workbench.types import Failed, Reason, SampleRequest

POEMS = poems_to_show(load_poems(ROOT / "data/poems/good"), 6)
SETTINGS = RevisionSettings(educator="ollama:mentor")


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))


def _educator(approves: str) -> ScriptedSampler:
    """One who approves what is whole, everything, or nothing."""

    def answer(_: int, request: SampleRequest) -> str:
        is_whole = any(all(line in request.prompt[-1].content for line in _lines(poem.text)) and
                       _in_order(poem.text, request.prompt[-1].content) for poem in POEMS)  # fmt: skip
        return APPROVE if approves == "all" or (approves == "whole" and is_whole) else REVISE

    return ScriptedSampler(answer)


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.split("\n") if line.strip()]


def _in_order(text: str, shown: str) -> bool:
    places = [shown.index(line) for line in _lines(text)]
    return places == sorted(places)


@pytest.mark.parametrize(("approves", "tell_apart"), [("whole", True), ("all", False), ("none", False)])
def test_an_educator_of_known_taste_is_found_out(approves: str, tell_apart: bool):
    found = measure(SETTINGS, _educator(approves), POEMS)
    assert found.tell_apart is tell_apart
    assert as_measured(SETTINGS).verdict_counts is tell_apart
    assert ("tell nothing" in found.sentence) is not tell_apart


def test_a_measurement_goes_on_where_it_stopped_and_asks_nothing_twice():
    half = 2 * 4 + 1
    first = ScriptedSampler([*[APPROVE] * half, Failed(reason=Reason.CANCELLED)])
    stopped = measure(SETTINGS, first, POEMS)
    assert stopped.tell_apart is None
    assert as_measured(SETTINGS).verdict_counts
    rest = _educator("all")
    measure(SETTINGS, rest, POEMS)
    assert len(rest.requests) == len(POEMS) * 4 - half
    again = _educator("all")
    assert measure(SETTINGS, again, POEMS).tell_apart is False
    assert again.requests == []


def test_another_voice_is_another_measurement():
    measure(SETTINGS, _educator("all"), POEMS)
    assert as_measured(RevisionSettings(educator="ollama:mentor", persona="mentor")).verdict_counts
    assert as_measured(RevisionSettings(educator="ollama:other")).verdict_counts


def test_a_small_model_without_an_adapter_is_not_believed_unmeasured():
    assert not as_measured(RevisionSettings(educator="built-in")).verdict_counts
    assert not as_measured(SETTINGS, engine="built-in").verdict_counts
    assert as_measured(RevisionSettings(educator="built-in+data/runs/mine")).verdict_counts


def test_without_a_verdict_nothing_is_approved_and_the_remarks_stay():
    settings = RevisionSettings(max_revisions=1, verdict_counts=False)
    praised = REVISE.replace("VERDICT revise: not yet.", "VERDICT approve: it has found its shape.")
    trace, _, poet = session([BRIEF, praised, REVISE, NOTE], [FIRST, SECOND], settings=settings)
    critique = trace.rounds[0].critique
    assert (trace.stop, len(trace.rounds)) == (StopReason.LIMIT, 2)
    assert (critique.said, critique.verdict) == ("approve", "none")
    assert critique.strongest
    assert "No verdict. Measured on planted drafts" in critique_prose(critique)
    assert write_critique(critique).endswith("VERDICT revise")
    assert "found its shape" not in poet.requests[1].prompt[-1].content


def test_an_approval_that_counts_for_nothing_and_points_at_nothing_is_asked_again():
    settings = RevisionSettings(max_revisions=1, verdict_counts=False)
    trace, _, _ = session([BRIEF, APPROVE, REVISE, REVISE, NOTE], [FIRST, SECOND], settings=settings)
    assert trace.rounds[0].critique.items
    assert trace.rejected[0].why == "it names no line and gives no approval that counts"


@pytest.mark.parametrize("kind", ["shuffled lines", "nonsense", "digits"])
def test_a_spoiled_poem_has_the_shape_of_the_poem_and_is_another_one(kind):
    for poem in POEMS:
        other = spoiled(poem.text, kind)
        assert other != poem.text
        assert other == spoiled(poem.text, kind)
        assert [bool(line.strip()) for line in other.split("\n")] == [bool(x.strip()) for x in poem.text.split("\n")]
        assert sorted(map(len, other.split())) == sorted(map(len, poem.text.split()))


def test_a_session_reads_what_was_found_and_computes_nothing(monkeypatch: pytest.MonkeyPatch):
    measure(SETTINGS, _educator("all"), POEMS)
    monkeypatch.setitem(sys.modules, "scipy.stats", None)  # which not every extra brings
    assert not as_measured(SETTINGS).verdict_counts
    assert not as_measured(RevisionSettings(educator="built-in+models/educator")).verdict_counts


def test_the_record_of_the_shipped_educator_is_among_the_shipped_files():
    settings = RevisionSettings(educator="built-in+models/educator")
    assert (ROOT / record_of(settings.educator)).is_file()
    assert not as_measured(settings).verdict_counts
    assert (
        measure(settings, _educator("none"), []).tell_apart is False
    )  # the answers say what the file beside them says
