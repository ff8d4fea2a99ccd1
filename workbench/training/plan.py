"""The plan of a fine-tuning: every step, evaluation and save, known before the first one. Pure.

Resuming means continuing at a position of it; every learning rate and every order of examples follows from the
settings, the number of examples and the seed.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Literal

from workbench.training.settings import FineTuningSettings
from workbench.types import seed_for


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingAction:
    """One action of the plan."""

    kind: Literal["evaluate", "step", "save"]
    epoch: int  # 0 = before training
    step: int = 0  # counts from 1 over all epochs
    examples: tuple[int, ...] = ()  # indices, in the order in which they are seen

    def sentence(self, name: str, total: int) -> str:
        """What it does, for a person who watches a fine-tuning of this name and so many steps."""
        return {
            "step": f"{name}, epoch {self.epoch}: step {self.step} of {total}",
            "evaluate": f"{name}, epoch {self.epoch}: held-out loss",
            "save": "saving",
        }[self.kind]


def n_steps(settings: FineTuningSettings, n_examples: int) -> int:
    """Optimizer steps of all epochs."""
    return settings.epochs * math.ceil(n_examples / settings.batch_examples)


def training_plan(settings: FineTuningSettings, n_examples: int, *, seed: int) -> list[TrainingAction]:
    """All actions, in order.

    >>> plan = training_plan(FineTuningSettings(epochs=1, batch_examples=2, saves_per_epoch=1), 3, seed=1)
    >>> [(action.kind, len(action.examples)) for action in plan]
    [('evaluate', 0), ('step', 2), ('step', 1), ('evaluate', 0), ('save', 0)]
    """
    plan = [TrainingAction(kind="evaluate", epoch=0)]
    for epoch in range(1, settings.epochs + 1):
        plan += _epoch(settings, epoch, n_examples, seed)
        plan += [TrainingAction(kind="evaluate", epoch=epoch), TrainingAction(kind="save", epoch=epoch)]
    return plan


def _epoch(settings: FineTuningSettings, epoch: int, n_examples: int, seed: int) -> Iterator[TrainingAction]:
    order = list(range(n_examples))
    Random(seed_for(seed, "order", str(epoch))).shuffle(order)  # noqa: S311 - an order, not a secret
    size = settings.batch_examples
    batches = [tuple(order[i : i + size]) for i in range(0, n_examples, size)]
    between = {round(len(batches) * k / settings.saves_per_epoch) for k in range(1, settings.saves_per_epoch)}
    for number, batch in enumerate(batches, start=1):
        yield TrainingAction(kind="step", epoch=epoch, step=(epoch - 1) * len(batches) + number, examples=batch)
        if number in between and number < len(batches):
            yield TrainingAction(kind="save", epoch=epoch)
