"""Settings of the loop: their names, and what was written under earlier ones."""

import json
from pathlib import Path

import pytest

from workbench.errors import ConfigError
from workbench.improvement.settings import load_settings, settings_of_run


@pytest.mark.parametrize(
    ("override", "now"),
    [
        ("training.lora_rank=8", "training.lora_rank is now learner.lora_rank"),
        ("training.threads=2", "training.threads is now learner.threads"),
        ("selection.train=describer", "selection.train is now training.task"),
        ("selection.beta=0.2", "selection.beta is now training.beta"),
        ("improvement.epochs=2", "improvement.epochs is now training.epochs"),
        ("improvement.learning_rate_start=1e-4", "improvement.learning_rate_start is now training.learning_rate"),
        ("improvement.learning_rate_end=1e-5", "improvement.learning_rate_end is now training.learning_rate_end"),
    ],
)
def test_an_old_name_is_answered_with_the_new_one(override: str, now: str):
    with pytest.raises(ConfigError) as caught:
        load_settings(None, [override])
    assert now in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_run_from_before_learner_and_training_were_told_apart_opens():
    facts = json.loads(Path(__file__).with_name("run_before_learner.json").read_text())
    settings = settings_of_run(facts, where="run.json")
    assert settings.learner.lora_rank == 32
    assert (settings.training.task, settings.training.objective, settings.training.beta) == (
        "describer", "preference", 0.2)  # fmt: skip
    assert (settings.training.epochs, settings.training.learning_rate, settings.training.learning_rate_end) == (
        2, 3e-4, 1e-4)  # fmt: skip
    assert settings.improvement.iterations == 2
