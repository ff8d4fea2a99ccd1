"""Which of the verdicts on record stand. A verdict is never erased: a later one of the same reviewer replaces it.

    skip        says nothing about the candidate
    withdrawn   takes back what this reviewer said of it before

Knows no store and no page.
"""

from collections.abc import Iterable, Sequence

from workbench.types import PairVerdict, Verdict


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
