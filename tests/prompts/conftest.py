"""What tests of prompts render with."""

from pathlib import Path

import pytest

from tests.prompts.made_checkpoint import make_checkpoint


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_checkpoint(tmp_path_factory.mktemp("tiny") / "chatml")
