"""What a new run may take from an earlier one: all that would come out the same, and nothing else.

    the base model's descriptions of the held-out poems, their scores and the first measurement    same scorer
    its descriptions of the training poems              neither run is interleaved: all are written before any training
    their scores                                        same scoring
    what was chosen of them                             same selection and arms

Poems, model, seed, wording and learner have to be the same in any case.
"""

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from workbench.config import as_data
from workbench.errors import InputError
from workbench.evaluation.evaluate import EvaluationSettings
from workbench.improvement.settings import Settings, settings_of_run
from workbench.scoring.likelihood import ScoringSettings
from workbench.storage.records import RecordStore
from workbench.storage.runs import Run
from workbench.types import Candidate, Choice, Measurement, ScoredCandidate

Shared = list[Candidate | ScoredCandidate | Choice | Measurement]
_ALIKE = ("seed", "model", "corpus", "backtranslation", "learner")


def shared_records(settings: Settings, name: str) -> Shared:
    """What the run `name` has for a new run with these settings; nothing without a name.

    Raises:
        InputError: the two differ in poems, model, seed, wording or learner.
    """
    if not name:
        return []
    with closing(Run.open(Path(settings.runs), name, read_only=True)) as earlier:
        theirs = settings_of_run(earlier.facts, where=f"{name}/run.json")
        ours_data, their_data = as_data(settings), as_data(theirs)
        if other := [section for section in _ALIKE if ours_data[section] != their_data[section]]:
            raise InputError(f"the pool of {name!r} cannot be shared: it differs in {', '.join(other)}")
        held_out, training = set(earlier.facts["held_out"]), set(earlier.facts["training"])
        shared: Shared = []
        if _first_scorer(settings.scoring, settings.evaluation) == _first_scorer(theirs.scoring, theirs.evaluation):
            written = _written(earlier.records, held_out, iteration=0)
            shared += [*written, *_scored(earlier.records, written), *earlier.records.all(Measurement, iteration=0)]
        if not (settings.improvement.interleaved or theirs.improvement.interleaved):
            shared += _for_training(earlier.records, training, settings, theirs)
        return shared


def _for_training(records: RecordStore, poem_ids: set[str], ours: Settings, theirs: Settings) -> Shared:
    written = _written(records, poem_ids, iteration=1)
    if ours.scoring != theirs.scoring:
        return [*written]
    scored = _scored(records, written)
    if ours.selection != theirs.selection or ours.evaluation.arms != theirs.evaluation.arms:
        return [*written, *scored]
    return [*written, *scored, *records.all(Choice, iteration=1)]


def _written(records: RecordStore, poem_ids: set[str], *, iteration: int) -> list[Candidate]:
    return [each for each in records.all(Candidate, iteration=iteration) if each.poem_id in poem_ids]


def _scored(records: RecordStore, written: Sequence[Candidate]) -> list[ScoredCandidate]:
    ids = {each.id for each in written}
    return [score for score in records.all(ScoredCandidate) if score.candidate_id in ids]


def _first_scorer(scoring: ScoringSettings, evaluation: EvaluationSettings) -> Mapping[str, Any]:
    """What decides about the first measurement."""
    leaks = scoring.leaks
    if evaluation.guard_run:
        leaks = replace(leaks, guard_run=evaluation.guard_run, guard_budget=0)
    return {
        "prompts": (scoring.prompt, scoring.baseline_prompt), "leaks": leaks, "n": evaluation.n_candidates,
        "others": evaluation.others,
    }  # fmt: skip
