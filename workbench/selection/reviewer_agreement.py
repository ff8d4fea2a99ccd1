"""Figures of a blind review: intervals of shares, precision and recall of a selection, agreement of reviewers.

    precision  = share of the winners that a person finds good                     Wilson interval
    recall     = good winners / all good candidates = Nw pw / Σ Ns ps              over strata s of Ns candidates each
    κ          = (observed agreement - agreement by chance) / (1 - by chance)      Cohen; bootstrap interval
    AUC        = P(a good one has the higher score than a bad one); ½ = the score says nothing

Recall needs the losers too, and as they are many and sampled thinly, each stratum's share is drawn from its Jeffreys
posterior Beta(k + ½, n - k + ½): a stratum that nobody looked at may hold anything, and the interval says so. All are
95 % intervals. None of them says that the reviewer is right. Pure arithmetic.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from workbench.intervals import FEWEST_POEMS, Estimate

_DRAWS = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Stratum:
    """One kind of candidates: how many there are, were judged, and were found good."""

    name: str
    is_winner: bool
    size: int
    n_judged: int
    n_good: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewerErrors:
    """How often a reviewer errs, where that is known."""

    false_approvals: float = 0.0  # share of bad ones that are approved
    false_rejections: float = 0.0  # share of good ones that are rejected

    def corrected(self, share: float) -> float:
        """The true share of good ones behind a share of approvals (Rogan and Gladen 1978)."""
        worth = 1 - self.false_approvals - self.false_rejections
        if worth <= 0:
            raise ValueError("a reviewer who is wrong half of the time says nothing")
        return min(max((share - self.false_approvals) / worth, 0.0), 1.0)


PERFECT = ReviewerErrors()


def wilson(successes: int, n: int) -> Estimate | None:
    """A share with its Wilson interval; None of nothing.

    >>> e = wilson(8, 10)
    >>> round(e.value, 2), round(e.low, 2), round(e.high, 2)
    (0.8, 0.49, 0.94)
    """
    if not n:
        return None
    from scipy.stats import binomtest  # here: it takes a second

    interval = binomtest(successes, n).proportion_ci(method="wilson")
    return Estimate(value=successes / n, low=float(interval.low), high=float(interval.high), n=n)


def precision(strata: Sequence[Stratum], *, errors: ReviewerErrors = PERFECT) -> Estimate | None:
    """Share of the winners that are good; None before any was judged."""
    judged, good = (sum(getattr(s, what) for s in strata if s.is_winner) for what in ("n_judged", "n_good"))
    found = wilson(good, judged)
    if found is None:
        return None
    low, high = (end if end is None else errors.corrected(end) for end in (found.low, found.high))
    return Estimate(value=errors.corrected(found.value), low=low, high=high, n=judged)


def recall(strata: Sequence[Stratum], *, errors: ReviewerErrors = PERFECT, seed: int = 0) -> Estimate | None:
    """Share of the good candidates that won; None before a winner and a loser were judged, or where none is good."""
    present = [s for s in strata if s.size]
    if not all(any(s.n_judged for s in present if s.is_winner == won) for won in (True, False)):
        return None
    random = np.random.default_rng(seed)
    won, all_good = np.zeros(_DRAWS), np.zeros(_DRAWS)
    plain = {True: 0.0, False: 0.0}
    for stratum in present:
        draws = random.beta(stratum.n_good + 0.5, stratum.n_judged - stratum.n_good + 0.5, _DRAWS)
        worth = 1 - errors.false_approvals - errors.false_rejections
        good = stratum.size * np.clip((draws - errors.false_approvals) / worth, 0, 1)
        all_good += good
        won += good if stratum.is_winner else 0
        seen = stratum.n_good / stratum.n_judged if stratum.n_judged else 0.5
        plain[stratum.is_winner] += stratum.size * errors.corrected(seen)
    if not plain[True] + plain[False]:
        return None
    low, high = np.percentile(won / np.maximum(all_good, 1e-12), [2.5, 97.5])
    value = plain[True] / (plain[True] + plain[False])
    return Estimate(
        value=value, low=min(float(low), value), high=max(float(high), value), n=sum(s.n_judged for s in present)
    )


def verdicts_needed(strata: Sequence[Stratum], *, half_width: float = 0.1, most: int = 4000) -> tuple[int, int]:
    """How many more winners and losers to judge until precision and recall are known to ± half_width.

    Assumes that what comes is like what was judged; before anything was judged, that half of it is good.

    Returns:
        Further winners, further losers; at most `most` each, and no more than there are.
    """
    left = {won: sum(s.size - s.n_judged for s in strata if s.is_winner == won) for won in (True, False)}
    more_winners = _first(lambda n: _half(precision(_grown(strata, True, n))) <= half_width, min(left[True], most))
    grown = _grown(strata, True, more_winners)
    more_losers = _first(lambda n: _half(recall(_grown(grown, False, n))) <= half_width, min(left[False], most))
    return more_winners, more_losers


def cohen_kappa(pairs: Sequence[tuple[bool, bool]], *, seed: int = 0) -> Estimate | None:
    """Agreement of two reviewers on the same items beyond chance; None without items.

    >>> cohen_kappa([(True, True), (False, False)]).value
    1.0
    """
    if not pairs:
        return None
    table = np.array(pairs, dtype=bool)
    picks = np.random.default_rng(seed).integers(0, len(table), size=(_DRAWS, len(table)))
    low, high = _middle(_kappa(table[picks]), n_units=len(table))
    return Estimate(value=float(_kappa(table[None])[0]), low=low, high=high, n=len(pairs))


def area_under_curve(judged: Sequence[tuple[str, float, bool]], *, seed: int = 0) -> Estimate | None:
    """How well a score foretells the verdict, with a bootstrap interval over poems; None without both kinds.

    Args:
        judged: poem id, score, whether it was found good.
        seed: of the bootstrap.
    """
    good = [(poem, score) for poem, score, is_good in judged if is_good]
    bad = [(poem, score) for poem, score, is_good in judged if not is_good]
    if not good or not bad:
        return None
    poems = sorted({poem for poem, _, _ in judged})
    place = {poem: number for number, poem in enumerate(poems)}
    above = np.sign(np.subtract.outer([s for _, s in good], [s for _, s in bad])) / 2 + 0.5
    of_good, of_bad = (np.array([place[poem] for poem, _ in side]) for side in (good, bad))
    random = np.random.default_rng(seed)
    counts = random.multinomial(len(poems), np.full(len(poems), 1 / len(poems)), size=1000).astype(float)
    weights_good, weights_bad = counts[:, of_good], counts[:, of_bad]
    total = weights_good.sum(axis=1) * weights_bad.sum(axis=1)
    draws = ((weights_good @ above) * weights_bad).sum(axis=1)[total > 0] / total[total > 0]
    low, high = _middle(draws, n_units=len(poems))
    return Estimate(value=float(above.mean()), low=low, high=high, n=len(judged))


def _kappa(
    tables: "np.ndarray[tuple[int, int, int], np.dtype[np.bool_]]",
) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """κ of B tables of n items by two reviewers; where both always say the same one thing, agreement is 1."""
    first, second = tables[..., 0], tables[..., 1]
    observed = (first == second).mean(axis=1)
    p, q = first.mean(axis=1), second.mean(axis=1)
    chance = p * q + (1 - p) * (1 - q)
    spare = np.where(chance < 1, 1 - chance, 1.0)
    kappa: np.ndarray[tuple[int], np.dtype[np.float64]] = np.where(chance < 1, (observed - chance) / spare, 1.0)
    return kappa


def _middle(
    draws: "np.ndarray[tuple[int], np.dtype[np.float64]]", *, n_units: int
) -> tuple[float | None, float | None]:
    """The middle 95 % of resampled figures; nothing of so few poems or items that it would be too narrow."""
    if n_units < FEWEST_POEMS or not len(draws):
        return None, None
    low, high = np.percentile(draws, [2.5, 97.5])
    return float(low), float(high)


def _grown(strata: Sequence[Stratum], is_winner: bool, n_more: int) -> list[Stratum]:
    """The strata after so many more verdicts like those so far, spread over the candidates that are left."""
    left = sum(s.size - s.n_judged for s in strata if s.is_winner == is_winner)
    grown = []
    for stratum in strata:
        more = (
            round(n_more * (stratum.size - stratum.n_judged) / left) if left and stratum.is_winner == is_winner else 0
        )
        share = (stratum.n_good + 0.5) / (stratum.n_judged + 1)
        good = stratum.n_good + round(more * share)
        grown.append(replace(stratum, n_judged=stratum.n_judged + more, n_good=good))
    return grown


def _half(estimate: Estimate | None) -> float:
    """Half the width of the interval; 1, which is all there can be, where there is none."""
    if estimate is None or estimate.low is None or estimate.high is None:
        return 1.0
    return (estimate.high - estimate.low) / 2


def _first(holds: Callable[[int], bool], most: int) -> int:
    """The least n in 0 … most for which it holds, by halving; most where it never does."""
    low, high = 0, most
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low
