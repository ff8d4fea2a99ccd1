"""The place of a process among those that share a training, and what they do together: deal out, add up, gather.

A step's micro-batches are dealt out, gradients are added up, and each process makes the same optimizer step: the sum is
the same as that of one process but for the order in which it is added up. At an equal number of processes a run that
was resumed has the same bytes as one never stopped. Of CUDA cards each process takes its own; that was never run.
Who says what is done when is in `leading.py`.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import torch
import torch.distributed as group
from torch import Tensor

from workbench.errors import EngineError, WorkbenchError

RENDEZVOUS = (
    "WORKBENCH_RANKS"  # file:///PATH that all processes see, where no port is to be opened; else as torchrun says
)
_PATIENCE = timedelta(days=7)  # rank 0 may sample for hours before the next step

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranks:
    """The place of a process among those that share a step."""

    place: int = 0
    size: int = 1

    def part(self, items: Sequence[Item]) -> Sequence[Item]:
        """What of a plan is this process's: every so-manieth item."""
        return items[self.place :: self.size]

    def turns(self, plan: Sequence[list[Item]], *, in_step: bool) -> Iterator[tuple[list[Item], bool]]:
        """This process's part of a plan, and whether what it finds counts.

        Args:
            plan: batches, none of them empty.
            in_step: every process makes as many passes: one without work repeats the plan's last item for the others.
        """
        yield from ((batch, True) for batch in self.part(plan))
        for _ in range(-(-len(plan) // self.size) - len(self.part(plan)) if in_step else 0):
            yield plan[-1][-1:], False

    def together(self, load: Callable[[], Item]) -> Item:
        """What each process loads for itself, where one that fails stops all before they wait for each other.

        Raises:
            EngineError: another process failed.
        """
        if self.size == 1:
            return load()
        loaded: list[Item] = []
        failed: WorkbenchError | None = None
        try:
            loaded.append(load())
        except WorkbenchError as exc:
            failed = exc
        said = {place: text for place, text in self.gathered({self.place: str(failed or "")}).items() if text}
        if failed:
            raise failed
        if said:
            raise EngineError("process {} of this training: {}".format(*min(said.items())))
        return loaded[0]

    def budget(self, most: int, n_tokens: int) -> int:
        """Tokens that go through the model together, so that there is something for each process."""
        return most if self.size == 1 else max(1, min(most, -(-n_tokens // self.size)))

    def add_up(self, parameters: Iterable[Tensor], value: float) -> float:
        """Gradients and a number, summed over all processes; gradients in place."""
        if self.size == 1:
            return value
        held = list(parameters)
        sums = [p.grad if p.grad is not None else torch.zeros_like(p) for p in held]
        flat = torch.cat([each.flatten() for each in sums])
        total = torch.tensor(value, dtype=torch.float64, device=flat.device)
        group.all_reduce(flat)
        group.all_reduce(total)
        for parameter, part in zip(held, torch.split(flat, [p.numel() for p in held]), strict=True):
            parameter.grad = part.view_as(parameter)
        return float(total)

    def gathered(self, found: dict[Any, Any]) -> dict[Any, Any]:
        """What all processes found, together."""
        if self.size == 1:
            return found
        parts: list[dict[Any, Any]] = [{} for _ in range(self.size)]
        group.all_gather_object(parts, found)
        return {key: value for part in parts for key, value in part.items()}


ALONE = Ranks()


def n_ranks() -> int:
    """How many processes were started for this command."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def join() -> Ranks:
    """Meets the other processes, once.

    Raises:
        EngineError: they cannot be met.
    """
    if not group.is_initialized():
        place, size, local = int(os.environ["RANK"]), n_ranks(), int(os.environ.get("LOCAL_RANK", "0"))
        if torch.cuda.is_available():
            torch.cuda.set_device(local)
        if os.environ.get("MASTER_ADDR", "127.0.0.1") in ("127.0.0.1", "localhost"):
            os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
        backend, where = ("nccl" if torch.cuda.is_available() else "gloo"), os.environ.get(RENDEZVOUS, "env://")
        try:
            group.init_process_group(backend, init_method=where, rank=place, world_size=size, timeout=_PATIENCE)
        except (RuntimeError, ValueError, KeyError) as exc:
            raise EngineError(f"{size} processes were asked for and did not meet ({exc}); start with torchrun") from exc
    return Ranks(place=group.get_rank(), size=group.get_world_size())
