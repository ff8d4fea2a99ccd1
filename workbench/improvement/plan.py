"""The plan of a run: every action it will take, in order, computed before the first one.

Because the plan is known up front, so is every learning rate, and resuming means continuing at a position of it. It
depends on the settings and the ids of the poems only. Knows no model, no store and no clock.

Interleaved, the published way: mini-batches of poems are described, scored, selected and trained on at once, so later
poems of an iteration already meet the improved model. Not interleaved: all poems are described first, then trained on.
"""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Annotated, Literal

from annotated_types import Ge, Le

from workbench.types import seed_for

Kind = Literal["restart", "describe", "train", "refresh", "evaluate", "save"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImprovementSettings:
    """The shape of the loop; the defaults are those of the published one."""

    iterations: Annotated[int, Ge(0), Le(1000)] = 3
    poems_per_batch: Annotated[int, Ge(1), Le(100_000)] = 32  # with two winners a poem: 64 examples a step
    interleaved: bool = True
    restart: bool = False  # every iteration trains a fresh adapter
    pool: Literal["last", "all"] = "last"  # train on the winners of this iteration or of all so far
    evals_per_iteration: Annotated[float, Ge(0), Le(1000)] = 5  # refreshes of the describer; 0.5 = every second one
    saves_per_iteration: Annotated[float, Ge(0), Le(1000)] = 2  # checkpoints


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One thing to do. Its records are written in one transaction; a checkpoint may follow any action."""

    kind: Kind
    iteration: int
    arm: str = "top"
    poem_ids: tuple[str, ...] = ()
    step: int = 0  # train: 1 … total, over the whole arm
    total: int = 0

    @property
    def sentence(self) -> str:
        """What it does, for a person who watches."""
        return {
            "describe": f"iteration {self.iteration}: describing and scoring {_poems(len(self.poem_ids))}",
            "train": f"iteration {self.iteration}, {self.arm}: step {self.step} of {self.total}",
            "refresh": f"iteration {self.iteration}: the describer takes the new weights",
            "evaluate": f"iteration {self.iteration}, {self.arm}: measuring on held-out poems",
            "restart": f"{self.arm}: a fresh adapter",
            "save": "saving",
        }[self.kind]


def make_plan(
    settings: ImprovementSettings,
    poem_ids: Sequence[str],
    *,
    arms: Sequence[str],
    seed: int,
    epochs: int = 1,
    stop_after: int | None = None,
) -> list[Action]:
    """All actions of a run: the loop of the arm `top`, then the training of each control arm on the same poems.

    Args:
        settings: the shape of the loop.
        poem_ids: of the training poems; their order does not matter.
        arms: `top` and its controls.
        seed: of the run.
        epochs: passes over the winners of an iteration; interleaved runs make one.
        stop_after: leaves out the iterations after this one; what comes before stays at its position and keeps its
            learning rates.
    """
    loop = [Action(kind="evaluate", iteration=0), Action(kind="save", iteration=0)]
    for iteration in range(1, settings.iterations + 1):
        batches = _batches(settings, poem_ids, seed_for(seed, "order", str(iteration)))
        if settings.interleaved:
            loop += _interleaved(settings, iteration, batches)
        else:
            loop += _in_turn(settings, iteration, batches, epochs=epochs, seed=seed)
        loop += [Action(kind="evaluate", iteration=iteration), Action(kind="save", iteration=iteration)]
    numbered = [action for action in _number_steps(loop) if stop_after is None or action.iteration <= stop_after]
    return numbered + [action for arm in arms if arm != "top" for action in _control(numbered, arm)]


def points(per_iteration: float, iteration: int, n_batches: int) -> set[int]:
    """After which of an iteration's batches something happens that is wanted so many times an iteration.

    >>> sorted(points(2, 1, 6)), sorted(points(0.5, 1, 6)), sorted(points(0.5, 2, 6)), sorted(points(0, 1, 6))
    ([2, 5], [], [5], [])
    """
    if per_iteration >= 1:
        count = min(math.floor(per_iteration), n_batches)
        return {math.ceil(n_batches * k / count) - 1 for k in range(1, count + 1)}
    is_due = math.floor(iteration * per_iteration) > math.floor((iteration - 1) * per_iteration)
    return {n_batches - 1} if is_due else set()


def _batches(settings: ImprovementSettings, poem_ids: Sequence[str], seed: int) -> list[tuple[str, ...]]:
    order = sorted(poem_ids)
    Random(seed).shuffle(order)  # noqa: S311 - data order, not a secret
    size = settings.poems_per_batch
    return [tuple(order[i : i + size]) for i in range(0, len(order), size)]


def _interleaved(settings: ImprovementSettings, iteration: int, batches: Sequence[tuple[str, ...]]) -> Iterator[Action]:
    refreshes = points(settings.evals_per_iteration, iteration, len(batches))
    saves = points(settings.saves_per_iteration, iteration, len(batches))
    if settings.restart:
        yield Action(kind="restart", iteration=iteration)
    for number, batch in enumerate(batches):
        yield Action(kind="describe", iteration=iteration, poem_ids=batch)
        yield Action(kind="train", iteration=iteration, poem_ids=batch)
        if number in refreshes:
            yield Action(kind="refresh", iteration=iteration)
        if number in saves:
            yield Action(kind="save", iteration=iteration)


def _in_turn(
    settings: ImprovementSettings, iteration: int, batches: Sequence[tuple[str, ...]], *, epochs: int, seed: int
) -> Iterator[Action]:
    for batch in batches:
        yield Action(kind="describe", iteration=iteration, poem_ids=batch)
    if settings.restart:
        yield Action(kind="restart", iteration=iteration)
    poem_ids = [poem_id for batch in batches for poem_id in batch]
    passes = [
        batch
        for epoch in range(epochs)
        for batch in _batches(settings, poem_ids, seed_for(seed, "epoch", f"{iteration}.{epoch}"))
    ]
    saves = points(settings.saves_per_iteration, iteration, len(passes))
    for number, batch in enumerate(passes):
        yield Action(kind="train", iteration=iteration, poem_ids=batch)
        if number in saves:
            yield Action(kind="save", iteration=iteration)
    if points(settings.evals_per_iteration, iteration, 1):
        yield Action(kind="refresh", iteration=iteration)


def _control(loop: Sequence[Action], arm: str) -> list[Action]:
    """The same training from the last fresh start on, then one evaluation."""
    starts = [place for place, action in enumerate(loop) if action.kind == "restart"]
    trained = [a for a in loop[starts[-1] if starts else 0 :] if a.kind == "train"]
    last = max((action.iteration for action in trained), default=0)
    steps = [replace(action, arm=arm) for action in trained]
    ends = [Action(kind=kind, iteration=last, arm=arm) for kind in ("evaluate", "save")]
    return [Action(kind="restart", iteration=last, arm=arm), *steps, *ends] if trained else []


def _number_steps(actions: Sequence[Action]) -> list[Action]:
    """Steps 1 … total from one fresh start to the next: that is the stretch over which the learning rate falls."""
    stretch_of, stretch = [], 0
    for action in actions:
        stretch += action.kind == "restart"
        stretch_of.append(stretch)
    totals = Counter(s for s, action in zip(stretch_of, actions, strict=True) if action.kind == "train")
    steps: Counter[int] = Counter()
    numbered = []
    for s, action in zip(stretch_of, actions, strict=True):
        steps[s] += action.kind == "train"
        numbered.append(replace(action, step=steps[s], total=totals[s]) if action.kind == "train" else action)
    return numbered


def _poems(n: int) -> str:
    return f"{n} poem{'s' * (n != 1)}"
