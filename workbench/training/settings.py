"""How an adapter is trained: learning rate, epochs, schedule, and the plan of a fine-tuning that follows from them.

Every step, evaluation and save is known before the first one. Resuming means continuing at a position of the plan;
every learning rate and every order of examples follows from the settings, the number of examples and the seed. How the
model is loaded and what the adapter looks like is `learner:` (`engines/learning/settings.py`).
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from random import Random
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Le

from workbench.engines.learning.settings import LearnerSettings
from workbench.types import seed_for

LEARNER_MOVED = {f"training.{item.name}": f"learner.{item.name}" for item in fields(LearnerSettings)}


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingSettings:
    """What every training has; the learning rate falls from `learning_rate` to `learning_rate_end`."""

    epochs: Annotated[int, Ge(0), Le(1000)] = 1
    learning_rate: Annotated[float, Gt(0), Le(1)] = 1e-4
    learning_rate_end: Annotated[float, Ge(0), Le(1)] = 0.0
    schedule: Literal["linear", "cosine"] = "linear"
    warmup_share: Annotated[float, Ge(0), Le(1)] = 0.0  # of the steps, in which the rate rises from near zero


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopTrainingSettings(TrainingSettings):
    """How the loop trains on its winners; the defaults are those of the published loop."""

    task: Literal["follower", "describer", "both"] = "follower"  # description → poem, poem → description, both
    objective: Literal["imitation", "preference", "policy"] = "imitation"  # by winners, pairs, rewards (step.py)
    beta: Annotated[float, Gt(0), Le(100)] = 0.1  # of preference pairs: how soon a pair counts as learnt
    kl: Annotated[float, Ge(0), Le(100)] = 0.02  # of policy: what a nat of distance from the base costs of the reward
    rewards: Literal["own", "shuffled"] = "own"  # of policy: shuffled within their group they are its control
    epochs: Annotated[int, Ge(1), Le(100)] = 1  # passes over the winners of an iteration; interleaved runs make one
    learning_rate_end: Annotated[float, Ge(0), Le(1)] = 5e-5


@dataclass(frozen=True, slots=True, kw_only=True)
class FineTuningSettings(TrainingSettings):
    """How a fine-tuning trains on examples; the defaults are those of the published educator."""

    epochs: Annotated[int, Ge(0), Le(1000)] = 4
    batch_examples: Annotated[int, Ge(1), Le(4096)] = 16
    learning_rate: Annotated[float, Gt(0), Le(1)] = 2e-4
    schedule: Literal["linear", "cosine"] = "cosine"
    warmup_share: Annotated[float, Ge(0), Le(1)] = 0.03
    max_tokens: Annotated[int, Ge(32), Le(1_000_000)] = 1024  # prompt and answer; longer ones are left out and counted
    beta: Annotated[float, Gt(0), Le(100)] = 0.1  # of preference pairs: how soon a pair counts as learnt
    patience: Annotated[int, Ge(0), Le(1000)] = 1  # epochs without a better held-out loss before it stops; 0 = never
    saves_per_epoch: Annotated[int, Ge(1), Le(1000)] = 2
    samples: Annotated[int, Ge(0), Le(16)] = 2  # held-out prompts answered at each evaluation
    sample_tokens: Annotated[int, Ge(8), Le(4096)] = 160


def with_learner_apart(data: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of a run that was started before `training:` and `learner:` were told apart, under today's names."""
    if "learner" in data or "training" not in data:
        return dict(data)
    moved = {key: value for key, value in data.items() if key not in ("training", "tuition")}
    return moved | {"learner": data["training"], "training": data.get("tuition", {})}


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
