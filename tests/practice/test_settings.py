"""Which subjects in which forms are practised, and which are kept apart."""

from pathlib import Path

import pytest

from workbench.config import job_from
from workbench.errors import ConfigError, InputError
from workbench.practice.settings import PracticeSettings, requests_of


def _settings(**changes: object) -> PracticeSettings:
    return PracticeSettings(**{"n_subjects": 3, "n_held_out": 2, "forms": ("haiku", "couplets"), **changes})  # type: ignore[arg-type]


def test_no_subject_is_both_practised_and_held_out() -> None:
    requests = requests_of(_settings())
    practised, apart = ({r.subject for r in requests if r.is_practised is side} for side in (True, False))
    assert (len(practised), len(apart)) == (3, 2)
    assert not practised & apart


def test_new_forms_are_only_asked_for() -> None:
    requests = requests_of(_settings(new_forms=("triplets",)))
    assert {r.form for r in requests if r.is_practised} == {"haiku", "couplets"}
    assert sum(r.form == "triplets" for r in requests) == 2


def test_the_same_seed_gives_the_same_requests_and_another_gives_others() -> None:
    assert requests_of(_settings()) == requests_of(_settings())
    assert requests_of(_settings()) != requests_of(_settings(seed=7))


def test_subjects_come_from_a_file_each_once(tmp_path: Path) -> None:
    (tmp_path / "subjects.txt").write_text("a gate\n\na  gate\nwet rope\nold salt\n", "utf-8")
    settings = _settings(subjects=str(tmp_path / "subjects.txt"), n_subjects=2, n_held_out=1)
    assert {r.subject for r in requests_of(settings)} == {"a gate", "wet rope", "old salt"}


def test_too_few_subjects_are_one_line_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "subjects.txt").write_text("a gate\n", "utf-8")
    with pytest.raises(InputError, match=r"subjects\.txt: 1 subjects, 5 are wanted; lower n_subjects or n_held_out"):
        requests_of(_settings(subjects=str(tmp_path / "subjects.txt")))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"forms": ["heroic epic"]}, "'heroic epic' cannot be written"),
        ({"forms": ["haiku"], "new_forms": ["haiku"]}, "'haiku' is practised too"),
        ({"arms": []}, "name at least one of each"),
        ({"arms": ["verifed"]}, "verified"),
    ],
)
def test_what_cannot_be_practised_is_refused_before_a_model_is_loaded(changed: dict[str, object], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        job_from(PracticeSettings, changed, where="practice.yaml")
