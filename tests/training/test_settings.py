"""Settings of a fine-tuning: their names, and what was written under earlier ones."""

import json
from pathlib import Path

import pytest

from workbench.config import job_from, load_job
from workbench.errors import ConfigError
from workbench.training.run import TrainingJob
from workbench.training.settings import with_learner_apart


@pytest.mark.parametrize(
    ("text", "now"),
    [
        ("tuition: {epochs: 2}\n", "tuition is now training"),
        ("training: {lora_rank: 8}\n", "training.lora_rank is now learner.lora_rank"),
    ],
)
def test_an_old_name_is_answered_with_the_new_one(tmp_path: Path, text: str, now: str):
    path = tmp_path / "old.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_job(TrainingJob, path)
    assert now in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_run_from_before_learner_and_training_were_told_apart_opens():
    facts = json.loads(Path(__file__).with_name("run_before_learner.json").read_text())
    job = job_from(TrainingJob, with_learner_apart(facts["settings"]))
    assert (job.learner.lora_rank, job.training.epochs, job.training.patience) == (16, 3, 3)
