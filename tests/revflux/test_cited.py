"""Where drafts changed beside where they were asked to."""

from dataclasses import replace

from tests.revflux.traces import draft, trace
from workbench.revflux.cited import cited_figures

A, B, C = "The kettle waits for nobody", "A gull walks over the slates", "Tomorrow is a locked drawer"
OTHER = "The harbour is for sale again"
QUATRAIN = """The kettle ticks beside the light,
my brother's coat is on the stair.
The moths go round it half the night
and no one sees that I am there."""


def _figures(before, after, line, *, form="", **more):
    rounds = trace([before, after], [((line,), "revise"), ((), "revise")], **more).rounds
    return cited_figures(rounds, form)


def test_the_cited_line_alone_changed():
    figures = _figures("\n".join([A, B, C]), "\n".join([A, OTHER, C]), 2)
    assert (figures["cited_changed"], figures["uncited_changed"]) == (100.0, 0.0)


def test_another_line_changed_instead():
    figures = _figures("\n".join([A, B, C]), "\n".join([A, OTHER, C]), 3)
    assert (figures["cited_changed"], figures["uncited_changed"]) == (0.0, 50.0)


def test_the_strongest_moment_counts_as_not_cited():
    rounds = trace([f"{A}\n{B}", f"{A}\n{OTHER}"], [((1, 2), "revise"), ((), "revise")], strongest=1).rounds
    assert cited_figures(rounds, "")["cited_changed"] == 100.0


def test_a_fault_that_no_measure_finds_counts_nowhere():
    assert _figures(f"{A}\n{B}", f"{A}\n{OTHER}", 2)["fault_gone"] is None


def test_a_quoted_fault_is_gone_in_the_draft_and_not_in_the_control():
    rounds = trace([f"{A}\n{B}", f"{A}\n{OTHER}"], [((2,), "revise"), ((), "revise")]).rounds
    item = replace(rounds[0].critique.items[0], note='"over the slates" is there for the sound')
    told = replace(rounds[0], critique=replace(rounds[0].critique, items=(item,)))
    answer = replace(rounds[1], control=draft(1, f"{OTHER}\n{B}", author="control"))
    figures = cited_figures((told, answer), "")
    assert (figures["fault_gone"], figures["control_gone"]) == (100.0, 0.0)


def test_a_form_that_the_draft_had_is_lost_or_kept():
    form, spoiled = "quatrains ABAB", QUATRAIN.replace("half the night", "half the day")
    kept = QUATRAIN.replace("half the night", "in their flight")
    assert _figures(QUATRAIN, spoiled, 3, form=form)["form_lost"] == 100.0
    assert _figures(QUATRAIN, spoiled, 3)["form_lost"] == 100.0, "nobody named it, and the draft is plainly in it"
    assert _figures(QUATRAIN, kept, 3, form=form)["form_lost"] == 0.0
    assert _figures(spoiled, spoiled, 3, form=form)["form_lost"] is None, "it was not in its form before"
