"""The contract of samplers and scorers on workers of a real Ray cluster; they say what one process says, to the bit.

One cluster and one pair of workers for the whole file, each with one thread: their start is most of what it costs.
"""

import pytest

from tests.engines.families import family_checkpoint
from tests.engines.test_contract import (  # the contract runs here on Ray's workers
    ITEMS,
    WORDS,
    asking,
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
from tests.engines.test_ray_crew import hired, pytestmark  # noqa: F401 - what Ray's end may leave behind
from workbench.engines.fleet_engines import FleetEngines, FleetLearner, FleetSampler
from workbench.engines.learning.settings import LearnerSettings
from workbench.engines.opening import Engines, Options
from workbench.engines.ray_crew import RayCrew
from workbench.engines.sources import ModelSettings
from workbench.types import Failed, Reason, Unscored

LEARNER = LearnerSettings(dtype="float32", lora_rank=4, threads=1, token_budget=12)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = family_checkpoint(tmp_path_factory.mktemp("models") / "tiny", "llama")
    return ModelSettings(source=str(folder), weights="checkpoint")


@pytest.fixture
def case(model):
    return model.source, Options(model=model)


@pytest.fixture(scope="module")
def engines(model):
    spread = FleetEngines(model, LEARNER, seed=4, hire=hired)
    assert isinstance(spread.fleet.crew, RayCrew)
    yield spread
    spread.close()


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


def test_a_stop_leaves_what_was_not_done(engines):
    stopped = Failed(reason=Reason.CANCELLED)
    assert engines.sampler.sample([asking("a lamp")], cancelled=lambda: True) == [stopped]
    assert engines.learner.score(ITEMS, cancelled=lambda: True) == [Unscored(reason=Reason.CANCELLED)] * len(ITEMS)


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
