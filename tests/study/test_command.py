"""Studies on record, printed by themselves and together."""

import pytest

from workbench.errors import InputError
from workbench.study.command import pooled
from workbench.study.study import STUDIES, read_study, record_of
from workbench.study.table import sentences


def test_two_studies_that_differ_in_their_seed_alone_are_one() -> None:
    settings, measured = pooled(["choosing-short", "choosing-short-2"])
    assert settings.seeds == (1, 2)
    assert len(measured) == sum(len(read_study(name)) for name in ("choosing-short", "choosing-short-2"))
    (said,) = sentences(measured, settings.endpoint)
    assert "on 83 poems" in said


def test_a_study_of_several_ways_has_the_controls_that_its_plan_names() -> None:
    settings, measured = pooled(["ways-shortest"])
    said = sentences(measured, settings.endpoint, settings.beside)
    assert [line.partition(",")[0] for line in said] == [
        "guard3",
        "policy",
        "policy_shuffled: no control was measured beside it.",
        "guard1",
    ]
    assert "policy minus policy_shuffled" in said[1]


def test_a_seed_does_not_count_twice() -> None:
    with pytest.raises(InputError, match="share a seed; the same poems would count twice"):
        pooled(["choosing-short", "choosing-short"])


def test_studies_of_other_plans_are_not_pooled(tmp_path, monkeypatch) -> None:
    source = record_of("choosing-short-2")
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    own = tmp_path / STUDIES / "other"
    own.mkdir(parents=True)
    plan = (source / "plan.yaml").read_text("utf-8")
    assert "n_candidates: 6" in plan
    (own / "plan.yaml").write_text(plan.replace("n_candidates: 6", "n_candidates: 8"), "utf-8")
    (own / "measurements.jsonl").write_bytes((source / "measurements.jsonl").read_bytes())
    with pytest.raises(InputError, match="study 'other' has another plan than 'choosing-short'; only seeds may differ"):
        pooled(["choosing-short", "other"])
