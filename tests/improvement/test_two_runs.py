"""Two runs side by side, by hand."""

import pytest

from workbench.errors import InputError
from workbench.improvement.two_runs import RunFigures, compare_runs, different_settings, side_by_side
from workbench.storage.runs import Run
from workbench.types import Measurement


def _run_figures(name, values, *, held_out="abcdefgh", settings=None):
    measured = Measurement(
        id=name, arm="top", iteration=1, weights="base", metric="identification", value=None, low=None, high=None,
        n_poems=len(values), per_poem=tuple(values),
    )  # fmt: skip
    return RunFigures(name=name, settings=settings or {}, held_out=list(held_out), measurements=[measured])


def test_two_runs_are_compared_on_the_poems_that_both_held_out():
    one = _run_figures("one", [0.1, 0.2, 0.3, 0.2, 0.1, 0.3, 0.2, 0.1])
    other = _run_figures("other", [0.9, 0.8, 0.9, 0.7, 0.9, 0.9, 0.8, 0.2], held_out="bcdefghz")
    ((metric, weights, mean, difference, said),) = compare_runs(one, other)
    assert (metric, weights, difference.n, said) == ("identification", "base", 7, "other is better")
    assert mean.value == pytest.approx(sum([0.2, 0.3, 0.2, 0.1, 0.3, 0.2, 0.1]) / 7)
    assert compare_runs(one, _run_figures("far", [0.5] * 8, held_out="stuvwxyz")) == []


def test_settings_that_differ_are_named_by_their_place():
    one = {"seed": 1, "training": {"objective": "imitation", "epochs": 1}}
    other = {"seed": 1, "training": {"objective": "preference", "epochs": 1}, "new": 2}
    assert different_settings(one, other) == ["training.objective: imitation → preference", "new: None → 2"]


def _keep(root, name, values, *, beta):
    facts = {"kind": "loop", "settings": {"runs": "x", "training": {"beta": beta}}, "held_out": list("abcdefgh")}
    with Run.create(root, name, facts, begin_with=_run_figures(name, values).measurements):
        pass


def test_two_runs_of_a_folder_are_told_in_settings_and_a_table(tmp_path):
    _keep(tmp_path, "one", [0.1, 0.2, 0.3, 0.2, 0.1, 0.3, 0.2, 0.1], beta=0.1)
    _keep(tmp_path, "other", [0.9, 0.8, 0.9, 0.7, 0.9, 0.9, 0.8, 0.2], beta=0.5)
    differences, table = side_by_side(tmp_path, "one", "other")
    assert differences == ["training.beta: 0.1 → 0.5"]
    assert table.frame.iloc[0]["reading"] == "other is better"
    assert table.frame.iloc[0]["figure"].startswith("descriptions that pick their poem")


def test_runs_without_a_figure_in_common_are_refused(tmp_path):
    _keep(tmp_path, "one", [0.5] * 8, beta=0.1)
    with Run.create(tmp_path, "young", {"kind": "loop", "settings": {}, "held_out": []}):
        pass
    with pytest.raises(InputError, match="same poems and seed"):
        side_by_side(tmp_path, "one", "young")
