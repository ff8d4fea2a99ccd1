"""Which of the verdicts on record stand, and how one is taken back.

A verdict is never erased: a later one of the same reviewer replaces it.

    skip        says nothing about the candidate
    withdrawn   takes back what this reviewer said of it before

What a verdict on a pair says of each of the two is a verdict of its own, told by its id. Knows no page.
"""

from collections.abc import Iterable, Sequence

from workbench.storage.records import RecordStore
from workbench.types import PairVerdict, Verdict, content_id

OF_PAIR = "pair-"  # the id of a verdict that was concluded from a pair begins so


def standing(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """The newest verdict of each reviewer on each candidate, in the order given; skips and withdrawn ones are out."""
    found: dict[tuple[str, str], Verdict] = {}
    for verdict in verdicts:
        key = verdict.reviewer, verdict.candidate_id
        if verdict.verdict != "skip":
            found.pop(key, None)
        if verdict.verdict in ("approve", "reject", "edit"):
            found[key] = verdict
    return list(found.values())


def newest_verdicts(verdicts: Sequence[Verdict]) -> dict[str, Verdict]:
    """The one that counts for each candidate: the newest that stands, whoever said it."""
    return {verdict.candidate_id: verdict for verdict in standing(verdicts)}


def standing_pairs(verdicts: Iterable[PairVerdict]) -> list[PairVerdict]:
    """The newest verdict of each reviewer on each two candidates, whichever stood left; skips are kept."""
    found: dict[tuple[str, frozenset[str]], PairVerdict] = {}
    for verdict in verdicts:
        key = verdict.reviewer, frozenset((verdict.a, verdict.b))
        found.pop(key, None)
        if verdict.verdict != "withdrawn":
            found[key] = verdict
    return list(found.values())


def given_singly(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Verdicts given one at a time; what was concluded from pairs is left to selection."""
    return [verdict for verdict in verdicts if not verdict.id.startswith(OF_PAIR)]


def undo(records: RecordStore, reviewer: str) -> str:
    """Takes back a reviewer's newest verdict that still stands; returns its candidate, "" where there is none."""
    own = [v for v in given_singly(records.all(Verdict)) if v.reviewer == reviewer]
    last = _last_standing(own)
    if last is None:
        return ""
    records.put([_verdict_like(records, last)])
    return last.candidate_id


def undo_pair(records: RecordStore, reviewer: str) -> str:
    """Takes back a reviewer's newest verdict on a pair, and what it said of the two; "" where there is none."""
    own = [v for v in standing_pairs(records.all(PairVerdict)) if v.reviewer == reviewer]
    if not own:
        return ""
    last, number = own[-1], str(len(records.ids(PairVerdict)))
    back = PairVerdict(
        id=content_id("pair", reviewer, last.id, "withdrawn", number), poem_id=last.poem_id, a=last.a, b=last.b,
        verdict="withdrawn", reviewer=reviewer,
    )  # fmt: skip
    said = {v.candidate_id: v for v in records.all(Verdict, reviewer=reviewer) if v.id.startswith(OF_PAIR)}
    records.put([back], [_verdict_like(records, said[c]) for c in (last.a, last.b) if c in said])
    return last.id


def judged_by(records: RecordStore, reviewer: str) -> set[str]:
    """Candidates that a reviewer has judged one at a time, skipped ones among them."""
    own = [v for v in given_singly(records.all(Verdict)) if v.reviewer == reviewer]
    return {v.candidate_id for v in standing(own)} | {
        c for c in {v.candidate_id for v in own} if [v for v in own if v.candidate_id == c][-1].verdict == "skip"
    }


def pairs_judged_by(records: RecordStore, reviewer: str) -> set[frozenset[str]]:
    """Pairs that a reviewer has judged, skipped ones among them."""
    return {frozenset((v.a, v.b)) for v in standing_pairs(records.all(PairVerdict)) if v.reviewer == reviewer}


def _verdict_like(records: RecordStore, last: Verdict) -> Verdict:
    """The withdrawal of a verdict."""
    number = str(len(records.ids(Verdict)))
    made = content_id("verdict", last.reviewer, last.id, "withdrawn", number)
    return Verdict(
        id=f"{OF_PAIR}{made}" if last.id.startswith(OF_PAIR) else made, candidate_id=last.candidate_id,
        poem_id=last.poem_id, verdict="withdrawn", reviewer=last.reviewer,
    )  # fmt: skip


def _last_standing(own: Sequence[Verdict]) -> Verdict | None:
    """The newest that was not withdrawn, a skip included."""
    stack: dict[str, Verdict] = {}
    for verdict in own:
        stack.pop(verdict.candidate_id, None)
        if verdict.verdict != "withdrawn":
            stack[verdict.candidate_id] = verdict
    return list(stack.values())[-1] if stack else None
