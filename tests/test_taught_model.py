"""What a name, an adapter or a run means: its base, its adapter, its task and who scores."""

import json
from pathlib import Path

import pytest

from workbench.config import as_data
from workbench.engines.sources import ModelSettings
from workbench.errors import EngineError, InputError
from workbench.improvement.settings import Settings
from workbench.scoring.likelihood import ScoringSettings
from workbench.storage.runs import FINE_TUNING, Run
from workbench.taught_model import find_taught, newest_adapter
from workbench.training.run import TrainingJob


def adapter_in(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "adapter_config.json").write_text(json.dumps({"base_model_name_or_path": ""}))
    return folder


def a_run(root: Path, name: str, facts: dict, *adapters: str) -> Path:
    with Run.create(root, name, facts) as run:
        run.records.note("saved", text="saved")
        for each in adapters:
            adapter_in(run.adapter_folder(each))
    return root / name


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    loop = Settings(scoring=ScoringSettings(prompt="follow"), model=ModelSettings(sampler="built-in+models/poet"))
    a_run(tmp_path, "tide", {"settings": as_data(loop)}, "describer-2-9", "top-1", "top-10", "top-2", "random-11")
    job = TrainingJob(name="poet", examples="nowhere")
    a_run(tmp_path, "ebb", {"kind": FINE_TUNING, "settings": as_data(job)}, "epoch-1", "best")
    a_run(tmp_path, "still", {"settings": as_data(Settings())})
    return tmp_path


def test_a_run_means_its_own_base_and_its_newest_adapter(runs: Path):
    taught = find_taught(run="tide", runs=runs)
    assert (taught.adapter, taught.task, taught.run) == (runs / "tide/adapters/top-10", "follower", "tide")
    assert taught.model == ModelSettings()  # who described for the run does not write for it
    assert (taught.follow, taught.describe) == ("follow", "describe")


def test_another_adapter_of_a_run_can_be_named(runs: Path):
    assert find_taught(run="tide", adapter="top-1", runs=runs).adapter == runs / "tide/adapters/top-1"
    assert find_taught(run="tide", adapter="describer-2-9", runs=runs).task == "describer"


def test_what_a_loop_taught_brings_the_system_message_of_its_prompt(runs: Path):
    assert find_taught(run="tide", runs=runs).system == "You are a poet."
    assert find_taught(run="ebb", runs=runs).system == ""  # a fine-tuning's examples have their own


def test_a_fine_tuning_means_its_best_epoch(runs: Path):
    taught = find_taught(run="ebb", runs=runs)
    assert (taught.adapter, taught.task) == (runs / "ebb/adapters/best", "poet")


def test_a_run_that_learned_nothing_yet_says_so(runs: Path):
    with pytest.raises(InputError, match="none yet; train it first"):
        find_taught(run="still", runs=runs)


def test_an_adapter_that_is_not_there_is_answered_with_those_that_are(runs: Path):
    with pytest.raises(InputError, match="it has describer-2-9, random-11, top-1, top-10, top-2"):
        find_taught(run="tide", adapter="top-3", runs=runs)


def test_the_folder_of_an_adapter_in_a_run_knows_its_run(runs: Path):
    taught = find_taught(f"built-in+{runs / 'tide/adapters/top-2'}")
    assert (taught.run, taught.task, taught.adapter) == ("tide", "follower", runs / "tide/adapters/top-2")


def test_a_folder_of_an_adapter_alone_goes_over_the_base_that_it_names(tmp_path: Path):
    taught = find_taught(str(adapter_in(tmp_path / "poet")))
    assert (taught.model.source, taught.task, taught.run) == ("built-in", "poet", "")


def test_a_folder_without_an_adapter_is_refused(tmp_path: Path):
    with pytest.raises(InputError, match=r"no adapter_config\.json"):
        find_taught(f"built-in+{tmp_path}")


def test_a_base_alone_has_nothing_beside_it():
    taught = find_taught("built-in")
    assert (taught.adapter, taught.name) == (None, "built-in")


def test_an_endpoint_writes_and_the_built_in_model_scores():
    taught = find_taught("http://127.0.0.1:11434/v1#llama3.1", key="MY_KEY")
    assert (taught.model.source, taught.model.sampler_key) == ("built-in", "MY_KEY")
    assert taught.name == "remote:http://127.0.0.1:11434/v1#llama3.1"


def test_a_scorer_that_is_named_gives_the_losses(runs: Path):
    taught = find_taught(run="tide", runs=runs, scorer="some/model")
    assert (taught.model.source, taught.model.sampler) == ("some/model", "built-in")
    assert taught.name.endswith("+" + str(runs / "tide/adapters/top-10"))


def test_an_engine_that_is_not_there_is_refused():
    with pytest.raises(EngineError, match="no such engine"):
        find_taught("nowhere-at-all")


@pytest.mark.parametrize(
    ("names", "newest"),
    [
        (["random-3", "top-9", "top-10"], "top-10"),
        (["epoch-2", "best", "epoch-1"], "best"),
        (["describer-1-9"], ""),
        ([], ""),
    ],
)
def test_the_newest_adapter_is_the_one_meant(names: list[str], newest: str):
    assert newest_adapter(names) == newest


def test_a_scorer_that_tells_no_losses_is_refused_by_name():
    with pytest.raises(InputError, match=r"--scorer remote:.*tells no losses"):
        find_taught("built-in", scorer="remote:http://127.0.0.1:9/v1#m")
