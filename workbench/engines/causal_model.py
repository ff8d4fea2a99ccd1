"""A Hugging Face checkpoint in torch: loaded one way for sampling and learning, and read one batch at a time.

Local files only, no foreign code. Knows token ids and numbers, nothing of text, requests or seeds.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from workbench.errors import ConfigError, EngineError
from workbench.types import Sampling, TokenIds


def load_causal(checkpoint: Path, *, dtype: torch.dtype, in_4bit: bool = False, on_cpu: bool = False) -> Any:
    """A causal language model with frozen weights, on CUDA where there is one and nobody wants it `on_cpu`.

    Raises:
        EngineError: it cannot be loaded.
    """
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
    if torch.cuda.is_available() and not (in_4bit or on_cpu):
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


class Reading:
    """Keys and values of a batch, and the logits after the last token of each row."""

    def __init__(self, model: Any, prompts_R: Sequence[TokenIds]) -> None:
        """Reads each distinct prompt once, padded on the left, and copies it to its rows."""
        import torch

        self._model, self._torch = model, torch
        prompts = list(dict.fromkeys(prompts_R))
        width = max(map(len, prompts))
        ids_P_L = [[0] * (width - len(ids)) + list(ids) for ids in prompts]
        mask_P_L = torch.tensor([[0] * (width - len(ids)) + [1] * len(ids) for ids in prompts], device=model.device)
        positions_P_L = (mask_P_L.cumsum(-1) - 1).clamp(min=0)
        with torch.inference_mode():
            output = model(
                input_ids=torch.tensor(ids_P_L, device=model.device), attention_mask=mask_P_L,
                position_ids=positions_P_L, use_cache=True, logits_to_keep=1,
            )  # fmt: skip
        self._memory = output.past_key_values
        places = torch.tensor([prompts.index(ids) for ids in prompts_R], device=model.device)
        self._memory.batch_select_indices(places)
        self._mask = mask_P_L[places]
        self.logits = output.logits[:, -1].float().cpu()[places.cpu()]

    def step(self, tokens: Sequence[int], places: Sequence[int]) -> None:
        """Reads one more token of each of the rows at these places; the others are left behind."""
        torch, device = self._torch, self._model.device
        if len(places) < len(self._mask):
            kept = torch.tensor(list(places), device=device)
            self._memory.batch_select_indices(kept)
            self._mask = self._mask[kept]
        positions_R_1 = self._mask.sum(-1, keepdim=True)
        self._mask = torch.cat([self._mask, self._mask.new_ones(len(tokens), 1)], dim=-1)
        with torch.inference_mode():
            output = self._model(
                input_ids=torch.tensor([[token] for token in tokens], device=device), attention_mask=self._mask,
                position_ids=positions_R_1, past_key_values=self._memory, use_cache=True, logits_to_keep=1,
            )  # fmt: skip
        self.logits = output.logits[:, -1].float().cpu()


def drawn_token(logits_V: Any, sampling: Sampling, generator: Any) -> int:
    """The next token: the best top_k, of these the best whose chances reach top_p, drawn at the temperature."""
    if sampling.temperature <= 0:
        return int(logits_V.argmax())
    k = min(sampling.top_k or len(logits_V), len(logits_V))
    best_K, ids_K = logits_V.topk(k)
    chances_K = best_K.softmax(-1)
    before_K = chances_K.cumsum(-1) - chances_K
    best_K = best_K[before_K < sampling.top_p] if sampling.top_p < 1 else best_K
    chances_K = (best_K / sampling.temperature).softmax(-1)
    return int(ids_K[int(chances_K.multinomial(1, generator=generator))])
