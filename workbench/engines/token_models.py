"""The same door for models that are asked token by token: verified writing and decoders of one's own.

Apart from `opening.py` since what comes out is no sampler: it keeps `protocols.TokenModel`, and needs a GGUF.
"""

from dataclasses import dataclass, replace
from pathlib import Path

from workbench.engines.base_model import answering_model
from workbench.engines.llama.token_model import LlamaTokenModel
from workbench.engines.names import REMOTE, resolve
from workbench.engines.opening import kind_of
from workbench.engines.protocols import TokenModel
from workbench.engines.sources import ModelSettings
from workbench.engines.threads import n_processors
from workbench.errors import EngineError
from workbench.places import located
from workbench.prompts.renderers import Renderer, renderer_for


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedTokens:
    """A model asked token by token, with the renderer of its prompts."""

    model: TokenModel
    renderer: Renderer
    memory: Path  # a folder beside the model's files, for what is computed once a vocabulary


def open_token_model(name: str, *, settings: ModelSettings | None = None, threads: int = 0) -> OpenedTokens:
    """An engine with logits, by name; loaded at once, close its model when done.

    Args:
        name: as everywhere: built-in, a GGUF, a Hugging Face folder, each with an adapter or without.
        settings: of the model, all but its source.
        threads: 0 = all processors.

    Raises:
        EngineError: the name is not an engine's, or the engine gives no logits.
    """
    engine = resolve(name)
    kind_of(engine)
    if engine.kind == REMOTE:
        raise EngineError(f"{engine}: an endpoint gives no logits; verified writing needs a model on this machine")
    settings = replace(settings or ModelSettings(), source=engine.source)
    base = answering_model(settings)
    if not base.gguf_file:
        raise EngineError(f"{engine}: no GGUF can be made of this model, and verified writing reads one")
    model = LlamaTokenModel(
        base.gguf_file, digest=base.digest, threads=threads or n_processors(),
        adapter=located(engine.adapter) if engine.adapter else None,
    )  # fmt: skip
    renderer = renderer_for(base.checkpoint, kind=settings.kind, keep_thinking=settings.keep_thinking)
    return OpenedTokens(model=model, renderer=renderer, memory=base.checkpoint.parent)
