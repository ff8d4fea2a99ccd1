"""A blind review on records made by hand: what is drawn, what is hidden, what verdicts become."""

from collections import Counter

import numpy as np
import pytest

from tests.fakes import candidate, scored
from workbench.errors import InputError
from workbench.selection.select import SelectionSettings, pair_up, select_winners
from workbench.selection.spotcheck import (
    draw_items,
    draw_pairs,
    figures,
    judge,
    judge_pair,
    order_for,
    read_pool,
)
from workbench.selection.verdicts import judged_by, pairs_judged_by, undo, undo_pair
from workbench.storage.records import RecordStore
from workbench.types import PairVerdict, Poem, Verdict

N_POEMS, N_EACH = 30, 5


@pytest.fixture
def records(memory_disk):
    """30 poems with 5 descriptions each: two winners, a close one, one without gain, one copy."""
    store = RecordStore(memory_disk / "records.sqlite")
    poems = [Poem(title=f"Poem {n}", text=f"line of {n}\nand a second") for n in range(N_POEMS)]
    candidates, scores = [], []
    for poem in poems:
        for slot, (gain, is_leak) in enumerate([(60, False), (50, False), (40, False), (0, False), (90, True)]):
            candidates.append(candidate(poem, f"words about {poem.title} number {slot}", slot=slot))
            scores.append(scored(candidates[-1], guarded_gain_nats=float(gain), is_leak=is_leak))
    choices = select_winners(pair_up(candidates, scores), SelectionSettings())
    store.put(poems, candidates, scores, choices)
    yield store
    store.close()


def _kinds(items):
    return Counter(item.stratum for item in items)


def test_every_description_has_its_stratum(records):
    assert _kinds(read_pool(records)) == {"winner": 60, "close": 30, "out": 30, "copy": 30}


def test_half_of_the_sample_are_winners_and_the_rest_is_shared(records):
    assert _kinds(draw_items(read_pool(records), 24, seed=1)) == {"winner": 12, "close": 4, "out": 4, "copy": 4}


def test_poems_take_turns(records):
    drawn = [item for item in draw_items(read_pool(records), 40, seed=1) if item.stratum == "winner"]
    assert len({item.poem.id for item in drawn}) == len(drawn) == 20


def test_a_sample_ends_where_the_pool_ends(records):
    pool = read_pool(records)
    assert len(draw_items(pool, 10_000, seed=1)) == len(pool)
    assert draw_items([], 10, seed=1) == []


def test_reviewers_see_the_same_descriptions_in_orders_of_their_own(records):
    drawn = draw_items(read_pool(records), 20, seed=1)
    ann, bo = (order_for(drawn, name, seed=1) for name in ("ann", "bo"))
    assert ann != bo
    assert {i.candidate.id for i in ann} == {i.candidate.id for i in bo}
    assert ann == order_for(drawn, "ann", seed=1)


def test_neither_place_nor_side_tells_who_won(records):
    """Winners stand on either side of their pairs and on any place of the order; a fair coin stays within 4 sigma."""
    pairs = draw_pairs(read_pool(records), 60, seed=1)
    n_left = sum(pair.a.stratum == "winner" for pair in pairs)
    assert len(pairs) == 60
    assert abs(n_left - 30) < 4 * np.sqrt(60) / 2
    assert all({pair.a.stratum == "winner", pair.b.stratum == "winner"} == {True, False} for pair in pairs)
    assert all(pair.a.poem.id == pair.b.poem.id for pair in pairs)


def test_an_approved_loser_wins_the_next_selection_and_a_rejected_winner_is_out(records):
    pool = read_pool(records)
    winner, close = (next(i for i in pool if i.stratum == kind) for kind in ("winner", "close"))
    judge(records, winner, "reject", reviewer="ann")
    judge(records, close, "approve", reviewer="ann")
    contenders = pair_up([i.candidate for i in pool], [i.score for i in pool])
    again = select_winners(contenders, SelectionSettings(), verdicts=records.all(Verdict))
    won = {choice.candidate_id for choice in again if choice.is_winner}
    assert close.candidate.id in won
    assert winner.candidate.id not in won


def test_undo_takes_back_the_last_one_and_then_the_one_before(records):
    first, second, third = read_pool(records)[:3]
    judge(records, first, "approve", reviewer="ann")
    judge(records, second, "skip", reviewer="ann")
    judge(records, third, "reject", reviewer="bo")
    assert undo(records, "ann") == second.candidate.id
    assert judged_by(records, "ann") == {first.candidate.id}
    assert undo(records, "ann") == first.candidate.id
    assert undo(records, "ann") == ""
    assert judged_by(records, "bo") == {third.candidate.id}


def test_what_was_taken_back_can_be_judged_again(records):
    item = read_pool(records)[0]
    for said in ("approve", "reject"):
        judge(records, item, said, reviewer="ann")
        undo(records, "ann")
    judge(records, item, "approve", reviewer="ann")
    assert judged_by(records, "ann") == {item.candidate.id}
    assert figures(read_pool(records), records.all(Verdict)).strata[0].n_good == 1


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("a", ["approve", None]),
        ("tie", ["approve", "approve"]),
        ("both bad", ["reject", "reject"]),
        ("skip", [None] * 2),
    ],
)
def test_a_verdict_on_a_pair_says_something_of_each(records, said, expected):
    pair = draw_pairs(read_pool(records), 1, seed=1)[0]
    judge_pair(records, pair, said, reviewer="ann")
    by_id = {v.candidate_id: v.verdict for v in records.all(Verdict)}
    assert [by_id.get(item.candidate.id) for item in (pair.a, pair.b)] == expected
    assert len(pairs_judged_by(records, "ann")) == 1
    undo_pair(records, "ann")
    assert pairs_judged_by(records, "ann") == set()


def test_verdicts_on_pairs_leave_precision_alone(records):
    pool = read_pool(records)
    for pair in draw_pairs(pool, 10, seed=1):
        judge_pair(records, pair, "a" if pair.a.stratum == "winner" else "b", reviewer="ann")
    found = figures(pool, records.all(Verdict), records.all(PairVerdict))
    assert found.precision is None
    assert (found.pairs_won.value, found.pairs_won.n) == (1.0, 10)
    assert found.kappa is None
    for number, pair in enumerate(draw_pairs(pool, 10, seed=1)):
        judge_pair(records, pair, "a" if (pair.a.stratum == "winner") == (number > 0) else "b", reviewer="bo")
    found = figures(pool, records.all(Verdict), records.all(PairVerdict))
    assert (found.reviewers, found.kappa.n) == (("ann", "bo"), 10)
    assert found.kappa.value < 1, "one pair they see otherwise"


def test_an_edit_counts_as_not_good_as_it_stood(records):
    winner = next(item for item in read_pool(records) if item.stratum == "winner")
    judge(records, winner, "edit", reviewer="ann", edited_text="better words")
    assert figures(read_pool(records), records.all(Verdict)).precision.value == 0


@pytest.mark.parametrize(("verdict", "text", "message"), [("maybe", "", "no verdict"), ("edit", " ", "edit is empty")])
def test_what_is_no_verdict_is_refused(records, verdict, text, message):
    with pytest.raises(InputError, match=message):
        judge(records, read_pool(records)[0], verdict, reviewer="ann", edited_text=text)


def test_a_reviewer_who_agrees_with_the_selection_finds_it_perfect(records):
    pool = read_pool(records)
    for item in draw_items(pool, 40, seed=2):
        judge(records, item, "approve" if item.stratum == "winner" else "reject", reviewer="ann")
    found = figures(pool, records.all(Verdict))
    assert (found.precision.value, found.recall.value) == (1.0, 1.0)
    assert found.recall.low < 0.9, "20 losers of 90 do not prove that none of them is good"


def test_two_simulated_reviewers_agree_as_often_as_their_errors_say(records):
    """Both follow the same truth and err in 10 %: they agree in 82 % of cases, by chance in 50 %: kappa .64."""
    random, pool = np.random.default_rng(5), read_pool(records)
    for reviewer in ("ann", "bo"):
        for item in draw_items(pool, 150, seed=2):
            is_good = (item.stratum == "winner") != (random.random() < 0.1)
            judge(records, item, "approve" if is_good else "reject", reviewer=reviewer)
    found = figures(pool, records.all(Verdict))
    assert found.reviewers == ("ann", "bo")
    assert found.kappa.low < 0.64 < found.kappa.high
