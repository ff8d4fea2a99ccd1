"""What goes over the wire in OpenAI's shape: POST /v1/chat/completions, POST /v1/completions and GET /v1/models.

Its Python client works unchanged (tested). As with Ollama's shape, unknown fields are taken and not used, and
what would change the answer and cannot be done is refused in plain words.
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from workbench.server.ollama_api import ChatMessage, ChatRequest, Ending, Finite, Name, NoTools, Options, Stop, nothing
from workbench.server.settings import ServedModel

_END = b"data: [DONE]\n\n"
_INT64 = 2**63
_MOST_TEXTS = 16  # of one request; each takes its turn with the model
Text = Annotated[str, Field(min_length=1)]


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


def _texts(value: Any) -> Any:
    """Token ids belong to one tokenizer, and nothing has no answer."""
    texts = value if isinstance(value, list) else [value]
    if not 1 <= len(texts) <= _MOST_TEXTS or not all(isinstance(text, str) and text for text in texts):
        why = f"send one text, or 1 to {_MOST_TEXTS} in a list, none of them empty; token ids are not read"
        raise PydanticCustomError("refused", why)
    return value


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

    def chats(self) -> list[ChatRequest]:
        """The one question in Ollama's shape."""
        return [self._asking([turn.message() for turn in self.messages])]

    def lines(self, model: str, created: int) -> "CompletionLines":
        """The objects of the answer."""
        return CompletionLines(model, created)


class TextRequest(Drawn):
    """The body of POST /v1/completions: texts, each answered by a voice as `/api/generate` does, in turn."""

    prompt: Annotated[
        Text | Annotated[list[Text], Field(min_length=1, max_length=_MOST_TEXTS)], BeforeValidator(_texts)
    ]
    suffix: Annotated[str | None, nothing("this server does not fill gaps; leave the suffix out")] = None
    echo: Annotated[bool | None, nothing("the answer comes without the prompt; leave echo out")] = None
    logprobs: Annotated[int | None, nothing("this server gives no log-probabilities; leave them out")] = None
    best_of: Literal[1] | None = None

    def chats(self) -> list[ChatRequest]:
        """The same questions in Ollama's shape."""
        texts = [self.prompt] if isinstance(self.prompt, str) else self.prompt
        return [self._asking([ChatMessage(role="user", content=text)]) for text in texts]

    def lines(self, model: str, created: int) -> "CompletionLines":
        """The objects of the answer."""
        return TextLines(model, created)


class CompletionLines:
    """The objects of the answer to a conversation; they share an id. A request has one question or several."""

    mark, kind, piece_kind = "chatcmpl", "chat.completion", "chat.completion.chunk"

    def __init__(self, model: str, created: int) -> None:
        self._head = {"id": f"{self.mark}-{secrets.token_hex(8)}", "created": created, "model": model}

    def piece(self, text: str, index: int = 0) -> dict[str, Any]:
        """One piece of a stream."""
        return self._chunk([self._choice(index, self._piece(text), None)])

    def end(self, ending: Ending, index: int = 0) -> dict[str, Any]:
        """The last piece of one answer, with the reason."""
        return self._chunk([self._choice(index, self._piece(""), _reason(ending))])

    def usage(self, endings: Sequence[Ending]) -> dict[str, Any]:
        """The counts, after the last piece."""
        return {**self._chunk([]), "usage": _usage(endings)}

    def whole(self, texts: Sequence[str], endings: Sequence[Ending]) -> dict[str, Any]:
        """Answers that are not streamed."""
        choices = [
            self._choice(index, self._said(text), _reason(ending))
            for index, (text, ending) in enumerate(zip(texts, endings, strict=True))
        ]
        return {**self._head, "object": self.kind, "choices": choices, "usage": _usage(endings)}

    def _piece(self, text: str) -> dict[str, Any]:
        return {"delta": {"role": "assistant", "content": text} if text else {}}

    def _said(self, text: str) -> dict[str, Any]:
        return {"message": {"role": "assistant", "content": text, "refusal": None}, "logprobs": None}

    def _choice(self, index: int, said: dict[str, Any], reason: str | None) -> dict[str, Any]:
        return {"index": index, **said, "finish_reason": reason}

    def _chunk(self, choices: list[dict[str, Any]]) -> dict[str, Any]:
        return {**self._head, "object": self.piece_kind, "choices": choices}


class TextLines(CompletionLines):
    """The objects of the answer to texts."""

    mark, kind, piece_kind = "cmpl", "text_completion", "text_completion"

    def _piece(self, text: str) -> dict[str, Any]:
        return self._said(text)

    def _said(self, text: str) -> dict[str, Any]:
        return {"text": text, "logprobs": None}


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


def _usage(endings: Sequence[Ending]) -> dict[str, int]:
    n_prompt, n_answer = sum(each.n_prompt_tokens for each in endings), sum(each.n_tokens for each in endings)
    return {"prompt_tokens": n_prompt, "completion_tokens": n_answer, "total_tokens": n_prompt + n_answer}
