"""What goes over the wire, in Ollama's shape: its Python client, langchain-ollama and curl work unchanged.

Times are whole nanoseconds, lines end with one newline, and everything beyond ASCII is escaped (clients split lines at
U+2028 too). Fields and options that are not named here are taken and not used, as Ollama does with unknown ones; what
would change the answer and cannot be done (tools, pictures, a fixed format, thinking) is refused instead.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from workbench.errors import InputError
from workbench.server.settings import LimitSettings, ServedModel
from workbench.types import Message, Prompt, Sampling

Finite = Annotated[float, Field(allow_inf_nan=False)]
Stop = Annotated[str, Field(min_length=1, max_length=200)]

DEFAULT_NEW_TOKENS = 512
_NAME_LENGTH = 80
_INT64 = 2**63


class Options(BaseModel):
    """How tokens are drawn, in Ollama's words; null = the default."""

    temperature: Annotated[Finite, Field(ge=0, le=10)] | None = None
    top_p: Annotated[Finite, Field(ge=0, le=1)] | None = None
    top_k: Annotated[int, Field(ge=-1, le=1_000_000)] | None = None
    num_predict: Annotated[int, Field(ge=-2, le=1_000_000)] | None = None  # -1, -2: as much as the server allows
    seed: Annotated[int, Field(ge=-_INT64, lt=_INT64)] | None = None  # negative = by chance
    stop: Annotated[list[Stop], Field(max_length=16)] | Stop | None = None

    def sampling(self, limits: LimitSettings) -> Sampling:
        """The same in our own words.

        Raises:
            InputError: more tokens are asked for than the server gives.
        """
        wanted = min(DEFAULT_NEW_TOKENS, limits.new_tokens) if self.num_predict is None else self.num_predict
        if wanted > limits.new_tokens:
            raise InputError(f"options.num_predict is {wanted}; ask for {limits.new_tokens} at most, or -1 for that")
        return Sampling(
            temperature=0.8 if self.temperature is None else self.temperature,
            top_p=0.9 if self.top_p is None else self.top_p,
            top_k=40 if self.top_k is None else max(self.top_k, 0),
            max_new_tokens=limits.new_tokens if wanted < 0 else max(wanted, 1),
        )

    def seed_or_chance(self) -> int:
        """The seed that was asked for, else a new one."""
        return secrets.randbelow(2**31) if self.seed is None or self.seed < 0 else self.seed

    def stops(self) -> tuple[str, ...]:
        """Texts that end the answer and are not part of it."""
        return (self.stop,) if isinstance(self.stop, str) else tuple(self.stop or ())


class ChatMessage(BaseModel):
    """One turn."""

    role: Literal["system", "user", "assistant"]
    content: str = ""
    images: Annotated[list[Any], Field(max_length=0)] | None = None


class ChatRequest(BaseModel):
    """The body of POST /api/chat."""

    model: Annotated[str, Field(min_length=1, max_length=_NAME_LENGTH)]
    messages: list[ChatMessage] = []
    stream: bool | None = None  # null = true
    options: Options | None = None
    format: Literal[""] | None = None
    tools: Annotated[list[Any], Field(max_length=0)] | None = None
    think: Literal[False] | None = None
    keep_alive: float | str | None = None  # taken, not used: the model stays until the server ends

    def prompt(self, model: ServedModel, limits: LimitSettings) -> Prompt:
        """The conversation with the voice's own system message where it has none.

        Raises:
            InputError: too many messages.
        """
        if len(self.messages) > limits.messages:
            raise InputError(f"{len(self.messages)} messages; send {limits.messages} at most, leave the oldest out")
        turns = tuple(Message(role=message.role, content=message.content) for message in self.messages)
        speaks = any(message.role == "system" for message in self.messages)
        return turns if speaks or not model.system else (Message(role="system", content=model.system), *turns)


class ShowRequest(BaseModel):
    """The body of POST /api/show; older clients say name."""

    model: Annotated[str, Field(max_length=_NAME_LENGTH)] = ""
    name: Annotated[str, Field(max_length=_NAME_LENGTH)] = ""


class ErrorBody(BaseModel):
    """Every refusal, and the last line of a stream that failed."""

    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How an answer ended, with what it took."""

    reason: Literal["stop", "length", "load"]
    n_prompt_tokens: int = 0
    n_tokens: int = 0
    load_nanoseconds: int = 0
    prompt_nanoseconds: int = 0
    answer_nanoseconds: int = 0


def chat_line(model: str, text: str) -> dict[str, Any]:
    """One piece of a streamed answer."""
    return {
        "model": model,
        "created_at": now(),
        "message": {"role": "assistant", "content": text},
        "done": False,
    }


def last_line(model: str, text: str, ending: Ending, *, total_nanoseconds: int) -> dict[str, Any]:
    """The last line of a stream (with no text), or the one answer of a request that wants no stream."""
    return {
        **chat_line(model, text),
        "done": True,
        "done_reason": ending.reason,
        "total_duration": total_nanoseconds,
        "load_duration": ending.load_nanoseconds,
        "prompt_eval_count": ending.n_prompt_tokens,
        "prompt_eval_duration": ending.prompt_nanoseconds,
        "eval_count": ending.n_tokens,
        "eval_duration": ending.answer_nanoseconds,
    }


def listed(model: ServedModel) -> dict[str, Any]:
    """A model as GET /api/tags lists it."""
    return {
        "name": f"{model.name}:latest",
        "model": f"{model.name}:latest",
        "modified_at": model.modified_at,
        "size": model.size_bytes,
        "digest": model.digest,
        "details": details(),
    }


def details() -> dict[str, Any]:
    """What Ollama says of a model file."""
    return {
        "parent_model": "",
        "format": "gguf",
        "family": "",
        "families": [],
        "parameter_size": "",
        "quantization_level": "",
    }


def shown(model: ServedModel) -> dict[str, Any]:
    """A model as POST /api/show shows it."""
    return {
        "modelfile": "",
        "parameters": "",
        "template": "",
        "system": model.system,
        "modified_at": model.modified_at,
        "details": details(),
        "model_info": {},
        "capabilities": ["completion"],
    }


def ndjson(line: Mapping[str, Any]) -> bytes:
    """One line of a stream."""
    return json.dumps(line).encode("ascii") + b"\n"


def now() -> str:
    """Time of day as Ollama writes it."""
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")
