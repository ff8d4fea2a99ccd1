"""Which sequences go through the model together: alike in length, and no more tokens than the budget. Pure."""

from collections.abc import Sequence


def micro_batches(lengths: Sequence[int], *, token_budget: int) -> list[list[int]]:
    """Indices of the sequences, longest first, in groups whose padded size stays within the budget.

    A sequence that is longer than the budget stands alone. The longest come first, so that a machine with too
    little memory finds out at once.

    >>> micro_batches([3, 9, 4], token_budget=8)
    [[1], [2, 0]]
    """
    groups: list[list[int]] = []
    longest = 0
    for index in sorted(range(len(lengths)), key=lambda i: (-lengths[i], i)):
        if groups and longest * (len(groups[-1]) + 1) <= token_budget:
            groups[-1].append(index)
        else:
            groups.append([index])
            longest = lengths[index]
    return groups
