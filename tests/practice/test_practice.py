"""A practice from its first poem to its table, on a tiny model that is taught and the built-in one that writes."""

import json
from pathlib import Path

import pytest

from tests.tiny_exports import tiny_model
from workbench.config import as_data
from workbench.engines.learning.settings import LearnerSettings
from workbench.engines.sources import ModelSettings
from workbench.errors import InputError, Stopped
from workbench.practice.actions import Practice
from workbench.practice.practice import new_practice, open_practice, practise, sentences, table
from workbench.practice.settings import PracticeSettings, PracticeTraining
from workbench.storage.execution import Progress
from workbench.storage.runs import Run
from workbench.types import Measurement, StepRecord
from workbench.writing.settings import WritingSettings

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> PracticeSettings:
    folder = tmp_path_factory.mktemp("practice")
    (folder / "subjects.txt").write_text("a gate\nwet rope\nold salt\n", "utf-8")
    model = ModelSettings(source=str(tiny_model(folder / "tiny")), weights="checkpoint", cache=str(folder / "cache"))
    return PracticeSettings(
        runs=str(folder / "runs"), subjects=str(folder / "subjects.txt"), n_subjects=2, n_held_out=1,
        forms=("haiku",), new_forms=("couplets",), rounds=1, n_answers=1, n_measured=1, max_new_tokens=16,
        arms=("verified", "shuffled"), poet="built-in", model=model, learner=LearnerSettings(lora_rank=2),
        writing=WritingSettings(units=1, n_walks=2, enough=4, n_finalists=1, n_runners_up=0),
        training=PracticeTraining(epochs=1, requests_per_step=2),
    )  # fmt: skip


@pytest.fixture(scope="module")
def finished(settings: PracticeSettings) -> Path:
    with new_practice(settings, name="whole") as practice:
        practise(practice)
        return practice.run.folder


def _records(folder: Path) -> tuple[str, list[bytes]]:
    with Run.open(folder.parent, folder.name, read_only=True) as run:
        files = sorted((folder / "adapters").rglob("*.safetensors"))
        return run.records.digest(), [file.read_bytes() for file in files]


def test_every_arm_is_trained_and_measured_after_each_round(finished: Path) -> None:
    with Run.open(finished.parent, finished.name, read_only=True) as run:
        found, steps = run.records.all(Measurement), run.records.all(StepRecord)
    voices = {(one.arm, one.iteration) for one in found}
    assert voices == {("base", 0)} | {("verified", 1), ("shuffled", 1)}
    assert {one.metric for one in found} >= {"kept", "kept, new forms", "copied", "fluency", "human loss"}
    assert all(step.loss_nats > 0 for step in steps if step.examples)
    assert list(table(found).columns) == ["figure", "before", "verified 1", "shuffled 1"]


def test_two_arms_that_learn_of_different_poems_end_with_different_weights(finished: Path) -> None:
    one, other = ((finished / "adapters" / f"{arm}-1" / "adapter_model.safetensors").read_bytes()
                  for arm in ("verified", "shuffled"))  # fmt: skip
    assert one != other


def test_the_page_says_what_the_records_say(finished: Path) -> None:
    with Run.open(finished.parent, finished.name, read_only=True) as run:
        said = sentences(run.records.all(Measurement))
    page = (finished / "practice.md").read_text("utf-8")
    assert said
    assert all(sentence in page for sentence in said)
    assert "too few poems to tell" in page


def test_a_practice_that_was_stopped_twice_ends_as_one_that_never_was(
    settings: PracticeSettings, finished: Path
) -> None:
    with new_practice(settings, name="stopped") as practice:
        _stop_at(1, practice)  # while poems are written
    with open_practice(finished.parent, "stopped") as practice:
        _stop_at(6, practice)  # while the first arm learns
    with open_practice(finished.parent, "stopped") as practice:
        practise(practice)
        folder = practice.run.folder
    assert _records(folder) == _records(finished)
    assert (folder / "poems.jsonl").read_bytes() == (finished / "poems.jsonl").read_bytes()


def _stop_at(position: int, practice: Practice) -> None:
    def watch(progress: Progress) -> None:
        if progress.position == position:
            practice.run.ask_to_stop()

    with pytest.raises(Stopped, match="practice --resume stopped"):
        practise(practice, watch=watch)


def test_another_kind_of_run_is_not_continued(settings: PracticeSettings, tmp_path: Path) -> None:
    with Run.create(tmp_path, "other", {"kind": "loop", "settings": as_data(settings)}):
        pass
    with pytest.raises(InputError, match="run 'other' is not a practice"), open_practice(tmp_path, "other"):
        pytest.fail("it was opened")


def test_the_run_says_what_it_was_made_with(finished: Path, settings: PracticeSettings) -> None:
    facts = json.loads((finished / "run.json").read_text("utf-8"))
    assert facts["kind"] == "practice"
    assert facts["settings"] == json.loads(json.dumps(as_data(settings)))
