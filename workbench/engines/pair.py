"""Two voices, an educator and a poet, opened together by their names: where both are one base, it is loaded once."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from types import TracebackType
from typing import Self

from workbench.engines.names import BUILT_IN, KEY, EngineName, resolve
from workbench.engines.opening import Options, kind_of
from workbench.engines.protocols import Sampler
from workbench.engines.shared_bases import Adapted, Bases, free_of_grammar
from workbench.engines.sources import ModelSettings, Weights


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
    educator: str, poet: str, *, one_at_a_time: bool = False, weights: Weights = "auto", key: str = KEY,
    threads: int = 0, n_ctx: int = 0,
) -> Pair:  # fmt: skip
    """Two engines by name; nothing is loaded yet. One that follows no grammar is asked without.

    Args:
        educator: a name.
        poet: a name, the same one or another.
        one_at_a_time: two different bases are swapped in memory.
        weights: which GGUF of the built-in model samples.
        key: environment variable with the key of remote endpoints; local ones need none.
        threads: of local models; 0 = all cores.
        n_ctx: longest prompt with its answer in tokens, of local models; 0 = as they were made.

    Raises:
        EngineError: a name is no engine's, or there is no key for it.
    """
    options = Options(key=key, threads=threads, n_ctx_per_seq=n_ctx or None)

    def load(bare: EngineName) -> Sampler:
        own: Weights = weights if bare.kind == BUILT_IN else "auto"
        return free_of_grammar(kind_of(bare).sampler(bare, replace(options, model=ModelSettings(weights=own))))

    bases = Bases(load, one_at_a_time=one_at_a_time)
    samplers: list[Sampler] = []
    for engine in (resolve(educator), resolve(poet)):
        is_shared = kind_of(engine).can.adapters
        samplers.append(Adapted(bases, engine) if is_shared else load(engine))

    def close() -> None:
        bases.close()
        for sampler in samplers:
            sampler.close()

    return Pair(samplers[0], samplers[1], close=close)
