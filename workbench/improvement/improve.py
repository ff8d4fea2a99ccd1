"""Improvement: carries out the plan of a run, or one phase of it at a time.

`improve` interleaves the phases, can be stopped at any action and continues from the newest whole checkpoint. The
commands backtranslate, score, select, train and evaluate do the same actions over all poems of a run, one phase after
the other, so that a person can look at the records between two of them. The actions are in `actions.py`, their order is
in `plan.py`.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from workbench.errors import InputError, Stopped
from workbench.improvement.actions import LoopActions
from workbench.improvement.plan import Action, make_plan
from workbench.improvement.run import Loop
from workbench.storage.execution import Progress, Watch, carry_out
from workbench.types import Candidate, Choice, Poem, ScoredCandidate, seed_for

ITERATION = 1  # of the phases that are carried out one at a time


def improve(loop: Loop, *, watch: Watch = lambda _: None) -> None:
    """Carries out what is left of the run's plan.

    Raises:
        Stopped: somebody asked; a checkpoint was written first.
        DivergedError: training met a loss that is not finite; the last checkpoint is intact.
        EngineError: a model failed; the records so far are kept.
        StoreError: the disk failed; what was saved before is intact.
    """
    carry_out(LoopActions(loop), watch=watch, resume_with=f"improve --resume {loop.run.name}")


def backtranslate_run(loop: Loop, watch: Watch) -> None:
    """Candidates of every training poem that has none yet.

    Raises:
        Stopped: somebody asked; finished batches are kept.
    """
    actions = LoopActions(loop)
    _batchwise(loop, watch, "describing", lambda batch: actions.backtranslate(_poems(loop, batch), ITERATION))


def score_run(loop: Loop, watch: Watch) -> None:
    """Scores of every candidate that has none yet.

    Raises:
        InputError: there are no candidates.
        Stopped: somebody asked; finished batches are kept.
    """
    actions, records = LoopActions(loop), loop.run.records
    _need(records.ids(Candidate), "no candidates yet; run backtranslate first")

    def score(batch: Sequence[str]) -> None:
        done = {s.candidate_id for s in records.of_poems(ScoredCandidate, batch, iteration=ITERATION)}
        pending = [c for c in records.of_poems(Candidate, batch, iteration=ITERATION) if c.id not in done]
        records.put(actions.score(pending, _poems(loop, batch)))

    _batchwise(loop, watch, "scoring", score)


def select_run(loop: Loop) -> int:
    """Choices of every arm; returns the number of winners of `top`.

    Raises:
        InputError: there are no scores.
    """
    actions, records = LoopActions(loop), loop.run.records
    ids = [poem.id for poem in loop.poems]
    scores = records.of_poems(ScoredCandidate, ids, iteration=ITERATION)
    _need(scores, "no scores yet; run score first")
    choices = actions.choose(records.of_poems(Candidate, ids, iteration=ITERATION), scores, ITERATION)
    records.renew(choices, iteration=ITERATION)  # verdicts may have changed the winners
    return sum(choice.is_winner for choice in choices if choice.arm == "top")


def train_run(loop: Loop, arm: str, watch: Watch) -> Path:
    """Trains a fresh adapter on an arm's winners and returns its folder.

    Raises:
        InputError: the arm has no winners.
        DivergedError: training met a loss that is not finite.
        Stopped: somebody asked; nothing of the adapter is kept.
    """
    _need(loop.run.records.all(Choice, arm=arm, is_winner=1), f"arm {arm!r} has no winners; run select first")
    actions = LoopActions(loop)
    loop.learner.reset(seed_for(loop.seed, "learner", "top"))
    ids = [poem.id for poem in loop.poems]
    plan = make_plan(loop.improvement, ids, arms=("top",), seed=loop.seed, epochs=loop.training.epochs)
    steps = [action for action in plan if action.kind == "train" and action.iteration == ITERATION]
    for number, action in enumerate(steps):
        _check_stop(loop)
        _tell(loop, watch, number, of=len(steps), text=f"{arm}: step {number + 1}")
        actions.train(replace(action, arm=arm, step=number + 1, total=len(steps)))
    return loop.run.adapter_folder(actions.keep_adapter(f"{arm}-{ITERATION}"))


def evaluate_run(loop: Loop, arm: str, watch: Watch) -> None:
    """Measures the base model and an arm's adapter on the held-out poems.

    Raises:
        InputError: the arm has no adapter.
        Stopped: somebody asked.
    """
    actions, folder = LoopActions(loop), loop.run.adapter_folder(f"{arm}-{ITERATION}")
    _need(folder.is_dir(), f"arm {arm!r} has no adapter; run train first")
    _tell(loop, watch, 0, of=2, text="measuring the base model")
    actions.evaluate(Action(kind="evaluate", iteration=0))
    _tell(loop, watch, 1, of=2, text=f"measuring {arm}")
    loop.learner.load_adapter(folder)
    actions.evaluate(Action(kind="evaluate", iteration=ITERATION, arm=arm), keep=False)


def _batchwise(loop: Loop, watch: Watch, text: str, work: Callable[[Sequence[str]], object]) -> None:
    ids = [poem.id for poem in loop.poems]
    size = loop.improvement.poems_per_batch
    batches = [ids[i : i + size] for i in range(0, len(ids), size)]
    for number, batch in enumerate(batches):
        _check_stop(loop)
        _tell(loop, watch, number, of=len(batches), text=f"{text} {len(batch)} poems")
        work(batch)


def _check_stop(loop: Loop) -> None:
    if loop.run.stop_asked():
        raise Stopped("stopped; what is finished is kept, run the same command again to continue")


def _poems(loop: Loop, poem_ids: Sequence[str]) -> list[Poem]:
    return [poem for poem in loop.poems if poem.id in set(poem_ids)]


def _need(there: object, complaint: str) -> None:
    if not there:
        raise InputError(complaint)


def _tell(loop: Loop, watch: Watch, position: int, *, of: int, text: str) -> None:
    loop.run.records.note("progress", position=position, of=of, text=text)
    watch(Progress(position=position, n_actions=of, text=text))
