"""One optimizer step on examples of the loop, by imitation or by preference.

imitation    the winners' targets become likelier: plain fine-tuning
preference   a chosen answer becomes likelier than the one rejected for it, against the base (`selection/pairs.py`)
"""

from collections.abc import Sequence

from workbench.engines.protocols import Learner
from workbench.errors import DivergedError
from workbench.prompts.renderers import Renderer
from workbench.selection.pairs import PairLoss, pair_weights
from workbench.types import Example, Rendered, Score, StepResult, Unscored


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
    with learner.frozen():
        base = [_nats(score) for score in learner.score(rendered)]
    now = [_nats(score) for score in learner.score(rendered)]
    losses = [
        PairLoss(chosen=now[i], rejected=now[i + 1], base_chosen=base[i], base_rejected=base[i + 1])
        for i in range(0, len(rendered), 2)
    ]
    n_tokens = sum(len(each.target_ids) for each in rendered)
    scale = n_tokens / len(losses)  # a step divides by its tokens; here a pair counts as one
    weights = [weight * scale for pair in pair_weights(losses, beta=beta) for weight in pair]
    result = learner.step(rendered, learning_rate=learning_rate, weights=weights)
    return StepResult(
        loss_nats=sum(now[::2]),
        n_tokens=sum(len(each.target_ids) for each in rendered[::2]),
        gradient_norm=result.gradient_norm,
    )


def _nats(score: Score | Unscored) -> float:
    if isinstance(score, Score):
        return score.nll_nats
    raise DivergedError(f"a pair could not be weighed: {score.reason.sentence} {score.detail}".rstrip())
