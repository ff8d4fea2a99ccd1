"""One learner on several processes, which are started by torchrun or `accelerate launch`, each with the same command.

    torchrun --nproc-per-node 2 -m workbench train config/poet.yaml

    rank 0    runs the command as ever and writes everything; its learner tells the others what to do
    others    hold a learner each and do as they are told; they run no command and write nothing

Whether to stop is for rank 0 to say: the others let SIGINT and SIGTERM pass, which torchrun sends to all, and end when
they are told to, or when rank 0 is gone. Where one of the others is gone, rank 0 says so in one line.
"""

import contextlib
import signal
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
import torch.distributed as group

from workbench.engines.learning.ranks import ALONE, Ranks, join, n_ranks
from workbench.engines.learning.settings import LearnerSettings
from workbench.engines.protocols import BatchingLearner, Cancelled, never
from workbench.errors import EngineError, WorkbenchError
from workbench.types import Reason, Rendered, Score, StepResult, Unscored

if TYPE_CHECKING:
    from workbench.engines.learning.learner import TorchLearner

Make = Callable[[Ranks], "TorchLearner"]


class LeadingLearner:
    """Implements `Learner` at rank 0: whatever it does, the others do too; only this one writes.

    Args:
        what: how the others make theirs: see `follow`.
        make: makes the one of this process.
    """

    def __init__(self, what: tuple[Any, LearnerSettings, int], make: Make) -> None:
        self._ranks = join()
        _line.leader = self
        with self._all("open", *what):
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
        with self._all("score", list(rendered), self._is_frozen):
            return self._own.score(rendered)

    def step(
        self, batch: Sequence[Rendered], *, learning_rate: float, weights: Sequence[float] | None = None
    ) -> StepResult:
        """See `Learner`."""
        with self._all("step", list(batch), learning_rate, weights, _drawn()):
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
        with self._all("reset", seed):
            self._own.reset(seed)

    def save_adapter(self, folder: Path) -> str:
        """Writes a PEFT adapter folder."""
        return self._own.save_adapter(folder)

    def load_adapter(self, folder: Path) -> None:
        """Takes the weights of a PEFT adapter folder, everywhere."""
        with self._all("load_adapter", _files(folder)):
            self._own.load_adapter(folder)

    def save_state(self, folder: Path) -> None:
        """Writes what the next step depends on.

        Raises:
            EngineError: the processes hold different weights.
        """
        with self._all("compare"):
            digests = set(self._ranks.gathered({0: self._own.adapter_digest}).values())
        if len(digests) > 1:
            raise EngineError("the processes of this training hold different weights; resume from the last checkpoint")
        self._own.save_state(folder)

    def load_state(self, folder: Path) -> None:
        """Takes it back, everywhere."""
        with self._all("load_state", _files(folder)):
            self._own.load_state(folder)

    @contextmanager
    def _all(self, *values: Any) -> Iterator[None]:
        """As `_all`, for the learner that the others hold: their newest.

        Raises:
            EngineError: they hold another one.
        """
        if _line.leader is not self:
            raise EngineError("the other processes of this training have opened another learner; use that one")
        with _all(*values):
            yield


def lead(what: tuple[Any, LearnerSettings, int], make: Make) -> BatchingLearner:
    """The learner of this command: alone, or the first of several."""
    return make(ALONE) if n_ranks() == 1 else LeadingLearner(what, make)


def follow(make: Callable[..., "TorchLearner"]) -> None:
    """What a process does that is not the first, until it is told to end.

    Args:
        make: makes a learner of what `LeadingLearner` was given, and the ranks.

    Raises:
        EngineError: the first process is gone.
    """
    ranks = join()
    learner: Any = None
    try:
        while (told := _told())[0] != "end":
            for number in (signal.SIGINT, signal.SIGTERM):  # not before the first word, which may never come
                signal.signal(number, signal.SIG_IGN)
            what, *values = told
            with contextlib.suppress(WorkbenchError):  # rank 0 has met the same, and says so
                if what == "open":
                    learner = None  # the one before is let go first
                    learner = make(*values, ranks)
                else:
                    _obey(learner, ranks, what, values)
    except RuntimeError as exc:
        if not _is_cut_off(exc):
            raise
        raise EngineError(f"process {ranks.place}: the first process of this training is gone") from exc
    group.destroy_process_group()


def dismiss() -> None:
    """Lets the others end; nothing where there are none. Where they wait for an answer, they see this process go."""
    if n_ranks() > 1 and not _line.is_busy:
        join()
        with contextlib.suppress(EngineError), _all("end"):
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


@dataclass(slots=True)
class _Line:
    """What is known of the others."""

    is_busy: bool = False  # they were told something that is not done yet, and would not hear a word
    leader: LeadingLearner | None = None  # of the learners that they hold


_line = _Line()


@contextmanager
def _all(*values: Any) -> Iterator[None]:
    """Tells the others; inside, this process does its share.

    Raises:
        EngineError: one of them is gone.
    """
    _line.is_busy = True
    try:
        group.broadcast_object_list([values], src=0)
        yield
    except WorkbenchError:  # they have met the same
        _line.is_busy = False
        raise
    except RuntimeError as exc:
        if not _is_cut_off(exc):
            raise
        raise EngineError("another process of this training is gone; continue from the last checkpoint") from exc
    _line.is_busy = False


def _is_cut_off(exc: RuntimeError) -> bool:
    """Whether it says that another process does not answer."""
    return isinstance(exc, group.DistError) or "gloo" in str(exc)


def _told() -> tuple[Any, ...]:
    values: list[Any] = [None]
    group.broadcast_object_list(values, src=0)
    told: tuple[Any, ...] = values[0]
    return told


def _files(folder: Path) -> dict[str, bytes]:
    return {
        file.name: file.read_bytes() for file in sorted(folder.iterdir()) if file.suffix in (".json", ".safetensors")
    }
