from dataclasses import fields, is_dataclass, replace
from pathlib import Path

import pytest
import yaml

from workbench.config import as_data, as_yaml, load_job
from workbench.education.workflow.runner import WorkflowSettings
from workbench.errors import ConfigError
from workbench.improvement.settings import Settings, load_settings, settings_from
from workbench.places import ROOT
from workbench.training.run import TrainingJob

CONFIG = ROOT / "config"


#: The loop's own; those of other jobs are loaded in the tests of their phases, and here as their own dataclass.
OF_THE_LOOP = {"demo", "improve", "selection_study"}
JOBS = {"educate_run": WorkflowSettings, "educate_run_quick": WorkflowSettings} | dict.fromkeys(
    ("educator", "educator_gpu", "poet", "rhyme_poet"), TrainingJob
)
ELSEWHERE = {"educate", "export", "revflux", "revise", "serve"}


def test_every_shipped_configuration_loads():
    files = {file.stem: file for file in CONFIG.glob("*.yaml")}
    assert set(files) == OF_THE_LOOP | set(JOBS) | ELSEWHERE
    for name in OF_THE_LOOP:
        assert load_settings(files[name]).backtranslation.n_candidates >= 1
    for name, kind in JOBS.items():
        assert isinstance(load_job(kind, files[name]), kind)


def test_the_defaults_are_those_of_the_published_loop():
    settings = Settings()
    assert (settings.backtranslation.n_candidates, settings.selection.top_k) == (4, 2)
    assert (settings.backtranslation.temperature, settings.backtranslation.top_p, settings.backtranslation.top_k) == (
        0.9, 0.95, 40)  # fmt: skip
    assert (settings.improvement.iterations, settings.learner.lora_rank) == (3, 32)
    assert settings.learner.adam_betas == (0.9, 0.95)
    assert (settings.training.learning_rate, settings.training.learning_rate_end) == (1e-4, 5e-5)
    assert (settings.improvement.evals_per_iteration, settings.improvement.saves_per_iteration) == (5, 2)
    assert settings.corpus.max_tokens == 6144


def test_improve_yaml_spells_out_the_loops_defaults_and_changes_only_what_the_small_model_needs():
    written, defaults = load_settings(CONFIG / "improve.yaml"), Settings()
    wordy = replace(defaults.backtranslation, keep_endless=True)
    assert replace(written, backtranslation=wordy) == replace(defaults, backtranslation=wordy)
    assert written.backtranslation == wordy


def test_settings_survive_the_way_to_yaml_and_back():
    settings = load_settings(CONFIG / "demo.yaml", ["seed=7", "evaluation.arms=[top, plain]"])
    assert settings_from(as_data(settings)) == settings
    assert settings_from(yaml.safe_load(as_yaml(settings))) == settings


def test_a_number_in_scientific_notation_without_a_dot_is_a_number():
    assert load_settings(None, ["training.learning_rate=1e-3"]).training.learning_rate == 1e-3


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("backtranslation.n_candidate=8", "did you mean 'n_candidates'"),
        ("scorin.others=1", "did you mean 'scoring'"),
        ("scoring.leaks.leak_runs=4", "did you mean 'leak_run'"),
        ("selection.rule=loss", "selection.rule"),
        ("selection.top_k=two", "selection.top_k"),
        ("evaluation.arms=[top, sideways]", "evaluation.arms"),
        ("scoring=3", "expected a section"),
        ("seed", "write key=value"),
        ("seed=[1", "not a YAML value"),
    ],
)
def test_a_setting_that_does_not_fit_is_one_line_that_names_it(override: str, said: str):
    with pytest.raises(ConfigError) as caught:
        load_settings(None, [override])
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["- a\n- b\n", "seed: 1\n  bad: [", "a: &x [*x]\n", "\x00", "1: 2\n", "{" * 5000])
def test_a_file_that_is_no_configuration_is_one_line(tmp_path: Path, text: str):
    path = tmp_path / "odd.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_settings(path)
    assert "odd.yaml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_every_section_is_made_of_frozen_dataclasses():
    sections = [getattr(Settings(), item.name) for item in fields(Settings)]
    found = [section for section in sections if is_dataclass(section)]
    assert len(found) == 9
    for section in found:
        assert type(section).__dataclass_params__.frozen  # type: ignore[attr-defined]
