"""Which sequences go through the model together: alike in length, and no more tokens than the budget. Pure."""

from collections.abc import Sequence

from workbench.types import Rendered


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
