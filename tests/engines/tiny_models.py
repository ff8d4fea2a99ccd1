"""Tiny real checkpoints for tests: small enough to load in a blink, some with weights that make the answer known."""

from pathlib import Path
from typing import Any

import torch

from workbench.types import Rendered

VOCABULARY = 96


def tiny_checkpoint(folder: Path, **changes: Any) -> Path:
    """A random Llama of two layers with grouped query heads."""
    return _save(_model(**changes), folder)


def uniform_checkpoint(folder: Path) -> Path:
    """All logits are zero, whatever it reads."""
    model = _model()
    model.lm_head.weight.data.zero_()
    return _save(model, folder)


def copying_checkpoint(folder: Path) -> Path:
    """Predicts, with certainty, the token that it has just read."""
    model = _model(hidden_size=VOCABULARY, num_attention_heads=4, num_key_value_heads=2)
    for layer in model.model.layers:
        layer.self_attn.o_proj.weight.data.zero_()
        layer.mlp.down_proj.weight.data.zero_()
    model.model.embed_tokens.weight.data.copy_(torch.eye(VOCABULARY))
    model.lm_head.weight.data.copy_(torch.eye(VOCABULARY) * 10)
    return _save(model, folder)


def item(context: str | tuple[int, ...], target: str | tuple[int, ...]) -> Rendered:
    """Tokens given as ids or as letters."""
    context_ids, target_ids = (
        tuple(ord(letter) - 32 for letter in part) if isinstance(part, str) else part for part in (context, target)
    )
    return Rendered(context_ids=context_ids, target_ids=target_ids, target="", offsets_T=())


def _model(**changes: Any) -> Any:
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(7)
    settings = {
        "vocab_size": VOCABULARY,
        "hidden_size": 32,
        "intermediate_size": 48,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 512,
        "initializer_range": 0.4,  # far from uniform, so that a wrong token or place shows
        "tie_word_embeddings": False,
    }
    return LlamaForCausalLM(LlamaConfig(**(settings | changes)))


def _save(model: Any, folder: Path) -> Path:
    model.save_pretrained(folder)
    return folder
