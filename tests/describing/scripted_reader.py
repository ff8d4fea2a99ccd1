"""A worker that describes by arithmetic, for trials by the thousand: it opens in no time and can be told to die."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.fakes import ScriptedSampler, WordRenderer, WordScorer
from workbench.backtranslation import BacktranslationSettings, Describer
from workbench.describing.collection import Row, Task
from workbench.describing.describe import Reader, describe, pool_of
from workbench.describing.run import DescribeJob, as_record
from workbench.scoring.likelihood import LikelihoodScorer, ScoringSettings
from workbench.selection.select import SelectionSettings
from workbench.types import Poem, SampleRequest

POISON = "whoever reads this line is gone"
JOB = DescribeJob(backtranslation=BacktranslationSettings(n_candidates=2, retries=0, min_words=3),
                  scoring=ScoringSettings(others=2))  # fmt: skip


def poems(n: int, *, poisoned: Sequence[int] = ()) -> list[Poem]:
    """Short poems, each with words of its own, some of which kill their worker."""
    return [
        Poem(title=f"Number {number}", text=f"lamp{number} gate{number} rope{number % 7}\nsalt{number % 11} and rain"
             + (f"\n{POISON}" if number in poisoned else ""), source=f"poems:{number}")
        for number in range(n)
    ]  # fmt: skip


class ScriptedReader:
    """Describes a poem by every second word of the request. Dies at a poisoned poem, and once each file is removed.

    Args:
        deaths: a folder; a worker that finds a file named after a poem's title there removes it and dies.
    """

    def __init__(self, deaths: Path | None = None) -> None:
        self._deaths = deaths
        renderer = WordRenderer()
        self._reader = Reader(
            describer=Describer(sampler=ScriptedSampler(_answer), renderer=renderer, settings=JOB.backtranslation,
                                seed=JOB.seed),
            likelihood=LikelihoodScorer(scorer=WordScorer(), renderer=renderer, settings=JOB.scoring),
            selection=SelectionSettings(top_k=1), model="scripted", pool=(),
        )  # fmt: skip

    def __call__(self, tasks: Sequence[Task], **_: Any) -> list[Row]:
        """A row a poem."""
        for task in tasks:
            if POISON in task.poem.text or (self._deaths and _taken(self._deaths / task.poem.title)):
                os._exit(9)
        among = pool_of([task.poem for task in tasks], [rival for task in tasks for rival in task.rivals])
        self._reader.describer.sampler.requests.clear()  # kept for tests that look at them; here it would be a leak
        self._reader.likelihood.scorer.batches.clear()
        return [as_record(one) for one in describe(self._reader, [task.poem for task in tasks], among=among)]


def _taken(path: Path) -> bool:
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    return True


def _answer(_: int, request: SampleRequest) -> str:
    words = request.prompt[-1].content.split()
    return "somebody waits by " + " ".join(words[request.seed % 2 - 12 :: 2])
