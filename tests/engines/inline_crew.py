"""A crew whose workers are functions in this process; a worker dies where its function raises `Dies`."""

from collections.abc import Callable, Sequence
from typing import Any

from workbench.engines.fleet import DiedError, RaisedError
from workbench.errors import WorkbenchError


class Dies(BaseException):
    """What a process that is gone would not even raise."""


class InlineCrew:
    """Implements `Crew`; work is done when it is waited for, the oldest first."""

    def __init__(self, make: Callable[[], Callable[[Any], Sequence[Any]]], size: int = 2) -> None:
        self.size, self._make = size, make
        self._tasks: dict[int, Callable[[], Any]] = {}
        self.n_hired = 0
        self.dismissed: list[Any] = []
        self.is_closed = False

    def hire(self) -> tuple[Any, int]:
        self.n_hired += 1
        worker: dict[str, Any] = {}
        return worker, self._ticket(lambda: worker.update(do=self._make()))

    def give(self, worker: Any, work: Any) -> int:
        return self._ticket(lambda: worker["do"](work))

    def wait(self, tickets: Sequence[Any], seconds: float) -> list[Any]:
        return list(tickets)[:1]

    def take(self, ticket: Any) -> Any:
        try:
            return self._tasks.pop(ticket)()
        except Dies as exc:
            raise DiedError("it is gone") from exc
        except WorkbenchError:
            raise
        except Exception as exc:
            raise RaisedError(f"{type(exc).__name__}: {exc}") from exc

    def share(self, value: Any) -> Any:
        return value

    def dismiss(self, worker: Any) -> None:
        self.dismissed.append(worker)

    def close(self) -> None:
        self.is_closed = True

    def _ticket(self, task: Callable[[], Any]) -> int:
        ticket = max(self._tasks, default=0) + 1
        self._tasks[ticket] = task
        return ticket
