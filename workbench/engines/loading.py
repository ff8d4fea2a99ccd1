"""From settings to engines: one base model, its renderer, a sampler and a learner that share its weights.

Nothing is loaded until it is asked for, so a command that only reads records stays quick.
"""

from functools import cached_property
from typing import TYPE_CHECKING

from workbench.engines.embedded import BaseModel, ModelSettings, base_model
from workbench.engines.learner_settings import LearnerSettings
from workbench.engines.llamacpp import LlamaCppSampler
from workbench.engines.protocols import Renderer
from workbench.renderers import renderer_for

if TYPE_CHECKING:
    from workbench.engines.learner import TorchLearner


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
        from workbench.engines.learner import TorchLearner

        return TorchLearner(self.base.checkpoint, self._training, seed=self._seed)

    def close(self) -> None:
        """Frees what was loaded."""
        if "sampler" in self.__dict__:
            self.sampler.close()
