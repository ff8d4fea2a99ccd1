"""Spot-check: a person judges winners and losers blind, and that judges the selection.

    1. every description that was scored belongs to a stratum: winner, close (ranked, no winner), out (gains too
       little), copy (leaks); half of the sample are winners, the others share the rest, one poem after another
    2. a reviewer sees poem and description, in an order of their own; stratum and score stay hidden until judged
    3. verdicts are records: selection reads them (approved and edited go first, rejected are out), figures are made of
       them; an edit counts as "not good as it stood"
    4. of a pair, the better one counts as approved, for “both bad” could have been said; a tie approves both

The order of a reviewer depends on run and name alone: a reload continues where it was, and a second reviewer is shown
the same descriptions in another order. Which verdicts stand is said in `verdicts`. Knows no page.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal, TypeVar, get_args

from workbench.errors import InputError
from workbench.intervals import Estimate
from workbench.selection.reviewer_agreement import (
    Stratum,
    area_under_curve,
    cohen_kappa,
    precision,
    recall,
    verdicts_needed,
    wilson,
)
from workbench.selection.verdicts import OF_PAIR, given_singly, standing, standing_pairs
from workbench.storage.records import RecordStore
from workbench.types import Candidate, Choice, PairVerdict, Poem, ScoredCandidate, Verdict, content_id, seed_for

STRATA = ("winner", "close", "out", "copy")
Single = Literal["approve", "reject", "edit", "skip"]
Paired = Literal["a", "b", "tie", "both bad", "skip"]

Shown = TypeVar("Shown")

_Said = tuple[str, str | frozenset[str], bool]  # who, of what, whether it is good

_GIVES: dict[str, tuple[str, str]] = {  # what a verdict on a pair says of its two candidates
    "a": ("approve", ""),
    "b": ("", "approve"),
    "tie": ("approve", "approve"),
    "both bad": ("reject", "reject"),
    "skip": ("", ""),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One description to judge, with what is hidden until then."""

    poem: Poem
    candidate: Candidate
    stratum: str
    score: ScoredCandidate


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two descriptions of one poem, a winner and a loser, left and right by chance."""

    a: Item
    b: Item


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What the verdicts say about the selection; None where there are too few."""

    strata: tuple[Stratum, ...]
    precision: Estimate | None
    recall: Estimate | None
    foretelling: Estimate | None  # AUC of specificity against the verdicts
    pairs_won: Estimate | None  # share of pairs where the winner was preferred; ties and both bad are left out
    n_more: tuple[int, int]  # further winners, further losers, until both are known to ± 0.1
    reviewers: tuple[str, ...]
    kappa: Estimate | None  # of the first two reviewers, on what both judged: candidates, else pairs


def read_pool(records: RecordStore) -> list[Item]:
    """Every description of a run that selection has decided about."""
    poems = {poem.id: poem for poem in records.all(Poem)}
    candidates = {candidate.id: candidate for candidate in records.all(Candidate)}
    chosen = {choice.candidate_id: choice for choice in records.all(Choice, arm="top")}
    scores: dict[str, ScoredCandidate] = {}
    for score in records.all(ScoredCandidate):
        if score.candidate_id in chosen and not score.unscored:
            scores.setdefault(score.candidate_id, score)
    return [
        Item(poem=poems[score.poem_id], candidate=candidates[key], stratum=_stratum(chosen[key], score), score=score)
        for key, score in scores.items()
        if candidates[key].text.strip()
    ]


def draw_items(pool: Sequence[Item], n: int, *, seed: int) -> list[Item]:
    """A stratified sample: half winners, the rest from the other strata in turn; poems take turns too."""
    queues = {stratum: _by_turns([i for i in pool if i.stratum == stratum], seed) for stratum in STRATA}
    others = [stratum for stratum in STRATA if stratum != "winner"]
    drawn: list[Item] = []
    turn = 0
    while len(drawn) < n and any(queues.values()):
        wanted = "winner" if turn % 2 == 0 else others[turn // 2 % len(others)]
        turn += 1
        if queues[wanted]:
            drawn.append(queues[wanted].pop(0))
        elif wanted == "winner" and not any(queues[other] for other in others):
            break
    return drawn


def draw_pairs(pool: Sequence[Item], n: int, *, seed: int) -> list[Pair]:
    """Up to n pairs of one winner and one loser of the same poem, sides by chance."""
    random = Random(seed)  # noqa: S311 - a sample, not a secret
    losers: dict[str, list[Item]] = {}
    for item in _by_turns([item for item in pool if item.stratum != "winner"], seed):
        losers.setdefault(item.poem.id, []).append(item)
    pairs: list[Pair] = []
    for winner in _by_turns([item for item in pool if item.stratum == "winner"], seed):
        rivals = losers.get(winner.poem.id)
        if rivals and len(pairs) < n:
            sides = [winner, rivals.pop(0)]
            random.shuffle(sides)
            pairs.append(Pair(a=sides[0], b=sides[1]))
    return pairs


def order_for(items: Sequence[Shown], reviewer: str, *, seed: int) -> list[Shown]:
    """The order in which a reviewer sees them."""
    ordered = list(items)
    Random(seed_for(seed, "reviewer", reviewer)).shuffle(ordered)  # noqa: S311 - an order, not a secret
    return ordered


def judge(
    records: RecordStore, item: Item, verdict: str, *, reviewer: str, edited_text: str = "", note: str = ""
) -> Verdict:
    """Puts a verdict on record.

    Raises:
        InputError: there is no such verdict, or an edit without a text.
    """
    _check(verdict, get_args(Single))
    if verdict == "edit" and not edited_text.strip():
        raise InputError("the edit is empty; write the description as it should be, or reject it")
    made = _verdict(records, item.candidate, verdict, reviewer=reviewer, edited_text=edited_text, note=note)
    records.put([made])
    return made


def judge_pair(records: RecordStore, pair: Pair, verdict: str, *, reviewer: str, note: str = "") -> PairVerdict:
    """Puts a verdict on a pair on record, and what it says of each of the two, in one transaction.

    Raises:
        InputError: there is no such verdict.
    """
    _check(verdict, get_args(Paired))
    a, b = pair.a.candidate, pair.b.candidate
    number = str(len(records.ids(PairVerdict)))
    made = PairVerdict(
        id=content_id("pair", reviewer, a.id, b.id, verdict, note, number), poem_id=a.poem_id, a=a.id, b=b.id,
        verdict=verdict, reviewer=reviewer, note=note,  # type: ignore[arg-type] # checked above
    )  # fmt: skip
    says = zip((a, b), _GIVES[verdict], strict=True)
    records.put([made], [_verdict(records, c, said, reviewer=reviewer, of_pair=True) for c, said in says if said])
    return made


def figures(pool: Sequence[Item], verdicts: Sequence[Verdict], pairs: Sequence[PairVerdict] = ()) -> Figures:
    """Precision and recall of the selection, agreement of score and people, and of people with one another."""
    stand = standing(given_singly(verdicts))
    by_id = {item.candidate.id: item for item in pool}
    good = {v.candidate_id: v.verdict == "approve" for v in stand if v.candidate_id in by_id}
    decided = _decided(by_id, pairs)
    said = _said([(v.reviewer, v.candidate_id, v.verdict == "approve") for v in stand], decided)
    strata = tuple(_counted(name, pool, good) for name in STRATA)
    judged = [(by_id[c].poem.id, by_id[c].score.specificity, is_good) for c, is_good in good.items()]
    return Figures(
        strata=strata,
        precision=precision(strata),
        recall=recall(strata),
        foretelling=area_under_curve(judged),
        pairs_won=wilson(sum(is_won for _, _, is_won in decided), len(decided)),
        n_more=verdicts_needed(strata),
        reviewers=tuple(dict.fromkeys(reviewer for reviewer, _, _ in said)),
        kappa=_kappa(said),
    )


def _check(verdict: str, known: Sequence[str]) -> None:
    if verdict not in known:
        raise InputError(f"no verdict {verdict!r}; known are {', '.join(known)}")


def _stratum(choice: Choice, score: ScoredCandidate) -> str:
    if choice.is_winner:
        return "winner"
    if score.is_leak:
        return "copy"
    return "close" if choice.rank else "out"


def _by_turns(items: Sequence[Item], seed: int) -> list[Item]:
    """Shuffled, and so that every poem comes once before any comes twice."""
    shuffled = sorted(items, key=lambda item: content_id("spot-check", str(seed), item.candidate.id))
    seen: dict[str, int] = {}
    turns = []
    for item in shuffled:
        seen[item.poem.id] = seen.get(item.poem.id, 0) + 1
        turns.append((seen[item.poem.id], item))
    return [item for _, item in sorted(turns, key=lambda turn: turn[0])]


def _verdict(
    records: RecordStore, candidate: Candidate, verdict: str, *,
    reviewer: str, edited_text: str = "", note: str = "", of_pair: bool = False,
) -> Verdict:  # fmt: skip
    number = str(len(records.ids(Verdict)))
    made = content_id("verdict", reviewer, candidate.id, verdict, edited_text, note, number)
    return Verdict(
        id=f"{OF_PAIR}{made}" if of_pair else made, candidate_id=candidate.id, poem_id=candidate.poem_id,
        verdict=verdict, edited_text=edited_text, reviewer=reviewer, note=note,  # type: ignore[arg-type] # see Single
    )  # fmt: skip


def _counted(name: str, pool: Sequence[Item], good: dict[str, bool]) -> Stratum:
    own = [item.candidate.id for item in pool if item.stratum == name]
    judged = [good[c] for c in own if c in good]
    return Stratum(
        name=name, is_winner=name == "winner", size=len(own), n_judged=len(judged), n_good=sum(judged)
    )  # fmt: skip


def _decided(by_id: dict[str, Item], pairs: Sequence[PairVerdict]) -> list[_Said]:
    """Of each pair that stands and was decided: whether the winner was preferred."""
    return [
        (p.reviewer, frozenset((p.a, p.b)), by_id[p.a if p.verdict == "a" else p.b].stratum == "winner")
        for p in standing_pairs(pairs)
        if p.verdict in ("a", "b") and p.a in by_id and p.b in by_id
    ]


def _said(singly: list[_Said], in_pairs: list[_Said]) -> list[_Said]:
    """What two reviewers can agree on: single candidates, else pairs."""
    by_two = (said for said in (singly, in_pairs) if len({reviewer for reviewer, _, _ in said}) > 1)
    return next(by_two, singly)


def _kappa(said: Sequence[_Said]) -> Estimate | None:
    reviewers = list(dict.fromkeys(reviewer for reviewer, _, _ in said))[:2]
    if len(reviewers) < 2:
        return None
    one, other = ({item: is_good for who, item, is_good in said if who == name} for name in reviewers)
    return cohen_kappa([(one[item], other[item]) for item in one if item in other])
