"""One batch of sequences through a transformers model: keys and values, the next logits, and a draw from them.

Knows token ids and numbers, nothing of text, requests or seeds.
"""

from collections.abc import Sequence
from typing import Any

from workbench.types import Sampling, TokenIds


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
