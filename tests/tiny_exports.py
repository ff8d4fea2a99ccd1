"""Tiny real models that can be exported in seconds: random weights, the built-in model's template, and of its tokenizer
the control words, the bytes and the first merges: one token in 24, with the same ids.
"""

import json
import shutil
from pathlib import Path
from typing import Any

import torch

from workbench.engines.base_model import BaseModel, base_model
from workbench.engines.gguf_checkpoint import gguf_tensors
from workbench.engines.learning.settings import FUSED, PROJECTIONS
from workbench.engines.sources import ModelSettings
from workbench.export.texts import ExportText
from workbench.types import Message

_AS_THEY_ARE = ("tokenizer_config.json", "chat_template.jinja")
_VOCABULARY = 2048  # a byte-level vocabulary is in the order of its merges, so that any beginning of it is a whole one
_WIDTH, _INNER, _LAYERS, _HEADS, _KV_HEADS = 256, 512, 2, 4, 2
TEXTS = tuple(
    ExportText(prompt=(Message(role="user", content="Description: a poem."),), answer=f"Title: {title}\nPoem: {poem}")
    for title, poem in (
        ("Slipway", "the winch complains, then the chain,\nthen nobody at all"),
        ("Kettle", "steam writes on the window\nwhat the window will not keep"),
        ("Ledger", "my aunt subtracted the rain from the roof\nand owed the rest"),
    )
)


def built_in() -> BaseModel:
    return base_model(ModelSettings(weights="bf16"))


def tiny_model(folder: Path, kind: str = "llama") -> Path:
    """A Hugging Face folder with a GGUF of the same model beside it, as the base model's maker wants it."""
    from transformers import AutoConfig, AutoModelForCausalLM

    torch.manual_seed(5)
    config = AutoConfig.for_model(
        kind,
        vocab_size=_VOCABULARY,
        hidden_size=_WIDTH,
        intermediate_size=_INNER,
        num_hidden_layers=_LAYERS,
        num_attention_heads=_HEADS,
        num_key_value_heads=_KV_HEADS,
        head_dim=_WIDTH // _HEADS,
        max_position_embeddings=1024,
        tie_word_embeddings=True,
        initializer_range=0.05,
        bos_token_id=1,
        eos_token_id=2,
    )
    model = AutoModelForCausalLM.from_config(config)
    for name, parameter in model.named_parameters():
        if name.endswith("bias") or "norm" in name:  # all alike in a fresh model, so that a lost one would not show
            parameter.data += 0.3 * torch.randn_like(parameter)
    model.save_pretrained(folder)
    base = built_in()
    for name in _AS_THEY_ARE:
        if (base.checkpoint / name).is_file():
            shutil.copyfile(base.checkpoint / name, folder / name)
    _write_tokenizer(base.checkpoint, folder)
    _write_gguf(folder, kind, getattr(config, "rope_theta", 10000.0))
    return folder


def tiny_adapter(model: Path, folder: Path, *, strength: float = 0.05) -> Path:
    """An adapter on all seven projections, joined ones too, whose B is not zero, as PEFT saves it."""
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    torch.manual_seed(6)
    modules = [*PROJECTIONS, *sorted(set(FUSED.values()))]
    causal = AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32)
    adapted = get_peft_model(causal, LoraConfig(r=4, lora_alpha=8, target_modules=modules, task_type="CAUSAL_LM"))
    for name, parameter in adapted.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=strength)
    adapted.save_pretrained(folder)
    return folder


def _write_tokenizer(source: Path, folder: Path) -> None:
    """The beginning of a tokenizer; a merge stays where what it makes does."""
    definition = json.loads((source / "tokenizer.json").read_text("utf-8"))
    model = definition["model"]
    model["vocab"] = {word: id_ for word, id_ in model["vocab"].items() if id_ < _VOCABULARY}
    pairs = (merge.split(" ") if isinstance(merge, str) else merge for merge in model["merges"])
    model["merges"] = [pair for pair in pairs if "".join(pair) in model["vocab"]]
    (folder / "tokenizer.json").write_text(json.dumps(definition), "utf-8")


def _add_tokenizer(writer: Any, folder: Path) -> None:
    """As the built-in model's GGUF has it."""
    import gguf

    definition = json.loads((folder / "tokenizer.json").read_text("utf-8"))
    vocabulary = definition["model"]["vocab"]
    controls = {each["id"] for each in definition["added_tokens"]}
    kinds = (gguf.TokenType.CONTROL if id_ in controls else gguf.TokenType.NORMAL for id_ in range(_VOCABULARY))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(sorted(vocabulary, key=vocabulary.__getitem__))
    writer.add_token_types([int(each) for each in kinds])
    writer.add_token_merges([" ".join(pair) for pair in definition["model"]["merges"]])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_pad_token_id(2)
    writer.add_add_bos_token(False)
    writer.add_add_space_prefix(False)
    writer.add_chat_template((folder / "chat_template.jinja").read_text("utf-8"))


def _write_gguf(folder: Path, kind: str, rope_theta: float) -> None:
    """Shape and weights of this model, every field written out here."""
    import gguf

    writer = gguf.GGUFWriter(folder / "base.gguf", kind)
    writer.add_context_length(1024)
    writer.add_embedding_length(_WIDTH)
    writer.add_block_count(_LAYERS)
    writer.add_feed_forward_length(_INNER)
    writer.add_head_count(_HEADS)
    writer.add_head_count_kv(_KV_HEADS)
    writer.add_key_length(_WIDTH // _HEADS)
    writer.add_value_length(_WIDTH // _HEADS)
    writer.add_rope_dimension_count(_WIDTH // _HEADS)
    writer.add_rope_freq_base(rope_theta)
    writer.add_layer_norm_rms_eps(json.loads((folder / "config.json").read_text())["rms_norm_eps"])
    writer.add_vocab_size(_VOCABULARY)
    _add_tokenizer(writer, folder)
    for name, tensor in gguf_tensors(folder, kind):
        writer.add_tensor(name, tensor.float().contiguous().numpy())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
