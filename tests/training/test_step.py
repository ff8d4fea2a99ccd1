"""What the winners on record teach, and that a pair is learnt."""

import math
from dataclasses import replace
from itertools import pairwise
from random import Random
from statistics import fmean

import pytest

from tests.engines.tiny_models import item, tiny_checkpoint
from tests.fakes import candidate, scored
from workbench.engines.learning.learner import TorchLearner
from workbench.engines.learning.settings import LearnerSettings
from workbench.errors import DivergedError
from workbench.prompts.templates import load_prompt
from workbench.selection.examples import WinnerExamples
from workbench.selection.groups import Group
from workbench.selection.select import SelectionSettings, pair_up, select_winners
from workbench.storage.records import RecordStore
from workbench.training.step import policy_step, training_step
from workbench.types import Example, Message, Poem

POEMS = [
    Poem(title="Hinge", text="The cold hinge sings of rain\nand nobody will mend the door"),
    Poem(title="Salt", text="A white road runs to the dry well\nand back again by night"),
]
ARMS = ("top", "random")


class Letters:
    """Renders a letter as a token."""

    name = "chat"

    def render(self, prompt, target):
        return item(prompt[-1].content, target)


def _example(task, target, prompt="THE SALT ROAD"):
    return Example(id=f"{task}{target}", poem_id="p", candidate_id=target, task=task, target=target,
                   prompt=(Message(role="user", content=prompt),))  # fmt: skip


def _rejected(target):
    return replace(_example("describer", target), rejected_for="chosen")


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    return tiny_checkpoint(tmp_path_factory.mktemp("tiny") / "model")


@pytest.fixture
def learner(checkpoint):
    return TorchLearner(checkpoint, LearnerSettings(lora_rank=4, dtype="float32", engine="peft"), seed=0)


@pytest.fixture
def store(tmp_path):
    made = RecordStore(tmp_path / "records.sqlite")
    settings = SelectionSettings(top_k=1)
    for iteration in (1, 2):
        for poem in POEMS:
            of = [
                candidate(poem, f"{poem.title} {iteration}.{slot}", slot=slot, iteration=iteration) for slot in range(4)
            ]
            scores = [scored(each, guarded_gain_nats=20.0 + 10 * each.slot) for each in of]
            choices = [c for arm in ARMS for c in select_winners(pair_up(of, scores), settings, arm=arm)]
            made.put(of, scores, choices)
    yield made
    made.close()


def _examples(store, *, task="describer", is_preference=True):
    prompts = {"follow": load_prompt("follow"), "describe": load_prompt("describe")}
    return WinnerExamples(
        records=store, selection=SelectionSettings(top_k=1), task=task, is_preference=is_preference, pool="last",
        words=40, seed=3, **prompts,
    )  # fmt: skip


def test_pairs_are_side_by_side_with_one_prompt(store):
    examples = _examples(store).of(POEMS, arm="top", iteration=2)
    assert [e.task for e in examples] == ["describer"] * 4
    assert [e.rejected_for for e in examples] == ["", examples[0].id, "", examples[2].id]
    assert [e.target for e in examples] == ["Hinge 2.3", "Hinge 2.0", "Salt 2.3", "Salt 2.0"]
    assert all(chosen.prompt == rejected.prompt for chosen, rejected in zip(examples[::2], examples[1::2], strict=True))
    assert len({e.id for e in examples}) == 4


def test_a_control_arm_has_as_many_pairs(store):
    top, random = (_examples(store).of(POEMS, arm=arm, iteration=1) for arm in ARMS)
    assert [e.task for e in top] == [e.task for e in random]
    assert {e.poem_id for e in top} == {e.poem_id for e in random}


def test_the_same_records_teach_the_same(store):
    assert _examples(store).of(POEMS, arm="random", iteration=2) == _examples(store).of(
        POEMS, arm="random", iteration=2
    )


def test_plain_fine_tuning_has_no_pairs(store):
    assert {e.task for e in _examples(store, task="both", is_preference=False).of(POEMS, arm="top", iteration=1)} == {
        "follower",
        "describer",
    }


def test_a_pair_is_learnt_and_its_loss_is_that_of_the_chosen(learner):
    pair = [_example("describer", "A WHITE ROAD"), _rejected("NIGHT AND RAIN")]
    rendered = [Letters().render(e.prompt, e.target) for e in pair]
    gaps = []
    for _ in range(6):
        chosen, rejected = learner.score(rendered)
        gaps.append(rejected.nll_nats - chosen.nll_nats)
        result = training_step(learner, Letters(), pair, learning_rate=3e-3, beta=0.1)
        assert (result.loss_nats, result.n_tokens) == (pytest.approx(chosen.nll_nats, rel=1e-5), 12)
    assert all(later > sooner for sooner, later in pairwise(gaps))
    assert gaps[-1] - gaps[0] > 1


def test_a_pair_the_other_way_round_teaches_the_opposite(learner):
    pair = [_example("describer", "NIGHT AND RAIN"), _rejected("A WHITE ROAD")]
    rendered = [Letters().render(e.prompt, e.target) for e in pair]
    before = learner.score(rendered)
    for _ in range(4):
        training_step(learner, Letters(), pair, learning_rate=3e-3, beta=0.1)
    after = learner.score(rendered)
    assert after[1].nll_nats - after[0].nll_nats > before[1].nll_nats - before[0].nll_nats


def test_plain_examples_are_a_plain_step(learner):
    examples = [_example("describer", "A WHITE ROAD"), _example("follower", "NIGHT")]
    result = training_step(learner, Letters(), examples, learning_rate=3e-3, beta=0.1)
    assert result.n_tokens == 17


def test_nothing_to_learn_is_no_step(learner):
    assert training_step(learner, Letters(), [], learning_rate=1.0, beta=0.1) is None


def test_a_pair_that_cannot_be_weighed_stops_the_training(learner):
    with pytest.raises(DivergedError, match="weighed"):
        training_step(learner, Letters(), [_example("describer", ""), _rejected("RAIN")], learning_rate=1.0, beta=0.1)


ANSWERS = ("ROAD A", "ROAD B", "ROAD C", "ROAD D")
WORTH = (3.0, 0.0, 1.0, 0.0)


def _shares(learner):
    """How often the weights would give each answer, of these four."""
    losses = [s.nll_nats for s in learner.score([Letters().render(_example("d", a).prompt, a) for a in ANSWERS])]
    odds = [math.exp(min(losses) - loss) for loss in losses]
    return [each / sum(odds) for each in odds]


def _rise(learner, *, is_shuffled=False, kl=0.0, n_steps=1, seed=1):
    """How much more it would earn after steps on sixteen answers of its own each."""
    learner.reset(0)
    draw, before = Random(seed), _earned(learner)  # noqa: S311 - no secret
    for _ in range(n_steps):
        own = draw.choices(range(4), weights=_shares(learner), k=16)
        rewards = [WORTH[place] for place in own]
        if is_shuffled:
            draw.shuffle(rewards)
        group = Group(examples=tuple(_example("describer", ANSWERS[at]) for at in own), rewards=tuple(rewards))
        policy_step(learner, Letters(), [group], learning_rate=1e-3, kl=kl)
    return _earned(learner) - before


def _earned(learner):
    return sum(share * worth for share, worth in zip(_shares(learner), WORTH, strict=True))


def test_by_rewards_the_better_answers_become_likelier_and_distance_from_the_base_costs(learner):
    free, dear = (_rise(learner, kl=kl, n_steps=8) for kl in (0.0, 10.0))
    assert free > 1
    assert dear < free - 0.5


def test_shuffled_rewards_teach_nothing_of_the_kind(learner):
    own, shuffled = (fmean(_rise(learner, is_shuffled=it, seed=seed) for seed in range(12)) for it in (False, True))
    assert own > 0.12
    assert abs(shuffled) < own * 2 / 3


def test_equal_rewards_move_nothing_and_no_group_is_no_step(learner):
    group = Group(examples=tuple(_example("describer", a) for a in ANSWERS), rewards=(1.0,) * 4)
    result = policy_step(learner, Letters(), [group], learning_rate=1e-3, kl=0.0)
    assert result.gradient_norm == pytest.approx(0.0, abs=1e-6)
    assert policy_step(learner, Letters(), [], learning_rate=1.0, kl=0.0) is None
