"""Messages → token ids, with the exact boundary between context and target: base, chat and thinking models.

    base      the contents, separated by blank lines · target · end of text
    chat      the model's own template around the contents · target · end of turn
    thinking  chat, where `<think>…</think>` comes before the answer and belongs to the context, never to the target

Contents are tokenised apart from the template, so the boundary never falls inside a token and special-token strings
in a poem stay text. Knows no model library: only `tokenizers`, and jinja2 in a child process.
"""

import hashlib
import re
from pathlib import Path
from typing import Literal, Protocol, runtime_checkable

from workbench.errors import EngineError
from workbench.prompts.chat_template import ChatTemplate, Piece, Slot, template_of, tokenizer_settings
from workbench.prompts.thinking import answer_after_thinking
from workbench.prompts.tokenizer import TextTokenizer
from workbench.types import (
    Failed,
    Message,
    Prompt,
    Rendered,
    TokenIds,
)

Kind = Literal["auto", "base", "chat", "thinking"]
_LEADING_BLOCK = re.compile(r"\s*<think>(?P<reasoning>.*?)</think>\s*", re.DOTALL)


@runtime_checkable
class Renderer(Protocol):
    """Messages → token ids, with the exact boundary between context and target."""

    name: str  # base, chat or thinking
    digest: str  # changes when the template or the tokenizer changes

    def context(self, prompt: Prompt) -> TokenIds:
        """Token ids of the prompt up to the point where the model's answer begins."""
        ...

    def render(self, prompt: Prompt, target: str) -> Rendered:
        """Context and target ids; the target ends with the end-of-turn token."""
        ...

    def answer(self, text: str) -> str | Failed:
        """The answer proper out of what the model wrote: thinking stripped, white space trimmed."""
        ...


def renderer_for(checkpoint: Path, *, kind: Kind = "auto", keep_thinking: bool = False) -> Renderer:
    """The renderer of a checkpoint folder; `auto` looks at the model's template.

    Args:
        checkpoint: a Hugging Face folder with tokenizer.json and, for chats, the model's template.
        kind: `base` also suits a chat model that should see plain text.
        keep_thinking: a target may begin with its `<think>` block, which is then in the context, where it
            costs no loss. Otherwise the block is dropped and the model is shown an empty one.

    Raises:
        EngineError: the checkpoint has no usable tokenizer, or no template for a chat.
    """
    tokenizer = TextTokenizer(checkpoint)
    template = template_of(checkpoint)
    if kind == "base" or (kind == "auto" and not template):
        return BaseRenderer(tokenizer)
    if not template:
        raise EngineError(f"{checkpoint}: the model has no chat template; use `kind: base`")
    chat_template = ChatTemplate(template, tokenizer_settings(checkpoint))
    if kind == "thinking" or (kind == "auto" and _can_think(chat_template)):
        return ThinkingRenderer(tokenizer, chat_template, keep_thinking=keep_thinking)
    return ChatRenderer(tokenizer, chat_template)


class BaseRenderer:
    """Plain text for a model that never saw a chat; the words around the contents come from the prompt itself."""

    name = "base"

    def __init__(self, tokenizer: TextTokenizer) -> None:
        self.digest = _digest(self.name, tokenizer.digest)
        self._tokenizer = tokenizer

    def context(self, prompt: Prompt) -> TokenIds:
        """Start of text and the contents, separated by blank lines."""
        text = "\n\n".join(message.content for message in prompt)
        return self._tokenizer.start_ids + self._tokenizer.contents(text)[0]

    def render(self, prompt: Prompt, target: str) -> Rendered:
        """The target ends with the end-of-text token."""
        return _rendered(self._tokenizer, self.context(prompt), target, (self._tokenizer.eos_id,))

    def answer(self, text: str) -> str | Failed:
        """The text without a thought and without white space around it."""
        return answer_after_thinking(text)


class ChatRenderer:
    """The model's own template around contents that the template never sees."""

    name = "chat"
    _thinks = False

    def __init__(self, tokenizer: TextTokenizer, template: ChatTemplate) -> None:
        self.digest = _digest(self.name, tokenizer.digest, template.text)
        self._tokenizer = tokenizer
        self._template = template

    def context(self, prompt: Prompt) -> TokenIds:
        """Ids up to where the assistant writes: a last message of its own is the beginning of its answer."""
        if len(prompt) > 1 and prompt[-1].role == "assistant":
            return self.context(prompt[:-1]) + self._tokenizer.contents(prompt[-1].content.rstrip())[0]
        prompt = self._that_fits(prompt)
        pieces = self._template.pieces(_roles(prompt), is_answered=False, thinks=self._thinks)
        return self._ids(pieces, prompt)

    def render(self, prompt: Prompt, target: str) -> Rendered:
        """The target ends with the template's end-of-turn token."""
        return _rendered(self._tokenizer, self.context(prompt), target, self._end_of_turn(prompt))

    def answer(self, text: str) -> str | Failed:
        """The text without a thought and without white space around it."""
        return answer_after_thinking(text)

    def _ids(self, pieces: tuple[Piece, ...], prompt: Prompt) -> TokenIds:
        ids: list[int] = []
        for piece in pieces:
            if isinstance(piece, str):
                ids += self._tokenizer.markup(piece)
            else:
                content = prompt[piece.message].content
                ids += self._tokenizer.contents(content.strip() if piece.is_trimmed else content)[0]
        return tuple(ids)

    def _end_of_turn(self, prompt: Prompt) -> TokenIds:
        """What the template writes after an answer, up to its first control token."""
        roles = (*_roles(self._that_fits(prompt)), "assistant")
        pieces = self._template.pieces(roles, is_answered=True, thinks=self._thinks)
        places = [i for i, piece in enumerate(pieces) if isinstance(piece, Slot) and piece.message == len(roles) - 1]
        if len(places) != 1:
            raise EngineError(f"the model's chat template shows the answer {len(places)} times; use `kind: base`")
        tail = self._tokenizer.markup("".join(piece for piece in pieces[places[0] + 1 :] if isinstance(piece, str)))
        for index, id_ in enumerate(tail):
            if id_ in self._tokenizer.control_ids:
                return tail[: index + 1]
        return (self._tokenizer.eos_id,)

    def _that_fits(self, prompt: Prompt) -> Prompt:
        """Templates that refuse or drop a system message get its words at the head of the user's."""
        roles = _roles(prompt)
        if self._template.holds_all(roles, thinks=self._thinks):
            return prompt
        if len(prompt) > 1 and roles[:2] == ("system", "user"):
            joined = f"{prompt[0].content}\n\n{prompt[1].content}"
            folded = (Message(role="user", content=joined), *prompt[2:])
            if self._template.holds_all(_roles(folded), thinks=self._thinks):
                return folded
        self._template.pieces(roles, is_answered=False, thinks=self._thinks)  # says why, where the template fails
        raise EngineError(f"the model's chat template has no place for the roles {', '.join(roles)}; use `kind: base`")


class ThinkingRenderer(ChatRenderer):
    """A model that thinks before it answers, in the block that Qwen3 and DeepSeek-R1 use."""

    name = "thinking"
    _thinks = True

    def __init__(self, tokenizer: TextTokenizer, template: ChatTemplate, *, keep_thinking: bool = False) -> None:
        super().__init__(tokenizer, template)
        self.digest = _digest(self.name, tokenizer.digest, template.text, str(keep_thinking))
        self._keep_thinking = keep_thinking

    def context(self, prompt: Prompt) -> TokenIds:
        """Ids up to where the assistant begins to think; earlier turns lose their thoughts, as the models expect."""
        return super().context(tuple(_without_thoughts(message) for message in prompt))

    def render(self, prompt: Prompt, target: str) -> Rendered:
        """A leading `<think>` block of the target goes to the context's end: kept, or emptied."""
        block = _LEADING_BLOCK.match(target)
        words = target[block.end() :] if block else target
        reasoning = block["reasoning"].strip("\n") if block and self._keep_thinking else ""
        opening = "" if self._is_opened(prompt) else "<think>\n"
        if reasoning:
            thought = self._tokenizer.markup(opening) + self._tokenizer.contents(reasoning)[0]
            thought += self._tokenizer.markup("\n</think>\n\n")
        else:
            thought = self._tokenizer.markup(opening + "\n</think>\n\n")  # in one piece: \n\n is one token
        context = self.context(prompt) + thought
        return _rendered(self._tokenizer, context, words, self._end_of_turn(prompt))

    def answer(self, text: str) -> str | Failed:
        """What follows the thoughts; a thought without an end is not an answer."""
        return answer_after_thinking(text, is_opened=self._opens_thinking and "<think>" not in text)

    @property
    def _opens_thinking(self) -> bool:
        return self._is_opened((Message(role="user", content=""),))

    def _is_opened(self, prompt: Prompt) -> bool:
        """Whether the template itself writes `<think>` before the answer begins (DeepSeek-R1's does)."""
        roles = _roles(self._that_fits(prompt))
        last = self._template.pieces(roles, is_answered=False, thinks=self._thinks)[-1]
        return isinstance(last, str) and last.rstrip().endswith("<think>")


def _can_think(template: ChatTemplate) -> bool:
    """Whether the template itself writes a `<think>` block; some only take it out of earlier turns."""
    if "<think>" not in template.text:
        return False
    before = template.pieces(("user",), is_answered=False, thinks=True)
    after = template.pieces(("user", "assistant"), is_answered=True, thinks=True)
    return any("<think>" in piece for piece in before + after if isinstance(piece, str))


def _rendered(tokenizer: TextTokenizer, context_ids: TokenIds, target: str, end: TokenIds) -> Rendered:
    ids, spans = tokenizer.contents(target)
    control = ((len(target), len(target)),) * len(end)
    return Rendered(context_ids=context_ids, target_ids=ids + end, target=target, offsets_T=spans + control)


def _without_thoughts(message: Message) -> Message:
    if message.role != "assistant":
        return message
    return Message(role="assistant", content=_LEADING_BLOCK.sub("", message.content, count=1))


def _roles(prompt: Prompt) -> tuple[str, ...]:
    return tuple(message.role for message in prompt)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]
