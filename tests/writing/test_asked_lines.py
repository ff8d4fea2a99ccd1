"""Lines by a model that only answers: asked a few times, held against what the place owes."""

import pytest

from tests.fakes import ScriptedSampler
from workbench.errors import EngineError, Stopped
from workbench.prosody import check_form, rhymes
from workbench.types import Failed, Reason
from workbench.writing.asked_lines import AskedLines, Question, broken_laws, owed_sentence, placed, rhymes_of, verse_in
from workbench.writing.poem_search import line_of
from workbench.writing.types import LineOrder, Slot

POEM = """The kettle ticks beside the light,
my brother's coat is on the stair.
The moths go round it half the night
and no one sees that I am there."""


def _asked(*answers, numbers=(3,), **order):
    sampler = ScriptedSampler(list(answers))
    told = LineOrder(title="Bus", text=POEM, numbers=numbers, form="quatrains ABAB", **order)
    return AskedLines(sampler, n_answers=3).rewrite(told), sampler


def test_the_first_answer_that_keeps_rhyme_and_meter_is_taken():
    found, _ = _asked("The moths are gone", 'Line 3: "The table wears a coat of white."', "A kite was lost, a kite!")
    assert found.text.split("\n")[2] == "The table wears a coat of white"
    assert check_form(found.text, "quatrains ABAB").faults == ()


def test_the_question_says_what_is_owed_and_offers_rhymes():
    _, sampler = _asked(*["The table wears a coat of white"] * 3, notes={3: "moths again"})
    asked = sampler.requests[0].prompt[-1].content
    assert "It is in iambic tetrameter." in asked
    assert 'It rhymes with "light"' in asked
    assert "The mentor says of line 3: moths again" in asked
    assert "line 3 anew" in asked


def test_calls_are_bounded_and_what_does_not_fit_stays():
    found, sampler = _asked(*["no"] * 6)
    assert (found.text, found.unchanged, len(sampler.requests)) == (POEM, (3,), 6)


def test_an_engine_that_fails_is_not_a_line_that_does_not_fit():
    with pytest.raises(EngineError, match="out of memory"):
        _asked(*[Failed(reason=Reason.ENGINE, detail="out of memory")] * 3)


def test_a_stop_is_obeyed():
    order = LineOrder(title="", text=POEM, numbers=(3,))
    with pytest.raises(Stopped):
        AskedLines(ScriptedSampler([])).rewrite(order, cancelled=lambda: True)


@pytest.mark.parametrize(("line", "kept"), [
    ("The table wears a coat of white", True),
    ("The table wears a coat of black", False),
    ("White", False),
    ("The moths go round it half the night", False),
])  # fmt: skip
def test_a_line_fits_or_not(line, kept):
    slot = Slot(law=("iambic 4", 0), instead_of="The moths go round it half the night")
    asked = Question(number=3, slot=slot, mates=("light",), used=frozenset(["light"]))
    assert (broken_laws(line_of(line), asked) == []) is kept


@pytest.mark.parametrize(("law", "line", "asked"), [
    ("the refrain", "She waits in the hall", {"slot": Slot(tail="in the rain")}),
    ("a word within", "The wind is up", {"slot": Slot(holds="you")}),
    ("no other rhyme", "The gate is white", {"slot": Slot(letter="A"), "strangers": ("light",)}),
    ("a rhyme to come", "I bought an orange", {"slot": Slot(letter="A"), "n_to_come": 1}),
])  # fmt: skip
def test_the_law_that_a_line_breaks_is_named(law, line, asked):
    assert broken_laws(line_of(line), Question(number=1, **asked)) == [law]


def test_before_a_refrain_comes_the_word_that_rhymes():
    assert placed("She waits alone in the rain.", Slot(tail="in the rain")).end == "alone"


@pytest.mark.parametrize(("answer", "line"), [
    ("The gate is shut.\nThis line is iambic.", "The gate is shut."),
    ("3. The gate is shut.", "The gate is shut."),
    ("Here is the line:\n“The gate is shut.”", "The gate is shut."),
    ("<think>rhyme…</think>The gate is shut.", "The gate is shut."),
    ("", ""),
])  # fmt: skip
def test_the_line_is_found_in_an_answer(answer, line):
    assert verse_in(answer) == line


def test_offered_words_rhyme():
    offered = rhymes_of("light")
    assert len(offered) > 3
    assert all(rhymes(word, "light") for word in offered)


def test_what_is_owed_is_said_in_words():
    slot = Slot(templates=("." * 7, "." * 8), end_word="rain", initial="S")
    assert owed_sentence(slot, []) == (
        'It has 7 to 8 syllables. Its last word is "rain". It begins with the letter "S".'
    )
