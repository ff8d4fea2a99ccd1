"""The best of N, by hand: one nat for each word of a poem that its description does not hold."""

import pytest

from tests.fakes import ScriptedSampler, WordRenderer, WordScorer
from workbench.backtranslation import BacktranslationSettings, Describer
from workbench.describing.describe import Reader, describe, identify
from workbench.describing.run import as_record
from workbench.describing.types import why_not
from workbench.errors import Stopped
from workbench.scoring.leaks import LeakSettings
from workbench.scoring.likelihood import LikelihoodScorer, ScoringSettings
from workbench.selection.select import SelectionSettings
from workbench.types import Poem

FERRY = Poem(title="Ferry", text="bell calls mist over plank\nand deckhand pulls rope from rail tonight")
STONE = Poem(title="Stone", text="granite keeps its weather slowly\nunder lichen beside older harder rain")
BARLEY = Poem(title="Barley", text="wind combs it flat\nnobody minds what larks have said")
ABOUT_FERRY = "somebody waits where a bell and some mist come in, and the plank is out"
ABOUT_BARLEY = "larks and wind pass over, nobody is out, it is noon and warm"
COPY = "bell calls mist over plank and deckhand pulls rope from rail tonight"


def likelihood(*, others=2):
    settings = ScoringSettings(others=others, leaks=LeakSettings(guard_run=2))
    return LikelihoodScorer(scorer=WordScorer(), renderer=WordRenderer(), settings=settings)


def reader(*answers, others=2, n_candidates=0):
    settings = BacktranslationSettings(n_candidates=n_candidates or len(answers), retries=0, min_words=3)
    sampler = ScriptedSampler(answers)
    describer = Describer(sampler=sampler, renderer=WordRenderer(), settings=settings, seed=7)
    return Reader(
        describer=describer, likelihood=likelihood(others=others), selection=SelectionSettings(top_k=1), model="m",
        pool=[STONE, BARLEY],
    )  # fmt: skip


def test_the_most_specific_of_the_tries_is_the_best():
    (found,) = describe(reader(ABOUT_BARLEY, ABOUT_FERRY), [FERRY])
    assert found.best.text == ABOUT_FERRY
    assert found.is_specific
    assert found.best.score.specificity > found.candidates[1].score.specificity


def test_a_copy_is_last_however_much_it_gains():
    (found,) = describe(reader(COPY, ABOUT_FERRY), [FERRY])
    assert [each.text for each in found.candidates] == [ABOUT_FERRY, COPY]
    assert found.candidates[1].score.is_leak
    assert found.candidates[1].score.gain > found.best.score.gain


def test_the_best_one_picks_its_own_poem():
    (found,) = describe(reader(ABOUT_FERRY), [FERRY])
    assert (found.identified.place, found.identified.n_poems, found.identified.is_own) == (1, 3, True)


def test_a_description_of_another_poem_does_not_pick_this_one():
    assert identify(likelihood(), ABOUT_BARLEY, FERRY, [STONE, BARLEY]).place > 1


def test_a_tie_is_no_identification():
    assert identify(likelihood(), "entirely elsewhere", FERRY, [STONE]).place == 2


def test_where_nothing_is_specific_the_nearest_is_shown_and_said_to_be_weak():
    (found,) = describe(reader(ABOUT_BARLEY), [FERRY])
    assert found.best.text == ABOUT_BARLEY
    assert not found.is_specific
    assert "would not win" in why_not(found)


def test_where_every_try_copies_there_is_no_best():
    (found,) = describe(reader(COPY), [FERRY])
    assert found.best is None
    assert "copies the poem" in why_not(found)
    assert as_record(found)["description"] == ""


def test_an_answer_that_failed_is_on_record_with_its_reason():
    (found,) = describe(reader("too short", ABOUT_FERRY), [FERRY])
    assert found.candidates[1].contender.candidate.failure == "too_short"
    assert found.rows()[1]["specificity"] is None


def test_many_poems_come_back_in_their_order():
    found = describe(reader(ABOUT_FERRY, ABOUT_BARLEY, n_candidates=1), [FERRY, BARLEY])
    assert [(one.poem.title, one.best.text) for one in found] == [("Ferry", ABOUT_FERRY), ("Barley", ABOUT_BARLEY)]


def test_without_another_poem_nothing_is_identified():
    (found,) = describe(reader(ABOUT_FERRY, others=0), [FERRY])
    assert found.identified is None
    assert found.best.score.n_others == 0


def test_who_stops_gets_nothing_half_described():
    with pytest.raises(Stopped):
        describe(reader(ABOUT_FERRY), [FERRY], cancelled=lambda: True)
