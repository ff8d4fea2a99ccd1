"""Nonsense in, form out: with a model that knows nothing, whatever keeps the form is the search's doing."""

from dataclasses import replace
from functools import cache

import pytest

from tests.writing.word_model import WordModel
from workbench.errors import Stopped
from workbench.prosody import check_form
from workbench.writing.closing import rhyming_words
from workbench.writing.plan import plan, with_wishes
from workbench.writing.poem_search import CannotWriteError, PoemSearch, WritingTask
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


@pytest.mark.parametrize("seed", [0, 1])
def test_a_stanza_ends_where_a_sentence_may(seed):
    stanzas = written("quatrains ABAB", seed=seed).text.split("\n\n")
    assert len(stanzas) == 2
    assert all(stanza[-1] in ".!?;:" for stanza in stanzas)


def test_the_prompts_are_read_once_for_all_poems_of_a_task():
    long = tuple(model().tokens("Rain\n" * 200))
    task = WritingTask(subject="", title="", form="haiku", slots=tuple(plan("haiku")), prompt=long, bare_prompt=long,
                       model="words")  # fmt: skip
    poems = [write_poem(model(), table(), task, replace(FAST, best_of=n)) for n in (1, 3)]
    assert poems[1].n_tokens - poems[0].n_tokens < 2 * poems[0].n_tokens - len(long)


def test_three_lines_in_a_row_do_not_begin_alike():
    lines = [line for line in written("quatrains ABAB").text.split("\n") if line]
    firsts = [line.split(" ")[0].partition("'")[0] for line in lines]
    assert not any(one == two == three for one, two, three in zip(firsts, firsts[1:], firsts[2:], strict=False))


def test_a_rhyme_is_one_by_the_way_words_are_usually_said():
    words = rhyming_words(RhymeTable(_Words("bit get pit")), ["lit"], [], set())
    assert words.tolist() == [True, False, True]
    assert rhyming_words(RhymeTable(_Words("get")), ["lit"], [], set()).all(), "a rare way is better than no line"


class _Words:
    """A vocabulary of a few words that can close a line."""

    digest = "few"

    def __init__(self, words):
        self._pieces = [f" {word}".encode() for word in words.split()]
        self.n_vocab = len(self._pieces)

    def piece(self, token):
        return self._pieces[token]


def test_every_line_keeps_its_runners_up():
    poem = written("quatrains ABAB")
    assert len(poem.runners_up_L) == len([line for line in poem.text.split("\n") if line])
    assert any(poem.runners_up_L)


def test_words_that_cannot_rhyme_end_in_one_sentence_not_in_a_loop():
    with pytest.raises(CannotWriteError, match=r"line 3 of 8: no line that rhymes with 'orange' was found"):
        written("quatrains ABAB", lines={0: "I bought the last remaining orange"})


def test_a_poem_that_went_into_a_dead_end_is_begun_again_with_other_rhymes(monkeypatch):
    begun, write = [], PoemSearch.write

    def dead_end_at_first(search, on_line, cancelled):
        begun.append(search)
        if len(begun) == 1:
            raise CannotWriteError("line 8 of 8: no line that rhymes with 'attic' was found")
        write(search, on_line, cancelled)

    monkeypatch.setattr(PoemSearch, "write", dead_end_at_first)
    assert written("quatrains ABAB").is_kept
    assert len(begun) == 2


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
