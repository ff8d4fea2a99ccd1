"""A folder of generated rows: settings in, rows that passed the gates out, everything else beside them.

data/generated/NAME/TASK.jsonl      rows that passed; `educate prepare` reads the folder
data/generated/NAME/answers.sqlite  every answer, what is never asked twice
data/generated/NAME/report/         gate report, rejected rows, failed answers
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated

from annotated_types import Ge, Gt, Le

from workbench.config import Seed
from workbench.education.gate_report import GateReport, judge_rows, write_gate_report
from workbench.education.generation.answers import AnswerStore, Budget, Price, Purse, describe_estimate
from workbench.education.generation.generate import Watch, Writer, Written, answers_path, open_questions, write_rows_of
from workbench.education.generation.questions import inputs_of
from workbench.education.generation.written import rows_of_forms
from workbench.education.rows import Personas, load_library, load_rows, write_rows
from workbench.education.tasks import TASK_FIELDS, TASKS
from workbench.education.types import Judged, Library, Row
from workbench.engines.names import is_far, model_name
from workbench.engines.opening import Options, open_sampler
from workbench.engines.protocols import Cancelled, Sampler, never
from workbench.errors import ConfigError, InputError
from workbench.places import located, written
from workbench.prompts.roles import load_persona
from workbench.storage.atomic import disk_errors, write_file
from workbench.storage.input_files import read_text
from workbench.types import Sampling

SEED = "seed"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerateSettings:
    """What is generated, by whom, and for how much."""

    tasks: tuple[str, ...] = ("brief", "autopsy", "lesson")
    source: str = SEED  # seed, built-in, an adapter's folder, a .gguf, or URL#MODEL
    name: str = ""  # of the folder; "" = made from the source
    limit: Annotated[int, Ge(0), Le(1_000_000)] = 0  # inputs of each task; 0 = all
    limits: dict[str, Annotated[int, Ge(0), Le(1_000_000)]] = field(default_factory=dict)  # of a task, instead of limit
    questions: str = ""  # a text file, one craft question per line: what lessons answer, instead of the rows' questions
    requests: str = ""  # the same for briefs and written poems: one wish for a poem per line
    topics: str = ""  # a text file, one topic per line: what rhyming poems are written about, in each of `forms`
    forms: tuple[str, ...] = ()  # rhyming forms of the registry for written_rhyme; () = a dozen well-known ones
    seed: Seed = 42
    rows: tuple[str, ...] = ("data/education",)  # whose critiques, requests and questions are asked about
    poems: str = "data/poems"
    out: str = "data/generated"
    persona: str = "mentor_short"
    poet_persona: str = "poet"
    report_chars: Annotated[int, Ge(0), Le(4000)] = 600
    guided: bool = True  # adds `guidance` to each question; a trained educator knows the formats without it
    guidance: dict[str, str] = field(default_factory=dict)  # by task
    sampling: Sampling = field(default_factory=lambda: Sampling(temperature=0.7, top_p=0.95, max_new_tokens=700))
    n_parallel: Annotated[int, Ge(1), Le(64)] = 4  # questions under way at an endpoint
    seconds: Annotated[float, Gt(0), Le(86_400)] = 120  # for a whole answer of an endpoint
    retries: Annotated[int, Ge(0), Le(10)] = 4
    key: str = "OPENAI_API_KEY"  # environment variable, or a line of .env
    budget: Budget = field(default_factory=Budget)
    prices: dict[str, Price] = field(default_factory=dict)  # by the endpoint's name of the model


@dataclass(frozen=True, slots=True, kw_only=True)
class Generated:
    """What a run of `generate` left."""

    folder: Path
    report: GateReport
    n_rows: int  # passed
    failures: Mapping[str, int]  # answers that failed, by the value of their Reason
    details: Mapping[str, str]  # what the last one of each was told with, such as an endpoint and its reason
    n_unasked: int
    is_over_budget: bool
    tokens: int
    money: float

    @property
    def n_failed(self) -> int:
        """Answers that failed."""
        return sum(self.failures.values())


def generate(
    settings: GenerateSettings,
    *,
    sampler: Sampler | None = None,
    say: Callable[[str], None] = lambda _: None,
    watch: Watch | None = None,
    cancelled: Cancelled = never,
) -> Generated:
    """Generates rows; run again, it continues where it stopped.

    Args:
        settings: what, by whom, for how much.
        sampler: in place of the one that `settings.source` names.
        say: told the estimate before anything is asked.
        watch: told after each answer.
        cancelled: asked between questions.

    Raises:
        ConfigError: an unknown task, or money without a price.
        InputError, EngineError, StoreError: as the parts say.
    """
    _check(settings)
    library = load_library(Path(settings.poems))
    for remark in library.remarks:
        say(remark)
    rows = [row for path in settings.rows for row in load_rows(Path(path), TASK_FIELDS)]
    given = [one.row for one in judge_rows(rows, library) if one.passed]
    folder = written(settings.out) / (settings.name or default_name(settings.source))
    with disk_errors(folder):
        (folder / "report").mkdir(parents=True, exist_ok=True)
    if settings.source == SEED:
        return _from_seed(settings, folder, rows, library)
    writes_itself = sampler is None
    sampler = sampler or _opened(settings)
    try:
        return _generate(settings, folder, given, library=library, sampler=sampler, say=say, watch=watch,
                         cancelled=cancelled)  # fmt: skip
    finally:
        if writes_itself:
            sampler.close()


def default_name(source: str) -> str:
    """A folder's name out of an engine's: small letters, digits and dashes.

    >>> default_name("http://127.0.0.1:8080/v1#Qwen3 8B")
    'qwen3-8b'
    """
    named = SEED if source == SEED else model_name(source)
    return re.sub(r"[^a-z0-9]+", "-", named.lower()).strip("-")[:64] or "model"


def _check(settings: GenerateSettings) -> None:
    guided = (re.sub(r"_\d$", "", name) for name in settings.guidance)
    for task in (*settings.tasks, *guided, *settings.limits):
        if task not in TASKS:
            raise ConfigError(f"generate: unknown task {task!r}; tasks are {', '.join(TASKS)}")
    if settings.name and not _NAME.fullmatch(settings.name):
        raise InputError(f"the name {settings.name!r}: use small letters, digits, dot, dash and underscore")
    if settings.source != SEED and is_far(settings.source) and settings.budget.money:
        model = model_name(settings.source)
        if model not in settings.prices:
            raise ConfigError(
                f"no price for {model!r}: add it under generate.prices, or set generate.budget.money to 0"
            )


def _opened(settings: GenerateSettings) -> Sampler:
    options = Options(
        key=settings.key, n_parallel=settings.n_parallel, seconds=settings.seconds, retries=settings.retries
    )
    return open_sampler(settings.source, options)


def _from_seed(settings: GenerateSettings, folder: Path, rows: list[Row], library: Library) -> Generated:
    """The seed set stands in for a model: the same gates, the same files, nothing paid."""
    wanted = [row for row in rows if row.task in settings.tasks]
    judged: list[Judged] = []
    for task in settings.tasks:
        own = [row for row in wanted if row.task == task]
        judged += judge_rows(own[: settings.limits.get(task, settings.limit) or None], library)
    return _write(folder, settings, judged, Written(rows=(), failed=(), n_unasked=0, is_over_budget=False), purse=None)


def _generate(
    settings: GenerateSettings, folder: Path, given: list[Row], *, library: Library, sampler: Sampler,
    say: Callable[[str], None], watch: Watch | None, cancelled: Cancelled,
) -> Generated:  # fmt: skip
    personas = Personas(mentor=load_persona(settings.persona), poet=load_persona(settings.poet_persona),
                    report_chars=settings.report_chars)  # fmt: skip
    store = AnswerStore(answers_path(folder))
    try:
        tokens, money = store.spent()
        name = model_name(settings.source)
        purse = Purse(budget=settings.budget, price=settings.prices.get(name, Price()), tokens=tokens, money=money)
        writer = Writer(sampler=sampler, name=name, store=store, purse=purse, personas=personas, seed=settings.seed,
                        sampling=settings.sampling, guidance=settings.guidance if settings.guided else {},
                        n_batch=settings.n_parallel * 4)  # fmt: skip
        asked_about = _asked_about(settings, given)
        inputs = {task: inputs_of(task, library, asked_about, seed=settings.seed,
                                  limit=settings.limits.get(task, settings.limit))
                  for task in settings.tasks}  # fmt: skip
        asked = [one for task in inputs for one in open_questions(task, inputs[task], library, writer)]
        say(describe_estimate(asked, purse))
        written = [write_rows_of(task, inputs[task], library, writer, watch=watch, cancelled=cancelled)
                   for task in inputs]  # fmt: skip
    finally:
        store.close()
    whole = Written(
        rows=tuple(row for one in written for row in one.rows),
        failed=tuple(answer for one in written for answer in one.failed),
        n_unasked=sum(one.n_unasked for one in written),
        is_over_budget=any(one.is_over_budget for one in written),
    )
    return _write(folder, settings, _judged(given, whole.rows, library), whole, purse=purse)


def _asked_about(settings: GenerateSettings, given: list[Row]) -> list[Row]:
    """The rows whose questions and requests are asked, those of a person's own files in place of the others."""
    rows = given
    if settings.questions:
        own = [Row(task="lesson", question=line) for line in _lines(settings.questions)]
        rows = [*own, *(row for row in rows if not row.question)]
    if settings.requests:
        own = [Row(task="brief", request=line) for line in _lines(settings.requests)]
        rows = [*own, *(row for row in rows if not row.request)]
    if settings.topics or settings.forms:
        topics = _lines(settings.topics) if settings.topics else [row.request for row in rows if row.request]
        rows = [*rows, *rows_of_forms(settings.forms, topics)]
    return rows


def _lines(path: str) -> list[str]:
    return [line.strip() for line in read_text(located(path)).split("\n") if line.strip()]


def _judged(given: list[Row], rows: tuple[Row, ...], library: Library) -> list[Judged]:
    """The new rows, judged beside those that are there, so that a near-copy of one of them is seen."""
    return judge_rows([*given, *rows], library)[len(given) :]


def _write(
    folder: Path, settings: GenerateSettings, judged: list[Judged], written: Written, *, purse: Purse | None
) -> Generated:
    for task in settings.tasks:
        passed = [one.row for one in judged if one.passed and one.row.task == task]
        write_rows(folder / f"{task}.jsonl", passed, TASK_FIELDS[task])
    report = write_gate_report(folder / "report", judged)
    failed = "".join(json.dumps(asdict(answer), ensure_ascii=False) + "\n" for answer in written.failed)
    write_file(folder / "report" / "failed.jsonl", failed.encode())
    return Generated(
        folder=folder,
        report=report,
        n_rows=report.n_passed,
        failures=Counter(answer.failure for answer in written.failed),
        details={answer.failure: answer.detail for answer in written.failed if answer.detail},
        n_unasked=written.n_unasked,
        is_over_budget=written.is_over_budget,
        tokens=purse.tokens if purse else 0,
        money=purse.money if purse else 0.0,
    )
