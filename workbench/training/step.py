"""Training examples as they lie on disk, and one optimizer step on them, by imitation or by preference.

    {"messages": [{"role": "user", "content": …}, …], "target": …, "task": …, "poem_id": …}      one a line
    {"prompt": [{"role": …}, …], "chosen": […], "rejected": […], "session": …}                   one a line, pairs

    imitation    the winners' targets become likelier: plain fine-tuning
    preference   a chosen answer becomes likelier than the one rejected for it, against the base (`selection.examples`)
    policy       every answer becomes likelier by how much it is worth more than the others of its group

        advantage   A = R − mean of the others' R      R = reward − kl · [nll₀(answer) − nll(answer)]
        loss        Σ A · nll(answer) / number of answers

`policy` is the policy gradient with a leave-one-out baseline (RLOO; GRPO without its division by the spread), the
distance from the base inside the reward. The denominator is constant, so that a long answer is not worth less a token.
Each answer is used once, by the weights that wrote it or are one step on, so there are no importance weights.

`educate prepare` makes files of the first kind, `revise --pairs` and the app of the second, which is the usual layout
of preference data; any other program may make both. A file holds one kind.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from workbench.engines.protocols import Learner
from workbench.errors import DivergedError, InputError
from workbench.prompts.renderers import Renderer
from workbench.selection.examples import PairLoss, pair_weights
from workbench.selection.groups import Group, advantages
from workbench.types import Example, Message, Rendered, Score, StepResult, Unscored, content_id


def read_examples(path: Path) -> tuple[Example, ...]:
    """Examples out of a JSON-lines file; of pairs the chosen answer, then the one rejected for it, and so on.

    Raises:
        InputError: the file or a line of it cannot be used: file, line, what to do.
    """
    try:
        lines = path.read_bytes().decode("utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as exc:
        raise InputError(f"{path}: cannot be read; make it with: workbench educate prepare") from exc
    rows = [_row(line, f"{path}:{number}") for number, line in enumerate(lines, start=1) if line.strip()]
    if not rows:
        raise InputError(f"{path}: holds no examples; make it with: workbench educate prepare")
    if len({len(row) for row in rows}) > 1:
        raise InputError(f"{path}: holds plain examples and pairs; put each kind into a folder of its own")
    return tuple(example for row in rows for example in row)


def without_rejected(examples: Sequence[Example]) -> tuple[Example, ...]:
    """The plain examples, of pairs the chosen answers."""
    return tuple(example for example in examples if not example.rejected_for)


def within(
    examples: Sequence[Example], renderer: Renderer, max_tokens: int
) -> tuple[tuple[Example, ...], tuple[Example, ...]]:
    """Examples that fit into `max_tokens`, and those that are too long: they are left out, never cut.

    Of a pair both answers have to fit.
    """
    rendered = [renderer.render(example.prompt, example.target) for example in examples]
    is_long = {
        example.rejected_for or example.id
        for example, each in zip(examples, rendered, strict=True)
        if len(each.context_ids) + len(each.target_ids) > max_tokens
    }
    sides: dict[bool, list[Example]] = {False: [], True: []}
    for example in examples:
        sides[(example.rejected_for or example.id) in is_long].append(example)
    return tuple(sides[False]), tuple(sides[True])


def spread(examples: Sequence[Example], n: int) -> list[Example]:
    """At most n examples, a task after the other, always the same ones."""
    by_task: dict[str, list[Example]] = {}
    for example in examples:
        by_task.setdefault(example.task, []).append(example)
    rounds = max(map(len, by_task.values()), default=0)
    return [own[turn] for turn in range(rounds) for own in by_task.values() if turn < len(own)][:n]


def _row(line: str, place: str) -> list[Example]:
    """The examples of one line: one, or a chosen and a rejected one."""
    try:
        data: dict[str, Any] = json.loads(line)
        if "chosen" in data:
            return _pair(data, place)
        turns, target, task = data["messages"], str(data["target"]), str(data["task"])
        return [_example(turns, target, task, str(data.get("poem_id", "")), place)]
    except (ValueError, LookupError, TypeError, AttributeError) as exc:
        raise InputError(
            f"{place}: expected messages, target and task, or prompt, chosen and rejected, in one JSON object ({exc})"
        ) from exc


def _pair(data: dict[str, Any], place: str) -> list[Example]:
    prompt, task = data["prompt"], str(data.get("task", "preference"))
    turns = [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
    chosen, rejected = (
        _example(turns, _answer(data[side]), task, str(data.get("session", "")), place)
        for side in ("chosen", "rejected")
    )
    if chosen.target == rejected.target:
        raise InputError(f"{place}: chosen and rejected are the same text; leave this line out")
    return [chosen, replace(rejected, rejected_for=chosen.id)]


def _answer(given: Any) -> str:
    """An answer as text; where a whole conversation is given, its last turn."""
    return given if isinstance(given, str) else str(given[-1]["content"])


def _example(turns: Sequence[dict[str, Any]], target: str, task: str, poem_id: str, place: str) -> Example:
    prompt = tuple(Message(role=turn["role"], content=str(turn["content"])) for turn in turns)
    if not prompt or not target.strip() or any(turn.role not in ("system", "user", "assistant") for turn in prompt):
        raise InputError(f"{place}: a prompt of system, user and assistant turns and an answer that is not empty")
    example = Example(id="", poem_id=poem_id, candidate_id="", task=task, prompt=prompt, target=target)
    words = (turn.role + turn.content for turn in prompt)
    return replace(example, id=content_id("example", task, *words, target))


def training_step(
    learner: Learner, renderer: Renderer, examples: Sequence[Example], *, learning_rate: float, beta: float
) -> StepResult | None:
    """One optimizer step on the examples; none where there is nothing to learn.

    Args:
        learner: whose weights change.
        renderer: makes token ids of the examples.
        examples: either all plain, or pairs: chosen, rejected, chosen, rejected and so on.
        learning_rate: of this step.
        beta: of pairs: how soon a pair counts as learnt.

    Returns:
        The step. Of pairs its loss is that of the chosen answers alone, before the step, so that it can be read like
        any other; None without examples.

    Raises:
        DivergedError: a loss was not finite; the weights are as before.
        EngineError: an example does not fit the model.
    """
    rendered = [renderer.render(example.prompt, example.target) for example in examples]
    if not rendered:
        return None
    if any(example.rejected_for for example in examples):
        return _step_on_pairs(learner, rendered, learning_rate=learning_rate, beta=beta)
    return learner.step(rendered, learning_rate=learning_rate)


def _step_on_pairs(learner: Learner, rendered: Sequence[Rendered], *, learning_rate: float, beta: float) -> StepResult:
    """One step on chosen, rejected, chosen, rejected and so on."""
    losses = pair_losses(learner, rendered)
    n_tokens = sum(len(each.target_ids) for each in rendered)
    scale = n_tokens / len(losses)  # a step divides by its tokens; here a pair counts as one
    weights = [weight * scale for pair in pair_weights(losses, beta=beta) for weight in pair]
    result = learner.step(rendered, learning_rate=learning_rate, weights=weights)
    return StepResult(
        loss_nats=sum(pair.chosen for pair in losses),
        n_tokens=sum(len(each.target_ids) for each in rendered[::2]),
        gradient_norm=result.gradient_norm,
    )


def policy_step(
    learner: Learner, renderer: Renderer, groups: Sequence[Group], *, learning_rate: float, kl: float
) -> StepResult | None:
    """One policy-gradient step on groups of answers; none where no group teaches anything.

    Args:
        learner: whose weights change.
        renderer: makes token ids of the examples.
        groups: answers to one request each, at least two, with their rewards.
        learning_rate: of this step.
        kl: what a nat of distance from the base weights costs of the reward.

    Returns:
        The step; its loss is the plain one of all answers before it, so that it can be read like any other.

    Raises:
        DivergedError: a loss was not finite; the weights are as before.
        EngineError: an answer does not fit the model.
    """
    rendered = [renderer.render(each.prompt, each.target) for group in groups for each in group.examples]
    if not rendered:
        return None
    base, now = _base_and_now(learner, rendered)
    distances = iter([before - after for before, after in zip(base, now, strict=True)])
    n_tokens = sum(len(each.target_ids) for each in rendered)
    scale = n_tokens / len(rendered)  # a step divides by its tokens; here by its answers
    weights = [
        scale * advantage
        for group in groups
        for advantage in advantages([reward - kl * next(distances) for reward in group.rewards])
    ]
    result = learner.step(rendered, learning_rate=learning_rate, weights=weights)
    return StepResult(loss_nats=sum(now), n_tokens=n_tokens, gradient_norm=result.gradient_norm)


def _base_and_now(learner: Learner, rendered: Sequence[Rendered]) -> tuple[list[float], list[float]]:
    """Losses of answers in nats, under the base weights and the present ones."""
    with learner.frozen():
        base = [_nats(score) for score in learner.score(rendered)]
    return base, [_nats(score) for score in learner.score(rendered)]


def pair_losses(learner: Learner, rendered: Sequence[Rendered]) -> list[PairLoss]:
    """Losses of chosen, rejected, chosen, rejected and so on, under the present weights and the base, in nats.

    Raises:
        DivergedError: one of them could not be scored.
    """
    base, now = _base_and_now(learner, rendered)
    return [
        PairLoss(chosen=now[i], rejected=now[i + 1], base_chosen=base[i], base_rejected=base[i + 1])
        for i in range(0, len(rendered), 2)
    ]


def _nats(score: Score | Unscored) -> float:
    if isinstance(score, Score):
        return score.nll_nats
    raise DivergedError(f"a pair could not be weighed: {score.reason.sentence} {score.detail}".rstrip())
