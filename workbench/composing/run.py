"""A composer that is opened and asked: which model, by which prompts, from a description to the poems on disk.

with open_composer(ComposeJob(), run="tide") as composer:
    made = composer.compose("a ferry in fog", beside_base=True)
    print(made.best.text)
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from workbench.composing.compose import (
    ComposingSettings,
    Follower,
    OnTry,
    as_poem,
    measure_tries,
    ranked,
    write_tries,
)
from workbench.composing.giving_back import DescriptionScorer, nearest_others
from workbench.composing.types import Composed, Try, Voice
from workbench.config import Seed
from workbench.corpus.load import load_poems
from workbench.engines.learning.settings import LearnerSettings
from workbench.engines.protocols import Cancelled, never
from workbench.errors import InputError
from workbench.places import written
from workbench.storage.atomic import write_json
from workbench.taught_model import RUNS, OpenTaught, TaughtModel, find_taught, open_taught
from workbench.types import Poem, content_id

_POETS = ("poet", "rhyme_poet")  # taught on briefs by the education, not on descriptions by a loop
_AS_BRIEF = "follow_as_brief"
_FOLLOWERS = ("", "follower", "both")


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposeJob:
    """config/compose.yaml."""

    MOVED: ClassVar[dict[str, str]] = {"judge": "scorer"}

    poems: str = "data/composed"  # each description's tries are a JSON file there
    model: str = "built-in"  # any engine, with or without +ADAPTER; a run is named on the command line
    scorer: str = ""  # who reads the poems back: an engine with losses; "" = the model's base, else the built-in one
    key: str = ""  # environment variable with an endpoint's key; "" = OPENAI_API_KEY
    others: str = "data/poems/good"  # poems that the measure is held against
    seed: Seed = 42
    composing: ComposingSettings = field(default_factory=ComposingSettings)
    learner: LearnerSettings | None = None  # how the scorer is loaded; left out = as the run did


class OpenComposer:
    """A model ready to compose; not safe for two threads at once."""

    def __init__(self, opened: OpenTaught, job: ComposeJob) -> None:
        self._opened, self._job = opened, job
        self.taught: TaughtModel = opened.taught

    def compose(
        self, description: str, *, beside_base: bool = False, seed: int | None = None,
        on_try: OnTry = lambda voice, number, result: None, cancelled: Cancelled = never,
    ) -> Composed:  # fmt: skip
        """Tries of one description, measured and ranked, saved before they are returned.

        Args:
            description: a person's words.
            beside_base: the base without its adapter answers too, with the same seeds.
            seed: None = the job's.
            on_try: told of each answer as it ends.
            cancelled: asked between tokens and batches.

        Raises:
            InputError: the description cannot be used, or there is no adapter that a base could be beside.
            EngineError: a model failed.
            Stopped: `cancelled` said so; nothing is saved.
        """
        if beside_base and not self.taught.adapter:
            raise InputError(f"{self.taught.name}: no adapter, so there is no base beside it; name a run or +ADAPTER")
        description, seed = " ".join(description.split()), self._job.seed if seed is None else seed
        voices: list[Voice] = ["trained", "base"] if beside_base else ["trained" if self.taught.adapter else "base"]
        tries: list[Try] = []
        for voice in voices:
            tries += write_tries(self._follower(voice), description, seed=seed, on_try=on_try, cancelled=cancelled)
        poems = [as_poem(one) for one in tries if not one.problem]
        others = nearest_others(load_poems(Path(self._job.others)), poems, self._job.composing.others)
        model = self._description_scorer(others)
        tries = measure_tries(model, description, tries, cancelled=cancelled) if poems else ranked(tries)
        made = Composed(
            description=description, model=self.taught.name, run=self.taught.run, task=self.taught.task,
            scorer=model.scorer.digest if poems else "", seed=seed, tries=tuple(tries), notes=tuple(self._notes()),
        )  # fmt: skip
        save_composed(made, Path(self._job.poems))
        return made

    @property
    def prompt(self) -> str:
        """By which it is asked: as its run taught it; a poet of the education gets the description as its brief."""
        has_briefs = self.taught.task in _POETS and self._opened.renderer.name != "base"
        return _AS_BRIEF if has_briefs else self.taught.follow

    def _follower(self, voice: Voice) -> Follower:
        return Follower(
            sampler=self._opened.sampler(trained=voice == "trained"), renderer=self._opened.renderer,
            prompt=self.prompt, settings=self._job.composing, voice=voice,
        )  # fmt: skip

    def _description_scorer(self, others: tuple[Poem, ...]) -> DescriptionScorer:
        return DescriptionScorer(
            scorer=self._opened.scorer, renderer=self._opened.renderer, prompt=self.taught.describe,
            leaks=self._job.composing.leaks, others=others,
        )  # fmt: skip

    def _notes(self) -> Iterator[str]:
        """What should be known of the model."""
        if self.prompt == _AS_BRIEF:
            yield f"{self.taught.title} was taught on briefs: here your description takes the place of one"
        elif self.taught.task not in _FOLLOWERS:
            yield f"{self.taught.title} was taught as {self.taught.task}; it has not seen the prompt used here"
        if self.taught.model.sampler:
            yield f"{self.taught.model.source} reads the poems back: {self.taught.base_title} only writes"


@contextmanager
def open_composer(job: ComposeJob, *, run: str = "", adapter: str = "", runs: Path = RUNS) -> Iterator[OpenComposer]:
    """Opens the job's model, or a run's, and frees it at the end.

    Raises:
        InputError: there is no such run or adapter.
        EngineError: there is no such model.
    """
    taught = find_taught(job.model, run=run, adapter=adapter, runs=runs, scorer=job.scorer, key=job.key)
    with open_taught(taught, job.learner, seed=job.seed) as opened:
        yield OpenComposer(opened, job)


def save_composed(made: Composed, folder: Path) -> Path:
    """Writes what came of a description as JSON; the same tries twice are one file."""
    name = content_id("composed", made.description, made.model, str(made.seed), *(one.id for one in made.tries))
    return write_json(written(folder) / f"{name}.json", made)
