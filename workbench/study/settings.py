"""The plan of a study: one question, one figure that answers it, written down before the first run.

    name: choosing                    the study's folder below data/studies, and the beginning of its runs' names
    endpoint: identification          the figure that decides; every other one is beside the point
    seeds: [1, 2]                     each seed splits the poems anew and writes its own candidates
    loop: {…}                         settings of the loop, as in config/improve.yaml
    ways:                             how winners teach; all ways of a seed see the same candidates and scores
      pairs: {task: describer, objective: preference}
      imitation: {task: describer, epochs: 2}

    changes:                          what else is different in a way, as after --set
      strict: [scoring.leaks.guard_run=1]
    beside:                           which other way is a way's control; else it is its own arm `random`
      policy: policy_shuffled
      strict: pairs.random            the arm `random` of another way, which then is trained once

Every way is trained on the winners and, as its control, on random choices among the same candidates: `evaluation.arms`.
A way that writes its own candidates as it learns has a way of its own as control. What ways of a seed have in common is
written, scored and measured once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from workbench.config import Seed, as_data, job_changed, load_job
from workbench.improvement.settings import Settings
from workbench.storage.run_names import checked_name
from workbench.training.settings import LoopTrainingSettings

Endpoint = Literal[
    "identification", "identification_strict", "best_identification", "reward_accuracy", "specificity",
    "best_specificity", "expected_identification", "expected_specificity",
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

    changes: dict[str, tuple[str, ...]] = field(default_factory=dict)  # of a way: key.key=value, of the loop
    beside: dict[str, str] = field(default_factory=dict)  # of a way: the way, or WAY.random, that is its control

    def __post_init__(self) -> None:
        """What no single setting can say; raises ValueError."""
        if not self.seeds or len(set(self.seeds)) < len(self.seeds):
            raise ValueError("seeds: at least one, and none of them twice")
        if not self.ways:
            raise ValueError("ways: name at least one way to learn, such as pairs: {objective: preference}")
        controls = {side_of(control)[0] for control in self.beside.values()}
        if unknown := ({*self.changes, *self.beside, *controls} - {*self.ways}):
            raise ValueError(f"changes, beside: {sorted(unknown)[0]!r} is not one of the ways")
        for way in self.ways:
            checked_name(self.run_name(way, max(self.seeds)))
            self.of_run(way, self.seeds[0])

    def run_name(self, way: str, seed: int) -> str:
        """The name of one of its runs."""
        return f"{self.name}-{way}-{seed}"

    def of_run(self, way: str, seed: int) -> Settings:
        """The settings of one of its runs."""
        data = as_data(self.loop) | {"seed": seed, "training": as_data(self.ways[way])}
        return job_changed(Settings, data, self.changes.get(way, ()), where=f"way {way}")

    @property
    def runs(self) -> list[tuple[str, int]]:
        """Way and seed of each run, seed by seed."""
        return [(way, seed) for seed in self.seeds for way in self.ways]


def side_of(control: str) -> tuple[str, str]:
    """Way and arm of a control, as a plan names it.

    >>> side_of("pairs.random"), side_of("policy_shuffled")
    (('pairs', 'random'), ('policy_shuffled', 'top'))
    """
    way = control.removesuffix(".random")
    return way, "top" if way == control else "random"


def load_study(path: Path, overrides: Sequence[str] = ()) -> StudySettings:
    """A study's plan from a YAML file, changed by `key.key=value` overrides.

    Raises:
        ConfigError: the file cannot be read, or a key or value does not fit; one line, with the place.
    """
    return load_job(StudySettings, path, overrides)
