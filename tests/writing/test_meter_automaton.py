"""Automaton and parser are two programs about one thing: a line that the first lets through, the second hears."""

import pytest

from workbench.prosody.meter import line_meter
from workbench.prosody.stress import beats, last_beats
from workbench.prosody.words import words_of
from workbench.writing.meter_automaton import MeterAutomaton, templates_of


def levels(line):
    *words, last = words_of(line)
    return "".join(beats(word)[0].levels for word in words) + last_beats(last)[0].levels


@pytest.mark.parametrize(
    "line",
    [
        "The ladder leans against the orchard wall",
        "Under the bridge the water turns to steel",
        "He put the kettle on and found the door",
    ],
)
def test_an_iambic_pentameter_is_let_through_and_heard(line):
    automaton = MeterAutomaton(templates_of("iambic 5", 0), most=0.6)
    assert automaton.may_end(levels(line))
    assert line_meter(line).name == "iambic pentameter"


@pytest.mark.parametrize(
    "line", ["Nobody ever wanted porcelain", "The station clock stopped", "Rain rain rain on the tin roof all night"]
)
def test_a_line_out_of_meter_is_stopped(line):
    assert not MeterAutomaton(templates_of("iambic 5", 0), most=0.6).may_end(levels(line))


def test_every_beginning_of_a_line_that_may_end_may_go_on():
    automaton = MeterAutomaton(templates_of("iambic 5", 0), most=0.6)
    whole = levels("The ladder leans against the orchard wall")
    assert all(automaton.may_go_on(whole[:length]) for length in range(len(whole)))


def test_a_full_line_cannot_go_on():
    assert not MeterAutomaton(("x/x/",), most=0.6).may_go_on("1313")


def test_syllables_alone_may_be_asked_for():
    automaton = MeterAutomaton((".....",), most=0.0)
    assert automaton.may_end("40404")
    assert not automaton.may_end("4040")
