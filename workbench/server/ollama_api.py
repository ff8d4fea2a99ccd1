"""What goes over the wire, in Ollama's shape: its Python client, langchain-ollama and curl work unchanged.

Times are whole nanoseconds, lines end with one newline, and everything beyond ASCII is escaped (clients split lines at
U+2028 too). Fields and options that are not named here are taken and not used, as Ollama does with unknown ones; what
would change the answer and cannot be done (tools, pictures, a fixed format, thinking) is refused instead.
"""

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field
from pydantic_core import PydanticCustomError

from workbench.errors import InputError
from workbench.server.settings import LimitSettings, ServedModel
from workbench.types import Message, Prompt, Sampling

Finite = Annotated[float, Field(allow_inf_nan=False)]
Stop = Annotated[str, Field(min_length=1, max_length=200)]

DEFAULT_NEW_TOKENS = 512
API_VERSION = "0.12.0"  # of Ollama, whose shape this is; clients refuse to talk to older ones
FOR_EVER = "2318-01-01T00:00:00Z"  # until when the model stays, as Ollama writes it
Facts = Mapping[str, str | int | float]  # of a model file, by the names of GGUF
_NAME_LENGTH = 80
_INT64 = 2**63
_ZERO = re.compile(r"[+-]?0+(\.0*)?(ns|us|µs|ms|s|m|h)?")


def nothing(why: str) -> AfterValidator:
    """Takes what is empty and refuses the rest in plain words."""

    def check(value: Any) -> Any:
        if value:
            raise PydanticCustomError("refused", why)
        return value

    return AfterValidator(check)


Name = Annotated[str, Field(max_length=_NAME_LENGTH)]
NoTools = Annotated[list[Any] | None, nothing("this server calls no tools; leave them out")]
NoImages = Annotated[list[Any] | None, nothing("this server reads text only; leave the pictures out")]
NoFormat = Annotated[Any, nothing("this server answers in free text only; leave the format out")]
NoThinking = Annotated[Any, nothing("this server's models do not think aloud; leave it out or say false")]


class Options(BaseModel):
    """How tokens are drawn, in Ollama's words; null = the default."""

    temperature: Annotated[Finite, Field(ge=0, le=10)] | None = None
    top_p: Annotated[Finite, Field(ge=0, le=1)] | None = None
    top_k: Annotated[int, Field(ge=-1, le=1_000_000)] | None = None
    num_predict: Annotated[int, Field(ge=-2)] | None = None  # -1, -2 and too much: as much as the server allows
    seed: Annotated[int, Field(ge=-_INT64, lt=_INT64)] | None = None  # negative = by chance
    stop: Annotated[list[Stop], Field(max_length=16)] | Stop | None = None

    def sampling(self, limits: LimitSettings) -> Sampling:
        """The same in our own words; more tokens than the server gives are cut to what it gives."""
        wanted = DEFAULT_NEW_TOKENS if self.num_predict is None else self.num_predict
        return Sampling(
            temperature=0.8 if self.temperature is None else self.temperature,
            top_p=0.9 if self.top_p is None else self.top_p,
            top_k=40 if self.top_k is None else max(self.top_k, 0),
            max_new_tokens=limits.new_tokens if wanted < 0 else min(max(wanted, 1), limits.new_tokens),
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
    content: str | None = None
    images: NoImages = None


class Asked(BaseModel):
    """What both ways of asking share."""

    model: Name = ""  # "" = the server's default
    stream: bool | None = None  # null = true
    options: Options | None = None
    format: NoFormat = None
    think: NoThinking = None
    keep_alive: float | str | None = None  # zero = unload afterwards; else the model stays until the server ends

    @property
    def unloads(self) -> bool:
        """Whether the model is to leave the memory when this is done."""
        return self.keep_alive is not None and _ZERO.fullmatch(str(self.keep_alive).strip()) is not None


class ChatRequest(Asked):
    """The body of POST /api/chat; without messages it loads the model. A last message of the assistant is continued."""

    messages: list[ChatMessage] | None = None
    tools: NoTools = None

    def prompt(self, model: ServedModel, limits: LimitSettings) -> Prompt:
        """The conversation with the voice's own system message where it has none.

        Raises:
            InputError: too many messages.
        """
        messages = self.messages or []
        if len(messages) > limits.messages:
            raise InputError(f"{len(messages)} messages; send {limits.messages} at most, leave the oldest out")
        turns = tuple(Message(role=message.role, content=message.content or "") for message in messages)
        speaks = any(message.role == "system" for message in messages)
        return (
            turns if speaks or not turns or not model.system else (Message(role="system", content=model.system), *turns)
        )


class GenerateRequest(Asked):
    """The body of POST /api/generate: one prompt; an empty one loads the model."""

    prompt: str | None = None
    system: str | None = None
    images: NoImages = None
    suffix: Annotated[str | None, nothing("this server does not fill gaps; leave the suffix out")] = None
    template: Annotated[str | None, nothing("the model's own template is used; leave it out")] = None
    raw: Annotated[bool | None, nothing("the model's own template is used; leave raw out")] = None
    context: Annotated[list[int] | None, nothing("send the conversation to /api/chat instead")] = None

    def chat(self) -> ChatRequest:
        """The same question as a conversation."""
        texts = (("system", self.system), ("user", self.prompt)) if self.prompt else ()
        messages = [ChatMessage.model_validate({"role": role, "content": text}) for role, text in texts if text]
        return ChatRequest(
            model=self.model,
            messages=messages,
            stream=self.stream,
            options=self.options,
            keep_alive=self.keep_alive,
        )


class ShowRequest(BaseModel):
    """The body of POST /api/show; older clients say name."""

    model: Name = ""
    name: Name = ""


class ErrorBody(BaseModel):
    """Every refusal, and the last line of a stream that failed."""

    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How an answer ended, with what it took."""

    reason: Literal["stop", "length", "load", "unload"]
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


def as_generated(line: Mapping[str, Any]) -> dict[str, Any]:
    """A line of /api/chat as /api/generate has it: the text is under `response`."""
    return {("response" if name == "message" else name): (value["content"] if name == "message" else value)
            for name, value in line.items()}  # fmt: skip


def listed(model: ServedModel, facts: Facts) -> dict[str, Any]:
    """A model as GET /api/tags lists it."""
    return {
        "name": f"{model.name}:latest",
        "model": f"{model.name}:latest",
        "modified_at": model.modified_at,
        "size": model.size_bytes,
        "digest": model.digest,
        "details": details(facts),
    }


def running(model: ServedModel, facts: Facts, n_context: int) -> dict[str, Any]:
    """A model as GET /api/ps lists it."""
    line = listed(model, facts)
    return {**line, "expires_at": FOR_EVER, "size_vram": 0, "context_length": n_context}


def details(facts: Facts) -> dict[str, Any]:
    """What Ollama says of a model file."""
    family, n_weights = str(facts.get("general.architecture", "")), int(facts.get("general.parameter_count", 0))
    return {
        "parent_model": "",
        "format": str(facts.get("format", "gguf")) if facts else "",
        "family": family,
        "families": [family] if family else [],
        "parameter_size": f"{n_weights / 1e6:.2f}M" if n_weights else "",
        "quantization_level": str(facts.get("quantization", "")),
    }


def shown(model: ServedModel, facts: Facts, n_context: int) -> dict[str, Any]:
    """A model as POST /api/show shows it; its context is what the server gives."""
    family = facts.get("general.architecture", "")
    apart = ("quantization", "format", "tokenizer.chat_template")
    info = {name: value for name, value in facts.items() if name not in apart}
    return {
        "modelfile": f"FROM {model.name}\n",
        "parameters": f"num_ctx {n_context}",
        "template": str(facts.get("tokenizer.chat_template", "")),
        "system": model.system,
        "modified_at": model.modified_at,
        "details": details(facts),
        "model_info": {**info, f"{family}.context_length": n_context} if family else info,
        "capabilities": ["completion"],
    }


def ndjson(line: Mapping[str, Any]) -> bytes:
    """One line of a stream."""
    return json.dumps(line).encode("ascii") + b"\n"


def now() -> str:
    """Time of day as Ollama writes it."""
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")
