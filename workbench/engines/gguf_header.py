"""What a GGUF says beside its weights, made from a Hugging Face checkpoint: shape, vocabulary, chat template.

Written for the families of `FAMILIES`. A setting that llama.cpp cannot follow is refused by its name; whether the rest
came out right is measured (`base_files.py`). Runs in the child that makes base files, where transformers is at hand.
"""

import json
import math
from pathlib import Path
from typing import Any

from workbench.engines.gguf_checkpoint import Precision, add_tensor, finish, gguf_tensors
from workbench.errors import EngineError
from workbench.prompts.chat_template import special_token, template_of, tokenizer_settings

FAMILIES = {  # transformers' model_type → llama.cpp's architecture
    "llama": "llama", "mistral": "llama", "qwen2": "qwen2", "qwen3": "qwen3", "gemma2": "gemma2",
    "gemma3_text": "gemma3", "phi3": "phi3", "smollm3": "smollm3", "olmo2": "olmo2",
}  # fmt: skip
# tokenizer.ggml.pre: how a text is cut before its bytes are joined; the first that cuts as the tokenizer does is taken
PRE_TOKENIZERS = ("default", "smollm", "llama-bpe", "qwen2", "gpt-2", "olmo", "tekken", "gpt-4o", "dbrx", "starcoder")
_ROPES = ("default", "linear", "llama3", "yarn")
_NORMAL, _UNKNOWN, _CONTROL, _USER_DEFINED, _BYTE = 1, 2, 3, 4, 6  # llama.cpp's token types
_NEVER_JOINED = -1e6  # score of a word that no merge makes


def make_gguf(checkpoint: Path, target: Path, *, pre: str = PRE_TOKENIZERS[0], precision: Precision = "bf16") -> None:
    """Writes a GGUF of a checkpoint that has none.

    Raises:
        EngineError: the family or one of its settings is not known here; the message names it.
    """
    import gguf

    config = _config(checkpoint)
    architecture = architecture_for(config)
    writer = gguf.GGUFWriter(target, architecture)
    _add_shape(writer, config, architecture)
    _add_vocabulary(writer, checkpoint, n_words=int(config["vocab_size"]), pre=pre)
    if factors := _llama3_factors(config):
        import torch

        add_tensor(writer, "rope_freqs.weight", torch.tensor(factors), precision=precision)
    for name, tensor in gguf_tensors(checkpoint, architecture):
        add_tensor(writer, name, tensor, precision=precision)
    finish(writer, precision)


def write_vocabulary(checkpoint: Path, target: Path, *, pre: str) -> None:
    """A GGUF without weights, to see how llama.cpp cuts a text with it."""
    import gguf

    config = _config(checkpoint)
    writer = gguf.GGUFWriter(target, architecture_for(config))
    _add_shape(writer, config, architecture_for(config))
    _add_vocabulary(writer, checkpoint, n_words=int(config["vocab_size"]), pre=pre)
    finish(writer, "bf16")


def joins_bytes(checkpoint: Path) -> bool:
    """Whether the tokenizer joins bytes (GPT-2's way), where the pre-tokenizer matters.

    `byte_fallback` does not tell: transformers sets it for every tokenizer that it reads out of a GGUF.
    """
    return "ByteLevel" in json.dumps(_definition(checkpoint).get("pre_tokenizer"))


def architecture_for(config: dict[str, Any]) -> str:
    """llama.cpp's name of the family.

    Raises:
        EngineError: it is not one of ours.
    """
    kind = str(config.get("model_type"))
    if kind not in FAMILIES:
        raise EngineError(f"no GGUF can be made here of the family {kind!r}; known: {', '.join(FAMILIES)}")
    return FAMILIES[kind]


def _config(checkpoint: Path) -> dict[str, Any]:
    from transformers import AutoConfig

    config: dict[str, Any] = AutoConfig.from_pretrained(checkpoint, trust_remote_code=False).to_dict()
    return config


# ---------------------------------------------------------------- shape


def _add_shape(writer: Any, config: dict[str, Any], architecture: str) -> None:
    n_heads = int(config["num_attention_heads"])
    head_dim = int(config.get("head_dim") or config["hidden_size"] // n_heads)
    writer.add_context_length(_n_context(config, architecture))
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(n_heads)
    writer.add_head_count_kv(int(config.get("num_key_value_heads") or n_heads))
    writer.add_key_length(head_dim)
    writer.add_value_length(head_dim)
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_vocab_size(config["vocab_size"])
    if architecture in ("gemma2", "gemma3", "phi3") and (window := config.get("sliding_window")):
        writer.add_sliding_window(int(window))
    if cap := config.get("attn_logit_softcapping"):
        writer.add_attn_logit_softcapping(float(cap))
    if cap := config.get("final_logit_softcapping"):
        writer.add_final_logit_softcapping(float(cap))
    _add_rope(writer, config, head_dim)


def _n_context(config: dict[str, Any], architecture: str) -> int:
    """llama.cpp's llama has no sliding window: Mistral's first model is the same only as far as its window reaches."""
    longest = int(config["max_position_embeddings"])
    window = config.get("sliding_window") if architecture == "llama" else None
    return min(longest, int(window)) if window else longest


def _rope(config: dict[str, Any]) -> dict[str, Any]:
    """Of full attention, where there are two kinds."""
    rope: dict[str, Any] = config.get("rope_parameters") or {}
    return rope.get("full_attention") or rope


def _add_rope(writer: Any, config: dict[str, Any], head_dim: int) -> None:
    import gguf

    rope = _rope(config)
    kind = str(rope.get("rope_type", "default"))
    if kind not in _ROPES:
        raise EngineError(f"no GGUF can be made here of a model with rotary positions of the kind {kind!r}")
    share = rope.get("partial_rotary_factor") or config.get("partial_rotary_factor") or 1.0
    writer.add_rope_dimension_count(int(head_dim * float(share)))
    writer.add_rope_freq_base(float(rope.get("rope_theta") or config.get("rope_theta") or 10000.0))
    if kind in ("linear", "yarn"):
        writer.add_rope_scaling_type(gguf.RopeScalingType(kind))
        writer.add_rope_scaling_factor(float(rope["factor"]))
    if kind == "yarn":
        writer.add_rope_scaling_orig_ctx_len(int(rope["original_max_position_embeddings"]))


def _llama3_factors(config: dict[str, Any]) -> list[float]:
    """By how much each frequency is slowed, as in Llama 3.1; [] where it is not.

    Wavelengths under L/high stay, over L/low are divided by the factor, between them it goes smoothly.
    """
    rope = _rope(config)
    if rope.get("rope_type") != "llama3":
        return []
    head_dim = int(config.get("head_dim") or config["hidden_size"] // config["num_attention_heads"])
    factor, low, high = (float(rope[name]) for name in ("factor", "low_freq_factor", "high_freq_factor"))
    length = float(rope["original_max_position_embeddings"])
    factors = []
    for pair in range(0, head_dim, 2):
        wavelength = 2 * math.pi * float(rope["rope_theta"]) ** (pair / head_dim)
        smooth = min(1.0, max(0.0, (length / wavelength - low) / (high - low)))
        factors.append(1 / ((1 - smooth) / factor + smooth))
    return factors


# ---------------------------------------------------------------- vocabulary


def _definition(checkpoint: Path) -> dict[str, Any]:
    definition: dict[str, Any] = json.loads((checkpoint / "tokenizer.json").read_text("utf-8"))
    if definition["model"].get("type") != "BPE":
        raise EngineError(f"no GGUF can be made here of a tokenizer of the kind {definition['model'].get('type')!r}")
    return definition


def _add_vocabulary(writer: Any, checkpoint: Path, *, n_words: int, pre: str) -> None:
    definition, settings = _definition(checkpoint), tokenizer_settings(checkpoint)
    vocabulary: dict[str, int] = dict(definition["model"]["vocab"])
    added = {str(token["content"]): token for token in definition.get("added_tokens", [])}
    vocabulary |= {content: int(token["id"]) for content, token in added.items()}
    words = [f"[PAD{number}]" for number in range(n_words)]
    kinds = [_USER_DEFINED] * n_words
    for word, number in vocabulary.items():
        words[number], kinds[number] = word, _NORMAL
    for token in added.values():
        kinds[int(token["id"])] = _CONTROL if token.get("special") else _USER_DEFINED
    if joins_bytes(checkpoint):
        writer.add_tokenizer_model("gpt2")
        writer.add_tokenizer_pre(pre)
        writer.add_token_merges([" ".join(pair) if isinstance(pair, list) else pair for pair in _merges(definition)])
    else:
        _add_pieces(writer, definition, vocabulary, kinds, n_words=n_words)
    writer.add_token_list(words)
    writer.add_token_types(kinds)
    _add_special(writer, checkpoint, settings, vocabulary)


def _merges(definition: dict[str, Any]) -> list[Any]:
    merges: list[Any] = definition["model"]["merges"]
    return merges


def _add_pieces(
    writer: Any, definition: dict[str, Any], vocabulary: dict[str, int], kinds: list[int], *, n_words: int
) -> None:
    """SentencePiece's way: the earlier a merge, the better its score; single bytes for what has no word."""
    scores = [_NEVER_JOINED] * n_words
    for rank, pair in enumerate(_merges(definition)):
        word = "".join(pair if isinstance(pair, list) else pair.split(" ", 1))
        if word in vocabulary:
            scores[vocabulary[word]] = max(scores[vocabulary[word]], -float(rank))
    for word, number in vocabulary.items():
        if len(word) == len("<0x00>") and word.startswith("<0x") and word.endswith(">"):
            kinds[number] = _BYTE
    if (unknown := definition["model"].get("unk_token")) in vocabulary:
        kinds[vocabulary[unknown]] = _UNKNOWN
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_scores(scores)
    writer.add_add_space_prefix("Prepend" in json.dumps(definition.get("normalizer")))


def _add_special(writer: Any, checkpoint: Path, settings: dict[str, Any], vocabulary: dict[str, int]) -> None:
    for name, add in (("bos", writer.add_bos_token_id), ("eos", writer.add_eos_token_id),
                      ("unk", writer.add_unk_token_id), ("pad", writer.add_pad_token_id)):  # fmt: skip
        word = special_token(settings, f"{name}_token")
        if word in vocabulary:
            add(vocabulary[word])
    bos, starts = special_token(settings, "bos_token"), _starts(checkpoint)
    writer.add_add_bos_token(bool(starts) and vocabulary.get(bos) == starts[0])
    writer.add_add_eos_token(False)
    if template := template_of(checkpoint):
        writer.add_chat_template(template)


def _starts(checkpoint: Path) -> list[int]:
    """What the tokenizer puts before a text."""
    from tokenizers import Tokenizer

    ids: list[int] = Tokenizer.from_file(str(checkpoint / "tokenizer.json")).encode("").ids
    return ids
