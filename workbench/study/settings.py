"""The plan of a study: one question, one figure that answers it, written down before the first run.

    name: choosing                    the study's folder below data/studies, and the beginning of its runs' names
    endpoint: identification          the figure that decides; every other one is beside the point
    seeds: [1, 2]                     each seed splits the poems anew and writes its own candidates
    loop: {…}                         settings of the loop, as in config/improve.yaml
    ways:                             how winners teach; all ways of a seed see the same candidates and scores
      pairs: {task: describer, objective: preference}
      imitation: {task: describer, epochs: 2}

Every way is trained on the winners and, as its control, on random choices among the same candidates: `evaluation.arms`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from workbench.config import Seed, load_job
from workbench.improvement.settings import Settings
from workbench.storage.run_names import checked_name
from workbench.training.settings import LoopTrainingSettings

Endpoint = Literal[
    "identification", "identification_strict", "best_identification", "reward_accuracy", "specificity",
    "best_specificity",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class StudySettings:
    """Everything a study depends on."""

    name: str = "study"
    question: str = ""  # in a sentence, for the reader of the table
    endpoint: Endpoint = "identification"
    seeds: tuple[Seed, ...] = (42,)
    loop: Settings = field(default_factory=Settings)
    ways: dict[str, LoopTrainingSettings] = field(default_factory=lambda: {"plain": LoopTrainingSettings()})

    def __post_init__(self) -> None:
        """What no single setting can say; raises ValueError."""
        if not self.seeds or len(set(self.seeds)) < len(self.seeds):
            raise ValueError("seeds: at least one, and none of them twice")
        if not self.ways:
            raise ValueError("ways: name at least one way to learn, such as pairs: {objective: preference}")
        for way in self.ways:
            checked_name(self.run_name(way, max(self.seeds)))
            self.of_run(way, self.seeds[0])

    def run_name(self, way: str, seed: int) -> str:
        """The name of one of its runs."""
        return f"{self.name}-{way}-{seed}"

    def of_run(self, way: str, seed: int) -> Settings:
        """The settings of one of its runs."""
        return replace(self.loop, seed=seed, training=self.ways[way])

    @property
    def runs(self) -> list[tuple[str, int]]:
        """Way and seed of each run, seed by seed."""
        return [(way, seed) for seed in self.seeds for way in self.ways]


def load_study(path: Path, overrides: Sequence[str] = ()) -> StudySettings:
    """A study's plan from a YAML file, changed by `key.key=value` overrides.

    Raises:
        ConfigError: the file cannot be read, or a key or value does not fit; one line, with the place.
    """
    return load_job(StudySettings, path, overrides)
