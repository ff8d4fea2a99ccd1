"""One learner on several processes, which are started by torchrun or `accelerate launch`, each with the same command.

    torchrun --nproc-per-node 2 -m workbench train config/poet.yaml

    rank 0    runs the command as ever and writes everything; its learner tells the others what to do
    others    hold a learner each and do as they are told; they run no command and write nothing

A step's micro-batches are dealt out, gradients are added up, and each process makes the same optimizer step: the sum is
the same as that of one process but for the order in which it is added up. At an equal number of processes a run that
was resumed has the same bytes as one never stopped. Of CUDA cards each process takes its own; that was never run.
"""

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import torch
import torch.distributed as group
from torch import Tensor

from workbench.engines.learning.settings import LearnerSettings
from workbench.engines.protocols import BatchingLearner, Cancelled, never
from workbench.errors import EngineError, WorkbenchError
from workbench.types import Reason, Rendered, Score, StepResult, Unscored

if TYPE_CHECKING:
    from workbench.engines.learning.learner import TorchLearner

RENDEZVOUS = (
    "WORKBENCH_RANKS"  # file:///PATH that all processes see, where no port is to be opened; else as torchrun says
)
_PATIENCE = timedelta(days=7)  # rank 0 may sample for hours before the next step

Item = TypeVar("Item")
Make = Callable[["Ranks"], "TorchLearner"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranks:
    """The place of a process among those that share a step."""

    place: int = 0
    size: int = 1

    def part(self, items: Sequence[Item]) -> Sequence[Item]:
        """What of a plan is this process's: every so-manieth item."""
        return items[self.place :: self.size]

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


class LeadingLearner:
    """Implements `Learner` at rank 0: whatever it does, the others do too; only this one writes.

    Args:
        what: how the others make theirs: see `follow`.
        make: makes the one of this process.
    """

    def __init__(self, what: tuple[Any, LearnerSettings, int], make: Make) -> None:
        self._ranks = join()
        _tell("open", *what)
        self._own = make(self._ranks)
        self.digest, self._is_frozen = self._own.digest, False

    @property
    def adapter_digest(self) -> str:
        """Of the adapter's present weights."""
        return self._own.adapter_digest

    def batches(self, rendered: Sequence[Rendered]) -> list[list[Rendered]]:
        """See `BatchingLearner`."""
        return self._own.batches(rendered)

    def score(self, rendered: Sequence[Rendered], *, cancelled: Cancelled = never) -> list[Score | Unscored]:
        """See `Scorer`; asked whether to stop before the whole."""
        if cancelled():
            return [Unscored(reason=Reason.CANCELLED)] * len(rendered)
        _tell("score", list(rendered), self._is_frozen)
        return self._own.score(rendered)

    def step(
        self, batch: Sequence[Rendered], *, learning_rate: float, weights: Sequence[float] | None = None
    ) -> StepResult:
        """See `Learner`."""
        _tell("step", list(batch), learning_rate, weights, _drawn())
        return self._own.step(batch, learning_rate=learning_rate, weights=weights)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Inside, `score` uses the base weights without the adapter."""
        before, self._is_frozen = self._is_frozen, True
        try:
            with self._own.frozen():
                yield
        finally:
            self._is_frozen = before

    def reset(self, seed: int) -> None:
        """A fresh adapter, optimizer and random state, everywhere."""
        _tell("reset", seed)
        self._own.reset(seed)

    def save_adapter(self, folder: Path) -> str:
        """Writes a PEFT adapter folder."""
        return self._own.save_adapter(folder)

    def load_adapter(self, folder: Path) -> None:
        """Takes the weights of a PEFT adapter folder, everywhere."""
        _tell("load_adapter", _files(folder))
        self._own.load_adapter(folder)

    def save_state(self, folder: Path) -> None:
        """Writes what the next step depends on.

        Raises:
            EngineError: the processes hold different weights.
        """
        _tell("compare")
        digests = set(self._ranks.gathered({0: self._own.adapter_digest}).values())
        if len(digests) > 1:
            raise EngineError("the processes of this training hold different weights; resume from the last checkpoint")
        self._own.save_state(folder)

    def load_state(self, folder: Path) -> None:
        """Takes it back, everywhere."""
        _tell("load_state", _files(folder))
        self._own.load_state(folder)


def lead(what: tuple[Any, LearnerSettings, int], make: Make) -> BatchingLearner:
    """The learner of this command: alone, or the first of several."""
    return make(ALONE) if n_ranks() == 1 else LeadingLearner(what, make)


def follow(make: Callable[..., "TorchLearner"]) -> None:
    """What a process does that is not the first, until it is told to end.

    Args:
        make: makes a learner of what `LeadingLearner` was given, and the ranks.
    """
    ranks = join()
    learner: Any = None
    while (told := _told())[0] != "end":
        what, *values = told
        try:
            if what == "open":
                learner = make(*values, ranks)
            else:
                _obey(learner, ranks, what, values)
        except WorkbenchError:  # rank 0 has met the same, and says so
            continue
    group.destroy_process_group()


def dismiss() -> None:
    """Lets the others end; nothing where there are none."""
    if n_ranks() > 1:
        join()
        _tell("end")
        group.destroy_process_group()


def _obey(learner: "TorchLearner", ranks: Ranks, what: str, values: Sequence[Any]) -> None:
    if what == "step":
        batch, learning_rate, weights, drawn = values
        torch.manual_seed(drawn + ranks.place)
        learner.step(batch, learning_rate=learning_rate, weights=weights)
    elif what == "score":
        rendered, is_frozen = values
        if is_frozen:
            with learner.frozen():
                learner.score(rendered)
        else:
            learner.score(rendered)
    elif what == "compare":
        ranks.gathered({ranks.place: learner.adapter_digest})
    elif what == "reset":
        learner.reset(*values)
    else:
        with tempfile.TemporaryDirectory(prefix="workbench-rank-") as folder:
            for name, data in values[0].items():
                (Path(folder) / name).write_bytes(data)
            {"load_state": learner.load_state, "load_adapter": learner.load_adapter}[what](Path(folder))


def _drawn() -> int:
    """A number from this process's random state, which resuming takes back: the others' dropout hangs on it."""
    return int(torch.randint(2**31, (1,)))


def _tell(*values: Any) -> None:
    group.broadcast_object_list([values], src=0)


def _told() -> tuple[Any, ...]:
    values: list[Any] = [None]
    group.broadcast_object_list(values, src=0)
    told: tuple[Any, ...] = values[0]
    return told


def _files(folder: Path) -> dict[str, bytes]:
    return {
        file.name: file.read_bytes() for file in sorted(folder.iterdir()) if file.suffix in (".json", ".safetensors")
    }
