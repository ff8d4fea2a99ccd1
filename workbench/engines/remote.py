"""Any OpenAI-compatible endpoint as a sampler: a frontier API, Ollama, vLLM, llama-server.

It cannot score: chat endpoints give no log-probabilities of a given text, and some give wrong ones, so this is no
`Scorer`. One rule for keys: an endpoint on this machine is asked with none; for any other one the variable that is
named must hold it, in the environment or in `.env`. It is read when the client is made and stays inside it.
"""

import json
import os
import re
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

from workbench.engines.names import is_local
from workbench.engines.protocols import Can, Cancelled, OnCompletion, never
from workbench.errors import EngineError
from workbench.types import Completion, Failed, Reason, SampleRequest, content_id

DOTENV = Path(".env")
_SETTING = re.compile(r"\s*(?:export\s+)?(?P<name>[A-Za-z_]\w*)\s*=\s*(?P<value>.*?)\s*")
_RETRIES = 3
_SECONDS = 120.0  # for a whole answer, however slowly it comes
_MAX_BYTES = 4 * 2**20  # an answer longer than this never ends
_BACK_OFF_SECONDS = 0.5  # before the first new try of a broken answer; doubled each time


def key_variable(url: str, variable: str) -> str:
    """The variable whose key an endpoint is asked with; "" for one on this machine, which is asked with none.

    Raises:
        EngineError: it needs a key and there is none; one line that says where it is looked for.
    """
    if is_local(url):
        return ""
    if not take_key(variable):
        raise EngineError(f"no key for {url}: set {variable} in the environment or in {DOTENV}")
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


class _EndlessError(Exception):
    """An answer that does not end."""


class _BrokenOffError(Exception):
    """An answer of which only a part arrived."""


class RemoteSampler:
    """Implements `Sampler` over HTTP; every request that fails is a `Failed`, the others go on.

    Args:
        base_url: such as http://127.0.0.1:11434/v1.
        model: the endpoint's own name of the model.
        api_key_env: name of the environment variable that holds the key; "" = the endpoint wants none.
        n_parallel: requests under way at once.
        sends_grammar: llama-server and vLLM-like servers take a `grammar`; elsewhere a request with one fails.
        seconds: for a whole answer.
        retries: after a refusal that may pass (429, 5xx, no connection) or an answer that breaks off.
    """

    can = Can(samples=True, seeds=True)
    last: Completion | Failed | None = None

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
        self._base_url, self._model, self._api_key_env = base_url, model, api_key_env
        self._n_parallel, self._sends_grammar = n_parallel, sends_grammar
        self._seconds, self._retries = seconds, retries
        self._made: Any = None
        self._lock = threading.Lock()
        self._closed = False

    def __repr__(self) -> str:
        return f"RemoteSampler({self._base_url!r}, {self._model!r})"

    def sample(
        self,
        requests: Sequence[SampleRequest],
        *,
        on_completion: OnCompletion | None = None,
        cancelled: Cancelled = never,
    ) -> list[Completion | Failed]:
        """One completion a request, in order; `on_completion` is called in the caller's thread."""
        self._client()
        results: list[Completion | Failed] = [Failed(reason=Reason.CANCELLED)] * len(requests)

        def ask(request: SampleRequest) -> Completion | Failed:
            return Failed(reason=Reason.CANCELLED) if cancelled() else self._complete(request)

        with ThreadPoolExecutor(self._n_parallel) as pool:
            index_of = {pool.submit(ask, request): index for index, request in enumerate(requests)}
            for future in as_completed(index_of):
                index = index_of[future]
                results[index] = future.result()
                if on_completion:
                    on_completion(index, results[index])
        return results

    def stream(self, request: SampleRequest, *, cancelled: Cancelled = never) -> Iterator[str]:
        """The pieces of one completion as they come.

        Raises:
            EngineError: the endpoint failed.
        """
        import openai

        try:
            with self._client().chat.completions.create(**self._body(request), stream=True) as chunks:
                for chunk in chunks:
                    if cancelled():
                        return
                    piece = chunk.choices[0].delta.content if chunk.choices else None
                    if piece:
                        yield piece
        except openai.OpenAIError as exc:
            raise EngineError(f"{self._model} at {self._base_url}: {self._reason(exc)}") from None

    def use_adapter(self, folder: Path | None) -> None:
        """An endpoint keeps its own weights.

        Raises:
            EngineError: an adapter is asked for.
        """
        if folder is not None:
            raise EngineError(f"{self._base_url} cannot take the adapter {folder}; use the built-in sampler for it")

    def close(self) -> None:
        """Closes the connections."""
        with self._lock:
            self._closed = True
            if self._made:
                self._made.close()

    # ------------------------------------------------------------ private

    def _client(self) -> Any:
        import openai

        with self._lock:
            if self._closed:
                raise EngineError("the connection is closed; build a new sampler")
            if self._made is None:
                key = os.environ.get(self._api_key_env, "") if self._api_key_env else "none"
                if not key:
                    raise EngineError(f"no key for {self._base_url}: set the environment variable {self._api_key_env}")
                self._made = openai.OpenAI(
                    base_url=self._base_url, api_key=key, max_retries=self._retries, timeout=self._seconds
                )
            return self._made

    def _complete(self, request: SampleRequest) -> Completion | Failed:
        import openai

        if request.grammar and not self._sends_grammar:
            return Failed(reason=Reason.ENGINE, detail="this endpoint is not known to take a grammar")
        for attempt in range(self._retries + 1):
            try:
                return _completion(self._answer(request))
            except openai.OpenAIError as exc:
                # not chained: the foreign error holds the request's headers, and with them the key
                return Failed(reason=Reason.ENGINE, detail=self._reason(exc))
            except _EndlessError as exc:
                return Failed(reason=Reason.ENGINE, detail=str(exc))
            except (_BrokenOffError, ValueError):  # half an answer, or half its JSON
                if attempt < self._retries:
                    time.sleep(_BACK_OFF_SECONDS * 2**attempt)
            except (KeyError, IndexError, AttributeError, TypeError):
                return Failed(reason=Reason.ENGINE, detail="the endpoint's answer has no completion in it")
        return Failed(reason=Reason.ENGINE, detail="the endpoint's answer broke off")

    def _answer(self, request: SampleRequest) -> Any:
        """The answer's JSON, read piece by piece, so that one that never ends can be left."""
        data, deadline = bytearray(), time.monotonic() + self._seconds
        create = self._client().chat.completions.with_streaming_response.create
        with create(**self._body(request)) as response:
            for piece in _pieces(response):
                data += piece
                if len(data) > _MAX_BYTES or time.monotonic() > deadline:
                    raise _EndlessError(f"the answer had not ended after {self._seconds:g} s or {_MAX_BYTES >> 20} MiB")
        return json.loads(data.decode("utf-8"))

    def _body(self, request: SampleRequest) -> dict[str, Any]:
        sampling = request.sampling
        body: dict[str, Any] = {
            "model": self._model,
            "messages": [{"role": message.role, "content": message.content} for message in request.prompt],
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            "max_tokens": sampling.max_new_tokens,
            "seed": request.seed,
        }
        if request.grammar:
            body["extra_body"] = {"grammar": request.grammar}
        return body

    def _reason(self, error: Exception) -> str:
        """One line without anything secret: servers like to repeat the key that they refuse."""
        status = getattr(error, "status_code", None)
        line = " ".join(str(error).split())[:200]
        key = os.environ.get(self._api_key_env, "") if self._api_key_env else ""
        if key:
            line = line.replace(key, "[key]")
        if key and key[:8] in line:
            line = "the server's message repeats a part of the key and is left out"
        return f"HTTP {status}: {line}" if status else f"{type(error).__name__}: {line}"


def _pieces(response: Any) -> Iterator[bytes]:
    """The bytes of an answer; whichever HTTP library the client brings, its errors become ours here."""
    try:
        yield from response.iter_bytes()
    except Exception as exc:
        raise _BrokenOffError(type(exc).__name__) from None


def _completion(answer: Any) -> Completion:
    choice, usage = answer["choices"][0], answer.get("usage") or {}
    text = choice["message"]["content"] or ""
    return Completion(
        text=text,
        n_tokens=int(usage.get("completion_tokens") or len(text.split())),
        ended=choice.get("finish_reason") != "length",
        n_prompt_tokens=int(usage.get("prompt_tokens") or 0),
    )
