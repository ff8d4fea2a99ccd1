"""The table by hand: pooling over seeds, differences poem by poem, and the sentence that follows."""

import pytest

from workbench.intervals import shown
from workbench.places import ROOT
from workbench.study.study import Measured, read_study
from workbench.study.table import differences_of, power, rows_of, sentences, smallest_difference, table


def _rows(top, random, *, metric="identification", seeds=(1, 2), before=0.2, way="pairs"):
    """Each value is that of a poem; seed 2 has them in the opposite order."""
    found = []
    for seed in seeds:
        turn = list if seed % 2 else lambda values: list(reversed(values))
        moments = (("top", 0, [before] * len(top)), ("top", 1, turn(top)), ("random", 1, turn(random)))
        for arm, iteration, values in moments:
            found.append(Measured(way=way, seed=seed, arm=arm, iteration=iteration, weights="base", metric=metric,
                                  per_poem=tuple(values)))  # fmt: skip
    return found


BETTER, WORSE = [0.6, 0.9, 0.7, 0.8], [0.3, 0.5, 0.4, 0.2]


def test_seeds_are_pooled_and_shown_one_by_one():
    (row,) = rows_of(_rows(BETTER, WORSE))
    assert (row.before.value, row.chosen.value, row.drawn.value) == pytest.approx((0.2, 0.75, 0.35))
    assert (row.over_random.value, row.over_random.n) == (pytest.approx(0.4), 8)
    assert row.over_before.value == pytest.approx(0.55)
    assert row.by_seed == pytest.approx((0.4, 0.4))
    assert "+0.400, +0.400" in set(table([row])["by seed"])


def test_the_sentence_says_what_the_interval_says():
    cost = _rows([60.0] * 4, [60.0] * 4, metric="n_words", before=40.0)
    (said,) = sentences(_rows(BETTER, WORSE) + cost, "identification")
    assert said.endswith("choosing teaches, at 1.50 × the length (more than allowed) of the base.")
    (worse,) = sentences(_rows(WORSE, BETTER), "identification")
    assert "choosing does harm" in worse
    (same,) = sentences(_rows([0.1, 0.9, 0.4, 0.6], [0.6, 0.4, 0.9, 0.1]), "identification")
    assert "no measurable difference" in same
    (few,) = sentences(_rows(BETTER, WORSE, seeds=(1,)), "identification")
    assert "too few poems to tell" in few


def test_more_poems_show_less():
    differences = [0.1, 0.5, -0.2, 0.3]
    assert smallest_difference(differences, 400) == pytest.approx(smallest_difference(differences, 100) / 2)


def test_power_is_said_from_the_spread_of_an_earlier_study():
    found = differences_of(_rows(BETTER, WORSE), "identification")
    assert sorted(found) == pytest.approx(sorted([0.3, 0.4, 0.3, 0.6] * 2))
    assert f"{smallest_difference(found, 45):.3f} or more" in power("identification", 45, found, "earlier")
    assert "not known" in power("identification", 45, [], "")


@pytest.mark.parametrize("file", ["README.md", "models/describer/README.md"])
def test_the_figures_that_are_published_are_those_of_the_record(file):
    told = (ROOT / file).read_text(encoding="utf-8")
    rows = {row.metric: row for row in rows_of(read_study("choosing-short", folder=ROOT / "data" / "studies"))}
    for metric in ("identification", "identification_strict", "specificity"):
        row = rows[metric]
        for estimate in (row.before, row.chosen, row.drawn):
            assert shown(estimate).replace("0.", ".") in told, (metric, file)
        assert shown(row.over_random, sign=True).replace("0.", ".").replace("[+", "[").replace(", +", ", ") in told
