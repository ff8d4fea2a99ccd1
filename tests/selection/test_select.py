"""Who wins, who is out, and that the control arms differ in the choice only."""

import math

import pytest

from tests.fakes import WordRenderer, WordScorer, candidate, scored
from tests.selection.contenders import OTHER, POEM, POEMS, THIRD, contender, slots, some, winners_of
from workbench.prompts.templates import load_prompt
from workbench.scoring.likelihood import LikelihoodScorer, ScoringSettings
from workbench.scoring.score import score_candidates
from workbench.selection.examples import make_examples
from workbench.selection.select import Contender, SelectionSettings, pair_up, select_winners
from workbench.types import Verdict


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
    contenders = [contender(slot, own=own, elsewhere=other) for slot, (own, other) in enumerate(values)]
    winners = winners_of(contenders)
    assert slots(winners) == [2, 3]
    assert [choice.why for choice in winners] == ["rank 1 of 4 by specificity", "rank 2 of 4 by specificity"]
    assert slots(winners_of(contenders, rule="guarded_gain")) == [1, 2]


def test_copied_runs_cost_what_the_settings_say():
    values = [(0.5, 0.1, ((0, 9), (20, 30))), (0.45, 0.1, ()), (0.3, 0.1, ())]
    contenders = [
        contender(slot, own=own, elsewhere=other, copied_spans=spans) for slot, (own, other, spans) in enumerate(values)
    ]
    assert slots(winners_of(contenders)) == [0, 1]
    assert slots(winners_of(contenders, run_cost=0.05)) == [1, 0]
    assert slots(winners_of(contenders, run_cost=0.2)) == [1, 2]


def test_the_published_gain_can_be_the_rule_too():
    contenders = [contender(slot, nll_nats=nll) for slot, nll in enumerate([250.0, 200.0, 290.0])]
    assert slots(winners_of(contenders, rule="gain")) == [1, 0]


def test_by_loss_as_published_the_lowest_wins_and_nothing_guards():
    contenders = [
        contender(0, nll_nats=250.0, n_words=90),
        contender(1, nll_nats=249.9, is_leak=True),
        contender(2, nll_nats=310.0, own=-0.1),  # does harm
        contender(3, unscored="engine"),
    ]
    winners = winners_of(contenders, rule="loss", top_k=3)
    assert slots(winners) == [1, 0, 2]
    assert winners[0].why == "rank 1 of 3 by loss"


def test_by_loss_a_person_still_has_the_last_word():
    contenders = [contender(0, nll_nats=250.0), contender(1, nll_nats=200.0)]
    assert slots(winners_of(contenders, rule="loss", verdicts=[_verdict(1, "reject")])) == [0]


@pytest.mark.parametrize("top_k", [1, 2, 3, 9])
def test_no_more_than_k_win(top_k):
    contenders = [contender(slot, own=0.3 + slot / 10) for slot in range(4)]
    assert len(winners_of(contenders, top_k=top_k)) == min(top_k, 4)


def test_of_ties_within_the_noise_the_shorter_wins():
    contenders = [
        contender(0, own=0.51, n_words=90),
        contender(1, own=0.50, n_words=20),
        contender(2, own=0.48, n_words=5),
    ]
    assert slots(winners_of(contenders, noise_floor=0.015, top_k=3)) == [1, 0, 2]
    assert slots(winners_of(contenders, noise_floor=0.0, top_k=3)) == [0, 1, 2]
    assert slots(winners_of(contenders, noise_floor=0.1, top_k=3)) == [2, 1, 0]


def test_a_chain_of_small_steps_is_not_one_tie():
    contenders = [contender(slot, own=0.5 - slot / 100, n_words=100 - slot) for slot in range(5)]
    assert slots(winners_of(contenders, noise_floor=0.015, top_k=5)) == [1, 0, 3, 2, 4]


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
    assert _why(contender(**_OUT[why])).startswith(why)
    contenders = [contender(0, **_OUT[why]), contender(1, own=0.2)]
    for arm in ("top", "random", "bottom"):
        assert slots(winners_of(contenders, arm=arm)) == [1]


@pytest.mark.parametrize(("own", "wins"), [(0.299, False), (0.300, False), (0.301, True)])
def test_the_least_gain_is_a_setting(own, wins):
    assert bool(winners_of([contender(own=own, elsewhere=-1.0)], min_gain=0.3)) == wins


def test_every_candidate_rejected_is_no_winner_and_no_crash():
    contenders = [contender(slot, is_leak=True) for slot in range(4)]
    for arm in ("top", "random", "bottom", "shuffled"):
        assert winners_of(contenders, arm=arm) == []
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
        assert winners_of(contenders, arm=arm, min_gain=min_gain) == []


def test_the_published_rule_takes_the_pasted_poem():
    """The guard bites: without it the cheat has the lowest loss."""
    contenders = _judged([_CHEATS["pastes"], "rain", _CHEATS["quotes five words"]])
    unguarded = sorted(contenders, key=lambda c: c.score.nll_nats)
    assert [c.candidate.slot for c in unguarded] == [0, 2, 1]


# ---------------------------------------------------------------- people


def test_a_rejected_winner_makes_room_for_the_next():
    contenders = [contender(slot, own=0.9 - slot / 10) for slot in range(4)]
    assert slots(winners_of(contenders, verdicts=[_verdict(0, "reject")])) == [1, 2]


def test_an_approved_one_goes_before_everything_even_a_leak():
    contenders = [contender(0, own=0.9), contender(1, own=0.8), contender(2, is_leak=True)]
    winners = winners_of(contenders, verdicts=[_verdict(2, "approve")])
    assert slots(winners) == [2, 0]
    assert winners[0].why == "approve by a person"


def test_an_edited_text_is_what_is_trained_on():
    (winner,) = winners_of([contender()], verdicts=[_verdict(0, "edit", text="A better description")])
    assert winner.description == "A better description"


def test_the_newest_verdict_counts():
    verdicts = [_verdict(0, "approve"), _verdict(0, "reject", number=1)]
    assert winners_of([contender()], verdicts=verdicts) == []
    assert winners_of([contender()], verdicts=verdicts[::-1]) != []


@pytest.mark.parametrize("arm", ["top", "random", "bottom", "shuffled"])
def test_nothing_empty_is_trained_on_whoever_approves(arm):
    of = candidate(POEM, "", slot=0, failure="endless")
    failed = Contender(candidate=of, score=scored(of, unscored="endless"))
    fine = contender(1, poem=OTHER)
    for verdict in (_verdict(0, "approve"), _verdict(0, "edit", text=" \n")):
        winners = winners_of([failed, fine, contender(2, poem=THIRD)], arm=arm, verdicts=[verdict])
        assert {choice.poem_id for choice in winners} == {OTHER.id, THIRD.id}
        assert all(choice.description.strip() for choice in winners)


@pytest.mark.parametrize("arm", ["top", "random", "bottom"])
def test_an_edit_rescues_a_failed_candidate_in_every_arm_with_its_words(arm):
    of = candidate(POEM, "", slot=0, failure="endless")
    failed = Contender(candidate=of, score=scored(of, unscored="endless"))
    (winner,) = winners_of([failed], arm=arm, verdicts=[_verdict(0, "edit", text="A door that sings")])
    assert winner.description == "A door that sings"


# ---------------------------------------------------------------- examples


def _examples(task, poems=POEMS):
    choices = select_winners(some(2, 3), SelectionSettings())
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
