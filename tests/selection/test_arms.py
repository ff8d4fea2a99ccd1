"""The arms of a run: as many winners each, and what makes each arm what it is."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.selection.contenders import POEMS, contender, slots, some, winners_of
from workbench.selection.select import ARMS, SelectionSettings, rank, select_winners
from workbench.types import Verdict


@pytest.mark.parametrize("arm", ARMS)
@pytest.mark.parametrize("top_k", [1, 2, 4])
def test_every_arm_takes_the_same_number_of_each_poem(arm, top_k):
    contenders = [*some(), contender(9, is_leak=True)]
    numbers = [Counter(c.poem_id for c in winners_of(contenders, arm=each, top_k=top_k)) for each in ("top", arm)]
    assert numbers[0] == numbers[1]
    assert {choice.arm for choice in select_winners(contenders, SelectionSettings(), arm=arm)} == {arm}


def test_bottom_takes_the_last_and_plain_the_lowest_loss():
    contenders = [contender(slot, own=0.9 - slot / 10, nll_nats=200.0 + slot) for slot in range(4)]
    contenders.append(contender(4, is_leak=True, nll_nats=1.0))
    assert sorted(slots(winners_of(contenders, arm="bottom"))) == [2, 3]
    assert sorted(slots(winners_of(contenders, arm="plain"))) == [0, 4]


def test_random_takes_every_eligible_one_equally_often():
    contenders = [*[contender(slot, own=0.3 + slot / 10) for slot in range(4)], contender(4, is_leak=True)]
    drawn = Counter(
        slot for seed in range(400) for slot in slots(winners_of(contenders, arm="random", seed=seed, top_k=2))
    )
    assert set(drawn) == {0, 1, 2, 3}
    assert all(150 <= number <= 250 for number in drawn.values())  # 200 expected, sigma 10


@pytest.mark.parametrize("seed", range(20))
def test_shuffled_gives_the_winning_descriptions_to_other_poems(seed):
    top, shuffled = winners_of(some()), winners_of(some(), arm="shuffled", seed=seed)
    assert sorted(choice.description for choice in top) == sorted(choice.description for choice in shuffled)
    own = {choice.description: choice.poem_id for choice in top}
    for choice in shuffled:
        assert own[choice.description] != choice.poem_id
        assert choice.candidate_id in {each.candidate_id for each in top if each.description == choice.description}


@pytest.mark.parametrize("n_without", [0, 1, 2])
def test_shuffled_never_gives_a_poem_its_own_description(n_without):
    contenders = [contender(0, poem=poem, is_leak=i < n_without) for i, poem in enumerate(POEMS)]
    own = {c.candidate.text: c.candidate.poem_id for c in contenders}
    for seed in range(20):
        winners = winners_of(contenders, arm="shuffled", seed=seed)
        assert all(own[choice.description] != choice.poem_id for choice in winners)
        assert len(winners) == (3 - n_without if n_without < 2 else 0)  # alone there is nobody to take from


_values = st.tuples(
    st.floats(-1, 1), st.floats(-1, 1), st.integers(1, 60), st.booleans(), st.sampled_from(["", "", "not_finite"])
)


@st.composite
def _contenders(draw):
    rows = draw(st.lists(st.tuples(st.sampled_from(POEMS), _values), max_size=10))
    return [
        contender(slot, poem=poem, own=own, elsewhere=other, n_words=words, is_leak=leak, unscored=unscored)
        for slot, (poem, (own, other, words, leak, unscored)) in enumerate(rows)
    ]


@given(contenders=_contenders(), data=st.data(), arm=st.sampled_from(sorted(ARMS)), top_k=st.integers(1, 3))
def test_the_order_of_contenders_changes_nothing(contenders, data, arm, top_k):
    settings = SelectionSettings(top_k=top_k)
    kinds = st.sampled_from(["approve", "reject", "edit"])
    verdicts = [
        Verdict(id=c.candidate.id, candidate_id=c.candidate.id, poem_id=c.candidate.poem_id,
                verdict=data.draw(kinds), edited_text="edited")
        for c in contenders if data.draw(st.booleans())
    ]  # fmt: skip
    shuffled = data.draw(st.permutations(contenders))
    ours = select_winners(contenders, settings, arm=arm, seed=3, verdicts=verdicts)
    theirs = select_winners(shuffled, settings, arm=arm, seed=3, verdicts=verdicts)
    assert sorted(map(repr, ours)) == sorted(map(repr, theirs))


@given(contenders=_contenders(), arm=st.sampled_from(sorted(ARMS)))
def test_winners_are_few_clean_and_ranked_from_one(contenders, arm):
    choices = select_winners(contenders, SelectionSettings(), arm=arm, seed=3)
    by_id = {c.candidate.id: c for c in contenders}
    assert len({choice.id for choice in choices}) == len(choices)
    for poem in POEMS:
        winners = [c for c in choices if c.poem_id == poem.id and c.is_winner]
        assert len(winners) <= 2
        assert sorted(c.rank for c in winners) == list(range(1, len(winners) + 1))
        for choice in winners:
            score = by_id[choice.candidate_id].score
            assert not score.unscored
            assert arm == "plain" or not score.is_leak
            assert arm == "plain" or min(score.guarded_gain, score.specificity) > 0.015


@given(contenders=_contenders())
def test_a_rank_is_never_better_by_more_than_the_noise_than_the_one_before(contenders):
    ranked = rank(contenders, SelectionSettings(noise_floor=0.05))
    values = [c.score.specificity for c in ranked]
    assert all(later - sooner <= 0.05 + 1e-9 for i, sooner in enumerate(values) for later in values[i:])
