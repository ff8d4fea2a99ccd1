"""The measure by hand: one nat for each word of the description that does not stand in the poem's prompt."""

import pytest

from tests.fakes import WordRenderer, WordScorer
from workbench.composing.giving_back import DescriptionScorer, copies, give_back, nearest_others
from workbench.composing.types import GivenBack
from workbench.errors import Stopped
from workbench.scoring.leaks import LeakSettings
from workbench.types import Poem, Reason, Score, Unscored

LEAKS = LeakSettings(leak_share=0.5, leak_words=1.0, guard_run=3)
FERRY = Poem(title="Ferry", text="A bell calls,\nthe deckhand pulls the plank.")
STONE = Poem(title="Stone", text="Granite keeps\nits own slow weather.")
BARLEY = Poem(title="Barley", text="Wind combs it,\nnobody minds.")
DESCRIPTION = "mist ferry plank gulls"


def description_scorer(scorer, others=(BARLEY,)):
    return DescriptionScorer(scorer=scorer, renderer=WordRenderer(), prompt="describe", leaks=LEAKS, others=others)


def given_back(poems, *, others=(BARLEY,), scorer=None, description=DESCRIPTION):
    return give_back(description_scorer(scorer or WordScorer(), others), description, poems)


def test_a_word_that_the_poem_calls_up_is_a_nat_given_back():
    found, none = given_back([FERRY, STONE])
    assert (found.nll_nats, found.others_nats, found.n_tokens) == (2.0, 4.0, 4)  # the end of the turn is left out
    assert found.nats_per_token == pytest.approx(2 / 4)
    assert none.nats_per_token == 0.0


def test_without_other_poems_it_is_the_plain_likelihood():
    (found,) = given_back([FERRY], others=())
    assert (found.n_others, found.nats_per_token) == (0, -2 / 4)


def test_words_in_a_row_that_the_poem_recites_do_not_count():
    reciting = Poem(title="Ferry", text="Mist ferry plank,\nand then the harbour wall.")
    (found,) = given_back([reciting])
    assert found.n_tokens == 1  # gulls
    assert found.n_all_tokens == 5  # with the end of the turn
    assert found.nats_per_token == 0.0


def test_a_poem_that_recites_its_description_is_a_copy():
    said = "the keeper counts the lamps along the pier"
    assert copies(Poem(title="Pier", text=f"Tonight\n{said}."), said, LEAKS).is_leak
    assert not copies(Poem(title="Pier", text="Lamp by lamp\nthe pier walks out to sea."), said, LEAKS).is_leak


def test_a_description_of_two_words_may_be_the_poems_title():
    leak = copies(Poem(title="Winter light", text="It leans\non the sill."), "winter light", LEAKS)
    assert (leak.longest_run_words, leak.is_leak) == (2, False)


def test_a_poem_that_the_scorer_cannot_read_is_unscored_and_the_others_are_not():
    refused = Unscored(reason=Reason.PROMPT_TOO_LONG)
    scorer = WordScorer(strike=lambda rendered: refused if len(rendered.context_ids) > 60 else None)
    long = Poem(title="Long", text="\n".join(f"word{n} again" for n in range(60)))
    measured = given_back([long, FERRY], scorer=scorer)
    assert [type(each) for each in measured] == [Unscored, GivenBack]


def test_a_loss_that_is_no_number_is_no_measure():
    scorer = WordScorer(strike=lambda rendered: Score(nll_T=tuple(float("nan") for _ in rendered.target_ids)))
    assert given_back([FERRY], scorer=scorer) == [Unscored(reason=Reason.NOT_FINITE)]


def test_no_poems_ask_nothing():
    scorer = WordScorer()
    assert given_back([], scorer=scorer) == []
    assert scorer.batches == []


def test_stopping_leaves_nothing_half_measured():
    model = description_scorer(WordScorer())
    with pytest.raises(Stopped):
        give_back(model, DESCRIPTION, [FERRY], cancelled=lambda: True)


def test_the_other_poems_are_the_nearest_in_length_and_never_a_try():
    pool = [FERRY, STONE, BARLEY]
    assert nearest_others(pool, [FERRY], 1) == (STONE,)
    assert FERRY not in nearest_others(pool, [FERRY], 3)
    assert nearest_others(pool, [], 2) == ()
