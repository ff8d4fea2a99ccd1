"""What the workflow measures at its end, and the cards of the adapters that it gives away.

Before and after: held-out loss (from the training runs), the gates' figures and poems on the same held-out questions,
the rhyme bench. Every answer is written down beside the figures, so that a person can read what they stand for.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from workbench.education.datasets.prepared import load_prepared
from workbench.education.seed_set import load_library, load_rows
from workbench.education.tasks import TASK_FIELDS
from workbench.education.types import Row
from workbench.education.workflow.before_after import (
    EDUCATOR_FIGURES,
    POET_FIGURES,
    Answered,
    answer_all,
    as_table,
    judge_educator,
    judge_poet,
    side_by_side,
)
from workbench.education.workflow.rhyme_bench import answer_prompts, load_rhyme_prompts
from workbench.education.workflow.rhyme_bench import as_table as rhyme_table
from workbench.education.workflow.runner import Outputs, Say, School
from workbench.engines.exporting.shipped_adapter import ship_adapter
from workbench.engines.opening import Engines
from workbench.engines.protocols import Sampler
from workbench.intervals import bootstrap_difference, bootstrap_mean
from workbench.prompts.roles import load_persona
from workbench.storage.atomic import write_file
from workbench.training.examples import read_examples, spread
from workbench.training.train import LOSS
from workbench.types import Example

LEARNERS = ("educator", "poet", "rhyme poet")
_TEMPERATURE = {"educator": 0.3, "poet": 0.8, "rhyme poet": 0.8}  # those of revision
_SHIPPED_BYTES = 12_000_000


def examine(school: School, say: Say) -> Outputs:
    """Answers of base and trained models to held-out questions, judged; one Markdown report a learner."""
    engines = Engines(school.settings.model, school.settings.learner, seed=school.settings.seed)
    found: Outputs = {}
    try:
        for learner in LEARNERS:
            say(f"    {learner}: base and trained model answer held-out questions")
            found[learner] = _examine_one(school, engines.sampler, learner)
    finally:
        engines.close()
    return found


def bench_rhymes(school: School, say: Say) -> Outputs:
    """Base, poet and rhyme poet on the same rhyming tasks."""
    settings = school.settings.evaluation
    prompts = load_rhyme_prompts()[: settings.rhyme_prompts]
    path = school.folder / "rhymes.jsonl"
    engines = Engines(school.settings.model, school.settings.learner, seed=school.settings.seed)
    answers = {}
    try:
        for arm, adapter in _arms(school).items():
            say(f"    {arm}: {len(prompts)} prompts, {settings.rhyme_samples} answers each")
            engines.sampler.use_adapter(adapter)
            answers[arm] = answer_prompts(
                engines.sampler, arm, prompts, poet=load_persona("poet"), path=path,
                n_samples=settings.rhyme_samples, seed=school.settings.seed, max_new_tokens=settings.max_new_tokens,
            )  # fmt: skip
    finally:
        engines.close()
    table = rhyme_table(answers)
    write_file(school.folder / "rhymes.md", (table + "\n").encode())
    say(table)
    return {"table": table, "answers": str(path)}


def ship(school: School, say: Say) -> Outputs:
    """The three adapters in 16 bits with their cards, where the settings ask for it."""
    if not school.settings.publish_to:
        return {"folder": "", "bytes": {}}
    target, sizes = Path(school.settings.publish_to), {}
    for learner in LEARNERS:
        name = learner.replace(" ", "_")
        source = Path(school.output(f"train {learner}", "adapter"))
        base = Path(json.loads((source / "adapter_config.json").read_text("utf-8"))["base_model_name_or_path"])
        sizes[name] = ship_adapter(
            source, target / name, base=base.parent.name, card=card(school, learner), max_bytes=_SHIPPED_BYTES
        )
        say(f"    {target / name}: {sizes[name] / 1e6:.1f} MB")
    return {"folder": str(target), "bytes": sizes}


def card(school: School, learner: str) -> str:
    """The model card: data, command, losses, figures, samples."""
    losses, exam = school.output(f"train {learner}", "losses"), school.output("examine", learner)
    parts = [
        f"# {learner.capitalize()} for {school.settings.model.source}",
        f"A LoRA adapter of rank {school.settings.learner.lora_rank}, made by "
        "`python -m workbench educate run`; read `data/education/` for what it was taught, and the weaknesses below "
        "before you rely on it: the base model has 135 million parameters, and this shows how the method works.",
        "## Data",
        f"Dataset digest `{school.output('prepare full', 'digest')}`; counts, sources and split: `{_card_of(school)}`.",
        "## Held-out loss, nats per answer token, intervals over poems",
        _loss_table(losses),
        "## Held-out questions, answered before and after",
        str(exam["table"]),
        *(["## Rhyme bench", school.output("rhyme bench", "table")] if learner != "educator" else []),
        "## Known weaknesses",
        _weaknesses(learner),
        "## Ten answers side by side, as they came",
        str(exam["samples"]),
    ]
    return "\n\n".join(parts)


def _examine_one(school: School, sampler: Sampler, learner: str) -> dict[str, Any]:
    settings = school.settings.evaluation
    prepared = load_prepared(Path(school.output("prepare full", "folder")))
    examples = spread(read_examples(prepared.file(learner, valid=True)), settings.answers)
    sides: list[list[Answered]] = []
    for adapter in (None, Path(school.output(f"train {learner}", "adapter"))):
        sampler.use_adapter(adapter)
        answers = answer_all(
            sampler, examples, seed=school.settings.seed, temperature=_TEMPERATURE[learner],
            max_new_tokens=settings.max_new_tokens,
        )  # fmt: skip
        if learner == "educator":
            sides.append(judge_educator(examples, answers, _rows_of(school, examples), load_library()))
        else:
            sides.append(judge_poet(examples, answers))
    before, after = sides
    table = as_table(before, after, EDUCATOR_FIGURES if learner == "educator" else POET_FIGURES)
    samples = side_by_side(before, after)
    folder = school.folder / "exams"
    folder.mkdir(parents=True, exist_ok=True)
    report = f"# {learner}: before and after\n\n{table}\n\n{side_by_side(before, after, len(examples))}\n"
    write_file(folder / f"{learner.replace(' ', '_')}.md", report.encode())
    return {"table": table, "samples": samples, "n": len(examples)}


def _rows_of(school: School, examples: Sequence[Example]) -> dict[str, Row]:
    """The row that each example was made from, found through its line in the prepared file."""
    prepared = load_prepared(Path(school.output("prepare full", "folder")))
    folders = [school.output("seed rows", "rows"), school.output("homework", "rows")]
    rows = {row.id: row for folder in folders if folder for row in load_rows(Path(folder), TASK_FIELDS)}
    lines = prepared.file("educator", valid=True).read_text(encoding="utf-8").split("\n")
    made_from = {
        (d["messages"][-1]["content"], d["target"]): rows[d["row_id"]] for d in map(json.loads, filter(None, lines))
    }
    return {e.id: made_from[(e.prompt[-1].content, e.target)] for e in examples}


def _arms(school: School) -> dict[str, Path | None]:
    trained = {learner: Path(school.output(f"train {learner}", "adapter")) for learner in ("poet", "rhyme poet")}
    return {"base": None, **trained}


def _loss_table(losses: Mapping[str, Any]) -> str:
    best, per_poem = losses["best_epoch"], losses["per_poem"]
    lines = ["| | base | trained | difference | poems |", "|---|---|---|---|---|"]
    for key in sorted(key for key in per_poem if key.endswith("@0")):
        metric = key.removesuffix("@0")
        old, new = per_poem[key], per_poem.get(f"{metric}@{best}", per_poem[key])
        gap, name = bootstrap_difference(new, old), metric.removeprefix(LOSS).removeprefix(": ") or "all"
        lines.append(
            f"| {name} | {bootstrap_mean(old).value:.3f} | {bootstrap_mean(new).value:.3f} | "
            f"{gap.value:+.3f} [{gap.low:+.3f}, {gap.high:+.3f}] | {gap.n} |"
        )
    epochs = ", ".join(f"{epoch}: {loss:.3f}" for epoch, loss in losses["by_epoch"].items())
    return "\n".join([*lines, "", f"By epoch (0 = before): {epochs}. The weights of epoch {best} are kept."])


def _weaknesses(learner: str) -> str:
    path = Path("config/weaknesses") / f"{learner.replace(' ', '_')}.md"
    return (
        path.read_text(encoding="utf-8").strip() if path.is_file() else "None written down yet: read the answers below."
    )


def _card_of(school: School) -> str:
    return str(Path(school.output("prepare full", "folder")) / "card.md")


def as_plain(school: School) -> dict[str, Any]:
    """What the examination depends on."""
    return asdict(school.settings.evaluation) | {"seed": school.settings.seed, "model": school.settings.model.source}
