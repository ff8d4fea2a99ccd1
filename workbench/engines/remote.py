"""Any OpenAI-compatible endpoint as a sampler: a frontier API, Ollama, vLLM, llama-server.

It cannot score: chat endpoints give no log-probabilities of a given text, and some give wrong ones, so this is no
`Scorer`. A parameter that an endpoint refuses is left out or named otherwise from then on, and said once.
"""

import logging
import re
import threading
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from workbench.engines.endpoint import Endpoint
from workbench.engines.foreign_answers import AnswerReader
from workbench.engines.foreign_errors import AnswerError
from workbench.engines.http_refusals import shown_url
from workbench.engines.protocols import Can, Cancelled, OnCompletion, never
from workbench.errors import EngineError
from workbench.types import Completion, Failed, Reason, SampleRequest, content_id

Result = Completion | Failed

_RETRIES = 3
_SECONDS = 120.0  # for a whole answer, however slowly it comes
_BACK_OFF_SECONDS = 0.5  # before the first new try; doubled each time
_GLANCE_SECONDS = 0.2  # how often a wait looks whether somebody asked to stop
_STALL_SECONDS = 30.0  # of silence in the middle of a text: a connection that was cut without a word
_LINGER_SECONDS = 2.0  # of silence after the end of a text, where [DONE] may still come
#: What some endpoints refuse, and its other name; "" = left out. Without `system` its words begin the request.
_OTHER_NAMES = {
    "max_tokens": "max_completion_tokens", "top_p": "", "seed": "", "temperature": "", "stream": "", "system": "",
}  # fmt: skip
_AS_REFUSED = {
    "stream": r"stream(?:ing)?",
    "system": r"system['\"`]? (?:role|messages?|prompts?|instructions?)|roles?\b.{0,80}\bsystem",
}
_TOO_MUCH = re.compile(r"too large|at most|exceed|maximum|range|less than|greater than", re.IGNORECASE)

_log = logging.getLogger(__name__)


class RemoteSampler:
    """Implements `Sampler` over HTTP; every request that fails is a `Failed`, the others continue.

    Args:
        base_url: such as http://127.0.0.1:11434/v1.
        model: the endpoint's own name of the model.
        api_key_env: name of the environment variable that holds the key; "" = the endpoint wants none.
        n_parallel: requests under way at once.
        sends_grammar: llama-server and vLLM-like servers take a `grammar`; elsewhere a request with one fails.
        seconds: for a whole answer.
        retries: after a refusal that may pass (429, 5xx, no connection) or an answer that breaks off.

    Attributes:
        last: how the last streamed completion came out; None while one is under way.
    """

    can = Can(samples=True, seeds=True)
    last: Result | None = None

    def __init__(
        self,
        base_url: str,
        model: str,
        *,
        api_key_env: str = "",
        n_parallel: int = 8,
        sends_grammar: bool = False,
        seconds: float = _SECONDS,
        retries: int = _RETRIES,
    ) -> None:
        self.digest = content_id("remote", base_url, model)
        self.adapter_digest = ""
        self._place, self._model = f"{model} at {shown_url(base_url)}", model
        self._endpoint = Endpoint(base_url, api_key_env=api_key_env, seconds=seconds)
        self._n_parallel, self._sends_grammar, self._retries = n_parallel, sends_grammar, retries
        self._renamed: dict[str, str] = {}  # parameters that the endpoint refuses: its own name of them, "" = none
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"RemoteSampler({self._place})"

    def sample(
        self,
        requests: Sequence[SampleRequest],
        *,
        on_completion: OnCompletion | None = None,
        cancelled: Cancelled = never,
    ) -> list[Result]:
        """One completion a request, in order; `on_completion` is called in the caller's thread."""
        self._endpoint.open()
        results: list[Result] = [Failed(reason=Reason.CANCELLED)] * len(requests)

        def ask(request: SampleRequest) -> Result:
            return Failed(reason=Reason.CANCELLED) if cancelled() else self._whole(request, cancelled)

        with ThreadPoolExecutor(self._n_parallel) as pool:
            index_of = {pool.submit(ask, request): index for index, request in enumerate(requests)}
            for future in as_completed(index_of):
                index = index_of[future]
                results[index] = future.result()
                if on_completion:
                    on_completion(index, results[index])
        return results

    def stream(self, request: SampleRequest, *, cancelled: Cancelled = never) -> Iterator[str]:
        """The pieces of one completion as they come; `last` then says how it ended.

        Raises:
            EngineError: the endpoint failed; the pieces given so far are not its whole text. Where it broke off in
                the middle of them, `last` has the reason CUT: asking again may help.
        """
        self.last = None
        try:
            self.last = yield from self._answer(request, cancelled, is_stream=True)
        except AnswerError as exc:
            self.last = self._failed(exc)
        if isinstance(self.last, Failed) and self.last.reason is not Reason.CANCELLED:
            raise EngineError(self.last.detail)

    def use_adapter(self, folder: Path | None) -> None:
        """An endpoint keeps its own weights.

        Raises:
            EngineError: an adapter is asked for.
        """
        if folder is not None:
            raise EngineError(f"{self._place} cannot take the adapter {folder}; use the built-in sampler for it")

    def close(self) -> None:
        """Closes the connections."""
        self._endpoint.close()

    # ------------------------------------------------------------ private

    def _whole(self, request: SampleRequest, cancelled: Cancelled) -> Result:
        answer = self._answer(request, cancelled, is_stream=False)
        try:
            while True:
                next(answer)
        except StopIteration as end:
            result: Result = end.value
            return result
        except AnswerError as exc:
            return self._failed(exc)

    def _answer(self, request: SampleRequest, cancelled: Cancelled, *, is_stream: bool) -> Generator[str, None, Result]:
        """The pieces of an answer, then how it ended; asked again while that may help and nothing was shown."""
        renamed, n_tries = dict(self._renamed), 0
        while True:
            n_pieces = 0
            try:
                for piece in (answer := _Pieces(self._endpoint, self._body(request, renamed, is_stream=is_stream))):
                    if cancelled():
                        return Failed(reason=Reason.CANCELLED)
                    if piece:
                        n_pieces += 1
                        yield piece
                self._adopt(renamed)
                return self._placed(answer.result())
            except AnswerError as exc:
                if n_pieces and is_stream:
                    exc.is_cut = exc.may_pass
                    raise
                if name := _refused_parameter(exc, renamed):
                    renamed[name] = "" if name in renamed else _OTHER_NAMES[name]
                    continue
                if not exc.may_pass or n_tries == self._retries:
                    raise
                if not _has_waited(max(exc.wait_seconds, _BACK_OFF_SECONDS * 2**n_tries), cancelled):
                    return Failed(reason=Reason.CANCELLED)
                n_tries += 1

    def _body(self, request: SampleRequest, renamed: dict[str, str], *, is_stream: bool) -> dict[str, Any]:
        if request.grammar and not self._sends_grammar:
            raise AnswerError("this endpoint is not known to take a grammar; ask without one")
        sampling = request.sampling
        drawn = {
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            "max_tokens": sampling.max_new_tokens,
            "seed": request.seed,
        }
        body: dict[str, Any] = {
            "model": self._model,
            "messages": _messages(request, is_one="system" in renamed),
            "stream": is_stream and "stream" not in renamed,
        }
        body |= {renamed.get(name, name): value for name, value in drawn.items() if renamed.get(name, name)}
        if request.grammar:
            body["grammar"] = request.grammar
        return body

    def _adopt(self, renamed: dict[str, str]) -> None:
        """Remembers what the endpoint does not take, now that it has answered without."""
        with self._lock:
            new = {name: other for name, other in renamed.items() if name not in self._renamed}
            self._renamed |= new
        for name, other in new.items():
            name = "system message" if name == "system" else name
            _log.warning(
                "%s takes no %s; it is asked %s from now on", self._place, name, f"with {other}" if other else "without"
            )

    def _placed(self, result: Result) -> Result:
        return replace(result, detail=f"{self._place}: {result.detail}") if isinstance(result, Failed) else result

    def _failed(self, error: AnswerError) -> Failed:
        reason = Reason.CUT if error.is_cut else Reason.ENGINE
        return Failed(reason=reason, detail=f"{self._place}: {self._endpoint.without_key(error.reason)}")


class _Pieces:
    """The text of one answer as its bytes come, then the whole of it."""

    def __init__(self, endpoint: Endpoint, body: dict[str, Any]) -> None:
        self._endpoint, self._body, self._reader = endpoint, body, AnswerReader()
        self._has_text = False

    def __iter__(self) -> Iterator[str]:
        """Pieces; an empty one whenever nothing came for a moment, so that a wait can be left."""
        try:
            with closing(self._endpoint.answer(self._body)) as chunks:
                last_seconds = time.monotonic()
                for data in chunks:
                    last_seconds = time.monotonic() if data else last_seconds
                    for piece in self._reader.feed(data):
                        self._has_text = True
                        yield piece
                    if self._is_over(time.monotonic() - last_seconds):
                        return
                    if not data:
                        yield ""
            yield from self._reader.close()
        except AnswerError:
            if not self._reader.has_ended:
                raise

    def _is_over(self, silent_seconds: float) -> bool:
        """Whether all has come, so that nothing more is waited for; some keep the connection open.

        Raises:
            AnswerError: the text has stalled.
        """
        if self._has_text and silent_seconds > _STALL_SECONDS:
            reason = f"its answer stalled (nothing came for {_STALL_SECONDS:g} s in the middle of it); ask again"
            raise AnswerError(reason, may_pass=True)
        return self._reader.is_done or (self._reader.has_ended and silent_seconds > _LINGER_SECONDS)

    def result(self) -> Result:
        return self._reader.result()


def _messages(request: SampleRequest, *, is_one: bool) -> list[dict[str, str]]:
    """The messages; where the endpoint takes no system's, its words begin the next one."""
    told = [{"role": message.role, "content": message.content} for message in request.prompt]
    if is_one and len(told) > 1 and told[0]["role"] == "system":
        told[1] = {**told[1], "content": f"{told[0]['content']}\n\n{told[1]['content']}"}
        return told[1:]
    return told


def _refused_parameter(error: AnswerError, renamed: Mapping[str, str]) -> str:
    """The first parameter that the endpoint does not want, by the name that it was sent under; "" = none."""
    if error.status not in (400, 422):
        return ""
    for name in _OTHER_NAMES:
        sent = renamed.get(name, name)
        is_named = sent and re.search(rf"\b(?:{_AS_REFUSED.get(sent, sent)})\b", error.reason, re.IGNORECASE)
        if is_named and not (name == "max_tokens" and _TOO_MUCH.search(error.reason)):
            return name
    return ""


def _has_waited(seconds: float, cancelled: Cancelled) -> bool:
    """Waits; False when somebody asked to stop meanwhile."""
    left = seconds
    while left > 0:
        if cancelled():
            return False
        time.sleep(min(left, _GLANCE_SECONDS))
        left -= _GLANCE_SECONDS
    return not cancelled()
