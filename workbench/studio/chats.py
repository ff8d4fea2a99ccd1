"""Chats with the educator or the poet, one file each: who is asked, what was asked, what every model answered.

With two models, such as a trained one and its base, both are asked the same and each remembers its own answers.
"""

import contextlib
import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

from workbench.engines.names import display_name
from workbench.errors import DamagedError, InputError
from workbench.storage.atomic import disk_errors, write_file
from workbench.storage.run_names import checked_name
from workbench.types import Message, Prompt

Role = Literal["educator", "poet"]
MOST_CHARACTERS = 8000
_TURNS_REMEMBERED = 6  # of a talk; the built-in model's context holds no more


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A question and the answer of each model; "" = not answered."""

    asked: str
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """One chat."""

    name: str
    role: Role
    engines: tuple[str, ...]  # one, or two side by side
    turns: tuple[Turn, ...] = ()

    def asked(self, text: str) -> "Chat":
        """With one more question.

        Raises:
            InputError: it is empty or too long.
        """
        if not text.strip() or len(text) > MOST_CHARACTERS:
            raise InputError(f"write something, in at most {MOST_CHARACTERS} characters")
        return replace(self, turns=(*self.turns, Turn(asked=text.strip(), answers=("",) * len(self.engines))))

    def answered(self, place: int, text: str) -> "Chat":
        """With the answer of one model to the last question."""
        last = self.turns[-1]
        answers = tuple(text if number == place else answer for number, answer in enumerate(last.answers))
        return replace(self, turns=(*self.turns[:-1], replace(last, answers=answers)))

    def branch(self, name: str, n_turns: int) -> "Chat":
        """The first so many questions and their answers as another chat; this one stays as it is."""
        return replace(self, name=name, turns=self.turns[:n_turns])

    def as_text(self) -> str:
        r"""To be kept elsewhere: every question, then each model's answer under its name.

        >>> chat = Chat(name="talk.1", role="poet", engines=("built-in",)).asked("Two lines?")
        >>> print(chat.answered(0, "A lamp.").as_text())
        > Two lines?
        <BLANKLINE>
        **the built-in model**
        <BLANKLINE>
        A lamp.
        <BLANKLINE>
        """
        parts = []
        for turn in self.turns:
            parts.append("\n".join(f"> {line}" for line in turn.asked.split("\n")))
            for engine, answer in zip(self.engines, turn.answers, strict=True):
                parts += [f"**{display_name(engine)}**", answer.strip() or "(no answer)"]
        return "\n\n".join(parts) + "\n"

    def prompt(self, place: int, persona: str) -> Prompt:
        """What one model is asked: the last turns as it knows them."""
        messages = [Message(role="system", content=persona)]
        for turn in self.turns[-_TURNS_REMEMBERED:-1]:
            if turn.answers[place]:
                messages += [
                    Message(role="user", content=turn.asked),
                    Message(role="assistant", content=turn.answers[place]),
                ]
        return (*messages, Message(role="user", content=self.turns[-1].asked))


class Chats:
    """The chats of a folder."""

    def __init__(self, sessions: Path) -> None:
        self.folder = sessions / "talks"

    def names(self) -> list[str]:
        """All chats, the newest first."""
        paths = sorted(self.folder.glob("talk.*.json"), key=lambda path: path.stat().st_mtime, reverse=True)
        return [path.stem for path in paths]

    def titles(self) -> list[tuple[str, str]]:
        """All chats as a list shows them, by what was asked first, and their names; the newest first."""
        found = []
        for name in self.names():
            with contextlib.suppress(InputError, DamagedError):
                turns = self.open(name).turns
                found.append((turns[0].asked[:60] if turns else name, name))
        asked = [title for title, _ in found]
        return [(title if asked.count(title) == 1 else f"{title} · {name}", name) for title, name in found]

    def begin(self, role: Role, engines: tuple[str, ...]) -> Chat:
        """A new one; it is a file when something is asked."""
        return Chat(name=self.free_name(), role=role, engines=engines)

    def free_name(self) -> str:
        """A name that no chat has; no session has a dot in its name, so no two are confused."""
        taken = [int(number) for name in self.names() if (number := name.removeprefix("talk.")).isdigit()]
        return f"talk.{max(taken, default=0) + 1}"

    def open(self, name: str) -> Chat:
        """A chat by name.

        Raises:
            InputError: there is none of this name.
            DamagedError: its file is not what was written.
        """
        path = self.folder / f"{checked_name(name)}.json"
        try:
            data = json.loads(path.read_text("utf-8"))
            turns = tuple(Turn(asked=turn["asked"], answers=tuple(turn["answers"])) for turn in data["turns"])
            return Chat(name=data["name"], role=data["role"], engines=tuple(data["engines"]), turns=turns)
        except FileNotFoundError as exc:
            raise InputError(f"no chat {name!r}; choose one from the list") from exc
        except (OSError, ValueError, KeyError, TypeError) as exc:
            raise DamagedError(f"{path}: not a chat; remove the file") from exc

    def save(self, chat: Chat) -> None:
        """Stores a chat.

        Raises:
            StoreError: the disk; what was stored before is intact.
        """
        with disk_errors(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
        write_file(self.folder / f"{checked_name(chat.name)}.json", json.dumps(asdict(chat), indent=1).encode("ascii"))
