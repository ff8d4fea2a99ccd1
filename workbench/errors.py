"""Every error that the workbench raises for a person to read.

    WorkbenchError                 one line: what, which value, what to do; the exit code of the command
    ├── InputError        exit 2   a poem file, a name, a verdict that cannot be used: `file:line: reason, what to do`
    ├── ConfigError       exit 2   a setting that is unknown or out of range
    ├── EngineError       exit 3   a model cannot be found, loaded or asked
    │   └── DivergedError          training met a loss that is not finite; the last checkpoint is intact
    ├── StoreError        exit 4   a run's folder or records cannot be read or written
    │   ├── LockedError            another process holds the run
    │   └── DamagedError           a checkpoint or record does not match its digest
    └── Stopped           exit 130 stopped on request; everything done so far is saved

Whatever else escapes is a bug and keeps its traceback.
"""


class WorkbenchError(Exception):
    """Base of the tree; `str(error)` is one line for a person."""

    exit_code = 1


class InputError(WorkbenchError):
    """Input that cannot be used: says where, what and what to do."""

    exit_code = 2


class ConfigError(WorkbenchError):
    """A setting that is unknown, of the wrong type or out of range."""

    exit_code = 2


class EngineError(WorkbenchError):
    """A model cannot be found, loaded or asked."""

    exit_code = 3


class DivergedError(EngineError):
    """Training met a loss or gradient that is not finite."""


class StoreError(WorkbenchError):
    """A run's folder or records cannot be read or written."""

    exit_code = 4


class LockedError(StoreError):
    """Another process works on this run."""


class DamagedError(StoreError):
    """A checkpoint or record does not match its digest."""


class Stopped(WorkbenchError):  # noqa: N818 - it is an outcome, not a fault
    """Stopped on request; everything done so far is saved."""

    exit_code = 130
