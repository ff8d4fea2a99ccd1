"""An endpoint over HTTP: its key, its limits of time and size, and one line for everything that keeps it silent.

One rule for keys: an endpoint on this machine is asked with none; for any other one the variable that is named must
hold it, in the environment or in `.env`. It is read when the client is made and stays inside it. What the bytes of an
answer mean is not known here: `foreign_answers.py` reads them.
"""

import json
import os
import re
import threading
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from workbench.engines.foreign_errors import AnswerError
from workbench.engines.http_refusals import ADVICE, CUT, moved, protocol_reason, reason_in, shown_url, wait_seconds
from workbench.engines.names import is_local
from workbench.errors import EngineError

if TYPE_CHECKING:
    import httpx

DOTENV = Path(".env")
MAX_BYTES = 16 * 2**20  # an answer longer than this never ends
LONGEST_WAIT_SECONDS = 60.0  # that an endpoint may ask for; who has to wait longer is told so
_ERROR_BYTES = 2**16  # of the body of a refusal
_CONNECT_SECONDS = 10.0
_GLANCE_SECONDS = 0.2  # how often who waits for bytes may look around
_SETTING = re.compile(r"\s*(?:export\s+)?(?P<name>[A-Za-z_]\w*)\s*=\s*(?P<value>.*?)\s*")
_ROUTE = "/chat/completions"
#: Packings that are always undone (others only where httpx asked), and words that some write for none.
_PACKINGS = {"", "identity", "gzip", "x-gzip", "deflate", "none", "utf-8", "utf8", "chunked"}


def key_variable(url: str, variable: str) -> str:
    """The variable whose key an endpoint is asked with; "" for one on this machine, which is asked with none.

    Raises:
        EngineError: it needs a key and there is none; one line that says where it is looked for.
    """
    if is_local(url):
        return ""
    if not take_key(variable):
        raise EngineError(f"no key for {shown_url(url)}: set {variable} in the environment or in {DOTENV}")
    return variable


def take_key(name: str, path: Path | None = None) -> bool:
    """Whether there is a key: in the environment, or in .env, from which it is put into this process's own."""
    if os.environ.get(name):
        return True
    try:
        lines = (path or DOTENV).read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError):
        return False
    for line in lines:
        found = _SETTING.fullmatch(line)
        if found and found["name"] == name and found["value"].strip("\"'"):
            os.environ[name] = found["value"].strip("\"'")
            return True
    return False


class Endpoint:
    """Posts a request and gives the bytes of the answer.

    Args:
        url: such as http://127.0.0.1:11434/v1.
        api_key_env: the variable with the key; "" = asked with none.
        seconds: for a whole answer, however slowly it comes.
    """

    def __init__(self, url: str, *, api_key_env: str, seconds: float) -> None:
        parts = urlsplit(url)
        path = parts.path.rstrip("/").removesuffix(_ROUTE) + _ROUTE
        self._url, self._shown = urlunsplit(parts._replace(path=path)), shown_url(url)
        self._is_local, self._api_key_env, self._seconds = is_local(url), api_key_env, seconds
        self._made: httpx.Client | None = None
        self._lock = threading.Lock()
        self._is_closed = False

    def open(self) -> "httpx.Client":
        """The client, made when first used.

        Raises:
            EngineError: it is closed, or there is no usable key.
        """
        import httpx

        with self._lock:
            if self._is_closed:
                raise EngineError("the connection is closed; build a new sampler")
            if self._made is None:
                self._made = httpx.Client(
                    headers=self._headers(),
                    timeout=httpx.Timeout(self._seconds, connect=min(self._seconds, _CONNECT_SECONDS)),
                    trust_env=not self._is_local,  # a proxy would look for this machine's address on its own
                    limits=httpx.Limits(max_connections=None),
                )
            return self._made

    def close(self) -> None:
        """Closes the connections."""
        with self._lock:
            self._is_closed = True
            if self._made:
                self._made.close()

    def answer(self, body: Mapping[str, Any]) -> Generator[bytes]:
        """The bytes that answer a request, as they come; b"" whenever none came for a moment.

        A thread of its own waits for them, so whoever reads here can leave at any moment, however silent the other end
        is. The thread then closes the connection at the next bytes, or when the time for an answer is over.

        Raises:
            AnswerError: none come, or they break off.
            EngineError: the connection is closed, or there is no usable key.
        """
        self.open()
        arrived, is_left = SimpleQueue[bytes | Exception | None](), threading.Event()
        threading.Thread(target=self._take, args=(body, arrived, is_left), daemon=True).start()
        try:
            while (data := _next(arrived)) is not None:
                if isinstance(data, Exception):
                    raise data
                yield data
        finally:
            is_left.set()

    def without_key(self, line: str) -> str:
        """A line that may be shown: servers like to repeat the key that they refuse."""
        key = os.environ.get(self._api_key_env, "").strip() if self._api_key_env else ""
        line = line.replace(key, "[key]") if key else line
        if key and key[:8] in line:
            return "the server's message repeats a part of the key and is left out"
        return line

    # ------------------------------------------------------------ private

    def _take(
        self, body: Mapping[str, Any], arrived: "SimpleQueue[bytes | Exception | None]", is_left: threading.Event
    ) -> None:
        """Passes on bytes until there are none, nobody wants them, or something is wrong."""
        try:
            with self._opened(body) as chunks:
                for data in chunks:
                    if is_left.is_set():
                        return
                    arrived.put(data)
            arrived.put(None)
        except Exception as exc:  # it is raised again where the bytes are read
            arrived.put(exc)

    @contextmanager
    def _opened(self, body: Mapping[str, Any]) -> Generator[Iterator[bytes]]:
        import httpx

        try:
            with self.open().stream("POST", self._url, content=json.dumps(body).encode()) as response:
                if not response.is_success:
                    raise self._refused(response)
                yield self._bytes(response)
        except httpx.ConnectTimeout:
            reason = f"nobody answers there (no connection in {_CONNECT_SECONDS:g} s); start it, or check the URL"
            raise AnswerError(reason, may_pass=True) from None
        except httpx.TimeoutException:  # asked again it would be as slow, and a person has waited long enough
            reason = f"nothing came for {self._seconds:g} s; ask again later, or allow more time"
            raise AnswerError(reason) from None
        except httpx.ConnectError as exc:
            reason = f"nobody answers there ({self.without_key(str(exc))}); start it, or check the URL"
            raise AnswerError(reason, may_pass=True) from None
        except httpx.DecodingError as exc:
            reason = f"its answer cannot be unpacked ({exc}); ask again, or check what is between it and here"
            raise AnswerError(reason, may_pass=True) from None
        except httpx.RemoteProtocolError as exc:
            raise AnswerError(protocol_reason(str(exc)), may_pass=True) from None
        except httpx.NetworkError:
            raise AnswerError(CUT, may_pass=True) from None
        except (httpx.HTTPError, httpx.InvalidURL) as exc:
            reason = f"{type(exc).__name__}: {self.without_key(str(exc))}; check the URL"
            raise AnswerError(reason) from None

    def _headers(self) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
        if not self._api_key_env:
            return headers
        key = os.environ.get(self._api_key_env, "").strip()
        if not key:
            raise EngineError(f"no key for {self._shown}: set the environment variable {self._api_key_env}")
        if not (key.isascii() and key.isprintable()):
            raise EngineError(f"{self._api_key_env}: the key has characters that no header can hold; copy it again")
        return {**headers, "Authorization": f"Bearer {key}"}

    def _bytes(self, response: "httpx.Response") -> Iterator[bytes]:
        """Bytes up to the limits, so that an answer that never ends can be left."""
        deadline, n_bytes = time.monotonic() + self._seconds, 0
        packing = response.headers.get("content-encoding", "").strip().lower()
        if packing not in _PACKINGS and packing not in response.request.headers.get("accept-encoding", ""):
            raise AnswerError(
                f"its answer is packed as {packing[:20]!r}, which nobody asked for; set it to gzip or to none"
            )
        for data in response.iter_bytes():
            n_bytes += len(data)
            if n_bytes > MAX_BYTES or time.monotonic() > deadline:
                limit = f"{self._seconds:g} s or {MAX_BYTES >> 20} MiB"
                raise AnswerError(f"the answer had not ended after {limit}; ask for less, or another endpoint")
            yield data

    def _refused(self, response: "httpx.Response") -> AnswerError:
        """One line for a status that is not a success, without anything secret: servers like to repeat the key."""
        status = response.status_code
        said = self.without_key(reason_in(self._start_of(response))) or response.reason_phrase
        wait = wait_seconds(response.headers.get("retry-after", ""), datetime.now(UTC))
        advice = ADVICE.get(status, "ask again later" if status >= 500 else "change what it names")
        if response.is_redirect:
            advice = moved(self._url, response.headers.get("location", ""))
        elif status in (401, 403):
            variable = self._api_key_env
            advice = f"check the key in {variable}" if variable else "endpoints on this machine are asked without a key"
        error = AnswerError(f"HTTP {status}: {said}; {advice}", status=status, wait_seconds=wait)
        if wait > LONGEST_WAIT_SECONDS:
            error = AnswerError(f"HTTP {status}: {said}; it asks to wait {wait:.0f} s, ask again then")
        return error

    def _start_of(self, response: "httpx.Response") -> str:
        import httpx

        data = b""
        try:
            for piece in self._bytes(response):
                data += piece
                if len(data) > _ERROR_BYTES:
                    break
        except (httpx.HTTPError, AnswerError):
            pass  # what came of the reason is shown
        return data.decode("utf-8", "replace")


def _next(arrived: "SimpleQueue[bytes | Exception | None]") -> bytes | Exception | None:
    """What has come; b"" when nothing does for a moment, None at the end."""
    try:
        return arrived.get(timeout=_GLANCE_SECONDS)
    except Empty:
        return b""
