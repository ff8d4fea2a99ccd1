"""YAML read strictly, since it may be hostile: bounded, each key once, and nothing in it that could run or grow.

    size      100,000 bytes                       depth     20 collections in one another
    tags      none: `!!python/…` runs code, `!!int x` is refused by the parser with a traceback
    aliases   of a single text or number only: an alias of a collection makes a small file a large one
    keys      words, each once                    dates     are text: `2024-99-99` is not a date, `1:30` not a number

The limits are looked for in the parser's events, before anything is built. Knows nothing of settings.
"""

import re
from pathlib import Path
from typing import Any, ClassVar

import yaml

from workbench.errors import ConfigError
from workbench.places import config_file
from workbench.storage.input_files import why_no_file

MAX_YAML_BYTES = 100_000
MAX_YAML_DEPTH = 20


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file.

    Raises:
        ConfigError: not there, not a file, not UTF-8, not YAML, beyond a limit, empty, or not a mapping.
    """
    try:
        path = config_file(path)
        if not path.is_file():
            raise ConfigError(f"{_name(path)}: cannot be read ({why_no_file(path)})")
        with open(path, "rb") as file:
            raw = file.read(MAX_YAML_BYTES + 1)
    except (OSError, ValueError) as exc:  # ValueError: a NUL in its name
        raise ConfigError(f"{_name(path)}: cannot be read ({getattr(exc, 'strerror', exc)})") from exc
    if len(raw) > MAX_YAML_BYTES:
        raise ConfigError(f"{path}: more than {MAX_YAML_BYTES:,} bytes; a configuration is a page of text")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise ConfigError(f"{path}: cannot be read (not UTF-8)") from exc
    data = parsed_yaml(text, where=str(path))
    if data is None:  # nobody asks for all defaults by saying nothing
        raise ConfigError(f"{path}: there is no setting in it; write one, or {{}} for the defaults alone")
    if not isinstance(data, dict):
        found = repr(data)[:60] if isinstance(data, str) else type(data).__name__
        raise ConfigError(f"{path}: expected `section:` blocks, found {found}; write `name: value`")
    return data


def parsed_yaml(text: str, *, where: str = "") -> Any:
    """The value that a YAML text stands for.

    Raises:
        ConfigError: not YAML, or beyond a limit; one line, with the line's number where `where` names a file.
    """
    try:
        _check_events(text)
        return yaml.load(text, Loader=_StrictLoader)  # noqa: S506 - a SafeLoader that also refuses duplicate keys
    except yaml.YAMLError as exc:
        mark = getattr(exc, "problem_mark", None)
        line = f":{mark.line + 1}" if mark and where else ""
        reason = " ".join(str(getattr(exc, "problem", None) or "not valid YAML").split())[:200]
        raise ConfigError(f"{where}{line}: {reason}" if where else reason) from exc
    except (ValueError, RecursionError, OverflowError) as exc:  # an integer of thousands of digits, 1:2:3e999
        reason = "a value that is not usable (a number that is too long?)"
        raise ConfigError(f"{where}: {reason}" if where else reason) from exc


class _LimitError(yaml.YAMLError):  # type: ignore[misc] # PyYAML has no types
    """A limit that the text passes."""

    def __init__(self, problem: str, mark: Any) -> None:
        super().__init__(problem)
        self.problem, self.problem_mark = problem, mark


def _check_events(text: str) -> None:
    if len(text) > MAX_YAML_BYTES:
        raise _LimitError(f"more than {MAX_YAML_BYTES:,} characters", None)
    depth, collections = 0, set()
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            collections |= {event.anchor} if event.anchor else set()
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        elif isinstance(event, yaml.AliasEvent) and event.anchor in collections:
            raise _LimitError(f"*{event.anchor} repeats a whole section; write it out", event.start_mark)
        if depth > MAX_YAML_DEPTH:
            raise _LimitError(f"more than {MAX_YAML_DEPTH} sections in one another", event.start_mark)
        if getattr(event, "tag", None):
            raise _LimitError(f"the tag {event.tag} is not allowed; write the value alone", event.start_mark)


_TEXTS = (":timestamp", ":merge", ":value")
_NUMBERS = {
    "tag:yaml.org,2002:int": re.compile(r"[-+]?(?:0|[1-9][0-9_]*|0x[0-9a-fA-F]+)\Z"),
    "tag:yaml.org,2002:float": re.compile(
        r"[-+]?(?:\d+\.\d*(?:e[-+]?\d+)?|\d+e[-+]?\d+|\.\d+|\.inf)\Z|\.nan\Z", re.I | re.A
    ),
}


class _StrictLoader(yaml.SafeLoader):  # type: ignore[misc] # PyYAML has no types
    """SafeLoader that refuses a key given twice, and reads dates, 12:30:45 and 012 as text: no other numbers."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {
        first: [(tag, _NUMBERS.get(tag, pattern)) for tag, pattern in resolvers if not tag.endswith(_TEXTS)]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def _strict_mapping(loader: Any, node: Any) -> dict[Any, Any]:
    seen: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, str) or key in seen:
            shown = repr(key)[:60]
            reason = f"key {shown} is given twice" if isinstance(key, str) else f"key {shown} is not a word"
            raise yaml.constructor.ConstructorError(None, None, reason, key_node.start_mark)
        seen[key] = loader.construct_object(value_node, deep=True)
    return seen


_StrictLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _strict_mapping)


def _name(path: Path) -> str:
    """A path in a message, cut where it is hostile."""
    text = repr(str(path)) if not str(path).isprintable() else str(path)
    return text if len(text) <= 200 else f"{text[:200]}…"
