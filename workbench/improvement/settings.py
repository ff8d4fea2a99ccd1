"""Settings of the loop: one section a phase, each written beside the phase that reads it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbench.backtranslation import BacktranslationSettings
from workbench.config import job_from, load_job
from workbench.corpus.load import CorpusSettings
from workbench.engines.base_model import ModelSettings
from workbench.engines.learning.settings import LearnerSettings
from workbench.evaluation import EvaluationSettings
from workbench.improvement.plan import ImprovementSettings
from workbench.scoring.score import ScoringSettings
from workbench.selection.select import SelectionSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything a run of the loop depends on."""

    seed: int = 42
    runs: str = "data/runs"
    model: ModelSettings = field(default_factory=ModelSettings)
    corpus: CorpusSettings = field(default_factory=CorpusSettings)
    backtranslation: BacktranslationSettings = field(default_factory=BacktranslationSettings)
    scoring: ScoringSettings = field(default_factory=ScoringSettings)
    selection: SelectionSettings = field(default_factory=SelectionSettings)
    training: LearnerSettings = field(default_factory=LearnerSettings)
    improvement: ImprovementSettings = field(default_factory=ImprovementSettings)
    evaluation: EvaluationSettings = field(default_factory=EvaluationSettings)


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
