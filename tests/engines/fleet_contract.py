"""What a fleet of workers is put through: the contract of samplers and scorers, with the fixtures that it asks for.

A file that has `model` and `engines` takes all of it over: workers in this process, or of a real Ray cluster.
"""

import pytest

from tests.engines.test_contract import (
    ITEMS,
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
from workbench.engines.fleet_engines import FleetLearner, FleetSampler
from workbench.engines.learning.settings import LearnerSettings
from workbench.engines.opening import Options
from workbench.types import Failed, Reason, Unscored

LEARNER = LearnerSettings(dtype="float32", lora_rank=4, threads=1, token_budget=12)


@pytest.fixture
def case(model):
    return model.source, Options(model=model)


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
