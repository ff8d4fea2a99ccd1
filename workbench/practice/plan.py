"""The plan of a practice: every action in order, known before the first one.

    write      each practised request, with the form enforced
    answer     all practised requests plainly, by an arm's weights after a round (round 0 = before training: "base")
    measure    the held-out requests plainly
    for each arm: restart, and each round:
        imitate    one optimizer step on what some requests' poems teach
        contrast   one on their pairs
        save       adapter and checkpoint
        measure, and answer where another round follows

An optimizer step belongs to a fixed group of requests, whatever their answers turn out to be, so that the plan does not
depend on them. Arms share the enforced poems, the first answers and the order of the requests.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Literal

from workbench.practice.settings import PracticeSettings, PracticeTraining
from workbench.types import seed_for

BASE = "base"
Kind = Literal["write", "answer", "measure", "restart", "imitate", "contrast", "save"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeAction:
    """One action of the plan."""

    kind: Kind
    arm: str = BASE
    round: int = 0
    requests: tuple[int, ...] = ()  # indices of practised requests
    step: int = 0  # of the round's imitation or pairs, from 1
    total: int = 0

    @property
    def voice(self) -> str:
        """Who answers: an arm after a round."""
        return f"{self.arm} {self.round}"

    @property
    def sentence(self) -> str:
        """What it does, for a person who watches."""
        of = f"{self.arm}, round {self.round}"
        return {
            "write": f"writing poem {self.step} of {self.total}, the form enforced",
            "answer": f"plain answers of {of}",
            "measure": f"measuring {of}",
            "restart": f"fresh weights for {self.arm}",
            "imitate": f"{of}: step {self.step} of {self.total}, imitation",
            "contrast": f"{of}: step {self.step} of {self.total}, pairs",
            "save": f"saving {of}",
        }[self.kind]


def practice_plan(settings: PracticeSettings, n_requests: int) -> list[PracticeAction]:
    """All actions, in order.

    Args:
        settings: of the practice.
        n_requests: practised ones.
    """
    return [
        *(PracticeAction(kind="write", requests=(i,), step=i + 1, total=n_requests) for i in range(n_requests)),
        PracticeAction(kind="answer"),
        PracticeAction(kind="measure"),
        *(action for arm in settings.arms for action in _of_arm(settings, arm, n_requests)),
    ]


def n_steps(training: PracticeTraining, round_: int, n_requests: int) -> int:
    """Optimizer steps of a round's imitation."""
    return epochs_of(training, round_) * math.ceil(n_requests / training.requests_per_step)


def epochs_of(training: PracticeTraining, round_: int) -> int:
    """Passes of a round's imitation."""
    return training.epochs if round_ == 1 else 1


def _of_arm(settings: PracticeSettings, arm: str, n_requests: int) -> Iterator[PracticeAction]:
    yield PracticeAction(kind="restart", arm=arm)
    training = settings.training
    for number in range(1, settings.rounds + 1):
        total = n_steps(training, number, n_requests)
        groups = [
            g for epoch in range(epochs_of(training, number)) for g in _groups(settings, number, epoch, n_requests)
        ]
        for step, group in enumerate(groups, start=1):
            yield PracticeAction(kind="imitate", arm=arm, round=number, requests=group, step=step, total=total)
        if training.pairs:
            pairs = _groups(settings, number, -1, n_requests)
            for step, group in enumerate(pairs, start=1):
                yield PracticeAction(
                    kind="contrast", arm=arm, round=number, requests=group, step=step, total=len(pairs)
                )
        yield PracticeAction(kind="save", arm=arm, round=number)
        yield PracticeAction(kind="measure", arm=arm, round=number)
        if number < settings.rounds:
            yield PracticeAction(kind="answer", arm=arm, round=number)


def _groups(settings: PracticeSettings, number: int, epoch: int, n_requests: int) -> list[tuple[int, ...]]:
    """The requests of each step of a pass; the same for every arm."""
    order = list(range(n_requests))
    Random(seed_for(settings.seed, "practice order", str(number), str(epoch))).shuffle(order)  # noqa: S311 - no secret
    size = settings.training.requests_per_step
    return [tuple(order[i : i + size]) for i in range(0, n_requests, size)]
