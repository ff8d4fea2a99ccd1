"""The one door to engines: what a name means, opened.

Two adapters of one base share it: the base is loaded once and the adapters are swapped. Two different bases are both
kept in memory, or, with `one_at_a_time`, one is put away for the other. Nothing is loaded before it is asked.
"""

import os
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, cast

from workbench.engines.base_model import BUILT_IN, BaseModel, ModelSettings, Weights, answering_model, base_model
from workbench.engines.gguf_adapter import adapter_digest
from workbench.engines.learning.settings import LearnerSettings
from workbench.engines.llama.sampler import LlamaCppSampler
from workbench.engines.names import KEY, EngineName, full_name, is_local, parse_engine
from workbench.engines.protocols import Cancelled, OnCompletion, Sampler, never
from workbench.engines.remote import RemoteSampler
from workbench.errors import EngineError
from workbench.places import located
from workbench.prompts.renderers import Renderer, renderer_for
from workbench.types import Completion, Failed, SampleRequest

if TYPE_CHECKING:
    from workbench.engines.learning.learner import TorchLearner

DOTENV = Path(".env")
_SETTING = re.compile(r"\s*(?:export\s+)?(?P<name>[A-Za-z_]\w*)\s*=\s*(?P<value>.*?)\s*")


class Engines:
    """The engines of one run, each made when first used.

    Args:
        model: which model.
        training: how the learner is adapted and trained.
        seed: of the fresh adapter.
    """

    def __init__(self, model: ModelSettings, training: LearnerSettings, *, seed: int) -> None:
        self._model, self._training, self._seed = model, training, seed

    @cached_property
    def base(self) -> BaseModel:
        """The base model's files; made from the installed package on first use."""
        return base_model(self._model)

    @cached_property
    def renderer(self) -> Renderer:
        """The model's own template and tokenizer."""
        return renderer_for(self.base.checkpoint)

    @cached_property
    def sampler(self) -> LlamaCppSampler:
        """Draws completions through llama.cpp."""
        base, threads = self.base, self._training.threads or None
        return LlamaCppSampler(base.gguf, self.renderer, threads=threads, digest=base.digest)

    @cached_property
    def learner(self) -> "TorchLearner":
        """Scores and trains through torch."""
        from workbench.engines.learning.learner import TorchLearner

        return TorchLearner(self.base.checkpoint, self._training, seed=self._seed)

    def close(self) -> None:
        """Frees what was loaded."""
        if "sampler" in self.__dict__:
            self.sampler.close()


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
        env = "" if is_local(engine.source) else key
        return cast(Sampler, WithoutGrammar(RemoteSampler(engine.source, engine.model, api_key_env=env)))
    return cast(Sampler, Adapted(bases, engine))  # their digests can only be read, and nobody sets one


def open_source(source: str, *, key: str, n_parallel: int, seconds: float, retries: int) -> Sampler:
    """The engine of a name; close it when done.

    Args:
        source: as above.
        key: name of the environment variable that holds the key; endpoints on this machine need none.
        n_parallel: requests under way at once, of an endpoint.
        seconds: for a whole answer of an endpoint.
        retries: after a refusal that may pass.

    Raises:
        EngineError: no such engine, or no key.
    """
    engine = parse_engine(full_name(source))
    if not engine.model:
        return open_pair(full_name(source), full_name(source)).educator
    if not is_local(engine.source) and not take_key(key):
        raise EngineError(f"no key for {engine.source}: set {key} in the environment or in {DOTENV}")
    return RemoteSampler(
        engine.source,
        engine.model,
        api_key_env=key if os.environ.get(key) else "",
        n_parallel=n_parallel,
        seconds=seconds,
        retries=retries,
    )


def take_key(name: str, path: Path = DOTENV) -> bool:
    """Whether there is a key: in the environment, or in the file, from which it is put into this process's own."""
    if os.environ.get(name):
        return True
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError):
        return False
    for line in lines:
        found = _SETTING.fullmatch(line)
        if found and found["name"] == name and found["value"].strip("\"'"):
            os.environ[name] = found["value"].strip("\"'")
            return True
    return False


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
            base.use_adapter(located(engine.adapter) if engine.adapter else None)
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
        return adapter_digest(located(self._engine.adapter)) if self._engine.adapter else ""

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
