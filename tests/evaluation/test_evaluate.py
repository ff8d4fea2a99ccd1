"""The held-out report, by engines whose answers are arithmetic."""

import math

import pytest

from tests.fakes import ScriptedSampler, WordRenderer, WordScorer, candidate
from workbench.backtranslation import BacktranslationSettings, Describer
from workbench.errors import EngineError, Stopped
from workbench.evaluation.answers import Fixed
from workbench.evaluation.evaluate import EvaluationSettings, Occasion, distinct_pairs, evaluate
from workbench.evaluation.start import Start
from workbench.improvement.canaries import canary_texts, check_canaries
from workbench.improvement.comparison import is_over
from workbench.scoring.likelihood import LikelihoodScorer, ScoringSettings
from workbench.selection.select import SelectionSettings
from workbench.types import Poem, Reason, Score, Unscored
from workbench.words import words_of

# two poems of seven scored words, T = 10: labels, title, six words, end of turn
HINGE = Poem(title="Hinge", text="cold iron sings alone in rain")
SALT = Poem(title="Salt", text="white road leads beyond dry wells")
POEMS = [HINGE, SALT]
SCRIPT = [
    "It tells of cold weather and of iron somewhere",  # two of its words: gain .2, nothing under guard
    "Only this: cold iron sings alone in here",  # a leak of five words: gain .5
    "",
    "A way through sand that nobody would want",  # nothing
]


def _evaluate(script=SCRIPT, *, iteration=1, scorer=None, poems=POEMS, n=2, **options):
    scorer = scorer or WordScorer()
    describer = Describer(
        sampler=ScriptedSampler(script), renderer=WordRenderer(),
        settings=BacktranslationSettings(retries=0), seed=1,
    )  # fmt: skip
    likelihood = LikelihoodScorer(scorer=scorer, renderer=describer.renderer, settings=ScoringSettings(others=1))
    occasion = Occasion(arm="top", iteration=iteration, seed=1)
    settings = EvaluationSettings(n_candidates=n)
    return evaluate(describer, likelihood, scorer, poems, occasion=occasion, settings=settings, **options)


def _figures(report, weights="base"):
    return {m.metric: m for m in report.measurements if m.weights == weights}


def test_every_figure_by_hand():
    figures = {**_figures(_evaluate(), "current"), **_figures(_evaluate())}
    expected = {
        "loss_plain": (0.7, 0.7),
        "loss_described": ((0.5 + 0.2) / 2, 0.7),
        "loss_fixed": ((0.5 + 0.2) / 2, 0.7),
        "loss_shuffled": (0.7, 0.7),  # each poem's descriptions hold no word of the other
        "use_of_description": (0.7 - (0.5 + 0.2) / 2, 0.0),
        "gain": ((0.2 + 0.5) / 2, 0.0),
        "guarded_gain": (0.0, 0.0),
        "specificity": (0.0, 0.0),
        "best_specificity": (0.0, 0.0),
        "identification": (0.0, 0.0),
        "identification_strict": (0.0, 0.0),
        "best_identification": (0.0, 0.0),
        "chance": (0.5, 0.5),
        "leak_rate": (0.5, 0.0),
        "failure_rate": (0.0, 0.5),
        "diversity": (1.0, 1.0),
        "n_words": (8.5, 8.0),
    }
    assert set(figures) == set(expected)
    for name, per_poem in expected.items():
        assert figures[name].per_poem == pytest.approx(per_poem), name
        assert figures[name].value == pytest.approx(math.fsum(per_poem) / 2), name
        assert figures[name].n_poems == 2


def test_before_training_current_is_the_base_and_nothing_is_scored_twice():
    report = _evaluate(iteration=0)
    base, current = _figures(report), _figures(report, "current")
    of_the_base_alone = {"identification", "identification_strict", "chance", "leak_rate"}
    of_the_base_alone |= {"best_specificity", "best_identification"}
    assert set(base) - set(current) == of_the_base_alone
    assert all(current[name].per_poem == base[name].per_poem for name in base if name in current)
    assert len(report.scores) == len(report.candidates) == 4


def test_trained_weights_are_measured_beside_the_frozen_base():
    scorer = WordScorer()
    scorer.step([], learning_rate=1e-4)  # halves every loss
    report = _evaluate(scorer=scorer)
    assert _figures(report)["loss_plain"].value == pytest.approx(0.7)
    assert _figures(report, "current")["loss_plain"].value == pytest.approx(0.35)
    assert len({score.id for score in report.scores}) == len(report.scores) == 8
    assert len({m.id for m in report.measurements}) == len(report.measurements)


def test_the_fixed_descriptions_are_the_base_models_own():
    fixed = [candidate(HINGE, "cold iron sings alone in rain"), candidate(SALT, "nothing of it")]
    known = Fixed(candidates=tuple(fixed), specificity={}, picks={}, copies={})
    start = Start(fixed=known, losses={"loss_plain": [0.7, 0.7], "loss_fixed": [0.25, 0.5]})
    report = _evaluate(start=start)
    assert _figures(report, "current")["loss_fixed"].per_poem == pytest.approx((0.1, 0.7))  # scored anew
    assert _figures(report)["loss_fixed"].per_poem == (0.25, 0.5)  # the base does not change: taken as it was


def test_a_follower_that_expects_all_such_poems_uses_its_description_no_more():
    scorer = WordScorer()
    scorer.step([], learning_rate=1e-4)  # every word costs half, whatever it is told
    before, after = _figures(_evaluate()), _figures(_evaluate(scorer=scorer), "current")
    assert after["loss_fixed"].value < before["loss_fixed"].value
    assert after["use_of_description"].value < before["use_of_description"].value


def test_a_poem_without_a_usable_description_is_left_out_and_not_nought():
    figures = {**_figures(_evaluate(["", "", SCRIPT[3], SCRIPT[0]]), "current")}
    assert figures["gain"].per_poem[0] is None
    assert figures["gain"].n_poems == 1
    assert figures["failure_rate"].per_poem == (1.0, 0.0)


def test_scores_that_are_no_numbers_spoil_no_mean():
    strike = lambda r: Score(nll_T=(math.nan,) * len(r.target_ids)) if "Hinge" in r.target else None  # noqa: E731
    report = _evaluate(scorer=WordScorer(strike=strike))
    assert all(math.isfinite(m.value) for m in report.measurements if m.value is not None)
    assert _figures(report)["loss_plain"].per_poem == (None, pytest.approx(0.7))


def test_what_could_not_be_measured_is_absent_and_no_zero():
    report = _evaluate(scorer=WordScorer(strike=lambda r: Score(nll_T=(math.nan,) * len(r.target_ids))))
    specificity = _figures(report)["specificity"]
    assert (specificity.value, specificity.low, specificity.high, specificity.n_poems) == (None, None, None, 0)


def test_what_was_not_measured_betters_nothing():
    assert is_over([-0.05, None, None], patience=2)
    assert not is_over([None, -0.05], patience=1)


def test_a_stop_gives_no_half_report():
    with pytest.raises(Stopped):
        _evaluate(cancelled=lambda: True)


def test_the_order_of_held_out_poems_changes_no_poem_s_figure():
    answers = {HINGE.title: SCRIPT[:2], SALT.title: SCRIPT[2:]}

    def script(place, request):
        title = HINGE.title if HINGE.text in request.prompt[-1].content else SALT.title
        return answers[title][place % 2]

    forth, back = _figures(_evaluate(script)), _figures(_evaluate(script, poems=POEMS[::-1]))
    for name, figure in forth.items():
        assert figure.per_poem == back[name].per_poem[::-1]


@pytest.mark.parametrize(
    ("values", "patience", "over"),
    [([], 1, False), ([0.1], 1, False), ([0.1, 0.1], 1, True), ([0.1, 0.2], 1, False), ([0.3, 0.1, 0.2], 2, True),
     ([0.3, 0.1, 0.4], 2, False), ([0.3, 0.2, 0.1], 0, False), ([0.3, 0.1, 0.2], 3, False)],
)  # fmt: skip
def test_the_stop_rule(values, patience, over):
    assert is_over(values, patience) == over


@pytest.mark.parametrize(
    ("texts", "share"), [([], None), ([""], None), (["one"], None), (["a b", "A, b!"], 0.5), (["a b", "b a"], 1.0)]
)
def test_diversity_by_hand(texts, share):
    assert distinct_pairs(texts) == share


# ---------------------------------------------------------------- canaries


def _likelihood(scorer=None, **settings):
    return LikelihoodScorer(
        scorer=scorer or WordScorer(), renderer=WordRenderer(), settings=ScoringSettings(**settings)
    )


def test_planted_cheats_lose():
    assert check_canaries(_likelihood(), HINGE, SALT, SelectionSettings()) == []


def test_a_scorer_that_does_not_hear_its_context_fails_the_self_test():
    deaf = WordScorer(strike=lambda r: Score(nll_T=(1.0,) * len(r.target_ids)))
    with pytest.raises(EngineError, match="fails its self-test"):
        check_canaries(_likelihood(deaf), HINGE, SALT, SelectionSettings())
    mute = WordScorer(strike=lambda _: Unscored(reason=Reason.NOT_FINITE))
    with pytest.raises(EngineError, match="fails its self-test"):
        check_canaries(_likelihood(mute), HINGE, SALT, SelectionSettings())


class _Flattered(WordScorer):
    """Halves every loss wherever there is a long description: the bait for a canary."""

    def __init__(self, title="Hinge"):
        super().__init__()
        self._title = title

    def _loss(self, rendered):
        loss = super()._loss(rendered)
        is_long = len(rendered.context_ids) > 15
        is_hinge = self._title in rendered.target
        return Score(nll_T=tuple(nll / 2 for nll in loss.nll_T)) if is_long and is_hinge else loss


def test_a_guard_that_lets_cheats_through_is_reported():
    loose = ScoringSettings().leaks.__class__(leak_run=50, leak_share=1.0, leak_words=1.0, guard_title=False)
    complaints = check_canaries(_likelihood(_Flattered(), leaks=loose), HINGE, SALT, SelectionSettings(top_k=4))
    assert any("quotes five words" in complaint for complaint in complaints)


def test_a_title_of_two_telling_words_is_planted_and_wins_where_nothing_guards_it():
    road = Poem(title="Salt Road", text=SALT.text)
    assert "says the title" not in canary_texts(SALT, HINGE)
    assert check_canaries(_likelihood(), road, HINGE, SelectionSettings()) == []
    loose = ScoringSettings().leaks.__class__(guard_title=False)
    complaints = check_canaries(_likelihood(_Flattered("Salt"), leaks=loose), road, HINGE, SelectionSettings(top_k=4))
    assert any("says the title" in complaint for complaint in complaints)


@pytest.mark.parametrize(
    "text", ["rain—soaked, wind—bitten: the old\n\nroad home", "— — — one two three four five six", "one"]
)
def test_the_quoting_canary_quotes_five_words_as_the_guard_counts_them(text):
    poem = Poem(title="T", text=text)
    first_five = [word.folded for word in words_of(text)[:5]]
    canary = [word.folded for word in words_of(canary_texts(poem, SALT)["quotes five words"])]
    assert any(canary[i : i + len(first_five)] == first_five for i in range(len(canary)))
