"""What an export knows of an adapter: of a run of the loop, of a fine-tuning, of none."""

import json
from pathlib import Path

import pytest

from workbench.config import as_data
from workbench.export.adapters import ExportJob, find_source, manner_of
from workbench.improvement.settings import Settings
from workbench.prompts.templates import load_prompt
from workbench.storage.runs import FINE_TUNING, Run
from workbench.training.run import TrainingJob
from workbench.types import Message, Poem

KEPT, TAUGHT = Poem(title="Quay", text="the quay is dry"), Poem(title="Ferry", text="a bell, a rope")


def adapter_in(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "adapter_config.json").write_text(json.dumps({"base_model_name_or_path": ""}))
    return folder


def examples_in(folder: Path) -> Path:
    folder.mkdir()
    for side, system in (("train", "Keep to things."), ("valid", "Keep to things.")):
        turns = [{"role": "system", "content": system}, {"role": "user", "content": f"ANGLE: {side}"}]
        lines = [json.dumps({"messages": turns, "target": f"{side} {n}", "task": "poet_pair"}) for n in range(3)]
        (folder / f"{side}.jsonl").write_text("\n".join(lines))
    return folder


@pytest.fixture
def loop(tmp_path: Path) -> Path:
    facts = {"settings": as_data(Settings()), "held_out": [KEPT.id], "training": [TAUGHT.id]}
    with Run.create(tmp_path, "tide", facts, begin_with=[KEPT, TAUGHT]) as run:
        run.records.note("saved", text="saved")
        adapter_in(run.adapter_folder("top-1"))
        adapter_in(run.adapter_folder("describer-1-4"))
    return tmp_path


@pytest.fixture
def fine_tuning(tmp_path: Path) -> Path:
    job = TrainingJob(name="rhyme_poet", examples=str(examples_in(tmp_path / "examples")))
    with Run.create(tmp_path, "ebb", {"kind": FINE_TUNING, "settings": as_data(job)}) as run:
        run.records.note("saved", text="saved")
        adapter_in(run.adapter_folder("best"))
    return tmp_path


def test_a_follower_is_measured_on_held_out_poems_and_asked_as_it_was_taught(loop: Path) -> None:
    source = find_source("tide", ExportJob(), runs=loop)
    assert (source.adapter, source.task, source.run) == (loop / "tide/adapters/top-1", "follower", "tide")
    assert [text.answer for text in source.held_out] == ["Title: Quay\nPoem: the quay is dry"]
    assert (source.manner.system, source.manner.question) == ("You are a poet.", "Description: {description}")
    assert source.manner.sampling.temperature == 0.9


def test_a_describer_is_asked_by_the_describers_prompt(loop: Path) -> None:
    source = find_source(str(loop / "tide/adapters/describer-1-4"), ExportJob(), runs=Path("elsewhere"))
    assert source.task == "describer"
    assert "{poem}" in source.manner.question


@pytest.mark.parametrize("what", ["ebb", "ebb/adapters/best"])
def test_a_fine_tuning_is_measured_on_its_own_questions(fine_tuning: Path, what: str) -> None:
    named = what if what == "ebb" else str(fine_tuning / what)
    source = find_source(named, ExportJob(), runs=fine_tuning)
    assert source.task == "rhyme_poet"
    assert {text.answer for text in source.held_out} == {"valid 0", "valid 1", "valid 2"}
    assert {text.answer for text in source.calibration} == {"train 0", "train 1", "train 2"}
    assert (source.manner.system, source.manner.question) == ("Keep to things.", "ANGLE: train")


def test_a_shipped_adapter_has_its_persona() -> None:
    source = find_source("models/poet", ExportJob(), runs=Path("elsewhere"))
    assert source.manner.system.startswith("You")
    assert source.manner.sampling.temperature == 0.8


def test_a_long_question_is_cut_in_the_modelfile() -> None:
    manner = manner_of((Message(role="user", content="\n".join("line" for _ in range(50))),), sampling=None)
    assert manner.question.endswith("…")
    assert len(manner.question.split("\n")) == 25


def test_the_follower_prompt_that_ships_has_one_value() -> None:
    assert load_prompt("follow").values == {"description"}
