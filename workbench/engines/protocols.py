"""What the workbench asks of a model. Small contracts: a batch in, a batch of the same length out, order kept.

Engines know nothing of poems, runs or phases. Inputs are never changed; how an engine batches, threads or caches is
its private matter. One item that fails is a value (`Failed`, `Unscored`); an engine that fails raises `EngineError`.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from workbench.types import Completion, Failed, Rendered, SampleRequest, Score, StepResult, Unscored

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Cancelled = Callable[[], bool]
OnCompletion = Callable[[int, Completion | Failed], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Can:
    """What an engine can do; what it cannot it refuses by name."""

    samples: bool = False
    scores: bool = False  # log-probabilities of a given text
    learns: bool = False
    seeds: bool = False  # the same seed gives the same text
    grammar: bool = False  # an answer that must follow a GBNF grammar
    adapters: bool = False  # a PEFT LoRA folder over the base
    resumes: bool = False  # training stopped and resumed = training that was never stopped, to the byte


def never() -> bool:
    """The default answer to "has somebody asked to stop?"."""
    return False


@runtime_checkable
class Sampler(Protocol):
    """Draws completions."""

    @property
    def digest(self) -> str:
        """Of the model's file."""
        ...

    @property
    def adapter_digest(self) -> str:
        """Of the adapter's weights; "" = none."""
        ...

    @property
    def last(self) -> Completion | Failed | None:
        """How the last stream came out, and so whether it was cut; None while one is under way, or was left."""
        ...

    def sample(
        self,
        requests: Sequence[SampleRequest],
        *,
        on_completion: OnCompletion | None = None,
        cancelled: Cancelled = never,
    ) -> list[Completion | Failed]:
        """One completion a request, in order. `on_completion(i, result)` is called as each one ends."""
        ...

    def stream(self, request: SampleRequest, *, cancelled: Cancelled = never) -> Iterator[str]:
        """The pieces of one completion as they come; joined they are its text."""
        ...

    def use_adapter(self, folder: Path | None) -> None:
        """Swaps in the LoRA adapter of a PEFT folder (None = the base) without loading the base again."""
        ...

    def close(self) -> None:
        """Frees the model's memory; a closed engine refuses further work."""
        ...


@runtime_checkable
class Scorer(Protocol):
    """Gives the loss of a text under the model."""

    digest: str  # of the base weights

    @property
    def adapter_digest(self) -> str:
        """Of the adapter's present weights; "" = none."""
        ...

    def score(self, rendered: Sequence[Rendered], *, cancelled: Cancelled = never) -> list[Score | Unscored]:
        """Per-token losses of each target given its context, in nats, in order."""
        ...


@runtime_checkable
class Learner(Scorer, Protocol):
    """Scores and trains the same weights, and gives back its exact state."""

    def step(
        self, batch: Sequence[Rendered], *, learning_rate: float, weights: Sequence[float] | None = None
    ) -> StepResult:
        """One optimizer step on the sum of the batch's target losses divided by its target tokens.

        `weights` multiplies the loss of each sequence (all 1 where left out; negative = away from it).

        Raises:
            DivergedError: the loss or the gradient is not finite; the weights are as before the step.
        """
        ...

    def frozen(self) -> AbstractContextManager[None]:
        """Inside, `score` uses the base weights without the adapter."""
        ...

    def reset(self, seed: int) -> None:
        """A fresh adapter and optimizer from this seed."""
        ...

    def save_adapter(self, folder: Path) -> str:
        """Writes a PEFT adapter folder (safetensors and JSON) and returns its digest."""
        ...

    def load_adapter(self, folder: Path) -> None:
        """Takes the weights of a PEFT adapter folder."""
        ...

    def save_state(self, folder: Path) -> None:
        """Writes adapter, optimizer and random state into an existing empty folder, safetensors and JSON only."""
        ...

    def load_state(self, folder: Path) -> None:
        """Takes back exactly what `save_state` wrote."""
        ...


class BatchingLearner(Learner, Protocol):
    """A learner that says in which batches it scores, so that they can be scored elsewhere to the same last bit."""

    def batches(self, rendered: Sequence[Rendered]) -> list[list[Rendered]]:
        """Distinct items that can be scored, as they go through the model together; each batch is one again."""
        ...


@runtime_checkable
class TokenModel(Protocol):
    """Gives log-probabilities token by token, for decoders of our own; an engine without logits has none."""

    digest: str  # of the model file
    n_vocab: int
    n_rows: int  # tokens read so far

    def tokens(self, text: str) -> list[int]:
        """Token ids of a text, without marks of the chat format."""
        ...

    def piece(self, token: int) -> bytes:
        """The bytes that a token stands for; none for a mark of the chat format."""
        ...

    def open(self, n_streams: int, n_tokens_each: int) -> None:
        """Empty streams; what was in memory before is gone."""
        ...

    def copy(self, source: int, target: int, n_tokens: int) -> None:
        """Makes `target` hold the first tokens of `source`; the same stream twice only shortens it."""
        ...

    def read(self, rows: Sequence[tuple[int, int, int]]) -> "NDArray[np.float32]":
        """Log-probabilities (nats) of the token after each row of (stream, token, position); rows × vocabulary."""
        ...

    def read_ends(self, parts: Sequence[tuple[int, Sequence[int], int]]) -> "NDArray[np.float32]":
        """Appends tokens to each (stream, tokens, position from which on); log-probabilities after each last one."""
        ...

    def close(self) -> None:
        """Frees the model's memory."""
        ...
