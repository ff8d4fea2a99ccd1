"""What was taught, to be used: a model by its engine's name, an adapter's folder, or a run.

    built-in, FILE.gguf, FOLDER, ORG/NAME, remote:URL#MODEL     a model as it is
    any of them +ADAPTER, or the folder of an adapter           its base with what it has learned
    a run                                                       the run's own base, prompts and newest adapter

Who scores what it writes is the base without the adapter: base and trained are then measured by the same weights, and
an adapter does not praise itself. A model that gives no losses is scored by the built-in one, or by the one named.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from workbench.engines.learning.settings import LearnerSettings
from workbench.engines.names import ADAPTER_FILE, BUILT_IN, REMOTE, EngineName, display_name, parse_engine, resolve
from workbench.engines.opening import Engines, kind_of
from workbench.engines.protocols import Cancelled, Learner, Sampler, never
from workbench.engines.sources import ModelSettings
from workbench.errors import InputError
from workbench.improvement.settings import settings_of_run
from workbench.places import located
from workbench.prompts.renderers import Renderer
from workbench.prompts.templates import load_prompt
from workbench.storage.runs import FINE_TUNING, Run
from workbench.training.run import job_of_run
from workbench.training.train import BEST
from workbench.types import Rendered, Score, Unscored

RUNS = Path("data/runs")
_FRESH_RANK = 1  # of the adapter that a learner carries and that is never used: the scorer is the base


@dataclass(frozen=True, slots=True, kw_only=True)
class TaughtModel:
    """A model as it was taught."""

    model: ModelSettings  # the base
    adapter: Path | None = None  # what it has learned; None = nothing
    task: str = ""  # follower, describer, both; of a fine-tuning its name; "" = not known
    run: str = ""  # where it learned it; "" = in no run that is here
    follow: str = "follow"  # prompts that it was taught with
    describe: str = "describe"
    words: int = 100  # length of the descriptions that it was taught with
    learner: LearnerSettings | None = None  # how its run loaded it

    @property
    def name(self) -> str:
        """As an engine is named."""
        base = self.model.sampler or self.model.source
        return f"{base}+{self.adapter}" if self.adapter else base

    @property
    def title(self) -> str:
        """For people."""
        return display_name(self.name)

    @property
    def system(self) -> str:
        """The system message of the prompt that a loop taught it with; "" = none, or no loop did."""
        if self.task not in ("follower", "describer", "both"):
            return ""
        turns = load_prompt(self.describe if self.task == "describer" else self.follow).turns
        return next((text for role, text in turns if role == "system"), "")

    @property
    def base_title(self) -> str:
        """The same without its adapter."""
        return display_name(self.model.sampler or self.model.source)


def find_taught(
    name: str = BUILT_IN, *, run: str = "", adapter: str = "", runs: Path = RUNS, scorer: str = "", key: str = ""
) -> TaughtModel:
    """What a name, the folder of an adapter or a run means.

    Args:
        name: of an engine; not looked at where a run is given.
        run: a run's name: of the loop, or a fine-tuning.
        adapter: which adapter of the run; "" = the newest of its arm `top`, or the best epoch of a fine-tuning.
        runs: the folder of all runs.
        scorer: an engine's name; "" = the base itself, where it gives losses.
        key: environment variable with the key of an endpoint; "" = OPENAI_API_KEY.

    Raises:
        InputError: there is no such run, it has no such adapter, or the scorer gives no losses.
        EngineError: there is no such engine.
    """
    if run:
        return _scored_by(scorer, key, _of_run(runs, run, adapter))
    engine = resolve(name)
    folder = located(engine.adapter) if engine.adapter else None
    if folder and not (folder / ADAPTER_FILE).is_file():
        raise InputError(f"{engine.adapter}: no {ADAPTER_FILE} in this folder; give a PEFT adapter, or --run NAME")
    known = TaughtModel(model=ModelSettings())
    if folder and (of := folder.resolve().parent.parent) and (of / "run.json").is_file():
        known = _of_run(of.parent, of.name, folder.name)
    bare = str(replace(engine, adapter=""))
    model = known.model if known.model.source == bare else ModelSettings(source=bare)
    task = known.task or (folder.resolve().name.lower() if folder else "")
    return _scored_by(scorer, key, replace(known, model=model, adapter=folder, task=task))


def newest_adapter(names: Sequence[str]) -> str:
    """Which adapter of a run is meant where nobody says: the best epoch, or the newest of `top`; "" = none.

    >>> newest_adapter(["describer-1-9", "random-2", "top-9", "top-10"]), newest_adapter(["epoch-1", "best"])
    ('top-10', 'best')
    """
    if BEST in names:
        return BEST
    return max((name for name in names if name.startswith("top-")), key=_age, default="")


# ---------------------------------------------------------------- opened


class Opened(Protocol):
    """Three engines of one model, such as `Engines`."""

    @property
    def renderer(self) -> Renderer:
        """Its template."""
        ...

    @property
    def sampler(self) -> Sampler:
        """Writes."""
        ...

    @property
    def learner(self) -> Learner:
        """Gives losses."""
        ...


class OpenTaught:
    """Its engines, each loaded when first asked.

    Attributes:
        taught: which model it is.
    """

    def __init__(self, taught: TaughtModel, engines: Opened) -> None:
        self.taught, self._engines = taught, engines

    @property
    def renderer(self) -> Renderer:
        """The template of the model, or of its scorer where the model is elsewhere."""
        return self._engines.renderer

    @property
    def scorer(self) -> "BaseScorer":
        """Gives losses under the base weights."""
        return BaseScorer(self._engines.learner)

    def sampler(self, *, trained: bool = True) -> Sampler:
        """Writes with what was learned, or as the base; the same object, which keeps one of both at a time."""
        sampler = self._engines.sampler
        if self.taught.adapter or trained is False:
            sampler.use_adapter(self.taught.adapter if trained else None)
        return sampler


class BaseScorer:
    """Implements `Scorer`: a learner's base weights, whatever it has learned."""

    def __init__(self, learner: Learner) -> None:
        self._learner = learner
        self.digest = learner.digest

    @property
    def adapter_digest(self) -> str:
        """There is none."""
        return ""

    def score(self, rendered: Sequence[Rendered], *, cancelled: Cancelled = never) -> list[Score | Unscored]:
        """As the base scores."""
        with self._learner.frozen():
            return self._learner.score(rendered, cancelled=cancelled)


@contextmanager
def open_taught(taught: TaughtModel, learner: LearnerSettings | None = None, *, seed: int) -> Iterator[OpenTaught]:
    """Opens a model and frees it at the end; nothing is loaded before it is asked.

    Args:
        taught: found by `find_taught`.
        learner: how the scorer is loaded; None = as the run did.
        seed: of what is drawn while it is opened, which nothing depends on.

    Raises:
        EngineError: the model cannot be found.
    """
    as_the_run = replace(
        taught.learner or LearnerSettings(), split="auto"
    )  # which shared it, but one process may judge
    settings = learner or as_the_run
    engines = Engines(taught.model, replace(settings, lora_rank=_FRESH_RANK, lora_dropout=0.0), seed=seed)
    try:
        yield OpenTaught(taught, engines)
    finally:
        engines.close()


# ---------------------------------------------------------------- private


def _scored_by(scorer: str, key: str, taught: TaughtModel) -> TaughtModel:
    """The model that writes becomes `model.sampler` where another one gives the losses."""
    engine = parse_engine(taught.model.source)
    if scorer and not _gives_losses(parse_engine(scorer)):
        raise InputError(f"--scorer {scorer}: an endpoint tells no losses; name built-in, a folder or a .gguf file")
    if not scorer and _gives_losses(engine):
        return replace(taught, model=replace(taught.model, sampler="", sampler_key=""))
    other = ModelSettings(source=scorer or BUILT_IN, sampler=str(engine), cache=taught.model.cache)
    return replace(taught, model=replace(other, sampler_key=key if engine.kind == REMOTE else ""))


def _gives_losses(engine: EngineName) -> bool:
    return kind_of(engine).learner is not None


def _of_run(runs: Path, name: str, adapter: str) -> TaughtModel:
    with Run.open(runs, name, read_only=True) as run:
        facts, where = run.facts, f"{name}/run.json"
        names = [path.name for path in sorted((run.folder / "adapters").glob("*")) if path.is_dir()]
        chosen = adapter or newest_adapter(names)
        if chosen not in names:
            known = ", ".join(names) or "none yet; train it first"
            raise InputError(f"run {name!r} has no adapter {chosen or 'of the arm top'!r}; it has {known}")
        folder = run.adapter_folder(chosen)
    if facts.get("kind") == FINE_TUNING:
        job = job_of_run(facts, where=where)
        return TaughtModel(model=job.model, adapter=folder, task=job.name, run=name, learner=job.learner)
    settings = settings_of_run(facts, where=where)
    return TaughtModel(
        model=settings.model, adapter=folder, run=name, learner=settings.learner,
        task="describer" if chosen.startswith("describer") else settings.training.task,
        follow=settings.scoring.prompt, describe=settings.backtranslation.prompt, words=settings.backtranslation.words,
    )  # fmt: skip


def _age(name: str) -> tuple[int, ...]:
    """The numbers in an adapter's name: iteration, step."""
    return tuple(int(part) for part in name.split("-") if part.isdigit())
