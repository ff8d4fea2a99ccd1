"""The whole loop with every weight at a Tinker server: stopped and continued it is the loop that was never stopped.

A checkpoint is a path at the server and a position of the plan. The server is in this process, its weights are real.
"""

import json

import pytest

pytest.importorskip("tinker", reason="the Tinker SDK is not installed (extra: tinker)")

from tests.engines.families import family_checkpoint
from tests.engines.tinker_server import URL, served
from tests.loop_child import SETTINGS
from workbench.engines.adapter_files import far_digest
from workbench.improvement.improve import improve
from workbench.improvement.run import new_run, open_run
from workbench.improvement.settings import settings_from
from workbench.types import Measurement, StepRecord

WORDS = {"min_words": 1, "max_new_tokens": 16}  # a tiny model writes few words


class StopError(Exception):
    pass


def test_two_iterations_stopped_and_continued_are_those_never_stopped(tmp_path):
    checkpoint = family_checkpoint(tmp_path / "model", "llama", repeats=True)
    data = SETTINGS | {
        "model": {"source": f"tinker:{URL}#{checkpoint}"}, "learner": {"lora_rank": 4}, "runs": str(tmp_path),
        "corpus": SETTINGS["corpus"] | {"limit": 4}, "evaluation": {"n_candidates": 1, "arms": ["top"]},
        "backtranslation": SETTINGS["backtranslation"] | WORDS, "training": SETTINGS["training"] | {"task": "both"},
        "improvement": SETTINGS["improvement"] | {"evals_per_iteration": 1},
    }  # fmt: skip

    def stop(progress):
        if progress.position == 9:
            raise StopError

    with served(checkpoint) as server:
        with new_run(settings_from(data), name="whole") as whole:
            improve(whole.loop())
            expected, folder = whole.run.records.digest(), whole.run.folder
            steps = whole.run.records.all(StepRecord)
            assert {step.iteration for step in steps if step.examples and step.gradient_norm} == {1, 2}
            assert {measured.iteration for measured in whole.run.records.all(Measurement)} == {0, 1, 2}
        with new_run(settings_from(data), name="stopped") as begun, pytest.raises(StopError):
            improve(begun.loop(), watch=stop)
        with open_run(tmp_path, "stopped") as again:
            improve(again.loop())
            assert again.run.records.digest() == expected
            other = again.run.folder
        kept = [each.name for each in sorted(folder.glob("adapters/*-2"))]
        assert kept
        assert [far_digest(folder / "adapters" / name) for name in kept] == [
            far_digest(other / "adapters" / name) for name in kept
        ]
        state = next(iter(sorted(folder.glob("checkpoints/*/learner/tinker.json"))))
        assert json.loads(state.read_text())["state"] in server.saved
        assert server.n_closed >= 3
