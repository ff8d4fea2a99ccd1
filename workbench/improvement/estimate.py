"""What a run of the loop will cost, before it starts: counts from the settings, rates from an earlier run.

    seconds = described × rate + trained × rate + measured × rate, each rate in seconds per description or example

Rates come from the newest finished run with the same model on this machine: its plan says what each of its actions was,
its events when each began. Where there is none, the built-in model's rates on two cores are assumed, and it says so.
The error is a factor of two either way. Says nothing about other programs on the machine.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.improvement.plan import Action, make_plan
from workbench.improvement.settings import Settings, settings_of_run
from workbench.places import located
from workbench.prompts.templates import poem_target
from workbench.storage.runs import Run, list_runs
from workbench.types import Poem

ASSUMED = {"describe": 0.8, "train": 0.25, "evaluate": 2.4}  # seconds an item: demo of 2026-11 on two cores
BUILT_IN_GIB = 2.8  # peak of a training step with the built-in model: `make bench`
_LETTERS_A_TOKEN = 3.6  # of English verse in the built-in model's vocabulary
_BYTES_A_PARAMETER = 6  # weights twice (sampler in bf16, learner in fp32), before activations


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a run will take."""

    n_described: int  # candidate descriptions of training poems
    n_trained: int  # examples, over all arms
    n_measured: int  # descriptions of held-out poems
    seconds: float
    source: str  # where the rates are from; "" = none are known for this model
    memory_gib: float  # 0 = unknown

    @property
    def sentence(self) -> str:
        """All of it for a person."""
        work = f"{self.n_described} descriptions, {self.n_trained} training examples, {self.n_measured} held-out ones"
        time = f"about {duration(self.seconds)} ({self.source})" if self.source else "no earlier run tells how long"
        memory = f"about {self.memory_gib:.1f} GiB of memory" if self.memory_gib else "memory unknown"
        return f"{work} · {time} · {memory}"


def estimate(settings: Settings, n_poems: int, *, runs: Path) -> Cost:
    """The cost of a run of these settings on so many poems.

    Args:
        settings: of the run.
        n_poems: poems that the corpus setting reads and that are short enough for it.
        runs: the folder of all runs, searched for rates.
    """
    n_used, n_held = n_used_and_held_out(settings, n_poems)
    plan = _plan(settings, [str(number) for number in range(n_used - n_held)])
    counts = _counts(settings, plan, n_held)
    rates, source = measured_rates(runs, settings)
    is_built_in = settings.model.source == "built-in"
    if not rates and is_built_in:
        rates, source = ASSUMED, "assumed: two cores, the built-in model"
    return Cost(
        n_described=counts["describe"],
        n_trained=counts["train"],
        n_measured=counts["evaluate"],
        seconds=sum(counts[kind] * rates.get(kind, ASSUMED[kind]) for kind in ASSUMED) + 15,
        source=source,
        memory_gib=BUILT_IN_GIB if is_built_in else _memory_gib(located(settings.model.source)),
    )


def n_short_enough(settings: Settings, poems: Sequence[Poem]) -> int:
    """How many of the poems `corpus.max_tokens` will leave, by their letters: no tokenizer is at hand before a run."""
    return sum(len(poem_target(poem)) <= _LETTERS_A_TOKEN * settings.corpus.max_tokens for poem in poems)


def n_used_and_held_out(settings: Settings, n_poems: int) -> tuple[int, int]:
    """How many of so many poems a run takes, and how many of these it holds out, before any is left out."""
    n_used = min(n_poems, settings.corpus.limit or n_poems)
    share = settings.corpus.held_out
    return n_used, min(max(round(n_used * share), 1), max(n_used - 1, 0)) if share else 0


def measured_rates(runs: Path, settings: Settings) -> tuple[dict[str, float], str]:
    """Seconds an item by kind of action, and the run that they are from; empty where there is none with this model."""
    for summary in list_runs(runs)[:10]:
        if summary.state != "finished":
            continue
        try:
            run = Run.open(runs, summary.name, read_only=True)
            try:
                earlier = settings_of_run(run.facts, where=f"{run.name}/run.json")
                rates = _rates(run, earlier) if earlier.model.source == settings.model.source else {}
            finally:
                run.close()
        except (WorkbenchError, KeyError, TypeError):
            continue
        if rates:
            return rates, f"as fast as {summary.name}"
    return {}, ""


def seconds_left(run: Run, *, runs: Path) -> float | None:
    """What a run at work still needs, by how fast its own actions have been.

    Kinds that it has not reached yet count as fast as in an earlier run, or as the built-in model usually is.

    Args:
        run: opened to read.
        runs: the folder of all runs, searched for rates.

    Returns:
        Seconds; None before its first action has ended, or where nothing tells how long a kind takes.
    """
    settings = settings_of_run(run.facts, where=f"{run.name}/run.json")
    own = _rates(run, settings)
    done = [int(data.get("position", 0)) for _, kind, data in run.records.events() if kind == "progress"]
    if not own or not done:
        return None
    plan = _plan(settings, run.facts["training"])[done[-1] :]
    earlier = measured_rates(runs, settings)[0] or (ASSUMED if settings.model.source == "built-in" else {})
    rates = earlier | own
    needed = [action for action in plan if action.kind in ASSUMED]
    if any(action.kind not in rates for action in needed):
        return None
    n_held = len(run.facts["held_out"])
    return sum(rates[action.kind] * _n_items(settings, action, n_held) for action in needed)


def duration(seconds: float) -> str:
    """Seconds in words.

    >>> duration(50), duration(300), duration(9000), duration(1e7)
    ('50 s', '5 min', '2.5 h', '116 days')
    """
    if seconds < 100:
        return f"{seconds:.0f} s"
    if seconds >= 360_000:
        return f"{seconds / 86_400:,.0f} days"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


def _rates(run: Run, settings: Settings) -> dict[str, float]:
    facts = run.facts
    plan = _plan(settings, facts["training"])
    spent: defaultdict[str, float] = defaultdict(float)
    items: defaultdict[str, int] = defaultdict(int)
    for (begun, kind, data), (ended, _, _) in pairwise(run.records.events()):
        if kind == "progress" and int(data.get("position", -1)) in range(len(plan)):
            action = plan[int(data["position"])]
            spent[action.kind] += ended - begun
            items[action.kind] += _n_items(settings, action, len(facts["held_out"]))
    return {kind: spent[kind] / items[kind] for kind in ASSUMED if items[kind]}


def _plan(settings: Settings, poem_ids: Sequence[str]) -> list[Action]:
    arms = ("top", *(arm for arm in settings.evaluation.arms if arm != "top"))
    return make_plan(settings.improvement, poem_ids, arms=arms, seed=settings.seed, epochs=settings.training.epochs)


def _counts(settings: Settings, plan: Sequence[Action], n_held: int) -> dict[str, int]:
    counts = dict.fromkeys(ASSUMED, 0)
    for action in plan:
        if action.kind in counts:
            counts[action.kind] += _n_items(settings, action, n_held)
    return counts


def _n_items(settings: Settings, action: Action, n_held: int) -> int:
    if action.kind == "describe":
        return len(action.poem_ids) * settings.backtranslation.n_candidates
    if action.kind == "train" and settings.training.objective == "policy":
        return len(action.poem_ids) * settings.backtranslation.n_candidates
    if action.kind == "train":
        return len(action.poem_ids) * min(settings.selection.top_k, settings.backtranslation.n_candidates)
    is_cheap = action.iteration and not settings.evaluation.describes
    return 0 if is_cheap else n_held * settings.evaluation.n_candidates


def _memory_gib(source: Path) -> float:
    """Twice the weights of a folder or file that is here, and something for the work; 0 where it is not."""
    files = list(source.glob("*.safetensors")) if source.is_dir() else [source] if source.is_file() else []
    n_bytes = sum(file.stat().st_size for file in files)
    return n_bytes / 2 * _BYTES_A_PARAMETER / 2**30 + 1.5 if n_bytes else 0.0
