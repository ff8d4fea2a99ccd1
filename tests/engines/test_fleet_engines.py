"""A fleet's sampler and scorer keep every contract, and say to the last bit what the engines in this process say."""

from functools import partial

import pytest

from tests.engines.families import family_checkpoint
from tests.engines.inline_crew import Dies, InlineCrew
from tests.engines.test_contract import (  # the contract runs here on a fleet
    ITEMS,
    WORDS,
    asking,
    item,
    test_a_batch_comes_back_in_order_and_untouched,  # noqa: F401
    test_a_grammar_is_followed_or_refused,  # noqa: F401
    test_a_stopped_scoring_leaves_what_was_not_done,  # noqa: F401
    test_a_stream_joins_to_the_sampled_text,  # noqa: F401
    test_a_weight_scales_the_loss_and_a_negative_one_turns_away,  # noqa: F401
    test_an_adapter_that_was_saved_has_the_losses_that_it_had,  # noqa: F401
    test_an_empty_batch_cannot_be_learned,  # noqa: F401
    test_an_empty_batch_is_no_work,  # noqa: F401
    test_each_completion_is_reported_once,  # noqa: F401
    test_it_is_a_learner_and_a_scorer,  # noqa: F401
    test_it_is_a_sampler,  # noqa: F401
    test_no_adapter_can_always_be_asked_for,  # noqa: F401
    test_one_that_cannot_be_scored_is_a_value,  # noqa: F401
    test_one_that_fails_is_a_value_and_the_others_go_on,  # noqa: F401
    test_scores_come_back_in_order_and_do_not_depend_on_company,  # noqa: F401
    test_the_same_seed_gives_the_same_text,  # noqa: F401
    test_training_resumed_is_training_never_stopped,  # noqa: F401
    test_two_steps_lower_the_loss_and_frozen_weights_stay,  # noqa: F401
)
from workbench.engines.fleet import Fleet
from workbench.engines.fleet_engines import EngineWorker, FleetEngines, FleetLearner, FleetSampler
from workbench.engines.learning.settings import LearnerSettings
from workbench.engines.opening import Engines, Options
from workbench.engines.sources import ModelSettings
from workbench.errors import EngineError
from workbench.types import Failed, Reason, Unscored

LEARNER = LearnerSettings(dtype="float32", lora_rank=4, threads=1, token_budget=12)


@pytest.fixture(scope="module", params=["checkpoint", "bf16"])  # by transformers, and by llama.cpp
def model(request, tmp_path_factory):
    models = tmp_path_factory.mktemp("models")
    folder = family_checkpoint(models / "tiny", "llama")
    return ModelSettings(source=str(folder), weights=request.param, cache=str(models / "cache"))


@pytest.fixture
def case(model):
    return model.source, Options(model=model)


@pytest.fixture(scope="module")
def engines(model):
    spread = FleetEngines(model, LEARNER, seed=4, hire=lambda make: Fleet(InlineCrew(make)))
    yield spread
    spread.close()
    assert spread.fleet.crew.is_closed


@pytest.fixture
def sampler(engines):
    assert isinstance(engines.sampler, FleetSampler)
    return engines.sampler


@pytest.fixture
def learner(engines):
    assert isinstance(engines.learner, FleetLearner)
    engines.learner.reset(4)
    yield engines.learner
    engines.learner.reset(4)


def test_a_closed_engine_refuses_work(model):
    spread = FleetEngines(model, LEARNER, seed=4, hire=lambda make: Fleet(InlineCrew(make)))
    spread.sampler.close()
    with pytest.raises(EngineError, match="closed"):
        spread.sampler.sample([asking("a lamp")])
    spread.close()


@pytest.fixture(scope="module")
def own(model):
    alone = Engines(model, LEARNER, seed=4)
    yield alone
    alone.close()


def test_completions_are_those_of_one_process(engines, own):
    requests = [asking(text, seed=seed, n=8, temperature=0) for text in WORDS for seed in (1, 2)]
    seen = {}
    together = engines.sampler.sample(requests, on_completion=seen.__setitem__)
    assert together == own.sampler.sample(requests) == [seen[place] for place in range(len(requests))]


def test_a_stop_leaves_what_was_not_done(engines):
    stopped = Failed(reason=Reason.CANCELLED)
    assert engines.sampler.sample([asking("a lamp")], cancelled=lambda: True) == [stopped]
    assert engines.learner.score(ITEMS, cancelled=lambda: True) == [Unscored(reason=Reason.CANCELLED)] * len(ITEMS)


def test_losses_are_those_of_one_process_before_and_after_a_step(engines, own, tmp_path):
    items = [*ITEMS, item(40, 41, 42), ITEMS[0]]  # one has no target, one is there twice
    for _ in range(2):
        assert engines.learner.score(items) == own.learner.score(items)
        with engines.learner.frozen(), own.learner.frozen():
            assert engines.learner.score(items) == own.learner.score(items)
        for learner in (engines.learner, own.learner):
            learner.step(ITEMS, learning_rate=1e-2)
    own.learner.save_adapter(tmp_path)
    for sampler in (engines.sampler, own.sampler):
        sampler.use_adapter(tmp_path)
    requests = [asking(text, temperature=0) for text in WORDS]
    assert engines.sampler.sample(requests) == own.sampler.sample(requests)
    assert engines.sampler.adapter_digest == own.learner.adapter_digest


def test_a_request_that_kills_its_worker_is_a_failure_and_its_neighbours_are_not(model, own):
    class Fragile(EngineWorker):
        def __call__(self, work):
            if any("salt" in request.prompt[0].content for request in work[3]):
                raise Dies
            return super().__call__(work)

    make = partial(Fragile, model, LEARNER, 4)
    spread = FleetEngines(model, LEARNER, seed=4, hire=lambda _: Fleet(InlineCrew(make)))
    requests = [asking(text, temperature=0) for text in WORDS]
    own.sampler.use_adapter(None)
    expected = own.sampler.sample(requests)
    expected[WORDS.index("salt on the rope")] = Failed(reason=Reason.ENGINE, detail="its worker died: it is gone")
    assert spread.sampler.sample(requests) == expected
    spread.close()
