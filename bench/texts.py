"""What the scoring and training benches work on: our poems, with descriptions as long as real ones."""

import json
from pathlib import Path

from workbench.engines.base_model import base_model
from workbench.engines.sources import ModelSettings
from workbench.prompts.renderers import renderer_for
from workbench.prompts.templates import load_prompt
from workbench.types import Rendered

ROOT = Path(__file__).resolve().parent.parent
N_WORDS = 70  # of a description


def checkpoint() -> Path:
    """The built-in model."""
    return base_model(ModelSettings(weights="bf16")).checkpoint


def poems(n: int) -> list[dict[str, str]]:
    """Some poems of 10 to 20 lines, spread over the collection."""
    records = [
        json.loads(line)
        for file in sorted((ROOT / "data" / "poems" / "good").glob("*.jsonl"))
        for line in file.read_text("utf-8").split("\n")
        if line
    ]
    fitting = [record for record in records if 10 <= record["poem"].count("\n") + 1 <= 20]
    return fitting[:: max(1, len(fitting) // n)][:n]


def follower_items(n_poems: int, n_descriptions: int, *, n_others: int = 0) -> list[Rendered]:
    """Description → poem, each description also before some other poems; only lengths matter to speed.

    The descriptions are words of other poems.
    """
    renderer, template, chosen = renderer_for(checkpoint()), load_prompt("follow"), poems(n_poems)
    words = " ".join(record["poem"] for record in poems(200)).split()
    items = []
    for p in range(len(chosen)):
        for c in range(n_descriptions):
            start = (p * n_descriptions + c) * N_WORDS % (len(words) - N_WORDS)
            prompt = template.fill(description=" ".join(words[start : start + N_WORDS - 7 * c]))
            for other in range(n_others + 1):
                record = chosen[(p + other) % len(chosen)]
                items.append(renderer.render(prompt, f"Title: {record['title']}\nPoem: {record['poem']}"))
    return items


def n_tokens(items: list[Rendered]) -> int:
    """Context and target tokens of all items, as one who reads them one by one counts."""
    return sum(len(item.context_ids) + len(item.target_ids) for item in items)


def n_targets(items: list[Rendered]) -> int:
    """Target tokens of all items."""
    return sum(len(item.target_ids) for item in items)
