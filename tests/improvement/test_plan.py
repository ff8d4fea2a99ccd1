"""The plan of a run is known before its first action."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.engines.learning.settings import learning_rate
from workbench.improvement.plan import ImprovementSettings, make_plan, points
from workbench.training.settings import LoopTrainingSettings

IDS = [f"p{n:02d}" for n in range(10)]
ARMS = ("top", "random", "shuffled")


def _plan(ids=IDS, *, arms=ARMS, seed=42, epochs=1, stop_after=None, **settings):
    settings = {"poems_per_batch": 4, **settings}
    return make_plan(ImprovementSettings(**settings), ids, arms=arms, seed=seed, epochs=epochs, stop_after=stop_after)


def _kinds(actions, iteration):
    return [action.kind for action in actions if action.iteration == iteration and action.arm == "top"]


_shapes = st.fixed_dictionaries({
    "iterations": st.integers(0, 5),
    "poems_per_batch": st.integers(1, 7),
    "interleaved": st.booleans(),
    "epochs": st.integers(1, 3),
    "restart": st.booleans(),
    "evals_per_iteration": st.sampled_from([0, 0.3, 0.5, 1, 2, 5, 99]),
    "saves_per_iteration": st.sampled_from([0, 0.5, 1, 2, 99]),
})  # fmt: skip
_ids = st.integers(0, 12).map(lambda n: [f"p{i:02d}" for i in range(n)])


def test_the_defaults_are_the_published_ones():
    settings = ImprovementSettings()
    assert (settings.iterations, settings.evals_per_iteration, settings.saves_per_iteration) == (3, 5, 2)
    training = LoopTrainingSettings()
    assert (training.learning_rate, training.learning_rate_end, training.epochs) == (1e-4, 5e-5, 1)
    assert settings.poems_per_batch * 2 == 64  # two winners a poem
    assert (settings.interleaved, settings.restart, settings.pool) == (True, False, "last")


def test_a_small_plan_by_hand():
    plan = _plan(iterations=1, arms=("top",), evals_per_iteration=1, saves_per_iteration=1)
    assert [action.kind for action in plan] == [
        "evaluate", "save",
        "describe", "train", "describe", "train", "describe", "train", "refresh", "save",
        "evaluate", "save",
    ]  # fmt: skip
    assert [(a.step, a.total) for a in plan if a.kind == "train"] == [(1, 3), (2, 3), (3, 3)]
    assert [len(a.poem_ids) for a in plan if a.kind == "describe"] == [4, 4, 2]


def test_a_plan_in_turn_describes_everything_first():
    plan = _plan(iterations=1, interleaved=False, epochs=2, evals_per_iteration=1, saves_per_iteration=1, restart=True)
    assert _kinds(plan, 1) == ["describe"] * 3 + ["restart"] + ["train"] * 6 + ["save", "refresh", "evaluate", "save"]


@given(ids=_ids, shape=_shapes)
def test_every_poem_is_described_once_and_trained_on_once_an_epoch(ids, shape):
    plan = _plan(ids, **shape)
    passes = 1 if shape["interleaved"] else shape["epochs"]
    for iteration in range(1, shape["iterations"] + 1):
        for kind, times in (("describe", 1), ("train", passes)):
            actions = [a for a in plan if (a.kind, a.iteration, a.arm) == (kind, iteration, "top")]
            assert Counter(p for a in actions for p in a.poem_ids) == dict.fromkeys(ids, times)


@given(ids=_ids, shape=_shapes, data=st.data())
def test_the_order_of_the_ids_does_not_matter(ids, shape, data):
    assert _plan(data.draw(st.permutations(ids)), **shape) == _plan(ids, **shape)


@given(ids=_ids, shape=_shapes)
def test_steps_number_to_their_total_and_the_rate_never_passes_its_end(ids, shape):
    plan = _plan(ids, arms=("top",), **shape)
    stretches, rates = [[]], []
    for action in plan:
        if action.kind == "restart":
            stretches.append([])
        if action.kind == "train":
            stretches[-1].append((action.step, action.total))
            rates.append(learning_rate(action.step, action.total, start=1e-4, end=5e-5))
    for stretch in stretches:
        assert stretch == [(number, len(stretch)) for number in range(1, len(stretch) + 1)]
    assert all(5e-5 <= rate <= 1e-4 for rate in rates)
    if rates and not shape["restart"]:
        assert rates == sorted(rates, reverse=True)
        assert rates[0] == 1e-4 or len(rates) == 1
        assert rates[-1] == 5e-5 or len(rates) == 1


@given(ids=_ids, shape=_shapes, stop_after=st.integers(0, 5))
def test_a_shortened_plan_begins_like_the_whole_one(ids, shape, stop_after):
    whole, short = _plan(ids, arms=("top",), **shape), _plan(ids, arms=("top",), stop_after=stop_after, **shape)
    assert short == whole[: len(short)]
    assert all(action.iteration <= stop_after for action in short)
    assert all(action.iteration > stop_after for action in whole[len(short) :])


@given(ids=_ids, shape=_shapes, stop_after=st.one_of(st.none(), st.integers(0, 5)))
def test_controls_train_on_the_same_poems_in_the_same_steps(ids, shape, stop_after):
    plan = _plan(ids, stop_after=stop_after, **shape)
    loop = [action for action in plan if action.arm == "top"]
    starts = [place for place, action in enumerate(loop) if action.kind == "restart"]
    trained = [a for a in loop[starts[-1] if starts else 0 :] if a.kind == "train"]
    for arm in ("random", "shuffled"):
        ours = [action for action in plan if action.arm == arm]
        steps = [a for a in ours if a.kind == "train"]
        assert [(a.poem_ids, a.step, a.total, a.iteration) for a in steps] == [
            (a.poem_ids, a.step, a.total, a.iteration) for a in trained
        ]
        assert [a.kind for a in ours] == (["restart", *["train"] * len(steps), "evaluate", "save"] if steps else [])
    assert plan[: len(loop)] == loop  # controls come after the loop


@given(ids=_ids, shape=_shapes)
def test_every_iteration_ends_measured_and_saved_and_the_base_is_measured_first(ids, shape):
    plan = _plan(ids, **shape)
    for iteration in range(shape["iterations"] + 1):
        assert _kinds(plan, iteration)[-2:] == ["evaluate", "save"]
    assert [a.kind for a in plan[:2]] == ["evaluate", "save"]


def test_another_iteration_or_seed_has_another_order():
    def order(plan, iteration):
        return [p for a in plan if a.kind == "describe" and a.iteration == iteration for p in a.poem_ids]

    plan = _plan()
    assert len({tuple(order(plan, i)) for i in (1, 2, 3)}) == 3
    assert order(plan, 1) != order(_plan(seed=43), 1)
    assert plan == _plan()


@pytest.mark.parametrize(
    ("wanted", "n_batches", "times"), [(0, 6, 0), (1, 6, 1), (2, 6, 2), (5, 6, 5), (5, 3, 3), (99, 4, 4), (2.9, 6, 2)]
)
def test_so_many_points_an_iteration_and_the_last_batch_is_one(wanted, n_batches, times):
    found = points(wanted, 1, n_batches)
    assert len(found) == times
    assert not found or max(found) == n_batches - 1
    assert found <= set(range(n_batches))


@pytest.mark.parametrize(
    ("wanted", "due"), [(0.5, [2, 4, 6, 8]), (0.25, [4, 8]), (0.75, [2, 3, 4, 6, 7, 8]), (0.1, [])]
)
def test_a_fraction_comes_every_so_many_iterations(wanted, due):
    assert [i for i in range(1, 9) if points(wanted, i, 3)] == due


@pytest.mark.parametrize("interleaved", [True, False])
def test_nought_is_off(interleaved):
    plan = _plan(evals_per_iteration=0, saves_per_iteration=0, interleaved=interleaved)
    assert not any(action.kind == "refresh" for action in plan)
    assert [a.kind for a in plan if a.arm == "top"].count("save") == 4  # only those after an evaluation


@pytest.mark.parametrize("interleaved", [True, False])
def test_restart_gives_every_iteration_a_fresh_adapter_before_its_first_step(interleaved):
    plan = _plan(restart=True, interleaved=interleaved, arms=("top",))
    for iteration in (1, 2, 3):
        kinds = _kinds(plan, iteration)
        assert kinds.count("restart") == 1
        assert kinds.index("restart") < kinds.index("train")


def test_without_poems_or_iterations_only_the_base_is_measured():
    assert [a.kind for a in _plan(iterations=0)] == ["evaluate", "save"]
    assert not any(a.kind in ("describe", "train") for a in _plan([]))
