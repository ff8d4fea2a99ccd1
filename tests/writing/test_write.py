"""Nonsense in, form out: with a model that knows nothing, whatever keeps the form is the search's doing."""

from functools import cache

import pytest

from tests.writing.word_model import WordModel
from workbench.errors import Stopped
from workbench.prosody import check_form
from workbench.writing.plan import plan, with_wishes
from workbench.writing.poem_search import CannotWriteError, WritingTask
from workbench.writing.rhyme_table import RhymeTable
from workbench.writing.settings import WritingSettings
from workbench.writing.write import write_poem

FAST = WritingSettings(n_walks=4, n_steps=40, n_finalists=3, n_likeliest=400, stress_price=1.0, least_end_nats=-30.0)
FORMS = [
    "haiku",
    "limerick",
    "quatrains ABAB",
    "couplets",
    "common meter",
    "triolet",
    "ghazal",
    "pantoum",
    "terza rima",
    "rhymed stanzas",
    "irregular rhyme",
    "unrhymed meter",
    "ode",
    "free verse",
]


@cache
def model():
    return WordModel()


@cache
def table():
    return RhymeTable(model())


def written(form, *, seed=0, settings=FAST, **wishes):
    slots = with_wishes(plan(form, seed=seed), **wishes)
    task = WritingTask(
        subject="rain", title="Rain", form=form, slots=tuple(slots), prompt=tuple(model().tokens("Rain\n")),
        bare_prompt=tuple(model().tokens("Stone\n")), model="words", seed=seed,
    )  # fmt: skip
    return write_poem(model(), table(), task, settings)


@pytest.mark.parametrize("form", FORMS)
def test_a_form_is_kept_whatever_the_model_says(form):
    poem = written(form)
    assert check_form(poem.text, form).faults == (), poem.text
    assert poem.is_kept
    assert poem.is_enforced


def test_the_same_seed_writes_the_same_poem():
    assert written("haiku", seed=3) == written("haiku", seed=3)


def test_another_seed_writes_another_poem():
    assert written("haiku", seed=3).text != written("haiku", seed=4).text


def test_a_persons_lines_are_kept_byte_for_byte_and_rhymed_with():
    mine = "The  Kettle — “ticks” beside the light,"
    poem = written("quatrains ABAB", lines={2: mine})
    lines = poem.text.split("\n")
    assert lines[2] == mine
    assert check_form(poem.text, "quatrains ABAB").faults == ()


def test_given_end_words_end_the_lines():
    poem = written("quatrains ABAB", end_words=["rain", "stone", "train", "bone"])
    ends = [line.rstrip(".,;:!?").split(" ")[-1] for line in poem.text.split("\n")[:4]]
    assert ends == ["rain", "stone", "train", "bone"]


def test_an_acrostic_is_spelled():
    poem = written("couplets", acrostic="salt")
    assert [line[0] for line in poem.text.replace("\n\n", "\n").split("\n")[:4]] == list("SALT")


def test_every_line_keeps_its_runners_up():
    poem = written("quatrains ABAB")
    assert len(poem.runners_up_L) == len([line for line in poem.text.split("\n") if line])
    assert any(poem.runners_up_L)


def test_words_that_cannot_rhyme_end_in_one_sentence_not_in_a_loop():
    with pytest.raises(CannotWriteError, match=r"line 3 of 8: no line that rhymes with 'orange' was found"):
        written("quatrains ABAB", lines={0: "I bought the last remaining orange"})


def test_a_stop_is_obeyed_at_once():
    task = WritingTask(
        subject="", title="", form="haiku", slots=tuple(plan("haiku")), prompt=tuple(model().tokens("Rain\n")),
        bare_prompt=tuple(model().tokens("Rain\n")), model="words",
    )  # fmt: skip
    with pytest.raises(Stopped):
        write_poem(model(), table(), task, FAST, cancelled=lambda: True)


def test_lines_are_told_as_they_are_committed():
    told = []
    slots = tuple(plan("haiku"))
    task = WritingTask(
        subject="", title="", form="haiku", slots=slots, prompt=tuple(model().tokens("Rain\n")),
        bare_prompt=tuple(model().tokens("Rain\n")), model="words",
    )  # fmt: skip
    poem = write_poem(model(), table(), task, FAST, on_line=lambda number, line: told.append((number, line.text)))
    assert dict(told) == {number: text.rstrip(".,;:!?") for number, text in enumerate(poem.text.split("\n"))}
