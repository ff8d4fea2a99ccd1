"""Composing and describing in the model's process, with the very model that answers chats.

What is asked comes as plain data (`poems_api.Task`), what comes of it goes out as events. The sampler is the one that
is loaded already; the learner that reads poems back is loaded when the first one asks for it, and then stays.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

from workbench.backtranslation import BacktranslationSettings
from workbench.composing.compose import ComposingSettings
from workbench.composing.run import ComposeJob, OpenComposer
from workbench.config import job_from
from workbench.describing.run import DescribeJob, OpenReader, as_record
from workbench.engines.learning.settings import LearnerSettings
from workbench.engines.names import BUILT_IN
from workbench.engines.opening import Engines
from workbench.engines.protocols import Cancelled, Learner, Sampler
from workbench.engines.sources import ModelSettings
from workbench.prompts.renderers import Renderer
from workbench.taught_model import OpenTaught, TaughtModel, find_taught
from workbench.types import Candidate, Completion, Failed, Poem

Write = Callable[[dict[str, Any]], None]  # takes an event


@dataclass(kw_only=True)
class Lent:
    """What `OpenTaught` opens elsewhere: a sampler that somebody else owns, and a learner beside it."""

    model: ModelSettings
    threads: int
    sampler: Sampler
    renderer: Renderer

    @cached_property
    def learner(self) -> Learner:
        """Gives the losses of the base."""
        return Engines(self.model, LearnerSettings(lora_rank=1, threads=self.threads), seed=0).learner


def carry_out(lent: Lent, adapter: str, asked: Mapping[str, Any], write: Write, cancelled: Cancelled) -> None:
    """One task; its last event is `done`.

    Raises:
        InputError: it cannot be done as it is asked for.
        EngineError: the model failed.
        Stopped: `cancelled` said so.
    """
    opened = OpenTaught(_taught(lent.model, adapter), lent)
    _TASKS[asked["phase"]](opened, asked, write, cancelled)


def _taught(model: ModelSettings, adapter: str) -> TaughtModel:
    """The server's base with an adapter, and the prompts that its run taught it with."""
    known = find_taught(f"{BUILT_IN}+{adapter}") if adapter else TaughtModel(model=model)
    return replace(known, model=model)


def _compose(opened: OpenTaught, asked: Mapping[str, Any], write: Write, cancelled: Cancelled) -> None:
    def on_try(voice: str, number: int, result: Completion | Failed) -> None:
        write({"event": "try", "voice": voice, "number": number, "data": _answer(result)})

    composing = job_from(ComposingSettings, asked["composing"], where="composing")
    job = ComposeJob(others=asked["others"], seed=asked["seed"], composing=composing)
    composer = OpenComposer(opened, job)
    made = composer.compose(
        asked["description"], beside_base=asked["beside_base"], on_try=on_try, cancelled=cancelled
    )  # fmt: skip
    best = {"title": made.best.title, "poem": made.best.text} if made.best else {"title": "", "poem": ""}
    write({"event": "done", "data": best | asdict(made)})


def _describe(opened: OpenTaught, asked: Mapping[str, Any], write: Write, cancelled: Cancelled) -> None:
    def on_candidate(one: Candidate) -> None:
        data = {"text": one.text, "n_tokens": one.n_tokens, "problem": one.failure}
        write({"event": "candidate", "number": one.slot, "data": data})

    backtranslation = job_from(BacktranslationSettings, asked["backtranslation"], where="backtranslation")
    job = DescribeJob(others=asked["others"], seed=asked["seed"], backtranslation=backtranslation)
    poem = Poem(title=asked["title"], text=asked["poem"], source="-")
    found = OpenReader(opened, job).describe([poem], on_candidate=on_candidate, cancelled=cancelled)
    write({"event": "done", "data": as_record(found[0])})


_TASKS = {"compose": _compose, "describe": _describe}


def _answer(result: Completion | Failed) -> dict[str, Any]:
    """An answer as it came."""
    if isinstance(result, Failed):
        return {"text": "", "n_tokens": 0, "problem": result.detail or result.reason.sentence}
    return {"text": result.text, "n_tokens": result.n_tokens, "problem": ""}
