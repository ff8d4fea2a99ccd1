"""The contract of samplers and scorers on workers of a real Ray cluster; they say what one process says, to the bit.

One cluster and one pair of workers for the whole file, each with one thread: their start is most of what it costs.
"""

import pytest

from tests.engines.contract_cases import ITEMS, WORDS, asking
from tests.engines.families import family_checkpoint
from tests.engines.fleet_contract import *  # noqa: F403 - the contract runs here on Ray's workers
from tests.engines.fleet_contract import LEARNER
from tests.engines.test_ray_crew import hired, pytestmark  # noqa: F401 - what Ray's end may leave behind
from workbench.engines.fleet_engines import FleetEngines
from workbench.engines.opening import Engines
from workbench.engines.ray_crew import RayCrew
from workbench.engines.sources import ModelSettings


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = family_checkpoint(tmp_path_factory.mktemp("models") / "tiny", "llama")
    return ModelSettings(source=str(folder), weights="checkpoint")


@pytest.fixture(scope="module")
def engines(model):
    spread = FleetEngines(model, LEARNER, seed=4, hire=hired)
    assert isinstance(spread.fleet.crew, RayCrew)
    yield spread
    spread.close()


def test_words_and_losses_are_those_of_one_process_before_and_after_a_step(engines, model, tmp_path):
    own = Engines(model, LEARNER, seed=4)
    engines.learner.reset(4)
    for _ in range(2):
        assert engines.learner.score(ITEMS) == own.learner.score(ITEMS)
        for learner in (engines.learner, own.learner):
            learner.step(ITEMS, learning_rate=1e-2)
    own.learner.save_adapter(tmp_path)
    for sampler in (engines.sampler, own.sampler):
        sampler.use_adapter(tmp_path)
    requests = [asking(text, temperature=0) for text in WORDS]
    assert engines.sampler.sample(requests) == own.sampler.sample(requests)
    engines.sampler.use_adapter(None)
    own.close()
