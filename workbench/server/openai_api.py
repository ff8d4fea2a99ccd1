"""What goes over the wire in OpenAI's shape: POST /v1/chat/completions, POST /v1/completions and GET /v1/models.

Its Python client works unchanged (tested). As with Ollama's shape, unknown fields are taken and not used, and
what would change the answer and cannot be done is refused in plain words.
"""

import json
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from workbench.server.ollama_api import ChatMessage, ChatRequest, Ending, Finite, Name, NoTools, Options, Stop, nothing
from workbench.server.settings import ServedModel

_END = b"data: [DONE]\n\n"
_INT64 = 2**63


class Turn(BaseModel):
    """One message; its content is a text, parts of text, or nothing."""

    role: Literal["system", "developer", "user", "assistant"]
    content: str | list[dict[str, Any]] | None = None

    @model_validator(mode="after")
    def has_only_text(self) -> "Turn":
        """Parts that are pictures, sound or files are refused."""
        for part in self.content if isinstance(self.content, list) else []:
            if part.get("type") != "text" or not isinstance(part.get("text"), str):
                raise PydanticCustomError("refused", "this server reads text only; leave pictures and files out")
        return self

    def message(self) -> ChatMessage:
        """The same in Ollama's shape."""
        parts = self.content if isinstance(self.content, list) else []
        text = self.content if isinstance(self.content, str) else "".join(part["text"] for part in parts)
        return ChatMessage(role="system" if self.role == "developer" else self.role, content=text)


class StreamOptions(BaseModel):
    """What a stream holds beside the text."""

    include_usage: bool | None = None


class Drawn(BaseModel):
    """How an answer is drawn and sent, in OpenAI's words; both routes share it."""

    model: Name = ""
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    temperature: Annotated[Finite, Field(ge=0, le=10)] | None = None
    top_p: Annotated[Finite, Field(ge=0, le=1)] | None = None
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    max_completion_tokens: Annotated[int, Field(ge=1)] | None = None
    seed: Annotated[int, Field(ge=-_INT64, lt=_INT64)] | None = None
    stop: Annotated[list[Stop], Field(max_length=16)] | Stop | None = None
    n: Literal[1] | None = None

    @property
    def wants_usage(self) -> bool:
        """Whether a stream ends with its counts."""
        return bool(self.stream_options and self.stream_options.include_usage)

    def _asking(self, messages: list[ChatMessage]) -> ChatRequest:
        """Messages and draws in Ollama's shape."""
        options = Options(
            temperature=self.temperature,
            top_p=self.top_p,
            num_predict=self.max_completion_tokens or self.max_tokens,
            seed=self.seed,
            stop=self.stop,
        )
        return ChatRequest(model=self.model, messages=messages, stream=bool(self.stream), options=options)


class CompletionRequest(Drawn):
    """The body of POST /v1/chat/completions."""

    messages: Annotated[list[Turn], Field(min_length=1)]
    tools: NoTools = None
    functions: NoTools = None
    response_format: dict[str, Any] | None = None

    @field_validator("response_format")
    @classmethod
    def is_text(cls, value: dict[str, Any] | None) -> dict[str, Any] | None:
        """JSON cannot be promised."""
        if value and value.get("type") != "text":
            raise PydanticCustomError("refused", "this server answers in free text only; leave the format out")
        return value

    def chat(self) -> ChatRequest:
        """The same question in Ollama's shape."""
        return self._asking([turn.message() for turn in self.messages])

    def lines(self, model: str, created: int) -> "CompletionLines":
        """The objects of the answer."""
        return CompletionLines(model, created)


class TextRequest(Drawn):
    """The body of POST /v1/completions: one text, answered by a voice as `/api/generate` does."""

    prompt: str | list[Any]
    suffix: Annotated[str | None, nothing("this server does not fill gaps; leave the suffix out")] = None
    echo: Annotated[bool | None, nothing("the answer comes without the prompt; leave echo out")] = None
    logprobs: Annotated[int | None, nothing("this server gives no log-probabilities; leave them out")] = None
    best_of: Literal[1] | None = None

    @field_validator("prompt")
    @classmethod
    def is_one_text(cls, value: str | list[Any]) -> str | list[Any]:
        """Several prompts are several requests, and token ids belong to one tokenizer."""
        texts = [value] if isinstance(value, str) else value
        if len(texts) != 1 or not isinstance(texts[0], str) or not texts[0]:
            raise PydanticCustomError("refused", "this server answers one text at a time; send one that is not empty")
        return value

    def chat(self) -> ChatRequest:
        """The same question in Ollama's shape."""
        return self._asking([ChatMessage(role="user", content="".join(self.prompt))])

    def lines(self, model: str, created: int) -> "CompletionLines":
        """The objects of the answer."""
        return TextLines(model, created)


class CompletionLines:
    """The objects of one answer to a conversation; they share an id."""

    mark, kind, piece_kind = "chatcmpl", "chat.completion", "chat.completion.chunk"

    def __init__(self, model: str, created: int) -> None:
        self._head = {"id": f"{self.mark}-{secrets.token_hex(8)}", "created": created, "model": model}

    def piece(self, text: str) -> dict[str, Any]:
        """One piece of a stream."""
        return self._chunk([self._choice({"delta": {"role": "assistant", "content": text}}, None)])

    def end(self, ending: Ending) -> dict[str, Any]:
        """The last piece, with the reason."""
        return self._chunk([self._choice({"delta": {}}, _reason(ending))])

    def usage(self, ending: Ending) -> dict[str, Any]:
        """The counts, after the last piece."""
        return {**self._chunk([]), "usage": _usage(ending)}

    def whole(self, text: str, ending: Ending) -> dict[str, Any]:
        """An answer that is not streamed."""
        message = {"role": "assistant", "content": text, "refusal": None}
        return self._whole(self._choice({"message": message, "logprobs": None}, _reason(ending)), ending)

    def _whole(self, choice: dict[str, Any], ending: Ending) -> dict[str, Any]:
        return {**self._head, "object": self.kind, "choices": [choice], "usage": _usage(ending)}

    def _choice(self, said: dict[str, Any], reason: str | None) -> dict[str, Any]:
        return {"index": 0, **said, "finish_reason": reason}

    def _chunk(self, choices: list[dict[str, Any]]) -> dict[str, Any]:
        return {**self._head, "object": self.piece_kind, "choices": choices}


class TextLines(CompletionLines):
    """The objects of one answer to a text."""

    mark, kind, piece_kind = "cmpl", "text_completion", "text_completion"

    def piece(self, text: str) -> dict[str, Any]:
        """One piece of a stream."""
        return self._chunk([self._text(text, None)])

    def end(self, ending: Ending) -> dict[str, Any]:
        """The last piece, with the reason."""
        return self._chunk([self._text("", _reason(ending))])

    def whole(self, text: str, ending: Ending) -> dict[str, Any]:
        """An answer that is not streamed."""
        return self._whole(self._text(text, _reason(ending)), ending)

    def _text(self, text: str, reason: str | None) -> dict[str, Any]:
        return self._choice({"text": text, "logprobs": None}, reason)


def model_entry(model: ServedModel) -> dict[str, Any]:
    """A model as GET /v1/models lists it."""
    created = int(datetime.fromisoformat(model.modified_at).timestamp()) if model.modified_at else 0
    return {"id": model.name, "object": "model", "created": created, "owned_by": "workbench"}


def event(line: Mapping[str, Any]) -> bytes:
    """One event of a stream."""
    return b"data: " + json.dumps(line).encode("ascii") + b"\n\n"


def last_event() -> bytes:
    """What ends a stream."""
    return _END


def _reason(ending: Ending) -> str:
    return "length" if ending.reason == "length" else "stop"


def _usage(ending: Ending) -> dict[str, int]:
    n_prompt, n_answer = ending.n_prompt_tokens, ending.n_tokens
    return {"prompt_tokens": n_prompt, "completion_tokens": n_answer, "total_tokens": n_prompt + n_answer}
