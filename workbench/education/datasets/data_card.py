"""The data card: what a prepared dataset holds, where it comes from, how it was split, what was left out."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from workbench.education.datasets.dataset import Dataset, Measured, PrepareSettings
from workbench.education.tasks import TASKS
from workbench.pages import markdown_table, text_frame


def token_figures(examples: Sequence[Measured]) -> dict[str, int]:
    """Sums and quantiles of the lengths; a quantile is the least length that so many examples do not pass."""
    lengths = sorted(one.n_tokens for one in examples)
    return {
        "sum": sum(lengths),
        "sum_of_targets": sum(one.n_target for one in examples),
        "median": _quantile(lengths, 0.5),
        "p95": _quantile(lengths, 0.95),
        "longest": lengths[-1] if lengths else 0,
    }


def data_card(settings: PrepareSettings, dataset: Dataset, manifest: Mapping[str, Any]) -> str:
    """Markdown."""
    parts = [
        f"# Dataset `{settings.mix}`",
        "Questions and answers that teach "
        + ", ".join(dataset.train)
        + ". Every question is made by the functions that "
        "revision and server call (`workbench/roles.py`); the loss counts the answers only.",
        "## Examples",
        _counts(dataset),
        "## Tokens of the training examples",
        _tokens(dataset, settings),
        "## Where the rows come from",
        _sources(dataset),
        "## Quality gates",
        f"{dataset.gates.n_passed} of {dataset.gates.n_rows} rows passed; the others are in `rejected.jsonl` with "
        f"their reasons.\n\n```\n{dataset.gates.to_text()}\n```",
        "## Split",
        _split(settings, dataset),
        "## Left out",
        _left_out(dataset),
        "## Made from",
        _made_from(settings, manifest),
    ]
    return "\n\n".join(parts) + "\n"


def _counts(dataset: Dataset) -> str:
    rows = []
    for learner in dataset.train:
        train, valid = (Counter(one.example.task for one in side[learner]) for side in (dataset.train, dataset.valid))
        rows += [(learner, task, str(train[task]), str(valid[task])) for task in TASKS if train[task] + valid[task]]
        rows.append((f"**{learner}**", "all", str(train.total()), str(valid.total())))
    return _table(("model", "task", "train", "valid"), rows)


def _tokens(dataset: Dataset, settings: PrepareSettings) -> str:
    rows = []
    for learner, examples in dataset.train.items():
        figures = token_figures(examples)
        rows.append((learner, *(str(figures[key]) for key in figures)))
    heads = ("model", "sum", "of them answers", "median", "95 % are within", "longest")
    counted = f"Counted with the tokenizer of the model `{settings.tokenizer}`, chat template included."
    return f"{_table(heads, rows)}\n\n{counted}"


def _sources(dataset: Dataset) -> str:
    distinct = {one.example.row_id: one.example.provenance for side in (dataset.train, dataset.valid)
                for examples in side.values() for one in examples}  # fmt: skip
    counted = Counter((told.source, told.model, told.adapter) for told in distinct.values())
    rows = [
        (source, model or "none", adapter or "none", str(n)) for (source, model, adapter), n in sorted(counted.items())
    ]
    return _table(("source", "model", "adapter", "rows"), rows)


def _split(settings: PrepareSettings, dataset: Dataset) -> str:
    return (
        f"By group, never by row: a poem with its near-duplicates (likeness {settings.near_duplicate:g} and more), "
        f"both poems of a comparison, and rows that ask for nearly the same, are on one side in every model. "
        f"{dataset.n_groups} groups, {settings.valid:.0%} of each task wanted for the valid side, seed {settings.seed}."
    )


def _left_out(dataset: Dataset) -> str:
    counted = Counter((one.example.learner, one.example.task) for one in dataset.too_long)
    lines = [f"- {n} examples of {task} for the {learner}: longer than the model's limit"
             for (learner, task), n in sorted(counted.items())]  # fmt: skip
    lines += [f"- {n} general poems beyond the share of the {learner}" for learner, n in dataset.unused.items() if n]
    return "\n".join(lines) or "Nothing."


def _made_from(settings: PrepareSettings, manifest: Mapping[str, Any]) -> str:
    lines = [f"- rows: {', '.join(f'`{path}`' for path in settings.rows)}; poems: `{settings.poems}`"]
    lines += [f"- persona `{name}`: {digest}" for name, digest in manifest["personas"].items()]
    lines += [f"- prompt `{name}`: {digest}" for name, digest in manifest["prompts"].items()]
    lines += [f"- `{name}`: sha256 {digest}" for name, digest in manifest["files"].items()]
    command = f"workbench educate prepare --mix {settings.mix} --seed {settings.seed}"
    return "\n".join([*lines, f"- command: `{command}`"])


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return markdown_table(text_frame(rows, heads))


def _quantile(lengths: Sequence[int], share: float) -> int:
    return lengths[min(int(share * len(lengths)), len(lengths) - 1)] if lengths else 0
