"""The loss of target tokens, and of nothing else.

    nll[i] = −log softmax(head(hidden[position − 1]))[token at position]          in nats, in float32

**The shift by one**: the hidden state at a position has seen that position's token, so it predicts the next one. The
loss of the first target token comes from the last context token. The vocabulary is the largest matrix of a small
model, so the head is applied to these positions only, a slice at a time, and no slice outlives its own loss.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from workbench.types import Rendered

Head = Callable[[Tensor], Tensor]  # hidden states → logits

SLICE_POSITIONS = 256  # 256 positions × 49,152 words in float32 are 48 MiB


def sequence(rendered: Rendered) -> list[int]:
    """What the model reads: everything but the last target token, which only ever is an answer."""
    return [*rendered.context_ids, *rendered.target_ids][:-1]


def predicting_positions(rendered: Rendered) -> range:
    """Positions in `sequence` whose hidden state predicts the target's tokens, first to last."""
    first = len(rendered.context_ids) - 1
    return range(first, first + len(rendered.target_ids))


def labels_of(batch: Sequence[Rendered]) -> list[int]:
    """The targets' tokens one after another, as `predicting_positions` lie one after another."""
    return [id_ for rendered in batch for id_ in rendered.target_ids]


def target_nll(hidden_N_D: Tensor, labels_N: Tensor, head: Head) -> Tensor:
    """Nats of N tokens in float32; the gradient flows into the hidden states, never into the head.

    Where a gradient is wanted it is made slice by slice together with the loss, so that the backward pass needs
    neither the logits nor a second run of the head.
    """
    if torch.is_grad_enabled() and hidden_N_D.requires_grad:
        nll: Tensor = _SlicedLoss.apply(hidden_N_D, labels_N, head)  # type: ignore[no-untyped-call]  # torch's apply
        return nll
    return torch.cat([_nll(part, labels, head) for part, labels in _slices(hidden_N_D, labels_N)])


def _slices(hidden: Tensor, labels: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    return zip(torch.split(hidden, SLICE_POSITIONS), torch.split(labels, SLICE_POSITIONS), strict=True)


def _nll(hidden: Tensor, labels: Tensor, head: Head) -> Tensor:
    return torch.nn.functional.cross_entropy(head(hidden).float(), labels, reduction="none")


class _SlicedLoss(torch.autograd.Function):
    """Loss and its gradient (softmax minus one at the label, through the head) in one pass over the slices."""

    @staticmethod
    def forward(ctx: Any, hidden: Tensor, labels: Tensor, head: Head) -> Tensor:
        losses: list[Tensor] = []
        gradients: list[Tensor] = []
        for part, part_labels in _slices(hidden.detach(), labels):
            with torch.enable_grad():
                leaf = part.requires_grad_()
                logits = head(leaf)
            column = part_labels.unsqueeze(1)
            logarithms = torch.log_softmax(logits.detach().float(), -1)
            losses.append(-logarithms.gather(1, column).squeeze(1))
            by_logit = logarithms.exp_()
            by_logit.scatter_add_(1, column, by_logit.new_full(column.shape, -1.0))
            gradients += torch.autograd.grad(logits, leaf, by_logit.to(logits.dtype))
        ctx.save_for_backward(torch.cat(gradients))
        return torch.cat(losses)

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Tensor) -> tuple[Tensor, None, None]:  # a token's loss touches only its row
        (gradient_N_D,) = ctx.saved_tensors
        return gradient_N_D * grad_outputs[0].unsqueeze(1).to(gradient_N_D.dtype), None, None
