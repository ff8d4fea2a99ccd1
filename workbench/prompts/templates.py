"""Prompts: a text file and values become messages.

The wording lives in `config/prompts/`; this module only knows how a prompt file is written: a line `[system]`,
`[user]` or `[assistant]` begins a turn, `{{ name }}` is replaced by a value. Values are data: they are put in once,
as they are, and never read as a template, so a poem that holds `{{ title }}` or `[user]` stays that poem.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from workbench.errors import ConfigError
from workbench.places import ROOT
from workbench.types import Message, Poem, Prompt, content_id

FOLDER = ROOT / "config" / "prompts"

_TURN = re.compile(r"^\[(system|user|assistant)\]\n", re.MULTILINE)
_VALUE = re.compile(r"\{\{ (\w+) \}\}")

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptTemplate:
    """A prompt with places for values."""

    name: str
    digest: str
    turns: tuple[tuple[Role, str], ...]

    @property
    def values(self) -> frozenset[str]:
        """The names of the values it wants."""
        return frozenset(name for _, text in self.turns for name in _VALUE.findall(text))

    def fill(self, **values: str) -> Prompt:
        """Messages with the values put in; the values themselves are not searched for places.

        Raises:
            ConfigError: a value that the prompt wants is missing.
        """
        missing = self.values - values.keys()
        if missing:
            raise ConfigError(f"prompt {self.name!r} wants {sorted(missing)}; known values are {sorted(values)}")
        return tuple(
            Message(role=role, content=_VALUE.sub(lambda place: values[place.group(1)], text))
            for role, text in self.turns
        )


def parse_prompt(name: str, text: str) -> PromptTemplate:
    r"""Reads the text of a prompt file.

    >>> parse_prompt("hello", "[system]\nBe kind.\n[user]\nHello {{ who }}\n").fill(who="{{ who }}")[1].content
    'Hello {{ who }}'

    Raises:
        ConfigError: there is no turn in it.
    """
    _, *pieces = _TURN.split(text)
    if not pieces:
        raise ConfigError(f"prompt {name!r} has no turn; begin one with [system] or [user] alone on a line")
    roles, bodies = pieces[::2], pieces[1::2]
    turns = tuple((cast(Role, role), body.removesuffix("\n")) for role, body in zip(roles, bodies, strict=True))
    return PromptTemplate(name=name, digest=content_id(text), turns=turns)


def load_prompt(name: str, style: str = "chat", *, folder: Path = FOLDER) -> PromptTemplate:
    """The prompt `name` in a renderer's style; thinking models use the chat wording.

    Raises:
        ConfigError: there is no such file; the message names those that exist.
    """
    path = folder / f"{name}.{'base' if style == 'base' else 'chat'}.txt"
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,63}", name) or not path.is_file():
        known = sorted({file.name.split(".")[0] for file in folder.glob("*.*.txt")})
        raise ConfigError(f"no prompt {name!r} for {style} models in {folder}; there are {', '.join(known)}")
    return parse_prompt(name, path.read_text(encoding="utf-8"))


def poem_target(poem: Poem) -> str:
    """What the follower has to write: title, then poem. Scoring, training and use share this one spelling."""
    return f"Title: {poem.title}\nPoem: {poem.text}"


def describe_prompt(template: PromptTemplate, poem: Poem, *, words: int) -> Prompt:
    """What the describer is asked. Describing, examples, measuring and the page share this one spelling."""
    return template.fill(title=poem.title, poem=poem.text, words=str(words))
