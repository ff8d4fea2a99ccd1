"""Practice: generate, verify, keep, learn.

    subjects × forms ─ write, form enforced ─▶ kept ──┐
                     ─ answered plainly ─ check_form ─┴─▶ imitation, then pairs ─▶ an adapter ─▶ answers plainly …
                                                          the same on shuffled and on unverified poems: the controls

The signal is sound: `check_form` says whether a poem keeps its form, and no model has a say in it. What is measured is
what the weights do by themselves, without the search, on subjects and forms that were kept apart (`measure.py`).
Source: expert iteration, as in self-taught reasoning (Zelikman et al. 2022), here with a verifier of sound.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.config import as_data, job_from
from workbench.engines.opening import Engines
from workbench.errors import InputError
from workbench.intervals import Outcome, difference_of, few, mean_of, outcome, shown
from workbench.pages import markdown_table, text_frame
from workbench.practice.actions import Practice, PracticeActions
from workbench.practice.measure import KEPT, LOWER_IS_BETTER
from workbench.practice.plan import BASE
from workbench.practice.settings import PracticeSettings, requests_of
from workbench.storage.execution import Watch, carry_out, versions
from workbench.storage.runs import PRACTICE, Run
from workbench.types import Measurement

if TYPE_CHECKING:
    import pandas as pd


@contextmanager
def new_practice(settings: PracticeSettings, *, name: str = "") -> Iterator[Practice]:
    """Makes a run and closes everything at the end.

    Raises:
        InputError: the subjects cannot be used, or the name is taken.
    """
    requests_of(settings)  # before a run is made
    facts = {"kind": PRACTICE, "settings": as_data(settings), "versions": versions()}
    with Run.create(Path(settings.runs), name, facts) as run, _opened(run, settings) as practice:
        yield practice


@contextmanager
def open_practice(root: Path, name: str) -> Iterator[Practice]:
    """Opens a run that was started, with its settings.

    Raises:
        InputError: there is no such run, or it is not a practice.
    """
    with Run.open(root, name) as run:
        if run.facts.get("kind") != PRACTICE:
            raise InputError(f"run {name!r} is not a practice; `workbench runs` lists what there is")
        with _opened(run, job_from(PracticeSettings, run.facts["settings"], where=f"{name}/run.json")) as practice:
            yield practice


@contextmanager
def _opened(run: Run, settings: PracticeSettings) -> Iterator[Practice]:
    engines = Engines(settings.model, settings.learner, seed=settings.seed)
    try:
        yield Practice(run=run, settings=settings, engines=engines)
    finally:
        engines.close()


def practise(practice: Practice, *, watch: Watch = lambda _: None) -> None:
    """Carries out what is left of the plan, and writes `practice.md` into the run.

    Raises:
        Stopped: somebody asked; a checkpoint was written first.
        DivergedError: training met a loss that is not finite; the last checkpoint is intact.
        EngineError: a model failed.
        StoreError: the disk failed; what was saved before is intact.
    """
    actions = PracticeActions(practice)
    try:
        carry_out(actions, watch=watch, resume_with=f"practice --resume {practice.run.name}")
    finally:
        actions.close_poet()
    found = practice.run.records.all(Measurement)
    page = "\n\n".join([f"# Practice {practice.run.name}", markdown_table(table(found)), *sentences(found)])
    (practice.run.folder / "practice.md").write_text(page + "\n", encoding="utf-8")


def table(found: list[Measurement]) -> "pd.DataFrame":
    """A row a figure, a column an arm and round, with intervals over subjects."""
    voices = list(dict.fromkeys((one.arm, one.iteration) for one in found))
    values = {(one.metric, one.arm, one.iteration): one.per_poem for one in found}
    rows = [
        (metric, *(shown(mean_of(values[metric, arm, number]), places=2) for arm, number in voices))
        for metric in dict.fromkeys(one.metric for one in found)
    ]
    names = ("before" if arm == BASE else f"{arm} {number}" for arm, number in voices)
    return text_frame(rows, ("figure", *names))


def sentences(found: list[Measurement]) -> list[str]:
    """What the last round of the verified arm brought, against before and against each control, subject by subject."""
    last = max((one.iteration for one in found), default=0)
    ours = _values(found, "verified", last)
    others = {"before": _values(found, BASE, 0)}
    others |= {arm: _values(found, arm, last) for arm in ("shuffled", "unverified")}
    said = []
    for metric in (KEPT, *(m for m in ours if m.startswith(f"{KEPT}: ") or m in ("kept, new forms", *LOWER_IS_BETTER))):
        gaps = []
        for name, theirs in others.items():
            if metric in theirs and metric in ours:
                gap = difference_of(ours[metric], theirs[metric])
                worth = outcome(gap, lower_is_better=metric in LOWER_IS_BETTER)
                word = few(gap) if gap and worth is Outcome.TOO_FEW else worth.value
                gaps.append(f"{shown(gap, places=2, sign=True)} against {name} ({word})")
        if gaps:
            said.append(f"{metric}: {shown(mean_of(ours[metric]), places=2)}; {'; '.join(gaps)}.")
    return said


def _values(found: list[Measurement], arm: str, number: int) -> dict[str, tuple[float | None, ...]]:
    return {one.metric: one.per_poem for one in found if one.arm == arm and one.iteration == number}
