"""Preference pairs: the rejected answer of each winner, and weights that are the gradient of the pair's loss."""

import math
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import candidate, scored
from workbench.selection.examples import PairLoss, choose_rejected, pair_weights
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
    """(chosen, rejected) by slot."""
    settings = SelectionSettings(top_k=2)
    choices = select_winners(contenders, settings, arm=arm, verdicts=verdicts)
    winners = [choice for choice in choices if choice.is_winner]
    rejected = choose_rejected(contenders, winners, settings, verdicts=verdicts, seed=seed)
    return [(_slot(w.candidate_id), _slot(rejected[w.id].id) if w.id in rejected else None) for w in winners]


def _five(**changes):
    return [_contender(slot, own, **changes) for slot, own in enumerate(VALUES)]


def test_each_winner_stands_against_one_of_the_last_by_the_rule_and_none_loses_twice():
    assert _pairs(_five()) == [(1, 3), (2, 0)]


def test_of_the_lowest_third_the_one_most_alike_in_length_loses():
    best = _contender(0, 0.9, n_words=30)
    low = [_contender(1, 0.3, n_words=12), _contender(2, 0.25, n_words=29), _contender(3, 0.2, n_words=70)]
    middle = [_contender(slot, 0.5 + slot / 100, n_words=30) for slot in range(4, 10)]
    settings = SelectionSettings(top_k=1)
    winners = [c for c in select_winners([best, *low, *middle], settings) if c.is_winner]
    (loser,) = choose_rejected([best, *low, *middle], winners, settings).values()
    assert _slot(loser.id) == 2


def test_two_sigma_below_the_mean_loses_where_the_very_worst_is_an_outlier():
    values = (-2.0, -0.2, 0.9, *[0.5] * 30)  # of the losers: mean .40, σ .45
    contenders = [_contender(slot, own) for slot, own in enumerate(values)]
    for loser, expected in (("low", 0), ("two sigma", 1)):
        settings = SelectionSettings(top_k=1, loser=loser)
        (winner,) = (c for c in select_winners(contenders, settings) if c.is_winner)
        assert _slot(choose_rejected(contenders, [winner], settings)[winner.id].id) == expected


def test_every_second_pair_is_set_against_a_copy_where_that_is_wanted():
    settings = SelectionSettings(top_k=3, loser="copy")
    own = [_contender(slot, 0.9 - slot / 10) for slot in range(6)]
    copies = [_contender(6, 0.95, is_leak=True, n_words=90), _contender(7, 0.95, is_leak=True)]
    for there, expected in ((own + copies, [7, 5, 6]), (own + copies[1:], [7, 5, 4]), (own, [5, 4, 3])):
        winners = [choice for choice in select_winners(there, settings) if choice.is_winner]
        losers = choose_rejected(there, winners, settings)
        assert [_slot(losers[winner.id].id) for winner in winners] == expected
    assert not {6, 7} & {_slot(winner.candidate_id) for winner in winners}


def test_what_a_person_rejected_loses_before_a_copy():
    there = [*(_contender(slot, 0.9 - slot / 10) for slot in range(3)), _contender(3, 0.95, is_leak=True)]
    verdict = Verdict(
        id="v", candidate_id=there[1].candidate.id, poem_id=POEM.id, verdict="reject", edited_text="",
    )  # fmt: skip
    settings = SelectionSettings(top_k=1, loser="copy")
    winners = [choice for choice in select_winners(there, settings, verdicts=[verdict]) if choice.is_winner]
    (loser,) = choose_rejected(there, winners, settings, verdicts=[verdict]).values()
    assert _slot(loser.id) == 1


def test_the_random_rule_draws_among_what_could_have_won():
    settings = SelectionSettings(top_k=2, rule="random")
    firsts = Counter()
    for number in range(200):
        there = [
            *(_contender(slot, own, iteration=number) for slot, own in enumerate(VALUES)),
            _contender(5, 0.95, is_leak=True, iteration=number), _contender(6, 0.001, iteration=number),
        ]  # fmt: skip
        choices = select_winners(there, settings)
        assert choices[:5] == select_winners(there[::-1], settings)[:5]
        firsts += Counter(_slot(choice.candidate_id) for choice in choices if choice.rank == 1)
    assert set(firsts) == set(range(5))
    assert all(20 < count < 62 for count in firsts.values()), firsts  # 200 draws among five


def test_the_controls_have_rejected_of_their_own_kind():
    assert _pairs(_five(), arm="bottom") == [(0, 1), (3, 2)]
    losses = [_contender(slot, own, nll_nats=200.0 + slot) for slot, own in enumerate(VALUES)]
    assert _pairs(losses, arm="plain") == [(0, 4), (1, 3)]


def test_random_draws_the_loser_too_and_the_same_one_with_the_same_seed():
    drawn = [tuple(_pairs(_five(), arm="random", seed=seed)) for seed in range(300)]
    assert drawn[7] == tuple(_pairs(_five(), arm="random", seed=7))
    winners = {winner for winner, _ in drawn[0]}
    counts = Counter(loser for pairs in drawn for _, loser in pairs)
    assert set(counts) == set(range(5)) - winners
    assert all(150 < count < 250 for count in counts.values())  # 600 draws among three


def test_what_copies_or_has_no_score_is_no_loser():
    worst = [_contender(5, 0.01, is_leak=True), _contender(6, 0.01, unscored="not_finite")]
    assert _pairs(_five() + worst) == [(1, 3), (2, 0)]
    assert _pairs([_contender(0, 0.9), *worst]) == [(0, None)]


def test_what_a_person_rejected_loses_first():
    of = candidate(POEM, "", slot=4)
    verdict = Verdict(id="v", candidate_id=of.id, poem_id=POEM.id, verdict="reject", edited_text="")
    assert _pairs(_five(), verdicts=[verdict]) == [(1, 4), (2, 3)]


def test_a_winner_meets_rejected_of_its_own_poem_and_iteration_only():
    here = [_contender(0, 0.9), _contender(1, 0.5)]
    elsewhere = [_contender(2, 0.3, poem=OTHER), _contender(3, 0.2, iteration=2)]
    settings = SelectionSettings(top_k=1)
    winners = [c for c in select_winners(here, settings) if c.is_winner]
    rejected = choose_rejected(here + elsewhere, winners, settings)
    assert [_slot(loser.id) for loser in rejected.values()] == [1]


@pytest.mark.parametrize("arm", ["top", "random", "bottom", "plain"])
def test_nobody_stands_against_himself(arm):
    assert all(winner != loser for winner, loser in _pairs(_five(), arm=arm))


# ---------------------------------------------------------------- weights


def _pair_loss(pair: PairLoss, *, beta: float = 0.1) -> float:
    """The loss itself, as the paper writes it; log 2 where nothing has been learnt yet."""
    return -math.log(1 / (1 + math.exp(-beta * pair.margin)))


NATS = st.floats(0, 300)


def test_before_training_the_loss_is_log_two() -> None:
    pair = PairLoss(chosen=80.0, rejected=60.0, base_chosen=80.0, base_rejected=60.0)
    assert _pair_loss(pair) == pytest.approx(math.log(2))


@given(NATS, NATS, NATS, NATS)
def test_the_weights_are_the_slope_of_the_loss(winner: float, loser: float, base_w: float, base_l: float) -> None:
    pair = PairLoss(chosen=winner, rejected=loser, base_chosen=base_w, base_rejected=base_l)
    step = 1e-4
    slope_winner = (_pair_loss(replace(pair, chosen=winner + step)) - _pair_loss(pair)) / step
    slope_loser = (_pair_loss(replace(pair, rejected=loser + step)) - _pair_loss(pair)) / step
    ((for_winner, for_loser),) = pair_weights([pair])
    assert for_winner == pytest.approx(slope_winner, abs=1e-4)
    assert for_loser == pytest.approx(slope_loser, abs=1e-4)


def test_a_pair_that_is_learnt_fades() -> None:
    new, learnt = (PairLoss(chosen=w, rejected=90.0, base_chosen=80.0, base_rejected=90.0) for w in (80.0, 20.0))
    assert pair_weights([learnt])[0][0] < 0.1 * pair_weights([new])[0][0]
