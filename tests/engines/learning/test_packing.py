"""Which sequences go through the model together."""

from hypothesis import given
from hypothesis import strategies as st

from workbench.engines.learning.packing import micro_batches, n_read
from workbench.types import Rendered


def item(context: tuple[int, ...], n_target: int) -> Rendered:
    return Rendered(context_ids=context, target_ids=(7,) * n_target, target="", offsets_T=())


ITEMS = st.lists(st.builds(item, st.sampled_from([(1,), (2, 3), (4,) * 9]), st.integers(1, 12)), max_size=12)


@given(ITEMS, st.integers(1, 40), st.booleans())
def test_every_sequence_stands_in_one_batch(items: list[Rendered], budget: int, shares: bool) -> None:
    groups = micro_batches(items, token_budget=budget, share_contexts=shares)
    assert sorted(map(repr, items)) == sorted(repr(each) for group in groups for each in group)


@given(ITEMS, st.integers(1, 40))
def test_no_batch_exceeds_the_budget_unless_it_is_one_sequence(items: list[Rendered], budget: int) -> None:
    for group in micro_batches(items, token_budget=budget):
        assert len(group) == 1 or sum(map(n_read, group)) <= budget


def test_the_longest_come_first() -> None:
    groups = micro_batches([item((1,), 2), item((1,), 9), item((1,), 4)], token_budget=1)
    assert [n_read(group[0]) for group in groups] == [9, 4, 2]


def test_a_shared_context_is_counted_once() -> None:
    family = [item((1,) * 10, 5) for _ in range(3)]
    assert len(micro_batches(family, token_budget=22, share_contexts=True)) == 1
    assert len(micro_batches(family, token_budget=22)) == 3
