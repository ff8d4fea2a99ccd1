"""How a learner is loaded, adapted and trained: settings alone, so that reading them loads no torch."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, Lt, MinLen

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


@dataclass(frozen=True, slots=True, kw_only=True)
class LoraShape:
    """What the adapter looks like."""

    rank: int
    alpha: float
    dropout: float
    target_modules: tuple[str, ...]
