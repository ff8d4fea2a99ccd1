"""Workers of a Ray cluster: `--on ray` starts one on this machine, `--on ray:ADDRESS` joins one that runs.

Plain actors, one an engine, with Ray's own restarts and retries off: `fleet.py` counts deaths itself. A cluster on this
machine listens on 127.0.0.1 only, sends no statistics, and ends with the program. On other machines the workbench, its
models and its adapters' bases must be installed; adapters that a run trains are sent.

The only module that imports ray.
"""

import logging
import os
import warnings
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Any

from workbench.engines.fleet import ROW_SECONDS, DiedError, Fleet, RaisedError, Ticket
from workbench.engines.threads import n_processors
from workbench.errors import ConfigError, EngineError, WorkbenchError

Work = Callable[[Any], Sequence[Any]]
KIND = "ray"
_PROCESSORS_EACH = 4  # where there is no GPU and nobody says how many workers
_QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_DEDUP_LOGS_SKIP_REGEX": ".*",  # what Ray prints of each death: standard output is for records
}  # fmt: skip
_PATIENT = {  # a cluster starts in 5 s, on a busy machine of two processors in over 30, and Ray's own limits are less
    "RAY_agent_register_timeout_ms": "300000", "RAY_worker_register_timeout_seconds": "300",
}  # fmt: skip
_LOOPBACK = "127.0.0.1"
_STORE_BYTES = 2**30  # what is under way between this machine's workers: one adapter, and small things


def hire_on(on: str, workers: int = 0, row_seconds: float = 0.0) -> Callable[[Callable[[], Work]], Fleet] | None:
    """What opens a fleet at a place, given what each worker makes; the cluster is started or joined then.

    Args:
        on: `ray`, or `ray:ADDRESS`, such as `ray:10.0.0.7:6379` or `ray:auto`; "" = nowhere.
        workers: how many; 0 = one a GPU, else one for four processors, at least two.
        row_seconds: how long a worker may take for one item before it is ended; 0 = a quarter of an hour.

    Raises:
        ConfigError: no such place, or workers without one.
        EngineError: ray is not installed.
    """
    kind, _, address = on.partition(":")
    for option, value in (("workers", workers), ("row-seconds", row_seconds)):
        if value and not on:
            raise ConfigError(f"--{option} {value}: of what is said with --on ray")
    if not on:
        return None
    if kind != KIND or (":" in on and not address):
        raise ConfigError(f"--on {on}: write ray for this machine, or ray:ADDRESS for a cluster that runs")
    if not find_spec("ray"):
        raise EngineError("--on ray: ray is not installed; pip install 'poetry-workbench[scale]'")
    limit = row_seconds or ROW_SECONDS
    return lambda make: Fleet(RayCrew(make, address=address, workers=workers), row_seconds=limit)


class RayCrew:
    """Implements `Crew` with one actor a worker.

    Attributes:
        size: how many workers there are to be.
    """

    def __init__(self, make: Callable[[], Work], *, address: str, workers: int) -> None:
        self._ray = _ray(is_local=not address or address.startswith(_LOOPBACK))
        self._is_ours = not self._ray.is_initialized()
        if self._is_ours:
            _connect(self._ray, address, workers)
        there = self._ray.cluster_resources()
        n_gpus, n_cpus = int(there.get("GPU", 0)), int(there.get("CPU", 1))
        machine = n_cpus if address else n_processors()
        self.size = workers or n_gpus or max(2, machine // _PROCESSORS_EACH)
        self._make, self._threads = make, max(1, machine // self.size)
        self._actor = self._ray.remote(
            max_restarts=0, max_task_retries=0, num_cpus=max(1, n_cpus // self.size),
            num_gpus=1 if n_gpus >= self.size else 0,
        )(_Worker)  # fmt: skip

    def hire(self) -> tuple[Any, Ticket]:
        """See `Crew`."""
        actor = self._actor.remote(self._make, self._threads)
        return actor, actor.open.remote()

    def give(self, worker: Any, work: Any) -> Ticket:
        """See `Crew`; of a tuple, members that are shared values arrive as the values."""
        parts = work if isinstance(work, tuple) else (work,)
        ticket: Ticket = worker.do.remote(isinstance(work, tuple), *parts)
        return ticket

    def wait(self, tickets: Sequence[Ticket], seconds: float) -> list[Ticket]:
        """See `Crew`."""
        done, _ = self._ray.wait(list(tickets), timeout=seconds)
        return list(done)

    def take(self, ticket: Ticket) -> Any:
        """See `Crew`."""
        exceptions = self._ray.exceptions
        try:
            came = self._ray.get(ticket)
        except exceptions.RayTaskError as exc:  # in what Ray itself does around the work
            raise RaisedError(_first_line(exc)) from exc
        except (exceptions.RayError, ConnectionError) as exc:
            raise DiedError(_first_line(exc)) from exc
        if isinstance(came, WorkbenchError):
            raise came
        if isinstance(came, _Raised):
            raise RaisedError(came.said)
        return came

    def share(self, value: Any) -> Any:
        """See `Crew`."""
        return self._ray.put(value)

    def dismiss(self, worker: Any) -> None:
        """See `Crew`."""
        self._ray.kill(worker)

    def close(self) -> None:
        """Leaves the cluster; one on this machine ends."""
        if self._is_ours and self._ray.is_initialized():
            self._ray.shutdown()


class _Raised:
    """What a worker raised that is not ours, as a text: its class may not be known here."""

    def __init__(self, said: str) -> None:
        self.said = said


class _Worker:
    """Lives in a process of its own; what it raises comes back as a value, so that it lives on."""

    def __init__(self, make: Callable[[], Work], threads: int) -> None:
        self._make: Callable[[], Work] = make
        self._work: Work = _unopened
        os.environ["OMP_NUM_THREADS"] = str(threads)  # read by torch, and by `n_processors`

    def open(self) -> Any:
        """Makes what does the work."""
        try:
            self._work = self._make()
        except Exception as exc:  # the boundary of the process
            return _told(exc)
        return None

    def do(self, is_tuple: bool, *parts: Any) -> Any:
        """Works; the results, or what it raised."""
        try:
            return self._work(parts if is_tuple else parts[0])
        except Exception as exc:  # the boundary of the process
            return _told(exc)


def _unopened(_: Any) -> Sequence[Any]:
    raise RuntimeError("a worker is opened before it is given work")


def _told(exc: Exception) -> Any:
    return exc if isinstance(exc, WorkbenchError) else _Raised(f"{type(exc).__name__}: {exc}")


def _ray(*, is_local: bool) -> Any:
    """The library, told to be quiet and, on this machine, to stay there."""
    for name, value in _QUIET.items() if not is_local else (_QUIET | _PATIENT).items():
        os.environ.setdefault(name, value)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import ray
        from ray._private import ray_constants
    if is_local:
        ray_constants.ENABLE_RAY_CLUSTER = False  # so named, it means: listen on the loopback only, as on a Mac
    return ray


def _connect(ray: Any, address: str, workers: int) -> None:
    own = {
        "num_cpus": workers or max(2, n_processors()),
        "include_dashboard": False,
        "object_store_memory": _STORE_BYTES,
    }
    options = {} if address else own
    for is_last in (False, False, True):  # Ray gives a node 30 s to start, which a busy machine may not manage
        try:
            ray.init(address=address or "local", log_to_driver=False, logging_level=logging.ERROR, **options)
        except Exception as exc:  # Ray raises all kinds, bare ones too
            ray.shutdown()
            if is_last or address:
                raise EngineError(f"--on ray{address and ':' + address}: no cluster ({_first_line(exc)})") from exc
        else:
            break
    host = ray.util.get_node_ip_address()
    if not address and host != _LOOPBACK:
        ray.shutdown()
        raise EngineError(f"--on ray: the cluster would listen on {host}, not only on this machine; start one by hand")


def _first_line(exc: BaseException) -> str:
    """Ray's first line says it; the others have process numbers and ports."""
    lines = [line.strip() for line in str(exc).splitlines() if line.strip()]
    return (lines or [type(exc).__name__])[0]
