"""A Hugging Face checkpoint in torch, loaded one way for sampling and learning: local files, no foreign code.

Short because the two that load a checkpoint must not know each other.
"""

import logging
from pathlib import Path
from typing import Any

import torch

from workbench.errors import ConfigError, EngineError


def load_causal(checkpoint: Path, *, dtype: torch.dtype, in_4bit: bool = False) -> Any:
    """A causal language model with frozen weights, on CUDA where there is one.

    Raises:
        EngineError: it cannot be loaded.
    """
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)  # it warns of missing kernels that nobody asked for
    from transformers import AutoModelForCausalLM, BitsAndBytesConfig
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()
    quantization: dict[str, Any] = {}
    if in_4bit:
        quantization["quantization_config"] = BitsAndBytesConfig(
            load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=dtype
        )
    try:
        causal = AutoModelForCausalLM.from_pretrained(
            checkpoint,
            dtype=dtype,
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=True,
            attn_implementation="sdpa",
            **quantization,
        )
    except (OSError, ValueError, RuntimeError, KeyError, ImportError) as exc:
        raise EngineError(f"{checkpoint}: the model cannot be loaded ({exc}); see `workbench doctor`") from exc
    if torch.cuda.is_available() and not in_4bit:
        causal = causal.to("cuda")
    causal.requires_grad_(False)
    return causal.eval()


def torch_dtype(name: str) -> torch.dtype:
    """`auto` takes bfloat16 where the machine computes in it: CUDA, or a CPU with AVX512-BF16 or AMX."""
    if name == "auto":
        has_bfloat16 = (
            torch.cuda.is_available() or torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
        )
        return torch.bfloat16 if has_bfloat16 else torch.float32
    if name not in ("bfloat16", "float32"):
        raise ConfigError(f"dtype {name!r} is not one of auto, bfloat16, float32")
    return torch.bfloat16 if name == "bfloat16" else torch.float32
