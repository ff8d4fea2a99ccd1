"""A checkpoint of a tokenizer and a chat template, and what is rendered with it."""

import json
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from workbench.types import Message

CHATML = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
PROMPT = (Message(role="system", content="You are a poet."), Message(role="user", content="Rain on a tin roof."))
TARGET = "Title: Tin\nPoem: the drops\ncount coins"


def make_checkpoint(folder: Path, template: str = CHATML) -> Path:
    """A real, tiny byte-level tokenizer with three control tokens."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    specials = ["<|begin|>", "<|im_start|>", "<|im_end|>"]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        special_tokens=specials, initial_alphabet=alphabet, vocab_size=400, show_progress=False
    )
    tokenizer.train_from_iterator(
        ["You are a poet. Rain on a tin roof. Title: Tin Poem: the drops count coins"], trainer
    )
    folder.mkdir(exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    config: dict[str, Any] = {"eos_token": "<|im_end|>", "bos_token": "<|begin|>"}
    (folder / "tokenizer_config.json").write_text(
        json.dumps(config | ({"chat_template": template} if template else {}))
    )
    return folder


def text_of(checkpoint: Path, ids: tuple[int, ...]) -> str:
    tokenizer = Tokenizer.from_file(str(checkpoint / "tokenizer.json"))
    return str(tokenizer.decode(list(ids), skip_special_tokens=False))
