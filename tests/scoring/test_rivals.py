"""Which other poems a description has to tell its own from."""

import pytest

from workbench.scoring.rivals import nearest_in_length, rivals_of
from workbench.types import Poem

POOL = [
    Poem(title=str(n), text=" ".join(["lamp harbour net gull"[: 4 + n % 3] + f" w{n % 7}"] * (n + 3)))
    for n in range(40)
]
SEA = Poem(title="Sea", text="net and gull and harbour wall\nthe tide comes in")
LAMP = Poem(title="Lamp", text="a wick and oil upon the sill\nthe moth comes in.")
NETS = Poem(title="Nets", text="gull and net, the harbour sleeps\nthe tide is out")


def test_those_who_choose_come_first_and_nobody_is_in_both_halves():
    found = rivals_of(POOL[:5], POOL, m=3, judges=2)
    for poem in POOL[:5]:
        rivals = found[poem.id]
        ids = [other.id for other in (*rivals.choosing, *rivals.judging)]
        assert (len(rivals.choosing), len(rivals.judging), len(set(ids))) == (3, 2, 5)
        assert poem.id not in ids
        assert [other.id for other in nearest_in_length([poem], POOL, 5)[poem.id]] == ids


def test_the_nearest_are_those_of_a_sorted_pool_also_where_many_are_alike_in_length():
    alike = [Poem(title=str(n), text="x" * (20 + n % 4) + f"\n{n:03d}") for n in range(60)]
    for poem in (alike[0], alike[7], SEA):
        rest = [other for other in (*alike, *POOL) if other.id != poem.id]
        by_hand = sorted(rest, key=lambda other: (abs(len(other.text) - len(poem.text)), other.id))
        for m in (0, 1, 5, 40, 500):
            assert nearest_in_length([poem], [*alike, *POOL], m)[poem.id] == by_hand[:m]


def test_of_poems_of_like_length_the_one_with_the_same_theme_is_nearest():
    (rival,) = rivals_of([SEA], [SEA, LAMP, NETS], m=1, judges=0, kind="mixed", iteration=2)[SEA.id].choosing
    assert rival == NETS


def test_mixed_rivals_are_drawn_anew_each_iteration_and_the_same_way_each_time():
    draws = [
        rivals_of(POOL[:1], POOL, m=7, judges=0, kind="mixed", iteration=i)[POOL[0].id].choosing for i in (1, 1, 2)
    ]
    assert draws[0] == draws[1]
    assert set(draws[0]) != set(draws[2])
    near = set(nearest_in_length(POOL[:1], POOL, 12)[POOL[0].id])
    assert len(near & set(draws[0])) < len(near & set(draws[2]))  # harder as training continues


@pytest.mark.parametrize("kind", ["length", "mixed"])
def test_a_small_pool_gives_what_it_has(kind):
    assert rivals_of([SEA], [SEA], m=3, judges=1, kind=kind)[SEA.id].choosing == ()
    found = rivals_of([SEA], [SEA, LAMP], m=3, judges=1, kind=kind)[SEA.id]
    assert (found.choosing, found.judging) == ((LAMP,), ())
