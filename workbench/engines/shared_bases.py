"""Base models that several engines share: each is loaded once, when first asked, and adapters are swapped on it.

Two different bases are both kept in memory, or, with `one_at_a_time`, one is put away for the other.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from workbench.engines.adapter_files import learned_digest
from workbench.engines.names import EngineName
from workbench.engines.protocols import Can, Cancelled, OnCompletion, Sampler, never
from workbench.places import located
from workbench.types import Completion, Failed, SampleRequest

Load = Callable[[EngineName], Sampler]


class Bases:
    """The base models in memory.

    Args:
        load: opens the sampler of a name without adapter.
        one_at_a_time: at most one of them is in memory.
    """

    def __init__(self, load: Load, *, one_at_a_time: bool = False) -> None:
        self._load, self._one_at_a_time = load, one_at_a_time
        self._loaded: dict[str, Sampler] = {}
        self._adapters: dict[str, str] = {}
        self.turn = threading.RLock()

    def ready(self, engine: EngineName) -> Sampler:
        """The base with the engine's adapter on it; hold `turn` while it is used."""
        name = str(replace(engine, adapter=""))
        base = self._loaded.get(name)
        if base is None:
            if self._one_at_a_time:
                self.close()
            base = self._loaded[name] = self._load(replace(engine, adapter=""))
            self._adapters[name] = ""
        if self._adapters[name] != engine.adapter:
            base.use_adapter(located(engine.adapter) if engine.adapter else None)
            self._adapters[name] = engine.adapter
        return base

    def close(self) -> None:
        """Frees all of them."""
        while self._loaded:
            self._loaded.popitem()[1].close()


class Adapted:
    """Implements `Sampler`: one adapter on a base that others may share."""

    last: Completion | Failed | None = None

    def __init__(self, bases: Bases, engine: EngineName) -> None:
        self._bases, self._engine = bases, engine

    @property
    def digest(self) -> str:
        """Of the base's file; it is loaded for this."""
        with self._bases.turn:
            return self._bases.ready(self._engine).digest

    @property
    def can(self) -> Can:
        """What its base can do; it is loaded for this."""
        with self._bases.turn:
            return getattr(self._bases.ready(self._engine), "can", Can(samples=True))

    @property
    def adapter_digest(self) -> str:
        """Of the adapter's files."""
        return learned_digest(located(self._engine.adapter)) if self._engine.adapter else ""

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
            self.last = None
            sampler = self._bases.ready(self._engine)
            yield from sampler.stream(request, cancelled=cancelled)
            self.last = sampler.last

    def use_adapter(self, folder: Path | None) -> None:
        """From now on this voice has another adapter."""
        self._engine = replace(self._engine, adapter=str(folder or ""))

    def close(self) -> None:
        """The bases are closed by whoever made them."""


class WithoutGrammar:
    """Implements `Sampler` over one that may take no grammar: there the prompt alone asks for the shape."""

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

    @property
    def last(self) -> Completion | Failed | None:
        """Of the inner model's last stream."""
        return self._inner.last

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


def free_of_grammar(sampler: Sampler) -> Sampler:
    """The sampler itself where it can follow a grammar, else asked without one."""
    can = getattr(sampler, "can", Can(samples=True, grammar=True))
    return sampler if can.grammar else WithoutGrammar(sampler)
