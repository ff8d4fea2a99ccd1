"""Rewards of a group: what a description is worth, what a copy is worth, and what its shuffled control keeps."""

import pytest

from tests.fakes import candidate, scored
from workbench.prompts.templates import load_prompt
from workbench.selection.groups import RewardedExamples, advantages, rewards_of
from workbench.selection.select import Contender, SelectionSettings
from workbench.storage.records import RecordStore
from workbench.types import Poem, Verdict

POEM = Poem(title="Hinge", text="The cold hinge sings of rain\nand nobody will mend the door")
SETTINGS = SelectionSettings()


def _contender(slot, gain=50.0, **changes):
    of = candidate(POEM, f"words {slot}", slot=slot)
    return Contender(candidate=of, score=scored(of, guarded_gain_nats=gain, **changes))


def _worth(*contenders, **more):
    return list(rewards_of(contenders, SETTINGS, **more).values())


def test_a_lead_of_a_twentieth_of_a_nat_is_one():
    assert _worth(_contender(0, 20.0), _contender(1, 25.0)) == pytest.approx([2.0, 3.0])


def test_a_copy_is_worth_what_the_worst_is_worth_and_never_more_than_nothing():
    copy = _contender(0, 90.0, is_leak=True)
    assert _worth(copy, _contender(1, 20.0), _contender(2, 30.0)) == pytest.approx([0.0, 2.0, 4.0])
    assert _worth(copy, _contender(1, 5.0), _contender(2, 30.0)) == pytest.approx([-1.0, -1.0, 4.0])


def test_what_a_person_rejected_is_worth_what_a_copy_is():
    liked, rejected = _contender(0, 20.0), _contender(1, 90.0)
    assert _worth(liked, rejected, rejected=[rejected.candidate.id]) == pytest.approx([2.0, 0.0])


def test_what_could_not_be_scored_is_in_no_group():
    assert _worth(_contender(0), _contender(1, unscored="engine")) == pytest.approx([8.0])


def test_advantages_add_up_to_nothing_and_keep_the_order():
    found = advantages([0.3, -1.0, 2.0, 0.0])
    assert sum(found) == pytest.approx(0.0)
    assert [found.index(value) for value in sorted(found)] == [1, 3, 0, 2]


@pytest.fixture
def store(tmp_path):
    made = RecordStore(tmp_path / "records.sqlite")
    own = [_contender(slot, 20.0 + 5 * slot) for slot in range(4)]
    made.put([c.candidate for c in own], [c.score for c in own])
    yield made
    made.close()


def _groups(store, *, is_shuffled=False, seed=3):
    lessons = RewardedExamples(
        records=store, selection=SETTINGS, describe=load_prompt("describe"), words=40, is_shuffled=is_shuffled,
        seed=seed,
    )  # fmt: skip
    return lessons.of([POEM], iteration=1)


def test_every_description_of_the_iteration_is_an_answer_to_one_request(store):
    (group,) = _groups(store)
    assert [e.target for e in group.examples] == [f"words {slot}" for slot in range(4)]
    assert len({e.prompt for e in group.examples}) == 1
    assert group.rewards == pytest.approx((2.0, 3.0, 4.0, 5.0))


def test_shuffled_rewards_are_the_same_ones_elsewhere(store):
    (own,), (shuffled,) = _groups(store), _groups(store, is_shuffled=True)
    assert shuffled.examples == own.examples
    assert sorted(shuffled.rewards) == sorted(own.rewards)
    assert shuffled.rewards != own.rewards
    assert _groups(store, is_shuffled=True) == [shuffled]


def test_a_group_whose_descriptions_do_not_differ_is_left_out(tmp_path):
    alike = RecordStore(tmp_path / "alike.sqlite")
    own = [_contender(slot, 20.0 + slot) for slot in range(3)]
    alike.put([c.candidate for c in own], [c.score for c in own])
    assert _groups(alike) == []
    alike.put([Verdict(id="v", candidate_id=own[0].candidate.id, poem_id=POEM.id, verdict="reject")])
    assert len(_groups(alike)) == 1, "a rejected one differs"
    alike.close()
