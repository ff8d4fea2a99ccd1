"""The contract of a learner on Unsloth: run by hand or by a test in a process of its own, where Unsloth comes first.

python -c "from workbench.engines.unsloth import unsloth_can_import as u; u(); import pytest; pytest.main([FILE])"
"""

from dataclasses import replace

import pytest

from tests.engines.families import family_checkpoint
from tests.engines.test_contract import (
    EXACT,
    test_a_stopped_scoring_leaves_what_was_not_done,  # noqa: F401
    test_a_weight_scales_the_loss_and_a_negative_one_turns_away,  # noqa: F401
    test_an_adapter_that_was_saved_has_the_losses_that_it_had,  # noqa: F401
    test_an_empty_batch_cannot_be_learned,  # noqa: F401
    test_it_is_a_learner_and_a_scorer,  # noqa: F401
    test_one_that_cannot_be_scored_is_a_value,  # noqa: F401
    test_scores_come_back_in_order_and_do_not_depend_on_company,  # noqa: F401
    test_training_resumed_is_training_never_stopped,  # noqa: F401
    test_two_steps_lower_the_loss_and_frozen_weights_stay,  # noqa: F401
)
from workbench.engines.learning.learner import TorchLearner


@pytest.fixture(scope="module")
def learner(tmp_path_factory):
    folder = family_checkpoint(tmp_path_factory.mktemp("models") / "tiny", "llama")
    return TorchLearner(folder, replace(EXACT, engine="unsloth"), seed=4)
