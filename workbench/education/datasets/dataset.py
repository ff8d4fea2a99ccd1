"""`educate prepare`: rows that passed the gates become the datasets of educator, poet and rhyme poet.

    rows → gates → chat examples → too long? → split by group → rhyme mix → files, card, manifest with digests

The same rows, poems, prompts and settings give the same bytes. Nothing is cut: an example that is too long is left out
and counted.

The split is by poem, so that no poem or request is on both sides. Everything that belongs together is one group: a poem
and its near-duplicates, both poems of a comparison, rows that ask for nearly the same. Groups go to the valid side
whole, in an order drawn by the seed, until each task has its share.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from annotated_types import Ge, Gt, Le, Lt

from workbench.config import Seed
from workbench.corpus.duplicates import near_duplicate_groups
from workbench.education.gate_report import GateReport, gate_report, judge_rows
from workbench.education.rows import Personas, examples_of, load_library, load_rows
from workbench.education.tasks import TASK_FIELDS, TASKS, Learner, Mix
from workbench.education.types import ChatExample, Judged, Library, Row
from workbench.errors import InputError
from workbench.prompts.roles import load_persona
from workbench.prosody.strong_rhymes import strong_rhyme
from workbench.types import Poem, Prompt, content_id

CountTokens = Callable[[Prompt, str], tuple[int, int]]  # tokens of the prompt, tokens of the target
LEARNERS: dict[str, tuple[Learner, ...]] = {"interim": ("educator",), "full": ("educator", "poet", "rhyme_poet")}


@dataclass(frozen=True, slots=True, kw_only=True)
class MaxTokens:
    """Longest example of each model, prompt and answer together."""

    educator: Annotated[int, Ge(64), Le(1_000_000)] = 1024
    poet: Annotated[int, Ge(64), Le(1_000_000)] = 512  # of both poets


@dataclass(frozen=True, slots=True, kw_only=True)
class PrepareSettings:
    """What a dataset is made of."""

    name: str = ""  # of the folder; "" = the mix
    mix: Mix = "full"
    only: tuple[Learner, ...] = ()  # of the mix's models; () = all
    rows: tuple[str, ...] = ("data/education",)  # files TASK.jsonl or folders of them
    poems: str = "data/poems"
    out: str = "data/prepared"
    seed: Seed = 42
    valid: Annotated[float, Gt(0), Lt(0.5)] = 0.1  # share of each task that is held out
    min_samples: Annotated[int, Ge(2), Le(1_000_000)] = 20  # training examples that each model needs at least
    persona: str = "mentor_short"
    poet_persona: str = "poet"
    report_chars: Annotated[int, Ge(0), Le(4000)] = 600  # of the prosody report in the prompt, as revision has it
    rhyme_share: Annotated[float, Gt(0), Le(1)] = 0.8  # rhymed part of the rhyme poet's examples
    strong_rhymes: bool = False  # rhymed part of poems that rhyme strongly alone (`prosody strong-rhymes`)
    near_duplicate: Annotated[float, Ge(0.5), Le(1)] = 0.8  # likeness from which poems, requests, answers count as one
    max_tokens: MaxTokens = field(default_factory=MaxTokens)
    tokenizer: str = "built-in"  # of which model; see `model.source` of the other jobs

    def __post_init__(self) -> None:
        """What no single setting can say; raises ValueError."""
        if left := [name for name in self.only if name not in LEARNERS[self.mix]]:
            raise ValueError(f"only: the mix {self.mix} has no {left[0]}; it has {', '.join(LEARNERS[self.mix])}")

    @property
    def learners(self) -> tuple[Learner, ...]:
        """The models that get a dataset."""
        return tuple(name for name in LEARNERS[self.mix] if not self.only or name in self.only)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """An example with its length."""

    example: ChatExample
    n_prompt: int  # tokens
    n_target: int

    @property
    def n_tokens(self) -> int:
        """Prompt and answer."""
        return self.n_prompt + self.n_target


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """What is written: examples of each model on both sides, and what became of the rest."""

    train: Mapping[str, tuple[Measured, ...]]  # by learner
    valid: Mapping[str, tuple[Measured, ...]]
    too_long: tuple[Measured, ...]
    unused: Mapping[str, int]  # general examples that the rhyme mix left over, by learner
    gates: GateReport
    rejected: tuple[Judged, ...]
    n_groups: int
    remarks: tuple[str, ...] = ()  # what was left out or mended when the poems were read, or rhymes too weakly
    strong_rhymes: tuple[Poem, ...] = ()  # the poems of the rhyme poet, where only such were wanted


def build_dataset(settings: PrepareSettings, count_tokens: CountTokens) -> Dataset:
    """Makes the dataset of the settings, in memory.

    Args:
        settings: what it is made of.
        count_tokens: lengths of a prompt and its target in the tokens of the model that will learn.

    Raises:
        InputError: rows or poems cannot be used, or a model would have too few examples.
    """
    library = load_library(Path(settings.poems))
    rows = [row for path in settings.rows for row in load_rows(Path(path), TASK_FIELDS)]
    rows = [row for row in rows if settings.mix in TASKS[row.task].mixes]
    judged = judge_rows(rows, library, near_duplicate=settings.near_duplicate)
    sound = [one.row for one in judged if one.passed]
    strong, weak = _by_rhyme(sound, library) if settings.strong_rhymes else ((), frozenset())
    examples = [one for one in _examples(settings, sound, library)
                if one.learner != "rhyme_poet" or one.row_id not in weak]  # fmt: skip
    measured, too_long = _measure(examples, settings.max_tokens, count_tokens)
    group_of = group_rows(sound, library.by_title, threshold=settings.near_duplicate)
    held_out = choose_valid([one.example for one in measured], group_of, share=settings.valid, seed=settings.seed)
    sides: list[dict[str, tuple[Measured, ...]]] = []
    unused: Counter[str] = Counter()
    for is_valid in (False, True):
        side = [one for one in measured if (group_of[one.example.row_id] in held_out) is is_valid]
        sides.append({learner: _mixed(learner, side, settings, unused) for learner in settings.learners})
    _check_enough(sides, settings)
    return Dataset(
        train=sides[0],
        valid=sides[1],
        too_long=tuple(too_long),
        unused=dict(unused),
        gates=gate_report(judged),
        rejected=tuple(one for one in judged if not one.passed),
        n_groups=len(set(group_of.values())),
        remarks=(*library.remarks, *([_WEAK.format(len(weak), len(strong))] if settings.strong_rhymes else [])),
        strong_rhymes=strong,
    )


def _by_rhyme(rows: Sequence[Row], library: Library) -> tuple[tuple[Poem, ...], frozenset[str]]:
    """The poems of rhymed rows that rhyme strongly enough to teach it, and the ids of the rows whose poems do not."""
    rhymed = [(row, poem) for row in rows if TASKS[row.task].learner == "rhyme_poet" for poem in library.of(row)]
    is_strong = {poem.id: strong_rhyme(poem.text).is_strong for _, poem in rhymed}
    strong = {poem.id: poem for _, poem in rhymed if is_strong[poem.id]}
    return tuple(strong.values()), frozenset(row.id for row, poem in rhymed if not is_strong[poem.id])


_WEAK = "left out of the rhyme poet's examples: {} rows whose poems rhyme weakly; strong_rhymes.jsonl has the other {}"


class Groups:
    """Union–find over the names of poems and requests."""

    def __init__(self) -> None:
        self._leader: dict[str, str] = {}

    def join(self, names: Iterable[str]) -> None:
        """Makes one group of the groups that hold these names."""
        first, *others = names
        for name in others:
            self._leader[self.of(name)] = self.of(first)

    def of(self, name: str) -> str:
        """The group that holds a name: the name of its leader."""
        self._leader.setdefault(name, name)
        while self._leader[name] != name:
            self._leader[name] = self._leader[self._leader[name]]
            name = self._leader[name]
        return name


def group_rows(rows: Sequence[Row], poems: Mapping[str, Poem], *, threshold: float) -> dict[str, str]:
    """The group of each row by its id; the group's name depends on what is in it, not on any order.

    Args:
        rows: R rows.
        poems: by title; near-duplicates among all of them count, whether rows name them or not.
        threshold: word similarity from which two poems, or two requests, count as one.
    """
    groups = Groups()
    written = [poem for row in rows if (poem := row.written)]
    _join_alike(groups, {poem.id: poem.text for poem in (*poems.values(), *written)}, threshold)
    asked = {f"asked {text}": text for row in rows for text in (row.request, row.question) if text}
    _join_alike(groups, asked, threshold)
    names_of = {row.id: _names(row, poems) for row in rows}
    for names in names_of.values():
        groups.join(names)
    members: defaultdict[str, set[str]] = defaultdict(set)
    for names in names_of.values():
        members[groups.of(names[0])].update(names)
    named = {leader: content_id("group", *sorted(names)) for leader, names in members.items()}
    return {row_id: named[groups.of(names[0])] for row_id, names in names_of.items()}


def choose_valid(examples: Sequence[ChatExample], group_of: Mapping[str, str], *, share: float, seed: int) -> set[str]:
    """The groups that are held out.

    A group is taken while none of its tasks would get more than its share; a task that has got nothing by then, though
    its share is one example or more, gets the smallest group that holds it.

    Args:
        examples: E examples.
        group_of: group by row id.
        share: of each task's examples, 0…1.
        seed: decides the order in which groups are looked at.
    """
    counts: defaultdict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for example in examples:
        counts[group_of[example.row_id]][example.learner, example.task] += 1
    total = sum(counts.values(), Counter())
    wanted = {kind: round(share * n) for kind, n in total.items()}
    order = sorted(counts, key=lambda group: content_id("valid", str(seed), group))
    chosen: set[str] = set()
    got: Counter[tuple[str, str]] = Counter()
    for group in order:
        if all(got[kind] + n <= wanted[kind] for kind, n in counts[group].items()):
            chosen.add(group)
            got.update(counts[group])
    for kind in sorted(wanted):
        holders = [group for group in order if kind in counts[group] and group not in chosen]
        if wanted[kind] and not got[kind] and len(holders) > 1:
            smallest = min(holders, key=lambda group: counts[group].total())
            chosen.add(smallest)
            got.update(counts[smallest])
    return chosen


def _examples(settings: PrepareSettings, rows: Sequence[Row], library: Library) -> list[ChatExample]:
    """Distinct examples of the models of the mix; the first of equal ones stays."""
    personas = Personas(
        mentor=load_persona(settings.persona),
        poet=load_persona(settings.poet_persona),
        report_chars=settings.report_chars,
    )
    made = [example for row in rows for example in examples_of(row, library, personas)]
    needed = {*settings.learners, *(["poet"] if "rhyme_poet" in settings.learners else [])}  # the rhyme mix has both
    distinct = {example.id: example for example in reversed(made) if example.learner in needed}
    return sorted(distinct.values(), key=lambda example: content_id("order", str(settings.seed), example.id))


def _measure(
    examples: Sequence[ChatExample], limits: MaxTokens, count_tokens: CountTokens
) -> tuple[list[Measured], list[Measured]]:
    short: list[Measured] = []
    long: list[Measured] = []
    for example in examples:
        n_prompt, n_target = count_tokens(example.messages, example.target)
        one = Measured(example=example, n_prompt=n_prompt, n_target=n_target)
        limit = limits.educator if example.learner == "educator" else limits.poet
        (short if one.n_tokens <= limit else long).append(one)
    return short, long


def _mixed(
    learner: str, side: Sequence[Measured], settings: PrepareSettings, unused: Counter[str]
) -> tuple[Measured, ...]:
    """A model's examples of one side, in drawn order; the rhyme poet gets general poems up to their share."""
    own = [one for one in side if one.example.learner == learner]
    if learner != "rhyme_poet":
        return tuple(own)
    general = [one for one in side if one.example.task in ("poet_pair", "written_poem")]
    n_general = min(len(general), round(len(own) * (1 - settings.rhyme_share) / settings.rhyme_share))
    unused[learner] += len(general) - n_general
    mixed = [*own, *general[:n_general]]
    return tuple(sorted(mixed, key=lambda one: content_id("mix", str(settings.seed), one.example.id)))


def _check_enough(sides: Sequence[Mapping[str, Sequence[Measured]]], settings: PrepareSettings) -> None:
    for learner, examples in sides[0].items():
        if len(examples) < settings.min_samples or not sides[1][learner]:
            raise InputError(
                f"{', '.join(settings.rows)}: {len(examples)} examples to train the {learner} and "
                f"{len(sides[1][learner])} to measure it, {settings.min_samples} and 1 are needed: "
                "add rows, or lower min_samples"
            )


def _names(row: Row, poems: Mapping[str, Poem]) -> list[str]:
    titles = [title for title in (row.poem, row.poem_a, row.poem_b) if title]
    asked = [f"asked {text}" for text in (row.request, row.question) if text]
    own = [poem.id for poem in [row.written] if poem]
    return [*(poems[title].id for title in titles), *own, *asked]


def _join_alike(groups: Groups, texts: Mapping[str, str], threshold: float) -> None:
    names = sorted(texts)
    for places in near_duplicate_groups([texts[name] for name in names], threshold):
        groups.join(names[place] for place in places)
