"""The contract of a learner on Unsloth: run by hand or by a test in a process of its own, where Unsloth comes first.

from workbench.engines.learning.unsloth_model import unsloth_can_import
unsloth_can_import() and pytest.main([FILE])
"""

from dataclasses import replace

import pytest

from tests.engines.contract_cases import EXACT
from tests.engines.families import family_checkpoint
from tests.engines.test_contract import of_learners
from workbench.engines.learning.learner import TorchLearner

globals().update(of_learners())


@pytest.fixture(scope="module")
def learner(tmp_path_factory):
    folder = family_checkpoint(tmp_path_factory.mktemp("models") / "tiny", "llama")
    return TorchLearner(folder, replace(EXACT, engine="unsloth"), seed=4)
