"""Sessions measured, and their beginnings."""

from dataclasses import replace

import pytest

from tests.revflux.engines import educator, poet
from tests.revflux.traces import draft, trace
from workbench.revflux.flux import beginning, draft_figures, measure_adherence, measure_session
from workbench.revflux.measures import MEASURES
from workbench.revision.drivers import run_sessions
from workbench.revision.settings import RevisionSettings
from workbench.revision.types import StopReason

A, B, C = "The kettle waits for nobody", "A gull walks over the slates", "Tomorrow is a locked drawer"
A, B, C = "The kettle waits for nobody", "A gull walks over the slates", "Tomorrow is a locked drawer"
EDITED = B.replace("slates", "stones")


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


def test_only_the_cited_line_changed_so_the_aim_is_its_change():
    found = measure_adherence(trace([f"{A}\n{B}", f"{A}\n{EDITED}"], [((2,), "revise"), ((), "revise")]).rounds)
    assert found.aim == pytest.approx(100 * 3 / len(B))
    assert (found.outcomes, found.adherence) == ((1, 0, 0, 0), 100.0)


def test_only_another_line_changed_so_the_aim_is_below_zero():
    found = measure_adherence(trace([f"{A}\n{B}", f"{A}\n{EDITED}"], [((1,), "revise"), ((), "revise")]).rounds)
    assert found.aim == pytest.approx(-100 * 3 / len(B))
    assert found.adherence == 0.0


def test_a_draft_that_changes_everything_has_adherence_but_no_aim():
    found = measure_adherence(
        trace([f"{A}\n{B}", "Other words\nEntirely so"], [((1,), "revise"), ((), "revise")]).rounds
    )
    assert (found.adherence, found.aim) == (100.0, 0.0)


def test_partly_counts_half():
    rounds = trace([f"{A}\n{B}", f"{A}\n{EDITED}"], [((2,), "revise"), ((), "revise")]).rounds
    partly = replace(rounds[1], responses=(replace(rounds[1].responses[0], outcome="partly"),))
    assert measure_adherence((rounds[0], partly)).adherence == 50.0


def test_the_control_is_measured_like_the_draft():
    rounds = trace([f"{A}\n{B}", f"{A}\n{EDITED}"], [((2,), "revise"), ((), "revise")]).rounds
    control = replace(rounds[1], control=draft(1, f"{A}\n{B}", author="control"))
    assert measure_adherence((rounds[0], control)).control_aim == 0.0


def test_a_critique_of_every_line_aims_at_nothing():
    assert measure_adherence(trace([A, B], [((1,), "revise"), ((), "revise")]).rounds).aim is None


def test_the_strongest_moment_is_kept_or_not():
    said = [((2,), "revise"), ((), "revise")]
    drafts = [f"{A}\n{B}", f"{A}\n{EDITED}"]
    assert measure_adherence(trace(drafts, said, strongest=1).rounds).strongest_kept == 100.0
    assert measure_adherence(trace(drafts, said, strongest=2).rounds).strongest_kept == 0.0


def test_without_critiques_there_is_nothing_to_adhere_to():
    found = measure_adherence(trace([A, B]).rounds)
    assert (found.adherence, found.aim, found.control_aim) == (None, None, None)
