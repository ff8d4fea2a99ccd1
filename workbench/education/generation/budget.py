"""What generating may cost: tokens and money, known before it starts and held to while it runs.

A question is only asked when its worst case still fits: its prompt, and an answer as long as is allowed. What a
provider bills for an answer that never arrived is not known here.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge

from workbench.types import SampleRequest

_BYTES_PER_TOKEN = 3  # English runs at four and more: the estimate is on the safe side
_TOKENS_PER_MESSAGE = 8  # of the chat template


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """Of a model, per million tokens."""

    prompt: Annotated[float, Ge(0)] = 0.0
    answer: Annotated[float, Ge(0)] = 0.0

    def of(self, n_prompt: int, n_answer: int) -> float:
        """Money for so many tokens."""
        return (n_prompt * self.prompt + n_answer * self.answer) / 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """The most that may be spent in one folder of answers, over all its runs; 0 = no limit."""

    tokens: Annotated[int, Ge(0)] = 2_000_000
    money: Annotated[float, Ge(0)] = 5.0


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
