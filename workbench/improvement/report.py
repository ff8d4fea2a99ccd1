"""The report of a run: what was tried, what leaked, what won, what changed on held-out poems, beside the control arms.

One `Report` is built from the records alone and rendered three ways: terminal, Markdown, HTML with plotly figures.
It opens with a sentence for a person. Every figure carries its interval; a difference whose interval holds zero is
called no measurable difference, and where nothing was measured the report says so.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.evaluation.answers import mean_of_figure
from workbench.improvement.comparison import COMPARED, Compared, changed, compare_arms, reading, verdict
from workbench.intervals import FEWEST_POEMS, Estimate, Outcome, difference_of, few, outcome, shown
from workbench.pages import text_frame
from workbench.storage.records import RecordStore
from workbench.types import Candidate, Choice, Example, Measurement, Poem, Reason, ScoredCandidate, StepRecord

if TYPE_CHECKING:
    import pandas as pd

#: metric, weights, its name in words, which way is better
SHOWN = (
    ("loss_plain", "current", "loss without a description", "lower"),
    ("loss_fixed", "current", "loss with the base model's descriptions", "lower"),
    ("use_of_description", "current", "how much more it loses with another poem's", "higher"),
    ("loss_described", "current", "loss with its own descriptions", "lower"),
    ("guarded_gain", "base", "guarded gain, under the base weights", "higher"),
    ("identification", "base", "descriptions that pick their poem (leak-free), under the base weights", "higher"),
    ("chance", "base", "the same by chance", ""),
    ("identification_strict", "base", "the same where every shared word earns nothing", "higher"),
    ("best_identification", "base", "best one of a poem's, among the half of poems that did not choose it", "higher"),
    ("specificity", "base", "specificity (leak-free), under the base weights", "higher"),
    ("specificity", "current", "specificity (leak-free), under its own weights", "higher"),
    ("best_specificity", "base", "the same, best one of a poem's, by the half that did not choose it", "higher"),
    ("reward_accuracy", "current", "pairs of fixed descriptions of which the better rose more (chance .5)", "higher"),
    ("leak_rate", "base", "descriptions that copy or say the title", "lower"),
    ("drift", "current", "distance from the base model, nats a token of its own answers", ""),
    ("failure_rate", "current", "answers that could not be used", "lower"),
    ("diversity", "current", "distinct word pairs", "higher"),
    ("n_words", "current", "words a description", ""),
)

_VERDICTS = (("loss_fixed", "current"), ("specificity", "base"), ("identification", "base"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A titled table; every cell of its frame is text, as it is shown."""

    title: str
    frame: "pd.DataFrame"
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a run has to say."""

    name: str
    opening: str  # one or two sentences for a person: what was done, what was measured
    headline: tuple[str, ...]  # sentences with figures
    tables: tuple[Table, ...]
    samples: tuple[tuple[str, str], ...]  # (what, text)


def build_report(name: str, records: RecordStore) -> Report:
    """The report of a run as far as it has come."""
    measurements = records.all(Measurement)
    scores = [s for s in records.all(ScoredCandidate) if not s.unscored]
    choices, candidates = records.all(Choice), records.all(Candidate)
    trained_ids = {choice.poem_id for choice in choices}
    scores = [s for s in scores if s.poem_id in trained_ids]
    candidates = [c for c in candidates if c.poem_id in trained_ids]
    compared = compare_arms(measurements)
    tables = [
        _tried(candidates, scores, choices),
        _trained(records.all(StepRecord)),
        _held_out(measurements),
        _arms(compared),
    ]
    return Report(
        name=name,
        opening=_opening(candidates, measurements, compared, tasks={example.task for example in records.all(Example)}),
        headline=(
            *_copies(candidates, scores, choices),
            *_headline(measurements, compared),
            *(str(data["text"]) for _, _, data in records.events("warning")),
        ),
        tables=tuple(table for table in tables if len(table.frame)),
        samples=tuple(_samples(records, scores, choices)),
    )


def _opening(
    candidates: Sequence[Candidate],
    measurements: Sequence[Measurement],
    compared: Mapping[Compared, Estimate | None],
    *,
    tasks: Collection[str],
) -> str:
    """What was learned, by the figure of what was taught: a describer's is whether its descriptions pick their poem."""
    n_poems = len({candidate.poem_id for candidate in candidates})
    done = f"A model described {n_poems} poems and was trained on the best descriptions. " if n_poems else ""
    by_key = {(m.arm, m.iteration, m.metric, m.weights): m for m in measurements}
    last = max((m.iteration for m in measurements), default=0)
    key = ("loss_fixed", "current")
    if {*tasks} == {"describer"} and ("top", last, "identification", "base") in by_key:
        key = ("identification", "base")
    before, after = (by_key.get(("top", iteration, *key)) for iteration in (0, last))
    if not (last and before and after):
        return f"{done}Nothing was measured on held-out poems after training, so it is not known whether it learned."
    change = difference_of(after.per_poem, before.per_poem)
    if change is None or change.n < FEWEST_POEMS:
        n_poems = change.n if change else 0
        poems = f"{n_poems} held-out poem{'s' * (n_poems != 1)}"
        return f"{done}Measured on {poems}, and {FEWEST_POEMS} are needed to say whether it learned."
    is_lower_better = key[0] == "loss_fixed"
    seen = {Outcome.BETTER: "an improvement", Outcome.WORSE: "a decline"}
    found = outcome(change, lower_is_better=is_lower_better)
    what = "the loss shows" if is_lower_better else "the share of descriptions that pick their poem shows"
    learned = f"On {change.n} poems it had not seen, {what} {seen.get(found, 'no measurable change')}"
    chosen = compared.get(("random", *key))
    if chosen is None:
        return f"{done}{learned}; whether the choice of descriptions mattered was not measured."
    if not chosen.excludes_zero:
        return f"{done}{learned}; choosing descriptions made no measurable difference against a random choice."
    return (
        f"{done}{learned}; choosing descriptions {'helped' if (chosen.value < 0) == is_lower_better else 'did harm'}."
    )


def _copies(candidates: Sequence[Candidate], scores: Sequence[ScoredCandidate], choices: Sequence[Choice]) -> list[str]:
    """How many descriptions there are, and what became of those that copy their poem."""
    if not scores:
        return []
    leaks = [score.candidate_id for score in scores if score.is_leak]
    n_said = sum(bool(score.says) for score in scores)
    n_won = len(
        {choice.candidate_id for choice in choices if choice.is_winner and choice.arm == "top"}.intersection(leaks)
    )
    fate = f", and {n_won} of these won: nothing guards against them" if n_won else " and were out before ranking"
    n_poems = len({score.poem_id for score in scores})
    return [
        f"{len(candidates)} answers gave {len(scores)} descriptions of {n_poems} poems; "
        f"{len(leaks)} of them ({len(leaks) / len(scores):.0%}) copy the poem"
        f"{f' or say its title ({n_said})' if n_said else ''}{fate}."
    ]


def _headline(measurements: Sequence[Measurement], compared: Mapping[Compared, Estimate | None]) -> list[str]:
    lines = []
    by_key = {(m.arm, m.iteration, m.metric, m.weights): m for m in measurements}
    last = max((m.iteration for m in measurements), default=0)
    for metric, weights, what in (
        ("loss_fixed", "current", "Held-out loss with fixed descriptions"),
        ("specificity", "base", "Held-out specificity of leak-free descriptions"),
        ("identification", "base", "Leak-free descriptions of held-out poems that pick their poem"),
    ):
        before, after = by_key.get(("top", 0, metric, weights)), by_key.get(("top", last, metric, weights))
        if last and before and after:
            lines.append(f"{what}: {changed(before, after)}")
    if best := _best_of_several(by_key):
        lines.append(best)
    for (arm, metric, weights), estimate in compared.items():
        if arm == "random" and (metric, weights) in _VERDICTS:
            lines.append(verdict(metric, estimate))
    return lines


def _best_of_several(by_key: Mapping[tuple[str, int, str, str], Measurement]) -> str:
    """What choosing at use gives with no training at all; other poems choose than those that say how specific it is."""
    one, best = (by_key.get(("top", 0, metric, "base")) for metric in ("specificity", "best_specificity"))
    change = difference_of(best.per_poem, one.per_poem) if one and best else None
    if change is None:
        return ""
    told = f"Best of several tries at use, without training: specificity {shown(change, sign=True)} over one try"
    found = outcome(change)
    said = {Outcome.TOO_FEW: few(change), Outcome.BETTER: "choosing helps", Outcome.WORSE: "choosing does harm"}
    return f"{told}: {said.get(found, found.value)}."


def _tried(candidates: Sequence[Candidate], scores: Sequence[ScoredCandidate], choices: Sequence[Choice]) -> Table:
    rows = []
    winners = {choice.candidate_id for choice in choices if choice.is_winner and choice.arm == "top"}
    for iteration in sorted({candidate.iteration for candidate in candidates}):
        own = [c for c in candidates if c.iteration == iteration]
        failed = Counter(c.failure for c in own if c.failure)
        scored = [s for s in scores if s.iteration == iteration]
        clean = [s for s in scored if not s.is_leak]
        won = [s for s in scored if s.candidate_id in winners]
        rows.append((
            str(iteration),
            str(len(own)),
            ", ".join(f"{count} {Reason(reason).value}" for reason, count in failed.most_common()) or "0",
            f"{len(scored) - len(clean)} of {len(scored)}",
            f"{_mean([s.gain for s in scored])} / {_mean([s.specificity for s in clean])}",
            f"{len(won)}: {_mean([s.gain for s in won])} / {_mean([s.specificity for s in won])}{_judged(won)}",
        ))  # fmt: skip
    return Table(
        title="What was tried on the training poems",
        frame=text_frame(
            rows, ("iteration", "answers", "unusable", "copies", "gain / clean specificity", "the same, of the winners")
        ),
        note="Gain and specificity in nats per token of the poem.",
    )


def _judged(scores: Sequence[ScoredCandidate]) -> str:
    """Specificity of winners by the poems that took no part in the choice, so without the luck that made them win."""
    judged = [value for score in scores if (value := score.judged_specificity) is not None]
    return f" ({_mean(judged)} by poems that did not choose)" if judged else ""


def _mean(values: Sequence[float]) -> str:
    return f"{sum(values) / len(values):+.3f}" if values else "–"


def _trained(steps: Sequence[StepRecord]) -> Table:
    rows = []
    for arm, iteration in dict.fromkeys((step.arm, step.iteration) for step in steps):
        own = [s for s in steps if (s.arm, s.iteration) == (arm, iteration) and s.n_tokens]
        n_tokens = sum(s.n_tokens for s in own)
        loss = f"{sum(s.loss_nats for s in own) / n_tokens:.3f}" if n_tokens else "–"
        n_examples = sum(len(s.examples) for s in own)
        rows.append((arm, str(iteration), str(len(own)), str(n_examples), str(n_tokens), loss))
    return Table(
        title="Training",
        frame=text_frame(rows, ("arm", "iteration", "steps", "examples", "target tokens", "mean loss while training")),
    )


def _held_out(measurements: Sequence[Measurement]) -> Table:
    by_key = {(m.arm, m.iteration, m.metric, m.weights): m for m in measurements}
    moments = list(dict.fromkeys((m.arm, m.iteration) for m in measurements))
    rows = []
    for metric, weights, label, better in SHOWN:
        cells = [by_key.get((arm, iteration, metric, weights)) for arm, iteration in moments]
        if any(cells):
            arrow = {"lower": " ↓", "higher": " ↑", "": ""}[better]
            rows.append((label + arrow, *(_cell(cell) for cell in cells)))
    n_poems = max((m.n_poems for m in measurements), default=0)
    return Table(
        title=f"{n_poems} held-out poem{'s' * (n_poems != 1)}",
        frame=text_frame(rows, ("mean over poems [95 % interval]", *(_moment(arm, at) for arm, at in moments))),
        note="↓ lower is better, ↑ higher is better. Losses, gains and specificity in nats per token.",
    )


def _moment(arm: str, iteration: int) -> str:
    return "before" if iteration == 0 else f"{arm}, iteration {iteration}"


def _cell(measurement: Measurement | None) -> str:
    if measurement is None:
        return "–"
    return shown(
        mean_of_figure(measurement.metric, measurement.per_poem), places=0 if measurement.metric == "n_words" else 3
    )


def _arms(compared: Mapping[Compared, Estimate | None]) -> Table:
    rows = []
    better = {(metric, weights): direction for metric, weights, direction in COMPARED}
    for (arm, metric, weights), estimate in compared.items():
        said = reading(estimate, better[metric, weights], arm)
        rows.append((arm, f"{metric} ({weights} weights)", shown(estimate, sign=True), said))
    return Table(
        title="Top-K minus each control arm, after the last iteration",
        frame=text_frame(rows, ("control arm", "figure", "difference [95 % interval]", "reading")),
        note="The same candidates, poems, order and number of examples; only the choice differs. The interval is over "
        "poems, for one seed.",
    )


def _samples(
    records: RecordStore, scores: Sequence[ScoredCandidate], choices: Sequence[Choice]
) -> list[tuple[str, str]]:
    texts = {candidate.id: candidate.text for candidate in records.all(Candidate)}
    titles = {poem.id: poem.known_by for poem in records.all(Poem)}
    winners = {c.candidate_id for c in choices if c.arm == "top" and c.is_winner}
    samples = []
    if won := [s for s in scores if s.candidate_id in winners]:
        best = max(won, key=lambda s: (s.specificity, s.candidate_id))
        what = f"The winner with the highest specificity ({best.specificity:+.3f}), of “{titles[best.poem_id]}”"
        samples.append((what, texts[best.candidate_id]))
    if leaks := [s for s in scores if s.is_leak]:
        worst = max(leaks, key=lambda s: (s.gain, s.candidate_id))
        what = (
            f"The copy with the highest gain ({worst.gain:+.3f}), of “{titles[worst.poem_id]}”: "
            f"{worst.longest_run_words} words in a row, out"
        )
        samples.append((what, texts[worst.candidate_id]))
    if written := records.events("sample"):
        _, _, data = written[-1]
        samples.append(("A poem by the model after its last refresh", str(data.get("text", ""))))
    return samples
