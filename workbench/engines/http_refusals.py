"""What a refusal of HTTP says and what to do about it: statuses, redirects, Retry-After, broken answers.

Knows no client of HTTP; `endpoint.py` asks, and `foreign_errors.py` knows the words of providers.
"""

import json
import re
from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin, urlsplit, urlunsplit

from workbench.engines.foreign_errors import error_text, page_text

CUT = "its answer broke off (the connection was cut); ask again"
ADVICE = {
    402: "the account has no credit; see the provider's page",
    404: "check the URL, most end in /v1, and the model's name",
    405: "check the URL, most end in /v1",
    407: "the proxy on the way wants a name and password; put them into its URL",
    408: "ask again later",
    413: "shorten the prompt",
    429: "wait, or ask fewer at once",
    501: "check the URL, most end in /v1",
}


def shown_url(url: str) -> str:
    """A URL without the name and password that it may hold.

    >>> shown_url("https://me:secret@api.example.org/v1")
    'https://api.example.org/v1'
    """
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query=""))


def moved(url: str, location: str) -> str:
    """What to do about an answer that sends elsewhere.

    >>> moved("http://127.0.0.1:1/v1", "/v2"), moved("http://127.0.0.1:1/v1", "")
    ('it has moved to http://127.0.0.1:1/v2; write that URL', 'it has moved and does not say where; check the URL')
    """
    place = urljoin(url, location)
    if not location:
        return "it has moved and does not say where; check the URL"
    if place == url:
        return "it sends every request back to the same URL; check the URL (http or https?)"
    return f"it has moved to {shown_url(place)}; write that URL"


def protocol_reason(told: str) -> str:
    """A connection that was cut, or something that is not HTTP at all."""
    if re.search("closed|disconnected|reset", told, re.IGNORECASE):
        return CUT
    return f"its answer is not HTTP as it should be ({told[:100]}); check the URL and its port"


def wait_seconds(header: str, now: datetime) -> float:
    """What `Retry-After` asks for, as seconds or as a date; 0 where it is neither.

    >>> from datetime import UTC
    >>> wait_seconds("7", datetime(2026, 1, 1, tzinfo=UTC))
    7.0
    """
    if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", header.strip()):
        return float(header)
    try:
        return max(0.0, (parsedate_to_datetime(header) - now).total_seconds())
    except (ValueError, TypeError):  # no date, or one without a zone
        return 0.0


def reason_in(text: str) -> str:
    """What the body of a refusal says, as one line; "" = nothing."""
    try:
        return error_text(json.loads(text)) or page_text(text)
    except (ValueError, RecursionError):
        return page_text(text) if text.strip() else ""
