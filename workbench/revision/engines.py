"""Engines by name, for educator and poet alike.

    built-in                     the built-in model
    built-in+models/poet         with a LoRA adapter, a PEFT folder
    path/to/model.gguf           a GGUF file; path/to/model.gguf+FOLDER with an adapter of it
    remote:http://127.0.0.1:11434/v1#llama3.1      any OpenAI-compatible endpoint; the key from the environment

Two adapters of one base share it: the base is loaded once and the adapters are swapped. Two different bases are both
kept in memory, or, with `one_at_a_time`, one is put away for the other. Nothing is loaded before it is asked.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Self, cast

from workbench.engines.embedded import BUILT_IN, ModelSettings, Weights, answering_model
from workbench.engines.gguf_adapter import adapter_digest
from workbench.engines.llamacpp import LlamaCppSampler
from workbench.engines.protocols import Cancelled, OnCompletion, Sampler, never
from workbench.engines.remote import RemoteSampler
from workbench.errors import EngineError
from workbench.renderers import renderer_for
from workbench.types import Completion, Failed, SampleRequest

KEY = "OPENAI_API_KEY"
_LOCAL = ("http://127.0.0.1", "http://localhost", "http://[::1]")
ADAPTER_FILE = "adapter_config.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineName:
    """A name taken apart."""

    source: str  # built-in, a .gguf path, or the URL of an endpoint
    adapter: str = ""  # folder
    model: str = ""  # the endpoint's own name; "" = not remote


def parse_engine(name: str) -> EngineName:
    """Takes a name apart, without looking at the disk.

    >>> parse_engine("built-in+models/poet")
    EngineName(source='built-in', adapter='models/poet', model='')

    Raises:
        EngineError: no such kind of name; the message shows the kinds.
    """
    if name.startswith("remote:"):
        url, _, model = name.removeprefix("remote:").rpartition("#")
        if url.startswith(("http://", "https://")) and model:
            return EngineName(source=url, model=model)
        raise EngineError(f"{name!r}: write remote:URL#MODEL, for example remote:http://127.0.0.1:11434/v1#llama3.1")
    source, plus, adapter = name.partition("+")
    if (source != BUILT_IN and not source.endswith(".gguf")) or (plus and not adapter):
        raise EngineError(
            f"{name!r}: no such engine; write {BUILT_IN}, {BUILT_IN}+FOLDER, FILE.gguf or remote:URL#MODEL"
        )
    return EngineName(source=source, adapter=adapter)


def available(name: str) -> tuple[str, str]:
    """The name as it can be used here, and one line for people where it is another one.

    An adapter of the built-in model that is not there is left out: the base speaks for itself.
    """
    engine = parse_engine(name)
    if engine.source == BUILT_IN and engine.adapter and not (Path(engine.adapter) / ADAPTER_FILE).is_file():
        return BUILT_IN, f"{engine.adapter}: no adapter there yet; the built-in model itself takes its place"
    return name, ""


class Pair(AbstractContextManager["Pair"]):
    """An educator and a poet, and the bases below them; close it, or use it as a context.

    Attributes:
        educator: answers brief, critique and final note.
        poet: answers drafts.
    """

    def __init__(self, educator: Sampler, poet: Sampler, *, close: Callable[[], None]) -> None:
        self.educator, self.poet, self._close = educator, poet, close

    def close(self) -> None:
        """Frees what was loaded."""
        self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def open_pair(
    educator: str, poet: str, *, one_at_a_time: bool = False, weights: Weights = "auto", key: str = KEY
) -> Pair:
    """Two engines by name; nothing is loaded yet.

    Args:
        educator: a name as above.
        poet: a name as above, the same one or another.
        one_at_a_time: two different bases are swapped in memory.
        weights: which GGUF of the built-in model samples.
        key: environment variable with the key of remote endpoints; local ones need none.

    Raises:
        EngineError: a name is no engine's.
    """
    bases = Bases(one_at_a_time=one_at_a_time, weights=weights)
    samplers = [_sampler(parse_engine(name), bases, key) for name in (educator, poet)]

    def close() -> None:
        bases.close()
        for sampler in samplers:
            sampler.close()

    return Pair(samplers[0], samplers[1], close=close)


def _sampler(engine: EngineName, bases: "Bases", key: str) -> Sampler:
    if engine.model:
        env = "" if engine.source.startswith(_LOCAL) else key
        return cast(Sampler, WithoutGrammar(RemoteSampler(engine.source, engine.model, api_key_env=env)))
    return cast(Sampler, Adapted(bases, engine))  # their digests can only be read, and nobody sets one


class Bases:
    """The base models in memory, each loaded when first asked for."""

    def __init__(self, *, one_at_a_time: bool, weights: Weights) -> None:
        self._one_at_a_time, self._weights = one_at_a_time, weights
        self._loaded: dict[str, LlamaCppSampler] = {}
        self._adapters: dict[str, str] = {}
        self.turn = threading.RLock()

    def ready(self, engine: EngineName) -> LlamaCppSampler:
        """The base with the engine's adapter on it; hold `turn` while it is used."""
        base = self._loaded.get(engine.source)
        if base is None:
            if self._one_at_a_time:
                self.close()
            base = self._loaded[engine.source] = self._load(engine.source)
            self._adapters[engine.source] = ""
        if self._adapters[engine.source] != engine.adapter:
            base.use_adapter(Path(engine.adapter) if engine.adapter else None)
            self._adapters[engine.source] = engine.adapter
        return base

    def close(self) -> None:
        """Frees all of them."""
        while self._loaded:
            self._loaded.popitem()[1].close()

    def _load(self, source: str) -> LlamaCppSampler:
        weights: Weights = self._weights if source == BUILT_IN else "shipped"
        base = answering_model(ModelSettings(source=source, weights=weights))
        return LlamaCppSampler(base.gguf, renderer_for(base.checkpoint), digest=base.digest)


class Adapted:
    """Implements `Sampler`: one adapter on a base that others may share."""

    def __init__(self, bases: Bases, engine: EngineName) -> None:
        self._bases, self._engine = bases, engine

    @property
    def digest(self) -> str:
        """Of the base's file; it is loaded for this."""
        with self._bases.turn:
            return self._bases.ready(self._engine).digest

    @property
    def adapter_digest(self) -> str:
        """Of the adapter's files."""
        return adapter_digest(Path(self._engine.adapter)) if self._engine.adapter else ""

    def sample(
        self,
        requests: Sequence[SampleRequest],
        *,
        on_completion: OnCompletion | None = None,
        cancelled: Cancelled = never,
    ) -> list[Completion | Failed]:
        """As the base samples, with this adapter."""
        with self._bases.turn:
            return self._bases.ready(self._engine).sample(requests, on_completion=on_completion, cancelled=cancelled)

    def stream(self, request: SampleRequest, *, cancelled: Cancelled = never) -> Iterator[str]:
        """As the base streams, with this adapter; close the iterator before asking the other voice."""
        with self._bases.turn:
            yield from self._bases.ready(self._engine).stream(request, cancelled=cancelled)

    def use_adapter(self, folder: Path | None) -> None:
        """From now on this voice has another adapter."""
        self._engine = replace(self._engine, adapter=str(folder or ""))

    def close(self) -> None:
        """The bases are closed by their pair."""


class WithoutGrammar:
    """Implements `Sampler` over one that takes no grammar: the prompt alone asks for the shape."""

    def __init__(self, inner: Sampler) -> None:
        self._inner = inner

    @property
    def digest(self) -> str:
        """Of the inner model."""
        return self._inner.digest

    @property
    def adapter_digest(self) -> str:
        """Of the inner model's adapter."""
        return self._inner.adapter_digest

    def sample(
        self,
        requests: Sequence[SampleRequest],
        *,
        on_completion: OnCompletion | None = None,
        cancelled: Cancelled = never,
    ) -> list[Completion | Failed]:
        """As the inner one samples."""
        free = [replace(request, grammar="") for request in requests]
        return self._inner.sample(free, on_completion=on_completion, cancelled=cancelled)

    def stream(self, request: SampleRequest, *, cancelled: Cancelled = never) -> Iterator[str]:
        """As the inner one streams."""
        return self._inner.stream(replace(request, grammar=""), cancelled=cancelled)

    def use_adapter(self, folder: Path | None) -> None:
        """As the inner one does."""
        self._inner.use_adapter(folder)

    def close(self) -> None:
        """Closes the inner one."""
        self._inner.close()
