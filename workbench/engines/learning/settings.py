"""How a learner is loaded, adapted and trained: settings alone, so that reading them loads no torch."""

from dataclasses import dataclass
from typing import Literal

Engine = Literal["auto", "unsloth", "peft"]
PROJECTIONS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnerSettings:
    """How the model is loaded, adapted and trained; Adam's figures are those of the published loop."""

    engine: Engine = "auto"
    dtype: Literal["auto", "bfloat16", "float32"] = "auto"
    load_in_4bit: bool = False
    lora_rank: int = 32
    lora_alpha: float = 32.0
    lora_dropout: float = 0.0
    target_modules: tuple[str, ...] = PROJECTIONS
    adam_betas: tuple[float, float] = (0.9, 0.95)
    adam_epsilon: float = 1e-8
    weight_decay: float = 0.0
    clip_norm: float = 1.0  # of the whole gradient; 0 = no clipping
    gradient_checkpointing: bool = False  # half the memory for a third more time
    own_attention: bool = True  # on a CPU: packed batches, several times faster; False = the model's own code
    share_contexts: bool = True  # targets of one context are scored with one copy of it (own attention only)
    token_budget: int = 2048  # tokens that go through the model together
    threads: int = 0  # 0 = one a processor


@dataclass(frozen=True, slots=True, kw_only=True)
class LoraShape:
    """What the adapter looks like."""

    rank: int
    alpha: float
    dropout: float
    target_modules: tuple[str, ...]
