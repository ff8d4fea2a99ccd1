from dataclasses import fields, is_dataclass, replace
from pathlib import Path

import pytest
import yaml

from workbench.capacity import Machines
from workbench.composing.run import ComposeJob
from workbench.config import as_data, as_yaml, load_job
from workbench.describing.run import DescribeJob
from workbench.education.command import EducateSettings
from workbench.education.workflow.runner import WorkflowSettings
from workbench.errors import ConfigError
from workbench.export.adapters import ExportJob
from workbench.improvement.settings import Settings, load_settings, settings_from
from workbench.model_fit import Registry
from workbench.places import ROOT
from workbench.practice.settings import PracticeSettings
from workbench.revflux.study import StudySettings
from workbench.revision.command import ReviseJob
from workbench.server.settings import ServeSettings
from workbench.study.settings import StudySettings as ChoosingStudy
from workbench.training.run import TrainingJob
from workbench.writing.wishes import WriteJob

CONFIG = ROOT / "config"
JOBS: dict[str, type] = {
    "educate_run": WorkflowSettings, "educate_run_quick": WorkflowSettings, "educate": EducateSettings,
    "export": ExportJob, "revflux": StudySettings, "revflux_cited": StudySettings,
    "revise": ReviseJob, "serve": ServeSettings,
    "models": Registry, "machines": Machines, "practice": PracticeSettings,
    "study": ChoosingStudy, "study_ways": ChoosingStudy, "study_rounds": ChoosingStudy, "study_many": ChoosingStudy,
    "write": WriteJob,
    "compose": ComposeJob, "describe": DescribeJob,
} | dict.fromkeys(
    ("choosing", "demo", "improve", "improve_gpu", "selection_study", "as_published"), Settings
) | dict.fromkeys(
    ("educator", "educator_gpu", "poet", "poet_gpu", "rhyme_poet", "rhyme_poet_gpu"), TrainingJob
)  # fmt: skip


def test_every_shipped_configuration_loads():
    files = {file.stem: file for file in CONFIG.glob("*.yaml")}
    assert set(files) == set(JOBS)
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


@pytest.mark.parametrize("name", ["improve", "educate"])
def test_a_file_that_says_that_every_setting_is_written_out_has_every_one(name: str):
    written = yaml.safe_load((CONFIG / f"{name}.yaml").read_text(encoding="utf-8"))
    known = as_data(JOBS[name]())
    missing = {f"{section}.{key}" for section, values in known.items() if isinstance(values, dict)
               for key in values.keys() - written.get(section, {}).keys()}  # fmt: skip
    assert missing == set()
    assert known.keys() == written.keys()


def test_as_published_has_the_published_rule_and_no_guard():
    settings = load_settings(CONFIG / "as_published.yaml")
    assert (settings.selection.rule, settings.selection.top_k, settings.scoring.others) == ("loss", 2, 0)
    assert (settings.backtranslation.max_new_tokens, settings.backtranslation.retries) == (4096, 0)
    assert settings.evaluation.arms == ("top",)
    assert settings.improvement.poems_per_batch * settings.selection.top_k == 64  # examples a step
    drawn, defaults = settings.backtranslation.sampling, Settings()
    assert (drawn.temperature, drawn.top_p, drawn.top_k) == (0.9, 0.95, 40)
    assert (settings.improvement, settings.training) == (defaults.improvement, defaults.training)
    assert settings.learner == replace(defaults.learner, clip_norm=0.0)


@pytest.mark.parametrize("name", ["educator_gpu", "poet_gpu", "rhyme_poet_gpu"])
def test_a_job_for_a_gpu_is_qlora_as_published_on_a_checkpoint(name: str):
    job = load_job(TrainingJob, CONFIG / f"{name}.yaml")
    assert (job.learner.load_in_4bit, job.learner.lora_rank, job.learner.lora_alpha) == (True, 64, 128.0)
    assert (job.training.epochs, job.training.learning_rate, job.training.schedule) == (4, 2e-4, "cosine")
    assert job.training.max_tokens == (1024 if name == "educator_gpu" else 512)
    assert job.model.weights == "checkpoint"
    assert job.examples.endswith(name.removesuffix("_gpu"))


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
        ("selection.rule=lowest", "selection.rule"),
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


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        (StudySettings, "configurations: [{name: a, poet: built-in, educater: built-in}]",
         "unknown setting 'configurations.0.educater'; did you mean 'educator'"),
        (ServeSettings, "models: {poet: {adaptor: x}}",
         "unknown setting 'models.poet.adaptor'; did you mean 'adapter'"),
        (ExportJob, "export: {limits: {full_kl: 1}}",
         "unknown setting 'export.limits.full_kl'; did you mean 'full_kl_nats'"),
        (WorkflowSettings, "training: {poet: {epoch: 1}}",
         "unknown setting 'training.poet.epoch'; did you mean 'epochs'"),
        (ReviseJob, "revision: {sampling: {draft: {temprature: 1}}}",
         "unknown setting 'revision.sampling.draft.temprature'; did you mean 'temperature'"),
    ],
)  # fmt: skip
def test_a_typing_error_is_found_at_every_depth(tmp_path: Path, kind: type, text: str, said: str):
    path = tmp_path / "job.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_job(kind, path)
    assert said in str(caught.value)


@pytest.mark.parametrize("kind", [ComposeJob, DescribeJob])
def test_who_scores_is_answered_with_todays_name(kind: type):
    with pytest.raises(ConfigError, match="judge is now scorer"):
        load_job(kind, None, ["judge=built-in"])


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("learner.lora_rank=0", "learner.lora_rank"),
        ("learner.lora_rank=true", "learner.lora_rank"),
        ("learner.lora_rank=1e9", "learner.lora_rank"),
        ("learner.adam_betas=[2.0, 0.9]", "learner.adam_betas.0"),
        ("learner.adam_betas=[0.9]", "learner.adam_betas"),
        ("learner.target_modules=[q_prj]", "learner.target_modules.0"),
        ("learner.target_modules=[]", "learner.target_modules"),
        ("learner.threads=1000000", "learner.threads"),
        ("learner.lora_alpha=.nan", "learner.lora_alpha"),
        ("learner.lora_alpha=.inf", "learner.lora_alpha"),
        ("learner.lora_dropout=1.0", "learner.lora_dropout"),
        ("selection.min_gain=.nan", "selection.min_gain"),
        ("selection.min_gain=-.inf", "selection.min_gain"),
        ("selection.top_k=5", "selection.top_k (5) is more than backtranslation.n_candidates (4)"),
        ("training.objective=preference", "needs training.task: describer"),
        ("training.objective=policy", "objective: policy needs training.task: describer"),
        ("training={objective: policy, task: describer}", r"set evaluation.arms: [top]"),
        ("selection.loser=worst", "selection.loser"),
        ("training.learning_rate=0", "training.learning_rate"),
        ("seed=-1", "seed"),
        ("seed=99999999999999999999", "seed"),
        ("seed=" + "9" * 4000, "seed"),
        ("seed=0x" + "f" * 5000, "seed"),
        ("seed=2024-99-99", "seed"),
        ("seed=!!int x", "tag"),
        ("evaluation.canaries=1", "evaluation.canaries"),
        ("runs=" + "x" * 5000, "longer than a name can be"),
        ("runs=~no-such-person/runs", "no such home folder"),
        ('runs="\\0"', "not text"),
        ('runs="\\ud800"', "not text"),
        ("runs=[a]", "runs"),
        ("runs=3", "runs"),
        ("a" * 5000 + "=1", "longer than a name can be"),
        (".".join("a" * 500) + "=1", ""),
        ("=1", "unknown setting"),
        ("seed.x=1", "seed"),
    ],
)
def test_what_cannot_work_is_one_line_before_anything_is_loaded(override: str, said: str):
    with pytest.raises(ConfigError) as caught:
        load_settings(None, [override])
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_every_section_is_made_of_frozen_dataclasses():
    sections = [getattr(Settings(), item.name) for item in fields(Settings)]
    found = [section for section in sections if is_dataclass(section)]
    assert len(found) == 9
    for section in found:
        assert type(section).__dataclass_params__.frozen  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("runs", "said"),
    [("/dev/null", "/dev/null is not a folder"), ("/dev/null/a/b", "/dev/null is not a folder"),
     ("a\x1b[2Jb", "control characters"), ("$HOME/runs", "not filled in")],
)  # fmt: skip
def test_a_folder_that_cannot_be_written_to_is_refused_before_anything_is_loaded(runs, said):
    with pytest.raises(ConfigError, match=said) as refused:
        settings_from({"runs": runs})
    assert "runs" in str(refused.value)
    assert "\x1b" not in str(refused.value)


def test_an_arm_is_named_once():
    with pytest.raises(ConfigError, match="names 'random' twice; name it once"):
        load_settings(None, ["evaluation.arms=[random, top, random]"])
