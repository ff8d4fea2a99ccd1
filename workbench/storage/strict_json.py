"""JSON read strictly: bounded, each key once, and every value knows the line it begins on.

No duplicate keys, no NaN, no deep nesting. Python's own parser takes the last of two equal keys, accepts NaN and
Infinity, and forgets lines. Numbers come out as floats, whatever they are. Knows nothing of poems.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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
    r"""The elements of an array, or of the arrays of objects under `keys` in an object; else the value itself.

    They come one by one: what comes after an element is not yet known to be JSON when it comes.

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
    found = [key for key in keys if is_list_of_objects(value, key)]
    for key in found:
        yield from _elements(text, _place_of(text, start, key), decoder, is_all=False)
    if not found:
        yield Located(line=_line(text, start), value=value)


def _elements(text: str, start: int, decoder: json.JSONDecoder, *, is_all: bool = True) -> Iterator[Located]:
    """The elements of the array whose bracket is at `start`."""
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


def is_list_of_objects(value: object, key: str) -> bool:
    """Whether the value of a key is a list with objects in it."""
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
        at = _skip(text, _decode(text, at, decoder=_LENIENT)[1])  # is on the comma


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
        reason = "something follows the end of the JSON, remove it (one poem per line needs the name .jsonl)"
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
