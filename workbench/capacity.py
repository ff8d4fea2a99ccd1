"""What describing, scoring and training on a great many poems takes: `workbench plan --poems 1e6 --machines 8xh100`.

    read      P·p                          p = prompt with the poem; each prompt is read once for its N tries
    sample    P·N·d                        d tokens a description
    score     P·[N·c + (N + 1)(1 + M)·t]   c = context with a description, t = tokens of a poem, M others + judges
    train     P·K·(c + t)·epochs           K winners
    write     P rows                       one writer

    seconds = tokens / (rate · machines · efficiency), of `train` on one machine, since a step is not spread by a fleet
    storage = P·N·(row + two losses a token of the poem)

All of it times the iterations. Rates are `config/machines.yaml` or the command line's, each with where it is from; for
another model they go by the number of weights, which is assumed. It leaves out failures, queues and transfers.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer
from annotated_types import Ge, Gt, Le
from rich.table import Table
from rich.text import Text

from workbench.config import load_job
from workbench.errors import InputError
from workbench.improvement.estimate import duration
from workbench.improvement.settings import Settings, load_settings
from workbench.model_fit import GIB, KnownModel, known_models
from workbench.places import ROOT
from workbench.terminal import Overrides, console, say

MACHINES = ROOT / "config" / "machines.yaml"
POEM_TOKENS = 186  # mean of the 422 poems of data/poems/good with the built-in model's tokenizer, title and all
_REQUEST, _FOLLOW = 88, 22  # tokens of the prompts `describe` and `follow` around poem and description, same tokenizer
_TOKENS_A_WORD = 1.4  # of a description, English
ROWS_A_SECOND = 37.0  # measured: 10,000 in 271 s, 20 deaths of two scripted workers among them (bench.cluster rows)
_ROW_BYTES, _LOSS_BYTES = 3600, 43  # of a candidate with its score and choices; of a token's two losses as text
_SLOWEST, _FASTEST = 1e-3, 1e9  # tokens a second
_SPREAD = ("read", "sample", "score")

Rate = Annotated[float, Gt(0), Le(1e9)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Tokens a second of one machine."""

    read: Rate
    sample: Rate
    score: Rate
    train: Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownMachine:
    """One kind of machine."""

    name: str = ""
    model: str = "built-in"  # whose rates they are
    rates: Rates = field(default_factory=lambda: Rates(read=1.0, sample=1.0, score=1.0, train=1.0))
    source: str = ""
    price: Annotated[float, Ge(0), Le(1e6)] = 0.0  # money an hour


@dataclass(frozen=True, slots=True, kw_only=True)
class Machines:
    """config/machines.yaml."""

    machines: tuple[KnownMachine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """A part of the work."""

    name: str
    amount: float  # tokens; of `write` rows
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What it takes, over all iterations."""

    phases: tuple[Phase, ...]
    price: float  # money, every machine for the whole time
    storage_gib: float

    @property
    def seconds(self) -> float:
        """One phase after the other; `write` continues beside them, and counts where it is the longest."""
        work = sum(phase.seconds for phase in self.phases if phase.name != "write")
        return max(work, *(phase.seconds for phase in self.phases if phase.name == "write"))

    @property
    def bottleneck(self) -> Phase:
        """The longest phase."""
        return max(self.phases, key=lambda phase: phase.seconds)


def tokens_of(settings: Settings, n_poems: float, poem_tokens: float) -> dict[str, float]:
    """Tokens of each phase in one iteration; see the head of this module."""
    drawn, scoring = settings.backtranslation, settings.scoring
    n, d = drawn.n_candidates, min(drawn.words * _TOKENS_A_WORD, drawn.max_new_tokens)
    m, c = scoring.others + scoring.judges, _FOLLOW + d
    return {
        "read": n_poems * (_REQUEST + poem_tokens),
        "sample": n_poems * n * d,
        "score": n_poems * (n * c + (n + 1) * (1 + m) * poem_tokens),
        "train": n_poems * settings.selection.top_k * (c + poem_tokens) * settings.training.epochs,
    }


def plan_of(
    settings: Settings, n_poems: float, machines: Sequence[tuple[int, KnownMachine, Rates]], *,
    poem_tokens: float = POEM_TOKENS, efficiency: float = 1.0,
) -> Plan:  # fmt: skip
    """Time, price and storage.

    Args:
        settings: of the loop: tries, others, winners, iterations.
        n_poems: P.
        machines: how many of each, and their rates for the model in question; at least one.
        poem_tokens: t.
        efficiency: share of the rates that is left when several work together.
    """
    iterations = max(1, settings.improvement.iterations)
    phases = []
    for name, amount in tokens_of(settings, n_poems, poem_tokens).items():
        speeds = [n * getattr(rates, name) for n, _, rates in machines]
        speed = sum(speeds) * efficiency if name in _SPREAD else max(getattr(rates, name) for _, _, rates in machines)
        phases.append(Phase(name=name, amount=amount * iterations, seconds=amount * iterations / speed))
    rows = n_poems * iterations
    phases.append(Phase(name="write", amount=rows, seconds=rows / ROWS_A_SECOND))
    n_bytes = rows * settings.backtranslation.n_candidates * (_ROW_BYTES + _LOSS_BYTES * poem_tokens)
    whole = Plan(phases=tuple(phases), price=0.0, storage_gib=n_bytes / GIB)
    price = whole.seconds / 3600 * sum(n * machine.price for n, machine, _ in machines)
    return Plan(phases=whole.phases, price=price, storage_gib=whole.storage_gib)


def rates_for(machine: KnownMachine, model: str, given: Mapping[str, float]) -> Rates:
    """A machine's rates for a model: what is given, else what is known, by the number of weights.

    Raises:
        InputError: no such model or task.
    """
    known = {each.id: each for each in known_models()}
    if unknown := [name for name in given if name not in Rates.__dataclass_fields__]:
        raise InputError(f"--rate {unknown[0]}: name one of {', '.join(Rates.__dataclass_fields__)}")
    share = _model(known, machine.model).shape.parameters / _model(known, model or machine.model).shape.parameters
    return Rates(**{name: given.get(name, getattr(machine.rates, name) * share) for name in Rates.__dataclass_fields__})


def _model(known: Mapping[str, KnownModel], name: str) -> KnownModel:
    if name not in known:
        raise InputError(f"--model {name}: config/models.yaml does not know it; it has {', '.join(known)}")
    return known[name]


def plan(
    poems: Annotated[float, typer.Option(help="How many, such as 1e6.", min=1, max=1e12)],
    machines: Annotated[list[str], typer.Option(help="Such as 8xh100 or two-cores; may be given again.")],
    config: Annotated[Path, typer.Option(help="The loop's YAML file.")] = Path("config/improve.yaml"),
    overrides: Overrides = None,
    model: Annotated[
        str, typer.Option(help="A model of config/models.yaml; the one the rates are of if left out.")
    ] = "",
    rate: Annotated[list[str] | None, typer.Option(help="A rate you measured: TASK=TOKENS_A_SECOND.")] = None,
    poem_tokens: Annotated[float, typer.Option(help="Tokens a poem.", min=1, max=1e6)] = POEM_TOKENS,
    efficiency: Annotated[
        float, typer.Option(help="Share of the rates left when many work together.", min=0.01, max=1)
    ] = 0.9,
) -> None:
    """What describing, scoring and training on a great many poems takes: time, price, storage, and what is slowest."""
    settings, given = load_settings(config, overrides or []), _given(rate or [])
    wanted = [(n, each, rates_for(each, model, given)) for n, each in map(_counted, machines)]
    found = plan_of(settings, poems, wanted, poem_tokens=poem_tokens, efficiency=efficiency)
    table = Table("phase", "tokens", "time")
    for phase in found.phases:
        amount = f"{phase.amount:.2g} rows" if phase.name == "write" else f"{phase.amount:.2g}"
        table.add_row(Text(phase.name), amount, duration(phase.seconds))
    console.print(table)
    say(f"Altogether {duration(found.seconds)}, {found.storage_gib:,.1f} GiB of records, price {found.price:,.0f}.")
    say(f"The longest is {found.bottleneck.name}. Iterations: {max(1, settings.improvement.iterations)}.")
    for n, each, _ in wanted:
        say(f"{n} × {each.name}: rates of {each.model}, {each.source}; price {each.price:g} an hour.")
    if model:
        say(f"For {model} the rates go by its number of weights, which is assumed.")
    said = ", ".join(f"{name} {value:g}" for name, value in given.items()) or "none"
    say(f"Given: {said}. Assumed: efficiency {efficiency:g}, one writer of {ROWS_A_SECOND:g} rows/s, no failures.")


def _counted(text: str) -> tuple[int, KnownMachine]:
    known = {machine.name: machine for machine in load_job(Machines, MACHINES, ()).machines}
    found = re.fullmatch(r"(?:([1-9][0-9]{0,5})x)?(.+)", text.strip().lower(), re.DOTALL)
    if not found or found[2] not in known:
        raise InputError(
            f"--machines {text[:60]!r}: write NUMBERxNAME, such as 8xh100; config/machines.yaml has {', '.join(known)}"
        )
    return int(found[1] or 1), known[found[2]]


def _given(rates: Sequence[str]) -> dict[str, float]:
    found = {}
    for text in rates:
        name, _, value = text.partition("=")
        try:
            found[name] = float(value)
        except ValueError:
            found[name] = 0.0
        if not _SLOWEST <= found[name] <= _FASTEST:
            raise InputError(f"--rate {text[:60]}: write TASK=TOKENS_A_SECOND, such as sample=900")
    return found
