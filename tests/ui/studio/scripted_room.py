"""A studio whose voices read from a script, and what is read off its screen."""

import time

import pytest

from workbench.ui.folders import AppFolders
from workbench.ui.studio import handlers
from workbench.ui.studio.data import SessionForm, Studio


class Room:
    """A studio whose educator and poet read from a script."""

    def __init__(self, folder, url):
        self.studio = Studio(AppFolders(runs=folder / "runs", config=folder / "config"))
        engines = [self.studio.catalog.add_endpoint(url, model).engine for model in ("educator", "poet")]
        self.filled = SessionForm(educator=engines[0], poet=engines[1])

    def rest(self, name):
        """Waits until nothing is at work, at most ten minutes on an idle machine."""
        for _ in range(6000):
            if not self.studio.queue.live(name).is_at_work:
                return None if "." in name else self.studio.view(name)
            time.sleep(0.1)
        pytest.fail(f"still at work: {self.studio.queue.live(name)}")


def part(screen, name):
    return screen[handlers.PARTS.index(name)]


def form(filled):
    return filled.educator, filled.poet, filled.direction, filled.form, filled.seed
