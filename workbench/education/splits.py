"""Which examples teach and which only measure: by poem, so that no poem or request is on both sides.

Everything that belongs together is one group: a poem and its near-duplicates, both poems of a comparison, rows that ask
for nearly the same. Groups go to the valid side whole, in an order drawn by the seed, until each task has its share.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from workbench.corpus.duplicates import near_duplicate_groups
from workbench.education.types import ChatExample, Row
from workbench.types import Poem, content_id


class Groups:
    """Union–find over the names of poems and requests."""

    def __init__(self) -> None:
        self._leader: dict[str, str] = {}

    def join(self, names: Iterable[str]) -> None:
        """Makes one group of the groups that hold these names."""
        first, *others = names
        for name in others:
            self._leader[self.of(name)] = self.of(first)

    def of(self, name: str) -> str:
        """The group that holds a name: the name of its leader."""
        self._leader.setdefault(name, name)
        while self._leader[name] != name:
            self._leader[name] = self._leader[self._leader[name]]
            name = self._leader[name]
        return name


def group_rows(rows: Sequence[Row], poems: Mapping[str, Poem], *, threshold: float) -> dict[str, str]:
    """The group of each row by its id; the group's name depends on what is in it, not on any order.

    Args:
        rows: R rows.
        poems: by title; near-duplicates among all of them count, whether rows name them or not.
        threshold: word similarity from which two poems, or two requests, count as one.
    """
    groups = Groups()
    _join_alike(groups, {poem.id: poem.text for poem in poems.values()}, threshold)
    asked = {f"asked {text}": text for row in rows for text in (row.request, row.question) if text}
    _join_alike(groups, asked, threshold)
    names_of = {row.id: _names(row, poems) for row in rows}
    for names in names_of.values():
        groups.join(names)
    members: defaultdict[str, set[str]] = defaultdict(set)
    for names in names_of.values():
        members[groups.of(names[0])].update(names)
    named = {leader: content_id("group", *sorted(names)) for leader, names in members.items()}
    return {row_id: named[groups.of(names[0])] for row_id, names in names_of.items()}


def choose_valid(examples: Sequence[ChatExample], group_of: Mapping[str, str], *, share: float, seed: int) -> set[str]:
    """The groups that are held out.

    A group is taken while none of its tasks would get more than its share; a task that has got nothing by then, though
    its share is one example or more, gets the smallest group that holds it.

    Args:
        examples: E examples.
        group_of: group by row id.
        share: of each task's examples, 0…1.
        seed: decides the order in which groups are looked at.
    """
    counts: defaultdict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for example in examples:
        counts[group_of[example.row_id]][example.learner, example.task] += 1
    total = sum(counts.values(), Counter())
    wanted = {kind: round(share * n) for kind, n in total.items()}
    order = sorted(counts, key=lambda group: content_id("valid", str(seed), group))
    chosen: set[str] = set()
    got: Counter[tuple[str, str]] = Counter()
    for group in order:
        if all(got[kind] + n <= wanted[kind] for kind, n in counts[group].items()):
            chosen.add(group)
            got.update(counts[group])
    for kind in sorted(wanted):
        holders = [group for group in order if kind in counts[group] and group not in chosen]
        if wanted[kind] and not got[kind] and len(holders) > 1:
            smallest = min(holders, key=lambda group: counts[group].total())
            chosen.add(smallest)
            got.update(counts[smallest])
    return chosen


def _names(row: Row, poems: Mapping[str, Poem]) -> list[str]:
    titles = [title for title in (row.poem, row.poem_a, row.poem_b) if title]
    asked = [f"asked {text}" for text in (row.request, row.question) if text]
    return [*(poems[title].id for title in titles), *asked]


def _join_alike(groups: Groups, texts: Mapping[str, str], threshold: float) -> None:
    names = sorted(texts)
    for places in near_duplicate_groups([texts[name] for name in names], threshold):
        groups.join(names[place] for place in places)
