"""The steps of the workflow: skipped when nothing changed, done again when what they read changes, resumed."""

import json
from pathlib import Path

import pytest

from workbench.education.workflow.runner import Step, Workflow, WorkflowSettings, files_digest, plan_of, run_workflow
from workbench.education.workflow.steps import run_name
from workbench.education.workflow.table import STEPS, steps_for
from workbench.errors import EngineError, InputError, StoreError
from workbench.training.run import TrainingJob


def _workflow(folder: Path) -> Workflow:
    return Workflow(settings=WorkflowSettings(name="s", out=str(folder)))


def _steps(log: list[str], reads: dict[str, object], folder: Path, *, fail: str = "") -> tuple[Step, ...]:
    def step(name: str) -> Step:
        def work(workflow: Workflow, say: object) -> dict[str, str]:
            log.append(name)
            if name == fail:
                raise EngineError("the model is not there")
            (folder / name).write_text(str(reads.get(name)))
            return {"file": str(folder / name), "before": str(len(workflow.done))}

        return Step(name=name, tells=name, reads=lambda _: {"it": reads.get(name)}, work=work, files=("file",))

    return tuple(map(step, ("one", "two", "three")))


def test_a_second_run_does_nothing(tmp_path: Path):
    log: list[str] = []
    for _ in range(2):
        left = run_workflow(_workflow(tmp_path), _steps(log, {}, tmp_path), say=lambda _: None)
    assert log == ["one", "two", "three"]
    assert left["three"]["before"] == "2"


def test_a_step_is_done_again_when_what_it_reads_has_changed(tmp_path: Path):
    log: list[str] = []
    run_workflow(_workflow(tmp_path), _steps(log, {"two": 1}, tmp_path), say=lambda _: None)
    run_workflow(_workflow(tmp_path), _steps(log, {"two": 2}, tmp_path), say=lambda _: None)
    assert log == ["one", "two", "three", "two"]


def test_a_step_is_done_again_when_its_file_is_gone(tmp_path: Path):
    log: list[str] = []
    run_workflow(_workflow(tmp_path), _steps(log, {}, tmp_path), say=lambda _: None)
    (tmp_path / "one").unlink()
    run_workflow(_workflow(tmp_path), _steps(log, {}, tmp_path), say=lambda _: None)
    assert log == ["one", "two", "three", "one"]


def test_after_a_failure_it_goes_on_where_it_was(tmp_path: Path):
    log: list[str] = []
    with pytest.raises(EngineError):
        run_workflow(_workflow(tmp_path), _steps(log, {}, tmp_path, fail="two"), say=lambda _: None)
    run_workflow(_workflow(tmp_path), _steps(log, {}, tmp_path), say=lambda _: None)
    assert log == ["one", "two", "two", "three"]


def test_the_plan_says_what_a_step_took_last_time(tmp_path: Path):
    steps = _steps([], {}, tmp_path)
    assert [(one.is_done, one.seconds) for one in plan_of(_workflow(tmp_path), steps)] == [(False, None)] * 3
    run_workflow(_workflow(tmp_path), steps, say=lambda _: None)
    assert [(one.is_done, one.seconds) for one in plan_of(_workflow(tmp_path), steps)] == [(True, 0.0)] * 3
    (tmp_path / "two").unlink()
    assert [one.is_done for one in plan_of(_workflow(tmp_path), steps)] == [True, False, False]


def test_a_damaged_record_is_named(tmp_path: Path):
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "steps.json").write_text("{")
    with pytest.raises(StoreError, match=r"steps\.json"):
        run_workflow(_workflow(tmp_path), (), say=lambda _: None)


def test_a_changed_prompt_changes_the_digest(tmp_path: Path):
    (tmp_path / "a.txt").write_text("one")
    before = files_digest(tmp_path, "*.txt")
    (tmp_path / "a.txt").write_text("two")
    assert files_digest(tmp_path, "*.txt") != before


def test_the_table_has_every_step_once_and_trains_before_it_exports():
    names = [step.name for step in STEPS]
    assert len(names) == len(set(names)) == 15
    for learner in ("educator", "poet", "rhyme_poet"):
        assert names.index("prepare full") < names.index(f"train {learner}") < names.index(f"export {learner}")
    assert names.index("generated rows") < names.index("prepare full")


def test_a_part_of_the_workflow_has_its_steps_and_no_others():
    names = {part: [step.name for step in steps] for part, steps in {
        "all": steps_for(), "educator": steps_for(["educator"]), "seed": steps_for(generates=False),
        "training": steps_for(["poet", "rhyme_poet"], trains_only=True),
    }.items()}  # fmt: skip
    assert names["all"] == [step.name for step in STEPS]
    assert names["educator"][-2:] == ["train educator", "export educator"]
    assert "train interim" in names["educator"]
    assert not [name for name in names["seed"] if "interim" in name]
    assert names["seed"][-1] == "publish"
    assert names["training"] == ["train poet", "train rhyme_poet", "export poet", "export rhyme_poet"]


def test_without_generated_rows_an_empty_folder_stands_for_them(tmp_path: Path):
    step = next(step for step in steps_for(generates=False) if step.name == "generated rows")
    done = run_workflow(_workflow(tmp_path), [step], say=lambda _: None)["generated rows"]
    assert (done["n_passed"], [path.name for path in Path(done["rows"]).iterdir()]) == (0, ["README.txt"])


def test_other_examples_are_learned_in_another_run(tmp_path: Path):
    names = [
        run_name(Workflow(settings=WorkflowSettings(name="s"), done={"prepare full": {"outputs": {"digest": digest}}}),
                 TrainingJob(name="rhyme_poet"), "full")
        for digest in ("one", "two", "two")
    ]  # fmt: skip
    assert names[0] != names[1] == names[2]
    assert names[0].startswith("s-rhyme-poet-")


def test_a_part_reads_what_an_earlier_run_left(tmp_path: Path):
    log: list[str] = []
    first, second, _ = _steps(log, {}, tmp_path)
    run_workflow(_workflow(tmp_path), [first], say=lambda _: None)
    done = run_workflow(_workflow(tmp_path), [second], say=lambda _: None)
    assert (log, done["one"]["file"]) == (["one", "two"], str(tmp_path / "one"))


def test_a_part_whose_beginning_is_missing_is_one_line(tmp_path: Path):
    with pytest.raises(InputError, match="'prepare full' has not been done here; run the whole workflow first"):
        run_workflow(_workflow(tmp_path), steps_for(["poet"], trains_only=True), say=lambda _: None)


def test_a_record_with_the_former_names_of_steps_is_read_under_todays(tmp_path: Path):
    folder = tmp_path / "s"
    folder.mkdir()
    done = {"reads": "x", "outputs": {}, "seconds": 7.0}
    (folder / "steps.json").write_text(json.dumps({"homework": done, "examine": done, "ship": done}))
    names = ("generated rows", "final evaluation", "publish")
    steps = [Step(name=name, tells=name, reads=lambda _: {}, work=lambda *_: {}) for name in names]
    assert [one.seconds for one in plan_of(_workflow(tmp_path), steps)] == [7.0] * 3


def test_a_record_that_spells_the_rhyme_poet_in_two_words_is_read_under_todays_name(tmp_path: Path):
    folder = tmp_path / "s"
    folder.mkdir()
    done = {"reads": "x", "outputs": {}, "seconds": 7.0}
    (folder / "steps.json").write_text(json.dumps({"train rhyme poet": done}))
    step = Step(name="train rhyme_poet", tells="training", reads=lambda _: {}, work=lambda *_: {})
    assert [(one.tells, one.seconds) for one in plan_of(_workflow(tmp_path), [step])] == [("training", 7.0)]
