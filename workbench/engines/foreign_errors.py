"""Why an endpoint gives no answer: its own words, whatever shape they come in, as one line that a person can use.

Errors come as text, objects, lists of objects, pages of a web server, and fields of a provider's own beside the answer
that is not there. Knows no HTTP but its numbers; `endpoint.py` asks, `foreign_answers.py` reads what is an answer.
"""

import json
import re
from typing import Any

LONGEST_REASON = 300  # characters of an endpoint's own words that are shown
#: Reasons for the end of an answer, in small letters, whatever their provider calls them: it was cut, or withheld.
CUT = re.compile(r"length|limit|max|window|trunc|exceed|incomplete")
WITHHELD = re.compile(r"filter|safety|recitation|prohibited|block|refus|sensitive|moderat|policy")
_ERRORS = ("error", "message", "detail", "errors", "msg", "error_description", "title")
#: How providers name their words elsewhere: status_msg, faultstring, errorMessage.
_WORDED = re.compile(r"(?:error|message|msg|details?|errors|description|faultstring)$", re.IGNORECASE)
_TITLE = re.compile(r"<(title|h1|body)[^>]*>(?P<text>.*?)</", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_RETRIED = {408, 425, 429, 500, 502, 503, 504, 529}
_PASSING = re.compile(
    r"overload|try again|retry|rate.?limit|too many requests|temporar|time[d ]?.?out|unavailable|at capacity|busy",
    re.IGNORECASE,
)


class AnswerError(Exception):
    """No answer: `reason` is one line without the endpoint's name.

    Attributes:
        status: of HTTP, or the number that an error under status 200 gives; 0 = none.
        may_pass: asking again may help.
        is_cut: it broke off after some of it had been passed on.
        wait_seconds: that the endpoint asks for before a new try.
    """

    def __init__(self, reason: str, *, status: int = 0, may_pass: bool = False, wait_seconds: float = 0.0) -> None:
        super().__init__(reason)
        self.reason, self.status, self.wait_seconds = reason, status, wait_seconds
        self.may_pass, self.is_cut = may_pass or status in _RETRIED, False


def advised(value: Any) -> AnswerError:
    """The error that an object says it is, with what to do."""
    status = status_of(value)
    reason = error_text(value) or "it sent an error without a reason"
    error = AnswerError(reason, status=status, may_pass=not status and _PASSING.search(reason) is not None)
    if not (error.may_pass and "again" in reason):  # it says so itself
        error.reason = f"{reason}; {'ask again later' if error.may_pass else 'change what it names, or the model'}"
    return error


def error_text(value: Any) -> str:
    """The reason in an error of any shape, as one line; "" = there is none.

    >>> error_text({"detail": [{"loc": ["body", "seed"], "msg": "Extra inputs are not permitted"}]})
    'body.seed: Extra inputs are not permitted'
    """
    if isinstance(value, str):
        return error_text(_inner(value)) or one_line(value)
    if isinstance(value, list):
        return "; ".join(filter(None, map(error_text, value[:3])))
    if not isinstance(value, dict):
        return ""
    others = [inner for name, inner in value.items() if isinstance(inner, dict) or _WORDED.search(str(name))]
    text = next(filter(None, map(error_text, [*map(value.get, _ERRORS), *others])), "")
    where = value.get("loc")
    place = ".".join(map(str, where)) if isinstance(where, list) else str(value.get("param") or "")
    return one_line(f"{place}: {text}" if text and place and place not in text else text)


def page_text(text: str) -> str:
    """What a page or a plain text says, as one short line in quotes."""
    found = _TITLE.search(text)
    said = _TAG.sub(" ", found["text"]) if found else ""
    return repr(one_line(said if said.strip() else text)[:100])


def one_line(text: str) -> str:
    """Foreign words for a terminal: one line, nothing that a terminal obeys, not too long."""
    shown = "".join(letter if letter.isprintable() else " " for letter in text[: 4 * LONGEST_REASON])
    return " ".join(shown.split())[:LONGEST_REASON]


def status_of(value: dict[str, Any]) -> int:
    """The number of HTTP that an error under another status gives; 0 = none."""
    error = value.get("error")
    codes = [error.get("code"), error.get("status")] if isinstance(error, dict) else []
    return next((int(code) for code in map(str, codes) if re.fullmatch(r"[1-5]\d\d", code)), 0)


def _inner(text: str) -> Any:
    """The object that some put into their message as text; None where there is none."""
    try:
        return json.loads(text) if text.lstrip().startswith("{") else None
    except (ValueError, RecursionError):
        return None
