"""Foreign bytes as text and foreign text as JSON values, as far as nothing has to be guessed.

Knows nothing of answers; `foreign_answers.py` reads them.
"""

import json
import re
from typing import Any

from workbench.engines.foreign_errors import AnswerError

#: Letters of UTF-8, or a mark of UTF-16: what holds them and does not decode is broken, and no Latin-1.
_OF_UTF8 = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}|\xff\xfe|\xfe\xff")


def value_of(text: str) -> Any:
    """A JSON value; None where it is not one (null says as little)."""
    try:
        return json.loads(text, strict=False)  # some leave line ends in their texts as they are
    except (ValueError, RecursionError):
        return None


def value_before_words(text: str) -> Any:
    """A whole object with words after it, such as a proxy's remark; None where more data follows."""
    try:
        value, end = json.JSONDecoder(strict=False).raw_decode(text)
    except (ValueError, RecursionError):
        return None
    return None if text[end:].lstrip().startswith(("{", "[", ",")) else value


def decoded(data: bytes | bytearray) -> str:
    """Bytes as text; JSON shows by its zeros where it is UTF-16 or UTF-32."""
    try:
        return data.decode(json.detect_encoding(data))
    except UnicodeDecodeError:
        if not _OF_UTF8.search(data):  # single letters of Latin-1, as old servers send them
            return data.decode("cp1252", "replace")
        raise AnswerError("it sent bytes that are not UTF-8 text; set it to UTF-8, or ask another endpoint") from None


def kind_of(value: object) -> str:
    """What a value is called in JSON."""
    if value is None:
        return "null"
    kinds = {
        bool: "true or false",
        int: "a number",
        float: "a number",
        str: "a text",
        list: "a list",
        dict: "an object",
    }
    return kinds.get(type(value), "something else")


def place_of(choice: Any) -> int:
    """The place of a choice among several; 0 where it does not say."""
    told = str(choice.get("index")) if isinstance(choice, dict) else ""
    return int(told) if told.isdecimal() else 0


def count_of(value: Any) -> int:
    """A number of tokens; 0 where it is none."""
    return value if isinstance(value, int) and value > 0 else 0
