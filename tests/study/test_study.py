"""A study on a tiny model of random weights: runs, shared candidates, resumption, and the record that is published."""

import json
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.engines.families import family_checkpoint
from tests.tiny_exports import tiny_model
from workbench.config import as_data, job_changed, job_from
from workbench.engines.sources import ModelSettings
from workbench.errors import InputError, Stopped
from workbench.improvement.pool import shared_records
from workbench.improvement.settings import Settings
from workbench.intervals import FEWEST_POEMS, mean_of
from workbench.storage.runs import Run
from workbench.study.command import foreseen
from workbench.study.settings import StudySettings
from workbench.study.study import RECORD, figures, read_study, study
from workbench.study.table import differences_of, rows_of
from workbench.types import Candidate, Example, ScoredCandidate, StepRecord

WAYS = {
    "pairs": {"task": "describer", "objective": "preference"},
    "imitation": {"task": "describer", "learning_rate": 1e-3},
}
ON_POLICY = ["improvement.interleaved=true", "improvement.evals_per_iteration=1000", "improvement.poems_per_batch=2",
             "evaluation.arms=[top]", "evaluation.describes=false", "selection.noise_floor=0.0"]  # fmt: skip
BY_REWARD = {
    "name": "rewarded",
    "ways": {
        "policy": {"task": "describer", "objective": "policy"},
        "policy_shuffled": {"task": "describer", "objective": "policy", "rewards": "shuffled"},
    },
    "changes": {"policy": ON_POLICY, "policy_shuffled": ON_POLICY},
    "beside": {"policy": "policy_shuffled"},
}  # fmt: skip


def _plan(root, **changes) -> StudySettings:
    loop = {
        "runs": str(root / "runs"), "model": {"source": str(root / "model")},
        "corpus": {"poems": "data/poems/good/short.jsonl", "limit": 8, "held_out": 0.5},
        "backtranslation": {"n_candidates": 4, "words": 10, "max_new_tokens": 16, "keep_endless": True,
                            "min_words": 1, "retries": 0, "temperature": 2.0, "top_k": 0, "top_p": 1.0},
        "scoring": {"others": 2, "judges": 1, "weights": "base"},
        "selection": {"top_k": 1, "min_gain": -9.0},
        "learner": {"lora_rank": 4, "threads": 1},
        "improvement": {"iterations": 1, "poems_per_batch": 4, "interleaved": False, "evals_per_iteration": 0,
                        "saves_per_iteration": 1},
        "evaluation": {"n_candidates": 2, "others": 3, "arms": ["top", "random"], "canaries": False},
    }  # fmt: skip
    return job_from(StudySettings, {"name": "small", "seeds": [3], "loop": loop, "ways": WAYS} | changes)


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    root = tmp_path_factory.mktemp("study")
    tiny_model(root / "model")
    plan, said = _plan(root), []
    return root, plan, study(plan, said=said.append, folder=root / "studies"), said


def test_each_way_is_a_run_of_its_own_and_every_run_sees_the_same_candidates(done):
    root, plan, _, said = done
    assert said == ["run 1 of 2: small-pairs-3", "run 2 of 2: small-imitation-3"]
    seen = []
    for way, seed in plan.runs:
        with closing(Run.open(root / "runs", plan.run_name(way, seed), read_only=True)) as run:
            records = [*run.records.all(Candidate, iteration=1), *run.records.all(ScoredCandidate, iteration=1)]
            seen.append({record.id for record in records if record.poem_id in run.facts["training"]})
    assert seen[0] == seen[1] != set()


def test_the_record_holds_figures_and_no_text(done):
    _, _, folder, _ = done
    assert sorted(path.name for path in folder.iterdir()) == ["about.json", RECORD, "plan.yaml"]
    rows = [json.loads(line) for line in (folder / RECORD).read_text().splitlines()]
    assert {tuple(sorted(row)) for row in rows} == {
        ("arm", "iteration", "metric", "per_poem", "seed", "way", "weights")
    }
    assert json.loads((folder / "about.json").read_text())["poems"] == {"3": {"training": 4, "held out": 4}}
    measured = read_study("small", folder=folder.parent)
    assert len(figures(measured, "identification", way="pairs", arm="random", iteration=1)) == 4


def test_what_is_finished_is_not_done_again(done):
    _, plan, folder, _ = done
    before = (folder / RECORD).read_bytes()
    actions = []
    study(plan, watch=actions.append, folder=folder.parent)
    assert (actions, (folder / RECORD).read_bytes()) == ([], before)


def test_a_stopped_study_continues_where_it_was(done, tmp_path):
    _, plan, folder, _ = done
    ways = {"pairs": plan.ways["pairs"]}
    halved = replace(plan, name="halved", ways=ways, loop=replace(plan.loop, runs=str(tmp_path / "runs")))
    runs = []

    def stop_soon(progress):
        if progress.position == 3:
            runs[-1].ask_to_stop()

    with pytest.raises(Stopped):
        study(halved, watch=stop_soon, working_on=runs.append, folder=tmp_path)
    study(halved, folder=tmp_path)
    ours = read_study("halved", folder=tmp_path)
    theirs = [row for row in read_study("small", folder=folder.parent) if row.way == "pairs"]
    assert ours == theirs


@pytest.fixture(scope="module")
def rewarded(tmp_path_factory):
    root = tmp_path_factory.mktemp("rewarded")
    plan = _plan(root, **BY_REWARD)
    writes = replace(plan.loop.backtranslation, max_new_tokens=24, temperature=0.9, top_k=40, top_p=0.95)
    model = ModelSettings(source=str(family_checkpoint(root / "model", "llama", repeats=True)), weights="bf16")
    plan = replace(plan, loop=replace(plan.loop, model=model, backtranslation=writes))
    return root, plan, study(plan, folder=root / "studies")


def _shared(plan, changes):
    """Kinds of what a run like the first may take from it but for these changes: of training and held-out poems."""
    settings = job_changed(Settings, as_data(plan.of_run("pairs", 3)), changes)
    with closing(Run.open(Path(plan.loop.runs), "small-pairs-3", read_only=True)) as run:
        held_out = set(run.facts["held_out"])
    taken = shared_records(settings, "small-pairs-3")
    kinds = {(type(each).__name__, getattr(each, "poem_id", "") in held_out) for each in taken}
    return {name for name, is_held in kinds if not is_held}, {name for name, is_held in kinds if is_held}


@pytest.mark.parametrize(
    ("changes", "for_training", "held_out"),
    [
        ([], {"Candidate", "ScoredCandidate", "Choice", "Measurement"}, {"Candidate", "ScoredCandidate"}),
        (["selection.top_k=2"], {"Candidate", "ScoredCandidate", "Measurement"}, {"Candidate", "ScoredCandidate"}),
        (["scoring.leaks.guard_run=2"], {"Candidate"}, set()),
        (["scoring.rivals=mixed"], {"Candidate", "Measurement"}, {"Candidate", "ScoredCandidate"}),
        (["improvement.interleaved=true"], {"Measurement"}, {"Candidate", "ScoredCandidate"}),
    ],
)
def test_what_would_come_out_alike_is_shared_and_nothing_else(done, changes, for_training, held_out):
    assert _shared(done[1], changes) == (for_training, held_out)


def test_a_pool_of_other_texts_is_refused(done):
    with pytest.raises(InputError, match="cannot be shared: it differs in seed, backtranslation"):
        _shared(done[1], ["seed=4", "backtranslation.words=20"])


def test_learning_by_reward_uses_every_answer_of_its_own_once(rewarded):
    root, plan, _ = rewarded
    with closing(Run.open(root / "runs", plan.run_name("policy", 3), read_only=True)) as run:
        steps, examples = run.records.all(StepRecord), run.records.all(Example)
        adapters = {c.adapter for c in run.records.all(Candidate, iteration=1) if c.poem_id in run.facts["training"]}
    assert len(steps) == 2
    assert len(adapters) == 2, "the second half was written by what the first had taught"
    assert sum(len(step.examples) for step in steps) == len({e.candidate_id for e in examples}) == len(examples) > 2


def test_the_control_of_a_way_is_the_way_that_the_plan_names(rewarded):
    _, plan, folder = rewarded
    measured = read_study("rewarded", folder=folder.parent)
    rows = {(row.way, row.metric): row for row in rows_of(measured, plan.beside)}
    row = rows["policy", "expected_words"]
    drawn = figures(measured, "expected_words", way="policy_shuffled", arm="top", iteration=1)
    assert row.drawn == mean_of(drawn)
    assert ("policy", "n_words") not in rows, "no new description was written"


def test_a_study_by_reward_that_was_stopped_ends_as_one_that_never_was(rewarded, tmp_path):
    root, plan, _ = rewarded
    alone = replace(
        plan, name="halved", ways={"policy": plan.ways["policy"]}, changes={"policy": tuple(ON_POLICY)}, beside={},
        loop=replace(plan.loop, runs=str(tmp_path)),
    )  # fmt: skip
    runs, stops = [], [7, 4]

    def stop(progress):
        if stops and progress.position == stops[-1]:
            stops.pop()
            runs[-1].ask_to_stop()

    for _ in (4, 7):
        with pytest.raises(Stopped):
            study(alone, watch=stop, working_on=runs.append, folder=tmp_path / "studies")
    study(alone, folder=tmp_path / "studies")
    adapter = "policy-3/adapters/top-1/adapter_model.safetensors"
    assert (tmp_path / f"halved-{adapter}").read_bytes() == (root / "runs" / f"rewarded-{adapter}").read_bytes()
    whole = [row for row in read_study("rewarded", folder=root / "studies") if row.way == "policy"]
    assert read_study("halved", folder=tmp_path / "studies") == whole


def test_a_run_of_other_settings_is_not_taken_for_one_of_the_study(done):
    _, plan, folder, _ = done
    other = replace(plan, loop=replace(plan.loop, selection=replace(plan.loop.selection, top_k=2)))
    with pytest.raises(InputError, match=r"small-pairs-3.*other settings \(selection\)"):
        study(other, folder=folder.parent)


def test_a_study_that_is_nowhere_is_said_so(tmp_path):
    with pytest.raises(InputError, match="no record of a study"):
        read_study("nothing", folder=tmp_path)


def test_cost_and_power_are_said_before_anything_runs(done):
    _, plan, folder, _ = done
    larger = replace(plan, seeds=(3, 4), name="larger")
    said = foreseen(larger, folder=folder.parent)
    assert "descriptions" in said
    assert "8 held-out poems over all seeds" in said
    known = differences_of(read_study("small", folder=folder.parent), plan.endpoint)
    assert ("as in small" in said) == (len(known) >= FEWEST_POEMS)
