"""A reader that is opened and asked: which model, which poems, from a file or a name to descriptions with evidence.

with open_reader(DescribeJob(), run="tide") as reader:
    found = reader.describe(find_poems("my-poems.jsonl"))
    print(found[0].best.text)
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

from workbench.backtranslation import BacktranslationSettings, Describer
from workbench.config import Seed
from workbench.corpus.load import load_poems
from workbench.corpus.poem_files import Poems
from workbench.describing.describe import Reader, describe
from workbench.describing.types import Described, figures, why_not
from workbench.engines.learning.settings import LearnerSettings
from workbench.engines.protocols import Cancelled, never
from workbench.errors import InputError
from workbench.places import located
from workbench.scoring.likelihood import LikelihoodScorer, ScoringSettings
from workbench.selection.select import SelectionSettings
from workbench.taught_model import RUNS, OpenTaught, find_taught, open_taught
from workbench.types import Candidate, Poem

_OTHERS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribeJob:
    """config/describe.yaml."""

    MOVED: ClassVar[dict[str, str]] = {"judge": "scorer"}

    model: str = "built-in"  # any engine, with or without +ADAPTER; a run is named on the command line
    scorer: str = ""  # who scores: an engine with losses; "" = the model's own base, else the built-in one
    key: str = ""  # environment variable with an endpoint's key; "" = OPENAI_API_KEY
    others: str = "data/poems/good"  # where a poem's name is looked for, and other poems are taken from
    seed: Seed = 42
    backtranslation: BacktranslationSettings = field(
        default_factory=lambda: BacktranslationSettings(n_candidates=3, words=60, keep_endless=True)
    )
    scoring: ScoringSettings = field(default_factory=lambda: ScoringSettings(others=_OTHERS))
    selection: SelectionSettings = field(default_factory=lambda: SelectionSettings(top_k=1))
    learner: LearnerSettings | None = None  # how the scorer is loaded; left out = as the run did

    def __post_init__(self) -> None:
        """What no single setting can say; raises ValueError."""
        if self.scoring.weights != "current":
            raise ValueError("scoring.weights: the base always scores here; leave it out")


class OpenReader:
    """A model ready to describe; not safe for two threads at once."""

    def __init__(self, opened: OpenTaught, job: DescribeJob) -> None:
        self.taught = opened.taught
        settings = job.backtranslation
        scoring = job.scoring
        if self.taught.run:  # a run describes by the prompts that it was taught with
            settings = replace(settings, prompt=self.taught.describe)
            scoring = replace(scoring, prompt=self.taught.follow)
        self._reader = Reader(
            describer=Describer(
                sampler=opened.sampler(), renderer=opened.renderer, settings=settings, seed=job.seed,
                is_learner=not self.taught.model.sampler,
            ),
            likelihood=LikelihoodScorer(scorer=opened.scorer, renderer=opened.renderer, settings=scoring),
            selection=job.selection, model=self.taught.name, pool=load_poems(Path(job.others)),
        )  # fmt: skip

    @property
    def pool(self) -> Sequence[Poem]:
        """Other poems, beside those that are described."""
        return self._reader.pool

    def describe(
        self, poems: Sequence[Poem], *, among: Sequence[Poem] | None = None,
        on_candidate: Callable[[Candidate], None] = lambda _: None, cancelled: Cancelled = never,
    ) -> list[Described]:  # fmt: skip
        """See `describing.describe`."""
        return describe(self._reader, poems, among=among, on_candidate=on_candidate, cancelled=cancelled)


@contextmanager
def open_reader(job: DescribeJob, *, run: str = "", adapter: str = "", runs: Path = RUNS) -> Iterator[OpenReader]:
    """Opens the job's model, or a run's, and frees it at the end.

    Raises:
        InputError: there is no such run or adapter.
        EngineError: there is no such model.
    """
    taught = find_taught(job.model, run=run, adapter=adapter, runs=runs, scorer=job.scorer, key=job.key)
    with open_taught(taught, job.learner, seed=job.seed) as opened:
        yield OpenReader(opened, job)


def find_poems(what: str, *, among: str = "data/poems/good") -> Poems:
    """The poems of a file or folder, the poem on standard input (-), or the one of a collection with this title.

    Raises:
        InputError: there is none, or several fit.
    """
    if what == "-":
        return Poems([_typed(sys.stdin.buffer.read())])
    if located(what).exists():
        return load_poems(Path(what))
    wanted, known = what.casefold(), load_poems(Path(among))
    exact = [poem for poem in known if wanted in (poem.id, poem.title.casefold())]
    found = exact or [poem for poem in known if wanted in poem.title.casefold()]
    if len(found) == 1:
        return Poems(found)
    near = ", ".join(repr(poem.title) for poem in (found or known)[:6])
    raise InputError(
        f"{what!r}: no such file, and {len(found) or 'no'} poems in {among} fit; titles are, for example, {near}"
    )


def as_record(one: Described) -> dict[str, Any]:
    """What is written of a poem as one line of JSON."""
    best, identified = one.best, one.identified
    return {
        "title": one.poem.title, "source": one.poem.source, "poem_id": one.poem.id, "model": one.model,
        "seed": one.seed, "description": best.text if best else "", "is_specific": one.is_specific,
        "problem": why_not(one), **({**figures(best.score)} if best else {}),
        "identified": asdict(identified) if identified else None, "candidates": one.rows(),
    }  # fmt: skip


def _typed(data: bytes) -> Poem:
    try:
        text = data.decode("utf-8-sig").strip("\n")
    except UnicodeDecodeError as exc:
        raise InputError(f"standard input: not UTF-8 at byte {exc.start}; save it as UTF-8") from exc
    if not text.strip():
        raise InputError("standard input: nothing came; give a poem, or a file's name instead of -")
    first, _, rest = text.partition("\n")
    if first.casefold().startswith("title:") and rest.strip():
        return Poem(title=first[len("title:") :].strip(), text=rest.strip("\n"), source="-")
    return Poem(title="Untitled", text=text, source="-")
