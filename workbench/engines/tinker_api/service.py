"""The Tinker API by its own SDK: where a server is, what it may be asked with, and one line for what it refuses.

    tinker:MODEL        the hosted service, or the server that TINKER_BASE_URL names
    tinker:URL#MODEL    a server of one's own that speaks the same API

MODEL is the server's name of it, a hub id or a folder; its tokenizer and its template are read here, since every prompt
is sent as the token ids of our own renderer. What was learned stays at the server: a folder of ours holds its paths.

    FOLDER/tinker.json            paths at the server, and the digest of what lies there
    FOLDER/adapter_config.json    of an adapter: the base that it belongs to

The only module that imports tinker. A server on this machine is asked with no key, another one with TINKER_API_KEY.
"""

import inspect
import json
import os
from collections.abc import Callable
from concurrent.futures import TimeoutError as TooLateError
from dataclasses import asdict, dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from workbench.engines.adapter_files import FAR_FILE, far_digest
from workbench.engines.base_model import BaseModel
from workbench.engines.endpoint import take_key
from workbench.engines.http_refusals import shown_url
from workbench.engines.names import ADAPTER_FILE, EngineName, is_local, tinker_place
from workbench.engines.sources import ModelSettings, words_folder
from workbench.errors import DamagedError, EngineError
from workbench.types import Failed, Reason, content_id

KEY = "TINKER_API_KEY"
_NO_KEY = "tml-none"  # the SDK wants one of this shape from everybody
_SECONDS = 3600.0  # for one answer of a server, which may have a queue
_OF_ONE_REQUEST = (400, 404, 413, 422)  # what another request may be answered well after
_SHOWN = 300  # characters of what a server said


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What `tinker.json` holds. A path is "" where nothing has been learned yet: the base, and a seed."""

    base: str  # digest of the server and its model
    digest: str  # of what was learned: of all that it was learned from
    seed: int  # of the fresh adapter
    state: str = ""  # path of weights with the optimizer
    sampler: str = ""  # path of weights that sample and score


class Service:
    """A server and one model of it; asked for the first time when there is work.

    Attributes:
        model: what the server calls it.
        digest: of both.
    """

    def __init__(self, name: EngineName) -> None:
        self._url, self.model = tinker_place(name)
        self._name = name
        self._is_closed = False
        self.digest = _digest(name)
        if not find_spec("tinker"):
            raise EngineError(f"{name}: the Tinker SDK is not installed; pip install 'poetry-workbench[tinker]'")
        self._key = self._found_key()

    def sampling(self, path: str = "") -> Any:
        """The SDK's client that samples and scores: the base model, or what was saved under a path."""
        named = {"model_path": path} if path else {"base_model": self.model}
        return self.wait(lambda: self.client.create_sampling_client(**named))

    def fresh(self, **shape: Any) -> Any:
        """The SDK's client that trains a fresh adapter."""
        return self.wait(lambda: self.client.create_lora_training_client(self.model, **shape))

    def again(self, path: str, *, with_optimizer: bool) -> Any:
        """The SDK's client that trains on from saved weights."""
        if with_optimizer:
            return self.wait(lambda: self.client.create_training_client_from_state_with_optimizer(path))
        return self.wait(lambda: self.client.create_training_client_from_state(path))

    @cached_property
    def client(self) -> Any:
        """The SDK's client; a session at the server begins."""
        import tinker

        os.environ.setdefault("TINKER_TELEMETRY", "0")  # the SDK would report its errors and calls
        return self.wait(lambda: tinker.ServiceClient(base_url=self._url or None, api_key=self._key or None))

    def wait(self, call: Callable[[], Any]) -> Any:
        """What a call of the SDK gives, waited for where it is a future.

        Raises:
            EngineError: the server refuses, cannot be reached, or takes too long; one line.
        """
        found = self.result(call)
        if isinstance(found, Failed):
            raise EngineError(found.detail)
        return found

    def result(self, call: Callable[[], Any]) -> Any:
        """As `wait`, but what is wrong with this one request alone comes back as a `Failed`."""
        found = self.begun(call)
        return self.begun(lambda: found.result(timeout=_SECONDS)) if hasattr(found, "result") else found

    def begun(self, call: Callable[[], Any]) -> Any:
        """As `result`, but a future is not waited for."""
        import httpx
        import tinker

        if self._is_closed:
            raise EngineError(f"{self._name}: closed; open it again")
        try:
            return call()
        except (tinker.TinkerError, httpx.HTTPError, TooLateError, ValueError, OSError) as exc:
            said = f"{self._shown}: {_said(exc)}"
            if _is_of_one_request(exc):
                return Failed(reason=Reason.ENGINE, detail=said)
            raise EngineError(said) from exc

    def takes(self, method: Any, parameter: str) -> bool:
        """Whether this version of the SDK has a parameter."""
        return parameter in inspect.signature(method).parameters

    def close(self) -> None:
        """Ends the session, which frees its place at the server where the SDK can say so."""
        if "client" in self.__dict__ and not self._is_closed and hasattr(self.client, "close"):
            self.wait(lambda: self.client.close("success"))
        self._is_closed = True

    def write(self, folder: Path, saved: Saved, *, rank: int) -> None:
        """Puts what is needed to find it again into a folder."""
        (folder / FAR_FILE).write_text(json.dumps(asdict(saved), indent=2, sort_keys=True) + "\n", "utf-8")
        config = {"base_model_name_or_path": str(self._name), "peft_type": "LORA", "r": rank}
        (folder / ADAPTER_FILE).write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", "utf-8")

    def read(self, folder: Path) -> Saved:
        """What `write` has put there.

        Raises:
            EngineError: the folder holds no such thing, or it is of another server or model.
            DamagedError: the file cannot be read.
        """
        far_digest(folder)
        try:
            saved = Saved(**json.loads((folder / FAR_FILE).read_text("utf-8")))
        except (OSError, ValueError, TypeError) as exc:
            raise DamagedError(f"{folder / FAR_FILE}: cannot be read ({exc}); resume from an older checkpoint") from exc
        if saved.base != self.digest:
            raise EngineError(f"{folder}: learned at another server or on another model than {self._name}")
        return saved

    # ------------------------------------------------------------ private

    @property
    def _shown(self) -> str:
        return f"{self.model} at {shown_url(self._url) if self._url else 'Tinker'}"

    def _found_key(self) -> str:
        if self._url and is_local(self._url):
            return _NO_KEY
        if not take_key(KEY):
            raise EngineError(f"{self._name}: set {KEY} in the environment or in .env")
        return ""  # the SDK reads it


def far_model(name: EngineName, settings: ModelSettings) -> BaseModel:
    """The model's tokenizer, template and configuration, as they are here; its weights are at the server.

    Raises:
        EngineError: its tokenizer is not on this machine.
    """
    _, model = tinker_place(name)
    folder = words_folder(model, allow_download=settings.allow_download)
    return BaseModel(name=model, checkpoint=folder, gguf_file=None, weights="tinker", digest=_digest(name))


def _digest(name: EngineName) -> str:
    """Of a server and its model."""
    return content_id("tinker", *tinker_place(name))


def _is_of_one_request(exc: Exception) -> bool:
    import tinker

    failed = getattr(tinker, "RequestFailedError", ())
    status = getattr(exc, "status_code", 0)
    return isinstance(exc, ValueError) or status in _OF_ONE_REQUEST or (bool(failed) and isinstance(exc, failed))


def _said(exc: Exception) -> str:
    words = " ".join(str(exc).split())
    return (words or type(exc).__name__)[:_SHOWN]
