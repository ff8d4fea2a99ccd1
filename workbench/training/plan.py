"""The plan of a fine-tuning: every step, evaluation and save, known before the first one. Pure.

Resuming means going on at a position of it, and every learning rate and every order of examples follows from the
settings, the number of examples and the seed.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le

from workbench.types import seed_for


@dataclass(frozen=True, slots=True, kw_only=True)
class TuitionSettings:
    """The shape of a fine-tuning; the defaults are those of the published educator."""

    epochs: Annotated[int, Ge(0), Le(1000)] = 4
    batch_examples: Annotated[int, Ge(1), Le(4096)] = 16
    learning_rate: Annotated[float, Gt(0), Le(1)] = 2e-4
    learning_rate_end: Annotated[float, Ge(0), Le(1)] = 0.0
    schedule: Literal["linear", "cosine"] = "cosine"
    warmup_share: Annotated[float, Ge(0), Le(1)] = 0.03
    max_tokens: Annotated[int, Ge(32)] = 1024  # prompt and answer; longer examples are left out and counted
    patience: Annotated[int, Ge(0)] = 1  # epochs without a better held-out loss before it stops; 0 = never
    saves_per_epoch: Annotated[int, Ge(1), Le(1000)] = 2
    samples: Annotated[int, Ge(0), Le(16)] = 2  # held-out prompts answered at each evaluation
    sample_tokens: Annotated[int, Ge(8), Le(4096)] = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """One action of the plan."""

    kind: Literal["evaluate", "step", "save"]
    epoch: int  # 0 = before training
    step: int = 0  # counts from 1 over all epochs
    examples: tuple[int, ...] = ()  # indices, in the order in which they are seen


def n_steps(settings: TuitionSettings, n_examples: int) -> int:
    """Optimizer steps of all epochs."""
    return settings.epochs * math.ceil(n_examples / settings.batch_examples)


def lesson_plan(settings: TuitionSettings, n_examples: int, *, seed: int) -> list[Lesson]:
    """All actions, in order.

    >>> plan = lesson_plan(TuitionSettings(epochs=1, batch_examples=2, saves_per_epoch=1), 3, seed=1)
    >>> [(lesson.kind, len(lesson.examples)) for lesson in plan]
    [('evaluate', 0), ('step', 2), ('step', 1), ('evaluate', 0), ('save', 0)]
    """
    plan = [Lesson(kind="evaluate", epoch=0)]
    for epoch in range(1, settings.epochs + 1):
        plan += _epoch(settings, epoch, n_examples, seed)
        plan += [Lesson(kind="evaluate", epoch=epoch), Lesson(kind="save", epoch=epoch)]
    return plan


def _epoch(settings: TuitionSettings, epoch: int, n_examples: int, seed: int) -> Iterator[Lesson]:
    order = list(range(n_examples))
    Random(seed_for(seed, "order", str(epoch))).shuffle(order)  # noqa: S311 - an order, not a secret
    size = settings.batch_examples
    batches = [tuple(order[i : i + size]) for i in range(0, n_examples, size)]
    between = {round(len(batches) * k / settings.saves_per_epoch) for k in range(1, settings.saves_per_epoch)}
    for number, batch in enumerate(batches, start=1):
        yield Lesson(kind="step", epoch=epoch, step=(epoch - 1) * len(batches) + number, examples=batch)
        if number in between and number < len(batches):
            yield Lesson(kind="save", epoch=epoch)
