# ruff: noqa: S311 - draws of a made-up world, no secrets
"""Known answers: descriptions with planted quality are found by every instrument, noise and shuffled rewards by none.

The world: poems of invented words, each word with a hint of its own. A hint in the description makes its word foreseen,
and is none of the poem's words. So a description of h hints lowers the loss by h nats, of its own poem or of another.
"""

from contextlib import contextmanager
from random import Random

import pytest

from tests.fakes import ScriptedSampler, WordRenderer, WordScorer
from workbench.backtranslation import BacktranslationSettings, Describer, describe_poems
from workbench.evaluation.evaluate import EvaluationSettings, Occasion, evaluate
from workbench.evaluation.start import start_from
from workbench.intervals import Outcome, difference_of, mean_of, outcome
from workbench.scoring.likelihood import LikelihoodScorer, ScoringSettings
from workbench.scoring.score import score_candidates
from workbench.selection.examples import choose_rejected
from workbench.selection.select import SelectionSettings, pair_up, select_winners
from workbench.study.study import Measured
from workbench.study.table import sentences
from workbench.types import Poem, Score

N_POEMS, N_WORDS = 24, 6
POEMS = [Poem(title=f"p{n}title", text=" ".join(f"p{n}w{i}" for i in range(N_WORDS))) for n in range(N_POEMS)]
HINTS = {f"hint{n}x{i}": f"p{n}w{i}" for n in range(N_POEMS) for i in range(N_WORDS)}
FILLER = "about all that is told of such things in plain words here"


class Foreseeing(WordScorer):
    """Hints make their words foreseen; after `learn`, descriptions of its taste cost less."""

    def __init__(self, renderer, *, noise=0.0):
        super().__init__()
        self.words = {renderer._id(hint): renderer._id(word) for hint, word in HINTS.items()}
        self.noise, self.taste = noise, None

    def _loss(self, rendered):
        if not rendered.target.startswith("Title:"):  # a description: what the describer itself is asked for
            cheaper = self.taste(rendered.target) if self.taste else 0.0
            return Score(nll_T=(2.0 - cheaper,) * len(rendered.target_ids))
        foreseen = {self.words.get(id_) for id_ in rendered.context_ids}
        plain = super()._loss(rendered)
        losses = [0.0 if id_ in foreseen else nll for id_, nll in zip(rendered.target_ids, plain.nll_T, strict=True)]
        draw = Random(hash((rendered.context_ids, rendered.target_ids)))  # the same pair has the same noise
        return Score(nll_T=tuple(nll + (draw.gauss(0, self.noise) if nll else 0.0) for nll in losses))

    @contextmanager
    def frozen(self):
        taste, self.taste = self.taste, None
        with super().frozen():
            yield
        self.taste = taste


def quality(text: str) -> int:
    """How many hints at one poem a description holds: the most of any poem."""
    counts = [sum(f"hint{n}x" in word for word in text.split()) for n in range(N_POEMS)]
    return max(counts)


def _describer(renderer, hit, *, seed):
    """Writes four hints, each one at the poem with probability `hit`, else at a poem drawn anew."""
    draw = Random(seed)

    def write(_, request):
        own = next(n for n, poem in enumerate(POEMS) if poem.text in request.prompt[-1].content)
        at = [own if draw.random() < hit else draw.randrange(N_POEMS) for _ in range(4)]
        hints = [f"hint{n}x{i}" for n, i in zip(at, draw.sample(range(N_WORDS), 4), strict=True)]
        return f"{FILLER} {' '.join(hints)} {draw.random():.9f}"

    settings = BacktranslationSettings(retries=0)
    return Describer(sampler=ScriptedSampler(write), renderer=renderer, settings=settings, seed=1)


def _evaluated(hit, *, seed, others=3, scorer=None, start=None, describes=True):
    renderer = WordRenderer()
    scorer = scorer(renderer) if scorer else Foreseeing(renderer)
    likelihood = LikelihoodScorer(scorer=scorer, renderer=renderer, settings=ScoringSettings(others=others))
    return evaluate(
        _describer(renderer, hit, seed=seed), likelihood, scorer, POEMS, start=start,
        occasion=Occasion(arm="top", iteration=1 if start else 0, seed=1),
        settings=EvaluationSettings(n_candidates=4, others=others, describes=describes),
    )  # fmt: skip


def _figures(report, weights="base"):
    return {m.metric: m.per_poem for m in report.measurements if m.weights == weights}


FOUND_BY = ("identification", "identification_strict", "best_identification", "specificity", "best_specificity",
            "guarded_gain", "gain")  # fmt: skip


@pytest.fixture(scope="module")
def figures():
    return {name: _figures(_evaluated(hit, seed=seed)) for name, hit, seed in
            (("poor", 0.03, 1), ("poor again", 0.03, 2), ("good", 0.6, 3))}  # fmt: skip


@pytest.mark.parametrize("metric", FOUND_BY)
def test_a_better_describer_is_found(figures, metric):
    assert outcome(difference_of(figures["good"][metric], figures["poor"][metric])) is Outcome.BETTER


@pytest.mark.parametrize("metric", FOUND_BY)
def test_an_equal_one_is_not(figures, metric):
    assert outcome(difference_of(figures["poor again"][metric], figures["poor"][metric])) is Outcome.NONE


def test_a_describer_that_says_nothing_picks_its_poem_by_no_more_than_chance():
    found = _figures(_evaluated(0.0, seed=4))
    assert outcome(difference_of(found["identification"], found["chance"])) in (Outcome.NONE, Outcome.WORSE)


def _pool(hit, *, noise, n=8):
    renderer = WordRenderer()
    scorer = Foreseeing(renderer, noise=noise)
    settings = ScoringSettings(others=2, judges=2)
    likelihood = LikelihoodScorer(scorer=scorer, renderer=renderer, settings=settings)
    candidates = describe_poems(_describer(renderer, hit, seed=5), POEMS, iteration=1, n_candidates=n)
    return candidates, pair_up(candidates, score_candidates(likelihood, candidates, POEMS))


def _per_poem(choices, value):
    return [
        mean.value if (mean := mean_of([value(c) for c in choices if c.is_winner and c.poem_id == poem.id])) else None
        for poem in POEMS
    ]


def test_the_rule_finds_planted_quality_and_random_choices_of_the_same_pool_do_not():
    _, pool = _pool(0.5, noise=0.1)
    settings = SelectionSettings(top_k=1)
    top, drawn = (_per_poem(select_winners(pool, settings, arm=arm, seed=1), lambda c: quality(c.description))
                  for arm in ("top", "random"))  # fmt: skip
    assert outcome(difference_of(top, drawn)) is Outcome.BETTER
    average = [mean_of([quality(c.candidate.text) for c in pool if c.candidate.poem_id == p.id]).value for p in POEMS]
    assert outcome(difference_of(drawn, average)) is not Outcome.WORSE


def test_losers_are_of_less_planted_quality_than_winners():
    _, pool = _pool(0.5, noise=0.1)
    settings = SelectionSettings(top_k=2)
    winners = [choice for choice in select_winners(pool, settings) if choice.is_winner]
    losers = choose_rejected(pool, winners, settings)
    gaps = [quality(choice.description) - quality(losers[choice.id].text) for choice in winners if choice.id in losers]
    assert len(gaps) >= N_POEMS
    assert outcome(mean_of(gaps)) is Outcome.BETTER


def test_winners_of_pure_noise_look_specific_to_those_who_chose_and_not_to_those_who_judge():
    _, pool = _pool(0.0, noise=0.6, n=24)
    scores = {contender.candidate.id: contender.score for contender in pool}
    winners = select_winners(pool, SelectionSettings(top_k=1, min_gain=-9.0))
    chose, judged = (_per_poem(winners, lambda c, of=of: getattr(scores[c.candidate_id], of))
                     for of in ("specificity", "judged_specificity"))  # fmt: skip
    assert outcome(mean_of(chose)) is Outcome.BETTER
    by_choice = difference_of(chose, judged)
    assert outcome(by_choice) is Outcome.BETTER, "the luck of the winners is in the one and not in the other"
    assert by_choice.value > mean_of(chose).value / 4


def _tasteful(taste):
    def scorer(renderer):
        made = Foreseeing(renderer)
        made.taste = taste
        return made

    return scorer


def _taught(taste, **more):
    before = _evaluated(0.4, seed=6)
    losses = {name: list(values) for name, values in _figures(before).items() if name.startswith("loss_")}
    start = start_from(before.candidates, before.scores, losses)
    after = _figures(_evaluated(0.4, seed=6, scorer=_tasteful(taste), start=start, **more), "current")
    return _figures(before, "current"), after


def _rewarded(taste):
    return _taught(taste)[1]["reward_accuracy"]


def _over_chance(shares):
    return [None if share is None else share - 0.5 for share in shares]


def test_reward_accuracy_tells_a_learner_that_raised_the_better_from_one_that_raised_by_chance():
    by_quality = _over_chance(_rewarded(lambda text: 0.1 * quality(text)))
    assert outcome(mean_of(by_quality)) is Outcome.BETTER
    by_chance = _over_chance(_rewarded(lambda text: Random(text).random()))
    assert outcome(mean_of(by_chance)) is Outcome.NONE


@pytest.mark.parametrize("metric", ["expected_specificity", "expected_identification"])
def test_what_is_expected_of_fixed_descriptions_rises_with_the_better_and_not_by_chance(metric):
    before, after = _taught(lambda text: 0.2 * quality(text), describes=False)
    assert outcome(difference_of(after[metric], before[metric])) is Outcome.BETTER
    before, by_chance = _taught(lambda text: 0.2 * Random(text).random(), describes=False)
    assert outcome(difference_of(by_chance[metric], before[metric])) is Outcome.NONE


def test_without_new_descriptions_only_what_the_fixed_ones_tell_is_measured():
    _, after = _taught(lambda _: 0.0, describes=False)
    expected = {"expected_specificity", "expected_identification", "expected_leak_rate", "expected_words"}
    assert set(after) == {"reward_accuracy", *expected}


def _study(chosen, drawn, metric="identification"):
    rows = {("top", 0): drawn, ("top", 1): chosen, ("random", 1): drawn}
    return [Measured(way="pairs", seed=1, arm=arm, iteration=at, weights="base", metric=metric,
                     per_poem=tuple(values)) for (arm, at), values in rows.items()]  # fmt: skip


def test_a_study_says_that_choosing_teaches_where_it_does(figures):
    (said,) = sentences(_study(figures["good"]["identification"], figures["poor"]["identification"]), "identification")
    assert "choosing teaches" in said


def test_a_study_of_shuffled_rewards_says_so_in_nineteen_cases_of_twenty(figures):
    good, poor, draw, wrong = figures["good"]["specificity"], figures["poor"]["specificity"], Random(7), 0
    for _ in range(200):
        turned = [draw.sample(pair, 2) for pair in zip(good, poor, strict=True)]
        (said,) = sentences(_study(*zip(*turned, strict=True), "specificity"), "specificity")
        wrong += "no measurable difference" not in said
    assert wrong < 20, "a 95 % interval is wrong in about one case of twenty"


@pytest.mark.parametrize("nats", [0.0, 0.25, 1.0])
def test_drift_is_how_much_surer_the_weights_are_of_their_own_answers(nats):
    assert mean_of(_taught(lambda _: nats)[1]["drift"]).value == pytest.approx(nats)
