"""What a fleet makes of deaths and errors, with workers in this process."""

import pytest

from tests.engines.inline_crew import Dies, InlineCrew
from workbench.engines.fleet import Fleet, Lost
from workbench.errors import ConfigError, EngineError


def fleet_of(do, *, size=2):
    return Fleet(InlineCrew(lambda: do, size=size))


def done(fleet, blocks, **options):
    """Results by item, and no item twice."""
    found = [pair for items, results in fleet.work(blocks, **options) for pair in zip(items, results, strict=True)]
    assert len(dict(found)) == len(found)
    return dict(found)


def test_each_item_has_the_result_of_its_own():
    assert done(fleet_of(lambda items: [item * 10 for item in items]), [(1, 2), (3,), (4, 5)]) == {
        1: 10, 2: 20, 3: 30, 4: 40, 5: 50,
    }  # fmt: skip


def test_a_block_whose_worker_died_once_is_done_again_as_it_was():
    seen = []

    def work(items):
        seen.append(items)
        if len(seen) == 1:
            raise Dies
        return items

    fleet = fleet_of(work, size=1)
    assert done(fleet, [("a", "b")]) == {"a": "a", "b": "b"}
    assert (seen, fleet.n_deaths, fleet.crew.n_hired) == ([("a", "b")] * 2, 1, 2)


def test_an_item_that_kills_whoever_reads_it_is_lost_and_its_neighbours_are_not():
    def work(items):
        if "poison" in items:
            raise Dies
        return [item.upper() for item in items]

    fleet = fleet_of(work)
    found = done(fleet, [("a", "poison", "b"), ("c",)])
    assert found.pop("poison") == Lost(why="its worker died: it is gone")
    assert found == {"a": "A", "b": "B", "c": "C"}
    assert fleet.n_deaths == 4  # twice as a block, twice alone


def test_an_item_that_raises_is_lost_and_nobody_dies():
    fleet = fleet_of(lambda items: [1 / item for item in items])
    found = done(fleet, [(1, 0, 2)])
    assert found == {1: 1.0, 0: Lost(why="ZeroDivisionError: division by zero"), 2: 0.5}
    assert (fleet.n_deaths, fleet.crew.n_hired) == (0, 2)


class HangingCrew(InlineCrew):
    """Whoever is given the word "hangs" does not come back; time goes on as one waits."""

    now = 0.0

    def wait(self, tickets, seconds):
        self.now += seconds
        return [ticket for ticket in tickets if "hangs" not in self.given.get(ticket, ())][:1]

    def give(self, worker, work):
        ticket = super().give(worker, work)
        self.given[ticket] = work
        return ticket


def test_a_row_on_which_a_worker_hangs_is_named_and_its_neighbours_are_kept():
    crew = HangingCrew(lambda: lambda items: [item.upper() for item in items], size=1)
    crew.given = {}
    fleet = Fleet(crew, row_seconds=2.0, clock=lambda: crew.now)
    found = done(fleet, [("a", "hangs", "b"), ("c",)])
    assert found.pop("hangs") == Lost(why="it took longer than 2 s and was ended")
    assert found == {"a": "A", "b": "B", "c": "C"}
    assert (fleet.n_deaths, len(crew.dismissed)) == (3, 3)  # once in the block, twice alone


def test_an_error_of_ours_is_no_matter_of_an_item():
    def work(items):
        raise ConfigError("no key")

    with pytest.raises(ConfigError, match="no key"):
        done(fleet_of(work), [(1,), (2,)])


def test_workers_that_never_open_are_not_hired_for_ever():
    def make():
        raise Dies

    with pytest.raises(EngineError, match="3 workers died before they had opened the model"):
        done(Fleet(InlineCrew(make)), [(1,)])


def test_workers_that_hang_as_they_open_are_not_waited_for_for_ever():
    class Loading(InlineCrew):
        now = 0.0

        def wait(self, tickets, seconds):
            self.now += 100 * seconds
            return []

    crew = Loading(lambda: list)
    with pytest.raises(EngineError, match="no worker has opened the model in 900 s; has the cluster room"):
        done(Fleet(crew, row_seconds=2.0, clock=lambda: crew.now), [(1,)])
    assert crew.now < 1000


def test_a_worker_that_hangs_as_it_opens_holds_nobody_up():
    class OneLoads(InlineCrew):
        now = 0.0

        def wait(self, tickets, seconds):
            self.now += 100 * seconds
            return [ticket for ticket in tickets if ticket != 1][:1]

    crew = OneLoads(lambda: list)
    items = [(number,) for number in range(40)]
    assert len(done(Fleet(crew, row_seconds=2000.0, clock=lambda: crew.now), items)) == 40
    assert crew.now > 2000


def test_a_stop_drops_what_is_under_way_and_ends_its_worker():
    stops = iter([False, False, False, True])
    fleet = fleet_of(list, size=1)
    assert done(fleet, [(1,), (2,), (3,)], cancelled=lambda: next(stops)) == {1: 1, 2: 2}
    assert done(fleet, [(4,)]) == {4: 4}


def test_blocks_are_made_only_as_workers_become_free():
    made = []

    def blocks():
        for number in range(100):
            made.append(number)
            yield (number,)

    results = fleet_of(list).work(blocks())
    next(results)
    assert len(made) <= 3


def test_fewer_results_than_items_are_refused():
    with pytest.raises(EngineError, match="1 results for 2 items"):
        done(fleet_of(lambda items: items[:1]), [(1, 2)])
