"""Carrying out a plan that can be stopped and resumed: the loop, a fine-tuning and the education workflow alike.

    plan        every action in order, known before the first one; it may become shorter while it is carried out
    action      one thing to do; done again after a crash it finds or writes the same records
    position    how many actions are done: the place in the plan
    checkpoint  the whole state before an action, on disk (`checkpoints.py`)
    resume      takes back the newest whole checkpoint and continues at its position
    progress    what a run says of itself: where it is

What the actions are, only the phase knows. On one machine a resumed run ends with the same bytes as one never stopped.
"""

import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import metadata
from typing import Any, Protocol, TypeVar

from workbench.errors import Stopped
from workbench.storage.checkpoints import Checkpoint, latest_checkpoint
from workbench.storage.runs import Run

_VERSIONS = ("torch", "transformers", "peft", "llama-cpp-python", "numpy")


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Where a run is."""

    position: int  # actions done
    n_actions: int
    text: str  # what it does now, for people


Watch = Callable[[Progress], None]


def versions() -> dict[str, str]:
    """What the run was made with."""
    found = {name: metadata.version(name) for name in _VERSIONS}
    return {"python": platform.python_version(), "machine": platform.machine(), **found}


A = TypeVar("A")


class Actions(Protocol[A]):
    """What a phase says of its plan, and how it carries out one action."""

    def plan(self) -> Sequence[A]:
        """All actions as far as they are known now."""
        ...

    def sentence(self, action: A) -> str:
        """What an action does, for a person who watches."""
        ...

    def resume(self) -> int:
        """Takes back the newest checkpoint, or prepares a fresh start; returns the position."""
        ...

    def do(self, position: int, action: A) -> None:
        """Carries out one action."""
        ...

    def save(self, position: int) -> None:
        """Writes a checkpoint before the action at `position`."""
        ...

    def stop_asked(self) -> bool:
        """Whether somebody has asked to stop."""
        ...

    def note(self, kind: str, **data: Any) -> None:
        """Writes an event: progress, stopped, finished."""
        ...


def carry_out(actions: Actions[A], *, watch: Watch = lambda _: None, resume_with: str) -> None:
    """Carries out what is left of a plan.

    Args:
        actions: the plan and what its actions do.
        watch: told where it is before each action.
        resume_with: the command that continues, for the message.

    Raises:
        Stopped: somebody asked; a checkpoint was written first.
        WorkbenchError: an action failed; the last checkpoint is intact.
    """
    position = actions.resume()
    while position < len(plan := actions.plan()):
        text = actions.sentence(plan[position])
        actions.note("progress", position=position, of=len(plan), text=text)
        watch(Progress(position=position, n_actions=len(plan), text=text))
        try:
            if actions.stop_asked():
                raise Stopped("stopped")
            actions.do(position, plan[position])
        except Stopped:
            actions.save(position)
            text = f"stopped at {position} of {len(plan)}; continue with: {resume_with}"
            actions.note("stopped", text=text)
            raise Stopped(text) from None
        position += 1
    actions.note("finished", text="finished")


def newest_checkpoint(run: Run) -> Checkpoint | None:
    """The newest whole checkpoint of a run; damaged ones are passed over with a warning in its records."""
    checkpoint, complaints = latest_checkpoint(run.checkpoints)
    for complaint in complaints:
        run.records.note("warning", text=complaint)
    return checkpoint
