"""The built-in model's weights as a checkpoint of another architecture, which computes the same numbers.

SmolLM2 is a Llama. Its parts are found again elsewhere: Qwen2 adds biases to q, k and v (here zeros), Phi-3 keeps q, k
and v in one matrix, and gate and up in another, Mistral may look through a window (here it does not). So a folder is
made whose answers are known: those of SmolLM2. These are the same weights in another architecture, not another model.
"""

import shutil
from pathlib import Path
from typing import Any

SHAPE = ("vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads",
         "num_key_value_heads", "max_position_embeddings", "rms_norm_eps", "rope_parameters", "tie_word_embeddings",
         "bos_token_id", "eos_token_id", "pad_token_id")  # fmt: skip
WORDS = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "chat_template.jinja")
TEXT = "The lighthouse keeps its one long word for rain,\nand every boat pretends it has been told."
FAMILIES: dict[str, dict[str, Any]] = {  # transformers' model_type → what differs from that family's own defaults
    "qwen2": {},
    "phi3": {"sliding_window": None},
    "mistral": {"sliding_window": None, "head_dim": 64},
}
_JOINED = {"qkv_proj": ("q_proj", "k_proj", "v_proj"), "gate_up_proj": ("gate_proj", "up_proj")}


def rehouse(llama: Path, folder: Path, family: str) -> float:
    """Writes a Hugging Face folder: config.json, bf16 safetensors, the model's own tokenizer and chat template.

    Args:
        llama: SmolLM2's checkpoint.
        folder: where the new one goes.
        family: one of FAMILIES.

    Returns:
        The largest difference between the logits of the two folders on a text, both computed in float32.
    """
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()
    old = AutoModelForCausalLM.from_pretrained(llama, dtype=torch.bfloat16)
    shape = {name: getattr(old.config, name) for name in SHAPE}
    model = AutoModelForCausalLM.from_config(AutoConfig.for_model(family, **(shape | FAMILIES[family])))
    weights = old.state_dict()
    model.load_state_dict({name: _part(name, like, weights) for name, like in model.state_dict().items()})
    model.to(torch.bfloat16).save_pretrained(folder)
    for name in WORDS:
        if (llama / name).is_file():
            shutil.copyfile(llama / name, folder / name)
    return float((_logits(llama) - _logits(folder)).abs().max())


def _part(name: str, like: Any, weights: dict[str, Any]) -> Any:
    """The tensor of this name, out of SmolLM2's."""
    import torch

    if name in weights:
        return weights[name]
    module, _, kind = name.rpartition(".")
    before, _, last = module.rpartition(".")
    if last in _JOINED:
        return torch.cat([weights[f"{before}.{each}.{kind}"] for each in _JOINED[last]])
    if kind == "bias":
        return torch.zeros_like(like)
    raise ValueError(f"{name}: SmolLM2 has nothing that belongs there")


def _logits(folder: Path) -> Any:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    ids = AutoTokenizer.from_pretrained(folder)(TEXT, return_tensors="pt").input_ids
    with torch.inference_mode():
        return model(input_ids=ids, use_cache=False).logits
