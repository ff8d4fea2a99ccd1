"""Settings: one YAML file per job becomes frozen dataclasses; every section is named after its phase.

The settings of a phase are in the phase's own folder; here they are only read, checked and put together. Every key at
every depth must be known: an unknown one is answered with the nearest known one, a former name with today's. A value
of the wrong kind or out of range is one line that says which, and what is allowed. Everything is checked before
anything is loaded. The YAML itself, which may be hostile, is read by `storage/strict_yaml.py`.

A job's dataclass may have `MOVED`, a ClassVar from a former dotted name to today's. What no single number can say (K
above N) is checked in its `__post_init__`, which raises ValueError.
"""

import difflib
import json
import os
import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints

import yaml
from annotated_types import Ge, Le
from pydantic import AfterValidator, ConfigDict, TypeAdapter, ValidationError

from workbench.errors import ConfigError
from workbench.storage.strict_yaml import MAX_YAML_DEPTH, parsed_yaml, read_yaml

Job = TypeVar("Job")
Seed = Annotated[int, Ge(0), Le(2**63 - 1)]


def _usable_folder(value: str) -> str:
    """A folder that is there or can be made; raises ValueError before anything is loaded."""
    if not value.isprintable():
        raise ValueError("a folder's name cannot hold control characters")
    if "$" in value:
        raise ValueError("a variable such as $HOME is not filled in; write the path out")
    path = Path(value)
    try:
        nearest = next((each for each in (path, *path.parents) if each.exists()), Path())
    except OSError as exc:
        raise ValueError(f"{path}: {exc.strerror}") from exc
    if not nearest.is_dir():
        raise ValueError(f"{nearest} is not a folder; name one")
    return value


Folder = Annotated[str, AfterValidator(_usable_folder)]  # where something is written

_MAX_WORD_BYTES = 255  # what a file system takes as one name
_FORBID = ConfigDict(extra="forbid", allow_inf_nan=False, str_max_length=20_000)
_EXAMPLE = "--set backtranslation.n_candidates=8"


def load_job(kind: type[Job], path: Path | None, overrides: Sequence[str] = ()) -> Job:
    """The settings of any job, `kind` being its dataclass.

    Raises:
        ConfigError: the file cannot be read, or a key or value does not fit; one line, with the place.
    """
    data = read_yaml(path) if path else {}
    for override in overrides:
        _override(data, override)
    return job_from(kind, data, where=str(path or "settings"))


def job_from(kind: type[Job], data: Mapping[str, Any], *, where: str = "settings") -> Job:
    """The settings of any job from plain data.

    Raises:
        ConfigError: a key or value does not fit.
    """
    _refuse_former_names(data, getattr(kind, "MOVED", {}), where)
    for place, value in _leaves(data):
        _refuse_odd_text(value, f"{where}: {place}")
    try:
        made: Job = _adapter(kind).validate_python(dict(data))  # type: ignore[arg-type] # a class is hashable
    except ValidationError as exc:
        raise ConfigError(f"{where}: {_sentence(kind, exc)}") from exc
    _refuse_yes_for_a_number(data, made, where)
    return made


def job_changed(kind: type[Job], data: Mapping[str, Any], overrides: Sequence[str], *, where: str = "settings") -> Job:
    """The settings of any job from plain data, changed by `key.key=value` overrides.

    Raises:
        ConfigError: a key or value does not fit.
    """
    own = json.loads(json.dumps(data))
    for override in overrides:
        _override(own, override)
    return job_from(kind, own, where=where)


def as_data(settings: Any) -> dict[str, Any]:
    """Settings as plain data, complete: what run.json keeps and `job_from` reads back."""
    data = json.loads(json.dumps(asdict(settings)))
    return dict(data)


def as_yaml(settings: Any) -> str:
    """Settings as a complete YAML file."""
    return str(yaml.safe_dump(as_data(settings), sort_keys=False, allow_unicode=True))


def _override(data: dict[str, Any], override: str) -> None:
    key, sign, value = override.partition("=")
    if not sign:
        raise ConfigError(f"--set {_shown(override)}: write key=value, for example {_EXAMPLE}")
    *parents, last = key.strip().split(".")[: MAX_YAML_DEPTH + 1]
    for parent in parents:
        data = data.setdefault(parent, {})
        if not isinstance(data, dict):
            raise ConfigError(f"--set {_shown(override)}: {parent!r} is not a section")
    try:
        data[last] = parsed_yaml(value)
    except ConfigError as exc:
        raise ConfigError(f"--set {_shown(override)}: {_shown(value)} is not a YAML value ({exc})") from exc


# ---------------------------------------------------------------- what pydantic checks, and how it is said


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    for section in _sections(kind):
        section.__pydantic_config__ = _FORBID  # unknown keys are refused here too, inside lists and dicts as well
    return TypeAdapter(kind)


def _sections(kind: Any) -> Iterator[Any]:
    """A dataclass and all dataclasses that its fields can hold, at any depth."""
    if is_dataclass(kind):
        yield kind
        for hint in get_type_hints(kind).values():
            yield from _sections(hint)
    for inner in get_args(kind):
        yield from _sections(inner)


def _sentence(kind: Any, exc: ValidationError) -> str:
    """The first problem in one line; an unknown key goes before the rest, because a typo explains what is missing."""
    problems = sorted(exc.errors(), key=lambda each: each["type"] != "unexpected_keyword_argument")
    problem = problems[0]
    place, found = ".".join(str(part) for part in problem["loc"]), _shown(problem["input"])
    match problem["type"]:
        case "unexpected_keyword_argument":
            return f"unknown setting {_shown(place)}; {_advice(kind, problem['loc'])}"
        case "dataclass_type":
            return f"{place}: expected a section, found {found}"
        case "value_error":
            return str(problem["ctx"]["error"]) if not place else f"{place}: {problem['ctx']['error']}"
        case _:
            return f"{place}: {problem['msg'][0].lower()}{problem['msg'][1:]}, not {found}"


def _advice(kind: Any, loc: Sequence[int | str]) -> str:
    """The nearest known key to the last one of a place."""
    for part in loc[:-1]:
        kind = _inside(kind, part)
    known = [item.name for item in fields(kind)]
    near = difflib.get_close_matches(str(loc[-1])[:100], known, n=1)
    return f"did you mean {near[0]!r}?" if near else f"known are {', '.join(sorted(known))}"


def _inside(kind: Any, part: int | str) -> Any:
    """What a part of a place leads to: a field of a section, an item of a list, a value of a dict."""
    if not is_dataclass(kind):
        return next(_sections(kind))
    hint = get_type_hints(kind)[str(part)]
    return next(_sections(hint)) if get_origin(hint) in (Union, types.UnionType) else hint


def _shown(value: Any) -> str:
    """A value in a message: short, and on one line."""
    try:
        text = repr(value)
    except ValueError:  # Python refuses to write an integer of more than 4,300 digits
        return "a number of thousands of digits"
    return text if len(text) <= 80 else f"{text[:77]}…"


# ---------------------------------------------------------------- what pydantic lets through


def _refuse_former_names(data: Mapping[str, Any], moved: Mapping[str, str], where: str) -> None:
    for former, today in moved.items():
        inner: Any = data
        for part in former.split("."):
            inner = inner.get(part, _Missing) if isinstance(inner, Mapping) else _Missing
        if inner is not _Missing:
            raise ConfigError(f"{where}: {former} is now {today}")


class _Missing:
    """Stands for a value that is not there."""


def _leaves(data: Any, place: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Every key and every value that is not a collection, with its place."""
    if depth > 2 * MAX_YAML_DEPTH:  # out of a run.json; a YAML file cannot be so deep
        raise ConfigError(f"{place[:80]}…: more than {2 * MAX_YAML_DEPTH} sections in one another")
    inner = data.items() if isinstance(data, Mapping) else enumerate(data) if isinstance(data, list | tuple) else None
    if inner is None:
        yield place, data
        return
    for key, value in inner:
        yield place, key
        yield from _leaves(value, f"{place}.{key}"[:200] if place else str(key)[:200], depth + 1)


def _refuse_odd_text(value: Any, place: str) -> None:
    """No file, prompt or model has such a name, and the system calls that take it answer in many ways."""
    if not isinstance(value, str):
        return
    if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise ConfigError(f"{place}: {_shown(value)} contains a character that is not text")
    if any(len(word.encode()) > _MAX_WORD_BYTES for part in value.split() for word in part.split("/")):
        raise ConfigError(f"{place}: {_shown(value)} is longer than a name can be ({_MAX_WORD_BYTES} bytes)")
    if value.startswith("~") and os.path.expanduser(value) == value:
        raise ConfigError(f"{place}: {_shown(value)}: there is no such home folder on this machine")


def _refuse_yes_for_a_number(data: Any, made: Any, where: str, place: str = "") -> None:
    """`lora_rank: true` would be rank 1, `canaries: 1` true: neither was meant."""
    if isinstance(data, bool) != isinstance(made, bool):
        expected = "true or false" if isinstance(made, bool) else "a value"
        raise ConfigError(f"{where}: {place}: expected {expected}, not {_shown(data)}")
    if isinstance(data, Mapping):
        for key, value in data.items():
            inner = made[key] if isinstance(made, Mapping) else getattr(made, key)
            _refuse_yes_for_a_number(value, inner, where, f"{place}.{key}" if place else str(key))
    elif isinstance(data, list | tuple) and isinstance(made, list | tuple):
        for number, (value, inner) in enumerate(zip(data, made, strict=True)):
            _refuse_yes_for_a_number(value, inner, where, f"{place}.{number}")
