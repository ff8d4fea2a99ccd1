"""Sequences laid one behind another, so that no step works on padding and equal contexts stand once; their loss.

    tokens      c c c c t t t u u u u | c c t t …        one row for the whole batch
    attention   row 0: c c c c t t t                     one row a target: its own context, then itself
                row 1: c c c c u u u u

Only attention sees rows; there a token may be in several (a context in front of each of its targets). All targets
of one context are scored for the price of the context once. Knows the layout, nothing of models.

The loss is that of target tokens, and of nothing else:

    nll[i] = −log softmax(head(hidden[position − 1]))[token at position]          in nats, in float32

**The shift by one**: the hidden state at a position has seen that position's token, so it predicts the next one. The
loss of the first target token comes from the last context token. The vocabulary is the largest matrix of a small
model, so the head is applied to these positions only, a slice at a time, and no slice outlives its own loss.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import torch
from torch import Tensor

from workbench.types import Rendered


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """A batch of N tokens in one row, with R attention rows of at most L tokens, and M target tokens."""

    ids_N: Tensor
    positions_N: Tensor  # of each token in its own sequence
    row_tokens_R_L: Tensor  # which token is where in the rows; rows are filled up with token 0
    places_N: Tensor  # where each token's attention is read back: row × L + column
    predicting_M: Tensor  # tokens whose hidden state predicts a target token
    labels_M: Tensor  # the target tokens, in the order of the batch
    is_shared: bool  # some token is in more than one row


def pack(batch: Sequence[Rendered], *, device: torch.device, share_contexts: bool) -> Packed:
    """Lays out the batch; with `share_contexts`, neighbours with the same context keep one copy of it."""
    ids: list[int] = []
    positions: list[int] = []
    rows: list[list[int]] = []
    predicting: list[int] = []
    for family in _families(batch, share_contexts=share_contexts):
        context = list(range(len(ids), len(ids) + len(family[0].context_ids)))
        ids += family[0].context_ids
        positions += range(len(context))
        for rendered in family:
            target = list(range(len(ids), len(ids) + len(rendered.target_ids) - 1))  # the last is never read
            ids += rendered.target_ids[:-1]
            positions += range(len(context), len(context) + len(target))
            rows.append(context + target)
            predicting += [context[-1], *target]
    width = max(len(row) for row in rows)
    places = {token: r * width + c for r, row in reversed(list(enumerate(rows))) for c, token in enumerate(row)}
    labels = [id_ for rendered in batch for id_ in rendered.target_ids]
    return Packed(
        ids_N=torch.tensor(ids, device=device),
        positions_N=torch.tensor(positions, device=device),
        row_tokens_R_L=torch.tensor([row + [0] * (width - len(row)) for row in rows], device=device),
        places_N=torch.tensor([places[token] for token in range(len(ids))], device=device),
        predicting_M=torch.tensor(predicting, device=device),
        labels_M=torch.tensor(labels, device=device),
        is_shared=sum(len(row) for row in rows) > len(ids),
    )


def _families(batch: Sequence[Rendered], *, share_contexts: bool) -> Iterator[list[Rendered]]:
    """Neighbours with the same context, in order."""
    if share_contexts:
        yield from (list(family) for _, family in groupby(batch, key=lambda rendered: rendered.context_ids))
    else:
        yield from ([rendered] for rendered in batch)


def n_read(rendered: Rendered) -> int:
    """Tokens that the model reads: all but the last, which is only ever an answer."""
    return len(rendered.context_ids) + len(rendered.target_ids) - 1


def micro_batches(
    batch: Sequence[Rendered], *, token_budget: int, share_contexts: bool = False
) -> list[list[Rendered]]:
    """Groups of sequences, the longest first, so that too little memory shows at once.

    A sequence longer than the budget stands alone. With `share_contexts`, sequences with the same context stand
    together and the context is counted once.
    """
    longest = {each.context_ids: 0 for each in batch}
    for each in batch:
        longest[each.context_ids] = max(longest[each.context_ids], n_read(each))
    order = {context: place for place, context in enumerate(longest)}
    key = _by_family if share_contexts else _by_length
    groups: list[list[Rendered]] = []
    n_tokens = 0
    for each in sorted(batch, key=lambda item: key(item, longest, order)):
        is_same = share_contexts and bool(groups) and groups[-1][-1].context_ids == each.context_ids
        n_more = len(each.target_ids) - 1 if is_same else n_read(each)
        if not groups or n_tokens + n_more > token_budget:
            groups.append([])
            n_tokens, n_more = 0, n_read(each)
        groups[-1].append(each)
        n_tokens += n_more
    return groups


def _by_length(rendered: Rendered, _: dict[tuple[int, ...], int], __: dict[tuple[int, ...], int]) -> tuple[int, ...]:
    return (-n_read(rendered),)


def _by_family(
    rendered: Rendered, longest: dict[tuple[int, ...], int], order: dict[tuple[int, ...], int]
) -> tuple[int, ...]:
    return (-longest[rendered.context_ids], order[rendered.context_ids], -n_read(rendered))


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
