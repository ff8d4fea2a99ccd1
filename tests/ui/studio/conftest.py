"""A studio for its tests."""

import pytest

from tests.revision.scripts import APPROVE, BRIEF, FIRST, NOTE, REVISE, SECOND, THIRD
from tests.ui.scripted_endpoint import Script, endpoint
from tests.ui.studio.scripted_room import Room
from workbench.ui.folders import AppFolders
from workbench.ui.studio.data import Studio


@pytest.fixture
def room(tmp_path, request):
    """Ended with its process."""
    script = getattr(request, "param", None) or {
        "educator": [BRIEF, REVISE, REVISE, APPROVE, NOTE], "poet": [FIRST, SECOND, THIRD],
    }  # fmt: skip
    with endpoint(Script(script)) as url:
        made = Room(tmp_path, url)
        yield made
        made.studio.queue.end()


@pytest.fixture
def studio(tmp_path):
    return Studio(AppFolders(runs=tmp_path / "runs", config=tmp_path / "config"))
