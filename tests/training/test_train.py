"""Fine-tuning: the plan, the stop rule, exact resume, and that only the answer is learnt."""

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest

from tests.engines.tiny_models import tiny_checkpoint
from tests.fakes import WordRenderer, WordScorer
from tests.training.test_step import Letters
from workbench.engines.learning.learner import TorchLearner
from workbench.engines.learning.settings import LearnerSettings
from workbench.errors import InputError, Stopped
from workbench.storage.execution import Progress
from workbench.storage.records import RecordStore
from workbench.storage.runs import Run
from workbench.training.settings import FineTuningSettings, training_plan
from workbench.training.step import read_examples, within
from workbench.training.train import LOSS, WON, FineTuning, last_epoch, train_adapter
from workbench.types import Example, Measurement, Message, StepRecord


def _examples(n: int, task: str = "critique") -> tuple[Example, ...]:
    return tuple(
        Example(
            id=f"{task}-{i}", poem_id=f"p{i // 2}", candidate_id="", task=task,
            prompt=(Message(role="user", content=f"say {i}"),), target=f"answer number {i} of salt",
        )
        for i in range(n)
    )  # fmt: skip


def _fine_tuning(run: Run, **changes: object) -> FineTuning:
    settings = FineTuningSettings(epochs=2, batch_examples=2, patience=0, saves_per_epoch=2)
    parts: dict[str, object] = {
        "run": run, "name": "educator", "learner": WordScorer(), "renderer": WordRenderer(), "sampler": None,
        "examples": _examples(5), "valid": _examples(4), "settings": settings, "seed": 3,
    }  # fmt: skip
    return FineTuning(**(parts | changes))  # type: ignore[arg-type]  # parts by name


def _lines(path: Path, *rows: object) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_every_example_is_seen_once_an_epoch_and_in_another_order():
    plan = training_plan(FineTuningSettings(epochs=2, batch_examples=3), 10, seed=1)
    epochs = [[i for action in plan if action.epoch == epoch for i in action.examples] for epoch in (1, 2)]
    assert sorted(epochs[0]) == sorted(epochs[1]) == list(range(10))
    assert epochs[0] != epochs[1]


def test_the_plan_depends_on_the_seed_alone():
    settings = FineTuningSettings(epochs=1)
    assert (
        training_plan(settings, 40, seed=1)
        == training_plan(settings, 40, seed=1)
        != training_plan(settings, 40, seed=2)
    )


def test_training_stops_when_the_held_out_loss_has_not_improved():
    assert last_epoch({0: 3.0, 1: 2.0, 2: 2.1}, patience=2) is None
    assert last_epoch({0: 3.0, 1: 2.0, 2: 2.1, 3: 2.05}, patience=2) == 3
    assert last_epoch({0: 3.0, 1: 4.0, 2: 5.0}, patience=0) is None


def test_a_run_measures_every_epoch_and_keeps_the_best_adapter(tmp_path: Path):
    with Run.create(tmp_path, "t", {}) as run:
        folder = train_adapter(_fine_tuning(run))
        losses = {m.iteration: m.value for m in run.records.all(Measurement, metric=LOSS)}
        assert sorted(losses) == [0, 1, 2]
        assert losses[2] < losses[1] < losses[0]
        assert (folder / "adapter_config.json").is_file()
        assert len(run.records.all(StepRecord)) == 6


def test_several_rows_of_one_poem_count_once(tmp_path: Path):
    with Run.create(tmp_path, "t", {}) as run:
        train_adapter(_fine_tuning(run))
        (before,) = run.records.all(Measurement, metric=LOSS, iteration=0)
        assert before.n_poems == 2  # four examples of two poems


@pytest.mark.parametrize("after", range(1, 11))
def test_a_run_stopped_anywhere_and_resumed_equals_one_never_stopped(tmp_path: Path, after: int):
    with Run.create(tmp_path, "whole", {}) as whole:
        train_adapter(_fine_tuning(whole))
        expected = whole.records.digest()

    def stop(progress: Progress) -> None:
        if progress.position == after:
            run.ask_to_stop()

    with Run.create(tmp_path, "parts", {}) as run, pytest.raises(Stopped):
        train_adapter(_fine_tuning(run), watch=stop)
    with Run.open(tmp_path, "parts") as run:
        train_adapter(_fine_tuning(run, learner=WordScorer()))
        assert run.records.digest() == expected


def test_pairs_are_learnt_on_and_measured_by_what_was_preferred(tmp_path: Path):
    """A real model with weights of chance: the held-out pairs prefer the same ending as those that are learnt."""
    checkpoint = tiny_checkpoint(tmp_path / "model")
    learner = TorchLearner(checkpoint, LearnerSettings(lora_rank=4, dtype="float32", engine="peft"), seed=0)
    asked = (Message(role="user", content="THE SALT ROAD"),)
    words = ("the rain", "a gate", "one rope", "the bell", "a road", "salt")
    chosen = [_answer(f"c{i}", f"{word} sings", asked) for i, word in enumerate(words)]
    rejected = {one.id: replace(_answer(f"r{i}", f"{word} burns", asked), rejected_for=one.id)
                for i, (one, word) in enumerate(zip(chosen, words, strict=True))}  # fmt: skip
    settings = FineTuningSettings(epochs=4, batch_examples=2, patience=0, learning_rate=5e-3, beta=1.0)
    with Run.create(tmp_path, "t", {}) as run:
        train_adapter(_fine_tuning(run, learner=learner, renderer=Letters(), settings=settings, examples=chosen[:4],
                                   valid=chosen[4:], rejected=rejected))  # fmt: skip
        loss, won = ({m.iteration: m.value for m in run.records.all(Measurement, metric=name)} for name in (LOSS, WON))
    assert loss[0] == pytest.approx(math.log(2))
    assert won[0] == 0.5
    assert loss[4] < 0.6
    assert won[4] == 1.0


def _answer(id_: str, target: str, asked: tuple[Message, ...]) -> Example:
    return Example(id=id_, poem_id=id_, candidate_id="", task="preference", prompt=asked, target=target)


def test_a_pair_is_left_out_whole_where_one_answer_is_too_long():
    short, other = _examples(2)
    long = replace(other, target="word " * 50, rejected_for=short.id)
    assert within([short, long], WordRenderer(), 20) == ((), (short, long))


def test_examples_are_read_with_their_place(tmp_path: Path):
    good = {"messages": [{"role": "user", "content": "q"}], "target": "a", "task": "lesson", "poem_id": "x"}
    (example,) = read_examples(_lines(tmp_path / "good.jsonl", good))
    assert (example.prompt[0].content, example.target, example.poem_id) == ("q", "a", "x")
    for bad in ({**good, "target": " "}, {**good, "messages": []}, {"messages": 3}, [1]):
        with pytest.raises(InputError, match=r"bad\.jsonl:2: "):
            read_examples(_lines(tmp_path / "bad.jsonl", good, bad))


def test_examples_that_are_too_long_are_left_out_and_not_cut():
    short, long = _examples(1)[0], _examples(2)[1]
    long = Example(id="l", poem_id="", candidate_id="", task="x", prompt=long.prompt, target="word " * 50)
    kept, left_out = within([short, long], WordRenderer(), 20)
    assert (kept, left_out) == ((short,), (long,))


def test_the_records_can_be_read_while_it_trains(tmp_path: Path):
    with Run.create(tmp_path, "t", {}) as run:
        seen = []

        def look(*_: object) -> None:
            seen.append(len(RecordStore(run.folder / "records.sqlite", read_only=True).events()))

        train_adapter(_fine_tuning(run), watch=look)
        assert seen == sorted(seen)
        assert seen[-1] > seen[0]
