"""Training examples as they lie on disk: JSON lines with a prompt and the answer that it should lead to.

    {"messages": [{"role": "user", "content": …}, …], "target": …, "task": …, "poem_id": …}

`educate prepare` makes such files; any other program may. Knows no model.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from workbench.errors import InputError
from workbench.prompts.renderers import Renderer
from workbench.types import Example, Message, content_id


def read_examples(path: Path) -> tuple[Example, ...]:
    """Examples out of a JSON-lines file with `messages`, `target`, `task`, `poem_id`.

    Raises:
        InputError: the file or a line of it cannot be used: file, line, what to do.
    """
    try:
        lines = path.read_bytes().decode("utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as exc:
        raise InputError(f"{path}: cannot be read; make it with: workbench educate prepare") from exc
    found = [_example(line, f"{path}:{number}") for number, line in enumerate(lines, start=1) if line.strip()]
    if not found:
        raise InputError(f"{path}: holds no examples; make it with: workbench educate prepare")
    return tuple(found)


def within(
    examples: Sequence[Example], renderer: Renderer, max_tokens: int
) -> tuple[tuple[Example, ...], tuple[Example, ...]]:
    """Examples that fit into `max_tokens`, and those that are too long: they are left out, never cut."""
    rendered = [renderer.render(example.prompt, example.target) for example in examples]
    fits = [len(each.context_ids) + len(each.target_ids) <= max_tokens for each in rendered]
    return (
        tuple(example for example, fit in zip(examples, fits, strict=True) if fit),
        tuple(example for example, fit in zip(examples, fits, strict=True) if not fit),
    )


def spread(examples: Sequence[Example], n: int) -> list[Example]:
    """At most n examples, a task after the other, always the same ones."""
    by_task: dict[str, list[Example]] = {}
    for example in examples:
        by_task.setdefault(example.task, []).append(example)
    rounds = max(map(len, by_task.values()), default=0)
    return [own[turn] for turn in range(rounds) for own in by_task.values() if turn < len(own)][:n]


def _example(line: str, place: str) -> Example:
    try:
        data: dict[str, Any] = json.loads(line)
        prompt = tuple(Message(role=turn["role"], content=str(turn["content"])) for turn in data["messages"])
        target, task, poem_id = str(data["target"]), str(data["task"]), str(data.get("poem_id", ""))
    except (ValueError, LookupError, TypeError, AttributeError) as exc:
        raise InputError(f"{place}: expected messages, target and task in one JSON object ({exc})") from exc
    if not prompt or not target.strip() or any(turn.role not in ("system", "user", "assistant") for turn in prompt):
        raise InputError(f"{place}: a prompt of system, user and assistant turns and an answer that is not empty")
    example = Example(id="", poem_id=poem_id, candidate_id="", task=task, prompt=prompt, target=target)
    words = (turn.role + turn.content for turn in prompt)
    return replace(example, id=content_id("example", task, *words, target))
