"""The table by hand: pooling over seeds, differences poem by poem, and the sentence that follows."""

from dataclasses import replace

import pytest

from workbench.intervals import shown
from workbench.places import ROOT
from workbench.study.rounds import round_to_ship, ship_sentences
from workbench.study.settings import load_study
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


def test_what_a_follower_makes_of_descriptions_is_read_from_its_own_weights():
    judged = _rows([0.2] * 4, [0.2] * 4, metric="use_of_description")
    own = [replace(row, weights="current") for row in _rows(BETTER, WORSE, metric="use_of_description")]
    (row,) = rows_of(judged + own)
    assert row.over_random.value == pytest.approx(0.4), "under the base weights it cannot change"


def test_a_control_may_be_the_random_arm_of_another_way():
    alone = [row for row in _rows([0.7, 0.9, 0.8, 0.8], [0.0] * 4, way="strict") if row.arm == "top"]
    strict = rows_of(_rows(BETTER, WORSE) + alone, {"strict": "pairs.random"})[-1]
    assert (strict.way, strict.drawn.value) == ("strict", pytest.approx(0.35))
    assert strict.over_random.value == pytest.approx(0.45)


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
    said = power("identification", 45, found, "earlier")
    assert f"{smallest_difference(found, 45):.3f} or more" in said
    assert f"160 poems {smallest_difference(found, 160):.3f}" in said
    assert "not known" in power("identification", 45, [], "")


def _rounds(by_round, *, metric="identification", before=0.2):
    """Values of each round, a poem each."""
    rounds = {0: [before] * len(by_round[0])} | dict(enumerate(by_round, start=1))
    return [
        Measured(
            way="pairs", seed=1, arm="top", iteration=number, weights="base", metric=metric, per_poem=tuple(values)
        )
        for number, values in rounds.items()
    ]


def test_a_way_of_another_way_is_set_against_it():
    rows = _rows(BETTER, WORSE, way="policy") + _rows(WORSE, WORSE, way="shuffled")
    (row, _) = rows_of(rows, {"policy": "shuffled"})
    assert (row.control, row.drawn.value, row.over_random.value) == ("shuffled", *map(pytest.approx, (0.35, 0.4)))
    said = sentences(rows, "identification", {"policy": "shuffled"})
    assert "policy minus shuffled" in said[0]
    assert said[0].endswith("it teaches more.")
    assert len(differences_of(rows, "identification", {"policy": "shuffled"})) == 16


def test_each_round_has_a_row_and_a_control_is_asked_for_the_last_alone():
    rows = rows_of(_rounds([BETTER, WORSE]))
    assert [(row.name, row.chosen.value) for row in rows] == [
        ("pairs, round 1", pytest.approx(0.75)), ("pairs, round 2", pytest.approx(0.35))
    ]  # fmt: skip
    assert sentences(_rounds([BETTER, WORSE]), "identification") == [
        "pairs, round 2: no control was measured beside it."
    ]


def test_half_of_the_poems_choose_the_round_and_the_others_report():
    first = [0.5, 0.9] * 6
    second = [0.8, 0.1] * 6  # better where poems choose, worse where they report
    assert round_to_ship(_rounds([first, second]), "pairs", "identification") == 2
    (said,) = ship_sentences(_rounds([first, second]), "identification")
    assert "round 2 is the one to ship, picks its poem 0.100" in said
    assert "minus round 1 -0.800" in said


def test_a_round_that_is_too_long_is_not_shipped():
    measured = _rounds([[0.5] * 8, [0.9] * 8]) + _rounds([[24.0] * 8, [26.0] * 8], metric="n_words", before=20.0)
    assert round_to_ship(measured, "pairs", "identification") == 1
    too_long = _rounds([[0.5] * 8, [0.9] * 8]) + _rounds([[26.0] * 8, [26.0] * 8], metric="n_words", before=20.0)
    (said,) = ship_sentences(too_long, "identification")
    assert "ship none" in said


@pytest.mark.parametrize(
    ("file", "study", "way", "of_round"),
    [("README.md", "choosing-short", "pairs", 1), ("models/describer/README.md", "rounds", "against_copies", 3)],
)
def test_the_figures_that_are_published_are_those_of_the_record(file, study, way, of_round):
    told = (ROOT / file).read_text(encoding="utf-8")
    rows = _rows_of_record(study, way, of_round)
    for metric in ("identification", "identification_strict", "specificity"):
        row = rows[metric]
        for estimate in (row.before, row.chosen, row.drawn):
            assert _printed(estimate) in told, (metric, file)
        assert _printed(row.over_random, sign=True) in told


def test_what_is_published_of_three_rounds_is_in_the_record():
    told = (ROOT / "README.md").read_text(encoding="utf-8")
    for way in ("chosen", "against_copies"):
        row = _rows_of_record("rounds", way, 3)["identification"]
        assert _printed(row.chosen) in told
        assert _printed(row.over_random, sign=True) in told
    assert _printed(row.drawn) in told
    assert (
        _printed(_rows_of_record("rounds", "against_copies", 3)["identification_strict"].over_random, sign=True) in told
    )


def _rows_of_record(study, way, of_round):
    folder = ROOT / "data" / "studies"
    beside = load_study(folder / study / "plan.yaml").beside
    rows = rows_of(read_study(study, folder=folder), beside)
    return {row.metric: row for row in rows if (row.way, row.round) == (way, of_round)}


def _printed(estimate, *, sign=False):
    return shown(estimate, sign=sign).replace("0.", ".").replace("[+", "[").replace(", +", ", ")


def test_what_is_published_of_learning_by_reward_is_in_the_record():
    told = (ROOT / "README.md").read_text(encoding="utf-8")
    measured = read_study("ways-shortest", folder=ROOT / "data" / "studies")
    rows = {(row.way, row.metric): row for row in rows_of(measured, {"policy": "policy_shuffled"})}
    for way in ("guard3", "policy"):
        for metric in ("reward_accuracy", "expected_identification"):
            assert _printed(rows[way, metric].over_random, sign=True) in told, (way, metric)
