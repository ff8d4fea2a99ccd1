"""Who wins, who is out, and that the control arms differ in the choice only."""

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import WordRenderer, WordScorer, candidate, scored
from workbench.prompts.templates import load_prompt
from workbench.scoring.likelihood import LikelihoodScorer, ScoringSettings
from workbench.scoring.score import score_candidates
from workbench.selection.examples import make_examples
from workbench.selection.select import ARMS, Contender, SelectionSettings, pair_up, rank, select_winners
from workbench.types import Poem, Verdict

POEM = Poem(title="Hinge", text="The cold hinge sings of rain\nand nobody will mend the door")
OTHER = Poem(title="Salt", text="A white road runs to the dry well\nand back again by night")
THIRD = Poem(title="Moth", text="Wings burn near the lamp tonight\nas they did the night before")
POEMS = [POEM, OTHER, THIRD]


def _contender(slot=0, poem=POEM, text="", **changes):
    """With `own=x` the guarded gain is x nats per token, and `elsewhere` what it brings to other poems."""
    own, elsewhere = changes.pop("own", 0.5), changes.pop("elsewhere", 0.1)
    of = candidate(poem, text or f"Description {slot} of {poem.title}", slot=slot)
    values = {"guarded_gain_nats": own * 100, "other_gain": elsewhere, **changes}
    return Contender(candidate=of, score=scored(of, **values))


def _winners(contenders, *, arm="top", seed=0, verdicts=(), **settings):
    choices = select_winners(contenders, SelectionSettings(**settings), arm=arm, seed=seed, verdicts=verdicts)
    return [choice for choice in choices if choice.is_winner]


def _slots(winners):
    return [int(choice.candidate_id.rsplit(".", 1)[1]) for choice in winners]


def _why(contender, **options):
    settings = SelectionSettings(**options)
    (choice,) = select_winners([contender], settings)
    return choice.why if not choice.is_winner else ""


def _verdict(slot, verdict, *, poem=POEM, text="", number=0):
    of = candidate(poem, "", slot=slot)
    return Verdict(id=f"{of.id}.{number}", candidate_id=of.id, poem_id=poem.id, verdict=verdict, edited_text=text)


# ---------------------------------------------------------------- the rule


def test_the_most_specific_win_by_hand():
    values = [(0.30, 0.10), (0.50, 0.45), (0.40, 0.00), (0.35, 0.10)]  # specificity .20 .05 .40 .25
    contenders = [_contender(slot, own=own, elsewhere=other) for slot, (own, other) in enumerate(values)]
    winners = _winners(contenders)
    assert _slots(winners) == [2, 3]
    assert [choice.why for choice in winners] == ["rank 1 of 4 by specificity", "rank 2 of 4 by specificity"]
    assert _slots(_winners(contenders, rule="guarded_gain")) == [1, 2]


def test_copied_runs_cost_what_the_settings_say():
    values = [(0.5, 0.1, ((0, 9), (20, 30))), (0.45, 0.1, ()), (0.3, 0.1, ())]
    contenders = [
        _contender(slot, own=own, elsewhere=other, copied_spans=spans)
        for slot, (own, other, spans) in enumerate(values)
    ]
    assert _slots(_winners(contenders)) == [0, 1]
    assert _slots(_winners(contenders, run_cost=0.05)) == [1, 0]
    assert _slots(_winners(contenders, run_cost=0.2)) == [1, 2]


def test_the_published_gain_can_be_the_rule_too():
    contenders = [_contender(slot, nll_nats=nll) for slot, nll in enumerate([250.0, 200.0, 290.0])]
    assert _slots(_winners(contenders, rule="gain")) == [1, 0]


def test_by_loss_as_published_the_lowest_wins_and_nothing_guards():
    contenders = [
        _contender(0, nll_nats=250.0, n_words=90),
        _contender(1, nll_nats=249.9, is_leak=True),
        _contender(2, nll_nats=310.0, own=-0.1),  # does harm
        _contender(3, unscored="engine"),
    ]
    winners = _winners(contenders, rule="loss", top_k=3)
    assert _slots(winners) == [1, 0, 2]
    assert winners[0].why == "rank 1 of 3 by loss"


def test_by_loss_a_person_still_has_the_last_word():
    contenders = [_contender(0, nll_nats=250.0), _contender(1, nll_nats=200.0)]
    assert _slots(_winners(contenders, rule="loss", verdicts=[_verdict(1, "reject")])) == [0]


@pytest.mark.parametrize("top_k", [1, 2, 3, 9])
def test_no_more_than_k_win(top_k):
    contenders = [_contender(slot, own=0.3 + slot / 10) for slot in range(4)]
    assert len(_winners(contenders, top_k=top_k)) == min(top_k, 4)


def test_of_ties_within_the_noise_the_shorter_wins():
    contenders = [
        _contender(0, own=0.51, n_words=90),
        _contender(1, own=0.50, n_words=20),
        _contender(2, own=0.48, n_words=5),
    ]
    assert _slots(_winners(contenders, noise_floor=0.015, top_k=3)) == [1, 0, 2]
    assert _slots(_winners(contenders, noise_floor=0.0, top_k=3)) == [0, 1, 2]
    assert _slots(_winners(contenders, noise_floor=0.1, top_k=3)) == [2, 1, 0]


def test_a_chain_of_small_steps_is_not_one_tie():
    contenders = [_contender(slot, own=0.5 - slot / 100, n_words=100 - slot) for slot in range(5)]
    assert _slots(_winners(contenders, noise_floor=0.015, top_k=5)) == [1, 0, 3, 2, 4]


_OUT = {
    "copies the poem": {"is_leak": True, "own": 9.0},
    "not scored": {"unscored": "not_finite"},
    "not scored: not_finite": {"own": math.nan},
    "contains every word": {"n_guarded": 0},
    "gains": {"own": 0.01, "elsewhere": -1.0},
    "gains -0": {"own": -0.2, "elsewhere": -1.0},
    "helps other poems as much": {"own": 0.5, "elsewhere": 0.5},
}


@pytest.mark.parametrize("why", _OUT)
def test_what_is_out_never_wins_and_says_why(why):
    assert _why(_contender(**_OUT[why])).startswith(why)
    contenders = [_contender(0, **_OUT[why]), _contender(1, own=0.2)]
    for arm in ("top", "random", "bottom"):
        assert _slots(_winners(contenders, arm=arm)) == [1]


@pytest.mark.parametrize(("own", "wins"), [(0.299, False), (0.300, False), (0.301, True)])
def test_the_least_gain_is_a_setting(own, wins):
    assert bool(_winners([_contender(own=own, elsewhere=-1.0)], min_gain=0.3)) == wins


def test_every_candidate_rejected_is_no_winner_and_no_crash():
    contenders = [_contender(slot, is_leak=True) for slot in range(4)]
    for arm in ("top", "random", "bottom", "shuffled"):
        assert _winners(contenders, arm=arm) == []
    assert len(select_winners(contenders, SelectionSettings())) == 4
    assert select_winners([], SelectionSettings()) == []


def test_candidates_without_a_score_are_left_out():
    first, second = candidate(POEM, "a", slot=0), candidate(POEM, "b", slot=1)
    assert [pair.candidate for pair in pair_up([first, second], [scored(second)])] == [second]


# ---------------------------------------------------------------- planted cheats, by a real scorer's arithmetic


def _judged(texts, poem=POEM):
    likelihood = LikelihoodScorer(scorer=WordScorer(), renderer=WordRenderer(), settings=ScoringSettings())
    candidates = [candidate(poem, text, slot=slot) for slot, text in enumerate(texts)]
    return pair_up(candidates, score_candidates(likelihood, candidates, POEMS))


_CHEATS = {
    "pastes": f"Title: {POEM.title}\nPoem: {POEM.text}",
    "pastes in capitals": POEM.text.upper(),
    "pastes without line breaks": POEM.text.replace("\n", " / "),
    "quotes five words": "A plaint about how nobody will mend the door, told plainly.",
    "quotes in curly quotes": "It ends: “nobody will mend the door”.",
    "pastes another poem": f"Title: {OTHER.title}\nPoem: {OTHER.text}",
    "lists its words": " ".join(sorted(POEM.text.split())),
    "says nothing": "A poem.",
    "is empty": "",
}


@pytest.mark.parametrize("cheat", _CHEATS)
@pytest.mark.parametrize("min_gain", [0.015, 0.0])
def test_a_planted_cheat_never_wins_even_alone(cheat, min_gain):
    contenders = _judged([_CHEATS[cheat]])
    for arm in ("top", "random", "bottom", "shuffled"):
        assert _winners(contenders, arm=arm, min_gain=min_gain) == []


def test_the_published_rule_takes_the_pasted_poem():
    """The guard bites: without it the cheat has the lowest loss."""
    contenders = _judged([_CHEATS["pastes"], "rain", _CHEATS["quotes five words"]])
    unguarded = sorted(contenders, key=lambda c: c.score.nll_nats)
    assert [c.candidate.slot for c in unguarded] == [0, 2, 1]


# ---------------------------------------------------------------- people


def test_a_rejected_winner_makes_room_for_the_next():
    contenders = [_contender(slot, own=0.9 - slot / 10) for slot in range(4)]
    assert _slots(_winners(contenders, verdicts=[_verdict(0, "reject")])) == [1, 2]


def test_an_approved_one_goes_before_everything_even_a_leak():
    contenders = [_contender(0, own=0.9), _contender(1, own=0.8), _contender(2, is_leak=True)]
    winners = _winners(contenders, verdicts=[_verdict(2, "approve")])
    assert _slots(winners) == [2, 0]
    assert winners[0].why == "approve by a person"


def test_an_edited_text_is_what_is_trained_on():
    (winner,) = _winners([_contender()], verdicts=[_verdict(0, "edit", text="A better description")])
    assert winner.description == "A better description"


def test_the_newest_verdict_counts():
    verdicts = [_verdict(0, "approve"), _verdict(0, "reject", number=1)]
    assert _winners([_contender()], verdicts=verdicts) == []
    assert _winners([_contender()], verdicts=verdicts[::-1]) != []


@pytest.mark.parametrize("arm", ["top", "random", "bottom", "shuffled"])
def test_nothing_empty_is_trained_on_whoever_approves(arm):
    of = candidate(POEM, "", slot=0, failure="endless")
    failed = Contender(candidate=of, score=scored(of, unscored="endless"))
    fine = _contender(1, poem=OTHER)
    for verdict in (_verdict(0, "approve"), _verdict(0, "edit", text=" \n")):
        winners = _winners([failed, fine, _contender(2, poem=THIRD)], arm=arm, verdicts=[verdict])
        assert {choice.poem_id for choice in winners} == {OTHER.id, THIRD.id}
        assert all(choice.description.strip() for choice in winners)


@pytest.mark.parametrize("arm", ["top", "random", "bottom"])
def test_an_edit_rescues_a_failed_candidate_in_every_arm_with_its_words(arm):
    of = candidate(POEM, "", slot=0, failure="endless")
    failed = Contender(candidate=of, score=scored(of, unscored="endless"))
    (winner,) = _winners([failed], arm=arm, verdicts=[_verdict(0, "edit", text="A door that sings")])
    assert winner.description == "A door that sings"


# ---------------------------------------------------------------- arms


def _some(n_poems=3, n_candidates=5):
    return [
        _contender(slot, poem=poem, own=0.2 + slot / 10) for poem in POEMS[:n_poems] for slot in range(n_candidates)
    ]


@pytest.mark.parametrize("arm", ARMS)
@pytest.mark.parametrize("top_k", [1, 2, 4])
def test_every_arm_takes_the_same_number_of_each_poem(arm, top_k):
    contenders = [*_some(), _contender(9, is_leak=True)]
    numbers = [Counter(c.poem_id for c in _winners(contenders, arm=each, top_k=top_k)) for each in ("top", arm)]
    assert numbers[0] == numbers[1]
    assert {choice.arm for choice in select_winners(contenders, SelectionSettings(), arm=arm)} == {arm}


def test_bottom_takes_the_last_and_plain_the_lowest_loss():
    contenders = [_contender(slot, own=0.9 - slot / 10, nll_nats=200.0 + slot) for slot in range(4)]
    contenders.append(_contender(4, is_leak=True, nll_nats=1.0))
    assert sorted(_slots(_winners(contenders, arm="bottom"))) == [2, 3]
    assert sorted(_slots(_winners(contenders, arm="plain"))) == [0, 4]


def test_random_takes_every_eligible_one_equally_often():
    contenders = [*[_contender(slot, own=0.3 + slot / 10) for slot in range(4)], _contender(4, is_leak=True)]
    drawn = Counter(
        slot for seed in range(400) for slot in _slots(_winners(contenders, arm="random", seed=seed, top_k=2))
    )
    assert set(drawn) == {0, 1, 2, 3}
    assert all(150 <= number <= 250 for number in drawn.values())  # 200 expected, sigma 10


@pytest.mark.parametrize("seed", range(20))
def test_shuffled_gives_the_winning_descriptions_to_other_poems(seed):
    top, shuffled = _winners(_some()), _winners(_some(), arm="shuffled", seed=seed)
    assert sorted(choice.description for choice in top) == sorted(choice.description for choice in shuffled)
    own = {choice.description: choice.poem_id for choice in top}
    for choice in shuffled:
        assert own[choice.description] != choice.poem_id
        assert choice.candidate_id in {each.candidate_id for each in top if each.description == choice.description}


@pytest.mark.parametrize("n_without", [0, 1, 2])
def test_shuffled_never_gives_a_poem_its_own_description(n_without):
    contenders = [_contender(0, poem=poem, is_leak=i < n_without) for i, poem in enumerate(POEMS)]
    own = {c.candidate.text: c.candidate.poem_id for c in contenders}
    for seed in range(20):
        winners = _winners(contenders, arm="shuffled", seed=seed)
        assert all(own[choice.description] != choice.poem_id for choice in winners)
        assert len(winners) == (3 - n_without if n_without < 2 else 0)  # alone there is nobody to take from


_values = st.tuples(
    st.floats(-1, 1), st.floats(-1, 1), st.integers(1, 60), st.booleans(), st.sampled_from(["", "", "not_finite"])
)


@st.composite
def _contenders(draw):
    rows = draw(st.lists(st.tuples(st.sampled_from(POEMS), _values), max_size=10))
    return [
        _contender(slot, poem=poem, own=own, elsewhere=other, n_words=words, is_leak=leak, unscored=unscored)
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


# ---------------------------------------------------------------- examples


def _examples(task, poems=POEMS):
    choices = select_winners(_some(2, 3), SelectionSettings())
    prompts = {"follow": load_prompt("follow"), "describe": load_prompt("describe")}
    return choices, make_examples(choices, poems, task=task, words=80, **prompts)


def test_a_follower_learns_description_to_poem_and_a_describer_the_reverse():
    choices, examples = _examples("both")
    winners = [choice for choice in choices if choice.is_winner]
    assert [e.task for e in examples] == ["follower", "describer"] * len(winners)
    follower, describer = examples[:2]
    assert follower.target == f"Title: {POEM.title}\nPoem: {POEM.text}"
    assert winners[0].description in follower.prompt[-1].content
    assert describer.target == winners[0].description
    assert POEM.text in describer.prompt[-1].content
    assert {e.candidate_id for e in examples} == {c.candidate_id for c in winners}


@pytest.mark.parametrize("train", ["follower", "describer"])
def test_one_task_alone_can_be_trained(train):
    assert {example.task for example in _examples(train)[1]} == {train}


def test_no_example_of_a_loser_or_of_a_poem_that_is_not_there():
    choices, examples = _examples("follower", poems=[POEM])
    assert {example.poem_id for example in examples} == {POEM.id}
    assert len(examples) == sum(choice.is_winner for choice in choices) / 2


def test_example_ids_are_their_own():
    _, examples = _examples("both")
    assert len({example.id for example in examples}) == len(examples)
