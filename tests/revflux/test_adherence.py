"""Whether what was asked happened."""

from dataclasses import replace

import pytest

from tests.revflux.traces import draft, trace
from workbench.revflux.adherence import measure_adherence

A, B, C = "The kettle waits for nobody", "A gull walks over the slates", "Tomorrow is a locked drawer"
EDITED = B.replace("slates", "stones")


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
