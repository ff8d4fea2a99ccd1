"""The engines of a run whose sampler and scorer are spread over a fleet: the loop sees the same contracts as ever.

    sample   requests of one prompt stay together, so that each prompt is read once
    score    in the micro-batches that the learner itself would make, so that every loss is the same to the last bit
    train    stays here: one set of weights; workers are sent the adapter when it has changed

A completion does not depend on its company (`llama/sampler.py`), so a run has the same records with a fleet and
without. A request whose worker died is done again; one that kills whoever reads it is a `Failed` or `Unscored`.
"""

import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from workbench.engines.adapter_files import learned_digest
from workbench.engines.fleet import Fleet, Lost
from workbench.engines.learning.settings import LearnerSettings
from workbench.engines.opening import Engines
from workbench.engines.protocols import BatchingLearner, Cancelled, OnCompletion, Sampler, never
from workbench.engines.sources import ModelSettings
from workbench.errors import EngineError
from workbench.types import Completion, Failed, Reason, Rendered, SampleRequest, Score, StepResult, Unscored

MOST_REQUESTS = 32  # in a block: as many as llama.cpp decodes together
_SHARES = 2  # blocks a worker, so that one that is slow holds up less
_FILES = (".safetensors", ".json", ".gguf")  # of an adapter

Make = Callable[[], Callable[[Any], Sequence[Any]]]
Hire = Callable[[Make], Fleet]  # such as `open_fleet` with a place


@dataclass(frozen=True, slots=True, kw_only=True)
class _Adapter:
    """An adapter on its way: the digest of its weights, "" for the base, and its files as the crew shares them."""

    digest: str = ""
    files: Any = None


class FleetEngines(Engines):
    """The engines of one run, with workers that hold the same ones.

    Args:
        model: which model is taught, and which one writes.
        learner: how it is adapted and trained.
        seed: of the fresh adapter.
        hire: opens the fleet, given what each worker makes; called when there is work.
    """

    def __init__(self, model: ModelSettings, learner: LearnerSettings, *, seed: int, hire: Hire) -> None:
        super().__init__(model, learner, seed=seed)
        self._hire = partial(hire, partial(EngineWorker, model, learner, seed))

    @cached_property
    def fleet(self) -> Fleet:
        """Hired when first needed."""
        return self._hire()

    @cached_property
    def sampler(self) -> Sampler:
        """Draws completions, spread over the fleet."""
        return FleetSampler(super().sampler, lambda: self.fleet)

    @cached_property
    def learner(self) -> BatchingLearner:
        """Trains here; scores are spread over the fleet."""
        return FleetLearner(super().learner, lambda: self.fleet)

    def close(self) -> None:
        """Frees what was loaded, and ends the workers."""
        if "fleet" in self.__dict__:
            self.fleet.close()
        super().close()


class EngineWorker:
    """What a worker holds: the run's engines, each opened when first asked; called with one block of work."""

    def __init__(self, model: ModelSettings, learner: LearnerSettings, seed: int) -> None:
        self._engines = Engines(model, learner, seed=seed)
        self._folder = Path(tempfile.mkdtemp(prefix="workbench-adapter-"))
        weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)

    def __call__(self, work: tuple[str, str, Any, Sequence[Any]]) -> Sequence[Any]:
        """Answers or scores a block under an adapter."""
        kind, digest, files, items = work
        if kind == "sample":
            return self._sample(digest, files, items)
        return self._score(digest, files, items)

    def _sample(self, digest: str, files: Any, requests: Sequence[SampleRequest]) -> list[Completion | Failed]:
        sampler = self._engines.sampler
        if sampler.adapter_digest != digest:
            sampler.use_adapter(self._written("sample", files) if digest else None)
        return sampler.sample(requests)

    def _score(self, digest: str, files: Any, rendered: Sequence[Rendered]) -> list[Score | Unscored]:
        learner = self._engines.learner
        if not digest:
            with learner.frozen():
                return learner.score(rendered)
        if learner.adapter_digest != digest:
            learner.load_adapter(self._written("score", files))
        return learner.score(rendered)

    def _written(self, kind: str, files: dict[str, bytes]) -> Path:
        """The newest adapter of a kind; the one before it goes, or a training would fill the disk."""
        folder = self._folder / kind
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for name, data in files.items():
            (folder / name).write_bytes(data)
        return folder


class FleetSampler:
    """Implements `Sampler`; streams, and says of itself, what its like in this process does and says."""

    def __init__(self, own: Sampler, fleet: Callable[[], Fleet]) -> None:
        self._own, self._fleet, self._adapter = own, fleet, _Adapter()
        self._is_closed = False

    @property
    def digest(self) -> str:
        """Of the model's file."""
        return self._own.digest

    @property
    def adapter_digest(self) -> str:
        """Of the adapter's weights."""
        return self._own.adapter_digest

    @property
    def last(self) -> Completion | Failed | None:
        """How the last stream came out."""
        return self._own.last

    def sample(
        self, requests: Sequence[SampleRequest], *,
        on_completion: OnCompletion | None = None, cancelled: Cancelled = never,
    ) -> list[Completion | Failed]:  # fmt: skip
        """See `Sampler`."""
        if self._is_closed:
            raise EngineError("the sampler is closed; open the engines again")
        if not requests:
            return []
        fleet, adapter = self._fleet(), self._adapter
        results: dict[int, Completion | Failed] = {}
        blocks = _by_prompt(requests, fleet.crew.size)

        def ask(places: Sequence[int]) -> Any:
            return "sample", adapter.digest, adapter.files, [requests[place] for place in places]

        for places, came in fleet.work(blocks, ask, cancelled=cancelled):
            for place, result in zip(places, came, strict=True):
                is_lost = isinstance(result, Lost)
                results[place] = Failed(reason=Reason.ENGINE, detail=result.why) if is_lost else result
                if on_completion:
                    on_completion(place, results[place])
        return [results.get(place, Failed(reason=Reason.CANCELLED)) for place in range(len(requests))]

    def stream(self, request: SampleRequest, *, cancelled: Cancelled = never) -> Iterator[str]:
        """One completion, by the model in this process."""
        return self._own.stream(request, cancelled=cancelled)

    def use_adapter(self, folder: Path | None) -> None:
        """Swaps in an adapter; workers are sent it with their next work."""
        self._own.use_adapter(folder)
        self._adapter = _sent(folder, learned_digest(folder), self._fleet()) if folder else _Adapter()

    def close(self) -> None:
        """Frees the model in this process; the fleet is the engines' matter."""
        self._is_closed = True
        self._own.close()


class FleetLearner:
    """Implements `Learner`: one set of weights here, and copies of it that score.

    Attributes:
        digest: of the base weights.
    """

    def __init__(self, own: BatchingLearner, fleet: Callable[[], Fleet]) -> None:
        self.own, self._fleet, self._adapter = own, fleet, _Adapter()
        self.digest = own.digest

    @property
    def adapter_digest(self) -> str:
        """Of the adapter's present weights."""
        return self.own.adapter_digest

    def batches(self, rendered: Sequence[Rendered]) -> list[list[Rendered]]:
        """As the learner here would score them."""
        return self.own.batches(rendered)

    def score(self, rendered: Sequence[Rendered], *, cancelled: Cancelled = never) -> list[Score | Unscored]:
        """See `Scorer`; items that cannot be scored, and equal ones, are the business of the learner here."""
        batches = self.own.batches(rendered)
        if not batches:
            return self.own.score(rendered, cancelled=cancelled)
        fleet, adapter = self._fleet(), self._now()
        known: dict[Any, Score | Unscored] = {}

        def ask(batch: Sequence[Rendered]) -> Any:
            return "score", adapter.digest, adapter.files, batch

        for batch, came in fleet.work(batches, ask, cancelled=cancelled):
            for each, score in zip(batch, came, strict=True):
                is_lost = isinstance(score, Lost)
                known[_key(each)] = Unscored(reason=Reason.ENGINE, detail=score.why) if is_lost else score
        left_over = Unscored(reason=Reason.CANCELLED)
        for each in (each for batch in batches for each in batch):
            known.setdefault(_key(each), left_over)
        unfit = [each for each in rendered if _key(each) not in known]
        known |= {_key(each): score for each, score in zip(unfit, self.own.score(unfit), strict=True)}
        return [known[_key(each)] for each in rendered]

    def step(
        self, batch: Sequence[Rendered], *, learning_rate: float, weights: Sequence[float] | None = None
    ) -> StepResult:
        """One optimizer step, here."""
        return self.own.step(batch, learning_rate=learning_rate, weights=weights)

    def frozen(self) -> AbstractContextManager[None]:
        """Inside, `score` uses the base weights without the adapter."""
        return self.own.frozen()

    def reset(self, seed: int) -> None:
        """A fresh adapter and optimizer."""
        self.own.reset(seed)

    def save_adapter(self, folder: Path) -> str:
        """Writes a PEFT adapter folder."""
        return self.own.save_adapter(folder)

    def load_adapter(self, folder: Path) -> None:
        """Takes the weights of a PEFT adapter folder."""
        self.own.load_adapter(folder)

    def save_state(self, folder: Path) -> None:
        """Writes what the next step depends on."""
        self.own.save_state(folder)

    def load_state(self, folder: Path) -> None:
        """Takes it back."""
        self.own.load_state(folder)

    def _now(self) -> _Adapter:
        """The weights as they are; sent once after each change."""
        digest = self.own.adapter_digest
        if digest and self._adapter.digest != digest:
            with tempfile.TemporaryDirectory(prefix="workbench-adapter-") as folder:
                self.own.save_adapter(Path(folder))
                self._adapter = _sent(Path(folder), digest, self._fleet())
        return self._adapter if digest else _Adapter()


def _sent(folder: Path, digest: str, fleet: Fleet) -> _Adapter:
    files = {file.name: file.read_bytes() for file in sorted(folder.iterdir()) if file.suffix in _FILES}
    return _Adapter(digest=digest, files=fleet.crew.share(files))


def _by_prompt(requests: Sequence[SampleRequest], n_workers: int) -> list[list[int]]:
    """Places of the requests in blocks, those of one prompt side by side."""
    groups: dict[Any, list[int]] = {}
    for place, request in enumerate(requests):
        groups.setdefault(request.prompt, []).append(place)
    limit = max(1, min(MOST_REQUESTS, -(-len(requests) // (_SHARES * n_workers))))
    blocks: list[list[int]] = []
    for group in groups.values():
        if not blocks or len(blocks[-1]) + len(group) > limit:
            blocks.append([])
        blocks[-1] += group
    return [block[start : start + limit] for block in blocks for start in range(0, len(block), limit)]


def _key(rendered: Rendered) -> tuple[object, ...]:
    return rendered.context_ids, rendered.target_ids
