"""Settings: one YAML file a job becomes frozen dataclasses; every section is named after its phase.

The settings of a phase stand in the phase's own module; here they are only read, checked and put together. An unknown
key names the nearest known one; a value of the wrong kind or out of range says which and what is allowed. YAML is read
without tags, aliases that repeat or duplicate keys, so opening a file runs nothing.
"""

import difflib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

import yaml
from pydantic import TypeAdapter, ValidationError

from workbench.errors import ConfigError
from workbench.places import config_file

Job = TypeVar("Job")


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
    _check_keys(data, kind, where, moved=getattr(kind, "MOVED", {}))
    try:
        return TypeAdapter(kind).validate_python(dict(data))
    except ValidationError as exc:
        problem = exc.errors()[0]
        key = ".".join(str(part) for part in problem["loc"])
        raise ConfigError(f"{where}: {key}: {problem['msg'].lower()}, not {problem['input']!r}") from exc


def as_data(settings: Any) -> dict[str, Any]:
    """Settings as plain data, complete: what run.json keeps and `load_settings` reads back."""
    data = json.loads(json.dumps(asdict(settings)))
    return dict(data)


def as_yaml(settings: Any) -> str:
    """Settings as a complete YAML file."""
    return str(yaml.safe_dump(as_data(settings), sort_keys=False, allow_unicode=True))


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file.

    Raises:
        ConfigError: not there, not UTF-8, not YAML, a tag, a duplicate key, or not a mapping.
    """
    path = config_file(path)
    try:
        text = path.read_bytes().decode("utf-8")
        data = yaml.load(text, Loader=_StrictLoader)  # noqa: S506 - a SafeLoader that also refuses duplicate keys
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigError(
            f"{path}: cannot be read ({exc.strerror if isinstance(exc, OSError) else 'not UTF-8'})"
        ) from exc
    except (yaml.YAMLError, RecursionError) as exc:
        mark = getattr(exc, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        raise ConfigError(f"{path}{line}: {getattr(exc, 'problem', None) or 'not valid YAML'}") from exc
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise ConfigError(f"{path}: expected `section:` blocks, found {type(data).__name__}")
    return data


class _StrictLoader(yaml.SafeLoader):  # type: ignore[misc] # PyYAML has no types
    """SafeLoader that refuses a key given twice."""


def _strict_mapping(loader: Any, node: Any) -> dict[Any, Any]:
    loader.flatten_mapping(node)
    seen: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, str) or key in seen:
            reason = f"key {key!r} is given twice" if isinstance(key, str) else f"key {key!r} is not a word"
            raise yaml.constructor.ConstructorError(None, None, reason, key_node.start_mark)
        seen[key] = loader.construct_object(value_node, deep=True)
    return seen


_StrictLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _strict_mapping)


def _override(data: dict[str, Any], override: str) -> None:
    key, sign, value = override.partition("=")
    if not sign:
        raise ConfigError(f"--set {override!r}: write key=value, for example --set backtranslation.n_candidates=8")
    *parents, last = key.strip().split(".")
    for parent in parents:
        data = data.setdefault(parent, {})
        if not isinstance(data, dict):
            raise ConfigError(f"--set {override!r}: {parent!r} is not a section")
    try:
        data[last] = yaml.load(value, Loader=_StrictLoader)  # noqa: S506 - see read_yaml
    except yaml.YAMLError as exc:
        raise ConfigError(f"--set {override!r}: {value!r} is not a YAML value") from exc


def _check_keys(data: Mapping[str, Any], kind: type, where: str, *, path: str = "", moved: Mapping[str, str]) -> None:
    hints = get_type_hints(kind)
    known = {item.name for item in fields(kind)}
    for key, value in data.items():
        if key not in known:
            if path + str(key) in moved:
                raise ConfigError(f"{where}: {path}{key} is now {moved[path + str(key)]}")
            near = difflib.get_close_matches(str(key), known, n=1)
            advice = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(sorted(known))}"
            raise ConfigError(f"{where}: unknown setting {key!r}; {advice}")
        if is_dataclass(hints[key]) and isinstance(hints[key], type):
            if not isinstance(value, Mapping):
                raise ConfigError(f"{where}: {key}: expected a section, found {value!r}")
            _check_keys(value, hints[key], f"{where}: {key}", path=f"{path}{key}.", moved=moved)
