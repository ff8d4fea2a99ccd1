"""What tokens that were drawn say: the text of an answer, from engines that give token ids back.

Decoded here, by the model's own tokenizer, so that the same tokens are the same text whichever engine drew them. Knows
nothing of how they were drawn.
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from workbench.prompts.renderers import Renderer
from workbench.types import Completion, Failed, Prompt, Reason

BROKEN = "\ufffd"  # what the tokenizer writes for bytes that are not (yet) a character
_CONFIGS = ("config.json", "generation_config.json")


class DrawnText:
    """The tokenizer of a checkpoint, from the side of the answer.

    Args:
        checkpoint: a Hugging Face folder with tokenizer.json.
        ends: tokens that end an answer whatever the prompt; None = those that the folder's configuration names.

    Attributes:
        ends: as above.
    """

    def __init__(self, checkpoint: Path, ends: frozenset[int] | None = None) -> None:
        from tokenizers import Tokenizer

        self._tokenizer = Tokenizer.from_file(str(checkpoint / "tokenizer.json"))
        configured = (_config(checkpoint / name).get("eos_token_id") for name in _CONFIGS)
        self.ends = end_tokens(configured) if ends is None else ends
        added = self._tokenizer.get_added_tokens_decoder()
        self._controls = frozenset(number for number, token in added.items() if token.special) - self.ends

    def ends_of(self, prompt: Prompt, renderer: Renderer) -> frozenset[int]:
        """Tokens that end an answer to this prompt."""
        return self.ends | set(renderer.render(prompt, "").target_ids[-1:])

    def control(self, token: int) -> Failed | None:
        """The failure of an answer that holds a mark of the chat format; None: it is an ordinary token."""
        if token not in self._controls:
            return None
        name = self._tokenizer.id_to_token(token)
        return Failed(reason=Reason.BAD_TEXT, detail=f"the model wrote the control token {name}")

    def result(self, drawn: Sequence[int], *, ended: bool) -> Completion | Failed:
        """The answer; a token limit may fall inside a character, whose first bytes are then left out."""
        text = self.text(drawn)
        text = text if ended else text.rstrip(BROKEN)
        if BROKEN in text:
            return Failed(reason=Reason.BAD_TEXT, detail="its bytes are not UTF-8")
        return Completion(text=text, n_tokens=len(drawn), ended=ended)

    def answer(self, ids: Sequence[int], ends: frozenset[int]) -> Completion | Failed:
        """The answer of tokens that may hold the one that ended it; what follows that one is not looked at."""
        for place, token in enumerate(ids):
            if token in ends:
                return self.result(ids[:place], ended=True)
            if failed := self.control(token):
                return failed
        return self.result(ids, ended=False)

    def text(self, ids: Sequence[int]) -> str:
        """Decoded behind a word that stays outside, so that no space at the beginning is lost."""
        lead = self._tokenizer.encode("a", add_special_tokens=False).ids
        text: str = self._tokenizer.decode([*lead, *ids], skip_special_tokens=False)
        return text.removeprefix(self._tokenizer.decode(lead, skip_special_tokens=False))

    def n_tokens(self, text: str) -> int:
        """Length of a text."""
        return len(self._tokenizer.encode(text, add_special_tokens=False).ids)


def longest(checkpoint: Path, otherwise: int) -> int:
    """Tokens that a model was made to read, by its configuration."""
    return int(_config(checkpoint / _CONFIGS[0]).get("max_position_embeddings") or otherwise)


def end_tokens(named: Iterable[Any]) -> frozenset[int]:
    """Tokens that end an answer: each `eos_token_id` is a token, a list of them, or None.

    >>> sorted(end_tokens([2, None, [2, 7]]))
    [2, 7]
    """
    lists = [each if isinstance(each, list | tuple) else [each] for each in named]
    return frozenset(end for each in lists for end in each if end is not None)


def _config(path: Path) -> dict[str, int]:
    try:
        config = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return config if isinstance(config, dict) else {}
