"""The plan of a practice is whole before its first action."""

from itertools import pairwise

from workbench.practice.plan import practice_plan
from workbench.practice.settings import PracticeSettings, PracticeTraining

_SETTINGS = PracticeSettings(rounds=2, training=PracticeTraining(epochs=3, requests_per_step=4))
_PLAN = practice_plan(_SETTINGS, 10)


def test_everything_is_written_and_measured_before_anything_is_learned() -> None:
    kinds = [action.kind for action in _PLAN]
    assert kinds[:12] == ["write"] * 10 + ["answer", "measure"]
    assert kinds[12] == "restart"


def test_each_pass_meets_each_request_once() -> None:
    steps = [action for action in _PLAN if action.kind == "imitate" and action.arm == "verified" and action.round == 1]
    assert len(steps) == 9
    assert all(sorted(i for step in steps[at : at + 3] for i in step.requests) == list(range(10)) for at in (0, 3, 6))


def test_later_rounds_make_one_pass_and_follow_on_new_answers() -> None:
    own = [action for action in _PLAN if action.arm == "verified"]
    assert sum(action.kind == "imitate" and action.round == 2 for action in own) == 3
    at = next(i for i, action in enumerate(own) if action.round == 2)
    assert (own[at - 1].kind, own[at - 1].voice) == ("answer", "verified 1")


def test_the_controls_are_taught_the_same_requests_in_the_same_order() -> None:
    of_arm = [[(a.kind, a.round, a.requests) for a in _PLAN if a.arm == arm] for arm in _SETTINGS.arms]
    assert all(one == other for one, other in pairwise(of_arm))
    assert of_arm[0]


def test_without_pairs_there_is_imitation_alone() -> None:
    plan = practice_plan(PracticeSettings(training=PracticeTraining(pairs=False)), 10)
    assert "contrast" not in {action.kind for action in plan}
    assert "imitate" in {action.kind for action in plan}
