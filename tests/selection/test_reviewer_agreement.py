"""Figures of a review: known values, a second implementation, and simulated truths that the intervals must hold."""

import numpy as np
import pytest
from scipy import stats

from workbench.selection.reviewer_agreement import (
    ReviewerErrors,
    Stratum,
    area_under_curve,
    cohen_kappa,
    precision,
    recall,
    verdicts_needed,
    wilson,
)


def _stratum(name, size, n_judged, n_good):
    return Stratum(name=name, is_winner=name == "winner", size=size, n_judged=n_judged, n_good=n_good)


@pytest.mark.parametrize(("k", "n"), [(0, 5), (1, 1), (7, 10), (50, 50), (3, 200)])
def test_wilson_is_scipys(k, n):
    ours, theirs = wilson(k, n), stats.binomtest(k, n).proportion_ci(method="wilson")
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high))


def test_nothing_judged_gives_no_figure():
    strata = [_stratum("winner", 10, 0, 0), _stratum("out", 30, 0, 0)]
    assert (wilson(0, 0), precision(strata), recall(strata)) == (None, None, None)
    assert cohen_kappa([]) is None
    assert area_under_curve([("p", 1.0, True)]) is None


def test_recall_weighs_strata_by_their_size():
    # 10 of 10 winners are good: 20 good ones won; 1 of 10 losers is good: 8 of 80 lost. 20 / 28.
    strata = [_stratum("winner", 20, 10, 10), _stratum("out", 80, 10, 1)]
    assert recall(strata).value == pytest.approx(20 / 28)


def test_a_stratum_that_nobody_looked_at_makes_recall_uncertain():
    seen = [_stratum("winner", 50, 25, 25), _stratum("out", 50, 25, 0), _stratum("copy", 0, 0, 0)]
    unseen = [*seen[:2], _stratum("copy", 100, 0, 0)]
    widths = [recall(s).high - recall(s).low for s in (seen, unseen)]
    assert widths[1] > 3 * widths[0]


def test_kappa_is_that_of_the_textbook():
    # 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: observed .7, by chance .5, kappa .4
    pairs = [(True, True)] * 20 + [(True, False)] * 5 + [(False, True)] * 10 + [(False, False)] * 15
    found = cohen_kappa(pairs)
    assert found.value == pytest.approx(0.4)
    assert found.low < 0.4 < found.high


def test_kappa_of_reviewers_who_always_say_the_same_one_thing_is_one():
    assert cohen_kappa([(True, True)] * 5).value == 1.0


def test_the_area_under_the_curve_is_the_rank_statistic():
    random = np.random.default_rng(3)
    judged = [(f"p{i % 9}", float(round(random.normal(good), 1)), bool(good)) for i, good in enumerate([0, 1] * 30)]
    good, bad = ([s for _, s, g in judged if g == kind] for kind in (True, False))
    expected = stats.mannwhitneyu(good, bad).statistic / (len(good) * len(bad))
    assert area_under_curve(judged).value == pytest.approx(expected)


def test_a_known_error_rate_is_taken_out():
    errors = ReviewerErrors(false_approvals=0.2, false_rejections=0.1)
    assert errors.corrected(0.2 + 0.5 * 0.7) == pytest.approx(0.5)
    with pytest.raises(ValueError, match="says nothing"):
        ReviewerErrors(false_approvals=0.5, false_rejections=0.5).corrected(0.5)


def test_as_many_verdicts_as_are_said_to_be_needed_are_enough():
    strata = [_stratum("winner", 400, 20, 14), _stratum("out", 800, 20, 4)]
    more_winners, more_losers = verdicts_needed(strata)
    assert more_winners > 0
    after = [_stratum("winner", 400, 20 + more_winners, 14 + round(0.7 * more_winners)),
             _stratum("out", 800, 20 + more_losers, 4 + round(0.2 * more_losers))]  # fmt: skip
    for figure in (precision(after), recall(after)):
        assert (figure.high - figure.low) / 2 <= 0.11


def test_nothing_more_is_needed_where_all_is_known():
    strata = [_stratum("winner", 400, 300, 200), _stratum("out", 400, 390, 4)]
    assert verdicts_needed(strata) == (0, 0)


@pytest.mark.parametrize("errors", [ReviewerErrors(), ReviewerErrors(false_approvals=0.15, false_rejections=0.1)])
@pytest.mark.parametrize("shares", [(0.8, 0.3), (0.5, 0.1)])
def test_simulated_reviewers_are_recovered_within_the_intervals(errors, shares):
    """500 reviews of 60 winners and 60 losers out of 300 and 900, with known truth and known error rates.

    Binomial noise alone lets a 95 % interval hold the truth in 465 to 485 of 500 reviews; below 460 it is broken.
    """
    random = np.random.default_rng(11)
    held = {"precision": 0, "recall": 0}
    for _ in range(500):
        truth = {"winner": random.random(300) < shares[0], "out": random.random(900) < shares[1]}
        strata = []
        for name, is_good in truth.items():
            seen = random.choice(is_good, 60, replace=False)
            approved = np.where(seen, random.random(60) >= errors.false_rejections,
                                random.random(60) < errors.false_approvals)  # fmt: skip
            strata.append(_stratum(name, len(is_good), 60, int(approved.sum())))
        n_good = {name: int(is_good.sum()) for name, is_good in truth.items()}
        true = {"precision": n_good["winner"] / 300, "recall": n_good["winner"] / sum(n_good.values())}
        for name, figure in (("precision", precision), ("recall", recall)):
            found = figure(strata, errors=errors)
            held[name] += found.low <= true[name] <= found.high
    assert min(held.values()) >= 460, held
