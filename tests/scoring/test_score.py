"""Losses, gains, guarded gains and specificity, by a scorer whose loss can be worked out by hand."""

import dataclasses
import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import WordRenderer, WordScorer, candidate, scored
from workbench.errors import Stopped
from workbench.scoring.leaks import LeakSettings
from workbench.scoring.likelihood import LikelihoodScorer, ScoringSettings
from workbench.scoring.rivals import nearest_in_length
from workbench.scoring.score import score_candidates, score_pairs
from workbench.types import Poem, Reason, Score, Unscored

HINGE = Poem(title="Hinge", text="cold iron sings alone")
SALT = Poem(title="Salt", text="white road dry wells")
MOTH = Poem(title="Moth", text="wings burn near lamps tonight")
POEMS = [HINGE, SALT, MOTH]
# "Title: Hinge\nPoem: cold iron sings alone" is two labels, five words and the end of turn; the five cost one nat each
T = 8


def _likelihood(scorer=None, **settings):
    return LikelihoodScorer(
        scorer=scorer or WordScorer(), renderer=WordRenderer(), settings=ScoringSettings(**settings)
    )


def _score(text, poem=HINGE, scorer=None, **settings):
    (score,) = score_candidates(_likelihood(scorer, **settings), [candidate(poem, text)], POEMS)
    return score


def test_the_prompts_do_not_give_words_of_the_poems_away():
    score = _score("nothing of it")
    assert score.n_tokens == T
    assert score.baseline_nats == score.nll_nats == 5.0


def test_the_gain_is_the_baseline_minus_the_loss_per_token():
    score = _score("of iron and of cold weather")
    assert score.baseline_nats - score.nll_nats == 2.0
    assert score.gain == 2 / T
    assert score.nll_nats == math.fsum(score.nll_T)
    assert len(score.nll_T) == len(score.baseline_T) == T


def test_words_that_the_description_holds_earn_nothing_under_guard():
    score = _score("of iron and of cold weather")
    assert (score.n_guarded, score.guarded_gain_nats, score.guarded_gain) == (T - 2, 0.0, 0.0)


class _MetalScorer(WordScorer):
    """Foresees one word that no description holds: where the context says `metal`, `sings` costs a quarter."""

    def __init__(self, renderer):
        super().__init__()
        self._metal, self._sings = renderer._id("metal"), renderer._id("sings")

    def _loss(self, rendered):
        nll_T = list(super()._loss(rendered).nll_T)
        if self._metal in rendered.context_ids:
            nll_T = [0.25 if id_ == self._sings else nll for id_, nll in zip(rendered.target_ids, nll_T, strict=True)]
        return Score(nll_T=tuple(nll_T))


def _metal_scorer(**settings):
    renderer = WordRenderer()
    return LikelihoodScorer(scorer=_MetalScorer(renderer), renderer=renderer, settings=ScoringSettings(**settings))


def test_what_a_description_foresees_without_saying_it_is_its_guarded_gain():
    (score,) = score_candidates(_metal_scorer(others=0), [candidate(HINGE, "some cold metal")], POEMS)
    assert score.baseline_nats - score.nll_nats == 1.75  # `cold` whole, `sings` three quarters
    assert (score.n_guarded, score.guarded_gain_nats) == (T - 1, 0.75)
    assert score.specificity == score.guarded_gain == 0.75 / (T - 1)


def test_specificity_takes_off_what_it_brings_to_other_poems():
    singing = Poem(title="Song", text="a robin sings at dawn")  # T = 9
    poems = [HINGE, singing]
    (score,) = score_candidates(_metal_scorer(others=5), [candidate(HINGE, "some metal")], poems)
    assert score.n_others == 1
    assert score.other_gain == pytest.approx(0.75 / 9)
    assert score.specificity == pytest.approx(0.75 / T - 0.75 / 9)


def test_the_mean_over_others_is_a_mean_of_poems():
    poems = [HINGE, SALT, Poem(title="Song", text="bird sings well")]
    (score,) = score_candidates(_metal_scorer(others=2), [candidate(HINGE, "some metal")], poems)
    assert (score.n_others, score.other_gain) == (2, pytest.approx((0.0 + 0.75 / 7) / 2))


def test_a_description_of_another_poem_has_no_specificity():
    score = _score("white road and dry wells", HINGE)
    assert score.guarded_gain == 0.0
    assert score.specificity <= 0.0
    assert not score.is_leak


def test_a_pasted_poem_is_a_leak_with_a_large_gain_and_none_under_guard():
    score = _score("Title: Hinge Poem: cold iron sings alone")
    assert score.is_leak
    assert score.gain == 5 / T
    assert (score.n_guarded, score.guarded_gain_nats) == (1, 0.0)  # the end of turn is left


def test_other_poems_are_not_spent_on_a_leak():
    scorer = WordScorer()
    score = _score("Title: Hinge Poem: cold iron sings alone", scorer=scorer)
    assert [len(batch) for batch in scorer.batches] == [2]
    assert (score.n_others, score.other_gain) == (0, 0.0)


def test_equal_pairs_are_scored_once():
    scorer = WordScorer()
    texts = ["one thing", "another thing", "one thing"]
    score_candidates(_likelihood(scorer), [candidate(HINGE, text, slot=i) for i, text in enumerate(texts)], POEMS)
    assert [len(batch) for batch in scorer.batches] == [2 * 3 + 3]  # two texts and one baseline on three poems


def test_the_order_of_candidates_and_poems_changes_no_score():
    texts = ["cold metal", "white metal roads", "a lamp that sings", "burn", ""]
    candidates = [candidate(poem, f"{text} {poem.title}", slot=i) for i, text in enumerate(texts) for poem in POEMS]
    expected = {s.candidate_id: s for s in score_candidates(_metal_scorer(), candidates, POEMS)}
    for seed in range(5):
        shuffled, poems = list(candidates), list(POEMS)
        random.Random(seed).shuffle(shuffled)  # noqa: S311 - an order, not a secret
        random.Random(seed).shuffle(poems)  # noqa: S311
        scores = score_candidates(_metal_scorer(), shuffled, poems)
        assert [s.candidate_id for s in scores] == [c.id for c in shuffled]
        assert {s.candidate_id: s for s in scores} == expected


def test_a_candidate_alone_has_the_score_that_it_has_in_company():
    candidates = [candidate(HINGE, text, slot=i) for i, text in enumerate(["cold metal", "iron rain", "dusk"])]
    together = score_candidates(_metal_scorer(), candidates, POEMS)
    apart = [score_candidates(_metal_scorer(), [each], [HINGE], neighbours=POEMS)[0] for each in candidates]
    assert apart == together


@pytest.mark.parametrize("failure", ["empty", "endless", "cancelled"])
def test_a_failed_candidate_is_unscored_with_its_reason_and_costs_nothing(failure):
    scorer = WordScorer()
    failed = candidate(HINGE, "cold words that were cut", failure=failure)
    (score,) = score_candidates(_likelihood(scorer), [failed], POEMS)
    assert (score.unscored, score.n_tokens, score.gain, score.nll_T) == (failure, 0, 0.0, ())
    assert sum(map(len, scorer.batches)) == 0


@pytest.mark.parametrize("text", ["", " \n "])
def test_an_empty_description_is_unscored_even_where_nobody_said_so(text):
    assert _score(text).unscored == "empty"


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("place", ["own", "baseline", "others"])
def test_a_loss_that_is_no_number_is_no_score(bad, place):
    def strike(rendered):
        is_own = "Hinge" in rendered.target
        is_described = len(rendered.context_ids) > n_plain
        hit = {"own": is_own and is_described, "baseline": is_own and not is_described, "others": not is_own}[place]
        return Score(nll_T=(0.5, bad) + (0.5,) * (len(rendered.target_ids) - 2)) if hit else None

    n_plain = len(_likelihood().render("", HINGE).context_ids)
    score = _score("metal " * 40, scorer=WordScorer(strike=strike))
    assert score.unscored == "not_finite"
    assert math.isfinite(score.gain + score.guarded_gain + score.specificity)


def test_the_engines_own_reason_is_kept():
    score = _score("metal", scorer=WordScorer(strike=lambda _: Unscored(reason=Reason.PROMPT_TOO_LONG)))
    assert score.unscored == "prompt_too_long"


def test_one_other_poem_that_fails_is_left_out_of_the_mean():
    strike = lambda r: Unscored(reason=Reason.ENGINE) if "Salt" in r.target else None  # noqa: E731 - short
    score = _score("metal", scorer=WordScorer(strike=strike), others=2)
    assert (score.unscored, score.n_others) == ("", 1)


def test_a_stop_leaves_nothing_half_scored():
    with pytest.raises(Stopped):
        score_candidates(_likelihood(), [candidate(HINGE, "metal")], POEMS, cancelled=lambda: True)


def test_a_description_cannot_change_how_the_target_is_cut():
    likelihood = _likelihood()
    targets = {likelihood.render(text, HINGE).target_ids for text in ("", "a", "Title: x\nPoem: y", "cold\n\n")}
    assert len(targets) == 1


def test_the_score_names_its_weights_and_differs_under_others():
    scorer = WordScorer()
    base = _score("metal", scorer=scorer)
    scorer.adapter_digest = "trained"
    trained = _score("metal", scorer=scorer)
    assert base.candidate_id == trained.candidate_id
    assert base.id != trained.id
    assert base.scorer != trained.scorer


def test_pairs_are_scored_in_order_and_the_empty_description_is_the_baseline():
    results = score_pairs(_likelihood(), [("", HINGE), ("cold iron", HINGE), ("", SALT), ("", HINGE)])
    assert [score.nll_nats for score in results] == [5.0, 3.0, 5.0, 5.0]
    assert score_pairs(_likelihood(), []) == []


def test_neighbours_are_the_nearest_in_length_and_never_the_poem_itself():
    poems = [Poem(title=str(n), text="x" * n) for n in (10, 12, 15, 40, 41)]
    nearest = nearest_in_length(poems, poems, 2)
    assert [[len(p.text) for p in nearest[poem.id]] for poem in poems] == [
        [12, 15],
        [10, 15],
        [12, 10],
        [41, 15],
        [40, 15],
    ]
    assert nearest_in_length(poems, poems, 0) == {poem.id: [] for poem in poems}
    assert nearest_in_length(poems[:1], poems[:1], 3) == {poems[0].id: []}


def test_the_leak_settings_are_those_of_the_scorer():
    text = "of cold iron that is"
    assert not _score(text).is_leak
    assert _score(text, leaks=LeakSettings(leak_run=2)).is_leak


def test_the_length_of_a_description_is_counted_in_words():
    assert _score("one two  three\nfour").n_words == 4


def test_inputs_are_left_as_they_were():
    given = [candidate(HINGE, ""), candidate(HINGE, "metal", slot=1)]
    before = [dataclasses.asdict(each) for each in given]
    score_candidates(_likelihood(), given, POEMS)
    assert [dataclasses.asdict(each) for each in given] == before


# ---------------------------------------------------------------- rivals, in two halves


def test_poems_that_judge_take_no_part_in_the_choice():
    poems = [HINGE, SALT, Poem(title="Song", text="bird sings well"), Poem(title="Dusk", text="a robin sings at dawn")]
    (score,) = score_candidates(_metal_scorer(others=2, judges=1), [candidate(HINGE, "some metal")], poems)
    (plain,) = score_candidates(_metal_scorer(others=2), [candidate(HINGE, "some metal")], poems)
    assert (len(score.gains_M), len(score.gains_J)) == (2, 1)
    assert (score.specificity, score.gains_M) == (plain.specificity, plain.gains_M)
    assert plain.judged_specificity is None
    assert score.judged_specificity == pytest.approx(score.guarded_gain - score.gains_J[0])


def test_a_description_picks_its_poem_where_it_helps_no_other_as_much():
    poems = [HINGE, SALT, Poem(title="Song", text="bird sings well")]
    (own,) = score_candidates(_metal_scorer(others=2), [candidate(HINGE, "some cold metal")], poems)
    (elsewhere,) = score_candidates(_metal_scorer(others=2), [candidate(SALT, "some metal")], poems)
    assert (own.picks_its_poem, elsewhere.picks_its_poem) == (own.guarded_gain > max(own.gains_M), False)
    (alone,) = score_candidates(_metal_scorer(others=2), [candidate(HINGE, "some metal")], [HINGE])
    assert alone.picks_its_poem is None


@given(st.floats(-0.5, 0.5), st.lists(st.floats(-0.5, 0.5), min_size=1, max_size=8))
def test_contrast_lies_between_the_lead_and_specificity_and_ranks_as_infonce(own, others):
    mean = math.fsum(others) / len(others)
    values = {"guarded_gain_nats": own * 100, "other_gain": mean, "n_others": len(others), "gains_M": tuple(others)}
    score = scored(candidate(HINGE, "x"), **values)
    assert own - max(others) - 1e-9 <= score.contrast <= score.specificity + 1e-9
    infonce = -math.log1p(math.fsum(math.exp((other - score.guarded_gain) / 0.05) for other in others))
    assert infonce == pytest.approx(-math.log1p(len(others) * math.exp(-score.contrast / 0.05)), abs=1e-6)


def test_who_says_the_title_is_out_and_other_poems_are_not_spent_on_it():
    poems = [Poem(title="Salt Road", text="nobody walks to wells"), HINGE]
    (score,) = score_candidates(_metal_scorer(others=1), [candidate(poems[0], "about a salt road")], poems)
    assert (score.is_leak, score.says, score.gains_M) == (True, "title", ())
    loose = _metal_scorer(others=1, leaks=LeakSettings(guard_title=False))
    (allowed,) = score_candidates(loose, [candidate(poems[0], "about a salt road")], poems)
    assert (allowed.is_leak, allowed.says, allowed.n_others) == (False, "", 1)
