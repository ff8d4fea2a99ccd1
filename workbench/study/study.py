"""A study: carries out its runs one after the other, each of which can be stopped, and keeps what they measured.

    plan ─▶ for each seed: run of the first way ─▶ its candidates, scores and choices ─▶ runs of the other ways
                                     └───────────────── measurements, poem by poem ──▶ data/studies/NAME ─▶ the table

What is kept holds figures only, no text and no weights, so that it can be published, and the table computed again from
it by anyone: `workbench study --table NAME`.
"""

import json
import os
import platform
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from workbench.config import as_data, as_yaml
from workbench.errors import InputError, Stopped
from workbench.improvement.improve import improve
from workbench.improvement.run import LoopRun, new_run, open_run
from workbench.places import located, written
from workbench.storage.atomic import write_file
from workbench.storage.execution import Watch, versions
from workbench.storage.runs import Run, summarise
from workbench.study.settings import StudySettings
from workbench.types import Measurement

STUDIES = Path("data/studies")
RECORD = "measurements.jsonl"
_OF_THE_LEARNER = ("use_of_description",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One figure of one run of a study."""

    way: str
    seed: int
    arm: str
    iteration: int  # 0 = before training
    weights: str
    metric: str
    per_poem: tuple[float | None, ...]  # in the order of that seed's held-out poems


def study(
    settings: StudySettings, *, watch: Watch = lambda _: None, said: Callable[[str], None] = lambda _: None,
    working_on: Callable[[Run], None] = lambda _: None, asked_to_stop: Callable[[], bool] = lambda: False,
    folder: Path = STUDIES,
) -> Path:  # fmt: skip
    """Carries out what is left of a study and returns the folder of its record.

    Args:
        settings: the plan.
        watch: told of each action of a run.
        said: told of each run as it begins.
        working_on: given each run while it is worked on, so that it can be asked to stop.
        asked_to_stop: asked between runs.
        folder: of all studies.

    Raises:
        InputError: a run of that name was started with other settings.
        Stopped: somebody asked; the same command continues.
        EngineError: a model failed; the runs so far are kept.
    """
    root = Path(settings.loop.runs)
    for number, (way, seed) in enumerate(settings.runs, start=1):
        if asked_to_stop():
            raise Stopped("stopped between two runs; the same command continues")
        said(f"run {number} of {len(settings.runs)}: {settings.run_name(way, seed)}")
        with _opened(settings, way, seed, root) as opened:
            if opened is not None:
                working_on(opened.run)
                improve(opened.loop(), watch=watch)
                opened.report()
        _keep(settings, written(folder) / settings.name, root)
    return written(folder) / settings.name


def record_of(name: str, *, folder: Path = STUDIES) -> Path:
    """The folder of a study's record: one's own, else the shipped one of that name."""
    own = written(folder) / name
    return own if (own / RECORD).is_file() else located(folder / name)


def read_study(name: str, *, folder: Path = STUDIES) -> list[Measured]:
    """The record of a study.

    Raises:
        InputError: there is none, or a line of it cannot be read.
    """
    path = record_of(name, folder=folder) / RECORD
    if not path.is_file():
        raise InputError(f"no record of a study in {path}; carry it out with: workbench study PLAN.yaml")
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            data = json.loads(line)
            found.append(Measured(**data | {"per_poem": tuple(data["per_poem"])}))
        except (ValueError, TypeError, KeyError) as exc:
            raise InputError(f"{path}:{number}: not a measurement of a study ({exc})") from exc
    return found


@contextmanager
def _opened(settings: StudySettings, way: str, seed: int, root: Path) -> Iterator[LoopRun | None]:
    """A run of the study, new or continued; None where it is finished."""
    name, wanted = settings.run_name(way, seed), settings.of_run(way, seed)
    folder = written(root) / name
    if not (folder / "run.json").is_file():
        first = settings.run_name(next(iter(settings.ways)), seed)
        with new_run(wanted, name=name, pool_of=first if first != name else "") as opened:
            yield opened
        return
    with closing(Run.open(root, name, read_only=True)) as run:
        _check_same(run, as_data(wanted))
    if summarise(folder).state == "finished":
        yield None
        return
    with open_run(root, name) as opened:
        yield opened


def _check_same(run: Run, wanted: dict[str, Any]) -> None:
    was = run.facts["settings"]
    if other := [section for section in wanted if section != "runs" and was.get(section) != wanted[section]]:
        raise InputError(
            f"run {run.name!r} was started with other settings ({', '.join(other)}); give the study another name, or "
            f"remove {run.folder}"
        )


def _keep(settings: StudySettings, folder: Path, root: Path) -> None:
    """Writes plan, machine and all measurements so far; nothing of it is text or weights."""
    rows, seconds, poems = [], 0.0, {}
    for way, seed in settings.runs:
        if not (written(root) / settings.run_name(way, seed) / "run.json").is_file():
            continue
        with closing(Run.open(root, settings.run_name(way, seed), read_only=True)) as run:
            rows += [_measured(way, seed, each) for each in run.records.all(Measurement)]
            times = [at for at, _, _ in run.records.events()]
            seconds += times[-1] - times[0] if times else 0.0
            poems[str(seed)] = {"training": len(run.facts["training"]), "held out": len(run.facts["held_out"])}
    about = {
        "seconds": round(seconds), "cores": os.cpu_count(), "processor": platform.machine(), "poems": poems,
        "versions": versions(),
    }  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    write_file(folder / "plan.yaml", as_yaml(settings).encode())
    write_file(folder / "about.json", (json.dumps(about, indent=1) + "\n").encode())
    lines = [json.dumps(asdict(row)) for row in rows]
    write_file(folder / RECORD, ("\n".join(lines) + "\n").encode())


def _measured(way: str, seed: int, one: Measurement) -> Measured:
    return Measured(
        way=way, seed=seed, arm=one.arm, iteration=one.iteration, weights=one.weights, metric=one.metric,
        per_poem=tuple(None if value is None else round(value, 5) for value in one.per_poem),
    )  # fmt: skip


def figures(rows: Sequence[Measured], metric: str, *, way: str, arm: str, iteration: int) -> list[float | None]:
    """Values of a figure by poem, all seeds one after the other; under the base weights where it is measured so.

    What a figure of the learner itself is under the base weights, training cannot change.
    """
    own = [r for r in rows if (r.metric, r.way, r.arm, r.iteration) == (metric, way, arm, iteration)]
    is_judged = metric not in _OF_THE_LEARNER and any(row.weights == "base" for row in own)
    weights = "base" if is_judged else "current"
    return [value for row in sorted(own, key=lambda r: r.seed) if row.weights == weights for value in row.per_poem]
