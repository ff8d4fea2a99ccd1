"""Settings of the loop: one section a phase, each written beside the phase that reads it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from workbench.backtranslation import BacktranslationSettings
from workbench.config import Folder, Seed, job_from, load_job
from workbench.corpus.load import CorpusSettings
from workbench.engines.learning.settings import LearnerSettings
from workbench.engines.sources import ModelSettings
from workbench.evaluation.evaluate import EvaluationSettings
from workbench.improvement.plan import ImprovementSettings
from workbench.scoring.likelihood import ScoringSettings
from workbench.selection.select import SelectionSettings
from workbench.training.settings import LEARNER_MOVED, LoopTrainingSettings, with_learner_apart


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything a run of the loop depends on."""

    seed: Seed = 42
    runs: Folder = "data/runs"
    model: ModelSettings = field(default_factory=ModelSettings)
    corpus: CorpusSettings = field(default_factory=CorpusSettings)
    backtranslation: BacktranslationSettings = field(default_factory=BacktranslationSettings)
    scoring: ScoringSettings = field(default_factory=ScoringSettings)
    selection: SelectionSettings = field(default_factory=SelectionSettings)
    learner: LearnerSettings = field(default_factory=LearnerSettings)
    training: LoopTrainingSettings = field(default_factory=LoopTrainingSettings)
    improvement: ImprovementSettings = field(default_factory=ImprovementSettings)
    evaluation: EvaluationSettings = field(default_factory=EvaluationSettings)

    def __post_init__(self) -> None:
        """What no single setting can say; raises ValueError."""
        n_candidates, top_k = self.backtranslation.n_candidates, self.selection.top_k
        if top_k > n_candidates:
            raise ValueError(
                f"selection.top_k ({top_k}) is more than backtranslation.n_candidates ({n_candidates}): more winners "
                "a poem than descriptions that are tried; lower the first or raise the second"
            )
        arms = self.evaluation.arms
        if twice := next((arm for arm in arms if arms.count(arm) > 1), ""):
            raise ValueError(f"evaluation.arms names {twice!r} twice; name it once")
        training = self.training
        if training.objective != "imitation" and training.task != "describer":
            raise ValueError(
                f"training.objective: {training.objective} needs training.task: describer, not {training.task}"
            )
        if training.objective == "policy":
            self._check_policy()

    def _check_policy(self) -> None:
        """Each answer is used once, by the weights that wrote it, so nothing of it can be replayed or pooled."""
        if self.evaluation.arms != ("top",):
            raise ValueError(
                "training.objective: policy learns from its own answers, which no other arm wrote: set "
                "evaluation.arms: [top]; its control is a run of its own with training.rewards: shuffled"
            )
        if self.training.epochs > 1 or self.improvement.pool == "all":
            raise ValueError(
                "training.objective: policy uses each answer once: set training.epochs: 1 and improvement.pool: last"
            )

    MOVED: ClassVar[dict[str, str]] = LEARNER_MOVED | {
        "selection.train": "training.task, and training.objective for preference",
        "selection.beta": "training.beta",
        "improvement.epochs": "training.epochs",
        "improvement.learning_rate_start": "training.learning_rate",
        "improvement.learning_rate_end": "training.learning_rate_end",
    }


def load_settings(path: Path | None, overrides: Sequence[str] = ()) -> Settings:
    """Settings of the loop from a YAML file, changed by `key.key=value` overrides.

    Raises:
        ConfigError: the file cannot be read, or a key or value does not fit; one line, with the place.
    """
    return load_job(Settings, path, overrides)


def settings_from(data: Mapping[str, Any], *, where: str = "settings") -> Settings:
    """Settings of the loop from plain data, as a YAML file or run.json holds them.

    Raises:
        ConfigError: a key or value does not fit.
    """
    return job_from(Settings, data, where=where)


def settings_of_run(facts: Mapping[str, Any], *, where: str) -> Settings:
    """Settings of the loop from run.json, also of a run that was started when they had other names.

    Raises:
        ConfigError: a key or value does not fit.
    """
    return settings_from(_under_new_names(facts["settings"]), where=where)


def _under_new_names(data: Mapping[str, Any]) -> dict[str, Any]:
    if "learner" in data:
        return dict(data)
    selection, improvement = dict(data.get("selection", {})), dict(data.get("improvement", {}))
    train = selection.pop("train", "follower")
    training = {
        "task": "describer" if train == "preference" else train,
        "objective": "preference" if train == "preference" else "imitation",
    }
    for section, old, new in (
        (selection, "beta", "beta"),
        (improvement, "epochs", "epochs"),
        (improvement, "learning_rate_start", "learning_rate"),
        (improvement, "learning_rate_end", "learning_rate_end"),
    ):
        training |= {new: section.pop(old)} if old in section else {}
    n_candidates = dict(data.get("backtranslation", {})).get("n_candidates", 4)
    if isinstance(selection.get("top_k"), int):  # once allowed to be more than there are
        selection["top_k"] = min(selection["top_k"], n_candidates)
    apart = with_learner_apart(data)
    return apart | {"training": training, "selection": selection, "improvement": improvement}
