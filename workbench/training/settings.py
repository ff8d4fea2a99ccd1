"""How an adapter is trained: learning rate, epochs, schedule; what the loop and a fine-tuning add to that.

How the model is loaded and what the adapter looks like is `learner:` (`engines/learning/settings.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Le

from workbench.engines.learning.settings import LearnerSettings

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
    objective: Literal["imitation", "preference"] = "imitation"  # preference: by pairs, the describer's alone
    beta: Annotated[float, Gt(0), Le(100)] = 0.1  # of preference pairs: how soon a pair counts as learnt
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
