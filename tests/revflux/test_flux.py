"""Sessions measured, and their beginnings."""

from dataclasses import replace

import pytest

from tests.revflux.engines import educator, poet
from tests.revflux.traces import trace
from workbench.revflux.flux import beginning, draft_figures, measure_session
from workbench.revflux.measures import MEASURES
from workbench.revision.drivers import run_sessions
from workbench.revision.settings import RevisionSettings
from workbench.revision.types import StopReason

A, B, C = "The kettle waits for nobody", "A gull walks over the slates", "Tomorrow is a locked drawer"


@pytest.fixture(scope="module")
def by_limit():
    """The same eight sessions, run by themselves with each limit."""
    found = {}
    for limit in (0, 1, 3, 5):
        settings = [RevisionSettings(max_revisions=limit, seed=seed, final_note=False) for seed in range(8)]
        many = [("a poem about a quay", one) for one in settings]
        found[limit] = run_sessions(many, educator=educator(), poet=poet())
    return found


@pytest.mark.parametrize("limit", [0, 1, 3])
def test_a_session_with_a_smaller_limit_is_the_beginning_of_the_longer_one(by_limit, limit):
    for short, long in zip(by_limit[limit], by_limit[5], strict=True):
        begun = beginning(long, limit)
        assert [one.draft.text for one in begun.rounds] == [one.draft.text for one in short.rounds]
        assert (begun.stop, begun.rejected) == (short.stop, short.rejected)
        assert [one.critique.verdict for one in begun.rounds] == [one.critique.verdict for one in short.rounds]


def test_the_sessions_compared_end_early_and_late(by_limit):
    lengths = {len(one.rounds) for one in by_limit[5]}
    assert min(lengths) < 4
    assert max(lengths) == 6


def test_a_try_beyond_the_limit_is_not_part_of_the_beginning():
    stuck = replace(trace([A, B], [((1,), "revise")] * 2), stop=StopReason.NO_CHANGE)
    assert beginning(stuck, 1).stop is StopReason.LIMIT
    assert beginning(stuck, 2).stop is StopReason.NO_CHANGE


def test_a_line_inserted_at_the_top_is_small_by_alignment_and_all_by_index():
    poem = "\n".join([A, B, C])
    figures = draft_figures([poem, f"Once more the harbour bell\n{poem}"])
    assert figures["coverage"] == 25.0
    assert figures["index_changed"] == 100.0


def test_rounds_are_averaged_and_never_strung_together():
    figures = draft_figures([f"{A}\n{B}", f"{A}\n{B}", f"{A}\n{C}"])
    assert figures["coverage"] == pytest.approx((0 + 200 / 3) / 2)
    assert figures["no_op"] == 50.0


def test_a_new_start_is_no_revision():
    figures = draft_figures([A, B, B], new_starts=[1])
    assert (figures["verbatim"], figures["n_revisions"]) == (100.0, 2.0)


def test_approval_counts_within_the_limit_only():
    session = trace([A, B, C], [((1,), "revise"), ((1,), "revise"), ((), "approve")], stop=StopReason.APPROVED)
    assert measure_session(session, revisions=2).approved_at == 2
    late = measure_session(session, revisions=1)
    assert (late.approved_at, late.figures["approved"]) == (None, 0.0)


def test_form_faults_are_counted_before_and_after():
    limerick = "\n".join([
        "A fellow who lived by the sea", "Had a ladder as tall as a tree", "He climbed it at night",
        "To put out the light", "And came down in time for his tea",
    ])  # fmt: skip
    broken = limerick.replace("tea", "coffee bean")
    figures = measure_session(trace([broken, limerick], form="limerick"), revisions=5).figures
    assert figures["form_faults_last"] < figures["form_faults_first"]
    assert figures["form_faults_change"] == figures["form_faults_last"] - figures["form_faults_first"]
    held = measure_session(trace([broken, limerick]), revisions=5, form="limerick").figures
    assert held["form_faults_change"] == figures["form_faults_change"], "the form of the settings counts as well"


def test_a_session_without_a_draft_has_no_figures():
    assert measure_session(replace(trace([A]), rounds=()), revisions=5).figures == {}


def test_every_figure_is_explained():
    figures = measure_session(trace([A, B], [((1,), "revise")] * 2, form="limerick"), revisions=5).figures
    assert set(figures) == set(MEASURES)
