"""The YAML of the phase, and its requests: which subjects in which forms are practised, which are kept apart.

subjects   the first part is written and trained on, the last part only asked for: no poem of it is ever trained on
forms      practised; `new_forms` are asked for before and after, and never trained on
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le

from workbench.config import Folder, Seed
from workbench.corpus.load import load_poems
from workbench.engines.learning.settings import LearnerSettings
from workbench.engines.sources import ModelSettings
from workbench.errors import InputError
from workbench.places import located
from workbench.prosody.forms import FORMS, forms_named
from workbench.training.settings import TrainingSettings
from workbench.types import content_id, seed_for
from workbench.writing.plan import OPEN_KINDS
from workbench.writing.settings import WritingSettings

Arm = Literal["verified", "shuffled", "unverified"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeTraining(TrainingSettings):
    """How a round is trained: first by imitation of what kept its form, then by pairs, kept against not kept."""

    epochs: Annotated[int, Ge(1), Le(100)] = 2  # of imitation, in the first round; later rounds make one
    learning_rate: Annotated[float, Gt(0), Le(1)] = 5e-4
    learning_rate_end: Annotated[float, Ge(0), Le(1)] = 1e-4
    pairs: bool = True
    pair_learning_rate: Annotated[float, Gt(0), Le(1)] = 5e-5
    beta: Annotated[float, Gt(0), Le(100)] = 0.1  # of pairs: how soon one counts as learnt
    requests_per_step: Annotated[int, Ge(1), Le(4096)] = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeSettings:
    """Everything that a practice depends on."""

    runs: Folder = "data/runs"
    seed: Seed = 42
    subjects: str = ""  # a text file, one a line; "" = the titles of the shipped poems
    n_subjects: Annotated[int, Ge(2), Le(100_000)] = 90  # written and trained on
    n_held_out: Annotated[int, Ge(1), Le(10_000)] = 24  # only asked for
    forms: tuple[str, ...] = ("haiku", "couplets", "quatrains AABB", "quatrains ABAB", "limerick")
    new_forms: tuple[str, ...] = ("quatrains ABBA", "triplets")
    rounds: Annotated[int, Ge(1), Le(20)] = 2
    n_answers: Annotated[int, Ge(1), Le(64)] = 2  # plain answers to each request before a round is trained
    n_measured: Annotated[int, Ge(1), Le(64)] = 2  # plain answers to each held-out request
    temperature: Annotated[float, Ge(0.05), Le(3)] = 0.8
    max_new_tokens: Annotated[int, Ge(16), Le(4096)] = 110
    arms: tuple[Arm, ...] = ("verified", "shuffled", "unverified")
    rhymes_first: bool = False  # an answer names the last words of its lines before it writes them
    poet: str = "built-in+models/rhyme_poet"  # writes with the form enforced; any engine with logits
    writing: WritingSettings = field(default_factory=lambda: WritingSettings(units=1))
    model: ModelSettings = field(default_factory=ModelSettings)  # is taught
    learner: LearnerSettings = field(default_factory=lambda: LearnerSettings(lora_rank=32))
    training: PracticeTraining = field(default_factory=PracticeTraining)

    def __post_init__(self) -> None:
        """What no single setting can say; raises ValueError."""
        names = {form.name for form in FORMS if form.kind not in OPEN_KINDS}
        if unknown := [form for form in (*self.forms, *self.new_forms) if form not in names]:
            raise ValueError(f"forms: {unknown[0]!r} cannot be written; one of: {', '.join(sorted(names))}")
        if twice := sorted({*self.forms} & {*self.new_forms}):
            raise ValueError(f"new_forms: {twice[0]!r} is practised too; a new form is one that is not")
        if not self.forms or not self.arms:
            raise ValueError("forms and arms: name at least one of each")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A subject in a form."""

    subject: str
    form: str
    is_practised: bool  # else only asked for, before and after

    @property
    def id(self) -> str:
        """Content identity."""
        return content_id("practice", self.form, self.subject)

    @property
    def scheme(self) -> str:
        """Rhymes of one unit, as the prompt says them."""
        return forms_named(self.form)[0].usual_rhyme


def requests_of(settings: PracticeSettings) -> list[Request]:
    """All requests, those that are practised first.

    Raises:
        InputError: the subjects cannot be read, or there are too few.
    """
    subjects = _subjects(settings)
    practised, held_out = subjects[: settings.n_subjects], subjects[settings.n_subjects :]
    apart = [Request(subject=s, form=f, is_practised=False) for s in held_out for f in settings.forms]
    new = [Request(subject=s, form=f, is_practised=False) for s in held_out for f in settings.new_forms]
    return [Request(subject=s, form=f, is_practised=True) for s in practised for f in settings.forms] + apart + new


def _subjects(settings: PracticeSettings) -> Sequence[str]:
    """As many as are wanted, in an order of their own."""
    if settings.subjects:
        path = located(settings.subjects)
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as exc:
            raise InputError(f"{path}: cannot be read; subjects are lines of a UTF-8 text file") from exc
    else:
        lines = [poem.title for poem in load_poems(located(Path("data/poems/good")))]
    found = sorted({" ".join(line.split()) for line in lines if line.strip()})
    Random(seed_for(settings.seed, "subjects")).shuffle(found)  # noqa: S311 - an order, not a secret
    wanted = settings.n_subjects + settings.n_held_out
    if len(found) < wanted:
        where = settings.subjects or "data/poems/good"
        raise InputError(f"{where}: {len(found)} subjects, {wanted} are wanted; lower n_subjects or n_held_out")
    return found[:wanted]
