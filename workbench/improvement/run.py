"""A opened: settings become a run with its poems, engines and loop. Command line, notebooks and app start here.

    with new_run(load_settings(Path("config/demo.yaml"))) as opened:
        improve(opened.loop())

The poems of a run are copied into its records when it starts, so that resuming does not depend on the files they came
from. Models are loaded when first used.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from workbench.backtranslation import Describer
from workbench.config import as_data
from workbench.corpus.load import CorpusReport, prepare_corpus
from workbench.engines.fleet_engines import FleetEngines, Hire
from workbench.engines.opening import Engines
from workbench.engines.protocols import Learner
from workbench.errors import ConfigError, InputError
from workbench.evaluation.evaluate import EvaluationSettings
from workbench.improvement.comparison import is_over
from workbench.improvement.plan import Action, ImprovementSettings, make_plan
from workbench.improvement.pool import shared_records
from workbench.improvement.report import Report, build_report
from workbench.improvement.report_pages import to_html, to_markdown
from workbench.improvement.settings import Settings, settings_from, settings_of_run
from workbench.scoring.likelihood import LikelihoodScorer
from workbench.selection.select import SelectionSettings
from workbench.storage.execution import versions
from workbench.storage.runs import FINE_TUNING, Run
from workbench.training.settings import LoopTrainingSettings
from workbench.types import Measurement, Message, Poem, Verdict, seed_for


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """Everything a run of the loop works with."""

    run: Run
    describer: Describer
    likelihood: LikelihoodScorer
    learner: Learner
    poems: Sequence[Poem]
    held_out: Sequence[Poem]
    selection: SelectionSettings
    training: LoopTrainingSettings
    improvement: ImprovementSettings
    evaluation: EvaluationSettings
    seed: int

    @property
    def arms(self) -> tuple[str, ...]:
        """`top` first, then its controls."""
        return ("top", *(arm for arm in self.evaluation.arms if arm != "top"))

    def plan(self) -> list[Action]:
        """All actions, shortened where the stop rule has spoken."""
        measured = self.run.records.all(Measurement, arm="top", metric="specificity", weights="base")
        values = {m.iteration: m.value for m in measured}
        stop_after = next(
            (
                i
                for i in sorted(values)
                if is_over([values[j] for j in sorted(values) if j <= i], self.evaluation.patience)
            ),
            None,
        )
        ids = [poem.id for poem in self.poems]
        return make_plan(
            self.improvement, ids, arms=self.arms, seed=self.seed, epochs=self.training.epochs, stop_after=stop_after
        )


@dataclass(frozen=True, kw_only=True)
class LoopRun:
    """An open run with its settings and engines."""

    run: Run
    settings: Settings
    engines: Engines
    corpus_report: CorpusReport | None = None  # of a new run

    @cached_property
    def poems(self) -> dict[str, Poem]:
        """All poems of the run by id."""
        return {poem.id: poem for poem in self.run.records.all(Poem)}

    @property
    def training(self) -> list[Poem]:
        """The poems that may be trained on."""
        return [self.poems[poem_id] for poem_id in self.run.facts["training"]]

    @property
    def held_out(self) -> list[Poem]:
        """The poems that are only measured on."""
        return [self.poems[poem_id] for poem_id in self.run.facts["held_out"]]

    @property
    def describer(self) -> Describer:
        """The sampler with the prompt by which it describes."""
        settings = self.settings
        return Describer(
            sampler=self.engines.sampler,
            renderer=self.engines.renderer,
            settings=settings.backtranslation,
            seed=settings.seed,
            is_learner=self.engines.takes_adapters,
        )

    @property
    def likelihood(self) -> LikelihoodScorer:
        """The learner with the prompts by which it scores."""
        return LikelihoodScorer(
            scorer=self.engines.learner, renderer=self.engines.renderer, settings=self.settings.scoring
        )

    def loop(self) -> Loop:
        """Everything that `improve` works with."""
        settings = self.settings
        return Loop(
            run=self.run,
            describer=self.describer,
            likelihood=self.likelihood,
            learner=self.engines.learner,
            poems=self.training,
            held_out=self.held_out,
            selection=settings.selection,
            training=settings.training,
            improvement=settings.improvement,
            evaluation=settings.evaluation,
            seed=settings.seed,
        )

    def report(self) -> Report:
        """Builds the report and writes report.md and report.html into the run."""
        report = build_report(self.run.name, self.run.records)
        self.run.write_text("report.md", to_markdown(report))
        self.run.write_text("report.html", to_html(report, self.run.records))
        return report


@contextmanager
def new_run(
    settings: Settings, *, name: str = "", verdicts_of: str = "", pool_of: str = "", hire: Hire | None = None
) -> Iterator[LoopRun]:
    """Makes a run, checks and splits its poems, and closes everything at the end.

    Args:
        settings: of the run.
        name: of the run; "" chooses one.
        verdicts_of: an earlier run; what people said there of the same descriptions counts here from the start. With
            the same seed and poems the base model writes the same ones again.
        pool_of: an earlier run of the same poems, model and seed; what the base model wrote, scored and chose there is
            taken from it as far as it would be the same here (pool.py).
        hire: workers that sample and score; None = this process does. The records are the same.

    Raises:
        InputError: the poems or a name cannot be used.
        EngineError: the model cannot be found.
        StoreError: the run's folder cannot be written.
    """
    engines = _engines(settings, hire)
    corpus = prepare_corpus(settings.corpus, seed=settings.seed, count_tokens=lambda text: _n_tokens(engines, text))
    facts = {
        "settings": as_data(settings),
        "training": [poem.id for poem in corpus.training],
        "held_out": [poem.id for poem in corpus.held_out],
        "corpus": asdict(corpus.report),
        "versions": versions(),
        "model": engines.base.name,
        "model_digest": engines.base.digest,
    }
    begin_with = [*corpus.training, *corpus.held_out, *_verdicts(Path(settings.runs), verdicts_of)]
    begin_with += shared_records(settings, pool_of)
    with Run.create(Path(settings.runs), name, facts, begin_with=begin_with) as run:
        try:
            yield LoopRun(run=run, settings=settings, engines=engines, corpus_report=corpus.report)
        finally:
            engines.close()


@contextmanager
def open_run(
    root: Path, name: str, *, overrides: dict[str, Any] | None = None, hire: Hire | None = None
) -> Iterator[LoopRun]:
    """Opens a run for work with the settings it was started with.

    Args:
        root: the folder of all runs.
        name: of the run.
        overrides: sections to use instead of the stored ones; nothing that was done before changes.
        hire: see `new_run`; a run may be continued with or without.

    Raises:
        InputError: there is no such run.
        LockedError: another process works on it.
    """
    with Run.open(root, name) as run:
        facts = run.facts
        if facts.get("kind") == FINE_TUNING:
            raise InputError(
                f"run {name!r} is a fine-tuning, not one of the loop; continue with: train --resume {name}"
            )
        settings = settings_of_run(facts, where=f"{name}/run.json")
        data = {**as_data(settings), **(overrides or {}), "runs": str(root)}
        settings = settings_from(data, where=f"{name}/run.json")
        engines = _engines(settings, hire)
        try:
            yield LoopRun(run=run, settings=settings, engines=engines)
        finally:
            engines.close()


def _engines(settings: Settings, hire: Hire | None) -> Engines:
    """Not yet loaded; a setting that they cannot follow is refused at once."""
    if settings.model.sampler and settings.training.task != "follower":
        raise ConfigError(
            f"training.task={settings.training.task}: the describer is model.sampler={settings.model.sampler}, which "
            "keeps its own weights; train the follower, or leave model.sampler out"
        )
    seed = seed_for(settings.seed, "learner", "top")
    if hire:
        return FleetEngines(settings.model, settings.learner, seed=seed, hire=hire)
    return Engines(settings.model, settings.learner, seed=seed)


def _verdicts(root: Path, name: str) -> list[Verdict]:
    if not name:
        return []
    with closing(Run.open(root, name, read_only=True)) as earlier:
        return earlier.records.all(Verdict)


def _n_tokens(engines: Engines, text: str) -> int:
    return len(engines.renderer.render((Message(role="user", content=""),), text).target_ids)
