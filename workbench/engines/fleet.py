"""A fleet: workers in other processes or on other machines. Blocks of items go out, one result an item comes back.

    block    a few items that are worked on together: the unit of work, and of what a death costs
    crew     where the workers are (`ray_crew.py`); knows no items
    Lost     what comes back for an item that cannot be done, with the reason

A block whose worker died, or that raised what is not ours, is done once more as it is, since a machine may have gone;
then item by item; and an item that fails by itself twice comes back as `Lost`. So each item has exactly one result, its
neighbours do not go with it, and one that kills whoever reads it costs four workers, not all of them for ever. A worker
that takes longer than its items may is ended, and they are done one by one at once; so the one that hangs is found and
named after three limits. What a worker raises as a `WorkbenchError` (no such model, no key) does not concern one item:
it ends the work, and is raised.

Knows nothing of models, poems or stores: whoever asks is the only writer.
"""

import time
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, Protocol, TypeVar

from workbench.engines.protocols import Cancelled, never
from workbench.errors import EngineError, WorkbenchError

MOST_FAILURES = 2  # of a block, then of each of its items
_FALSE_STARTS = 3  # workers that die one after another before they have opened anything
_PATIENCE = 0.5  # seconds until `cancelled` is asked again
_SHOWN = 300  # characters of what a worker said
ROW_SECONDS = 900.0  # that one item may take, opening its model included; a block has as much for each of its own

Item = TypeVar("Item")
Ticket = Hashable  # of work that was handed out


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """An item without a result, and why."""

    why: str


class DiedError(Exception):
    """A worker is gone; private to fleets and crews."""


class RaisedError(Exception):
    """A worker raised something that is not ours; private to fleets and crews."""


class Crew(Protocol):
    """Workers, wherever they are. Each holds what it has opened, and does one thing at a time."""

    size: int

    def hire(self) -> tuple[Any, Ticket]:
        """A new worker, and the ticket of its opening."""
        ...

    def give(self, worker: Any, work: Any) -> Ticket:
        """Hands out work."""
        ...

    def wait(self, tickets: Sequence[Ticket], seconds: float) -> list[Ticket]:
        """Those that are done; waits for the first one, so long at most."""
        ...

    def take(self, ticket: Ticket) -> Any:
        """What came of it.

        Raises:
            DiedError: its worker is gone.
            RaisedError: it raised something that is not ours.
            WorkbenchError: as the worker raised it.
        """
        ...

    def share(self, value: Any) -> Any:
        """A large value, sent to each machine once; works that hold it get the value."""
        ...

    def dismiss(self, worker: Any) -> None:
        """Ends a worker, whatever it is doing."""
        ...

    def close(self) -> None:
        """Ends all of them."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Block(Generic[Item]):
    items: tuple[Item, ...]
    n_failures: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Busy(Generic[Item]):
    worker: Any
    block: _Block[Item]
    ends_seconds: float  # when it has had its time


class Fleet:
    """Workers that are hired when there is work, and again when one dies.

    Args:
        crew: where they are.
        row_seconds: how long a worker may take for each of its items.
        clock: seconds, from whenever.

    Attributes:
        crew: where they are.
        n_deaths: workers that died at work so far, those that were ended for taking too long among them.
    """

    def __init__(
        self, crew: Crew, *, row_seconds: float = ROW_SECONDS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.crew, self.n_deaths = crew, 0
        self._row_seconds, self._clock = row_seconds, clock
        self._idle: list[Any] = []
        self._opening: dict[Ticket, Any] = {}
        self._n_false_starts = 0

    def work(
        self, blocks: Iterable[Sequence[Item]], ask: Callable[[Sequence[Item]], Any] = tuple, *,
        cancelled: Cancelled = never,
    ) -> Iterator[tuple[Sequence[Item], Sequence[Any]]]:  # fmt: skip
        """Items with their results as they come, in any order; blocks are taken only as workers become free.

        Args:
            blocks: none empty.
            ask: makes what a worker is given out of a block's items.
            cancelled: ends the work; what was under way is dropped and does not come back.

        Raises:
            EngineError: workers die before they have opened anything, or none does for too long.
            WorkbenchError: what a worker raised that does not concern one item.
        """
        waiting, since = _Waiting(blocks), self._clock()
        busy: dict[Ticket, _Busy[Item]] = {}
        try:
            while not cancelled():
                self._hire(len(busy))
                while self._idle and (block := waiting.take()):
                    worker = self._idle.pop()
                    ends = self._clock() + self._row_seconds * len(block.items)
                    busy[self.crew.give(worker, ask(block.items))] = _Busy(
                        worker=worker, block=block, ends_seconds=ends
                    )
                if not busy and not waiting.is_left():
                    return
                for ticket in self.crew.wait([*busy, *self._opening], _PATIENCE):
                    if ticket in self._opening:
                        self._opened(ticket)
                    else:
                        work = busy.pop(ticket)
                        yield from self._ended(ticket, work.worker, work.block, waiting)
                for ticket in [ticket for ticket, work in busy.items() if work.ends_seconds < self._clock()]:
                    yield from self._overdue(busy.pop(ticket), waiting)
                since = self._last_ready(since, is_ready=bool(busy or self._idle))
        finally:
            for work in busy.values():
                self.crew.dismiss(work.worker)

    def rest(self) -> None:
        """Ends the workers that have nothing to do; with the next work others are hired."""
        for worker in (*self._idle, *self._opening.values()):
            self.crew.dismiss(worker)
        self._idle, self._opening = [], {}

    def close(self) -> None:
        """Ends all workers."""
        self.rest()
        self.crew.close()

    # ------------------------------------------------------------ private

    def _hire(self, n_busy: int) -> None:
        while n_busy + len(self._idle) + len(self._opening) < self.crew.size:
            worker, ticket = self.crew.hire()
            self._opening[ticket] = worker

    def _opened(self, ticket: Ticket) -> None:
        worker = self._opening.pop(ticket)
        try:
            self.crew.take(ticket)
        except DiedError as exc:
            self._n_false_starts += 1
            if self._n_false_starts >= _FALSE_STARTS:
                raise EngineError(
                    f"{self._n_false_starts} workers died before they had opened the model: {exc}"
                ) from exc
        except RaisedError as exc:
            raise EngineError(f"a worker could not open the model: {exc}") from exc
        else:
            self._n_false_starts = 0
            self._idle.append(worker)

    def _last_ready(self, since: float, *, is_ready: bool) -> float:
        """When a worker was last at work or ready; where none is for too long, no machine has room, or it hangs."""
        most = max(self._row_seconds, ROW_SECONDS)
        if not is_ready and self._clock() - since > most:
            raise EngineError(f"no worker has opened the model in {most:g} s; has the cluster room for one?")
        return self._clock() if is_ready else since

    def _overdue(self, work: _Busy[Item], waiting: "_Waiting[Item]") -> Iterator[tuple[Sequence[Item], Sequence[Any]]]:
        """Ends a worker that hangs."""
        self.crew.dismiss(work.worker)
        self.n_deaths += 1
        block = work.block
        whole = replace(block, n_failures=max(block.n_failures, MOST_FAILURES - 1)) if len(block.items) > 1 else block
        if lost := waiting.again(whole, f"it took longer than {self._row_seconds:g} s and was ended"):
            yield block.items, [lost]

    def _ended(
        self, ticket: Ticket, worker: Any, block: _Block[Item], waiting: "_Waiting[Item]"
    ) -> Iterator[tuple[Sequence[Item], Sequence[Any]]]:
        try:
            results = self.crew.take(ticket)
        except DiedError as exc:
            self.n_deaths += 1
            lost = waiting.again(block, f"its worker died: {str(exc)[:_SHOWN]}")
        except RaisedError as exc:
            self._idle.append(worker)
            lost = waiting.again(block, str(exc)[:_SHOWN])
        except WorkbenchError:
            self._idle.append(worker)
            raise
        else:
            self._idle.append(worker)
            if len(results) != len(block.items):
                raise EngineError(f"a worker gave {len(results)} results for {len(block.items)} items")
            yield block.items, results
            return
        if lost:
            yield block.items, [lost]


class _Waiting(Generic[Item]):
    """Blocks that nobody works on: those that come again first, then new ones."""

    def __init__(self, blocks: Iterable[Sequence[Item]]) -> None:
        self._new, self._again = iter(blocks), deque[_Block[Item]]()

    def take(self) -> _Block[Item] | None:
        """The next one; None where none is left."""
        if not self._again and (items := next(self._new, None)) is not None:
            return _Block(items=tuple(items))
        return self._again.popleft() if self._again else None

    def is_left(self) -> bool:
        """Whether there is a next one."""
        if block := self.take():
            self._again.appendleft(block)
        return bool(self._again)

    def again(self, block: _Block[Item], why: str) -> Lost | None:
        """Puts a block that failed back, whole or in single items; an item that has failed too often is lost."""
        n_failures = block.n_failures + 1
        if n_failures < MOST_FAILURES:
            self._again.appendleft(_Block(items=block.items, n_failures=n_failures))
        elif len(block.items) > 1:
            self._again.extendleft(_Block(items=(item,)) for item in reversed(block.items))
        else:
            return Lost(why=why)
        return None
