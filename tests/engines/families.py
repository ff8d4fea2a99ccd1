"""Tiny random checkpoints of every family, with a tokenizer and a chat template: made in a blink, whole in every part.

`piece_tokenizer` is made here, in SentencePiece's way with bytes for what has no word, as Gemma's, Phi's and Mistral's
are; the others join bytes, as the built-in model's does.
"""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

FAMILIES = ("llama", "mistral", "qwen2", "qwen3", "gemma2", "gemma3_text", "phi3", "smollm3", "olmo2")
_PIECES = ("mistral", "gemma2", "gemma3_text", "phi3")
_FEW, _MANY = 600, 2000  # tokens
_MARKS = tuple(",.;!?")
_LAYERS = {"gemma3_text": 6, "smollm3": 4}  # enough for one layer of the rarer kind
_CHAT = (
    "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>' + '\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
_THINKING = _CHAT.replace("'<|im_start|>assistant\n'", "'<|im_start|>assistant\n<think>\n'")
_VERSE = """The ferry counts its cars and finds one short.
A lamp is still a lamp when no one reads, and a door is a door.
Salt on the rope, tar on the hand: what the harbour says it says twice.
We kept the kettle for the sake of steam, the steam for the sake of talk."""


def family_checkpoint(
    folder: Path, family: str, *, template: str = _CHAT, repeats: bool = False, words: Sequence[str] = ()
) -> Path:
    """A Hugging Face folder without a GGUF; one that `repeats` expects the words that it has read.

    Given `words`, most of them are tokens, and what it writes are whole words and marks: the search can write lines.
    """
    from transformers import AutoConfig, AutoModelForCausalLM

    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = _piece_tokenizer if family in _PIECES else _byte_tokenizer
    n_words = tokenizer(folder, words or [_VERSE], _MANY if words else _FEW)
    torch.manual_seed(11)
    width = 64 if repeats else 16
    config = AutoConfig.for_model(
        family, vocab_size=n_words, hidden_size=4 * width, intermediate_size=96,
        num_hidden_layers=_LAYERS.get(family, 2), num_attention_heads=4, num_key_value_heads=2, head_dim=width,
        max_position_embeddings=1024, query_pre_attn_scalar=width,
        sliding_window=64 if family.startswith("gemma") else None,
        initializer_range=0.2, tie_word_embeddings=family.startswith("gemma") and not repeats,
        bos_token_id=1, eos_token_id=2, pad_token_id=0,
    )  # fmt: skip
    model = AutoModelForCausalLM.from_config(config)
    for name, parameter in model.named_parameters():
        if name.endswith("bias") or "norm" in name:  # all alike in a fresh model, so that a lost one would not show
            parameter.data += 0.2 * torch.randn_like(parameter)
    if repeats:
        _make_it_repeat(model)
    if words and family.startswith("gemma"):  # whose words are also its head: else it would say the last one again
        for name, parameter in model.named_parameters():
            if "post_" in name:
                parameter.data += 8
    _write_words_only(model, folder, ends=repeats, whole=bool(words))
    model.to(torch.bfloat16).save_pretrained(folder)
    if template:
        (folder / "chat_template.jinja").write_text(template, "utf-8")
    return folder


def thinking_checkpoint(folder: Path, family: str = "qwen3") -> Path:
    """One whose template opens a thought."""
    return family_checkpoint(folder, family, template=_THINKING)


def _make_it_repeat(model: Any) -> None:
    """What was read is likely to come again: a word is told from the others by half of its numbers, even attention
    carries them into the other half, and only that half is read by the head.

    The loop refuses a model whose loss on a poem is no lower when the poem itself is in the prompt.
    """
    config = model.config
    n_heads, n_kv_heads, width = config.num_attention_heads, config.num_key_value_heads, config.head_dim
    half = n_kv_heads * width
    for number, layer in enumerate(model.model.layers):
        layer.mlp.down_proj.weight.data.zero_()
        attention, out = layer.self_attn, layer.self_attn.o_proj.weight.data.zero_()
        if number:
            continue
        values = torch.eye(half, config.hidden_size)
        if hasattr(attention, "qkv_proj"):
            attention.qkv_proj.weight.data.zero_()[-half:] = values
        else:
            attention.q_proj.weight.data.zero_()
            attention.v_proj.weight.data.copy_(values)
        for head in range(n_kv_heads):
            first = head * (n_heads // n_kv_heads) * width
            rows = slice(half + head * width, half + (head + 1) * width)
            out[rows, first : first + width] = 20 * torch.eye(width)
        if hasattr(layer, "pre_feedforward_layernorm"):  # Gemma makes what attention adds as large as it likes
            layer.post_attention_layernorm.weight.data.fill_(50.0)
    words, head = model.get_input_embeddings().weight.data, model.get_output_embeddings().weight.data
    torch.nn.init.normal_(words)
    words[:, half:] = 0
    head.zero_()
    head[:, half:] = 0.05 * words[:, :half]  # so mildly that what it writes has words of several letters


def _write_words_only(model: Any, folder: Path, *, ends: bool, whole: bool) -> None:
    """A random model would write half characters: what is not a word or a letter has a logit of 0 among larger ones.

    One that `ends` stops as readily as it writes the letter e, and writes no space alone. Where words are to be
    `whole`, letters that go on with a word are not written, and marks the more.
    """
    definition = json.loads((folder / "tokenizer.json").read_text("utf-8"))
    vocabulary: dict[str, int] = definition["model"]["vocab"]
    spaces = str.maketrans("ĠĊ▁", "   ")
    weight = model.get_output_embeddings().weight.data
    if ends:
        weight[vocabulary["<|im_end|>"]] = weight[vocabulary["e"]]
    for word, number in vocabulary.items():
        text = word.translate(spaces)
        is_space = ends and not text.strip()
        is_part = whole and text[:1].islower()
        if whole and text in _MARKS:
            weight[number] *= 3
        if is_space or is_part or not text.isascii() or (word.startswith("<") and word != "<|im_end|>"):
            weight[number] = 0
    weight[len(vocabulary) :] = 0


def _piece_tokenizer(folder: Path, texts: Sequence[str], size: int) -> int:
    """Pieces with ▁ for a space, merges learned from texts, single bytes for the rest."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, trainers

    special = ["<pad>", "<s>", "<|im_end|>", "<|im_start|>", "<unk>"]
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=True))  # noqa: S106 - a word
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    trainer = trainers.BpeTrainer(
        vocab_size=size, special_tokens=[*special, *(f"<0x{byte:02X}>" for byte in range(256))], show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    definition = json.loads(tokenizer.to_str())
    definition["added_tokens"] = [each for each in definition["added_tokens"] if each["content"] in special]
    tokenizer = Tokenizer.from_str(json.dumps(definition))
    tokenizer.add_special_tokens([AddedToken(word, special=True) for word in special])
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    return _save(tokenizer, folder)


def _byte_tokenizer(folder: Path, texts: Sequence[str], size: int) -> int:
    """Bytes joined as GPT-2 joins them, merges learned from texts."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

    special = ["<pad>", "<s>", "<|im_end|>", "<|im_start|>"]
    tokenizer = Tokenizer(models.BPE())
    digits, letters = pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([digits, letters])
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size, special_tokens=special, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )  # fmt: skip
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.add_special_tokens([AddedToken(word, special=True) for word in special])
    return _save(tokenizer, folder)


def _save(tokenizer: Any, folder: Path) -> int:
    tokenizer.save(str(folder / "tokenizer.json"))
    settings = {"bos_token": "<s>", "eos_token": "<|im_end|>", "pad_token": "<pad>"}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings), "utf-8")
    return -(-int(tokenizer.get_vocab_size()) // 32) * 32


def as_hub_cache(checkpoint: Path, root: Path, hub_id: str) -> Path:
    """Copies a checkpoint into a folder as huggingface_hub keeps what it has fetched."""
    commit = "0123456789abcdef0123456789abcdef01234567"
    repository = root / f"models--{hub_id.replace('/', '--')}"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text(commit)
    shutil.copytree(checkpoint, repository / "snapshots" / commit)
    return root
