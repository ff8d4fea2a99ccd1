"""What a run will cost: counts from the plan, rates from an earlier run."""

import pytest

from workbench.config import as_data
from workbench.improvement.estimate import ASSUMED, estimate, measured_rates, n_short_enough, seconds_left
from workbench.improvement.plan import make_plan
from workbench.improvement.settings import settings_from
from workbench.storage.runs import Run
from workbench.types import Measurement, Poem

DATA = {
    "corpus": {"held_out": 0.25},
    "backtranslation": {"n_candidates": 3},
    "selection": {"top_k": 2},
    "improvement": {"iterations": 2, "poems_per_batch": 4},
    "evaluation": {"n_candidates": 2, "arms": ["top", "random"]},
}


def test_counts_are_those_of_the_plan(tmp_path):
    cost = estimate(settings_from(DATA), 16, runs=tmp_path)
    # 12 train and 4 are held out: 12 × 3 × 2 descriptions; 12 × 2 × 2 examples for each of two arms;
    # 4 × 2 descriptions, measured before, after each iteration, and after the control arm
    assert (cost.n_described, cost.n_trained, cost.n_measured) == (72, 96, 32)


def test_by_reward_every_description_teaches_and_fixed_ones_are_measured_once(tmp_path):
    rewarded = {"training": {"task": "describer", "objective": "policy"}, "evaluation": {
        "n_candidates": 2, "arms": ["top"], "describes": False}}  # fmt: skip
    cost = estimate(settings_from(DATA | rewarded), 16, runs=tmp_path)
    assert (cost.n_described, cost.n_trained, cost.n_measured) == (72, 72, 8)


def test_the_limit_of_poems_counts(tmp_path):
    settings = settings_from(DATA | {"corpus": {"held_out": 0.25, "limit": 4}})
    assert estimate(settings, 1000, runs=tmp_path).n_described == 3 * 3 * 2


def test_poems_that_the_run_will_leave_out_for_their_length_are_not_counted():
    poems = [Poem(title="Tide", text="The tide is out.\n" * n) for n in (2, 4, 40)]
    settings = settings_from(DATA | {"corpus": {"held_out": 0.25, "max_tokens": 60}})
    assert n_short_enough(settings, poems) == 2


def test_without_an_earlier_run_the_rates_are_assumed_and_it_says_so(tmp_path):
    cost = estimate(settings_from(DATA), 16, runs=tmp_path)
    assert "assumed" in cost.sentence
    assert cost.memory_gib > 0


def test_of_an_unknown_model_nothing_is_promised(tmp_path):
    cost = estimate(settings_from(DATA | {"model": {"source": str(tmp_path / "none")}}), 16, runs=tmp_path)
    assert "no earlier run tells how long" in cost.sentence
    assert "memory unknown" in cost.sentence


@pytest.fixture
def earlier(tmp_path, monkeypatch):
    """A finished run in which describing took 10 s an item, training 1 s, measuring 2 s."""
    return _worked(tmp_path, monkeypatch, "earlier", until=None)


def _worked(tmp_path, monkeypatch, name, *, until):
    settings = settings_from(DATA)
    ids = [Poem(title=str(n), text="x").id for n in range(12)]
    plan = make_plan(settings.improvement, ids, arms=("top", "random"), seed=settings.seed)
    seconds = {"describe": 10.0 * 3, "train": 1.0 * 2, "evaluate": 2.0 * 2}
    clock = [1000.0]
    monkeypatch.setattr("workbench.storage.records.time.time", lambda: clock[0])
    facts = {"settings": as_data(settings), "training": ids, "held_out": ids[:4]}
    with Run.create(tmp_path, name, facts) as run:
        for position, action in enumerate(plan[:until]):
            run.records.note("progress", position=position, of=len(plan), text="")
            n = {"describe": len(action.poem_ids), "train": len(action.poem_ids), "evaluate": 4}.get(action.kind, 1)
            clock[0] += seconds.get(action.kind, 5.0) * n
        run.records.put([Measurement(id="m", arm="top", iteration=0, weights="base", metric="x", value=0, low=0, high=0,
                                     n_poems=1)])  # fmt: skip
        run.records.note("finished", text="finished")
    return settings


def test_the_time_left_is_what_the_rest_of_the_plan_takes_at_the_speed_so_far(tmp_path, monkeypatch):
    settings = _worked(tmp_path, monkeypatch, "now", until=5)  # evaluate, save, describe, train; a refresh is under way
    with Run.open(tmp_path, "now", read_only=True) as run:
        plan = make_plan(settings.improvement, run.facts["training"], arms=("top", "random"), seed=settings.seed)
        left = seconds_left(run, runs=tmp_path / "no other runs")
    seconds = {"describe": 4 * 30.0, "train": 4 * 2.0, "evaluate": 4 * 4.0}
    assert left == pytest.approx(sum(seconds.get(action.kind, 0.0) for action in plan[4:]))


def test_rates_are_read_from_what_an_earlier_run_took(tmp_path, earlier):
    rates, source = measured_rates(tmp_path, earlier)
    assert rates == pytest.approx({"describe": 10.0, "train": 1.0, "evaluate": 2.0})
    assert source == "as fast as earlier"
    cost = estimate(earlier, 16, runs=tmp_path)
    assert cost.seconds == pytest.approx(72 * 10 + 96 * 1 + 32 * 2 + 15)


def test_a_run_with_another_model_tells_nothing(tmp_path, earlier):
    other = settings_from(DATA | {"model": {"source": "elsewhere"}})
    assert measured_rates(tmp_path, other) == ({}, "")
    assert set(ASSUMED) == {"describe", "train", "evaluate"}
