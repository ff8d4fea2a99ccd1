"""JSON and YAML read strictly: bounded, each key once, and nothing in them that could run or grow.

JSON: no duplicate keys, no NaN, no deep nesting, and every value knows the line it begins on. Python's own parser takes
the last of two equal keys, accepts NaN and Infinity, and forgets lines. Numbers come out as floats, whatever they are.

YAML, which may be hostile:

    size      100,000 bytes                       depth     20 collections in one another
    tags      none: `!!python/…` runs code, `!!int x` is refused by the parser with a traceback
    aliases   of a single text or number only: an alias of a collection makes a small file a large one
    keys      words, each once                    dates     are text: `2024-99-99` is not a date

The limits are looked for in the parser's events, before anything is built. Knows nothing of poems or settings.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import yaml

from workbench.errors import ConfigError
from workbench.places import config_file
from workbench.storage.input_files import why_no_file

MAX_DEPTH = 64

_SPACE = re.compile(r"[ \t\n\r]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """A JSON value and the line it begins on."""

    line: int
    value: object


class JsonRefusedError(ValueError):
    """The text cannot be used: `line` is where, the message is `reason, what to do`."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


class _Refused(ValueError):  # noqa: N818 - never leaves this module
    """A reason without its line, raised inside the parser."""


def json_value(text: str, *, line: int = 1, nan_is_null: bool = False) -> object:
    """The one value that a text holds.

    Args:
        text: JSON.
        line: the line of the file that the text begins on.
        nan_is_null: whether NaN and Infinity, as pandas writes them, count as null instead of being refused.

    Raises:
        JsonRefusedError: not JSON, or not in the strict sense above.
    """
    value, end = _decode(text, 0, first_line=line, decoder=_LENIENT if nan_is_null else _STRICT)
    _expect_end(text, end, first_line=line)
    return value


def json_records(text: str, keys: Sequence[str], *, nan_is_null: bool = False) -> Iterator[Located]:
    r"""The elements of an array, or of the array of objects under one of `keys` in an object; else the value itself.

    They come one by one: what stands after an element is not yet known to be JSON when it comes.

    >>> list(json_records('{"poems": [\n{"a": 1}]}', ["poems"]))
    [Located(line=2, value={'a': 1.0})]

    Raises:
        JsonRefusedError: not JSON, or not in the strict sense above.
    """
    start, decoder = _skip(text, 0), _LENIENT if nan_is_null else _STRICT
    if text[start : start + 1] == "[":
        yield from _elements(text, start, decoder)
        return
    value, end = _decode(text, start, decoder=decoder)
    _expect_end(text, end)
    key = next((key for key in keys if _is_list_of_objects(value, key)), None)
    if key is not None:
        yield from _elements(text, _place_of(text, start, key), decoder, is_all=False)
    else:
        yield Located(line=_line(text, start), value=value)


def _elements(text: str, start: int, decoder: json.JSONDecoder, *, is_all: bool = True) -> Iterator[Located]:
    """The elements of the array whose bracket stands at `start`."""
    at = _skip(text, start + 1)
    line, counted = _line(text, at), at
    is_open = text[at : at + 1] != "]"
    while is_open:
        value, end = _decode(text, at, decoder=decoder)
        yield Located(line=line, value=value)
        end = _skip(text, end)
        if text[end : end + 1] not in (",", "]"):
            raise JsonRefusedError(_line(text, end), "not valid JSON (a comma or ] is missing), correct it here")
        is_open = text[end] == ","
        at = _skip(text, end + 1) if is_open else end
        line, counted = line + text.count("\n", counted, at), at
    if is_all:
        _expect_end(text, at + 1)


def _is_list_of_objects(value: object, key: str) -> bool:
    found = value.get(key) if isinstance(value, dict) else None
    return isinstance(found, list) and any(isinstance(one, dict) for one in found)


def _place_of(text: str, start: int, key: str) -> int:
    """Where the value of `key` begins in the object at `start`; the object is known to be valid and to hold it."""
    at = start
    while True:
        name, at = _decode(text, _skip(text, at + 1), decoder=_LENIENT)
        at = _skip(text, _skip(text, at) + 1)  # over the colon
        if name == key:
            return at
        at = _skip(text, _decode(text, at, decoder=_LENIENT)[1])  # stands on the comma


def _decode(text: str, start: int, *, decoder: json.JSONDecoder, first_line: int = 1) -> tuple[object, int]:
    start = _skip(text, start)
    try:
        value, end = decoder.raw_decode(text, start)
        if _is_deep(value):
            raise _Refused(f"nested more than {MAX_DEPTH} levels deep, make it flat")
    except json.JSONDecodeError as exc:
        reason = f"not valid JSON ({exc.msg[:1].lower()}{exc.msg[1:]}), correct it here"
        raise JsonRefusedError(first_line - 1 + exc.lineno, reason) from exc
    except _Refused as exc:
        raise JsonRefusedError(first_line - 1 + _line(text, start), str(exc)) from exc
    except RecursionError as exc:
        reason = f"nested more than {MAX_DEPTH} levels deep, make it flat"
        raise JsonRefusedError(first_line - 1 + _line(text, start), reason) from exc
    return value, end


def _expect_end(text: str, at: int, *, first_line: int = 1) -> None:
    at = _skip(text, at)
    if at < len(text):
        reason = "something follows the end of the JSON, remove it (one poem a line needs the name .jsonl)"
        raise JsonRefusedError(first_line - 1 + _line(text, at), reason)


def _skip(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    return space.end() if space else at


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def _is_deep(value: object) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return False
    return True


def _inside(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            raise _Refused(f"the key {ascii(key)[:60]} is given twice, remove one")
        found[key] = value
    return found


def _constant(name: str) -> object:
    raise _Refused(f"{name} is not JSON, write a number, null or text")


_STRICT = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_constant, parse_int=float)
_LENIENT = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=lambda _: None, parse_int=float)


MAX_YAML_BYTES = 100_000
MAX_YAML_DEPTH = 20


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file.

    Raises:
        ConfigError: not there, not a file, not UTF-8, not YAML, beyond a limit, or not a mapping.
    """
    try:
        path = config_file(path)
        if not path.is_file():
            raise ConfigError(f"{_name(path)}: cannot be read ({why_no_file(path)})")
        with open(path, "rb") as file:
            raw = file.read(MAX_YAML_BYTES + 1)
    except OSError as exc:
        raise ConfigError(f"{_name(path)}: cannot be read ({exc.strerror})") from exc
    except ValueError as exc:  # a NUL in its name
        raise ConfigError(f"{_name(path)}: cannot be read ({exc})") from exc
    if len(raw) > MAX_YAML_BYTES:
        raise ConfigError(f"{path}: more than {MAX_YAML_BYTES:,} bytes; a configuration is a page of text")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise ConfigError(f"{path}: cannot be read (not UTF-8)") from exc
    data = parsed_yaml(text, where=str(path))
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise ConfigError(f"{path}: expected `section:` blocks, found {type(data).__name__}")
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


class _StrictLoader(yaml.SafeLoader):  # type: ignore[misc] # PyYAML has no types
    """SafeLoader that refuses a key given twice, and reads a date as text."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {
        first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":timestamp", ":merge", ":value"))]
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
