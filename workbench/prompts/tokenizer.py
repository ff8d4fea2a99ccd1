"""Text → token ids, in two ways that never mix: a template's markup may hold control tokens, a content never does.

Both are built from the checkpoint's one tokenizer.json; the second forgets its added tokens, so `<|im_end|>` in a poem
stays seven or so ordinary tokens. Knows nothing of messages or templates.
"""

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.errors import EngineError, InputError
from workbench.prompts.chat_template import special_token, tokenizer_settings
from workbench.types import Span, TokenIds

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer


class TextTokenizer:
    """The tokenizer of one checkpoint.

    Attributes:
        digest: of tokenizer.json.
        control_ids: added tokens, which no content can turn into.
        start_ids: what the model wants before plain text (Llama's begin-of-text), often nothing.
        eos_id: the end-of-turn token.
    """

    def __init__(self, checkpoint: Path) -> None:
        definition, self.digest = _definition(checkpoint)
        self.control_ids = frozenset(int(token["id"]) for token in definition.get("added_tokens", []))
        self._markup = _tokenizer(_without_prefix_space(definition), checkpoint)
        contents = {**definition, "added_tokens": [], "post_processor": None}
        self._contents = _tokenizer(_without_prefix_space(contents), checkpoint)
        settings = tokenizer_settings(checkpoint)
        self.eos_id = self._eos_id(checkpoint, special_token(settings, "eos_token"))
        self.start_ids = tuple(id_ for id_ in self._markup.encode("").ids if id_ != self.eos_id)

    def markup(self, text: str) -> TokenIds:
        """Ids of a template's own words, control tokens included."""
        return tuple(_encoded(self._markup, text).ids)

    def contents(self, text: str) -> tuple[TokenIds, tuple[Span, ...]]:
        """Ids of a content and the characters each stands for; never a control token.

        Raises:
            InputError: the text cannot be said in this model's tokens.
        """
        try:
            text.encode("utf-8")
        except UnicodeEncodeError as exc:
            raise InputError(f"the text holds half a character (a lone surrogate) at {exc.start}; remove it") from exc
        encoding = _encoded(self._contents, text)
        for id_, (start, end) in zip(encoding.ids, encoding.offsets, strict=True):
            if id_ in self.control_ids:
                return self._cut(text, start, end)
        return tuple(encoding.ids), tuple((start, end) for start, end in encoding.offsets)

    def _cut(self, text: str, start: int, end: int) -> tuple[TokenIds, tuple[Span, ...]]:
        """Some vocabularies list a control token as an ordinary one too: cut the text inside its spelling."""
        if end - start < 2:
            raise InputError(f"the model has no token for {text[start:end]!r}; remove it or use another model")
        ids_a, spans_a = self.contents(text[: start + 1])
        ids_b, spans_b = self.contents(text[start + 1 :])
        moved = tuple((first + start + 1, last + start + 1) for first, last in spans_b)
        return ids_a + ids_b, spans_a + moved

    def _eos_id(self, checkpoint: Path, name: str) -> int:
        id_ = self._markup.token_to_id(name) if name else None
        if id_ is None:
            raise EngineError(f"{checkpoint}: tokenizer_config.json names no eos_token that the tokenizer knows")
        return int(id_)


def _definition(checkpoint: Path) -> tuple[dict[str, Any], str]:
    path = checkpoint / "tokenizer.json"
    try:
        data = path.read_bytes()
        definition = json.loads(data)
    except (OSError, ValueError) as exc:
        raise EngineError(f"{path}: cannot be read ({exc}); fetch the model again") from exc
    if not isinstance(definition, dict):
        raise EngineError(f"{path}: expected an object; fetch the model again")
    return definition, hashlib.sha256(data).hexdigest()


def _tokenizer(definition: dict[str, Any], checkpoint: Path) -> "Tokenizer":
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_str(json.dumps(definition))
    except Exception as exc:  # tokenizers raises bare Exception
        raise EngineError(f"{checkpoint / 'tokenizer.json'}: not a tokenizer ({exc}); fetch the model again") from exc
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _encoded(tokenizer: "Tokenizer", text: str) -> "Encoding":
    try:
        return tokenizer.encode(text, add_special_tokens=False)
    except Exception as exc:  # tokenizers raises bare Exception; some that come out of a GGUF lack letters
        hint = "use this model as a Hugging Face folder, or serve the file with Ollama"
        raise EngineError(f"the model's tokenizer cannot say {text[:40]!r} ({exc}); {hint}") from exc


def _without_prefix_space(part: Any) -> Any:
    """The same definition without the space that some tokenizers put before every text they are given.

    A conversation is tokenised in pieces; the space would come back at each seam.
    """
    if isinstance(part, list):
        return [_without_prefix_space(each) for each in part if not _is_prepend(each)]
    if not isinstance(part, dict):
        return None if _is_prepend(part) else part
    if _is_prepend(part):
        return None
    off = {"prepend_scheme": "never", "add_prefix_space": False}
    return {
        key: off[key] if key in off else value if key in ("vocab", "merges") else _without_prefix_space(value)
        for key, value in part.items()
    }


def _is_prepend(part: Any) -> bool:
    return isinstance(part, dict) and part.get("type") == "Prepend"
