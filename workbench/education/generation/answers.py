"""Every answer that a model gave, kept as it arrived, and what answers may cost.

Nothing is asked twice, so nothing is paid twice: one SQLite file, one transaction per answer, synced to the disk before
the next question may depend on it. The id of an answer is what was asked: task, input, prompt, model and seed. Failures
are answers too; those that cost nothing (the endpoint could not be reached) are asked again, those that were paid are
not.

Tokens and money are estimated before generating starts and held to while it runs. A question is only asked when its
worst case still fits: its prompt, and an answer as long as is allowed. What a provider bills for an answer that never
arrived is not known here.
"""

import contextlib
import math
import sqlite3
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Annotated

from annotated_types import Ge, Le

from workbench.errors import StoreError
from workbench.storage.atomic import locked
from workbench.storage.sqlite import Change, SqliteFile, read_errors
from workbench.types import Reason, SampleRequest

#: Failures that were not paid: asked again on resume.
FREE = frozenset({Reason.ENGINE.value, Reason.CANCELLED.value})
_BYTES_PER_TOKEN = 3  # English runs at four and more: the estimate is on the safe side
_TOKENS_PER_MESSAGE = 8  # of the chat template


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer, or the failure that came instead."""

    id: str  # of the question: task, input, prompt, model, adapter, seed
    task: str
    step: int  # of the task; most have one
    text: str
    failure: str  # a Reason value or ""
    detail: str
    n_prompt_tokens: int
    n_tokens: int
    cost: float  # money, at the prices of that day
    model: str
    seed: int

    @property
    def is_final(self) -> bool:
        """Whether it need not be asked for again."""
        return self.failure not in FREE


class AnswerStore:
    """The answers of one folder; one process writes at a time.

    Args:
        path: the SQLite file; made when it is not there.

    Raises:
        LockedError: another process works with it.
        StoreError: the disk, or a file that is not a store.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        busy = f"{path}: another process is generating there; wait for it or choose another name"
        self._lock = contextlib.ExitStack()
        self._lock.enter_context(locked(path.with_suffix(".lock"), busy=busy))
        try:
            self._file = SqliteFile(path, _create, MIGRATIONS)
        except StoreError:
            self._lock.close()
            raise

    def get(self, ids: list[str]) -> dict[str, Answer]:
        """What came of these questions, by id."""
        found = {}
        with read_errors(self.path):
            for id_ in ids:
                row = self._file.run(f"{_SELECT} WHERE id = ?", (id_,)).fetchone()
                if row:
                    found[id_] = _answer(row)
        return found

    def all(self) -> list[Answer]:
        """Every answer, in the order in which they arrived."""
        with read_errors(self.path):
            return [_answer(row) for row in self._file.run(f"{_SELECT} ORDER BY rowid")]

    def keep(self, answer: Answer) -> None:
        """Writes one answer; when this returns it is on the disk. A free failure gives way to what came later."""
        marks = ", ".join("?" * len(fields(Answer)))
        free = ", ".join(f"'{reason}'" for reason in sorted(FREE))
        with self._file.transaction():
            self._file.run(f"DELETE FROM answers WHERE id = ? AND failure IN ({free})", (answer.id,))  # noqa: S608 - constants
            self._file.run(f"INSERT OR IGNORE INTO answers ({_COLUMNS}) VALUES ({marks})", astuple(answer))  # noqa: S608 - marks only

    def spent(self) -> tuple[int, float]:
        """Tokens and money of all answers, failures included."""
        with read_errors(self.path):
            row = self._file.run("SELECT TOTAL(n_prompt_tokens + n_tokens), TOTAL(cost) FROM answers").fetchone()
        return int(row[0]), float(row[1])

    def close(self) -> None:
        """Closes the file and lets others work."""
        self._file.close()
        self._lock.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """Of a model, per million tokens."""

    prompt: Annotated[float, Ge(0), Le(1_000_000)] = 0.0
    answer: Annotated[float, Ge(0), Le(1_000_000)] = 0.0

    def of(self, n_prompt: int, n_answer: int) -> float:
        """Money for so many tokens."""
        return (n_prompt * self.prompt + n_answer * self.answer) / 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """The most that may be spent in one folder of answers, over all its runs; 0 = no limit."""

    tokens: Annotated[int, Ge(0), Le(10**12)] = 2_000_000
    money: Annotated[float, Ge(0), Le(1_000_000)] = 5.0


@dataclass(slots=True, kw_only=True)
class Purse:
    """What is left of a budget."""

    budget: Budget
    price: Price
    tokens: int = 0  # spent
    money: float = 0.0

    def spend(self, n_prompt: int, n_answer: int) -> float:
        """Books an answer and returns its cost."""
        cost = self.price.of(n_prompt, n_answer)
        self.tokens += n_prompt + n_answer
        self.money += cost
        return cost

    def affordable(self, requests: Sequence[SampleRequest]) -> int:
        """How many of these, from the first on, fit together at their worst."""
        tokens, money = self.tokens, self.money
        for place, request in enumerate(requests):
            n_prompt, n_answer = worst_case(request)
            tokens, money = tokens + n_prompt + n_answer, money + self.price.of(n_prompt, n_answer)
            if (self.budget.tokens and tokens > self.budget.tokens) or (
                self.budget.money and money > self.budget.money
            ):
                return place
        return len(requests)


def worst_case(request: SampleRequest) -> tuple[int, int]:
    """Most tokens of the prompt (estimated from its bytes) and of the answer."""
    n_bytes = sum(len(message.content.encode("utf-8", "replace")) for message in request.prompt)
    return math.ceil(n_bytes / _BYTES_PER_TOKEN) + _TOKENS_PER_MESSAGE * len(
        request.prompt
    ), request.sampling.max_new_tokens


def describe_estimate(requests: Sequence[SampleRequest], purse: Purse) -> str:
    """One line before it starts."""
    worst = [worst_case(request) for request in requests]
    n_prompt, n_answer = sum(prompt for prompt, _ in worst), sum(answer for _, answer in worst)
    money = purse.price.of(n_prompt, n_answer)
    budget = purse.budget
    limits = [f"{budget.tokens} tokens"] * bool(budget.tokens) + [f"{budget.money:.2f}"] * bool(budget.money)
    return (
        f"{len(requests)} questions, at most {n_prompt} tokens asked and {n_answer} answered, "
        f"at most {money:.2f} in money; spent before: {purse.tokens} tokens, {purse.money:.2f}; "
        f"budget: {' and '.join(limits) or 'none'}"
    )


_COLUMNS = ", ".join(item.name for item in fields(Answer))
_SELECT = f"SELECT {_COLUMNS} FROM answers"  # noqa: S608 - names of fields


def _create(connection: sqlite3.Connection) -> None:
    connection.execute(f"CREATE TABLE IF NOT EXISTS answers ({_COLUMNS}, PRIMARY KEY (id))")


#: What brings a store from version 0, 1, … to the next. A new field: `add_columns(connection, "answers", {name: ""})`.
MIGRATIONS: tuple[Change, ...] = ()


def _answer(row: tuple[object, ...]) -> Answer:
    values = dict(zip((item.name for item in fields(Answer)), row, strict=True))
    return Answer(**values)  # type: ignore[arg-type]  # columns are the fields
