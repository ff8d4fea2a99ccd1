"""A model's own chat template: which words come before, between and after the contents of the messages.

The template never sees a poem. Each content goes in as a placeholder, and the rendered text is split where the
placeholders came out; so the split depends on the roles alone, is made once a shape of conversation, and contents
cannot change it. Rendering happens in a child process under limits (`template_worker.py`). Knows nothing of tokens.
"""

import hashlib
import json
import re
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from workbench.errors import EngineError

MAX_TEMPLATE_CHARACTERS = 128 * 1024
MAX_OUTPUT_CHARACTERS = 1024 * 1024
WALL_SECONDS = 60.0
MEMORY_BYTES = 512 * 2**20
CPU_SECONDS = 3
TODAY = datetime(2024, 7, 26)  # templates that print the date print this one, so that a prompt is the same tomorrow

_PADDING = " \n"  # around a placeholder, to see whether the template trims contents


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """The place of one message's content."""

    message: int
    is_trimmed: bool  # the template strips white space around it


Piece = str | Slot


def template_of(checkpoint: Path) -> str:
    """The template's text; "" where the model has none.

    Raises:
        EngineError: the files of the checkpoint cannot be read, or the template is too large.
    """
    own_file = checkpoint / "chat_template.jinja"
    try:
        if own_file.is_file():
            template = own_file.read_text("utf-8")
        else:
            template = _named_default(tokenizer_settings(checkpoint).get("chat_template") or "")
    except (OSError, UnicodeDecodeError) as exc:
        raise EngineError(f"{own_file}: cannot be read ({exc}); fetch the model again") from exc
    if len(template) > MAX_TEMPLATE_CHARACTERS:
        raise EngineError(
            f"{checkpoint}: the chat template has {len(template)} characters, more than the limit of "
            f"{MAX_TEMPLATE_CHARACTERS}; use `kind: base` or another model"
        )
    return template


def tokenizer_settings(checkpoint: Path) -> dict[str, Any]:
    """What tokenizer_config.json says; {} where there is none."""
    path = checkpoint / "tokenizer_config.json"
    if not path.is_file():
        return {}
    try:
        settings = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as exc:
        raise EngineError(f"{path}: cannot be read ({exc}); fetch the model again") from exc
    if not isinstance(settings, dict):
        raise EngineError(f"{path}: expected an object; fetch the model again")
    return settings


def special_token(settings: dict[str, Any], name: str) -> str:
    """The text of `bos_token`, `eos_token`, …; "" where the model has none."""
    value = settings.get(name) or ""
    return str(value.get("content", "")) if isinstance(value, dict) else str(value)


class ChatTemplate:
    """Splits conversations by their roles."""

    def __init__(self, text: str, settings: dict[str, Any], *, wall_seconds: float = WALL_SECONDS) -> None:
        self.text = text
        self._wall_seconds = wall_seconds
        self._mark = "slot" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        names = ("bos_token", "eos_token", "unk_token", "pad_token")
        self._constants: dict[str, Any] = {name: special_token(settings, name) for name in names}
        self._constants |= {"tools": None, "documents": None, "date_string": TODAY.strftime("%d %b %Y")}
        self._cache: dict[tuple[tuple[str, ...], bool, bool], tuple[Piece, ...] | str] = {}

    def pieces(self, roles: tuple[str, ...], *, is_answered: bool, thinks: bool) -> tuple[Piece, ...]:
        """Template text and the places of the contents, in the order in which the model reads them.

        Args:
            roles: of all messages, the answer included where `is_answered`.
            is_answered: False = the text ends where the model's answer begins.
            thinks: what the template is told as `enable_thinking`.
        """
        key = (roles, is_answered, thinks)
        if key not in self._cache:
            try:
                plain, padded = self._render(roles, is_answered=is_answered, thinks=thinks)
                self._cache[key] = self._split(plain, padded)
            except EngineError as error:  # a refusal, too, is found out once
                self._cache[key] = str(error)
        known = self._cache[key]
        if isinstance(known, str):
            raise EngineError(known)
        return known

    def holds_all(self, roles: tuple[str, ...], *, thinks: bool) -> bool:
        """Whether the template has a place for each of these messages (some refuse or drop the system's)."""
        try:
            pieces = self.pieces(roles, is_answered=False, thinks=thinks)
        except EngineError:
            return False
        return {piece.message for piece in pieces if isinstance(piece, Slot)} == set(range(len(roles)))

    def _render(self, roles: tuple[str, ...], *, is_answered: bool, thinks: bool) -> tuple[str, str]:
        marks = [f"{self._mark}n{index}e" for index in range(len(roles))]
        shared = {**self._constants, "add_generation_prompt": not is_answered, "enable_thinking": thinks}
        variables = [
            {
                **shared,
                "messages": [{"role": r, "content": pad + m + pad[::-1]} for r, m in zip(roles, marks, strict=True)],
            }
            for pad in ("", _PADDING)
        ]
        plain, padded = run_worker(self.text, variables, wall_seconds=self._wall_seconds)
        return plain, padded

    def _split(self, plain: str, padded: str) -> tuple[Piece, ...]:
        pieces: list[Piece] = []
        for index, part in enumerate(re.split(rf"{self._mark}n(\d+)e", plain)):
            if index % 2 == 0:
                pieces += [part] if part else []
            else:
                kept = _PADDING + f"{self._mark}n{part}e" + _PADDING[::-1]
                pieces.append(Slot(message=int(part), is_trimmed=kept not in padded))
        return tuple(pieces)


def run_worker(template: str, variables: list[dict[str, Any]], *, wall_seconds: float = WALL_SECONDS) -> list[str]:
    """One rendered text for each set of variables, from a child process that is stopped at its limits.

    Raises:
        EngineError: the template fails, never ends, or writes or needs too much.
    """
    request = {
        "template": template,
        "variables": variables,
        "today": TODAY.isoformat(),
        "max_output_characters": MAX_OUTPUT_CHARACTERS,
        "memory_bytes": MEMORY_BYTES,
        "cpu_seconds": CPU_SECONDS,
    }
    command = [sys.executable, "-I", str(Path(__file__).resolve().with_name("template_worker.py"))]
    try:
        done = subprocess.run(  # noqa: S603 - our own file, run by our own interpreter, nothing from outside in it
            command, input=json.dumps(request).encode(), capture_output=True, timeout=wall_seconds, check=False
        )
    except subprocess.TimeoutExpired as exc:
        raise EngineError(
            f"the model's chat template did not end within {wall_seconds:g} s and was stopped; "
            "use `kind: base` or another model"
        ) from exc
    if done.returncode != 0:
        raise EngineError(
            f"the model's chat template was stopped at its limit of {CPU_SECONDS} s or "
            f"{MEMORY_BYTES >> 20} MiB (exit {done.returncode}); use `kind: base` or another model"
        )
    reply = json.loads(done.stdout)
    if "error" in reply:
        raise EngineError(f"the model's chat template failed ({reply['error']}); use `kind: base` or another model")
    return list(reply["texts"])


def _named_default(templates: str | list[dict[str, str]]) -> str:
    """Some models carry several named templates; `default` is the one for conversation."""
    if isinstance(templates, str):
        return templates
    named = {each.get("name", ""): each.get("template", "") for each in templates}
    return named.get("default", "")
