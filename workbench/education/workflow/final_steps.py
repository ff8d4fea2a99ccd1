"""What the workflow measures at its end, and the cards of the adapters that it gives away.

Before and after: held-out loss (from the training runs), the gates' figures and poems on the same held-out questions,
the rhyme bench. Every answer is written down beside the figures, so that a person can read what they stand for.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from workbench.education.datasets.prepared import load_prepared
from workbench.education.rows import load_library, load_rows
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
from workbench.education.workflow.runner import Outputs, Say, Workflow
from workbench.engines.adapter_files import ship_adapter
from workbench.engines.opening import Engines
from workbench.engines.protocols import Sampler
from workbench.intervals import difference_of, mean_of, shown
from workbench.pages import markdown_table, text_frame
from workbench.places import located, written
from workbench.prompts.roles import load_persona
from workbench.storage.atomic import write_file
from workbench.training.step import read_examples, spread
from workbench.training.train import LOSS
from workbench.types import Example

LEARNERS = ("educator", "poet", "rhyme_poet")
_TEMPERATURE = {"educator": 0.3, "poet": 0.8, "rhyme_poet": 0.8}  # those of revision
_SHIPPED_BYTES = 12_000_000


def evaluate_finally(workflow: Workflow, say: Say) -> Outputs:
    """Answers of base and trained models to held-out questions, judged; one Markdown report a learner."""
    engines = Engines(workflow.settings.model, workflow.settings.learner, seed=workflow.settings.seed)
    found: Outputs = {}
    try:
        for learner in LEARNERS:
            say(f"    {_in_words(learner)}: base and trained model answer held-out questions")
            found[learner] = _evaluate_one(workflow, engines.sampler, learner)
    finally:
        engines.close()
    return found


def bench_rhymes(workflow: Workflow, say: Say) -> Outputs:
    """Base, poet and rhyme poet on the same rhyming tasks."""
    settings = workflow.settings.evaluation
    prompts = load_rhyme_prompts()[: settings.rhyme_prompts]
    path = workflow.folder / "rhymes.jsonl"
    engines = Engines(workflow.settings.model, workflow.settings.learner, seed=workflow.settings.seed)
    answers = {}
    try:
        for arm, adapter in _arms(workflow).items():
            say(f"    {arm}: {len(prompts)} prompts, {settings.rhyme_samples} answers each")
            engines.sampler.use_adapter(adapter)
            answers[arm] = answer_prompts(
                engines.sampler, arm, prompts, poet=load_persona("poet"), path=path,
                n_samples=settings.rhyme_samples, seed=workflow.settings.seed, max_new_tokens=settings.max_new_tokens,
            )  # fmt: skip
    finally:
        engines.close()
    table = rhyme_table(answers)
    write_file(workflow.folder / "rhymes.md", (table + "\n").encode())
    say(table)
    return {"table": table, "answers": str(path)}


def publish(workflow: Workflow, say: Say) -> Outputs:
    """The three adapters in 16 bits with their cards, where the settings ask for it."""
    if not workflow.settings.publish_to:
        say("    nothing is given away: publish_to names no folder")
        return {"folder": "", "bytes": {}}
    target, sizes = written(workflow.settings.publish_to), {}
    for learner in LEARNERS:
        source = Path(workflow.output(f"train {learner}", "adapter"))
        base = Path(json.loads((source / "adapter_config.json").read_text("utf-8"))["base_model_name_or_path"])
        sizes[learner] = ship_adapter(
            source, target / learner, base=base.parent.name, card=card(workflow, learner), max_bytes=_SHIPPED_BYTES
        )
        say(f"    {target / learner}: {sizes[learner] / 1e6:.1f} MB")
    return {"folder": str(target), "bytes": sizes}


def card(workflow: Workflow, learner: str) -> str:
    """The model card: data, command, losses, figures, samples."""
    losses, found = workflow.output(f"train {learner}", "losses"), workflow.output("final evaluation", learner)
    parts = [
        f"# {_in_words(learner).capitalize()} for {workflow.settings.model.source}",
        f"A LoRA adapter of rank {workflow.settings.learner.lora_rank}, made by "
        "`workbench educate run`; read `data/education/` for what it was taught, and the weaknesses below "
        "before you rely on it: the base model has 135 million parameters, and this shows how the method works.",
        "## Data",
        f"Dataset digest `{workflow.output('prepare full', 'digest')}`; counts, sources and split: "
        f"`{_card_of(workflow)}`.",
        "## Held-out loss, nats per answer token, intervals over poems",
        _loss_table(losses),
        "## Held-out questions, answered before and after",
        str(found["table"]),
        *(["## Rhyme bench", workflow.output("rhyme bench", "table")] if learner != "educator" else []),
        "## Known weaknesses",
        _weaknesses(learner),
        "## Ten answers side by side, as they came",
        str(found["samples"]),
    ]
    return "\n\n".join(parts)


def _evaluate_one(workflow: Workflow, sampler: Sampler, learner: str) -> dict[str, Any]:
    settings = workflow.settings.evaluation
    prepared = load_prepared(Path(workflow.output("prepare full", "folder")))
    examples = spread(read_examples(prepared.file(learner, valid=True)), settings.answers)
    sides: list[list[Answered]] = []
    for adapter in (None, Path(workflow.output(f"train {learner}", "adapter"))):
        sampler.use_adapter(adapter)
        answers = answer_all(
            sampler, examples, seed=workflow.settings.seed, temperature=_TEMPERATURE[learner],
            max_new_tokens=settings.max_new_tokens,
        )  # fmt: skip
        if learner == "educator":
            sides.append(judge_educator(examples, answers, _rows_of(workflow, examples), load_library()))
        else:
            sides.append(judge_poet(examples, answers))
    before, after = sides
    table = as_table(before, after, EDUCATOR_FIGURES if learner == "educator" else POET_FIGURES)
    samples = side_by_side(before, after)
    folder = workflow.folder / "evaluation"
    folder.mkdir(parents=True, exist_ok=True)
    report = f"# {_in_words(learner)}: before and after\n\n{table}\n\n{side_by_side(before, after, len(examples))}\n"
    write_file(folder / f"{learner}.md", report.encode())
    return {"table": table, "samples": samples, "n": len(examples)}


def _rows_of(workflow: Workflow, examples: Sequence[Example]) -> dict[str, Row]:
    """The row that each example was made from, found through its line in the prepared file."""
    prepared = load_prepared(Path(workflow.output("prepare full", "folder")))
    folders = [workflow.output("seed rows", "rows"), workflow.output("generated rows", "rows")]
    rows = {row.id: row for folder in folders if folder for row in load_rows(Path(folder), TASK_FIELDS)}
    lines = prepared.file("educator", valid=True).read_text(encoding="utf-8").split("\n")
    made_from = {
        (d["messages"][-1]["content"], d["target"]): rows[d["row_id"]] for d in map(json.loads, filter(None, lines))
    }
    return {e.id: made_from[(e.prompt[-1].content, e.target)] for e in examples}


def _arms(workflow: Workflow) -> dict[str, Path | None]:
    learners = ("poet", "rhyme_poet")
    trained = {_in_words(name): Path(workflow.output(f"train {name}", "adapter")) for name in learners}
    return {"base": None, **trained}


def _in_words(learner: str) -> str:
    """As a person reads it, in tables and titles."""
    return learner.replace("_", " ")


def _loss_table(losses: Mapping[str, Any]) -> str:
    best, per_poem = losses["best_epoch"], losses["per_poem"]
    rows = []
    for key in sorted(key for key in per_poem if key.endswith("@0")):
        metric = key.removesuffix("@0")
        old, new = per_poem[key], per_poem.get(f"{metric}@{best}", per_poem[key])
        gap, name = difference_of(new, old), metric.removeprefix(LOSS).removeprefix(": ") or "all"
        rows.append((name, _mean(old), _mean(new), shown(gap, sign=True), gap.n if gap else 0))
    table = markdown_table(text_frame(rows, ("", "base", "trained", "difference", "poems")))
    epochs = ", ".join(f"{epoch}: {loss:.3f}" for epoch, loss in losses["by_epoch"].items())
    return "\n".join([table, "", f"By epoch (0 = before): {epochs}. The weights of epoch {best} are kept."])


def _mean(values: Sequence[float | None]) -> str:
    found = mean_of(values)
    return f"{found.value:.3f}" if found else "–"


def _weaknesses(learner: str) -> str:
    path = located("config/weaknesses") / f"{learner}.md"
    return (
        path.read_text(encoding="utf-8").strip() if path.is_file() else "None written down yet: read the answers below."
    )


def _card_of(workflow: Workflow) -> str:
    return str(Path(workflow.output("prepare full", "folder")) / "card.md")
