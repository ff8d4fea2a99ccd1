"""The loser that each winner is set against."""

from collections import Counter

import pytest

from tests.fakes import candidate, scored
from workbench.selection.losers import choose_losers
from workbench.selection.select import Contender, SelectionSettings, select_winners
from workbench.types import Poem, Verdict

POEM = Poem(title="Hinge", text="The cold hinge sings of rain\nand nobody will mend the door")
OTHER = Poem(title="Salt", text="A white road runs to the dry well\nand back again by night")
VALUES = (0.3, 0.9, 0.7, 0.2, 0.5)  # guarded gain, nats per token; .1 on other poems


def _contender(slot, own, *, poem=POEM, text="", iteration=1, **changes):
    of = candidate(poem, text or f"Description {slot}", slot=slot, iteration=iteration)
    return Contender(candidate=of, score=scored(of, guarded_gain_nats=own * 100, **changes))


def _slot(id_):
    return int(id_.rsplit(".", 1)[1])


def _pairs(contenders, *, arm="top", verdicts=(), seed=0):
    """(winner, loser) by slot."""
    settings = SelectionSettings(top_k=2)
    choices = select_winners(contenders, settings, arm=arm, verdicts=verdicts)
    winners = [choice for choice in choices if choice.is_winner]
    losers = choose_losers(contenders, winners, settings, verdicts=verdicts, seed=seed)
    return [(_slot(w.candidate_id), _slot(losers[w.id].id) if w.id in losers else None) for w in winners]


def _five(**changes):
    return [_contender(slot, own, **changes) for slot, own in enumerate(VALUES)]


def test_each_winner_stands_against_the_last_by_the_rule():
    assert _pairs(_five()) == [(1, 3), (2, 3)]


def test_the_controls_have_losers_of_their_own_kind():
    assert _pairs(_five(), arm="bottom") == [(0, 1), (3, 1)]
    losses = [_contender(slot, own, nll_nats=200.0 + slot) for slot, own in enumerate(VALUES)]
    assert _pairs(losses, arm="plain") == [(0, 4), (1, 4)]


def test_random_draws_the_loser_too_and_the_same_one_with_the_same_seed():
    drawn = [tuple(_pairs(_five(), arm="random", seed=seed)) for seed in range(300)]
    assert drawn[7] == tuple(_pairs(_five(), arm="random", seed=7))
    winners = {winner for winner, _ in drawn[0]}
    counts = Counter(loser for pairs in drawn for _, loser in pairs)
    assert set(counts) == set(range(5)) - winners
    assert all(150 < count < 250 for count in counts.values())  # 600 draws among three


def test_what_copies_or_has_no_score_is_no_loser():
    worst = [_contender(5, 0.01, is_leak=True), _contender(6, 0.01, unscored="not_finite")]
    assert _pairs(_five() + worst) == [(1, 3), (2, 3)]
    assert _pairs([_contender(0, 0.9), *worst]) == [(0, None)]


def test_what_a_person_rejected_loses_first():
    of = candidate(POEM, "", slot=4)
    verdict = Verdict(id="v", candidate_id=of.id, poem_id=POEM.id, verdict="reject", edited_text="")
    assert _pairs(_five(), verdicts=[verdict]) == [(1, 4), (2, 4)]


def test_a_winner_meets_losers_of_its_own_poem_and_iteration_only():
    here = [_contender(0, 0.9), _contender(1, 0.5)]
    elsewhere = [_contender(2, 0.3, poem=OTHER), _contender(3, 0.2, iteration=2)]
    settings = SelectionSettings(top_k=1)
    winners = [c for c in select_winners(here, settings) if c.is_winner]
    losers = choose_losers(here + elsewhere, winners, settings)
    assert [_slot(loser.id) for loser in losers.values()] == [1]


@pytest.mark.parametrize("arm", ["top", "random", "bottom", "plain"])
def test_nobody_stands_against_himself(arm):
    assert all(winner != loser for winner, loser in _pairs(_five(), arm=arm))
