"""Which verdicts stand."""

from workbench.selection.verdicts import newest_verdicts, standing, standing_pairs
from workbench.types import PairVerdict, Verdict


def _said(*said):
    return [Verdict(id=str(n), candidate_id=c, poem_id="p", verdict=v, reviewer=r) for n, (r, c, v) in enumerate(said)]


def test_the_newest_of_a_reviewer_stands():
    assert [v.verdict for v in standing(_said(("ann", "c", "approve"), ("ann", "c", "reject")))] == ["reject"]


def test_each_reviewer_has_a_say():
    found = standing(_said(("ann", "c", "approve"), ("bo", "c", "reject")))
    assert [(v.reviewer, v.verdict) for v in found] == [("ann", "approve"), ("bo", "reject")]


def test_a_skip_changes_nothing():
    assert [v.verdict for v in standing(_said(("ann", "c", "approve"), ("ann", "c", "skip")))] == ["approve"]


def test_a_withdrawal_takes_back_ones_own_and_no_other():
    found = standing(_said(("ann", "c", "approve"), ("bo", "c", "reject"), ("ann", "c", "withdrawn")))
    assert [(v.reviewer, v.verdict) for v in found] == [("bo", "reject")]


def test_of_two_reviewers_the_later_counts():
    assert newest_verdicts(_said(("bo", "c", "reject"), ("ann", "c", "approve")))["c"].verdict == "approve"


def test_a_pair_is_the_same_whichever_stood_left():
    first = PairVerdict(id="1", poem_id="p", a="x", b="y", verdict="a")
    again = PairVerdict(id="2", poem_id="p", a="y", b="x", verdict="tie")
    back = PairVerdict(id="3", poem_id="p", a="x", b="y", verdict="withdrawn")
    assert standing_pairs([first, again]) == [again]
    assert standing_pairs([first, again, back]) == []
