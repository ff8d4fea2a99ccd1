"""How a learner is loaded, adapted and trained, and the learning rate of every step: no torch is loaded.

Rates are pure arithmetic, known before the first step:

linear   start → end in equal steps
cosine   start → end along half a cosine

Before either, a warm-up takes the rate from near zero to start in equal steps.
"""

import math
from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, Lt, MinLen

from workbench.errors import ConfigError

Engine = Literal["auto", "unsloth", "peft"]
Projection = Literal["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
PROJECTIONS: tuple[Projection, ...] = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
FUSED = {"q_proj": "qkv_proj", "k_proj": "qkv_proj", "v_proj": "qkv_proj",
         "gate_proj": "gate_up_proj", "up_proj": "gate_up_proj"}  # fmt: skip  # where a family has them in one matrix
Beta = Annotated[float, Ge(0), Lt(1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnerSettings:
    """How the model is loaded, adapted and trained; Adam's figures are those of the published loop."""

    engine: Engine = "auto"
    dtype: Literal["auto", "bfloat16", "float32"] = "auto"
    load_in_4bit: bool = False
    lora_rank: Annotated[int, Ge(1), Le(1024)] = 32
    lora_alpha: Annotated[float, Gt(0), Le(100_000)] = 32.0
    lora_dropout: Annotated[float, Ge(0), Lt(1)] = 0.0
    target_modules: Annotated[tuple[Projection, ...], MinLen(1)] = PROJECTIONS
    adam_betas: tuple[Beta, Beta] = (0.9, 0.95)
    adam_epsilon: Annotated[float, Gt(0), Le(1)] = 1e-8
    weight_decay: Annotated[float, Ge(0), Le(1)] = 0.0
    clip_norm: Annotated[float, Ge(0), Le(1_000_000)] = 1.0  # of the whole gradient; 0 = no clipping
    gradient_checkpointing: bool = False  # half the memory for a third more time
    own_attention: bool = True  # on a CPU: packed batches, several times faster; False = the model's own code
    share_contexts: bool = True  # targets of one context are scored with one copy of it (own attention only)
    token_budget: Annotated[int, Ge(1), Le(10_000_000)] = 2048  # tokens that go through the model together
    threads: Annotated[int, Ge(0), Le(1024)] = 0  # 0 = one a processor
    split: Literal["auto", "always", "never"] = "auto"  # the base over the processes; auto = if no card holds it


@dataclass(frozen=True, slots=True, kw_only=True)
class LoraShape:
    """What the adapter looks like."""

    rank: int
    alpha: float
    dropout: float
    target_modules: tuple[str, ...]


Schedule = Literal["linear", "cosine"]


def learning_rate(
    step: int,
    total: int,
    *,
    start: float = 1e-4,
    end: float = 5e-5,
    schedule: Schedule = "linear",
    warmup_share: float = 0.0,
) -> float:
    """The rate of one step; steps count from 1 to `total`, and a step past the end keeps the last rate.

    Args:
        step: counts from 1.
        total: steps of the whole run, all iterations together.
        start: the highest rate: the first step's, or the one after the warm-up.
        end: the last step's rate.
        schedule: see the module.
        warmup_share: share of all steps that the warm-up takes, rounded up.

    >>> [learning_rate(step, 3) for step in (1, 2, 3, 4)]
    [0.0001, 7.5e-05, 5e-05, 5e-05]
    """
    if step < 1 or total < 1:
        raise ConfigError(f"step {step} of {total}: steps count from 1")
    n_warmup = math.ceil(warmup_share * total)
    if step <= n_warmup:
        return start * step / n_warmup
    progress = _progress(step, max(n_warmup, 1), total)
    if schedule == "linear":
        return start + (end - start) * progress
    return end + (start - end) * (1 + math.cos(math.pi * progress)) / 2


def _progress(step: int, first: int, last: int) -> float:
    """0 at the first step, 1 at the last and ever after."""
    return 1.0 if step >= last > first else max(0, step - first) / max(1, last - first)
