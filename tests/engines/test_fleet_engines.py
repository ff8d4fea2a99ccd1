"""A fleet's sampler and scorer keep every contract, and say to the last bit what the engines in this process say."""

from functools import partial

import pytest

from tests.engines.contract_cases import ITEMS, WORDS, asking, item
from tests.engines.families import family_checkpoint
from tests.engines.fleet_contract import *  # noqa: F403 - the contract runs here on a fleet
from tests.engines.fleet_contract import LEARNER
from tests.engines.inline_crew import Dies, InlineCrew
from workbench.engines.fleet import Fleet
from workbench.engines.fleet_engines import EngineWorker, FleetEngines
from workbench.engines.opening import Engines
from workbench.engines.sources import ModelSettings
from workbench.errors import EngineError
from workbench.types import Failed, Reason


@pytest.fixture(scope="module", params=["checkpoint", "bf16"])  # by transformers, and by llama.cpp
def model(request, tmp_path_factory):
    models = tmp_path_factory.mktemp("models")
    folder = family_checkpoint(models / "tiny", "llama")
    return ModelSettings(source=str(folder), weights=request.param, cache=str(models / "cache"))


@pytest.fixture(scope="module")
def engines(model):
    spread = FleetEngines(model, LEARNER, seed=4, hire=lambda make: Fleet(InlineCrew(make)))
    yield spread
    spread.close()
    assert spread.fleet.crew.is_closed


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
