"""What every engine of the table must keep: a new line in `ENGINES` needs a case here, then all of this runs on it.

Tests that want no more than a `sampler` or a `learner` also run elsewhere, on fleets, on several processes and on
Unsloth: `test_contract_runs.py` has the list, and fails where a class of the package is not on it.
"""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.engines.contract_cases import (
    CASES,
    ITEMS,
    LEARNERS,
    LEARNS,
    OPENS,
    STAND_IN,
    TOO_MUCH,
    WORDS,
    asking,
    item,
)
from tests.engines.families import family_checkpoint
from tests.engines.test_remote import Endpoint
from tests.engines.tinker_server import served
from tests.listening import listening
from workbench.engines import vllm_process
from workbench.engines.names import parse_engine, resolve
from workbench.engines.opening import ENGINES, Engines, Options, kind_of, open_sampler
from workbench.engines.protocols import Learner, Sampler, Scorer
from workbench.engines.remote import RemoteSampler
from workbench.engines.sources import ModelSettings
from workbench.errors import EngineError
from workbench.types import Completion, Failed, Reason, Score, Unscored


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return family_checkpoint(tmp_path_factory.mktemp("models") / "tiny", "llama")


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with listening(Endpoint) as url:
        yield f"remote:{url}/v1#tiny"


@pytest.fixture(scope="module", autouse=True)
def servers(checkpoint: Path) -> Iterator[None]:
    with served(checkpoint), pytest.MonkeyPatch.context() as patch:
        patch.delenv(vllm_process.PYTHON, raising=False)
        patch.setattr(vllm_process, "program", lambda: STAND_IN)
        patch.setattr("workbench.engines.vllm_sampler.lacks", lambda: "")
        yield


@pytest.fixture(scope="module", params=CASES)
def case(request: pytest.FixtureRequest, checkpoint: Path, endpoint: str) -> tuple[str, Options]:
    name, model = CASES[request.param](checkpoint, endpoint)
    return name, Options(model=model, retries=0)


@pytest.fixture(scope="module")
def sampler(case: tuple[str, Options]) -> Iterator[Sampler]:
    opened = open_sampler(*case)
    yield opened
    opened.close()


def test_every_engine_of_the_table_is_tested():
    assert set(CASES) == set(ENGINES)


def test_its_name_goes_round(case):
    engine = resolve(case[0])
    assert parse_engine(str(engine)) == engine
    assert kind_of(engine) is ENGINES[engine.kind]


def test_it_is_a_sampler(sampler):
    assert isinstance(sampler, Sampler)
    assert sampler.digest


def test_a_batch_comes_back_in_order_and_untouched(sampler):
    requests = [asking(text, temperature=0) for text in WORDS]
    before = list(requests)
    together = sampler.sample(requests)
    assert requests == before
    assert together == [sampler.sample([request])[0] for request in requests]


def test_each_completion_is_reported_once(sampler):
    seen: dict[int, Any] = {}
    results = sampler.sample([asking(text) for text in WORDS], on_completion=seen.__setitem__)
    assert seen == dict(enumerate(results))


def test_an_empty_batch_is_no_work(sampler):
    assert sampler.sample([]) == []


def test_one_that_fails_is_a_value_and_the_others_go_on(sampler):
    bad = "refuse" if isinstance(sampler, RemoteSampler) else TOO_MUCH
    before, failed, after = sampler.sample(
        [asking("a lamp", temperature=0), asking(bad), asking("a lamp", temperature=0)]
    )
    assert isinstance(failed, Failed)
    assert isinstance(before, Completion)
    assert before == after


def test_the_same_seed_gives_the_same_text(sampler):
    first, again, other = (sampler.sample([asking("a lamp", seed=seed, n=12)])[0] for seed in (3, 3, 3))
    assert first == again == other


def test_a_stop_leaves_what_was_not_done(sampler):
    assert sampler.sample([asking(text) for text in WORDS], cancelled=lambda: True) == [
        Failed(reason=Reason.CANCELLED)
    ] * len(WORDS)


def test_a_stream_joins_to_the_sampled_text(sampler):
    request = asking("a lamp and a door", temperature=0)
    (whole,) = sampler.sample([request])
    assert "".join(sampler.stream(request)) == whole.text


def test_no_adapter_can_always_be_asked_for(sampler):
    sampler.use_adapter(None)
    assert sampler.adapter_digest == ""


def test_an_adapter_is_taken_or_refused_by_name(case, tmp_path):
    if ENGINES[resolve(case[0]).kind].can.adapters:
        opened = open_sampler(f"{case[0]}+{tmp_path}", case[1])
        with pytest.raises(EngineError, match=str(tmp_path)):
            opened.sample([asking("a lamp")])
        opened.close()
    else:
        with pytest.raises(EngineError, match=str(tmp_path)):
            open_sampler(f"{case[0]}+{tmp_path}", case[1])


def test_a_grammar_is_followed_or_refused(sampler, case):
    (answer,) = sampler.sample([asking("a lamp", grammar='root ::= "lamp"')])
    if ENGINES[resolve(case[0]).kind].can.grammar:
        assert answer.text == "lamp"
    elif isinstance(answer, Failed):
        assert "grammar" in answer.detail
    else:
        assert answer.text == "lamp"  # a checkpoint of which a GGUF could be made


def test_a_closed_engine_refuses_work(case):
    engine = resolve(case[0])
    opened = kind_of(engine).sampler(engine, case[1])
    assert type(opened).__name__ == OPENS[engine.kind]
    opened.close()
    with pytest.raises(EngineError, match="closed"):
        opened.sample([asking("a lamp")])


@pytest.fixture(scope="module", params=LEARNERS)
def learner(request: pytest.FixtureRequest, checkpoint: Path) -> Learner:
    source, settings = LEARNERS[request.param]
    opened = Engines(ModelSettings(source=source.format(checkpoint)), settings, seed=4).learner
    assert type(opened).__name__ == LEARNS[request.param]
    return opened


def test_every_learner_of_the_table_is_tested():
    opened = {kind.learner for kind in ENGINES.values() if kind.learner}
    assert {ENGINES[parse_engine(source).kind].learner for source, _ in LEARNERS.values()} == opened


def test_it_is_a_learner_and_a_scorer(learner):
    assert isinstance(learner, Learner)
    assert isinstance(learner, Scorer)


def test_scores_come_back_in_order_and_do_not_depend_on_company(learner):
    together = learner.score(ITEMS)
    assert [score.n_tokens for score in together] == [len(each.target_ids) for each in ITEMS]
    for each, score in zip(ITEMS, together, strict=True):
        assert learner.score([each])[0].nll_nats == pytest.approx(score.nll_nats, abs=1e-4)


def test_one_that_cannot_be_scored_is_a_value(learner):
    first, nothing, last = learner.score([ITEMS[0], item(40, 41, 42), ITEMS[1]])
    assert nothing == Unscored(reason=Reason.NO_TARGET)
    assert isinstance(first, Score)
    assert isinstance(last, Score)


def test_a_stopped_scoring_leaves_what_was_not_done(learner):
    assert learner.score(ITEMS, cancelled=lambda: True) == [Unscored(reason=Reason.CANCELLED)] * len(ITEMS)


def test_two_steps_lower_the_loss_and_frozen_weights_stay(learner):
    learner.reset(4)
    with learner.frozen():
        base = learner.score(ITEMS)
    losses = [learner.step(ITEMS, learning_rate=1e-2).loss_nats for _ in range(3)]
    assert losses[0] > losses[1] > losses[2]
    with learner.frozen():
        assert learner.score(ITEMS) == base


def test_training_resumed_is_training_never_stopped(learner, tmp_path):
    learner.reset(4)
    learner.step(ITEMS, learning_rate=1e-2)
    learner.save_state(tmp_path)
    learner.step(ITEMS, learning_rate=1e-2)
    expected = learner.adapter_digest, learner.score(ITEMS)
    learner.reset(9)
    learner.step(ITEMS, learning_rate=1e-2)
    assert learner.adapter_digest != expected[0]
    learner.load_state(tmp_path)
    learner.step(ITEMS, learning_rate=1e-2)
    assert (learner.adapter_digest, learner.score(ITEMS)) == expected


def test_an_adapter_that_was_saved_has_the_losses_that_it_had(learner, tmp_path):
    learner.reset(4)
    learner.step(ITEMS, learning_rate=1e-2)
    expected = learner.score(ITEMS)
    assert learner.save_adapter(tmp_path) == learner.adapter_digest
    learner.reset(9)
    assert learner.score(ITEMS) != expected
    learner.load_adapter(tmp_path)
    assert learner.score(ITEMS) == expected


def test_a_weight_scales_the_loss_and_a_negative_one_turns_away(learner):
    learner.reset(4)
    before = learner.score(ITEMS[:2])
    result = learner.step(ITEMS[:2], learning_rate=1e-2, weights=[2.0, -0.5])
    first, second = (score.nll_nats for score in before)
    assert result.loss_nats == pytest.approx(2 * first - 0.5 * second, rel=1e-4)
    after = [score.nll_nats for score in learner.score(ITEMS[:2])]
    assert after[0] < first


def test_an_empty_batch_cannot_be_learned(learner):
    with pytest.raises(EngineError, match="empty"):
        learner.step([], learning_rate=1e-2)


@pytest.mark.parametrize("learner", ["torch"], indirect=True)
def test_an_adapter_that_was_learned_writes_through_the_door(learner, checkpoint, tmp_path):
    learner.reset(4)
    for _ in range(4):
        learner.step(ITEMS, learning_rate=3e-2)
    learner.save_adapter(tmp_path)
    request = asking("a lamp", temperature=0, n=12)
    said = []
    for name in (f"transformers:{checkpoint}", f"transformers:{checkpoint}+{tmp_path}", str(tmp_path)):
        opened = open_sampler(name, Options(model=replace(ModelSettings(), weights="checkpoint")))
        said.append(opened.sample([request])[0])
        opened.close()
    assert said[0] != said[1] == said[2]


def of_learners() -> dict[str, Callable[..., None]]:
    """The tests that any other learner can be put through: a file with a fixture `learner` takes them over."""
    return {
        name: test
        for name, test in globals().items()
        if name.startswith("test_") and {"learner"} <= {*inspect.signature(test).parameters} <= {"learner", "tmp_path"}
    }
