"""The one door to engines: what a name means, opened as sampler, scorer or learner. Nobody else opens a model.

`ENGINES` is the table: a kind of name, what it can, and the functions that open it. To add an engine, write one file
with a class that keeps the contract of `protocols.py`, a function that opens it, and a line here; the contract suite
(tests/engines/test_contract.py) then runs on it. A kind that is written KIND:REST needs no change in `names.py`.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.engines.base_model import BaseModel, answering_model, base_checkpoint, base_model, writing_engine
from workbench.engines.endpoint import key_variable
from workbench.engines.learning.settings import LearnerSettings
from workbench.engines.llama.sampler import LlamaCppSampler
from workbench.engines.local_sampler import LocalSampler
from workbench.engines.names import (
    BUILT_IN,
    CHECKPOINT,
    GGUF,
    KEY,
    REMOTE,
    TINKER,
    VLLM,
    EngineName,
    parse_engine,
    resolve,
)
from workbench.engines.protocols import BatchingLearner, Can, Sampler
from workbench.engines.remote import RemoteSampler
from workbench.engines.shared_bases import Adapted, Bases
from workbench.engines.sources import ModelSettings, Writes
from workbench.errors import ConfigError, EngineError
from workbench.prompts.renderers import Renderer, renderer_for

if TYPE_CHECKING:
    from workbench.engines.learning.learner import TorchLearner
    from workbench.engines.learning.ranks import Ranks

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a sampler is opened; each kind reads its own part."""

    model: ModelSettings = field(default_factory=ModelSettings)  # of a model in process, all but its source
    threads: int = 0  # 0 = all cores
    n_ctx_per_seq: int | None = None  # longest prompt with its answer; None = as the model was made
    key: str = KEY  # of an endpoint: variable with the key
    n_parallel: int = 8  # requests under way at once
    seconds: float = 120.0  # for a whole answer
    retries: int = 3  # after a refusal that may pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A line of the table."""

    can: Can  # what every engine of this kind can; a sampler may say more of itself in its own `can`
    sampler: Callable[[EngineName, Options], Sampler]
    learner: Callable[[ModelSettings, LearnerSettings, int], BatchingLearner] | None = None
    base: Callable[[EngineName, ModelSettings], BaseModel] | None = None  # where weights are elsewhere


# ---------------------------------------------------------------- how each kind is opened


def _local(name: EngineName, options: Options) -> LocalSampler:
    """llama.cpp where there is a GGUF or one can be made, transformers elsewhere."""
    base = answering_model(replace(options.model, source=name.source))
    return _sampler_of(base, _renderer(base, options.model), options)


def _by_transformers(name: EngineName, options: Options, engine: Writes = "transformers") -> LocalSampler:
    model = replace(options.model, source=name.source, weights="checkpoint", engine=engine)
    base, options = base_model(model), replace(options, model=model)
    return _sampler_of(base, _renderer(base, options.model), options)


def _by_vllm(name: EngineName, options: Options) -> LocalSampler:
    return _by_transformers(name, options, engine="vllm")


def _sampler_of(base: BaseModel, renderer: Renderer, options: Options) -> LocalSampler:
    threads, n_ctx = options.threads or None, options.n_ctx_per_seq
    engine, why = writing_engine(base, options.model.engine)
    _log.info("%s samples by %s: %s", base.name, engine, why)
    if engine == "vllm":
        from workbench.engines.vllm_sampler import VllmSampler

        return VllmSampler(base.checkpoint, renderer, n_ctx_per_seq=n_ctx, digest=base.digest)
    if engine == "llama.cpp" and base.gguf_file:
        return LlamaCppSampler(base.gguf_file, renderer, n_ctx_per_seq=n_ctx, threads=threads, digest=base.digest)
    from workbench.engines.transformers_sampler import TransformersSampler

    return TransformersSampler(base.checkpoint, renderer, n_ctx_per_seq=n_ctx, threads=threads, digest=base.digest)


def _renderer(base: BaseModel, model: ModelSettings) -> Renderer:
    return renderer_for(base.checkpoint, kind=model.kind, keep_thinking=model.keep_thinking)


def _endpoint(name: EngineName, options: Options) -> RemoteSampler:
    variable = key_variable(name.source, options.key or KEY)
    return RemoteSampler(
        name.source,
        name.model,
        api_key_env=variable,
        n_parallel=options.n_parallel,
        seconds=options.seconds,
        retries=options.retries,
    )


def _torch(model: ModelSettings, settings: LearnerSettings, seed: int) -> BatchingLearner:
    from workbench.engines.learning.leading import lead

    return lead((model, settings, seed), lambda ranks: torch_learner(model, settings, seed, ranks))


def torch_learner(model: ModelSettings, settings: LearnerSettings, seed: int, ranks: "Ranks") -> "TorchLearner":
    """The learner of one process, alone or one of several."""
    from workbench.engines.learning.learner import TorchLearner

    return TorchLearner(ranks.together(lambda: base_checkpoint(model)), settings, seed=seed, ranks=ranks)


def _tinker(name: EngineName, options: Options) -> Sampler:
    from workbench.engines.tinker_api.sampler import TinkerSampler
    from workbench.engines.tinker_api.service import Service

    base = _far_base(name, options.model)
    return TinkerSampler(Service(name), base, _renderer(base, options.model))


def _tinker_learner(model: ModelSettings, settings: LearnerSettings, seed: int) -> BatchingLearner:
    from workbench.engines.tinker_api.learner import TinkerLearner
    from workbench.engines.tinker_api.service import Service

    name = resolve(model.source)
    return TinkerLearner(Service(name), _far_base(name, model), settings, seed=seed)


def _far_base(name: EngineName, model: ModelSettings) -> BaseModel:
    from workbench.engines.tinker_api.service import far_model

    return far_model(name, model)


_LOCAL = Can(samples=True, scores=True, learns=True, seeds=True, adapters=True, resumes=True)

ENGINES: dict[str, Kind] = {
    BUILT_IN: Kind(can=replace(_LOCAL, grammar=True), sampler=_local, learner=_torch),
    GGUF: Kind(can=replace(_LOCAL, grammar=True), sampler=_local, learner=_torch),
    CHECKPOINT: Kind(can=_LOCAL, sampler=_local, learner=_torch),
    "transformers": Kind(can=replace(_LOCAL, scores=False, learns=False, resumes=False), sampler=_by_transformers),
    REMOTE: Kind(can=RemoteSampler.can, sampler=_endpoint),
    VLLM: Kind(can=replace(_LOCAL, scores=False, learns=False, resumes=False), sampler=_by_vllm),
    TINKER: Kind(can=replace(_LOCAL, resumes=False), sampler=_tinker, learner=_tinker_learner, base=_far_base),
}


# ---------------------------------------------------------------- the door


def kind_of(engine: EngineName) -> Kind:
    """The line of the table.

    Raises:
        EngineError: there is no such kind, or it takes no adapter and one is named.
    """
    if engine.kind not in ENGINES:
        raise EngineError(f"{str(engine)!r}: no engine of the kind {engine.kind!r}; there are {', '.join(ENGINES)}")
    if engine.adapter and not ENGINES[engine.kind].can.adapters:
        bare = replace(engine, adapter="")
        raise EngineError(f"{bare}: an engine of the kind {engine.kind!r} takes no adapter ({engine.adapter})")
    return ENGINES[engine.kind]


def open_sampler(name: str, options: Options | None = None) -> Sampler:
    """The sampler of a name; nothing is loaded before it is asked. Close it when done.

    Raises:
        EngineError: no such engine, it cannot do what the name asks, or there is no key for it.
    """
    engine, options = resolve(name), options or Options()
    kind = kind_of(engine)
    if not kind.can.adapters:
        return kind.sampler(engine, options)
    return _Owning(Bases(lambda bare: kind.sampler(bare, options)), engine)


def open_model(settings: ModelSettings, options: Options) -> tuple[LocalSampler, Renderer]:
    """A model in this process, loaded now, with its renderer: for a server that counts tokens.

    Raises:
        EngineError: it cannot be found or loaded.
    """
    base = answering_model(settings)
    renderer = _renderer(base, settings)
    return _sampler_of(base, renderer, options), renderer


def open_renderer(settings: ModelSettings) -> Renderer:
    """The template and tokenizer of a model; no weights are loaded.

    Raises:
        EngineError: the model cannot be found.
    """
    return renderer_for(base_checkpoint(settings), kind=settings.kind, keep_thinking=settings.keep_thinking)


class _Owning(Adapted):
    """An engine with a base of its own."""

    def close(self) -> None:
        """Frees the base."""
        self._bases.close()


class Engines:
    """The engines of one run, each made when first used.

    Args:
        model: which model is taught, and which one writes.
        learner: how it is adapted and trained.
        seed: of the fresh adapter.

    Raises:
        ConfigError: a setting would do nothing.
    """

    def __init__(self, model: ModelSettings, learner: LearnerSettings, *, seed: int) -> None:
        self._model, self._settings, self._seed = model, learner, seed
        if model.sampler and model.weights != "auto":
            raise ConfigError("model.weights says which GGUF samples, but model.sampler does; leave one out")
        if model.engine != "auto" and (model.sampler or model.source.startswith(f"{TINKER}:")):
            raise ConfigError("model.engine is of a model in process; leave it out with a sampler elsewhere")
        if model.sampler_key and not (model.sampler and parse_engine(model.sampler).kind == REMOTE):
            raise ConfigError("model.sampler_key is for an endpoint, and model.sampler is none; leave it out")

    @property
    def takes_adapters(self) -> bool:
        """Whether the sampler writes with what the learner has learned; another model keeps its own weights."""
        return not self._model.sampler

    @cached_property
    def checkpoint(self) -> Path:
        """What learner and renderer read."""
        return self.base.checkpoint if self._kind.base else base_checkpoint(self._model)

    @cached_property
    def base(self) -> BaseModel:
        """The model's files, those that sample included; made on first use. With another sampler none are made."""
        if self._kind.base:
            return self._kind.base(resolve(self._model.source), self._model)
        return base_model(replace(self._model, weights="checkpoint") if self._model.sampler else self._model)

    @cached_property
    def renderer(self) -> Renderer:
        """The model's own template and tokenizer."""
        return renderer_for(self.checkpoint, kind=self._model.kind, keep_thinking=self._model.keep_thinking)

    @cached_property
    def sampler(self) -> Sampler:
        """Draws completions: the model itself, or the engine that `model.sampler` names."""
        options = Options(model=self._model, threads=self._settings.threads, key=self._model.sampler_key or KEY)
        if self._model.sampler:
            own = ModelSettings(allow_download=self._model.allow_download, cache=self._model.cache)
            return open_sampler(self._model.sampler, replace(options, model=own))
        if self._kind.base:
            return self._kind.sampler(resolve(self._model.source), options)
        return _sampler_of(self.base, self.renderer, options)

    @cached_property
    def _kind(self) -> Kind:
        """Of the model that is taught."""
        return kind_of(replace(resolve(self._model.source), adapter=""))

    @cached_property
    def learner(self) -> BatchingLearner:
        """Scores and trains."""
        engine = resolve(self._model.source)
        opened = kind_of(engine).learner
        if opened is None:
            raise EngineError(
                f"model.source={engine}: this kind of engine cannot be taught; write model.sampler for it"
            )
        return opened(self._model, self._settings, self._seed)

    def close(self) -> None:
        """Frees what was loaded."""
        if "sampler" in self.__dict__:
            self.sampler.close()
