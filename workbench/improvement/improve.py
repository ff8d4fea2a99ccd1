"""Improvement: carries out the plan of a run, action by action; it can be stopped and resumed at any of them.

Resuming takes the newest whole checkpoint and goes on from there; on one machine it ends with the same bytes as a run
that was never stopped. What the actions are stands in `actions.py`, their order in `plan.py`.
"""

from workbench.errors import Stopped
from workbench.improvement.actions import Actions, Loop
from workbench.improvement.plan import Action
from workbench.storage.progress import Progress, Watch


def improve(loop: Loop, *, watch: Watch = lambda _: None) -> None:
    """Carries out what is left of the run's plan.

    Raises:
        Stopped: somebody asked; a checkpoint was written first.
        DivergedError: training met a loss that is not finite; the last checkpoint is intact.
        EngineError: a model failed; the records so far are kept.
        StoreError: the disk failed; what was saved before is intact.
    """
    actions = Actions(loop)
    position = actions.resume()
    if position == 0:
        actions.begin()
    while position < len(plan := loop.plan()):
        tell(loop, watch, position, of=len(plan), text=sentence(plan[position]))
        try:
            if loop.run.stop_asked():
                raise Stopped("stopped")
            actions.do(position, plan[position])
        except Stopped:
            actions.save(position)
            text = f"stopped at {position} of {len(plan)}; go on with: improve --resume {loop.run.name}"
            loop.run.records.note("stopped", text=text)
            raise Stopped(text) from None
        position += 1
    loop.run.records.note("finished", text="finished")


def tell(loop: Loop, watch: Watch, position: int, *, of: int, text: str) -> None:
    """Says where a run is: to who watches, and in its records, which is also its heartbeat."""
    loop.run.records.note("progress", position=position, of=of, text=text)
    watch(Progress(position=position, n_actions=of, text=text))


def sentence(action: Action) -> str:
    """What an action does, for a person who watches."""
    n = len(action.poem_ids)
    return {
        "describe": f"iteration {action.iteration}: describing and scoring {n} poems",
        "train": f"iteration {action.iteration}, {action.arm}: step {action.step} of {action.total}",
        "refresh": f"iteration {action.iteration}: the describer takes the new weights",
        "evaluate": f"iteration {action.iteration}, {action.arm}: measuring on held-out poems",
        "restart": f"{action.arm}: a fresh adapter",
        "save": "saving",
    }[action.kind]
