"""Answers become tries, tries are ranked; every answer is kept, also one that is not a poem."""

import io

import pytest
from rich.console import Console

from tests.fakes import ScriptedSampler, WordRenderer, WordScorer
from workbench.composing.command import no_poem, print_composed
from workbench.composing.compose import ComposingSettings, Follower, measure_tries, ranked, write_tries
from workbench.composing.giving_back import DescriptionScorer
from workbench.composing.types import Composed, why_out
from workbench.errors import InputError, Stopped
from workbench.types import Completion, Failed, Poem, Reason

DESCRIPTION = "mist ferry plank gulls"
NEAR = "Title: Ferry\nPoem: Mist on the plank,\ngulls on the rail."
FAR = "Title: Stone\nPoem: Granite keeps\nits own slow weather."
TALK = "I would be happy to help you write a poem! What topic would you like?"
OTHER = Poem(title="Barley", text="Wind combs it,\nnobody minds.")


def follower(*answers, voice="trained"):
    settings = ComposingSettings(tries=len(answers))
    sampler = ScriptedSampler(answers)
    return Follower(sampler=sampler, renderer=WordRenderer(), prompt="follow", settings=settings, voice=voice)


def description_scorer():
    leaks = ComposingSettings().leaks
    return DescriptionScorer(
        scorer=WordScorer(), renderer=WordRenderer(), prompt="describe", leaks=leaks, others=(OTHER,)
    )


def composed(*answers, voice="trained"):
    tries = write_tries(follower(*answers, voice=voice), DESCRIPTION, seed=1)
    return measure_tries(description_scorer(), DESCRIPTION, tries)


def test_the_model_is_asked_by_the_prompt_that_it_was_taught_with():
    asked = follower(NEAR)
    write_tries(asked, DESCRIPTION, seed=1)
    (request,) = asked.sampler.requests
    assert [message.role for message in request.prompt] == ["system", "user"]
    assert request.prompt[1].content == f"Description: {DESCRIPTION}"


def test_the_poem_that_calls_up_its_description_comes_first():
    first, second = composed(FAR, NEAR)
    assert (first.title, first.rank, first.number) == ("Ferry", 1, 1)
    assert (second.title, second.rank) == ("Stone", 2)
    assert first.value > second.value == 0.0


def test_talk_and_thoughts_are_taken_off():
    (one,) = composed(
        f"<think>gulls, perhaps</think>\nHere is the poem:\n\n{NEAR}\n\nLet me know if you'd like changes!"
    )
    assert (one.title, one.text) == ("Ferry", "Mist on the plank,\ngulls on the rail.")
    assert one.raw.startswith("<think>")


def test_what_is_no_poem_is_kept_last_and_not_ranked():
    poem, talk = composed(TALK, NEAR)
    assert poem.rank == 1
    assert (talk.rank, talk.given_back, talk.raw) == (0, None, TALK)
    assert talk.problem


def test_an_answer_that_is_missing_says_why():
    poem, lost = composed(Failed(reason=Reason.ENGINE, detail="the endpoint hung up"), NEAR)
    assert poem.rank == 1
    assert lost.problem == "the endpoint hung up"


def test_a_poem_that_recites_its_description_is_out():
    said = "the keeper counts the lamps along the pier at dusk"
    answers = (f"Title: Pier\nPoem: Tonight\n{said}\nand goes home.", FAR)
    tries = measure_tries(description_scorer(), said, write_tries(follower(*answers), said, seed=1))
    assert [one.title for one in tries] == ["Stone", "Pier"]
    assert "recites its description" in why_out(tries[1])


def test_the_last_line_that_the_limit_cut_is_left_out():
    (one,) = composed(Completion(text=NEAR + "\nand the", n_tokens=20, ended=False))
    assert one.text == "Mist on the plank,\ngulls on the rail."
    assert not one.ended


def test_the_same_seed_asks_the_same_and_another_one_does_not():
    def seeds(seed):
        return [request.seed for request in follower(NEAR, FAR).requests(DESCRIPTION, seed)]

    assert seeds(1) == seeds(1)
    assert len({*seeds(1), *seeds(2)}) == 4


def test_base_and_trained_answer_with_the_same_seeds_and_are_compared_try_by_try():
    tries = [
        *write_tries(follower(FAR, FAR, voice="base"), DESCRIPTION, seed=1),
        *write_tries(follower(NEAR, TALK), DESCRIPTION, seed=1),
    ]
    made = Composed(
        description=DESCRIPTION, model="m", run="", task="", scorer="", seed=1,
        tries=tuple(measure_tries(description_scorer(), DESCRIPTION, tries)),
    )  # fmt: skip
    assert [one.voice for one in made.tries] == ["trained", "trained", "base", "base"]
    assert {one.seed for one in made.of("base")} == {one.seed for one in made.of("trained")}
    assert made.best.title == "Ferry"
    assert (made.difference.value, made.difference.n) == (made.of("trained")[0].value, 1)  # the talk has no value


def test_nothing_is_best_where_no_answer_is_a_poem():
    made = Composed(
        description=DESCRIPTION, model="m", run="", task="", scorer="", seed=1, tries=tuple(composed(TALK, TALK))
    )
    assert made.best is None
    assert made.mean("trained") is None


def test_a_model_that_was_never_trained_is_not_called_so():
    alone, beside = composed(TALK, voice="base"), [*composed(TALK), *composed(NEAR, voice="base")]
    said = [
        no_poem(Composed(description=DESCRIPTION, model="m", run="", task="", scorer="", seed=1, tries=tuple(tries)))
        for tries in (alone, beside)
    ]
    assert said[0].startswith("no answer is a poem")
    assert said[1].startswith("no answer of the trained model is a poem")


def test_what_is_out_is_shown_as_such_and_nothing_is_compared_where_nothing_was_measured():
    prose = "Title: Stone\nPoem: " + "the stone was there and it was still there and " * 9
    both = [*composed(prose), *composed(prose, voice="base")]
    made = Composed(description=DESCRIPTION, model="m", run="", task="", scorer="", seed=1, tries=tuple(both))
    console = Console(record=True, width=200, file=io.StringIO())
    print_composed(made, console)
    said = console.export_text()
    assert said.count("This is out: it goes in circles") == 2
    assert "chosen or not" not in said


def test_ranking_twice_changes_nothing():
    tries = composed(FAR, NEAR, TALK)
    assert ranked(tries) == tries


@pytest.mark.parametrize("description", ["", "  \n", "word " * 1000])
def test_a_description_that_cannot_be_used_asks_no_model(description):
    asked = follower(NEAR)
    with pytest.raises(InputError, match="describe the poem"):
        write_tries(asked, description, seed=1)
    assert asked.sampler.requests == []


def test_who_stops_while_it_writes_gets_no_tries():
    with pytest.raises(Stopped):
        write_tries(follower(NEAR), DESCRIPTION, seed=1, cancelled=lambda: True)
